"""Whatever the prover says of a micro-step of a liquidation, only what the engine does is accepted."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.order import Order
from tests.circuits.book.lies import Tables, with_lies
from tests.circuits.harness import CircuitTester
from tests.circuits.step.micro_steps import ACCOUNTS, ROWS, trade_code
from tests.circuits.step.scenarios import buy, liquidate, owing, resting, then, unwind, unwound
from tests.circuits.step.test_step_lies import NOTHING_SELECTED, Told, only
from tests.strategies import MARK

FUND, ALICE, BOB = range(ACCOUNTS)
NONE = [0] * ACCOUNTS


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("Step", (ACCOUNTS, ROWS))


@pytest.fixture(scope="module")
def fills(circuit: CircuitTester) -> Told:
    """Three of alice's lots go to bob, with a fee to the fund; the other steps are idle."""
    return Told(circuit, liquidate(3), "bob 9 @ 1000 |", **owing(300, fee_ppm=5_001))


@pytest.fixture(scope="module")
def taken(circuit: CircuitTester) -> Told:
    """Bob takes one lot, asks too much for another, and the fund takes three; the other steps are idle."""
    return Told(circuit, liquidate(4), "bob 1 @ 1000 |\nbob 1 @ 900 |", **owing(101))


@pytest.fixture(scope="module")
def refused(circuit: CircuitTester) -> Told:
    """The fund has no room for the lots that nobody takes."""
    return Told(circuit, liquidate(10), **owing(0, fund=991))


@pytest.fixture(scope="module")
def unwinds(circuit: CircuitTester) -> Told:
    """The fund, which has no means, sells two lots to bob, then wants to sell another."""
    fund = owing(900, fund=9, fee_ppm=5_000, fund_collateral=-99_999)
    return Told(circuit, then(unwind(2), unwind(1)), "bob 9 @ 1000 |", **fund)


@pytest.fixture(scope="module")
def cancels(circuit: CircuitTester) -> Told:
    """Alice is below her maintenance margin with an order in the book."""
    order: Order = resting("alice", Side.SELL, 1, 1005)
    return Told(circuit, liquidate(1), **owing(499), orders=[order])


def funds_step(told: Told) -> Tables:
    return next(step for step in told.steps if step["before"]["fundNext"])


def test_the_funds_step_is_the_one_after_the_book_is_exhausted(taken: Told, refused: Told) -> None:
    assert [step["before"]["fundNext"] for step in taken.steps[:4]] == [0, 0, 1, 0]
    assert [step["before"]["carried"] for step in taken.steps[:4]] == [0, 3, 3, 0]
    assert [step["before"]["fundNext"] for step in refused.steps[:3]] == [0, 1, 0]


@pytest.mark.parametrize("error", [1, -1, 2, 1 << 40, 1 << 64])
def test_the_fund_pays_what_it_must(circuit: CircuitTester, taken: Told, refused: Told, error: int) -> None:
    for told in (taken, refused):
        step = funds_step(told)
        assert circuit.rejects(step | {"quote": (step["quote"] + error) % c.FIELD_MODULUS})


def test_only_the_fund_has_a_quote(circuit: CircuitTester, taken: Told, fills: Told) -> None:
    for step in (*taken.steps[:2], taken.steps[-1], fills.steps[0], fills.steps[-1]):
        assert step["quote"] == 0
        for quote in (1, c.FIELD_MODULUS - 1):
            assert circuit.rejects(step | {"quote": quote})


@pytest.mark.parametrize("share", [1, 500_000, 999_999])
def test_no_fee_is_made_up_for_by_the_quote(circuit: CircuitTester, taken: Told, share: int) -> None:
    # Alice gets the quote less her fee, the fund pays it and its own: fractions would leave no trace.
    step, fraction = funds_step(taken), pow(c.PPM_UNIT, -1, c.FIELD_MODULUS)
    fees = {
        "takerFee": share * fraction % c.FIELD_MODULUS,
        "makerFee": (c.PPM_UNIT - share) * fraction % c.FIELD_MODULUS,
    }
    quote = (step["quote"] + fees["takerFee"]) % c.FIELD_MODULUS
    assert circuit.rejects(step | {"quote": quote} | fees)
    for name, fee in fees.items():
        assert circuit.rejects(step | {name: fee})
        assert circuit.rejects(step | {name: 1})


