"""The verifier's own file: a verified replica, to go on from another day."""

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import asdict

from sequencer.model.request import Request
from sequencer.model.venue import Venue
from sequencer.state.published import PublishedState
from sequencer.verifier.errors import OtherRollupError, ReorganisedError, StateFileError
from sequencer.verifier.follower import Checkpoint
from sequencer.verifier.reader import Block, RollupReader
from sequencer.verifier.replica import Identity, Replica

SCHEMA: Final = 4


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The file, each field of its own type: texts are hexadecimal, or names."""

    schema: int
    identity: Identity
    block: Block
    configuration_hash: str
    verifier: str
    state_root: str
    exit_root: str
    batch_number: int
    next_sequence: int
    timestamp: int
    fee_pool: int
    funding_pool: int
    requests_consumed: int
    deposits: int
    paid: int
    exits_paid: int
    frozen: bool
    refunded: list[int]
    queue_hash: str
    restrictions: str
    claimable: dict[str, int]
    pending: list[list[str]]
    markets: list[list[str]]
    accounts: dict[str, list[str]]


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Replace the file; whenever the machine stops, the old one or the new one is there."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False) as file:
        try:
            json.dump(_encoded(checkpoint), file)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def load_checkpoint(path: Path, reader: RollupReader) -> Checkpoint:
    """Return where the file ends, if the chain still has it.

    Raises
    ------
    StateFileError
        If the file cannot be read, or what it holds does not have the exit root that was verified.
    OtherRollupError
        If it is of another rollup or chain.
    ReorganisedError
        If its last block is no longer in the chain.
    """
    try:
        fields = json.loads(path.read_text())
        if fields["schema"] != SCHEMA:
            raise StateFileError(f"{path} has schema {fields['schema']}, not {SCHEMA}")
        checkpoint, exit_root = _decoded(fields)
        is_intact = checkpoint.replica.state.exit_root() == exit_root
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateFileError(f"{path} cannot be read ({error!r})") from error
    identity, wanted = checkpoint.replica.identity, reader.identity
    if identity != wanted:
        raise OtherRollupError(
            f"{path} is of {identity.rollup} on chain {identity.chain_id},"
            f" not of {wanted.rollup} on chain {wanted.chain_id}"
        )
    if not is_intact:
        raise StateFileError(f"{path} is corrupt: its accounts do not have the exit root that it names")
    now = reader.block(checkpoint.block.number)
    if now is None or now.hash != checkpoint.block.hash:
        raise ReorganisedError(f"the chain no longer has block {checkpoint.block.number}, where {path} ends")
    return checkpoint


def _encoded(checkpoint: Checkpoint) -> dict[str, Any]:
    replica = checkpoint.replica
    state = replica.state
    return {
        "schema": SCHEMA,
        "identity": asdict(replica.identity),
        "block": asdict(checkpoint.block),
        "configuration_hash": hex(replica.configuration_hash),
        "verifier": replica.verifier,
        "state_root": hex(replica.state_root),
        "exit_root": hex(state.exit_root()),
        "batch_number": replica.batch_number,
        "next_sequence": replica.next_sequence,
        "timestamp": replica.timestamp,
        "fee_pool": state.fee_pool,
        "funding_pool": state.funding_pool,
        "requests_consumed": state.requests_consumed,
        "deposits": replica.deposits,
        "paid": replica.paid,
        "exits_paid": replica.exits_paid,
        "frozen": replica.frozen,
        "refunded": sorted(replica.refunded),
        "queue_hash": hex(replica.queue_hash),
        "restrictions": hex(replica.restrictions.word()),
        "claimable": {f"{owner:#042x}": amount for owner, amount in replica.claimable.items()},
        "pending": [_hexadecimal(request.words()) for request in replica.pending],
        "markets": [_hexadecimal(words) for words in state.markets],
        "accounts": {number: _hexadecimal(words) for number, words in state.accounts.items()},
    }


def _decoded(fields: object) -> tuple[Checkpoint, int]:
    """Return what a file says, and the exit root that it names."""
    file = msgspec.convert(fields, _File)
    state = PublishedState(
        markets=map(_integers, file.markets),
        accounts={int(number): _integers(words) for number, words in file.accounts.items()},
        fee_pool=file.fee_pool,
        funding_pool=file.funding_pool,
        requests_consumed=file.requests_consumed,
    )
    replica = Replica(
        identity=file.identity,
        configuration_hash=int(file.configuration_hash, 16),
        verifier=file.verifier,
        state=state,
        state_root=int(file.state_root, 16),
        batch_number=file.batch_number,
        next_sequence=file.next_sequence,
        timestamp=file.timestamp,
        pending=tuple(Request.from_words(*_integers(words)) for words in file.pending),
        deposits=file.deposits,
        paid=file.paid,
        exits_paid=file.exits_paid,
        frozen=file.frozen,
        refunded=frozenset(file.refunded),
        queue_hash=int(file.queue_hash, 16),
        restrictions=Venue.from_word(int(file.restrictions, 16)),
        claimable={int(owner, 16): amount for owner, amount in file.claimable.items()},
    )
    return Checkpoint(file.block, replica), int(file.exit_root, 16)


def _hexadecimal(words: Sequence[int]) -> list[str]:
    return [hex(word) for word in words]


def _integers(words: list[str]) -> tuple[int, ...]:
    return tuple(int(word, 16) for word in words)
