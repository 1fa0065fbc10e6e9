"""The logs of one contract, page by page: as many blocks a page as the node is willing to search."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple, event_signature_to_log_topic
from eth_utils.conversions import to_bytes

from sequencer.chain.artifacts import ContractArtifact
from sequencer.chain.connection import Connection
from sequencer.chain.errors import ChainUnreachableError, ForeignLogError, NodeRefusedError

SPAN_MAX: Final = 10_000
"""Blocks a page at most: so much is read before any of it is used."""

FAILURES_MAX: Final = 5
"""So many pages in a row without an answer, and the node counts as away."""


@dataclass(frozen=True, slots=True)
class Log:
    """One event as the chain has it.

    Attributes
    ----------
    arguments : mapping of str to object
        By name; addresses as hexadecimal text.
    """

    event: str
    arguments: Mapping[str, Any]
    block_number: int
    block_hash: str
    transaction_hash: str


@dataclass(frozen=True, slots=True)
class Page:
    """The logs of the blocks from `begin` to `end`, both included, in their order."""

    begin: int
    end: int
    logs: Sequence[Log]


class LogReader:
    """Reads all events of a contract's interface; a page that the node refuses is read in halves.

    Nodes limit the blocks, the logs or the time of one request, each in its own way and with its own words.
    """

    def __init__(self, connection: Connection, artifact: ContractArtifact, address: str) -> None:
        self._connection, self._address = connection, address
        self._events = {event_topic(entry): entry for entry in artifact.abi if entry["type"] == "event"}
        self._span = SPAN_MAX

    def pages(self, begin: int, end: int) -> Iterator[Page]:
        """Yield the blocks from `begin` to `end`, both included, in as many pages as the node needs.

        Raises
        ------
        NodeRefusedError
            If the node refuses even a single block.
        ChainUnreachableError
            If it does not answer however few blocks are asked for.
        """
        failures = 0
        while begin <= end:
            span = min(self._span, end - begin + 1)
            try:
                page = Page(begin, begin + span - 1, self._read(begin, begin + span - 1))
            except NodeRefusedError:
                if span == 1:
                    raise
                self._span = span // 2
                continue
            except ChainUnreachableError:
                failures += 1
                if failures == FAILURES_MAX:
                    raise
                self._span = max(span // 2, 1)
                continue
            failures = 0
            # What was too much for one stretch of the chain may do for the next.
            self._span = min(2 * self._span, SPAN_MAX)
            yield page
            begin += span

    def _read(self, begin: int, end: int) -> list[Log]:
        wanted = {"address": self._address, "fromBlock": hex(begin), "toBlock": hex(end)}
        found = self._connection.request("eth_getLogs", [wanted])
        # The order is that of the chain by the standard; nothing forces a node to keep it.
        found.sort(key=lambda log: (int(log["blockNumber"], 16), int(log["logIndex"], 16)))
        return [self._log(log) for log in found]

    def _log(self, log: Mapping[str, Any]) -> Log:
        try:
            return _decoded(log, self._events[log["topics"][0]])
        except (KeyError, IndexError, ValueError, DecodingError) as error:
            raise ForeignLogError(f"a log of {self._address} cannot be read: {log}") from error


def _decoded(log: Mapping[str, Any], entry: Mapping[str, Any]) -> Log:
    indexed = [item for item in entry["inputs"] if item["indexed"]]
    plain = [item for item in entry["inputs"] if not item["indexed"]]
    arguments: dict[str, Any] = {
        item["name"]: decode([item["type"]], to_bytes(hexstr=topic))[0]
        for item, topic in zip(indexed, log["topics"][1:], strict=True)
    }
    values = decode([collapse_if_tuple(item) for item in plain], to_bytes(hexstr=log["data"]))
    arguments.update(zip((item["name"] for item in plain), values, strict=True))
    return Log(
        event=entry["name"],
        arguments=arguments,
        block_number=int(log["blockNumber"], 16),
        block_hash=log["blockHash"],
        transaction_hash=log["transactionHash"],
    )


def event_topic(entry: Mapping[str, Any]) -> str:
    """Return the first topic of an event's logs, in hexadecimal, from its entry in an ABI."""
    types = ",".join(collapse_if_tuple(item) for item in entry["inputs"])
    return "0x" + event_signature_to_log_topic(f"{entry['name']}({types})").hex()
