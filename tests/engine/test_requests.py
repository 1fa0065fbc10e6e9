"""L1 requests: every one is consumed, and the outcome says what L1 owes."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.crypto import public_key
from sequencer.engine.commands import ProcessRequest
from sequencer.engine.events import Dropped, Filled, MessageSequenced, RequestProcessed, Rested
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import RequestKind, RequestStatus, Side, Verdict
from sequencer.model.config import FeeTier
from sequencer.model.message import Message
from sequencer.model.request import Outcome
from tests.engine.venue import NAMES, PLAIN, Setting, verdicts
from tests.strategies import change, configuration, forced, owner_of

KEY = public_key(77)
DONE, REFUSED = RequestStatus.DONE, RequestStatus.REFUSED
MOST = (1 << c.AMOUNT_BITS) - 1
DEARER = replace(configuration((PLAIN,)), tiers=(FeeTier(0, 900),) * c.TIERS)


def test_a_deposit_adds_collateral(setting: Setting) -> None:
    venue = setting(collateral=5)
    assert venue.request(RequestKind.DEPOSIT, "alice", 7).outcome == Outcome(DONE, 0)
    assert venue.account("alice").collateral == 12


@pytest.mark.parametrize(
    ("amount", "refused"), [(c.COLLATERAL_BOUND - 6, False), (c.COLLATERAL_BOUND - 5, True)]
)
def test_a_deposit_that_would_overflow_is_refunded(setting: Setting, amount: int, refused: bool) -> None:
    venue = setting(collateral=5)
    outcome = venue.request(RequestKind.DEPOSIT, "alice", amount).outcome
    assert outcome == (Outcome(REFUSED, amount) if refused else Outcome(DONE, 0))
    assert venue.account("alice").collateral == (5 if refused else c.COLLATERAL_BOUND - 1)


def test_a_registered_key_takes_the_next_epoch(setting: Setting) -> None:
    venue = setting()
    event = venue.request(RequestKind.REGISTER_KEY, "alice", data=KEY)
    assert (event.outcome, event.free) == (Outcome(DONE, 0), 0)
    assert (venue.account("alice").key, venue.account("alice").key_epoch) == (KEY, 2)


def test_a_new_key_voids_messages_of_the_old_one_but_not_orders(setting: Setting) -> None:
    venue = setting("alice 5 @ 990 |")
    venue.request(RequestKind.REGISTER_KEY, "alice", data=KEY)
    assert verdicts(venue.buy("alice", 1, 990, key_epoch=1)) == [Verdict.KEY_EPOCH]
    assert len(venue.orders("alice")) == 1


def test_keys_run_out_of_epochs(setting: Setting) -> None:
    venue = setting(accounts={"alice": {"key_epoch": (1 << c.KEY_EPOCH_BITS) - 1}})
    key = venue.account("alice").key
    assert venue.request(RequestKind.REGISTER_KEY, "alice", data=KEY).outcome == Outcome(REFUSED, 0)
    assert (venue.account("alice").key, venue.account("alice").key_epoch) == (key, 65_535)


@pytest.mark.parametrize(("amount", "paid"), [(0, 0), (40, 40), (100, 100), (101, 100), (MOST, 100)])
def test_a_withdrawal_pays_what_is_free_and_no_more(setting: Setting, amount: int, paid: int) -> None:
    venue = setting(collateral=100)
    event = venue.request(RequestKind.WITHDRAW, "alice", amount)
    assert (event.outcome, event.free) == (Outcome(DONE, paid), 100)
    assert venue.account("alice").collateral == 100 - paid


def test_margin_and_open_orders_are_not_free(setting: Setting) -> None:
    """Two lots long bind 200, an order for one at 1000 binds 100."""
    venue = setting("alice 1 @ 1000 |", accounts={"alice": {"positions": (2, 0, 0, 0), "collateral": -1_000}})
    event = venue.request(RequestKind.WITHDRAW, "alice", MOST)
    assert (event.outcome.paid, event.free) == (700, 700)
    assert venue.account("alice").collateral == -1_700


def test_profit_at_the_mark_is_free(setting: Setting) -> None:
    venue = setting(collateral=1_000, accounts={"alice": {"positions": (2, 0, 0, 0), "collateral": -1_800}})
    assert venue.request(RequestKind.WITHDRAW, "alice", MOST).outcome.paid == 0
    venue.mark(1300)
    assert venue.request(RequestKind.WITHDRAW, "alice", MOST).outcome.paid == 2_600 - 1_800 - 260


def test_a_withdrawal_out_of_nothing_pays_nothing_and_tells_what_is_missing(setting: Setting) -> None:
    venue = setting(accounts={"alice": {"positions": (2, 0, 0, 0), "collateral": -1_900}})
    event = venue.request(RequestKind.WITHDRAW, "alice", 5)
    assert (event.outcome, event.free) == (Outcome(DONE, 0), -100)
    assert venue.account("alice").collateral == -1_900


@pytest.mark.parametrize(
    ("kind", "fields", "changes"),
    [
        (RequestKind.DEPOSIT, {"amount": 9}, {"collateral": 9}),
        (RequestKind.DEPOSIT, {"amount": MOST}, {}),
        (RequestKind.REGISTER_KEY, {"data": KEY}, {"key": KEY, "key_epoch": 1}),
        (RequestKind.WITHDRAW, {"amount": 9}, {}),
    ],
    ids=["deposit", "refused deposit", "key", "withdrawal"],
)
def test_any_request_creates_its_account(
    setting: Setting, kind: RequestKind, fields: dict[str, Any], changes: dict[str, Any]
) -> None:
    venue = setting(absent="alice")
    assert not venue.account("alice").exists
    venue.request(kind, "alice", **fields)
    expected = Account(owner=owner_of(NAMES["alice"]), **changes)
    assert venue.account("alice") == expected
    assert (expected.key_epoch, expected.tier) == (changes.get("key_epoch", 0), 0)


def test_each_request_is_counted_whatever_its_outcome(setting: Setting) -> None:
    venue = setting(markets=(PLAIN,))
    venue.request(RequestKind.DEPOSIT, "alice", MOST)
    venue.request(RequestKind.WITHDRAW, "bob", 1)
    assert venue.seen.requests_consumed == 2


def test_a_change_does_nothing_but_bind_the_next_batch(setting: Setting) -> None:
    venue = setting(markets=(PLAIN,))
    before = venue.seen
    venue.apply(ProcessRequest(change(DEARER.hash())))
    assert venue.seen.requests_consumed == before.requests_consumed + 1
    assert venue.seen.accounts == {**before.accounts, c.INSURANCE_ACCOUNT: Account(owner=c.INSURANCE_OWNER)}
    assert venue.seen.markets == before.markets
    venue.sell("alice", 5, 1_001)
    filled = venue.buy("bob", 2, 1_001)[0]
    assert isinstance(filled, Filled)
    assert filled.taker_fee == 0
    venue.mark(1_000, configuration=DEARER)
    filled = venue.buy("bob", 3, 1_001)[0]
    assert isinstance(filled, Filled)
    assert filled.taker_fee > 0


def test_a_forced_message_does_what_a_signed_one_does(setting: Setting) -> None:
    forcing, signing = setting(markets=(PLAIN,)), setting(markets=(PLAIN,))
    processed, sequenced, rested = forcing.force("alice", side=Side.SELL, size=5, price=1_001)
    assert isinstance(processed, RequestProcessed)
    assert processed.outcome == Outcome(DONE, 0)
    assert isinstance(sequenced, MessageSequenced)
    assert (sequenced.forced, sequenced.authenticated) == (True, True)
    assert [rested] == signing.sell("alice", 5, 1_001)
    assert isinstance(rested, Rested)
    assert forcing.account("alice") == signing.account("alice")


def test_forced_users_meet_each_other(setting: Setting) -> None:
    venue = setting(markets=(PLAIN,))
    venue.force("alice", side=Side.SELL, size=5, price=1_001)
    assert isinstance(venue.force("bob", side=Side.BUY, size=5, price=1_001)[2], Filled)


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [({"key_epoch": 2}, Verdict.KEY_EPOCH), ({"nonce": 0}, Verdict.NONCE), ({"kind": 3}, Verdict.KIND)],
    ids=["key epoch", "nonce", "kind"],
)
def test_a_forced_message_is_judged_like_any_other(
    setting: Setting, fields: dict[str, int], verdict: Verdict
) -> None:
    """It is done as a request, whatever its verdict: the queue moves on."""
    processed, _, dropped = setting(markets=(PLAIN,)).force("alice", **fields)
    assert isinstance(processed, RequestProcessed)
    assert processed.outcome == Outcome(DONE, 0)
    assert isinstance(dropped, Dropped)
    assert dropped.verdict == verdict


@pytest.mark.parametrize(
    ("market", "size", "verdict"),
    [(0, 1, Verdict.NOT_DUE), (0, 0, Verdict.BOUNDS), (1, 1, Verdict.MARKET), (255, 1, Verdict.MARKET)],
)
def test_a_liquidation_that_anyone_forces_does_nothing_to_who_is_healthy(
    setting: Setting, market: int, size: int, verdict: Verdict
) -> None:
    """It is done as a request, whatever its verdict, and takes no nonce of the account."""
    accounts: dict[str, dict[str, Any]] = {
        "alice": {"positions": (5, 0, 0, 0), "collateral": 0},
        "bob": {"positions": (-5, 0, 0, 0)},
    }
    venue = setting(markets=(PLAIN,), accounts=accounts)
    before = venue.account("alice")
    message = Message.liquidation(NAMES["alice"], market, Side.SELL, size)
    processed, sequenced, dropped = venue.apply(ProcessRequest(forced(message)))
    assert isinstance(processed, RequestProcessed)
    assert processed.outcome == Outcome(DONE, 0)
    assert sequenced == MessageSequenced(1, message, authenticated=False, forced=True)
    assert isinstance(dropped, Dropped)
    assert dropped.verdict == verdict
    assert venue.account("alice") == before
