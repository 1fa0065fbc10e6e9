"""The figures of others for people: engines and signatures beside ours."""

from collections.abc import Iterator

from bench.circomlibjs import CircomlibjsFigures
from bench.markdown import paragraph, rate_row, table
from bench.peers import OURS, PeerFigures
from bench.timing import Rate


def peers_section(peers: PeerFigures) -> Iterator[str]:
    ours = peers.rates[OURS]
    yield "## Engine beside others\n"
    yield paragraph(
        f"The {peers.messages:,} messages of the engine's figures, without signatures, beside two matching",
        "engines that are written in Python alone. Ours judges nonces, fees, bands and the margin of both",
        "parties, and returns events. A peer knows orders and cancels alone, so it gets neither what the",
        f"exchange refuses nor what has no counterpart there: {peers.orders:,} orders and {peers.cancels:,}",
        f"cancels, which make the same {peers.fills:,} fills and end with the same book. Rates are of the",
        f"{peers.messages:,} messages for all, in processor time.",
    )
    yield from table(
        ("messages a second", "median", "slowest", "fastest", "ours / theirs"),
        ((*rate_row(name, rate), _times(ours, rate)) for name, rate in peers.rates.items()),
    )
    yield paragraph(
        "Points of reference, published by others and not measured here. exchange-core (Java; the README of",
        "github.com/exchange-core/exchange-core at 0c9c7f6) states 5,000,000 operations a second in one book",
        "of about 1,000 orders, risk control included, journal and network not; 82 % of them move an order,",
        "6 % trade. Latency there is 1.5 µs at the median, 42 µs at 99 % and 190 µs at worst; at 1,000,000 a",
        "second 0.5, 4 and 45 µs. Hardware: one of two Intel Xeon X5690 (6 cores, 3.47 GHz), isolated and",
        "tickless, RHEL 7.5, Java 8u192. liquibook (C++; the README of github.com/enewhuis/liquibook at",
        "055efa4) states 2,000,000 to 2,500,000 inserts a second, matching alone, and names no hardware.",
    )


def circomlibjs_section(figures: CircomlibjsFigures) -> Iterator[str]:
    rows = (
        (f"circomlibjs {figures.version}", figures.circomlibjs),
        ("ours, one call each", figures.one_by_one),
        ("ours, `verify_many`", figures.at_once),
    )
    yield "## Signatures beside circomlibjs\n"
    yield paragraph(
        f"The same {figures.signatures} signatures of our signer, verified in a process each that has one",
        "thread for it. circomlibjs does not count what reading them into its field elements takes.",
    )
    yield from table(
        ("a second of processor time", "median", "slowest", "fastest", "times circomlibjs"),
        ((*rate_row(name, rate), _times(rate, figures.circomlibjs)) for name, rate in rows),
    )


def _times(rate: Rate, other: Rate) -> str:
    return f"{rate.median / other.median:.2f}"
