"""Whatever the prover says of a micro-step, only what the engine does is accepted."""

from typing import Any

import pytest

from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.message import Message
from tests.circuits.book.case import NO_FIELDS, row_word
from tests.circuits.book.lies import Tables, with_lies
from tests.circuits.harness import CircuitTester
from tests.circuits.step.micro_steps import ACCOUNTS, ROWS, OpenBatch, fields_of, message_bus, walk
from tests.circuits.step.scenarios import PAYING, Act, buy, cancel_of, then
from tests.engine.venue import ENGINE, PLAIN, Setting

ALICE, BOB, CAROL = range(ACCOUNTS)
NOBODY = [0] * ACCOUNTS
NO_ROW = [0] * ROWS
# Asks stand in the second half: bob's, then carol's, then the sentinel.
BOBS, CAROLS, SENTINEL, FREE_ROW = range(ROWS // 2, ROWS // 2 + 4)
TWO_ASKS = "| bob 5 @ 1001\n| carol 5 @ 1002"
HEADLESS: Tables = {"seen": {name: 0 for name in NO_FIELDS if name != "market"}}
NOTHING_SELECTED: Tables = {**HEADLESS, "selector": NO_ROW, "makerSlot": NOBODY, "takerFee": 0, "makerFee": 0}


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("Step", (ACCOUNTS, ROWS))


class Told:
    """The micro-steps of one batch, and its rows."""

    def __init__(self, circuit: CircuitTester, act: Act, book: str = TWO_ASKS, **setting: Any) -> None:
        batch = OpenBatch(Setting(ENGINE)(book, **setting))
        act(batch.venue)
        self.tables = batch.seal().inputs
        self.steps = walk(circuit, self.tables)

    def looking_at(self, row: int, maker: int | None) -> Tables:
        """The hints of a step whose head is this row, and which meets this maker."""
        return looking_at(row, fields_of(self.tables, row), maker)


def looking_at(row: int, fields: Tables, maker: int | None) -> Tables:
    seen = {name: value for name, value in fields.items() if name != "market"}
    return {"selector": only(ROWS, row), "seen": seen, "makerSlot": only(ACCOUNTS, maker)}


def only(count: int, *places: int | None) -> list[int]:
    return [int(place in places) for place in range(count)]


@pytest.fixture(scope="module")
def fills(circuit: CircuitTester) -> Told:
    """Alice takes bob's 5 lots, then 2 of carol's, with a nonce new to all; the other steps are idle."""
    return Told(circuit, buy(7, 1002, ioc=True, nonce=9))


@pytest.fixture(scope="module")
def paid(circuit: CircuitTester) -> Told:
    return Told(circuit, buy(7, 1002), tiers=PAYING)


@pytest.fixture(scope="module")
def rest(circuit: CircuitTester) -> Told:
    return Told(circuit, buy(5, 990))


@pytest.fixture(scope="module")
def cancel(circuit: CircuitTester) -> Told:
    return Told(circuit, cancel_of("bob", 1))


# ---- The message.


def test_a_step_takes_one_message_or_none(circuit: CircuitTester, fills: Told) -> None:
    # Twice a message of bob, whom the sum of two slots stands for: two sequences for one place in the log.
    stale = Message(2, key_epoch=0, nonce=1)
    idle = with_lies(
        fills.steps[-1], {"before.messageWords": list(stale.words()), "message": message_bus(stale)}
    )
    assert circuit.accepts(idle)
    assert circuit.accepts(idle | {"take": 1, "takerSlot": only(ACCOUNTS, BOB)})
    assert circuit.rejects(idle | {"take": 2, "takerSlot": only(ACCOUNTS, ALICE, CAROL)})


def test_no_message_is_taken_while_an_order_is_carried(circuit: CircuitTester, fills: Told) -> None:
    # A message of bob that nobody signed would end alice's order.
    stale = Message(2, key_epoch=0, nonce=1, ioc=True, price=1)
    lies = {
        "take": 1,
        "message": message_bus(stale),
        "takerSlot": only(ACCOUNTS, ALICE, CAROL),
        "makerSlot": NOBODY,
    }
    assert fills.steps[1]["before"]["carried"] == 2
    assert circuit.rejects(fills.steps[1] | lies)
    assert circuit.rejects(fills.steps[1] | lies | {"takerSlot": only(ACCOUNTS, BOB)})


@pytest.mark.parametrize("lie", [{"postOnly": 1}, {"reduceOnly": 1}, {"price": 1003}, {"target": 1}], ids=str)
def test_an_order_goes_on_as_it_was_signed(circuit: CircuitTester, fills: Told, lie: Tables) -> None:
    told = fills.steps[1]
    assert circuit.rejects(told | {"message": told["message"] | lie})


def test_an_idle_step_takes_no_message(circuit: CircuitTester, fills: Told) -> None:
    idle = fills.steps[-1]
    assert circuit.rejects(with_lies(idle, {"message.nonce": idle["message"]["nonce"] + 1}))
    assert circuit.rejects(idle | {"takerSlot": only(ACCOUNTS, ALICE)})


@pytest.mark.parametrize("slots", [(), (BOB,), (CAROL,), (ALICE, BOB)], ids=str)
def test_the_taker_is_the_account_of_the_message(
    circuit: CircuitTester, fills: Told, slots: tuple[int, ...]
) -> None:
    for step in (0, 1):
        assert circuit.rejects(fills.steps[step] | {"takerSlot": only(ACCOUNTS, *slots)})


def test_two_accounts_do_not_add_up_to_a_taker(circuit: CircuitTester) -> None:
    # Alice's id and bob's add up to carol's, their key epochs to none of hers: her order would be dropped.
    told = Told(circuit, buy(3, 1001, "carol"), "| bob 5 @ 1001").steps[0]
    told = with_lies(told, {"context.accountId": [1, 2, 3], "context.keyEpoch": [1, 1, 1]})
    slots = [told["takerSlot"], told["makerSlot"]]
    assert slots == [[0, 1, 0], [1, 0, 0]]
    three = with_lies(told, {"takerSlot": only(ACCOUNTS, CAROL), "makerSlot": only(ACCOUNTS, BOB)})
    assert circuit.accepts(three)
    assert circuit.rejects(three | NOTHING_SELECTED | {"takerSlot": only(ACCOUNTS, ALICE, BOB)})


# ---- The head.


def test_the_head_cannot_be_skipped(circuit: CircuitTester, fills: Told) -> None:
    assert circuit.accepts(fills.steps[0] | fills.looking_at(BOBS, BOB))
    assert circuit.rejects(fills.steps[0] | fills.looking_at(CAROLS, CAROL))
    assert circuit.rejects(fills.steps[0] | fills.looking_at(SENTINEL, None))


def test_an_emptied_order_is_no_head(circuit: CircuitTester, fills: Told) -> None:
    assert circuit.accepts(fills.steps[1] | fills.looking_at(CAROLS, CAROL))
    assert circuit.rejects(fills.steps[1] | fills.looking_at(BOBS, BOB))


def test_a_head_is_looked_at(circuit: CircuitTester, fills: Told) -> None:
    assert circuit.rejects(fills.steps[0] | NOTHING_SELECTED)


def test_an_order_behind_the_sentinel_is_no_head(circuit: CircuitTester, fills: Told) -> None:
    behind = with_lies(
        fills.steps[1],
        {f"context.rows.word.{CAROLS}": word(fills, SENTINEL), f"before.remaining.{CAROLS}": 1},
    )
    lies = {f"context.rows.word.{SENTINEL}": word(fills, CAROLS), f"before.remaining.{SENTINEL}": 5}
    behind = with_lies(behind, lies)
    fields = fields_of(fills.tables, CAROLS)
    assert circuit.rejects(behind | looking_at(SENTINEL, fields, CAROL))


def test_the_sentinel_does_not_trade(circuit: CircuitTester, fills: Told) -> None:
    fields = fields_of(fills.tables, CAROLS) | {"sentinel": 1, "sequence": 0}
    lies = {f"context.rows.word.{CAROLS}": row_word(fields), f"before.remaining.{CAROLS}": 1}
    within = with_lies(fills.steps[1], lies) | looking_at(CAROLS, fields, CAROL)
    assert circuit.rejects(within)
    beyond = fields | {"rank": 1003}
    lies = {f"context.rows.word.{CAROLS}": row_word(beyond)}
    assert circuit.accepts(with_lies(within, lies) | looking_at(CAROLS, beyond, None))


def test_the_head_is_of_the_market_of_the_order(circuit: CircuitTester) -> None:
    told = Told(
        circuit,
        then(buy(5, 1001, ioc=True), buy(1, 900, market=1, ioc=True)),
        "| bob 5 @ 1001",
        markets=(PLAIN, PLAIN),
    )
    other = SENTINEL
    assert fields_of(told.tables, other)["market"] == 1
    assert circuit.rejects(told.steps[0] | told.looking_at(other, None))


def test_an_unused_row_is_no_head(circuit: CircuitTester, fills: Told) -> None:
    told = with_lies(fills.steps[1], {"before.remaining": only(ROWS, FREE_ROW)})
    assert circuit.rejects(told | looking_at(FREE_ROW, NO_FIELDS | {"rank": 1003}, None))
    assert circuit.rejects(told | looking_at(FREE_ROW, NO_FIELDS, None))


@pytest.mark.parametrize("name", [name for name in NO_FIELDS if name != "market"])
def test_the_fields_of_the_head_are_those_of_its_row(circuit: CircuitTester, fills: Told, name: str) -> None:
    told = fills.steps[0]
    assert circuit.rejects(with_lies(told, {f"seen.{name}": told["seen"][name] ^ 1}))


def test_a_rank_does_not_borrow_from_the_sequence(circuit: CircuitTester, fills: Told) -> None:
    # The same word, read as a worse price of an older order: bob would not cross.
    told = fills.steps[0]
    worse = {"seen.rank": told["seen"]["rank"] + (1 << c.RANK_BITS), "seen.sequence": 0}
    assert told["seen"]["sequence"] == 1
    assert circuit.rejects(with_lies(told, worse | {"makerSlot": NOBODY}))


def test_an_idle_step_selects_no_row(circuit: CircuitTester, fills: Told) -> None:
    idle = fills.steps[-1]
    assert circuit.rejects(idle | fills.looking_at(CAROLS, None))
    assert circuit.rejects(idle | {"selector": only(ROWS, 0)})


# ---- The maker and the fees.


@pytest.mark.parametrize("slots", [(), (ALICE,), (BOB,), (ALICE, BOB)], ids=str)
def test_the_maker_is_the_account_of_the_head(
    circuit: CircuitTester, fills: Told, slots: tuple[int, ...]
) -> None:
    # The ids of alice and bob add up to carol's.
    assert circuit.rejects(fills.steps[1] | {"makerSlot": only(ACCOUNTS, *slots)})


def test_an_order_that_does_not_cross_meets_no_maker(circuit: CircuitTester, rest: Told) -> None:
    assert rest.steps[0]["makerSlot"] == NOBODY
    for slot in range(ACCOUNTS):
        assert circuit.rejects(rest.steps[0] | {"makerSlot": only(ACCOUNTS, slot)})


@pytest.mark.parametrize("party", ["takerFee", "makerFee"])
@pytest.mark.parametrize("step", [0, 1])
def test_a_fee_is_not_off_by_one(circuit: CircuitTester, paid: Told, party: str, step: int) -> None:
    told = paid.steps[step]
    for error in (-1, 1):
        assert circuit.rejects(told | {party: (told[party] + error) % c.FIELD_MODULUS})


@pytest.mark.parametrize("party", ["takerFee", "makerFee"])
def test_nobody_pays_where_nobody_is_judged(circuit: CircuitTester, fills: Told, party: str) -> None:
    for step in (0, -1):
        assert fills.steps[step][party] == 0
        assert circuit.rejects(fills.steps[step] | {party: 1})


# ---- Rows of its own side.


def own_row(told: Told) -> int:
    return next(row for row, flag in enumerate(told.steps[0]["selector"]) if flag and row < ROWS // 2)


@pytest.mark.parametrize("name", NO_FIELDS)
def test_an_order_rests_in_the_row_of_its_message(circuit: CircuitTester, rest: Told, name: str) -> None:
    row = own_row(rest)
    fields = fields_of(rest.tables, row)
    other = row_word(fields | {name: fields[name] ^ 1})
    assert circuit.rejects(with_lies(rest.steps[0], {f"context.rows.word.{row}": other}))


def test_an_order_that_may_rest_does(circuit: CircuitTester, rest: Told) -> None:
    assert circuit.rejects(with_lies(rest.steps[0], {f"selector.{own_row(rest)}": 0}))


def test_an_order_rests_once(circuit: CircuitTester, rest: Told) -> None:
    # A row of market 0 whose fields are all 0 adds nothing to the word.
    twice = {"context.rows.word.5": 0, "selector.5": 1}
    assert circuit.accepts(with_lies(rest.steps[0], {"context.rows.word.5": 0}))
    assert circuit.rejects(with_lies(rest.steps[0], twice))


def test_an_order_that_is_dropped_does_not_rest(circuit: CircuitTester) -> None:
    poor = {"alice": {"collateral": 494}}
    told = Told(circuit, then(buy(4, 990), buy(1, 990)), accounts=poor)
    assert circuit.rejects(with_lies(told.steps[1], {f"selector.{own_row(told)}": 1}))


def cancelled(told: Told) -> tuple[int, Tables]:
    row = told.steps[0]["selector"].index(1)
    return row, fields_of(told.tables, row)


@pytest.mark.parametrize(
    "change", [{"rank": 1002}, {"rank": 1000}, {"sequence": 2}, {"sequence": 0}], ids=str
)
def test_a_cancel_finds_the_order_that_it_names(
    circuit: CircuitTester, cancel: Told, change: dict[str, int]
) -> None:
    # Another row, in which nothing rests: bob's cancel would come to nothing.
    fields = cancelled(cancel)[1] | change
    told = with_lies(cancel.steps[0], {f"context.rows.word.{ROWS - 1}": row_word(fields)})
    assert circuit.accepts(told)
    assert circuit.rejects(told | looking_at(ROWS - 1, fields, None))


def test_a_cancel_does_not_remove_the_sentinel(circuit: CircuitTester, cancel: Told) -> None:
    fields = cancelled(cancel)[1] | {"sentinel": 1}
    lies = {f"context.rows.word.{ROWS - 1}": row_word(fields), f"before.remaining.{ROWS - 1}": 1}
    told = with_lies(cancel.steps[0], lies)
    assert circuit.accepts(told)
    assert circuit.rejects(told | looking_at(ROWS - 1, fields, None))


def test_a_cancel_removes_one_order(circuit: CircuitTester, cancel: Told) -> None:
    lies = {f"context.rows.word.{ROWS - 1}": 0, f"before.remaining.{ROWS - 1}": 3}
    told = with_lies(cancel.steps[0], lies)
    assert circuit.accepts(told)
    assert circuit.rejects(with_lies(told, {f"selector.{ROWS - 1}": 1}))
    assert circuit.rejects(told | NOTHING_SELECTED)


def test_a_cancel_of_price_and_target_zero_names_a_row(circuit: CircuitTester, cancel: Told) -> None:
    # A buyer's cancel at the highest price: its rank and sequence are those of no row at all.
    nowhere = {"message.side": int(Side.BUY), "message.price": c.RANK_MAX, "message.target": 0}
    told = with_lies(cancel.steps[0], nowhere)
    row = {"context.rows.word.5": row_word(NO_FIELDS)}
    assert circuit.accepts(with_lies(told, row) | looking_at(5, NO_FIELDS, None))
    assert circuit.rejects(told | NOTHING_SELECTED)


def test_a_cancel_reads_its_own_side_only(circuit: CircuitTester, cancel: Told) -> None:
    row, fields = cancelled(cancel)
    other_side = {f"context.rows.word.{row - ROWS // 2}": row_word(fields)}
    told = with_lies(cancel.steps[0], other_side)
    assert circuit.rejects(told | looking_at(row - ROWS // 2, fields, None))


# ---- What it leaves.


@pytest.mark.parametrize(
    "signal",
    [
        "sequence",
        "messageWords[0]",
        "carried",
        "outcomes",
        f"remaining[{BOBS}]",
        "collateral[0]",
        "collateral[1]",
        "position[0][0]",
        "position[1][3]",
        "initial[1]",
        "maintenance[0]",
        "openNotional[1]",
        "orders[1]",
        "nonce[0]",
        "deadBelow[0]",
        "sideOrders[0][1]",
        "openSize[0]",
        "feePool",
    ],
)
def test_what_a_step_leaves_cannot_be_lied_about(circuit: CircuitTester, paid: Told, signal: str) -> None:
    assert not circuit.accepts_witness_with(paid.steps[0], {f"main.after.{signal}": 12345})


def word(told: Told, row: int) -> int:
    return row_word(fields_of(told.tables, row))
