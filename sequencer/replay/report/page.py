"""The page around the charts."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from sequencer.replay.history import History
from sequencer.replay.report.charts import book_chart, depth_chart, equity_chart, price_chart
from sequencer.replay.report.document import check_list, document, section, table, tiles, trading_title
from sequencer.replay.result import ReplayResult, TraderResult
from sequencer.replay.transcript import (
    BATCH_COLUMNS,
    TRADER_COLUMNS,
    batch_cells,
    dollars,
    price,
    trader_cells,
)


def write_report(result: ReplayResult, path: Path) -> None:
    """Write the report to one HTML file that needs nothing else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(result), encoding="utf-8")


def render(result: ReplayResult) -> str:
    """Return the report as HTML."""
    history = result.history
    body = [
        "<p>Eight traders, one order book, real prices. Each batch below was proven in zero knowledge, and a"
        " contract accepted it only with its proof.</p>",
        _tiles(result),
        section(
            "Checks", "What was compared with the chain when trading was over.", check_list(result.checks)
        ),
        section(
            "Price and trades",
            "Candles are the recorded bars; the line is the mark price, fixed when a batch opens."
            " A dot is a trade, green where the taker bought; its area is its size.",
            f"<figure>{price_chart(history)}</figure>",
        ),
        section(
            "The book over time",
            "Live orders as each batch left them: bids green, asks red, stronger where more rests."
            " The line is the recorded close.",
            f"<figure>{book_chart(history)}</figure>",
        ),
        section(
            "The book at the end",
            "Bitcoin that rests at a price or better, over dollars.",
            f"<figure>{depth_chart(history.books[-1])}</figure>",
        ),
        section(
            "Equity",
            "Collateral and positions at the mark of each batch, and what was withdrawn, in dollars;"
            " dashed: what was paid in.",
            _equities(result),
        ),
        section("Traders", "At the last mark, the withdrawal counted in.", _traders(result.traders)),
        section("Batches", "One proof and one transaction each.", _batches(history)),
        section("What became of the messages", "", _outcomes(history)),
    ]
    return document(trading_title("Proofbook", history.bars), body)


def _tiles(result: ReplayResult) -> str:
    batches, trades = result.history.batches, result.history.trades
    gas = sum(figures.gas for figures in batches)
    proving = sum(figures.proof_seconds for figures in batches)
    bars = result.history.bars
    figures = (
        (f"{bars[-1].close / bars[0].open - 1:+.1%}", f"{price(bars[0].open)} to {price(bars[-1].close)}"),
        (str(len(batches)), "batches final"),
        (f"{sum(figures.messages for figures in batches):,}", "signed messages"),
        (f"{len(trades):,}", "trades"),
        (dollars(sum(figures.volume for figures in batches)), "dollars traded"),
        (f"{proving / len(batches):.1f} s", "a proof, on average"),
        (f"{gas // max(len(trades), 1):,}", "gas a trade"),
    )
    return tiles(figures)


def _equities(result: ReplayResult) -> str:
    return '<div class="equities">' + "".join(_equity(result, trader) for trader in result.traders) + "</div>"


def _equity(result: ReplayResult, trader: TraderResult) -> str:
    css = "positive" if trader.profit >= 0 else "negative"
    return (
        f"<figure><figcaption><span><b>{escape(trader.name)}</b> {escape(trader.style)}</span>"
        f'<span class="{css}">{dollars(trader.profit, 2)}</span></figcaption>'
        f"{equity_chart(result.history, trader, result.withdrawal)}</figure>"
    )


def _traders(traders: Sequence[TraderResult]) -> str:
    return table([column.heading for column in TRADER_COLUMNS], map(trader_cells, traders))


def _batches(history: History) -> str:
    return table([column.heading for column in BATCH_COLUMNS], map(batch_cells, history.batches))


def _outcomes(history: History) -> str:
    rows = ([name, f"{count:,}"] for name, count in history.outcomes.most_common() if count)
    return table(["outcome", "count"], rows)
