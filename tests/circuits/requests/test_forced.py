"""A forced message: the last request of its batch, the first message of its log, and nobody's signature.

One of the insurance fund's account is a turn to unwind.
"""

import pytest
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.message import Message
from tests.circuits.harness import CircuitTester, wires
from tests.strategies import DOMAIN

QUEUE = 3
SIGNER = 2
ORDER = Message(account=3, key_epoch=1, nonce=1, price=5, size=5)
OTHER = Message(account=3, key_epoch=1, nonce=1, price=5, size=6)
LIQUIDATION = Message.liquidation(account=3, market=0, side=Side.SELL, size=5)


@pytest.fixture(scope="module")
def forced() -> CircuitTester:
    return CircuitTester("ForcedMessage", (QUEUE,))


def inputs(*requests: Message | None, first: Message | None, **lies: Nested) -> dict[str, Nested]:
    """Requests of the queue, None for one that is no message, and the first message of the log."""
    unused = [0] * (QUEUE - len(requests))
    # The data of what is no message, a key for one, are words too.
    data = [list((OTHER if each is None else each).words()) for each in requests] + [[0, 0] for _ in unused]
    return {
        "domain": DOMAIN,
        "enabled": [1] * len(requests) + unused,
        "isMessage": [int(each is not None) for each in requests] + unused,
        "data": data,
        "hash": 0 if first is None else first.hash(DOMAIN),
        "signer": SIGNER,
        **lies,
    }


@pytest.mark.parametrize("before", range(QUEUE))
def test_a_forced_message_needs_no_signature(forced: CircuitTester, before: int) -> None:
    told = inputs(*[None] * before, ORDER, first=ORDER)
    assert forced.accepts(told)
    assert forced.witness(told) == {"signature": 0}


@pytest.mark.parametrize("size", [4, 6])
def test_a_liquidation_is_forced_as_demanded(forced: CircuitTester, size: int) -> None:
    """Nobody signs it in any case, so what is forced is its place and its words."""
    assert forced.accepts(inputs(LIQUIDATION, first=LIQUIDATION, signer=0))
    assert forced.rejects(inputs(LIQUIDATION, first=replace(LIQUIDATION, size=size), signer=0))
    assert forced.rejects(inputs(LIQUIDATION, None, first=LIQUIDATION, signer=0))


@pytest.mark.parametrize("requests", range(QUEUE + 1))
@pytest.mark.parametrize("first", [ORDER, OTHER, None])
def test_a_message_that_nobody_forces_needs_one(
    forced: CircuitTester, requests: int, first: Message | None
) -> None:
    told = inputs(*[None] * requests, first=first)
    assert forced.accepts(told)
    assert forced.witness(told) == {"signature": SIGNER}
    assert not forced.accepts_witness_with(told, {"main.signature": 0})


@pytest.mark.parametrize("first", [OTHER, None])
def test_the_log_begins_with_the_forced_message(forced: CircuitTester, first: Message | None) -> None:
    assert forced.rejects(inputs(ORDER, first=first))
    assert forced.rejects(inputs(None, None, ORDER, first=first))


def test_its_words_are_those_of_its_request_and_in_their_order(forced: CircuitTester) -> None:
    swapped = poseidon((DOMAIN, *reversed(ORDER.words())))
    assert forced.rejects(inputs(None, ORDER, first=None, hash=swapped))
    assert forced.rejects(inputs(None, ORDER, first=ORDER, domain=DOMAIN + 1))


@pytest.mark.parametrize("behind", [None, ORDER, OTHER])
@pytest.mark.parametrize("before", range(QUEUE - 1))
def test_no_request_follows_it(forced: CircuitTester, before: int, behind: Message | None) -> None:
    """Else requests would be applied after a message, or two messages have one place."""
    requests = [None] * before + [ORDER, behind]
    assert forced.rejects(inputs(*requests, first=ORDER))
    both = poseidon((DOMAIN, *(sum(words) for words in zip(ORDER.words(), OTHER.words(), strict=True))))
    assert forced.rejects(inputs(*requests, first=None, hash=both))


# ---- How often the insurance fund may be unwound.


@pytest.fixture(scope="module")
def turns() -> CircuitTester:
    return CircuitTester("UnwindingTurns", (QUEUE,))


LAST_ACCOUNT = (1 << c.ACCOUNT_BITS) - 1


def queued(message: int | None, *accounts: int) -> dict[str, Nested]:
    """Requests of these accounts, of which one is a message, or none."""
    return {"isMessage": [int(place == message) for place in range(QUEUE)], "account": accounts}


@pytest.mark.parametrize("place", range(QUEUE))
@pytest.mark.parametrize("other", [0, 1, LAST_ACCOUNT])
def test_a_forced_message_of_the_fund_is_a_turn_of_its_own(
    turns: CircuitTester, place: int, other: int
) -> None:
    """Whatever the other requests are of; one of another account is none."""
    for account in (0, 1, 5, LAST_ACCOUNT):
        accounts = [account if each == place else other for each in range(QUEUE)]
        told = queued(place, *accounts)
        assert turns.accepts(told)
        assert turns.witness(told) == {"turns": 2 if account == 0 else 1}


@pytest.mark.parametrize("accounts", [(0, 0, 0), (0, 5, 0), (7, 5, 3)])
def test_without_a_forced_message_there_is_one_turn(
    turns: CircuitTester, accounts: tuple[int, int, int]
) -> None:
    told = queued(None, *accounts)
    assert turns.accepts(told)
    assert turns.witness(told) == {"turns": 1}


@pytest.mark.parametrize("place", range(QUEUE))
def test_no_turn_is_made_up_or_left_out(turns: CircuitTester, place: int) -> None:
    """What follows from the lie is as it would be."""
    accounts = [0] * QUEUE
    ours = queued(place, *accounts)
    accounts[place] = 5
    others, nobodys = queued(place, *accounts), queued(None, 0, 5, 0)
    assert [turns.witness(told)["turns"] for told in (ours, others, nobodys)] == [2, 1, 1]
    for told, lie in (
        (ours, {"turns": 1}),
        (ours, {"turns": 3}),
        (ours, {"isOfFund": 0, "turns": 1}),
        (others, {"turns": 2}),
        (others, {"isOfFund": 1, "turns": 2}),
        (others, {f"named[{place}]": 0}),
        (nobodys, {"isOfFund": 0}),
        (nobodys, {"turns": 2}),
    ):
        lies = {f"main.{name}": value for name, value in lie.items()}
        assert not turns.accepts_witness_with(told, lies)
    nothing_named = wires("isMessage account named")
    assert turns.accepts_splice(others, others, ".*")
    assert not turns.accepts_splice(others, ours, wires("isMessage account"))
    assert not turns.accepts_splice(others, ours, nothing_named)
