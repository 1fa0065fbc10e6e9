"""The figures of the service for people."""

from collections.abc import Iterator
from typing import Final

from bench.load.fanout import FanoutFigures
from bench.load.runs import ACCEPTED_SHARE, KEEP_UP_SECONDS, Latency
from bench.load.search import LONG_SECONDS
from bench.load.venue import ACCOUNTS
from bench.markdown import paragraph, table
from bench.service import ServiceFigures, WayFigures

_NAMES: Final = {
    "baseline": "bare endpoint, one message a request",
    "single": "HTTP, one message a request",
    "batch": "HTTP, 100 messages a request",
    "stream": "WebSocket, 100 messages an operation",
}


def service_section(service: ServiceFigures) -> Iterator[str]:
    yield "## Service\n"
    yield paragraph(
        f"Signed quotes, takers and cancels of {len(ACCOUNTS)} accounts (`bench/load/flow.py`) at fixed",
        "distances, whatever the answers do; time is measured from when a request was due, and an answer",
        "means that the message is on the disk. Server and generator share the machine, so the processor",
        "time of both is told. Node, journal, history and metrics are the real ones; nothing is proven",
        "meanwhile, and the batch size is one that no circuit has. The bare endpoint is FastAPI with a",
        "pydantic model of the same JSON on uvicorn: no signature, no matching, no disk. A rate is sustained",
        f"if {ACCEPTED_SHARE:.1%} of the messages are taken and {KEEP_UP_SECONDS * 1_000:.0f} ms after the",
        f"last one all are answered; each figure is a run of {LONG_SECONDS:.0f} s on a new server, in turn",
        "(`docs/operations/LOAD.md`).",
    )
    yield from table(
        ("messages a second", "sustained", "runs", "bare endpoint", "server, µs each", "generator, µs each"),
        (_rate_row(name, service, way) for way, name in _NAMES.items()),
    )
    yield from table(
        ("milliseconds, at half of that", "messages a second", "p50", "p99", "p99.9", "longest"),
        (_latency_row(name, service.ways[way]) for way, name in _NAMES.items()),
    )
    yield from _fanout(service.fanout, service.slow_code)


def _rate_row(name: str, service: ServiceFigures, way: str) -> tuple[str, ...]:
    figures = service.ways[way]
    last = figures.sustained[-1]
    return (
        name,
        f"{figures.per_second:,.0f}",
        ", ".join(f"{run.per_second:,.0f}" for run in figures.sustained),
        f"{service.times_baseline(way):.2f}x",
        f"{last.server_microseconds:,.0f}",
        f"{last.generator_microseconds:,.0f}",
    )


def _latency_row(name: str, figures: WayFigures) -> tuple[str, ...]:
    return name, f"{figures.half.per_second:,.0f}", *_latency_cells(figures.half.latency)


def _latency_cells(latency: Latency) -> tuple[str, ...]:
    return tuple(f"{each:.1f}" for each in (latency.p50, latency.p99, latency.p999, latency.maximum))


def _fanout(fanout: FanoutFigures, slow_code: int) -> Iterator[str]:
    yield paragraph(
        f"{fanout.subscribers:,} streams watch one book while {fanout.per_second:.1f} messages a second",
        f"change it: the highest rate at which all have a change {KEEP_UP_SECONDS * 1_000:.0f} ms after it",
        f"was sequenced, commit included. {fanout.pushes_per_second:,.0f} pushes a second, of",
        f"{fanout.server_microseconds:.0f} µs of the server each; nobody missed one or was dropped. A stream",
        f"that never reads was closed with {slow_code}.",
    )
    yield from table(
        ("milliseconds", "p50", "p99", "p99.9", "longest"),
        (
            ("from sequencing to the last subscriber", *_latency_cells(fanout.lag)),
            ("from the first subscriber to the last", *_latency_cells(fanout.spread)),
        ),
    )