@pytest.mark.parametrize("slots", [(), (ALICE,), (BOB,), (FUND, ALICE), (ALICE, BOB)], ids=str)
def test_the_maker_of_the_funds_step_is_the_fund(
    circuit: CircuitTester, taken: Told, refused: Told, slots: tuple[int, ...]
) -> None:
    for told in (taken, refused):
        assert circuit.rejects(funds_step(told) | {"ownerSlot": only(ACCOUNTS, *slots)})
        assert circuit.rejects(funds_step(told) | {"takerSlot": only(ACCOUNTS, *slots)}) or slots == (ALICE,)


def test_the_fund_looks_at_no_row(circuit: CircuitTester, taken: Told) -> None:
    step, before = funds_step(taken), taken.steps[1]
    for hints in (("selector", "seen"), ("selector", "seen", "ownerSlot")):
        assert circuit.rejects(step | {name: before[name] for name in hints})
    for row in range(ROWS):
        assert circuit.rejects(step | {"selector": only(ROWS, row)})


def test_the_fund_cannot_be_passed_over(circuit: CircuitTester, taken: Told) -> None:
    step = funds_step(taken)
    idle = NOTHING_SELECTED | {"quote": 0, "ownerSlot": NONE}
    assert circuit.rejects(step | idle)
    assert circuit.rejects(step | idle | {"takerSlot": NONE})
    assert circuit.rejects(step | {"take": 1})
    # Nor does the book get a second look.
    again = taken.steps[1] | {"before": step["before"]}
    assert circuit.rejects(again)
    assert circuit.accepts(with_lies(again, {"before.fundNext": 0}))


def test_a_book_that_is_not_exhausted_is_not_passed_over(circuit: CircuitTester, fills: Told) -> None:
    told = fills.steps[0]
    assert circuit.rejects(told | NOTHING_SELECTED)
    assert circuit.rejects(told | NOTHING_SELECTED | {"ownerSlot": told["takerSlot"]})
    for signal in ("after.fundNext", "takerMargin.exhausted", "takerMargin.priced"):
        assert not circuit.accepts_witness_with(told, {f"main.{signal}": 12_345})


@pytest.mark.parametrize("name", ["takerFee", "makerFee"])
def test_the_fee_of_a_liquidation_is_the_markets(circuit: CircuitTester, fills: Told, name: str) -> None:
    told = fills.steps[0]
    assert told["takerFee"] == 16
    for error in (-1, 1):
        assert circuit.rejects(told | {name: (told[name] + error) % c.FIELD_MODULUS})
    assert circuit.rejects(told | {"takerFee": 0})


def test_a_liquidation_needs_the_funds_slot(
    circuit: CircuitTester, fills: Told, cancels: Told, unwinds: Told
) -> None:
    """For its fee, and because it shows the fund, whatever becomes of it."""
    for told in (fills, cancels, unwinds):
        for step in told.steps:
            assert circuit.accepts(step)
            assert circuit.rejects(with_lies(step, {"context.isFund": NONE}))


def test_what_nobody_signs_shows_the_fund_even_when_it_is_dropped(circuit: CircuitTester) -> None:
    """One with another word is a message of kind 3 and no more."""
    for act, needed in ((liquidate(0), True), (liquidate(3, max_fee_ppm=1), False)):
        told = Told(circuit, act, "bob 9 @ 1000 |", **owing(300)).steps[0]
        without = with_lies(told, {"context.isFund": NONE})
        assert circuit.accepts(told)
        assert circuit.rejects(without) == needed
        assert circuit.accepts(without) != needed


def test_the_fee_of_a_liquidation_is_the_funds(circuit: CircuitTester, fills: Told) -> None:
    honest = circuit.witness(fills.steps[0])
    before, fees = fills.steps[0]["before"], fills.steps[0]["takerFee"]
    assert honest["after.feePool"] == before["feePool"]
    assert honest["after.collateral"][FUND] == before["collateral"][FUND] + fees  # type: ignore[index]


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize(
    "lie", [{"kind": 0}, {"maxFee": 1}, {"nonce": 1}, {"target": 1}, {"price": 1}], ids=str
)
def test_a_liquidation_goes_on_as_it_began(
    circuit: CircuitTester, taken: Told, step: int, lie: Tables
) -> None:
    told = taken.steps[1 + step]
    assert circuit.rejects(told | {"message": told["message"] | lie})


