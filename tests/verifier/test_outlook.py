"""Whoever verifies a rollup is told in time of a change that nobody could follow."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from sequencer.chain.timelock import Timelock
from sequencer.model.config import Configuration
from sequencer.model.market import MarketParameters
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import PERPETUAL, SCHEDULE, configuration
from sequencer.verifier.follower import Follower
from sequencer.verifier.outlook import Change, coming_changes
from sequencer.verifier.reader import RollupReader
from tests.chain.conftest import GOVERNOR, Deployed, deployment

PRESENT = configuration(OracleSigners(1).keys)
UNKNOWN_VERIFIER = "its verifier is none of this release"
FREEZES = "no batch could follow it: the exchange would freeze"


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    with deployment() as chain:
        yield chain


def newest_change(deployed: Deployed) -> Change:
    """What a verifier tells that has read the rollup from its deployment on; no batch is to be proven."""
    reader = RollupReader(deployed.chain, deployed.rollup.address)
    follower = Follower(reader, check_of=lambda _: lambda *_: False)
    for _ in follower.advance():
        pass
    return coming_changes(Timelock(deployed.rollup), follower.checkpoint.replica)[-1]


def announce(deployed: Deployed, announced: Configuration) -> None:
    Timelock(deployed.rollup).schedule_change(GOVERNOR, announced, deployed.token.address)


def with_markets(*parameters: MarketParameters) -> Configuration:
    return replace(PRESENT, markets=parameters, schedules=(SCHEDULE,) * len(parameters))


def test_other_parameters_of_the_same_markets_can_be_followed(deployed: Deployed) -> None:
    announce(deployed, with_markets(replace(PERPETUAL, max_position=1_000, initial_ppm=500_000)))
    assert newest_change(deployed).warnings == (UNKNOWN_VERIFIER,)


@pytest.mark.parametrize(
    ("announced", "cause"),
    [
        (with_markets(), "the number of markets is 1 for ever, not 0"),
        (with_markets(PERPETUAL, PERPETUAL), "the number of markets is 1 for ever, not 2"),
        (
            with_markets(replace(PERPETUAL, quote_per_tick_lot=3)),
            "quote_per_tick_lot of market 0 is 1 for ever, not 3",
        ),
    ],
    ids=["none", "one more", "another unit"],
)
def test_other_markets_or_units_freeze_the_exchange_announced_or_queued(
    deployed: Deployed, announced: Configuration, cause: str
) -> None:
    announce(deployed, announced)
    waiting = newest_change(deployed)
    assert waiting.warnings == (f"{cause}; {FREEZES}", UNKNOWN_VERIFIER)
    assert waiting.ready_at is not None
    deployed.chain.advance(waiting.ready_at)
    Timelock(deployed.rollup).enact_change(GOVERNOR)
    assert newest_change(deployed) == replace(waiting, ready_at=None)
