"""`proofbook change show` says what holds, what was announced, and what is wrong with it."""

import pytest
from msgspec.structs import asdict, replace

from sequencer.chain.artifacts import contract
from sequencer.chain.client import RollupClient
from sequencer.chain.deploy import RollupTerms, deploy
from sequencer.chain.hatch import ExitHatch
from sequencer.chain.timelock import Timelock
from sequencer.model.config import Configuration
from sequencer.verifier.leave import shown_time
from tests.cli.changes import run, shown, shown_to_programs
from tests.cli.conftest import GOVERNOR, Venue

DONE, CHAIN = 0, 5
Captured = pytest.CaptureFixture[str]


def other_rollup(venue: Venue) -> RollupClient:
    """A rollup on the same chain that has no governor."""
    nothing, holds = contract("DemoDollar"), venue.state.configuration
    terms = RollupTerms(GOVERNOR.address, requests_per_batch=2)
    contracts = deploy(venue.chain, venue.operator, nothing, nothing, holds, terms)
    return RollupClient(venue.chain, contracts.rollup)


def other_verifier(venue: Venue) -> str:
    """Another contract, which nobody asks."""
    return venue.token.address


def test_an_announced_change_is_told_with_all_that_it_says(
    venue: Venue, timelock: Timelock, wanted: Configuration, file: str, capsys: Captured
) -> None:
    assert run(venue, "schedule", file) == DONE
    ready_at = venue.chain.time + timelock.change_delay
    assert capsys.readouterr().out == (
        f"The change to {wanted.hash():#066x} is announced."
        f" Anyone may enact it from {shown_time(ready_at)} on.\n"
    )
    said = shown(venue, capsys)
    for line in (
        f"governor       {GOVERNOR.address}",
        "delay          604800 seconds",
        f"configuration  {venue.rollup.configuration_hash:#066x}",
        f"announced      anyone may enact it from {shown_time(ready_at)} on",
        f"configuration  {wanted.hash():#066x}",
        "tier 0         maker -50 ppm, taker 350 ppm",
        "tier 3         maker -100 ppm, taker 150 ppm",
        "oracle age     45 seconds",
        "fund           below 2.000000 dollars, markets take only orders that reduce",
        "oracle key 4   {:#066x}, {:#066x}".format(*wanted.oracle_keys[4]),
        "market 0       margin 200000 ppm, maintenance 50000 ppm, band 150000 ppm",
        "               both follow 25 times the volatility: at most 50000 ppm more, 500 ppm in 300 seconds",
        "               margin goes to 100 % as open interest goes from 1000 to 3000 dollars",
        "               margin grows by 70000 ppm for each 16.777216 dollars a tick that a position gains or"
        " loses, and by 8000 ppm while batches are late",
        "               it settles if the insurance fund could not unwind for 90000 seconds",
        "               orders from 10 lots, positions to 5000 lots, 1 quote units a tick and lot",
        "               a move of 250000 ppm halts it for 60 seconds",
        "               after a charged shortfall it takes only orders that reduce for as long",
        f"               a liquidation through the book costs {wanted.markets[0].liquidation_fee_ppm} ppm",
        "               interest 300 ppm every 8 hours: what longs pay shorts if orders trade at the mark",
    ):
        assert f"{line}\n" in said
    assert said.count(f"verifier       {venue.rollup.verifier}\n") == 2
    assert "[!]" not in said


def test_an_announced_change_is_told_to_programs(
    venue: Venue, timelock: Timelock, wanted: Configuration, file: str, capsys: Captured
) -> None:
    assert run(venue, "schedule", file, "--verifier", other_verifier(venue)) == DONE
    keys = [[f"{coordinate:#066x}" for coordinate in key] for key in wanted.oracle_keys]
    assert shown_to_programs(venue, capsys) == {
        "governor": GOVERNOR.address,
        "change_delay": timelock.change_delay,
        "configuration_hash": f"{venue.rollup.configuration_hash:#066x}",
        "verifier": venue.rollup.verifier,
        "frozen": False,
        "pending": {
            "configuration_hash": f"{wanted.hash():#066x}",
            "verifier": other_verifier(venue),
            "ready_at": venue.chain.time + timelock.change_delay,
        },
        "announced": {
            "tiers": [asdict(tier) for tier in wanted.tiers],
            "oracle_max_age_seconds": 45,
            "oracle_keys": keys,
            "markets": [asdict(market) for market in wanted.markets],
            "schedules": [asdict(schedule) for schedule in wanted.schedules],
            "insurance_floor": 2_000_000,
        },
        "warnings": [],
    }


def test_words_without_their_hash_are_told_as_a_reason_to_leave(
    venue: Venue, timelock: Timelock, wanted: Configuration, capsys: Captured
) -> None:
    timelock.send(GOVERNOR, "scheduleChange", wanted.hash() + 1, venue.rollup.verifier, list(wanted.words()))
    said = shown(venue, capsys)
    assert (
        "[!] the words that were announced are no configuration of this hash; leave before it holds" in said
    )
    assert "tier 0" not in said
    assert shown_to_programs(venue, capsys)["announced"] is None


def test_a_change_that_no_batch_could_follow_is_told_as_a_reason_to_leave(
    venue: Venue, timelock: Timelock, wanted: Configuration, capsys: Captured
) -> None:
    (market,) = wanted.markets
    for markets, cause in (
        ((market, market), "the number of markets is 1 for ever, not 2"),
        ((replace(market, quote_per_tick_lot=2),), "quote_per_tick_lot of market 0 is 1 for ever, not 2"),
    ):
        changed = replace(wanted, markets=markets, schedules=wanted.schedules * len(markets))
        timelock.schedule_change(GOVERNOR, changed, venue.rollup.verifier)
        warning = f"{cause}; no batch could follow it: the exchange would freeze"
        assert f"\n[!] {warning}; leave before it holds\n" in shown(venue, capsys)
        told = shown_to_programs(venue, capsys)
        assert told["warnings"] == [warning]
        assert len(told["announced"]["markets"]) == len(markets)


def test_an_announcement_is_read_from_the_deployment_on(
    venue: Venue, timelock: Timelock, file: str, capsys: Captured
) -> None:
    assert run(venue, "schedule", file) == DONE
    first, last = "1", str(venue.chain.block_number)
    assert shown_to_programs(venue, capsys, "--from-block", first)["announced"] is not None
    assert run(venue, "show", "--from-block", last) == CHAIN
    assert capsys.readouterr().err.startswith("proofbook: no_genesis: ")


def test_a_rollup_without_a_governor_says_that_nothing_changes(
    venue: Venue, timelock: Timelock, file: str, capsys: Captured
) -> None:
    other = other_rollup(venue).address
    said = shown(venue, capsys, rollup=other)
    assert said.startswith("governor       nobody: nothing ever changes\n")
    assert "frozen" not in said
    assert shown_to_programs(venue, capsys, rollup=other)["governor"] is None
    assert run(venue, "schedule", file, rollup=other) == CHAIN


def test_a_frozen_rollup_says_that_no_change_will_come(
    venue: Venue, timelock: Timelock, capsys: Captured
) -> None:
    other = other_rollup(venue)
    hatch = ExitHatch(other)
    venue.chain.advance(hatch.silent_after + 1)
    hatch.freeze(GOVERNOR)
    assert "frozen         no change will come any more\n" in shown(venue, capsys, rollup=other.address)
    assert shown_to_programs(venue, capsys, rollup=other.address)["frozen"]
