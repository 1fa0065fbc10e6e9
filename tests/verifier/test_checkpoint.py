"""The verifier's file keeps what is signed and what is not settled."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sequencer.model.venue import Venue as Restrictions
from sequencer.verifier.checkpoint import load_checkpoint, save_checkpoint
from sequencer.verifier.follower import Checkpoint
from sequencer.verifier.reader import Block, RollupReader
from sequencer.verifier.replica import Identity, Replica
from tests.batch.venue import Venue
from tests.state.published import published

BLOCK = Block(5, "0xb10c", 9)


@dataclass(frozen=True, slots=True)
class Chain:
    """A node whose chain has the block at which the file ends."""

    identity: Identity

    def block(self, _number: int) -> Block:
        return BLOCK


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
    identity = Identity(31337, "0x" + "11" * 20)
    restrictions = Restrictions(congested_until=7, restricted_markets=5, restricted_until=8)
    replica = Replica(identity, 1, "0x" + "22" * 20, state, 2, restrictions=restrictions)
    written = Checkpoint(BLOCK, replica)

    save_checkpoint(tmp_path / "state.json", written)
    read = load_checkpoint(tmp_path / "state.json", cast(RollupReader, Chain(identity)))

    assert read.replica.restrictions == restrictions
    again = read.replica.state
    assert again.exit_root() == state.exit_root() == ledger.roots().exit
    assert (again.funding_pool, again.charge(9), again.indices(8)) == (-10, 11, ledger.account(8).indices)
