"""Account slots and a request, as the circuits take them."""

from collections.abc import Sequence

from msgspec.structs import replace

from prover.symbols import Values
from prover.witness import Nested
from sequencer.engine import State
from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketStatus, RequestKind
from sequencer.model.market import Market
from sequencer.model.request import Request
from sequencer.model.venue import Venue
from sequencer.model.words import to_field
from tests.strategies import (
    DOMAIN,
    PARAMETERS,
    START,
    configuration_of,
    funded_account,
    open_market,
    owner_of,
)

SLOTS = 2
NOBODY = 1 << c.ACCOUNT_BITS
ABSENT = Account()
MARKETS = (open_market(PARAMETERS[0]), Market(), open_market(PARAMETERS[2], mark=77), Market())
RATE_MAX = max(market.reserve_ppm for market in MARKETS)
HALTED = (replace(MARKETS[0], status=MarketStatus.HALTED), *MARKETS[1:])
"""The same, but orders and withdrawals of market 0 wait."""
TIERED = (replace(MARKETS[0], tier_ppm=500_000, congestion_addon_ppm=900_000), *MARKETS[1:])
"""The same, but a position of market 0 binds more the larger it is; congestion has no part in that."""
SETTLED = (replace(TIERED[0], status=MarketStatus.SETTLED, fund_since=c.SETTLED_SINCE), *MARKETS[1:])
RESTRICTIONS = Venue(congested_until=START + 9, restricted_markets=5, restricted_until=START + 7)
"""What L1 said last."""
ALICE, BOB = 3, 9
NEWCOMER = 11

Slots = Sequence[tuple[int, Account]]


def holder(number: int, collateral: int = 1_000_000, position: int = 0, open_notional: int = 0) -> Account:
    """An account with a position in market 0 and open orders."""
    account = funded_account(number, collateral)
    return replace(account, positions=(position, 0, 0, 0), open_notional=open_notional)


def exchange(slots: Slots, markets: Sequence[Market] = MARKETS) -> State:
    """The state in which the slots' accounts stand."""
    accounts = {number: account for number, account in slots if account.exists}
    return State(configuration_of(markets), DOMAIN, accounts, markets, venue=RESTRICTIONS)


def queue_inputs(slots: Slots, markets: Sequence[Market] = MARKETS) -> dict[str, Nested]:
    """What the loader and the margins tell the queue of the slots."""
    accounts = [account for _, account in slots]
    healths = [health(account, markets) for account in accounts]
    return {
        **_held(slots),
        "positionValue": [told.equity - a.collateral for told, a in zip(healths, accounts, strict=True)],
        "heldMargin": [held_margin(account, markets) for account in accounts],
        "openNotional": [account.open_notional for account in accounts],
        "rateMax": RATE_MAX,
    }


def held_margin(account: Account, markets: Sequence[Market]) -> int:
    """What a withdrawal leaves behind of the positions."""
    return sum(market.held_margin(size) for size, market in zip(account.positions, markets, strict=True))


def slot_inputs(slots: Slots) -> dict[str, Nested]:
    """What the queue tells a request of the slots."""
    return {**_held(slots), "surplus": [surplus(account) for _, account in slots]}


def surplus(account: Account) -> int:
    """Millionths that positions and orders add to an account's collateral: often less than none."""
    value = health(account, MARKETS).equity - account.collateral
    return value * c.PPM_UNIT - held_margin(account, MARKETS) - RATE_MAX * account.open_notional


def _held(slots: Slots) -> dict[str, Nested]:
    accounts = [account for _, account in slots]
    return {
        "restrictionsBefore": RESTRICTIONS.restrictions(),
        "accountId": [number for number, _ in slots],
        "before": {
            "owner": [account.owner for account in accounts],
            "collateral": [account.collateral for account in accounts],
            "key": [account.key for account in accounts],
            "keyEpoch": [account.key_epoch for account in accounts],
        },
    }


def request_signals(request: Request, slots: Slots, free: int) -> dict[str, Nested]:
    """The signals of an enabled request, for the slot of its account."""
    return {
        "enabled": 1,
        "kind": int(request.kind),
        "account": request.account,
        "amount": request.amount,
        "owner": request.owner,
        "data": request.data,
        "slot": [int(number == request.account) for number, _ in slots],
        "free": free,
    }


def unused_signals() -> dict[str, Nested]:
    """The signals of a request that is not enabled."""
    zeros = dict.fromkeys(("enabled", "kind", "account", "amount", "owner", "free"), 0)
    return {**zeros, "data": [0, 0], "slot": [0] * SLOTS}


def holdings(accounts: Sequence[Account]) -> dict[str, Values]:
    """The signals of the bus `Holdings` after a request."""
    return {
        "after.owner": [account.owner for account in accounts],
        "after.collateral": [to_field(account.collateral) for account in accounts],
        "after.key": [list(account.key) for account in accounts],
        "after.keyEpoch": [account.key_epoch for account in accounts],
    }


def restricting(venue: Venue, account: int) -> Request:
    """What L1 says that it restricts, as if any account's request could say it."""
    return Request(RequestKind.RESTRICT, account, owner_of(account), data=(venue.restrictions(), 0))
