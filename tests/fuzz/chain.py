"""What L1 carries: calldata and logs of whoever sent them, and the words of a batch."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from eth_abi.abi import encode
from eth_utils.conversions import to_bytes

from sequencer.chain.connection import Connection
from sequencer.chain.errors import ForeignLogError
from sequencer.chain.logs import LogReader, event_topic
from sequencer.chain.queue import queue_hash
from sequencer.model.constants import HEADER_WORDS
from sequencer.verifier.batch import FinalBatch
from sequencer.verifier.errors import FindingError, VerifierError
from sequencer.verifier.reader import RollupReader
from sequencer.verifier.replica import Replica
from tests.fuzz.target import FIELD_BYTES, Target, element
from tests.verifier.test_replica import (
    ANY_PROOF,
    IDENTITY,
    REQUESTS,
    at_genesis,
    builder_with,
    final,
    forged,
    ledger_of_genesis,
)

NOWHERE = "http://127.0.0.1:9"
PLACE_BYTES = 1
EDIT_BYTES = PLACE_BYTES + FIELD_BYTES


@cache
def _reader() -> RollupReader:
    return RollupReader(Connection(NOWHERE), IDENTITY.rollup)


@cache
def _log_reader() -> tuple[LogReader, tuple[dict[str, Any], ...]]:
    reader = _reader()
    events = tuple(entry for entry in reader.rollup.artifact.abi if entry["type"] == "event")
    return reader._logs, events


@cache
def _replica() -> Replica:
    made = at_genesis(ledger_of_genesis())
    for index, request in enumerate(REQUESTS):
        made.queue(index, request, queue_hash(made.queue_hash, request))
    return made


@cache
def _words() -> tuple[int, ...]:
    return tuple(builder_with(REQUESTS).seal().contract_words)


def check_calldata(data: bytes) -> None:
    """The arguments of a transaction that finalized a batch."""
    reader = _reader()
    transaction = {"input": "0x" + (reader._selector + data).hex(), "to": IDENTITY.rollup}
    try:
        words, commitment, _ = reader._arguments(1, transaction)
    except VerifierError:
        return
    logged = {"batchNumber": 1}
    _finalize(FinalBatch(tuple(words), commitment, ANY_PROOF, logged, 0))


def check_log(data: bytes) -> None:
    """A log of the contract's address: topics of 32 bytes, then data."""
    reader, events = _log_reader()
    entry = events[data[0] % len(events) if data else 0]
    topics = sum(item["indexed"] for item in entry["inputs"]) + (1 if data[1:2] == b"\xff" else 0)
    body = data[2:]
    log = {
        "topics": [
            event_topic(entry),
            *("0x" + body[FIELD_BYTES * place : FIELD_BYTES * (place + 1)].hex() for place in range(topics)),
        ],
        "data": "0x" + body[FIELD_BYTES * topics :].hex(),
        "blockNumber": "0x1",
        "blockHash": "0x2",
        "transactionHash": "0x3",
    }
    try:
        found = reader._log(log)
    except ForeignLogError:
        return
    assert json.dumps(found.arguments, default=str)


def check_words(data: bytes) -> None:
    """An honest batch of which some words are others; its log agrees with them."""
    words = list(_words())
    count = data[0] if data else 0
    edits, rest = data[1 : 1 + count * EDIT_BYTES], data[1 + count * EDIT_BYTES :]
    for start in range(0, len(edits), EDIT_BYTES):
        place, value = edits[start], element(edits[start + PLACE_BYTES : start + EDIT_BYTES])
        words[place % len(words)] = value
    words += [element(rest[start : start + FIELD_BYTES]) for start in range(0, len(rest), FIELD_BYTES)]
    _finalize(final(tuple(words)))


def _finalize(batch: FinalBatch) -> None:
    replica = _replica().copy()
    try:
        replica.finalize(batch, forged)
    except FindingError:
        return
    assert replica.batch_number == 1


def _calldata() -> Iterator[bytes]:
    types = _reader()._types
    yield encode(types, (_words(), 5, ANY_PROOF.to_contract()))


def _logs() -> Iterator[bytes]:
    _, events = _log_reader()
    for place, entry in enumerate(events):
        yield bytes([place, 0]) + bytes(31) + b"\x01" + (bytes(31) + b"\x02") * len(entry["inputs"])


def _edits() -> Iterator[bytes]:
    yield b"\x00"
    words = _words()
    for place in range(HEADER_WORDS, len(words)):
        yield bytes([1, place]) + (words[place] ^ 1).to_bytes(FIELD_BYTES, "big")
    yield bytes([0]) + to_bytes(5).rjust(FIELD_BYTES, b"\0")


TARGETS = (
    Target("calldata", check_calldata, _calldata),
    Target("log", check_log, _logs),
    Target("words", check_words, _edits),
)
