"""The parts of a page: one HTML file that needs nothing else."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from importlib import resources
from typing import Final

from sequencer.replay.bars import Bar
from sequencer.replay.checks import Check

_TEXT_COLUMNS: Final = ("trader", "style", "state root", "outcome", "participants", "figure")


def document(title: str, body: Iterable[str]) -> str:
    """Return a page with its title as heading."""
    style = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body><h1>{escape(title)}</h1>{''.join(body)}</body></html>\n"
    )


def trading_title(name: str, bars: Sequence[Bar]) -> str:
    """Return a title that says what was traded, and when."""
    begin = datetime.fromtimestamp(bars[0].open_time, UTC)
    minutes = "one minute" if len(bars) == 1 else f"{len(bars)} minutes"
    return f"{name}: {minutes} of BTCUSDT from {begin:%Y-%m-%d %H:%M} UTC"


def section(heading: str, text: str, content: str) -> str:
    """Return a part of the page under a heading; `text` explains it, if there is any."""
    paragraph = f"<p>{text}</p>" if text else ""
    return f"<section><h2>{heading}</h2>{paragraph}{content}</section>"


def tiles(figures: Iterable[tuple[str, str]]) -> str:
    """Return the figures that matter most, each with its name."""
    parts = (f'<div class="tile"><b>{value}</b><span>{escape(name)}</span></div>' for value, name in figures)
    return f'<div class="tiles">{"".join(parts)}</div>'


def check_list(checks: Sequence[Check]) -> str:
    """Return what holds and what does not."""
    items = (
        f'<li class="{"holds" if check.holds else "broken"}">{escape(check.statement)}'
        f"<code>{escape(check.figures)}</code></li>"
        for check in checks
    )
    return f'<ul class="checks">{"".join(items)}</ul>'


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; columns of words are on the left, figures on the right."""
    kinds = ["text" if heading in _TEXT_COLUMNS else "figure" for heading in headings]
    head = "".join(f'<th class="{kind}">{name}</th>' for kind, name in zip(kinds, headings, strict=True))
    lines = (
        "<tr>"
        + "".join(f'<td class="{kind}">{escape(cell)}</td>' for kind, cell in zip(kinds, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return f'<div class="table"><table><tr>{head}</tr>{"".join(lines)}</table></div>'
