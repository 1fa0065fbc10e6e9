"""Lies about one request with which all the arithmetic behind them agrees: only the lie itself is wrong."""

import pytest
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.crypto import public_key
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.message import Message
from sequencer.model.request import Request
from sequencer.model.venue import Venue
from tests.circuits.harness import CircuitTester
from tests.circuits.requests.cases import (
    ALICE,
    BOB,
    RESTRICTIONS,
    SLOTS,
    holder,
    request_signals,
    restricting,
    slot_inputs,
)
from tests.strategies import owner_of

COLLATERAL = 1_000_000
LAST_EPOCH = (1 << c.KEY_EPOCH_BITS) - 1
KEY = public_key(77)
OWNER = owner_of(ALICE)
DEPOSIT = Request(RequestKind.DEPOSIT, ALICE, OWNER, 5)
WITHDRAWAL = Request(RequestKind.WITHDRAW, ALICE, OWNER, 6)
REGISTRATION = Request(RequestKind.REGISTER_KEY, ALICE, OWNER, data=KEY)
MESSAGE = Request(RequestKind.MESSAGE, ALICE, OWNER, data=Message(ALICE, 1, 1, price=5, size=5).words())
CHANGE = Request(RequestKind.CHANGE, ALICE, OWNER, data=(5, 6))
RESTRICTION = restricting(Venue(congested_until=77), ALICE)
NO_KIND = 7
PAID = 1 << c.OUTCOME_PAID_AT


@pytest.fixture(scope="module")
def process() -> CircuitTester:
    return CircuitTester("ProcessRequest", (SLOTS,))


def refused(
    circuit: CircuitTester,
    request: Request,
    lies: dict[str, int],
    key_epoch: int = 1,
    collateral: int = COLLATERAL,
    lack: int = 0,
) -> bool:
    """Whether lies about a request are, of an account that has so much, of which so many units are bound."""
    slots = [(ALICE, replace(holder(ALICE, collateral), key_epoch=key_epoch)), (BOB, holder(BOB))]
    free = collateral - lack if request.kind == RequestKind.WITHDRAW else 0
    bound: dict[str, Nested] = {"surplus": [-lack * c.PPM_UNIT, 0]}
    inputs = {**slot_inputs(slots), **bound, **request_signals(request, slots, free)}
    assert circuit.accepts(inputs)
    return not circuit.accepts_witness_with(inputs, {f"main.{name}": lie for name, lie in lies.items()})


def key_lies(slot: int, key: tuple[int, int], epoch: int) -> dict[str, int]:
    after = {"key[{}][0]": key[0], "key[{}][1]": key[1], "keyEpoch[{}]": epoch}
    return {f"after.{name.format(slot)}": value for name, value in after.items()}


def test_more_is_not_credited_than_was_deposited(process: CircuitTester) -> None:
    lies = {"deposited": 6, "accepted": 6, "change": 6, "after.collateral[0]": COLLATERAL + 6}
    assert refused(process, DEPOSIT, lies)


def test_a_deposit_that_fits_is_not_refused(process: CircuitTester) -> None:
    refund = {"accepted": 0, "refunded": 5, "paid": 5, "change": 0, "outcome": 5 * PAID}
    assert refused(process, DEPOSIT, refund | {"after.collateral[0]": COLLATERAL})


def test_a_deposit_is_not_credited_and_refunded(process: CircuitTester) -> None:
    assert refused(process, DEPOSIT, {"refunded": 5, "paid": 5, "outcome": 5 * PAID})


def test_a_deposit_that_is_done_is_not_called_refused(process: CircuitTester) -> None:
    assert refused(process, DEPOSIT, {"refusedDeposit": 1, "outcome": 1})


def test_no_more_is_withdrawn_than_was_asked(process: CircuitTester) -> None:
    lies = {"withdrawn": 7, "change": -7, "paid": 7, "outcome": 7 * PAID}
    assert refused(process, WITHDRAWAL, lies | {"after.collateral[0]": COLLATERAL - 7})


def test_what_is_paid_leaves_the_account(process: CircuitTester) -> None:
    assert refused(process, WITHDRAWAL, {"change": 0, "after.collateral[0]": COLLATERAL})
    assert refused(process, WITHDRAWAL, {"after.collateral[0]": COLLATERAL})
    assert refused(process, WITHDRAWAL, {"after.collateral[1]": COLLATERAL - 6})


def test_what_leaves_the_account_is_paid(process: CircuitTester) -> None:
    assert refused(process, WITHDRAWAL, {"paid": 0, "outcome": 0})
    assert refused(process, WITHDRAWAL, {"outcome": 0})


