"""The verifier's own file: a verified replica, to go on from another day."""

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from msgspec.structs import asdict

from sequencer.model.request import Request
from sequencer.model.venue import Venue
from sequencer.state.published import PublishedState
from sequencer.verifier.errors import OtherRollupError, ReorganisedError, StateFileError
from sequencer.verifier.follower import Checkpoint
from sequencer.verifier.reader import Block, RollupReader
from sequencer.verifier.replica import Identity, Replica

SCHEMA: Final = 4


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
        checkpoint = _decoded(fields)
        is_intact = checkpoint.replica.state.exit_root() == int(fields["exit_root"], 16)
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


def _decoded(fields: dict[str, Any]) -> Checkpoint:
    state = PublishedState(
        markets=map(_integers, fields["markets"]),
        accounts={int(number): _integers(words) for number, words in fields["accounts"].items()},
        fee_pool=fields["fee_pool"],
        funding_pool=fields["funding_pool"],
        requests_consumed=fields["requests_consumed"],
    )
    replica = Replica(
        identity=Identity(**fields["identity"]),
        configuration_hash=int(fields["configuration_hash"], 16),
        verifier=fields["verifier"],
        state=state,
        state_root=int(fields["state_root"], 16),
        batch_number=fields["batch_number"],
        next_sequence=fields["next_sequence"],
        timestamp=fields["timestamp"],
        pending=tuple(Request.from_words(*_integers(words)) for words in fields["pending"]),
        deposits=fields["deposits"],
        paid=fields["paid"],
        exits_paid=fields["exits_paid"],
        frozen=fields["frozen"],
        refunded=frozenset(fields["refunded"]),
        queue_hash=int(fields["queue_hash"], 16),
        restrictions=Venue.from_word(int(fields["restrictions"], 16)),
        claimable={int(owner, 16): amount for owner, amount in fields["claimable"].items()},
    )
    return Checkpoint(Block(**fields["block"]), replica)


def _hexadecimal(words: Sequence[int]) -> list[str]:
    return [hex(word) for word in words]


def _integers(words: list[str]) -> tuple[int, ...]:
    return tuple(int(word, 16) for word in words)
