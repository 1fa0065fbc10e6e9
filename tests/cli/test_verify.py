"""`proofbook verify` tells what markets take, what their margins come to, and what L1 restricts."""

import json
from typing import Any

import pytest

from sequencer.chain.connection import Connection
from sequencer.cli.main import main
from sequencer.verifier.follower import Follower
from sequencer.verifier.leave import shown_time
from sequencer.verifier.reader import RollupReader
from tests.cli.conftest import Use, Venue

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _credulous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe every proof, as the venue's verifier does; all else is checked."""

    def follower(connection: Connection, rollup: str, *_: object) -> Follower:
        return Follower(RollupReader(connection, rollup), lambda _: lambda *_: True)

    monkeypatch.setattr("sequencer.cli.verify.open_follower", follower)


def said(venue: Venue, capsys: Captured, *options: str, command: str = "verify") -> str:
    """What a command says."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main([command, *options, "--rpc", venue.chain.url, "--rollup", venue.rollup.address])
    answer = capsys.readouterr()
    assert not stop.value.code, answer.err
    return answer.out


def told(venue: Venue, capsys: Captured) -> dict[str, Any]:
    """What it says to programs."""
    answer: dict[str, Any] = json.loads(said(venue, capsys, "--json"))
    return answer


def test_an_exchange_that_nothing_restricts(venue: Venue, capsys: Captured) -> None:
    venue.submit(venue.batch())
    text, held = said(venue, capsys), venue.state.market(0)
    assert f"  market 0           open, mark {held.mark:,} ticks, open interest 0 lots\n" in text
    assert f" margin {held.initial_ppm} ppm, tier {held.tier_ppm} ppm, maintenance " in text
    assert "L1 restricts" not in text
    assert "congested" not in text
    assert "for insurance" not in text
    figures = told(venue, capsys)
    assert figures["restrictions"] == {
        "congested_until": 0,
        "markets": [],
        "restricted_until": 0,
        "waiting": False,
    }
    (market,) = figures["markets"]
    assert (market["status"], market["settled"], market["fund_since"]) == ("open", False, 0)
    assert (market["initial_ppm"], market["tier_ppm"]) == (held.initial_ppm, held.tier_ppm)


def test_what_l1_restricts_is_told_from_the_queue_on(venue: Venue, use: Use, capsys: Captured) -> None:
    use(venue.operator)
    for options in (
        ("--market", "0", "--seconds", "600"),
        ("--market", "0", "--market", "3", "--seconds", "900"),
    ):
        said(venue, capsys, "restrict", *options, command="request")
    until = venue.chain.time + 900
    line = f"  L1 restricts       markets 0, 3 until {shown_time(until)}"
    assert f"{line}, in the queue\n" in said(venue, capsys)
    venue.serve()
    venue.submit(venue.batch())
    text = said(venue, capsys)
    assert f"{line}\n" in text
    assert "  market 0           reduce-only, " in text
    figures = told(venue, capsys)
    assert figures["restrictions"] == {
        "congested_until": 0,
        "markets": [0, 3],
        "restricted_until": until,
        "waiting": False,
    }
    venue.chain.advance(until)
    venue.submit(venue.batch())
    assert "L1 restricts" not in said(venue, capsys)


def test_congestion_is_told_with_what_it_adds(venue: Venue, use: Use, capsys: Captured) -> None:
    use(venue.user("stranger"))
    venue.chain.advance(venue.state.timestamp + 1_801)
    said(venue, capsys, "congestion", command="request")
    until = venue.chain.time + int(venue.rollup.read("patience")) + 3_600
    assert f"  congested          until {shown_time(until)}, in the queue\n" in said(venue, capsys)
    venue.serve()
    assert f"  congested          until {shown_time(until)}\n" in said(venue, capsys)
    venue.submit(venue.batch())
    (market,), held = told(venue, capsys)["markets"], venue.state.market(0)
    assert market["congestion_addon_ppm"] == held.congestion_addon_ppm
    assert market["initial_ppm"] == held.initial_ppm


def test_what_the_insurance_fund_was_paid_is_told_until_a_batch_credits_it(
    venue: Venue, use: Use, capsys: Captured
) -> None:
    use(venue.user("donor"))
    said(venue, capsys, "insure", "2.5", command="request")
    assert "  for insurance                      2.500000  paid, in no equity yet\n" in said(venue, capsys)
    assert told(venue, capsys)["pending_insurance"] == 2_500_000
    venue.serve()
    assert "for insurance" not in said(venue, capsys)