def test_no_key_is_registered_after_the_last_epoch(process: CircuitTester) -> None:
    lies = {"registered": 1, "rotated[0]": 1, **key_lies(0, KEY, LAST_EPOCH + 1)}
    assert refused(process, REGISTRATION, lies, key_epoch=LAST_EPOCH)


def test_a_registered_key_replaces_the_old_one(process: CircuitTester) -> None:
    old = holder(ALICE).key
    assert refused(process, REGISTRATION, {"rotated[0]": 0, **key_lies(0, old, 1)})
    assert refused(process, REGISTRATION, {"registered": 0, "rotated[0]": 0, **key_lies(0, old, 1)})


def test_a_registered_key_replaces_no_other_one(process: CircuitTester) -> None:
    assert refused(process, REGISTRATION, {"rotated[1]": 1, **key_lies(1, KEY, 2)})


def test_a_key_that_is_registered_is_not_called_refused(process: CircuitTester) -> None:
    assert refused(process, REGISTRATION, {"refusedKey": 1, "outcome": 1})


def test_a_forced_message_is_passed_on_and_nothing_else_is(process: CircuitTester) -> None:
    assert refused(process, MESSAGE, {"isMessage": 0})
    assert refused(process, CHANGE, {"isMessage": 1})
    assert refused(process, CHANGE, {"isChange": 0, "isMessage": 1})
    assert refused(process, DEPOSIT, {"isMessage": 1})


@pytest.mark.parametrize(
    "request_",
    [DEPOSIT, WITHDRAWAL, REGISTRATION, MESSAGE, RESTRICTION, CHANGE],
    ids=lambda r: r.kind.name,
)
def test_a_word_of_no_kind_passes_for_no_request(process: CircuitTester, request_: Request) -> None:
    """Not with the bits of the kind that it passes for either."""
    word = {"head": replace(request_, kind=NO_KIND).words()[0]}
    assert refused(process, request_, word)
    assert refused(process, request_, word | {"kind": NO_KIND})
    bits = {f"kindBit[{bit}]": NO_KIND >> bit & 1 for bit in range(3)}
    assert refused(process, request_, word | {"kind": NO_KIND} | bits)


def of_no_kind(request: Request) -> dict[str, int]:
    word = {"head": replace(request, kind=NO_KIND).words()[0], "kind": NO_KIND}
    return word | {f"kindBit[{bit}]": 1 for bit in range(3)}


def test_no_kind_passes_for_a_withdrawal_and_less_than_a_registration(process: CircuitTester) -> None:
    """Its bits are those of a restriction, too: without that the sum of what it is would be 1."""
    old = holder(ALICE).key
    twice = (2 * old[0], 2 * old[1])
    lies = of_no_kind(WITHDRAWAL) | {"isChange": 1, "isRestriction": 0, "registered": -1, "rotated[0]": -1}
    assert refused(process, WITHDRAWAL, lies | key_lies(0, twice, 0))


def test_no_kind_passes_for_a_restriction_and_less_than_a_message(process: CircuitTester) -> None:
    """Its bits are those of a withdrawal, too."""
    lies = of_no_kind(RESTRICTION) | {"isWithdraw": 0, "isChange": 1, "isMessage": -1}
    assert refused(process, RESTRICTION, lies)


def test_no_kind_passes_for_a_withdrawal_and_less_than_a_deposit(process: CircuitTester) -> None:
    """Its bits are those of a change, too. What is free is half of all room, so that no sum moves."""
    nothing = replace(WITHDRAWAL, amount=0)
    lies = of_no_kind(nothing) | {"isRestriction": 1, "isChange": 0, "restrictionsAfter": 0}
    assert refused(process, nothing, lies, collateral=c.COLLATERAL_BOUND >> 1, lack=1)


@pytest.mark.parametrize("word", [0, RESTRICTIONS.restrictions(), 78])
def test_a_restriction_is_the_word_of_its_request(process: CircuitTester, word: int) -> None:
    assert refused(process, RESTRICTION, {"restrictionsAfter": word})
    assert refused(process, RESTRICTION, {"isRestriction": 0, "restrictionsAfter": word})


@pytest.mark.parametrize(
    "request_", [DEPOSIT, WITHDRAWAL, REGISTRATION, MESSAGE, CHANGE], ids=lambda r: r.kind.name
)
def test_what_restricts_nothing_leaves_what_l1_said(process: CircuitTester, request_: Request) -> None:
    for word in (0, request_.data[0] or 5):
        assert refused(process, request_, {"restrictionsAfter": word})
        assert refused(process, request_, {"isRestriction": 1, "restrictionsAfter": word})


def test_a_message_registers_no_key(process: CircuitTester) -> None:
    assert refused(process, MESSAGE, {"registered": 1, "rotated[0]": 1, **key_lies(0, MESSAGE.data, 2)})
