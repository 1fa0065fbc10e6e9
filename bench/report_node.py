"""The figures of a node for people: what a start takes, and what accounts and orders take in memory."""

from collections.abc import Iterator, Mapping
from typing import Final

from bench.journal import JournalFigures
from bench.markdown import paragraph, rate_row, table
from bench.memory import HeldFigures
from bench.results import Results

_MEBIBYTE: Final = 1 << 20


def node_sections(results: Results) -> Iterator[str]:
    yield from _journal(results.journal)
    yield from _memory(results.memory)


def _journal(journal: JournalFigures) -> Iterator[str]:
    yield "## Replaying the journal\n"
    yield paragraph(
        f"A node's start on a journal of {journal.messages:,} messages ({journal.entries:,} entries,",
        f"{journal.journal_bytes / _MEBIBYTE:.1f} MiB) with the genesis as its only snapshot: the log is",
        "read twice, each frame's checksum verified, each entry decoded and carried out. It must lead to the",
        "state that was journaled. In the second case the database of orders, fills and candles is written",
        "as well.",
    )
    yield from table(
        ("messages a second", "median", "slowest", "fastest"),
        (
            rate_row("history in place", journal.history_kept),
            rate_row("history rebuilt", journal.history_rebuilt),
        ),
    )


def _memory(memory: Mapping[str, HeldFigures]) -> Iterator[str]:
    yield "## Memory\n"
    yield paragraph(
        "What is resident in a fresh process that holds so many of something, and in one that holds none.",
        "Accounts have a key and a position. A node is what its start leaves: engine, pages, projector,",
        "history and journal; HTTP and connections are not in it. Its orders fill all books of all markets,",
        "the most that the rules let in, and are compared with a node that has dropped as many.",
    )
    yield from table(
        ("held", "number", "MiB without", "MiB with", "bytes each"),
        (
            (
                name,
                f"{held.count:,}",
                f"{held.bytes_without / _MEBIBYTE:,.1f}",
                f"{held.bytes_with / _MEBIBYTE:,.1f}",
                f"{held.bytes_each:,}",
            )
            for name, held in memory.items()
        ),
    )
