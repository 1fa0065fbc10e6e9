"""Lies that a node can tell: each changes one thing in what it says."""

from collections.abc import Callable
from typing import Any

from eth_abi.abi import decode, encode

from sequencer.chain.artifacts import contract
from sequencer.chain.logs import event_topic
from tests.verifier.conftest import Lie

WORD = 64
SELECTOR = 8
_TYPES = ("uint256[]", "uint256", "(uint256[2],uint256[2][2],uint256[2])")


def topic(event: str) -> str:
    (entry,) = (e for e in contract("Rollup").abi if e["type"] == "event" and e["name"] == event)
    return event_topic(entry)


def in_logs(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Lie:
    """Other logs."""
    return lambda method, _, result: change(result) if method == "eth_getLogs" else result


def altered_log(event: str, place: int, word: int) -> Lie:
    """One more in a word of the data of the event's log at a place."""

    def change(logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        of_event = [log for log in logs if log["topics"][0] == topic(event)]
        if len(of_event) > place:
            log = of_event[place]
            begin = 2 + WORD * word
            value = int(log["data"][begin : begin + WORD], 16) + 1
            log["data"] = log["data"][:begin] + f"{value:0{WORD}x}" + log["data"][begin + WORD :]
        return logs

    return in_logs(change)


def dropped_log(event: str, place: int) -> Lie:
    """Without the event's log at a place."""

    def change(logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        of_event = [log for log in logs if log["topics"][0] == topic(event)]
        return [log for log in logs if log not in of_event[place : place + 1]]

    return in_logs(change)


def in_transactions(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Lie:
    """Other transactions."""
    return lambda method, _, result: change(result) if method == "eth_getTransactionByHash" else result


def altered_calldata(change: Callable[[list[int], int, Any], tuple[Any, Any, Any]]) -> Lie:
    """Other words, commitment and proof in the calldata of each batch."""

    def lie(transaction: dict[str, Any]) -> dict[str, Any]:
        selector, data = transaction["input"][: 2 + SELECTOR], transaction["input"][2 + SELECTOR :]
        words, commitment, proof = decode(_TYPES, bytes.fromhex(data))
        changed = change(list(words), commitment, proof)
        return {**transaction, "input": selector + encode(_TYPES, changed).hex()}

    return in_transactions(lie)


def altered_word(place: int, value: int | None = None) -> Lie:
    """One word of each batch, one more than it was unless a value is given."""

    def change(words: list[int], commitment: int, proof: Any) -> tuple[Any, Any, Any]:
        words[place] = words[place] + 1 if value is None else value
        return words, commitment, proof

    return altered_calldata(change)
