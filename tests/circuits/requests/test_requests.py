"""The queue: every request in its order, each on what the one before left."""

from collections.abc import Sequence

import pytest

from prover.witness import Nested
from sequencer.engine.requests import process_request
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.request import Request
from sequencer.model.venue import Venue
from tests.circuits.harness import CircuitTester
from tests.circuits.requests.cases import (
    ABSENT,
    ALICE,
    BOB,
    HALTED,
    MARKETS,
    NEWCOMER,
    RESTRICTIONS,
    SETTLED,
    SLOTS,
    TIERED,
    Slots,
    exchange,
    holder,
    holdings,
    queue_inputs,
    request_signals,
    restricting,
    unused_signals,
)
from tests.strategies import owner_of

QUEUE = 2
HONEST: Slots = [(ALICE, holder(ALICE, 100)), (BOB, holder(BOB, 200))]
# A long with open orders and a short: values and margins of either sign, and something free of each.
LEVERAGED: Slots = [
    (ALICE, holder(ALICE, 1_000_000, position=3, open_notional=50_000)),
    (BOB, holder(BOB, 2_000_000, position=-2)),
]
MOST = (1 << c.AMOUNT_BITS) - 1
OTHER = Venue(congested_until=5, restricted_markets=9, restricted_until=7)


@pytest.fixture(scope="module")
def queue() -> CircuitTester:
    return CircuitTester("RequestQueue", (QUEUE, SLOTS))


def deposit(account: int, amount: int) -> Request:
    return Request(RequestKind.DEPOSIT, account, owner_of(account), amount)


def withdrawal(account: int, amount: int) -> Request:
    return Request(RequestKind.WITHDRAW, account, owner_of(account), amount)


def message(account: int) -> Request:
    words = Message(account, key_epoch=1, nonce=1, price=5, size=5).words()
    return Request(RequestKind.MESSAGE, account, owner_of(account), data=words)


def inputs(
    requests: Sequence[Request],
    slots: Slots = HONEST,
    markets: Sequence[Market] = MARKETS,
    **lies: Nested,
) -> dict[str, Nested]:
    state = exchange(slots, markets)
    signals = [request_signals(each, slots, process_request(state, each).free) for each in requests]
    signals += [unused_signals()] * (QUEUE - len(requests))
    columns = {name: [each[name] for each in signals] for name in signals[0]}
    return {**queue_inputs(slots, markets), **columns, **lies}


@pytest.mark.parametrize(
    ("requests", "slots"),
    [
        ([], HONEST),
        ([deposit(BOB, 5)], HONEST),
        ([deposit(ALICE, 5), withdrawal(ALICE, MOST)], HONEST),
        ([withdrawal(ALICE, MOST), deposit(ALICE, 5)], HONEST),
        ([deposit(ALICE, 5), deposit(BOB, MOST)], HONEST),
        ([withdrawal(BOB, 1), withdrawal(ALICE, 1)], HONEST),
        ([deposit(NEWCOMER, 5), withdrawal(NEWCOMER, 3)], [HONEST[0], (NEWCOMER, ABSENT)]),
        ([withdrawal(ALICE, MOST), withdrawal(BOB, MOST)], LEVERAGED),
        ([deposit(BOB, 5), message(ALICE)], LEVERAGED),
        ([restricting(OTHER, ALICE)], HONEST),
        ([restricting(OTHER, ALICE), restricting(Venue(), BOB)], HONEST),
        ([restricting(Venue(), ALICE), restricting(OTHER, ALICE)], HONEST),
        ([restricting(OTHER, BOB), withdrawal(BOB, MOST)], LEVERAGED),
        ([withdrawal(BOB, MOST), restricting(OTHER, BOB)], LEVERAGED),
    ],
)
def test_the_queue_does_what_the_engine_does(
    queue: CircuitTester, requests: list[Request], slots: Slots
) -> None:
    state = exchange(slots)
    outcomes = [process_request(state, request).outcome for request in requests]
    unused = [0] * (QUEUE - len(requests))
    assert queue.accepts(inputs(requests, slots))
    assert queue.witness(inputs(requests, slots)) == {
        **holdings([state.account(number) for number, _ in slots]),
        "count": len(requests),
        "head": [request.words()[0] for request in requests] + unused,
        "isMessage": [int(request.kind == RequestKind.MESSAGE) for request in requests] + unused,
        "outcome": [outcome.word() for outcome in outcomes] + unused,
        "deposited": sum(each.amount for each in requests if each.kind == RequestKind.DEPOSIT),
        "paid": sum(outcome.paid for outcome in outcomes),
        "restrictionsAfter": state.venue.restrictions(),
    }


