"""A governor announces a change, anyone enacts it after the delay, and only then does it hold."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from sequencer.chain.timelock import Timelock
from sequencer.chain.watcher import Watcher
from sequencer.model.codes import RequestKind
from sequencer.model.config import Configuration
from sequencer.model.request import Request
from tests.cli.change_files import written
from tests.cli.changes import run, shown, shown_to_programs
from tests.cli.conftest import GOVERNOR, Use, Venue

DONE, USAGE, BAD_INPUT, CHAIN = 0, 2, 3, 5
Captured = pytest.CaptureFixture[str]


def test_an_announced_change_is_taken_back(
    venue: Venue, timelock: Timelock, file: str, capsys: Captured
) -> None:
    assert run(venue, "schedule", file) == DONE
    assert run(venue, "cancel") == DONE
    assert capsys.readouterr().out.endswith("The announced change is taken back.\n")
    assert shown(venue, capsys).endswith("\nannounced      nothing\n")
    told = shown_to_programs(venue, capsys)
    assert told["pending"] is told["announced"] is None
    assert run(venue, "cancel") == CHAIN
    assert "NoChangePending" in capsys.readouterr().err


def test_a_later_announcement_takes_the_place_of_an_earlier_one(
    venue: Venue, timelock: Timelock, wanted: Configuration, file: str, capsys: Captured
) -> None:
    assert run(venue, "schedule", file) == DONE
    Path(file).write_text(written(replace(wanted, oracle_max_age_seconds=30)))
    assert run(venue, "schedule", file) == DONE
    assert shown_to_programs(venue, capsys)["announced"]["oracle_max_age_seconds"] == 30


@pytest.mark.parametrize("command", ["schedule", "cancel"])
def test_a_stranger_changes_nothing(
    venue: Venue, timelock: Timelock, file: str, use: Use, capsys: Captured, command: str
) -> None:
    assert run(venue, "schedule", file) == DONE
    before = timelock.pending_change
    use(venue.user("stranger"))
    assert run(venue, command, *([file] if command == "schedule" else [])) == CHAIN
    assert "contract_reverted: the contract reverted with NotGovernor(" in capsys.readouterr().err
    assert timelock.pending_change == before


def test_a_change_is_enacted_by_anyone_after_its_delay_and_holds_after_its_batch(
    venue: Venue, timelock: Timelock, wanted: Configuration, file: str, use: Use, capsys: Captured
) -> None:
    before, verifier = venue.rollup.configuration_hash, venue.rollup.verifier
    assert run(venue, "schedule", file) == DONE
    anyone = venue.user("anyone")
    use(anyone)
    assert run(venue, "enact") == CHAIN
    assert "ChangeNotReady(" in capsys.readouterr().err

    venue.chain.advance(venue.chain.time + timelock.change_delay)
    assert run(venue, "enact") == DONE
    said = capsys.readouterr().out
    assert re.match(rf"Request {venue.rollup.request_count - 1} is queued\. ", said)
    data = (wanted.hash(), int(verifier, 16))
    assert Watcher(venue.rollup).requests()[-1] == Request(RequestKind.CHANGE, account=0, owner=1, data=data)
    assert shown_to_programs(venue, capsys)["pending"] is None
    assert venue.rollup.configuration_hash == before

    venue.serve()
    assert venue.rollup.configuration_hash == wanted.hash() != before
    assert venue.state.configuration.hash() == before
    assert shown_to_programs(venue, capsys)["configuration_hash"] == f"{wanted.hash():#066x}"
    venue.submit(venue.batch())
    assert venue.state.configuration == wanted


def test_a_change_that_no_batch_could_follow_is_not_announced(
    venue: Venue, timelock: Timelock, wanted: Configuration, file: str, capsys: Captured
) -> None:
    (market,) = wanted.markets
    for markets, cause in (
        ((market, market), "the number of markets is 1 for ever, not 2"),
        ((replace(market, quote_per_tick_lot=2),), "quote_per_tick_lot of market 0 is 1 for ever, not 2"),
    ):
        changed = replace(wanted, markets=markets, schedules=wanted.schedules * len(markets))
        Path(file).write_text(written(changed))
        assert run(venue, "schedule", file) == BAD_INPUT
        assert capsys.readouterr().err.startswith(f"proofbook: different_markets: {cause}; ")
    assert timelock.pending_change is None


def test_a_verifier_is_an_address_with_a_contract(
    venue: Venue, timelock: Timelock, file: str, capsys: Captured
) -> None:
    assert run(venue, "schedule", file, "--verifier", "0x12") == USAGE
    assert run(venue, "schedule", file, "--verifier", GOVERNOR.address) == CHAIN
    assert "NotAContract" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["schedule", "cancel", "enact"])
def test_a_command_that_sends_needs_a_wallet(
    venue: Venue, file: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured, command: str
) -> None:
    monkeypatch.delenv("PROOFBOOK_WALLET_KEY", raising=False)
    assert run(venue, command, *([file] if command == "schedule" else [])) == USAGE
    assert "PROOFBOOK_WALLET_KEY" in capsys.readouterr().err
