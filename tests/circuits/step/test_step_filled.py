"""A fill counts in its market, at its price; nothing else that a micro-step does counts as one."""

from typing import Any

import pytest

from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.order import Order
from tests.circuits.book.lies import Tables, with_lies
from tests.circuits.harness import CircuitTester
from tests.circuits.step.micro_steps import ACCOUNTS, ROWS
from tests.circuits.step.scenarios import (
    Act,
    buy,
    cancel_of,
    liquidate,
    owing,
    resting,
    sell,
    unwind,
    unwound,
)
from tests.circuits.step.test_step_lies import Told
from tests.engine.venue import PLAIN
from tests.strategies import MARK

NOTHING = [0] * c.MARKETS
STOOD = {"before.filledLots": [11, 12, 13, 14], "before.filledCost": [101, 102, 103, 104]}
"""What earlier steps of the batch may have left."""


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("Step", (ACCOUNTS, ROWS))


def counted(circuit: CircuitTester, step: Tables) -> tuple[list[int], list[int]]:
    """The lots and the cost that a step adds in each market, whatever stood there before."""
    told = with_lies(step, STOOD)
    assert circuit.accepts(told)
    after: Any = circuit.witness(told)
    return tuple(  # type: ignore[return-value]
        [new - old for new, old in zip(after[f"after.{name}"], STOOD[f"before.{name}"], strict=True)]
        for name in ("filledLots", "filledCost")
    )


def in_market(market: int, value: int) -> list[int]:
    return [value if slot == market else 0 for slot in range(c.MARKETS)]


def book_in(market: int, *terms: tuple[Side, int, int]) -> list[Order]:
    return [
        resting("bob", side, size, price, place, market=market)
        for place, (side, size, price) in enumerate(terms, start=1)
    ]


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("market", range(c.MARKETS))
def test_a_fill_counts_in_its_market_at_the_makers_price(
    circuit: CircuitTester, market: int, side: Side
) -> None:
    """The limit is another one, and so is what the order has left."""
    limit, price = (1_009, 1_007) if side == Side.BUY else (991, 993)
    act = (buy if side == Side.BUY else sell)(9, limit, market=market)
    orders = book_in(market, (Side(1 - side), 4, price), (Side(1 - side), 3, limit))
    told = Told(circuit, act, "", markets=(PLAIN,) * c.MARKETS, orders=orders)
    first, second, rest = (counted(circuit, step) for step in told.steps[:3])
    assert first == (in_market(market, 4), in_market(market, 4 * price))
    assert second == (in_market(market, 3), in_market(market, 3 * limit))
    assert rest == (NOTHING, NOTHING)


def test_a_fill_counts_what_was_filled_of_its_maker(circuit: CircuitTester) -> None:
    told = Told(circuit, buy(3, 1_009), "| bob 8 @ 1007")
    assert counted(circuit, told.steps[0]) == (in_market(0, 3), in_market(0, 3_021))


def test_fills_of_liquidations_and_unwindings_count(circuit: CircuitTester) -> None:
    sold = Told(circuit, liquidate(3), "bob 9 @ 998 |", **owing(300))
    assert counted(circuit, sold.steps[0]) == (in_market(0, 3), in_market(0, 3 * 998))
    back = Told(circuit, unwind(2), "bob 9 @ 1000 |", **unwound())
    assert counted(circuit, back.steps[0]) == (in_market(0, 2), in_market(0, 2 * MARK))


ASK = "| bob 5 @ 1001"
TAKER_WITHOUT_MEANS: dict[str, Any] = {"accounts": {"alice": {"collateral": 504}}}
MAKER_WITHOUT_MEANS: dict[str, Any] = {
    "accounts": {"bob": {"collateral": 494}},
    "orders": book_in(0, (Side.SELL, 5, 1_001)),
}
OTHERS: dict[str, tuple[Act, str, dict[str, Any], int]] = {
    "the end of a book": (liquidate(4), "", owing(101), 0),
    "a takeover": (liquidate(4), "", owing(101), 1),
    "a refusal": (liquidate(10), "", owing(0, fund=991), 1),
    "a liquidation that is not due": (liquidate(1), "bob 9 @ 1000 |", owing(500), 0),
    "a maker without means": (buy(5, 1_001), "", MAKER_WITHOUT_MEANS, 0),
    "a stale maker": (buy(5, 1_001), "", {"orders": [resting("bob", Side.SELL, 5, 1_001, expiry=1)]}, 0),
    "a trade with oneself": (buy(5, 1_001, "bob"), ASK, {}, 0),
    "a taker without means": (buy(5, 1_001), ASK, TAKER_WITHOUT_MEANS, 0),
    "a cancel": (cancel_of("bob", 1), ASK, {}, 0),
    "an order that rests": (buy(5, 990), ASK, {}, 0),
    "an order of no market": (buy(5, 1_001, market=c.MARKETS), ASK, {}, 0),
    "an idle step": (buy(5, 1_001), ASK, {}, 1),
}


@pytest.mark.parametrize(("act", "book", "setting", "place"), OTHERS.values(), ids=OTHERS)
def test_nothing_else_counts_as_a_fill(
    circuit: CircuitTester, act: Act, book: str, setting: dict[str, Any], place: int
) -> None:
    """Neither what the insurance fund takes over or refuses, nor a maker that is removed."""
    step = Told(circuit, act, book, **setting).steps[place]
    assert counted(circuit, step) == (NOTHING, NOTHING)
    for lie in (
        {"main.after.filledLots[0]": 4},
        {"main.after.filledCost[0]": 4_000},
        {"main.filledCost": 4_000, "main.after.filledCost[0]": 4_000},
    ):
        assert not circuit.accepts_witness_with(step, lie)


@pytest.mark.parametrize(
    "lie",
    [
        {"after.filledLots[0]": 0},
        {"after.filledLots[0]": 4},
        {"after.filledCost[0]": 0},
        {"after.filledCost[0]": 5_045},
        {"filledCost": 0, "after.filledCost[0]": 0},
        {"filledCost": 5_045, "after.filledCost[0]": 5_045},
        {"after.filledLots[0]": 0, "after.filledLots[2]": 5},
        {"after.filledCost[0]": 0, "after.filledCost[2]": 5_005},
    ],
    ids=str,
)
def test_no_fill_can_be_lied_about(circuit: CircuitTester, lie: dict[str, int]) -> None:
    """Neither left out, nor at another price, nor in another market."""
    told = Told(circuit, buy(5, 1_009), "| bob 5 @ 1001").steps[0]
    assert counted(circuit, told) == (in_market(0, 5), in_market(0, 5_005))
    assert not circuit.accepts_witness_with(told, {f"main.{name}": value for name, value in lie.items()})