def test_orders_are_cancelled_before_anything_is_sold(circuit: CircuitTester, cancels: Told) -> None:
    told = cancels.steps[0]
    assert circuit.accepts(told)
    after = circuit.witness(told)
    assert after["after.openNotional"][ALICE] == 0  # type: ignore[index]
    assert after["after.deadBelow"][ALICE] == told["before"]["sequence"]  # type: ignore[index]
    for signal in ("withoutOrders", "reducing", "cancelling", "forcedCancel", "cancelAll"):
        for value in (0, 1):
            honest = {"withoutOrders": 0, "reducing": 0}.get(signal, 1)
            if value != honest:
                assert not circuit.accepts_witness_with(told, {f"main.{signal}": value})


def test_a_healthy_accounts_orders_stay(circuit: CircuitTester) -> None:
    order = resting("alice", Side.SELL, 1, 1005)
    told = Told(circuit, liquidate(1), **owing(500), orders=[order]).steps[0]
    after = circuit.witness(told)
    assert after["after.openNotional"] == told["before"]["openNotional"]
    assert after["after.deadBelow"] == told["before"]["deadBelow"]
    assert not circuit.accepts_witness_with(told, {"main.forcedCancel": 1})


SIGNALS = [
    "met",
    "handed",
    "ruledPpm",
    "takerRate",
    "makerRate",
    "notional",
    "takerAble",
    "takerOk",
    "makerAble",
]
SIGNALS += [
    "makerOk",
    "taken",
    "moved",
    "takeover",
    "undue",
    "cleared",
    "removal",
    "left",
    "movedLots",
    "bought",
]
SIGNALS += [
    "fundFees",
    "fees",
    "byRule",
    "unwinding",
    "unwinds",
    "entering",
    "isThird",
    "quantity",
    "makerMargin",
]
SIGNALS += ["owner.key", "after.turns"]


@pytest.mark.parametrize("signal", SIGNALS)
def test_nothing_on_the_way_can_be_lied_about(
    circuit: CircuitTester, fills: Told, taken: Told, refused: Told, unwinds: Told, signal: str
) -> None:
    steps = (fills.steps[0], taken.steps[1], funds_step(taken), funds_step(refused), *unwinds.steps[:2])
    for told in steps:
        assert not circuit.accepts_witness_with(told, {f"main.{signal}": 123_456_789})


def test_a_liquidation_names_one_account(circuit: CircuitTester, taken: Told) -> None:
    told = taken.steps[0]
    assert circuit.rejects(told | {"message": told["message"] | {"account": 2}})


def test_the_fund_unwinds_once_a_batch(circuit: CircuitTester, unwinds: Told) -> None:
    first, second = unwinds.steps[:2]
    assert (first["before"]["turns"], second["before"]["turns"]) == (1, 0)
    assert circuit.rejects(with_lies(first, {"before.turns": 0}))
    again = first | {name: second[name] for name in ("before", "message")}
    assert circuit.accepts(second)
    assert circuit.rejects(again)
    seen = again["seen"] | {"remaining": second["before"]["remaining"][again["selector"].index(1)]}
    assert circuit.rejects(again | {"seen": seen})
    assert circuit.accepts(with_lies(again | {"seen": seen}, {"before.turns": 1}) | {"takerFee": 5})


def test_a_forced_turn_is_one_more(circuit: CircuitTester, unwinds: Told, fills: Told) -> None:
    """An unwinding takes one of two turns; what is none takes none."""
    first = unwinds.steps[0]
    for turns in (1, 2):
        told = with_lies(first, {"before.turns": turns})
        assert circuit.accepts(told)
        assert circuit.witness(told)["after.turns"] == turns - 1
        for lie in {0, turns, turns + 1} - {turns - 1}:
            assert not circuit.accepts_witness_with(told, {"main.after.turns": lie})
        other = with_lies(fills.steps[0], {"before.turns": turns})
        assert circuit.witness(other)["after.turns"] == turns
        assert not circuit.accepts_witness_with(other, {"main.after.turns": turns - 1})


