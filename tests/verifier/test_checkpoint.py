"""The verifier's file keeps what is signed and what is not settled."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from sequencer.model.venue import Venue as Restrictions
from sequencer.verifier.checkpoint import load_checkpoint, save_checkpoint
from sequencer.verifier.errors import StateFileError
from sequencer.verifier.follower import Checkpoint
from sequencer.verifier.reader import Block, RollupReader
from sequencer.verifier.replica import Identity, Replica
from tests.batch.venue import Venue
from tests.state.published import published

BLOCK = Block(5, "0xb10c", 9)
IDENTITY = Identity(31337, "0x" + "11" * 20)


@dataclass(frozen=True, slots=True)
class Chain:
    """A node whose chain has the block at which the file ends."""

    identity: Identity

    def block(self, _number: int) -> Block:
        return BLOCK


Spoil = Callable[[dict[str, Any]], object]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The file of a replica without accounts."""
    state = published({}, Venue().ledger.markets)
    save_checkpoint(tmp_path / "state.json", Checkpoint(BLOCK, Replica(IDENTITY, 1, "0x22", state, 2)))
    return tmp_path / "state.json"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda fields: fields["block"].update(number="5"),
        lambda fields: fields["block"].update(time=9.5),
        lambda fields: fields["identity"].update(chain_id="31337"),
        lambda fields: fields.update(batch_number="3"),
        lambda fields: fields.update(deposits=None),
        lambda fields: fields.update(frozen=0),
        lambda fields: fields.update(refunded=["1"]),
        lambda fields: fields.update(claimable={"0x1": "2"}),
        lambda fields: fields.update(state_root=2),
        lambda fields: fields.update(further=1),
    ],
)
def test_a_field_that_is_not_of_its_own_type_is_refused(saved: Path, spoil: Spoil) -> None:
    reader = cast(RollupReader, Chain(IDENTITY))
    assert load_checkpoint(saved, reader).block == BLOCK
    fields = json.loads(saved.read_text())
    spoil(fields)
    saved.write_text(json.dumps(fields))
    with pytest.raises(StateFileError, match="cannot be read"):
        load_checkpoint(saved, reader)


def test_indices_the_funding_pool_and_restrictions_come_back(tmp_path: Path) -> None:
    venue = Venue(positions={9: (10,), 8: (-10,)}, rate_ppm=16_000)
    venue.seal()
    venue.open(1_800)
    venue.deposit(8, 5)
    venue.seal()
    ledger = venue.ledger
    state = published(
        ledger.accounts, ledger.markets, requests_consumed=1, funding_pool=ledger.counters.funding_pool
    )
    assert state.funding_pool == -10
    restrictions = Restrictions(congested_until=7, restricted_markets=5, restricted_until=8)
    replica = Replica(IDENTITY, 1, "0x" + "22" * 20, state, 2, restrictions=restrictions)
    written = Checkpoint(BLOCK, replica)

    save_checkpoint(tmp_path / "state.json", written)
    read = load_checkpoint(tmp_path / "state.json", cast(RollupReader, Chain(IDENTITY)))

    assert read.replica.restrictions == restrictions
    again = read.replica.state
    assert again.exit_root() == state.exit_root() == ledger.roots().exit
    assert (again.funding_pool, again.charge(9), again.indices(8)) == (-10, 11, ledger.account(8).indices)