@pytest.mark.parametrize(
    "markets", [MARKETS, HALTED, TIERED, SETTLED], ids=["open", "halted", "tiered", "settled"]
)
def test_a_withdrawal_leaves_what_its_positions_hold(
    queue: CircuitTester, markets: tuple[Market, ...]
) -> None:
    everything = [withdrawal(ALICE, MOST), withdrawal(BOB, MOST)]
    state = exchange(LEVERAGED, markets)
    outcomes = [process_request(state, request).outcome for request in everything]
    assert queue.accepts(inputs(everything, LEVERAGED, markets))
    told = queue.witness(inputs(everything, LEVERAGED, markets))
    assert told["outcome"] == [outcome.word() for outcome in outcomes]
    assert told["paid"] == sum(outcome.paid for outcome in outcomes)


def test_nothing_more_leaves_a_halted_market_than_the_halt_lets(queue: CircuitTester) -> None:
    """What would be free at the usual margin is not."""
    request = withdrawal(ALICE, MOST)
    usual = process_request(exchange(LEVERAGED), request).free
    held = process_request(exchange(LEVERAGED, HALTED), request).free
    assert 0 < held < usual
    assert queue.accepts(inputs([request], LEVERAGED, HALTED, free=[held, 0]))
    assert queue.rejects(inputs([request], LEVERAGED, HALTED, free=[usual, 0]))


def test_a_larger_position_leaves_more_and_congestion_binds_nothing(queue: CircuitTester) -> None:
    """Three lots, whose squares need a step each."""
    request = withdrawal(ALICE, MOST)
    usual = process_request(exchange(LEVERAGED), request).free
    tiered = process_request(exchange(LEVERAGED, TIERED), request).free
    assert usual - tiered == -(-9 * TIERED[0].tier_step // c.PPM_UNIT)
    assert queue.accepts(inputs([request], LEVERAGED, TIERED, free=[tiered, 0]))
    assert queue.rejects(inputs([request], LEVERAGED, TIERED, free=[usual, 0]))


@pytest.mark.parametrize("slot", range(QUEUE))
def test_what_l1_said_last_is_what_is_left(queue: CircuitTester, slot: int) -> None:
    """Of two restrictions, the second; of one, whichever it is."""
    said = [restricting(OTHER, ALICE), restricting(Venue(), ALICE)]
    alone = [deposit(ALICE, 1), deposit(ALICE, 1)]
    alone[slot] = said[0]
    for requests, word in ((said, 0), (alone, OTHER.restrictions())):
        assert queue.witness(inputs(requests))["restrictionsAfter"] == word
        for lie in {0, OTHER.restrictions(), RESTRICTIONS.restrictions()} - {word}:
            assert not queue.accepts_witness_with(inputs(requests), {"main.restrictionsAfter": lie})


def test_enabled_requests_come_first(queue: CircuitTester) -> None:
    honest = inputs([deposit(ALICE, 5)])
    assert queue.accepts(honest)
    signals = [unused_signals(), request_signals(deposit(ALICE, 5), HONEST, free=0)]
    late = {name: [each[name] for each in signals] for name in unused_signals()}
    assert queue.rejects(honest | late)


def test_a_flag_that_is_no_boolean_is_rejected(queue: CircuitTester) -> None:
    """Twice enabled, it would be two requests of the queue and two deposits in one."""
    assert queue.rejects(inputs([deposit(ALICE, 5)], enabled=[2, 0]))
    assert queue.rejects(inputs([deposit(ALICE, 5)], enabled=[2, 0], slot=[[2, 0], [0, 0]]))


def test_the_second_request_sees_what_the_first_one_left(queue: CircuitTester) -> None:
    twice = [withdrawal(ALICE, MOST), withdrawal(ALICE, MOST)]
    assert queue.accepts(inputs(twice))
    assert queue.rejects(inputs(twice, free=[100, 100]))


@pytest.mark.parametrize(
    "signal",
    [
        "count",
        "deposited",
        "paid",
        "head[0]",
        "isMessage[0]",
        "outcome[1]",
        "after.collateral[1]",
        "restrictionsAfter",
    ],
)
def test_what_the_queue_does_cannot_be_lied_about(queue: CircuitTester, signal: str) -> None:
    honest = inputs([deposit(ALICE, 5), withdrawal(BOB, 7)])
    assert not queue.accepts_witness_with(honest, {f"main.{signal}": 12345})