def test_only_the_fund_trades_without_means(circuit: CircuitTester, unwinds: Told) -> None:
    # Liquidated, the fund would be judged as any account; as an account its message would be no unwinding.
    told = unwinds.steps[0]
    assert circuit.witness(told)["after.position"][FUND][0] == 7  # type: ignore[index]
    for lie in ({"main.unwinding": 0}, {"main.takerAble": 0}, {"main.byRule": 0}):
        assert not circuit.accepts_witness_with(told, lie)
    assert circuit.rejects(with_lies(told, {"message.account": 1, "takerSlot": only(ACCOUNTS, ALICE)}))


def test_the_fund_pays_its_fee_to_itself(circuit: CircuitTester, unwinds: Told) -> None:
    told = unwinds.steps[0]
    after, before = circuit.witness(told), told["before"]
    assert told["takerFee"] == 10
    paid = (after["after.collateral"][FUND] - before["collateral"][FUND]) % c.FIELD_MODULUS  # type: ignore[index]
    assert paid == 2_000
    assert after["after.feePool"] == before["feePool"]


# ---- The fund's last trade.


def in_slot(setting: dict[str, Any], slot: int) -> dict[str, Any]:
    """The same positions, in a market behind others that are like it."""
    (market,) = setting["markets"]
    accounts = {
        name: terms | {"positions": tuple(terms["positions"][place - slot] for place in range(c.MARKETS))}
        for name, terms in setting["accounts"].items()
    }
    others = (replace(market, open_interest=0),) * slot
    return setting | {"accounts": accounts, "markets": (*others, market)}


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_a_takeover_is_the_funds_last_trade(circuit: CircuitTester, slot: int, side: Side) -> None:
    setting = in_slot(owing(-9, side), slot)
    told = Told(circuit, liquidate(4, side, market=slot), **setting)
    first, second, third = (step["before"]["fundTrade"] for step in told.steps[:3])
    assert (first, second, third) == (0, 0, trade_code(slot, side))
    step = funds_step(told)
    assert circuit.accepts(step)
    for lie in (0, trade_code(slot, 1 - side), trade_code(slot ^ 1, side), third - 8):
        assert not circuit.accepts_witness_with(step, {"main.after.fundTrade": lie})


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_a_fill_of_an_unwinding_is_the_funds_last_trade(
    circuit: CircuitTester, slot: int, side: Side
) -> None:
    setting = in_slot(owing(900, fund=9 if side == Side.SELL else -9, fee_ppm=5_000), slot)
    told = Told(
        circuit,
        unwind(2, side=side, market=slot),
        "",
        **setting,
        orders=[replace(resting("bob", Side(1 - side), 9, MARK), market=slot)],
    )
    step, code = told.steps[0], trade_code(slot, side)
    assert circuit.witness(step)["after.fundTrade"] == code
    assert circuit.witness(with_lies(step, {"before.fundTrade": 15 - code}))["after.fundTrade"] == code
    for lie in ({}, {"main.fundFills": 0}):
        assert not circuit.accepts_witness_with(step, lie | {"main.after.fundTrade": 0})


@pytest.fixture(scope="module")
def others(circuit: CircuitTester, fills: Told, refused: Told, unwinds: Told, cancels: Told) -> list[Tables]:
    """Steps in which the fund does not trade, or not by rule."""
    nobody = Told(circuit, unwind(2), "bob 9 @ 999 |", **unwound())
    stale = Told(circuit, unwind(2), orders=[resting("bob", Side.BUY, 9, MARK, expiry=1)], **unwound())
    order = Told(circuit, buy(5, 1001), "| bob 5 @ 1001")
    steps = [
        fills.steps[0],
        funds_step(refused),
        unwinds.steps[1],
        cancels.steps[0],
        nobody.steps[0],
        stale.steps[0],
        order.steps[0],
    ]
    return [*steps, *(told.steps[-1] for told in (fills, refused, order))]


@pytest.mark.parametrize("code", [0, 8, 15])
def test_no_other_step_is_a_trade_of_the_fund(
    circuit: CircuitTester, others: list[Tables], code: int
) -> None:
    """Neither a bidder's fill, nor lots that the fund refuses, nor a turn without a fill, nor an order."""
    for step in others:
        told = with_lies(step, {"before.fundTrade": code})
        assert circuit.accepts(told)
        assert circuit.witness(told)["after.fundTrade"] == code
        for other in {0, 8, 9, 15} - {code}:
            assert not circuit.accepts_witness_with(told, {"main.after.fundTrade": other})
            lie = {"main.fundFills": 1, "main.after.fundTrade": other}
            assert not circuit.accepts_witness_with(told, lie)
