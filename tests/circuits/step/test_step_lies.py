"""Whatever the prover says of a micro-step, only what the engine does is accepted."""

from itertools import pairwise
from typing import Any

import pytest

from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.message import Message
from tests.circuits.book.case import NO_FIELDS, row_word
from tests.circuits.book.lies import Tables, with_lies
from tests.circuits.harness import CircuitTester
from tests.circuits.step.micro_steps import ACCOUNTS, ROWS, OpenBatch, fields_of, message_bus, walk
from tests.circuits.step.scenarios import (
    A_UNIT,
    BOBS_BID,
    LARGE_ASK,
    PAYING,
    Act,
    buy,
    cancel_of,
    sell,
    settled,
    then,
    tiered,
)
from tests.engine.venue import ENGINE, PLAIN, Setting

ALICE, BOB, CAROL = range(ACCOUNTS)
NOBODY = [0] * ACCOUNTS
NO_ROW = [0] * ROWS
# Asks stand in the second half: bob's, then carol's, then the sentinel.
BOBS, CAROLS, SENTINEL, FREE_ROW = range(ROWS // 2, ROWS // 2 + 4)
TWO_ASKS = "| bob 5 @ 1001\n| carol 5 @ 1002"
SEEN = [*(name for name in NO_FIELDS if name != "market"), "remaining"]
HEADLESS: Tables = {"seen": dict.fromkeys(SEEN, 0)}
NOTHING_SELECTED: Tables = {**HEADLESS, "selector": NO_ROW, "ownBefore": 0, "takerFee": 0, "makerFee": 0}


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

    def looking_at(self, row: int, owner: int, step: int = 0) -> Tables:
        """The hints of a step whose head is this row, and which changes orders of this owner."""
        remaining = self.steps[step]["before"]["remaining"][row]
        return looking_at(row, fields_of(self.tables, row), remaining, owner)


def looking_at(row: int, fields: Tables, remaining: int, owner: int) -> Tables:
    seen = {name: value for name, value in fields.items() if name != "market"} | {"remaining": remaining}
    return {"selector": only(ROWS, row), "seen": seen, "ownerSlot": only(ACCOUNTS, owner)}


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
    bob = {"takerSlot": only(ACCOUNTS, BOB), "ownerSlot": only(ACCOUNTS, BOB)}
    assert circuit.accepts(idle | {"take": 1} | bob)
    for slots in (only(ACCOUNTS, ALICE, CAROL), [0, 2, 0]):
        assert circuit.rejects(idle | {"take": 2, "takerSlot": slots, "ownerSlot": slots})


def test_no_message_is_taken_while_an_order_is_carried(circuit: CircuitTester, fills: Told) -> None:
    # A message of bob that nobody signed would end alice's order.
    stale = Message(2, key_epoch=0, nonce=1, ioc=True, price=1)
    lies = {"take": 1, "message": message_bus(stale)}
    assert fills.steps[1]["before"]["carried"] == 2
    for slots in (only(ACCOUNTS, ALICE, CAROL), only(ACCOUNTS, BOB), [0, 2, 0]):
        assert circuit.rejects(fills.steps[1] | lies | {"takerSlot": slots, "ownerSlot": slots})


@pytest.mark.parametrize("lie", [{"postOnly": 1}, {"reduceOnly": 1}, {"price": 1003}, {"target": 1}], ids=str)
def test_an_order_goes_on_as_it_was_signed(circuit: CircuitTester, fills: Told, lie: Tables) -> None:
    told = fills.steps[1]
    assert circuit.rejects(told | {"message": told["message"] | lie})


def test_an_idle_step_takes_no_message(circuit: CircuitTester, fills: Told) -> None:
    idle = fills.steps[-1]
    assert circuit.rejects(with_lies(idle, {"message.nonce": idle["message"]["nonce"] + 1}))
    for name in ("takerSlot", "ownerSlot"):
        assert circuit.rejects(idle | {name: only(ACCOUNTS, ALICE)})
    assert circuit.rejects(idle | {name: only(ACCOUNTS, ALICE) for name in ("takerSlot", "ownerSlot")})


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
    slots = [told["takerSlot"], told["ownerSlot"]]
    assert slots == [[0, 1, 0], [1, 0, 0]]
    three = with_lies(told, {"takerSlot": only(ACCOUNTS, CAROL), "ownerSlot": only(ACCOUNTS, BOB)})
    assert circuit.accepts(three)
    for taker in (only(ACCOUNTS, ALICE, BOB), only(ACCOUNTS, CAROL)):
        for owner in (only(ACCOUNTS, ALICE, BOB), only(ACCOUNTS, CAROL)):
            assert circuit.rejects(three | NOTHING_SELECTED | {"takerSlot": taker, "ownerSlot": owner})


# ---- The head.


def test_the_head_cannot_be_skipped(circuit: CircuitTester, fills: Told) -> None:
    assert circuit.accepts(fills.steps[0] | fills.looking_at(BOBS, BOB))
    assert circuit.rejects(fills.steps[0] | fills.looking_at(CAROLS, CAROL))
    assert circuit.rejects(fills.steps[0] | fills.looking_at(SENTINEL, ALICE))


def test_an_emptied_order_is_no_head(circuit: CircuitTester, fills: Told) -> None:
    assert circuit.accepts(fills.steps[1] | fills.looking_at(CAROLS, CAROL, step=1))
    assert fills.looking_at(BOBS, BOB, step=1)["seen"]["remaining"] == 0
    assert circuit.rejects(fills.steps[1] | fills.looking_at(BOBS, BOB, step=1))
    assert circuit.rejects(fills.steps[1] | fills.looking_at(BOBS, BOB, step=0))


def test_a_head_is_looked_at(circuit: CircuitTester, fills: Told) -> None:
    assert circuit.rejects(fills.steps[0] | NOTHING_SELECTED)


def test_an_order_behind_the_sentinel_is_no_head(circuit: CircuitTester, fills: Told) -> None:
    behind = with_lies(
        fills.steps[1],
        {f"context.rowWord.{CAROLS}": word(fills, SENTINEL), f"before.remaining.{CAROLS}": 1},
    )
    lies = {f"context.rowWord.{SENTINEL}": word(fills, CAROLS), f"before.remaining.{SENTINEL}": 5}
    behind = with_lies(behind, lies)
    fields = fields_of(fills.tables, CAROLS)
    assert circuit.rejects(behind | looking_at(SENTINEL, fields, 5, CAROL))
    # Nothing but the sentinel's own remainder stands in the way.
    assert circuit.accepts(
        with_lies(behind, {f"before.remaining.{CAROLS}": 0}) | looking_at(SENTINEL, fields, 5, CAROL)
    )


def test_the_sentinel_does_not_trade(circuit: CircuitTester, fills: Told) -> None:
    fields = fields_of(fills.tables, CAROLS) | {"sentinel": 1, "sequence": 0}
    lies = {f"context.rowWord.{CAROLS}": row_word(fields), f"before.remaining.{CAROLS}": 1}
    within = with_lies(fills.steps[1], lies) | looking_at(CAROLS, fields, 1, CAROL)
    assert circuit.rejects(within)
    beyond = fields | {"rank": 1003}
    lies = {f"context.rowWord.{CAROLS}": row_word(beyond)}
    assert circuit.accepts(with_lies(within, lies) | looking_at(CAROLS, beyond, 1, ALICE))


def test_the_head_is_of_the_market_of_the_order(circuit: CircuitTester) -> None:
    told = Told(
        circuit,
        then(buy(5, 1001, ioc=True), buy(1, 900, market=1, ioc=True)),
        "| bob 5 @ 1001",
        markets=(PLAIN, PLAIN),
    )
    other = SENTINEL
    assert fields_of(told.tables, other)["market"] == 1
    assert circuit.rejects(told.steps[0] | told.looking_at(other, ALICE))
    # Its own book is that of the other market behind it.
    assert circuit.accepts(told.steps[1] | told.looking_at(other, ALICE, step=1))


def test_a_market_beyond_the_four_is_not_the_one_that_its_low_bits_name(circuit: CircuitTester) -> None:
    told = Told(circuit, buy(5, 1001, market=c.MARKETS), "| bob 5 @ 1001")
    step = told.steps[0]
    assert circuit.accepts(step)
    rows = {row: fields_of(told.tables, row) for row in range(ROWS)}
    assert all(fields["market"] == 0 for fields in rows.values())
    asks = {f"context.rowWord.{ROWS // 2}": row_word(NO_FIELDS | {"account": 2, "rank": 1001})}
    crowded = with_lies(step, asks | {f"before.remaining.{ROWS // 2}": 5, "before.bookLots.0.1": 5})
    fields = NO_FIELDS | {"account": 2, "rank": 1001}
    assert circuit.accepts(crowded)
    assert circuit.rejects(crowded | looking_at(ROWS // 2, fields, 5, BOB))
    assert not circuit.accepts_witness_with(step, {"main.isOneOfFour": 1})


def test_an_unused_row_is_no_head(circuit: CircuitTester, fills: Told) -> None:
    told = with_lies(fills.steps[1], {"before.remaining": only(ROWS, FREE_ROW)})
    assert circuit.rejects(told | looking_at(FREE_ROW, NO_FIELDS | {"rank": 1003}, 1, ALICE))
    assert circuit.rejects(told | looking_at(FREE_ROW, NO_FIELDS, 1, ALICE))


@pytest.mark.parametrize("name", SEEN)
def test_the_fields_of_the_head_are_those_of_its_row(circuit: CircuitTester, fills: Told, name: str) -> None:
    told = fills.steps[0]
    assert circuit.rejects(with_lies(told, {f"seen.{name}": told["seen"][name] ^ 1}))


# What a field can lend to the one above it in the word, and to what remains.
PLACES = {
    "sentinel": 2,
    "reduceOnly": 3,
    "account": 4,
    "maxFee": 24,
    "rank": 46,
    "sequence": 80,
    "expiry": 121,
    "remaining": 162,
}


@pytest.mark.parametrize(("lender", "borrower"), list(pairwise(PLACES)))
@pytest.mark.parametrize("lent", [1, -1])
def test_no_field_borrows_from_the_next(
    circuit: CircuitTester, fills: Told, lender: str, borrower: str, lent: int
) -> None:
    # The same word, read in another way: a worse price of an older order, say, which would not cross.
    told = fills.steps[0]
    read = borrowed(told["seen"], lender, borrower, lent)
    for owner in (ALICE, BOB, CAROL):
        assert circuit.rejects(told | {"seen": read, "ownerSlot": only(ACCOUNTS, owner)})


@pytest.mark.parametrize(("lender", "borrower"), list(pairwise(PLACES)))
@pytest.mark.parametrize("lent", [1, -1])
def test_no_field_of_an_order_to_cancel_borrows_from_the_next(
    circuit: CircuitTester, cancel: Told, lender: str, borrower: str, lent: int
) -> None:
    # Of another account, say, so that its owner's cancel would come to nothing.
    told = cancel.steps[0]
    assert circuit.rejects(told | {"seen": borrowed(told["seen"], lender, borrower, lent)})


def borrowed(seen: Tables, lender: str, borrower: str, lent: int) -> Tables:
    """A row's fields that have the same word."""
    width = 1 << (PLACES[borrower] - PLACES[lender])
    read = seen | {lender: seen[lender] + lent * width, borrower: seen[borrower] - lent}
    return {name: value % c.FIELD_MODULUS for name, value in read.items()}


@pytest.mark.parametrize("name", [name for name in PLACES if name != "remaining"])
def test_no_field_is_read_out_of_the_field(circuit: CircuitTester, fills: Told, name: str) -> None:
    # One lot less, made up for by a fraction: the word is the same modulo p.
    told = fills.steps[0]
    share = pow(1 << PLACES[name], -1, c.FIELD_MODULUS) << PLACES["remaining"]
    read = told["seen"] | {
        "remaining": told["seen"]["remaining"] - 1,
        name: (told["seen"][name] + share) % c.FIELD_MODULUS,
    }
    for owner in (ALICE, BOB, CAROL):
        assert circuit.rejects(told | {"seen": read, "ownerSlot": only(ACCOUNTS, owner)})


@pytest.mark.parametrize("name", [name for name in PLACES if name != "rank"])
def test_the_head_is_not_read_as_one_of_a_worse_price(circuit: CircuitTester, fills: Told, name: str) -> None:
    # Alice's order would come to nothing; another field makes up for the rank, as an integer or modulo p.
    told, fields = fills.steps[0], fields_of(fills.tables, BOBS)
    worse = fields | {"rank": 1006}
    beyond = with_lies(told, {f"context.rowWord.{BOBS}": row_word(worse)})
    assert circuit.accepts(beyond | looking_at(BOBS, worse, 5, ALICE))
    share = (5 << PLACES["rank"]) * pow(1 << PLACES[name], -1, c.FIELD_MODULUS)
    read = looking_at(BOBS, worse, 5, ALICE)
    read["seen"][name] = (read["seen"][name] - share) % c.FIELD_MODULUS
    assert circuit.rejects(told | read)


def test_no_order_is_more_than_48_bits_larger_than_the_head(circuit: CircuitTester, fills: Told) -> None:
    # An order goes on; beyond, the comparison of the two would wrap.
    told = fills.steps[1]
    largest = told["seen"]["remaining"] + (1 << c.SIZE_BITS) - 1
    assert circuit.accepts(with_lies(told, {"before.carried": largest}))
    assert circuit.rejects(with_lies(told, {"before.carried": largest + 1}))


def test_an_idle_step_selects_no_row(circuit: CircuitTester, fills: Told) -> None:
    idle = fills.steps[-1]
    assert circuit.rejects(idle | fills.looking_at(CAROLS, ALICE) | {"ownerSlot": NOBODY})
    assert circuit.rejects(idle | {"selector": only(ROWS, 0)})


@pytest.mark.parametrize("name", SEEN)
def test_a_step_that_looks_at_nothing_sees_nothing(circuit: CircuitTester, fills: Told, name: str) -> None:
    assert circuit.rejects(with_lies(fills.steps[-1], {f"seen.{name}": 1}))


# ---- The maker and the fees.


@pytest.mark.parametrize("slots", [(), (ALICE,), (BOB,), (ALICE, BOB)], ids=str)
def test_the_owner_is_the_account_of_the_head(
    circuit: CircuitTester, fills: Told, slots: tuple[int, ...]
) -> None:
    # The ids of alice and bob add up to carol's.
    assert circuit.rejects(fills.steps[1] | {"ownerSlot": only(ACCOUNTS, *slots)})


def test_an_order_that_does_not_cross_is_its_takers(circuit: CircuitTester, rest: Told) -> None:
    step = rest.steps[0]
    assert step["ownerSlot"] == step["takerSlot"]
    for slot in range(ACCOUNTS):
        others = only(ACCOUNTS, slot)
        assert others == step["ownerSlot"] or circuit.rejects(step | {"ownerSlot": others})
    assert circuit.rejects(step | {"ownerSlot": NOBODY})


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
        # A field element that is nothing, times 10^6, but for a millionth.
        for fee in (1, -1, pow(c.PPM_UNIT, -1, c.FIELD_MODULUS)):
            assert circuit.rejects(fills.steps[step] | {party: fee % c.FIELD_MODULUS})


# ---- Rows of its own side.


def own_row(told: Told) -> int:
    return next(row for row, flag in enumerate(told.steps[0]["selector"]) if flag and row < ROWS // 2)


@pytest.mark.parametrize("name", NO_FIELDS)
def test_an_order_rests_in_the_row_of_its_message(circuit: CircuitTester, rest: Told, name: str) -> None:
    row = own_row(rest)
    fields = fields_of(rest.tables, row)
    other = row_word(fields | {name: fields[name] ^ 1})
    assert circuit.rejects(with_lies(rest.steps[0], {f"context.rowWord.{row}": other}))


def test_an_order_that_may_rest_does(circuit: CircuitTester, rest: Told) -> None:
    assert circuit.rejects(with_lies(rest.steps[0], {f"selector.{own_row(rest)}": 0}))


def test_an_order_rests_once(circuit: CircuitTester, rest: Told) -> None:
    # A row of market 0 whose fields are all 0 adds nothing to the word.
    twice = {"context.rowWord.5": 0, "selector.5": 1}
    assert circuit.accepts(with_lies(rest.steps[0], {"context.rowWord.5": 0}))
    assert circuit.rejects(with_lies(rest.steps[0], twice))


def test_an_order_that_is_dropped_does_not_rest(circuit: CircuitTester) -> None:
    poor = {"alice": {"collateral": 494}}
    told = Told(circuit, then(buy(4, 990), buy(1, 990)), accounts=poor)
    assert circuit.rejects(with_lies(told.steps[1], {f"selector.{own_row(told)}": 1}))


def cancelled(told: Told) -> tuple[int, Tables]:
    row = told.steps[0]["selector"].index(1)
    return row, fields_of(told.tables, row)


def cancelling(told: Tables, row: int, fields: Tables) -> Tables:
    """A cancel with the hints for this row as its target."""
    lots = told["before"]["remaining"]
    before = sum(lots[row // (ROWS // 2) * (ROWS // 2) : row])
    seen = looking_at(row, fields, lots[row], told["ownerSlot"].index(1))
    return told | seen | {"ownBefore": before}


@pytest.mark.parametrize(
    "change", [{"rank": 1002}, {"rank": 1000}, {"sequence": 2}, {"sequence": 0}], ids=str
)
def test_a_cancel_finds_the_order_that_it_names(
    circuit: CircuitTester, cancel: Told, change: dict[str, int]
) -> None:
    # Another row, in which nothing rests: bob's cancel would come to nothing.
    fields = cancelled(cancel)[1] | change
    told = with_lies(cancel.steps[0], {f"context.rowWord.{ROWS - 1}": row_word(fields)})
    assert circuit.accepts(told)
    assert circuit.rejects(cancelling(told, ROWS - 1, fields))
    moved = with_lies(told, {"message.target": fields["sequence"], "message.price": fields["rank"]})
    assert circuit.accepts(cancelling(moved, ROWS - 1, fields))


def test_a_cancel_does_not_make_up_for_a_sequence_by_a_rank(circuit: CircuitTester, cancel: Told) -> None:
    # A rank of 34 bits, one place up, is the sequence that is missing.
    fields = cancelled(cancel)[1]
    other = fields | {"rank": fields["rank"] + (1 << 33), "sequence": fields["sequence"] - 1}
    told = with_lies(cancel.steps[0], {f"context.rowWord.{ROWS - 1}": row_word(other)})
    assert circuit.accepts(told)
    assert circuit.rejects(cancelling(told, ROWS - 1, other))


def test_a_cancel_does_not_remove_the_sentinel(circuit: CircuitTester, cancel: Told) -> None:
    fields = cancelled(cancel)[1] | {"sentinel": 1}
    lies = {f"context.rowWord.{ROWS - 1}": row_word(fields), f"before.remaining.{ROWS - 1}": 1}
    told = with_lies(cancel.steps[0], lies)
    assert circuit.accepts(told)
    assert circuit.rejects(cancelling(told, ROWS - 1, fields))
    order = with_lies(told, {f"context.rowWord.{ROWS - 1}": row_word(fields | {"sentinel": 0})})
    assert circuit.accepts(cancelling(order, ROWS - 1, fields | {"sentinel": 0}))


def test_a_cancel_removes_one_order(circuit: CircuitTester, cancel: Told) -> None:
    lies = {f"context.rowWord.{ROWS - 1}": 0, f"before.remaining.{ROWS - 1}": 3}
    told = with_lies(cancel.steps[0], lies)
    assert circuit.accepts(told)
    assert circuit.rejects(with_lies(told, {f"selector.{ROWS - 1}": 1}))
    assert circuit.rejects(told | NOTHING_SELECTED)


def test_a_cancel_of_price_and_target_zero_names_a_row(circuit: CircuitTester, cancel: Told) -> None:
    # A buyer's cancel at the highest price: its rank and sequence are those of no row at all.
    nowhere = {"message.side": int(Side.BUY), "message.price": c.RANK_MAX, "message.target": 0}
    told = with_lies(cancel.steps[0], nowhere)
    row = {"context.rowWord.5": row_word(NO_FIELDS)}
    assert circuit.accepts(cancelling(with_lies(told, row), 5, NO_FIELDS))
    assert circuit.rejects(told | NOTHING_SELECTED)


def test_a_cancel_reads_its_own_side_only(circuit: CircuitTester, cancel: Told) -> None:
    row, fields = cancelled(cancel)
    other_side = {f"context.rowWord.{row - ROWS // 2}": row_word(fields)}
    told = with_lies(cancel.steps[0], other_side)
    assert circuit.rejects(cancelling(told, row - ROWS // 2, fields))


@pytest.mark.parametrize("error", [1, -1, 1 << 48])
def test_what_stands_before_the_own_row_is_told_as_it_is(
    circuit: CircuitTester, rest: Told, cancel: Told, fills: Told, error: int
) -> None:
    for told in (rest.steps[0], cancel.steps[0], fills.steps[0], fills.steps[-1]):
        assert circuit.rejects(told | {"ownBefore": (told["ownBefore"] + error) % c.FIELD_MODULUS})


def test_an_order_rests_in_an_empty_row(circuit: CircuitTester, rest: Told) -> None:
    row = own_row(rest)
    assert circuit.rejects(with_lies(rest.steps[0], {f"before.remaining.{row}": 1}))


@pytest.mark.parametrize("lots", [5, 7])
def test_a_book_is_counted_as_it_stands(circuit: CircuitTester, lots: int) -> None:
    # The asks of the first market stand before those of the second: 5 lots and the sentinel's one.
    told = Told(
        circuit,
        then(buy(1, 900, market=1, ioc=True), buy(1, 900, ioc=True)),
        "| bob 5 @ 1001",
        markets=(PLAIN, PLAIN),
    ).steps[0]
    assert circuit.accepts(told)
    assert told["before"]["bookLots"][0][1] == 6
    assert circuit.rejects(with_lies(told, {"before.bookLots.0.1": lots}))


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
        "initial[0]",
        "initial[1]",
        "initial[2]",
        "maintenance[0]",
        "maintenance[1]",
        "turns",
        "openNotional[1]",
        "orders[1]",
        "nonce[0]",
        "deadBelow[0]",
        "sideOrders[0][1]",
        "openSize[0]",
        "filledLots[0]",
        "filledLots[3]",
        "filledCost[0]",
        "filledCost[3]",
        "fundTrade",
        "feePool",
        "value[0]",
        "bookLots[0][1]",
        "bookLots[3][1]",
    ],
)
def test_what_a_step_leaves_cannot_be_lied_about(circuit: CircuitTester, paid: Told, signal: str) -> None:
    assert not circuit.accepts_witness_with(paid.steps[0], {f"main.after.{signal}": 12345})


# ---- The margins of the parties, whose positions have a tier.


@pytest.fixture(scope="module")
def large(circuit: CircuitTester) -> Told:
    """Alice, long by 3, buys 5 of bob, short by 1: 64 and 36 millions for the squares, where 9 and 1 were."""
    setting = tiered(A_UNIT, alice=(3_000_000, 3), bob=(3_000_000, -1), orders=[LARGE_ASK])
    return Told(circuit, buy(5, 1001), "", **setting)


LOT_INITIAL, LOT_MAINTENANCE, LOT_TIER = 102_400_000_000, 51_200_000_000, 1_000_000
PARTIES = [("taker", ALICE, 3, 8), ("maker", BOB, 1, 6)]


@pytest.mark.parametrize(("party", "slot", "size", "after"), PARTIES)
def test_a_fill_moves_the_margins_of_both_to_the_unit(
    circuit: CircuitTester, large: Told, party: str, slot: int, size: int, after: int
) -> None:
    told = large.steps[0]
    seen = circuit.witness(told)
    initial = 5 * LOT_INITIAL + (after**2 - size**2) * LOT_TIER
    for name, change in (("initial", initial), ("maintenance", 5 * LOT_MAINTENANCE)):
        assert seen[f"after.{name}"][slot] - told["before"][name][slot] == change  # type: ignore[index]
        assert told["before"][name][CAROL] == seen[f"after.{name}"][CAROL]  # type: ignore[index]


@pytest.mark.parametrize(("party", "slot"), [each[:2] for each in PARTIES])
@pytest.mark.parametrize("name", ["initial", "maintenance"])
@pytest.mark.parametrize("error", [-1, 1, LOT_TIER, -5 * LOT_INITIAL])
def test_no_margin_of_a_party_can_be_lied_about(
    circuit: CircuitTester, large: Told, party: str, slot: int, name: str, error: int
) -> None:
    """What follows from the lie is as it would be, from the party or from its slot on."""
    told = large.steps[0]
    before, after = told["before"][name][slot], circuit.witness(told)[f"after.{name}"][slot]  # type: ignore[index]
    assert isinstance(after, int)
    changes = {
        f"{party}{name.capitalize()}Change": after - before + error,
        f"{name}Change[{slot}][{('taker', 'maker').index(party)}]": after - before + error,
        f"after.{name}[{slot}]": after + error,
    }
    for count in range(1, 4):
        lies = {f"main.{signal}": value % c.FIELD_MODULUS for signal, value in list(changes.items())[-count:]}
        assert not circuit.accepts_witness_with(told, lies)


@pytest.mark.parametrize("name", ["initial", "maintenance"])
def test_nobody_else_has_the_margin_of_a_party(circuit: CircuitTester, large: Told, name: str) -> None:
    told = large.steps[0]
    for slot in range(ACCOUNTS):
        for place in range(2):
            lies = {f"main.{name}Change[{slot}][{place}]": 7}
            assert not circuit.accepts_witness_with(told, lies)


# ---- Settled markets.


@pytest.fixture(scope="module")
def closes(circuit: CircuitTester) -> Told:
    """Alice sells 5 to bob, who is short of 9, at a mark that stands; the other steps are idle."""
    setting = settled(alice=9, bob=-9) | {"orders": [BOBS_BID]}
    return Told(circuit, sell(5, reduce_only=True, ioc=True), "", **setting)


@pytest.mark.parametrize(("position", "filled"), [(-9, 5), (-5, 5), (-4, 0), (0, 0), (3, 0)])
@pytest.mark.parametrize("flag", [0, 1])
@pytest.mark.parametrize("stands", [0, 1])
def test_a_maker_only_reduces_where_it_says_so_or_the_market_is_settled(
    circuit: CircuitTester, closes: Told, stands: int, flag: int, position: int, filled: int
) -> None:
    """The flag stands in his row."""
    told, row = closes.steps[0], closes.steps[0]["selector"].index(1)
    fields = fields_of(closes.tables, row) | {"reduceOnly": flag}
    step = with_lies(
        told,
        {
            "context.settled.0": stands,
            f"context.rowWord.{row}": row_word(fields),
            "seen.reduceOnly": flag,
            f"before.position.{BOB}.0": position % c.FIELD_MODULUS,
        },
    )
    assert circuit.accepts(step)
    after = circuit.witness(step)["after.filledLots"]
    assert after == [filled if stands or flag else 5, 0, 0, 0]


@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_only_the_market_of_the_order_is_asked_whether_it_is_settled(
    circuit: CircuitTester, fills: Told, slot: int
) -> None:
    """Bob opens a position."""
    elsewhere = with_lies(fills.steps[0], {f"context.settled.{slot}": 1})
    assert circuit.accepts(elsewhere)
    assert circuit.witness(elsewhere)["after.filledLots"] == [0 if slot == 0 else 5, 0, 0, 0]


@pytest.mark.parametrize(
    "lie", [{"crossesSettled": 0}, {"slotSettled": 0}, {"slotSettled": 0, "crossesSettled": 0}]
)
def test_no_maker_opens_in_a_settled_market(
    circuit: CircuitTester, closes: Told, lie: dict[str, int]
) -> None:
    step = with_lies(closes.steps[0], {f"before.position.{BOB}.0": 0})
    assert circuit.accepts(step)
    assert not circuit.accepts_witness_with(step, {f"main.{name}": value for name, value in lie.items()})


def word(told: Told, row: int) -> int:
    return row_word(fields_of(told.tables, row))
