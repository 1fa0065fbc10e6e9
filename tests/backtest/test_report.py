"""The report is one HTML file that needs nothing else; the transcript is a table that a person can read."""

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sequencer.backtest.report import write_report, write_sweep_report
from sequencer.backtest.report.charts import compact
from sequencer.backtest.report.page import render, render_sweep
from sequencer.backtest.transcript import BacktestTranscript, sweep_lines
from sequencer.replay.terms import LOTS_PER_BITCOIN
from sequencer.replay.transcript import dollars
from tests.backtest.data import MINUTES, fall, fresh, static

CHARTS = (
    "Price of the bars, mark prices and liquidations",
    "Equity of the insurance fund, and with static margins",
    "Initial and maintenance margin",
    "Position of the insurance fund",
    "Uncovered shortfall",
    "Socialized loss, and funding pool",
    "Margin held, and losses of each epoch",
    "Funding rate",
    "Spread of the book",
    "Volume of each epoch, and what of it was a liquidation",
)


class Open(HTMLParser):
    """The tags that are open, and every tag that was."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.seen: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag != "meta":
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag


def charts(html: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL)]


@pytest.fixture(scope="module")
def html() -> str:
    return render(fall(), static())


def test_the_file_needs_nothing_else(html: str) -> None:
    page = Open(html)
    assert page.stack == []
    assert not page.seen & {"script", "link", "img", "iframe"}
    assert not re.search(r"https?://|@import|url\(", html)


def test_every_chart_says_what_it_shows(html: str) -> None:
    assert tuple(chart.get("aria-label") for chart in charts(html)) == CHARTS


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (3 * 0.2, "0.6"), (-50, "-50"), (-400_000, "-400k"), (1_250_000, "1.25M")],
)
def test_an_axis_says_much_in_few_characters(value: float, text: str) -> None:
    assert compact(value) == text


def test_large_dots_hide_no_small_ones(html: str) -> None:
    sizes = [float(size) for size in re.findall(r'<circle class="liquidation .*? r="([\d.]+)"', html)]
    assert sizes == sorted(sizes, reverse=True)


def test_what_the_fund_unwound_is_there(html: str) -> None:
    summary = fall().summary
    figures = f"{summary.unwound_lots / LOTS_PER_BITCOIN:,.1f} BTC in {summary.unwinding_fills} trades"
    assert f'<td class="text">fund unwound</td><td class="figure">{figures}</td>' in html


def test_each_figure_stands_beside_that_of_static_margins(html: str) -> None:
    cells = [dollars(result.summary.taken_volume) for result in (fall(), static())]
    takeovers = [f"{result.summary.takeovers} takeovers" for result in (fall(), static())]
    row = "".join(
        f'<td class="figure">{cell} in {number}</td>' for cell, number in zip(cells, takeovers, strict=True)
    )
    assert f'<td class="text">liquidations: taken over by the fund</td>{row}' in html


def test_the_fund_is_drawn_in_both_runs(html: str) -> None:
    chart = next(one for one in charts(html) if one.get("aria-label") == CHARTS[1])
    lines = {line.get("class"): line.get("points") for line in chart.iter("polyline")}
    assert set(lines) == {"close", "loss"}
    assert lines["close"] != lines["loss"]


def test_what_the_winning_side_was_charged_is_there(html: str) -> None:
    summary = fall().summary
    assert summary.charges > 0
    charged = f"{dollars(summary.socialized_loss)} in {summary.charges} charges"
    assert f'<td class="text">socialized loss</td><td class="figure">{charged}</td>' in html
    funding = f'<td class="figure">{dollars(summary.funding)}</td>'
    assert f'<td class="text">funding that longs owed shorts</td>{funding}' in html


def test_every_liquidation_is_a_dot(html: str) -> None:
    epochs = fall().epochs
    assert html.count('class="liquidation book"') == sum(epoch.book_volume > 0 for epoch in epochs) > 0
    assert html.count('class="liquidation fund"') == sum(epoch.taken_volume > 0 for epoch in epochs) > 0


def test_who_took_part_and_what_held_are_there(html: str) -> None:
    for group in fall().groups:
        assert f'<td class="text">{group.kind}</td>' in html
    assert html.count('<li class="holds">') == 6


def test_one_minute_is_enough(tmp_path: Path) -> None:
    write_report(fresh(1), fresh(1), tmp_path / "new folder" / "report.html")
    assert len(charts((tmp_path / "new folder" / "report.html").read_text())) == len(CHARTS)


def test_a_sweep_has_a_line_and_a_chart_for_each_run(tmp_path: Path) -> None:
    results = [fresh(2, seed=1), fresh(2, seed=2)]
    html = render_sweep(["seed"], results)
    assert Open(html).stack == []
    assert [chart.get("aria-label") for chart in charts(html)] == [
        "Equity of the insurance fund, seed 1",
        "Equity of the insurance fund, seed 2",
    ]
    write_sweep_report(["seed"], results, tmp_path / "sweep.html")
    assert (tmp_path / "sweep.html").read_text() == html


def test_the_transcript_has_a_line_for_some_minutes_and_one_for_the_last() -> None:
    lines: list[str] = []
    transcript = BacktestTranscript(lines.append, 50)
    transcript.opening(fall().settings)
    before = len(lines)
    for epoch in (list(fall().epochs) * 5)[: 50 * 4]:
        transcript.epoch(epoch)
    assert [line.split()[0] for line in lines[before:]] == [str(minute) for minute in (*range(3, 50, 3), 50)]


def test_columns_stay_under_their_headings() -> None:
    lines: list[str] = []
    transcript = BacktestTranscript(lines.append, MINUTES)
    transcript.opening(fall().settings)
    heading = lines[-1]
    for epoch in fall().epochs:
        transcript.epoch(epoch)
    rows = lines[lines.index(heading) + 1 :]
    assert len(rows) == MINUTES
    for name in (
        "mark",
        "initial",
        "maintenance",
        "by the book",
        "by the fund",
        "fund equity",
        "unwound",
        "fund position",
        "charged",
        "uncovered",
    ):
        end = heading.index(name) + len(name)
        assert all(row[end - 1] != " " and row[end : end + 1] in ("", " ") for row in rows), name


def test_the_conclusion_names_every_stage_and_every_shortfall() -> None:
    lines: list[str] = []
    BacktestTranscript(lines.append, MINUTES).conclusion(fall(), static())
    said = "\n".join(lines)
    for name in (
        *("orders cancelled", "through the book", "taken over by the fund", "waiting", "fund unwound"),
        *("shortfall of accounts", "shortfall of the fund", "uncovered", "socialized loss"),
        *("funding that longs owed shorts", "funding rate, highest, lowest", "funding pool"),
        *("initial margin, highest, mean", "maintenance margin, highest, mean"),
        *("margin held", "margin used", "spread", "volume", "halts", "reduce-only"),
        *("falls below the floor, epochs", "settlements, settled epochs"),
    ):
        assert name in said
    assert said.count("[ok]") == 6


def test_the_conclusion_is_a_table_of_both_runs() -> None:
    lines: list[str] = []
    BacktestTranscript(lines.append, MINUTES).conclusion(fall(), static())
    heading = next(line for line in lines if line.startswith("figure"))
    rows = lines[lines.index(heading) + 1 : lines.index("", lines.index(heading))]
    for start in (heading.index("margins in force"), heading.index("static")):
        assert all(row[start] != " " and row[start - 2 : start] == "  " for row in rows)
    (losses,) = (row.split() for row in rows if row.startswith("socialized loss  "))
    assert losses[2] == dollars(fall().summary.socialized_loss)
    assert losses[6] == dollars(static().summary.socialized_loss)


def test_a_sweep_is_a_table() -> None:
    heading, *rows = sweep_lines(["leverage", "seed"], [fresh(2, seed=1), fresh(2, seed=2)])
    assert heading.split()[:3] == ["leverage", "seed", "liquidated"]
    assert [row.split()[:2] for row in rows] == [["20", "1"], ["20", "2"]]
    assert all(row.endswith("yes") for row in rows)
