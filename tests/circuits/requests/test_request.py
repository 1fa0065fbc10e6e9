"""One L1 request: what the contract queued happens, to the account that it names, and nothing else."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.crypto import public_key
from sequencer.engine.margin import free_collateral
from sequencer.engine.requests import process_request
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import RequestKind
from sequencer.model.message import Message
from sequencer.model.request import Request
from sequencer.model.venue import Venue
from tests.circuits.harness import CircuitTester
from tests.circuits.requests.cases import (
    ABSENT,
    ALICE,
    BOB,
    MARKETS,
    NEWCOMER,
    NOBODY,
    RESTRICTIONS,
    SLOTS,
    Slots,
    exchange,
    holder,
    holdings,
    request_signals,
    restricting,
    slot_inputs,
    unused_signals,
)
from tests.strategies import owner_of

KEY = public_key(77)
MOST = (1 << c.AMOUNT_BITS) - 1
LAST_EPOCH = (1 << c.KEY_EPOCH_BITS) - 1
EVERY_BIT = (1 << 84) - 1
"""The largest word of a restriction."""
HONEST: Slots = [(ALICE, holder(ALICE)), (BOB, holder(BOB))]
FREE = free_collateral(holder(ALICE), MARKETS)


@pytest.fixture(scope="module")
def process() -> CircuitTester:
    return CircuitTester("ProcessRequest", (SLOTS,))


def deposit(amount: int, account: int = ALICE) -> Request:
    return Request(RequestKind.DEPOSIT, account, owner_of(account), amount)


def withdrawal(amount: int, account: int = ALICE) -> Request:
    return Request(RequestKind.WITHDRAW, account, owner_of(account), amount)


def registration(account: int = ALICE) -> Request:
    return Request(RequestKind.REGISTER_KEY, account, owner_of(account), data=KEY)


def message(account: int = ALICE) -> Request:
    words = Message(account, key_epoch=1, nonce=1, price=5, size=5).words()
    return Request(RequestKind.MESSAGE, account, owner_of(account), data=words)


def inputs(request: Request, slots: Slots = HONEST, **lies: Nested) -> dict[str, Nested]:
    free = 0
    if request.kind == RequestKind.WITHDRAW:
        free = free_collateral(dict(slots)[request.account], MARKETS)
    return {**slot_inputs(slots), **request_signals(request, slots, free), **lies}


def unused(slots: Slots = HONEST, **lies: Nested) -> dict[str, Nested]:
    return {**slot_inputs(slots), **unused_signals(), **lies}


def check(circuit: CircuitTester, request: Request, slots: Slots = HONEST) -> None:
    """The circuit and the engine agree on everything that the request does."""
    state = exchange(slots)
    event = process_request(state, request)
    deposited = request.amount if request.kind == RequestKind.DEPOSIT else 0
    assert circuit.accepts(inputs(request, slots))
    assert circuit.witness(inputs(request, slots)) == {
        **holdings([state.account(number) for number, _ in slots]),
        "head": request.words()[0],
        "isMessage": int(request.kind == RequestKind.MESSAGE),
        "outcome": event.outcome.word(),
        "deposited": deposited,
        "paid": event.outcome.paid,
        "restrictionsAfter": state.venue.restrictions(),
    }


# ---- What requests do


@given(
    kind=st.sampled_from(RequestKind),
    amount=st.integers(0, 200_000_000) | st.integers(0, MOST),
    collateral=st.integers(-1000, 50_000_000) | st.integers(-c.COLLATERAL_BOUND, c.COLLATERAL_BOUND - 1),
    position=st.integers(-60, 60),
    open_notional=st.integers(0, 9_000_000),
    slot=st.integers(0, SLOTS - 1),
)
def test_requests_do_what_the_engine_does(
    process: CircuitTester,
    kind: RequestKind,
    amount: int,
    collateral: int,
    position: int,
    open_notional: int,
    slot: int,
) -> None:
    number = (ALICE, BOB)[slot]
    slots = list(HONEST)
    slots[slot] = (number, holder(number, collateral, position, open_notional))
    data = {RequestKind.MESSAGE: message(number).data, RequestKind.RESTRICT: (EVERY_BIT, 0)}.get(kind, KEY)
    check(process, Request(kind, number, owner_of(number), amount, data), slots)


@pytest.mark.parametrize("room", [-1, 0, 1])
@pytest.mark.parametrize("collateral", [0, 5, -c.COLLATERAL_BOUND])
def test_a_deposit_is_refunded_exactly_when_it_does_not_fit(
    process: CircuitTester, room: int, collateral: int
) -> None:
    request = deposit(c.COLLATERAL_BOUND - 1 - collateral + room)
    check(process, request, [(ALICE, holder(ALICE, collateral)), HONEST[1]])


@pytest.mark.parametrize("collateral", [-c.COLLATERAL_BOUND, c.COLLATERAL_BOUND - 1])
def test_the_largest_amount_does_not_wrap(process: CircuitTester, collateral: int) -> None:
    slots = [(ALICE, holder(ALICE, collateral)), HONEST[1]]
    check(process, deposit(MOST), slots)
    check(process, withdrawal(MOST), slots)


@pytest.mark.parametrize("amount", [0, 1, FREE - 1, FREE, FREE + 1, MOST])
def test_a_withdrawal_pays_what_is_free_and_no_more(process: CircuitTester, amount: int) -> None:
    check(process, withdrawal(amount))


@pytest.mark.parametrize(("position", "open_notional"), [(60, 0), (-60, 0), (7, 999_999), (0, 20_000_000)])
def test_margin_of_positions_and_orders_stays(
    process: CircuitTester, position: int, open_notional: int
) -> None:
    account = holder(ALICE, 7_000_001, position, open_notional)
    check(process, withdrawal(MOST), [(ALICE, account), HONEST[1]])


@pytest.mark.parametrize("epoch", [0, LAST_EPOCH - 1, LAST_EPOCH])
def test_a_key_is_registered_while_epochs_last(process: CircuitTester, epoch: int) -> None:
    check(process, registration(), [(ALICE, replace(holder(ALICE), key_epoch=epoch)), HONEST[1]])


@pytest.mark.parametrize(
    "request_",
    [f(NEWCOMER) for f in (partial(deposit, 5), partial(withdrawal, 5), registration, message)],
    ids=lambda r: r.kind.name,
)
def test_a_request_creates_the_account_that_it_names(process: CircuitTester, request_: Request) -> None:
    check(process, request_, [HONEST[0], (NEWCOMER, ABSENT)])


def test_a_request_that_is_not_enabled_does_nothing(process: CircuitTester) -> None:
    assert process.accepts(unused())
    assert process.witness(unused()) == {
        **holdings([account for _, account in HONEST]),
        "head": 0,
        "isMessage": 0,
        "outcome": 0,
        "deposited": 0,
        "paid": 0,
        "restrictionsAfter": RESTRICTIONS.restrictions(),
    }


@pytest.mark.parametrize("word", [0, 1, EVERY_BIT, *(1 << bit for bit in (39, 40, 43, 44, 83))])
@pytest.mark.parametrize("slot", range(SLOTS))
def test_a_restriction_is_taken_as_l1_says_it(process: CircuitTester, word: int, slot: int) -> None:
    """Whatever it was before; of the accounts nothing changes."""
    request = restricting(Venue.from_word(word), (ALICE, BOB)[slot])
    assert request.data == (word, 0)
    check(process, request)
    changed = {"head": request.words()[0], "restrictionsAfter": word}
    assert process.witness(inputs(request)) == process.witness(unused()) | changed


@pytest.mark.parametrize("kind", [kind for kind in RequestKind if kind != RequestKind.RESTRICT])
def test_no_other_request_restricts(process: CircuitTester, kind: RequestKind) -> None:
    """Not even with the word of a restriction."""
    request = replace(withdrawal(0), kind=kind, data=(77, 0))
    assert process.witness(inputs(request))["restrictionsAfter"] == RESTRICTIONS.restrictions()
    assert not process.accepts_witness_with(inputs(request), {"main.restrictionsAfter": 77})


# ---- One head, one reading


def test_the_fields_fill_their_widths(process: CircuitTester) -> None:
    last = (1 << c.ACCOUNT_BITS) - 1
    owner = (1 << c.OWNER_BITS) - 1
    slots = [HONEST[0], (last, replace(holder(last), owner=owner))]
    check(process, Request(RequestKind.WITHDRAW, last, owner, MOST), slots)


def test_a_kind_beyond_4_bits_is_rejected(process: CircuitTester) -> None:
    """With an amount of 1 its head is 0: a request that is not enabled, of a kind that does nothing."""
    assert process.rejects(unused(kind=-(1 << c.REQUEST_AMOUNT_AT), amount=1))


def test_an_account_beyond_20_bits_is_rejected(process: CircuitTester) -> None:
    """It is the id of a slot that is not enabled: what it holds stands in no tree."""
    slots = [HONEST[0], (NOBODY, ABSENT)]
    assert process.rejects(inputs(deposit(5, NOBODY), slots))


@pytest.mark.parametrize("amount", [1 << c.AMOUNT_BITS, -5])
def test_an_amount_beyond_64_bits_is_rejected(process: CircuitTester, amount: int) -> None:
    assert process.rejects(inputs(deposit(amount)))


def test_an_owner_beyond_160_bits_is_rejected(process: CircuitTester) -> None:
    slots = [HONEST[0], (NEWCOMER, ABSENT)]
    assert process.rejects(inputs(deposit(5, NEWCOMER), slots, owner=1 << c.OWNER_BITS))
    assert process.rejects(inputs(deposit(5, NEWCOMER), slots, owner=-1))


def test_one_head_is_not_read_as_another_request(process: CircuitTester) -> None:
    """A deposit of 2^64 + 5 for an owner one smaller has the same head as one of 5."""
    honest = process.witness(inputs(deposit(5, NEWCOMER), [HONEST[0], (NEWCOMER, ABSENT)]))
    owner = owner_of(NEWCOMER) - 1
    other = replace(deposit(5 + (1 << c.AMOUNT_BITS), NEWCOMER), owner=owner)
    word = other.kind + (NEWCOMER << c.REQUEST_ACCOUNT_AT) + (other.amount << c.REQUEST_AMOUNT_AT)
    assert word + (owner << c.REQUEST_OWNER_AT) == honest["head"]
    assert process.rejects(inputs(other, [HONEST[0], (NEWCOMER, ABSENT)]))


@pytest.mark.parametrize("kind", [0, 7, 8, 9, 11, 13, 14, 15])
def test_an_unknown_kind_is_rejected(process: CircuitTester, kind: int) -> None:
    """Of all that a request may be besides: a deposit, a withdrawal and a message too."""
    for request in (deposit(5), withdrawal(5), registration(), message()):
        assert process.rejects(inputs(request, kind=kind))


@pytest.mark.parametrize(
    "lie", [{"owner": 5}, {"data": [1, 0]}, {"data": [0, 1]}, {"amount": 1}, {"kind": 4}]
)
def test_a_request_that_is_not_enabled_has_no_words(process: CircuitTester, lie: dict[str, Nested]) -> None:
    assert process.rejects(unused() | lie)


def test_a_request_that_is_not_enabled_cannot_pay(process: CircuitTester) -> None:
    assert process.rejects(inputs(deposit(5), enabled=0))
    assert process.rejects(inputs(withdrawal(5), enabled=0))


# ---- The account that it names


@pytest.mark.parametrize("slot", [[0, 1], [0, 0], [1, 1], [2, 0]])
def test_a_request_is_applied_to_its_account_only(process: CircuitTester, slot: list[int]) -> None:
    assert process.accepts(inputs(deposit(5)))
    assert process.rejects(inputs(deposit(5), slot=slot))


def test_a_request_does_not_create_another_account(process: CircuitTester) -> None:
    """A free slot would take any owner."""
    slots = [HONEST[0], (NEWCOMER, ABSENT)]
    assert process.accepts(inputs(deposit(5), slots))
    assert process.rejects(inputs(deposit(5), slots, slot=[0, 1]))


def test_a_request_for_account_0_is_not_swallowed(process: CircuitTester) -> None:
    """No slot selects id 0 as well as the slot of account 0 does."""
    slots = [(0, Account(owner=owner_of(0))), HONEST[1]]
    assert process.accepts(inputs(deposit(5, 0), slots))
    assert process.rejects(inputs(deposit(5, 0), slots, slot=[0, 0]))


def test_a_request_that_is_not_enabled_has_no_account(process: CircuitTester) -> None:
    """Else it would create account 0 for an owner of 0."""
    slots = [(0, Account(owner=owner_of(0))), HONEST[1]]
    assert process.rejects(unused(slots, slot=[1, 0]))


def test_two_slots_do_not_mix_to_a_third_account(process: CircuitTester) -> None:
    slots = [(7, ABSENT), (4, ABSENT)]
    assert process.rejects(inputs(deposit(5, NEWCOMER), slots, slot=[1, 1]))
    assert process.rejects(inputs(deposit(5, 10), slots, slot=[2, -1]))


def test_an_account_keeps_its_owner(process: CircuitTester) -> None:
    assert process.rejects(inputs(withdrawal(5), owner=owner_of(BOB)))
    assert process.rejects(inputs(withdrawal(5), owner=0))


# ---- What is free


def test_a_collateral_beyond_the_sign_of_its_room_is_rejected(process: CircuitTester) -> None:
    """No state holds it; the room left by the largest deposit would have no sign."""
    for collateral, valid in ((c.COLLATERAL_BOUND, True), (c.COLLATERAL_BOUND + 1, False)):
        told = inputs(deposit(MOST), [(ALICE, holder(ALICE, collateral)), HONEST[1]])
        assert process.accepts(told) if valid else process.rejects(told)


def test_a_free_amount_beyond_its_bits_is_rejected(process: CircuitTester) -> None:
    """No state holds that much, or lacks it; the bound keeps the free amount in millionths from wrapping."""
    slots = [(ALICE, holder(ALICE, 0)), HONEST[1]]
    lowest = -1 << 68
    for free, valid in ((MOST + 1, True), (MOST + 2, False), (lowest, True), (lowest - 1, False)):
        lied = inputs(withdrawal(1), slots, surplus=[free * c.PPM_UNIT, 0], free=free)
        assert process.accepts(lied) if valid else process.rejects(lied)


def test_what_the_largest_margins_lack_is_less_than_the_bound(process: CircuitTester) -> None:
    """Four positions whose tiers are the largest, every order that fits and a debt."""
    lack = -(1 << 62) * c.PPM_UNIT - (1 << 87) - (1 << 81)
    slots = [(ALICE, holder(ALICE, -c.COLLATERAL_BOUND)), HONEST[1]]
    free = -c.COLLATERAL_BOUND + lack // c.PPM_UNIT
    told = inputs(withdrawal(MOST), slots, surplus=[lack, 0], free=free)
    assert process.accepts(told)
    assert process.witness(told)["paid"] == 0


@pytest.mark.parametrize("excess", range(3))
def test_free_is_rounded_down(process: CircuitTester, excess: int) -> None:
    """Margins whose remainder is 0, 1 or 999 999 millionths: the ends of what rounding down leaves."""
    lack = (0, c.PPM_UNIT - 1, 1)[excess]
    honest = inputs(withdrawal(MOST), surplus=[-lack, 0], free=1_000_000 - (lack > 0))
    assert process.accepts(honest)
    for free in (1_000_000 - (lack > 0) + step for step in (-1, 1)):
        assert process.rejects(honest | {"free": free})


@pytest.mark.parametrize("free", [0, FREE - 1, FREE + 1, -1, MOST])
def test_what_is_free_cannot_be_lied_about(process: CircuitTester, free: int) -> None:
    assert process.rejects(inputs(withdrawal(5), free=free))


@pytest.mark.parametrize("remainder", [1, 2, 999_999])
def test_a_free_amount_that_wraps_is_rejected(process: CircuitTester, remainder: int) -> None:
    """Another remainder gives a quotient in the field, but not in the integers."""
    excess = 1_000_000 * c.PPM_UNIT - remainder
    free = excess * pow(c.PPM_UNIT, -1, c.FIELD_MODULUS) % c.FIELD_MODULUS
    assert process.rejects(inputs(withdrawal(5), free=free))


@pytest.mark.parametrize("free", [1, -1, 5])
def test_only_a_withdrawal_has_a_free_amount(process: CircuitTester, free: int) -> None:
    assert process.rejects(inputs(deposit(5), free=free))
    assert process.rejects(inputs(registration(), free=free))
    assert process.rejects(unused(free=free))


@pytest.mark.parametrize(
    "signal",
    [
        "head",
        "outcome",
        "paid",
        "deposited",
        "after.owner[0]",
        "after.collateral[0]",
        "after.collateral[1]",
        "after.key[0][0]",
        "after.key[1][1]",
        "after.keyEpoch[0]",
        "restrictionsAfter",
    ],
)
def test_what_a_request_does_cannot_be_lied_about(process: CircuitTester, signal: str) -> None:
    for request in (deposit(5), withdrawal(6), registration(), restricting(Venue(), ALICE)):
        assert not process.accepts_witness_with(inputs(request), {f"main.{signal}": 12345})
