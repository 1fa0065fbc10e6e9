"""The report is one HTML file that needs nothing else and shows every trader, batch and check."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hexbytes import HexBytes

from sequencer.batch.sealed import SealedBatch
from sequencer.chain.connection import Transaction
from sequencer.replay.bars import read_bars
from sequencer.replay.checks import Check, require_all
from sequencer.replay.errors import ReplayCheckError
from sequencer.replay.finalizer import Finality
from sequencer.replay.history import History
from sequencer.replay.report import write_report
from sequencer.replay.report.plot import Scale
from sequencer.replay.result import ReplayResult, WithdrawalResult, trader_results
from sequencer.replay.session import TradingSession
from tests.replay.conftest import open_session
from tests.replay.data import BARS

Traded = Callable[[int, int], tuple[TradingSession, list[SealedBatch]]]

FINALITY = Finality(2.5, 30.0, Transaction(HexBytes(b"\0" * 32), 300_000, 1_500))
VOID = ("meta", "br")


def result_of(minutes: int) -> ReplayResult:
    """A replay whose batches were traded, with made-up figures for what a prover and a chain would say."""
    session = open_session(seed=1)
    bars = read_bars(BARS, minutes)
    history = History(bars, session.traders, 423_064)
    for minute, bar in enumerate(bars, start=1):
        for batch in [*session.minute(bar, 5_000), session.seal()]:
            history.record(batch, minute, FINALITY)
            history.observe(session.state)
    withdrawal = WithdrawalResult("Ada", 1, history.batches[-1].number, 0, 0)
    results = trader_results(session.state, session.traders, history.trades, withdrawal)
    return ReplayResult(history, results, withdrawal, [Check("roots agree", "1 = 1 & 2 > 1", True)])


class Tags(HTMLParser):
    """Collects tags, and checks that they close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "new folder" / "report.html"
    write_report(result_of(3), path)
    return path.read_text()


def test_the_file_needs_nothing_else(html: str) -> None:
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    assert not {tag for tag, _ in tags.seen} & {"script", "link", "img", "iframe"}
    assert not re.search(r"https?://|@import|url\(", html)


def test_every_chart_is_well_formed_and_says_what_it_shows(html: str) -> None:
    charts = [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL)]
    assert len(charts) == 3 + 8
    assert all(chart.get("aria-label") for chart in charts)


def test_every_trader_and_every_batch_is_there(html: str) -> None:
    result = result_of(3)
    for trader in result.traders:
        assert f"<b>{trader.name}</b>" in html
    for batch in result.history.batches:
        assert f"0x{batch.state_root:064x}"[:9] in html


def test_every_trade_is_a_dot(html: str) -> None:
    assert html.count('class="trade ') == len(result_of(3).history.trades) > 0


def test_figures_are_escaped(html: str) -> None:
    assert "1 = 1 &amp; 2 &gt; 1" in html


def test_light_and_dark_are_both_there(html: str) -> None:
    assert "color-scheme: light dark" in html
    assert "prefers-color-scheme: dark" in html


def test_one_minute_is_enough_for_a_report(tmp_path: Path) -> None:
    write_report(result_of(1), tmp_path / "report.html")
    assert "one minute of BTCUSDT" in (tmp_path / "report.html").read_text()


def test_a_broken_check_is_shown_and_refused(tmp_path: Path) -> None:
    broken = replace(result_of(1), checks=[Check("roots agree", "1 = 2", False)])
    write_report(broken, tmp_path / "report.html")
    assert '<li class="broken">roots agree' in (tmp_path / "report.html").read_text()
    with pytest.raises(ReplayCheckError, match="roots agree"):
        require_all(broken.checks)


def test_axis_ticks_are_round_and_inside() -> None:
    assert Scale(5_201, 7_287, 0, 100).ticks(5) == [5_500, 6_000, 6_500, 7_000]
    assert Scale(-0.3, 0.4, 0, 100).ticks(4) == pytest.approx([-0.2, 0.0, 0.2, 0.4])
