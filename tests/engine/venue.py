"""An exchange under test: the engine or its referee, driven by names and small tables."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec.structs import replace

from sequencer.engine import State, apply
from sequencer.engine.commands import CloseEpoch, Command, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.events import EpochOpened, Event, Filled, MakerRemoved, RequestProcessed, Rested
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketKind, MarketStatus, MessageKind, RequestKind, Side, Verdict
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.market import Market, MarketParameters
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.premium import Premium
from sequencer.model.request import Request
from sequencer.model.schedule import MarginSchedule
from sequencer.model.venue import NO_RESTRICTIONS
from sequencer.model.venue import Venue as Restrictions
from tests.engine import naive, naive_state
from tests.strategies import (
    DOMAIN,
    MARK,
    START,
    configuration_of,
    forced,
    funded_account,
    open_market,
    owner_of,
    restriction,
    signed_round,
    with_orders,
)

NAMES = {"fund": 0, "alice": 1, "bob": 2, "carol": 3, "dave": 4, "erin": 5}
RICH = 1_000_000_000
FREE = FeeTier(maker_ppm=0, taker_ppm=0)
# One lot at the mark of 1000 ticks is worth 1000 quote units: 100 of initial and 50 of maintenance margin.
PLAIN = MarketParameters(1, 100_000, 50_000, 500_000, min_size=1, max_position=1_000)

Apply = Callable[[Any, Command], list[Event]]
BookTable = tuple[list[tuple[str, int, int]], list[tuple[str, int, int]]]


class Snapshot(NamedTuple):
    """What two implementations must agree on; orders by market, side and key."""

    accounts: dict[int, Account]
    markets: list[Market]
    orders: list[Order]
    premiums: tuple[Premium, ...]
    period: int
    fee_pool: int
    funding_pool: int
    requests_consumed: int
    next_sequence: int
    timestamp: int
    venue: Restrictions


class Implementation(NamedTuple):
    """How to make a state, to change it and to look at it."""

    make: Callable[..., Any]
    apply: Apply
    snapshot: Callable[[Any], Snapshot]


def engine_snapshot(state: State) -> Snapshot:
    orders = [order for slot in range(c.MARKETS) for side in Side for order in state.book(slot, side)]
    return Snapshot(
        dict(state.accounts),
        list(state.markets),
        orders,
        state.premiums,
        state.period,
        state.fee_pool,
        state.funding_pool,
        state.requests_consumed,
        state.next_sequence,
        state.timestamp,
        state.venue,
    )


def naive_snapshot(state: naive_state.Exchange) -> Snapshot:
    return Snapshot(
        state.seen_accounts(),
        state.seen_markets(),
        [order for slot in range(c.MARKETS) for side in Side for order in state.side(slot, side)],
        tuple(state.premiums),
        state.period,
        state.fee_pool,
        state.funding_pool,
        state.requests_consumed,
        state.next_sequence,
        state.timestamp,
        state.venue,
    )


ENGINE = Implementation(State, apply, engine_snapshot)
REFEREE = Implementation(naive_state.exchange, naive.apply, naive_snapshot)


def referee_of(state: State) -> naive_state.Exchange:
    """The referee with the content of an engine state."""
    seen = engine_snapshot(state)
    return naive_state.exchange(state.configuration, state.domain, **seen._asdict())


def table(text: str) -> BookTable:
    """Read a book: a row is `bid | ask`, either side empty or `name size @ price`, the best price first."""
    bids: list[tuple[str, int, int]] = []
    asks: list[tuple[str, int, int]] = []
    for row in filter(str.strip, text.splitlines()):
        for cell, side in zip(row.split("|"), (bids, asks), strict=True):
            if cell.strip():
                name, size, _, price = cell.split()
                side.append((name, int(size), int(price)))
    return bids, asks


@dataclass
class Venue:
    """One implementation and its state; traders are named, nonces count themselves."""

    implementation: Implementation
    state: Any

    def apply(self, command: Command) -> list[Event]:
        return self.implementation.apply(self.state, command)

    def send(self, name: str, **fields: Any) -> list[Event]:
        """The events of a message but the `MessageSequenced`; the next nonce unless one is given."""
        account = self.account(name)
        defaults = {"key_epoch": account.key_epoch, "nonce": account.nonce + 1, "max_fee_ppm": 1_000}
        message = Message(NAMES[name], **defaults | fields)
        return self.apply(SequenceMessage(message))[1:]

    def buy(self, name: str, size: int, price: int, **fields: Any) -> list[Event]:
        return self.send(name, side=Side.BUY, size=size, price=price, **fields)

    def sell(self, name: str, size: int, price: int, **fields: Any) -> list[Event]:
        return self.send(name, side=Side.SELL, size=size, price=price, **fields)

    def cancel(self, name: str, order: Order, **fields: Any) -> list[Event]:
        terms = {"market": order.market, "side": order.side, "price": order.price, "target": order.sequence}
        return self.send(name, kind=MessageKind.CANCEL, **terms | fields)

    def cancel_all(self, name: str) -> list[Event]:
        return self.send(name, kind=MessageKind.CANCEL_ALL)

    def request(self, kind: RequestKind, name: str, amount: int = 0, **fields: Any) -> RequestProcessed:
        account = NAMES[name]
        (event,) = self.apply(ProcessRequest(Request(kind, account, owner_of(account), amount, **fields)))
        assert isinstance(event, RequestProcessed)
        return event

    def insure(self, amount: int) -> RequestProcessed:
        """Pay into the insurance fund."""
        return self.request(RequestKind.DEPOSIT, "fund", amount)

    def restrict(self, restrictions: Restrictions) -> None:
        """Consume what L1 restricts."""
        self.apply(ProcessRequest(restriction(restrictions)))

    def close(self) -> list[Event]:
        """End the batch; the events are those of a charge."""
        return self.apply(CloseEpoch())

    def liquidate(self, name: str, side: Side, size: int, market: int = 0, **fields: Any) -> list[Event]:
        """The events of a liquidation but the `MessageSequenced`; `fields` are those of a malformed one."""
        message = replace(Message.liquidation(NAMES[name], market, side, size), **fields)
        return self.apply(SequenceMessage(message))[1:]

    def unwind(self, side: Side, size: int, price: int, market: int = 0, **fields: Any) -> list[Event]:
        """The events of an unwinding of the fund but the `MessageSequenced`; `fields` as for `liquidate`."""
        message = replace(Message.unwinding(market, side, size, price), **fields)
        return self.apply(SequenceMessage(message))[1:]

    def force(self, name: str, **fields: Any) -> list[Event]:
        """The events of a message that L1 demands; fields as for `send`."""
        account = self.account(name)
        defaults = {"key_epoch": account.key_epoch, "nonce": account.nonce + 1, "max_fee_ppm": 1_000}
        return self.apply(ProcessRequest(forced(Message(NAMES[name], **defaults | fields))))

    def mark(self, *prices: int, seconds: int = 1, configuration: Configuration | None = None) -> EpochOpened:
        """Open a batch `seconds` later with these marks, under another configuration if one is given."""
        timestamp = self.seen.timestamp + seconds
        padded = (*prices, *(0,) * (c.MARKETS - len(prices)))
        (event,) = self.apply(OpenEpoch(timestamp, signed_round(timestamp, padded), configuration))
        assert isinstance(event, EpochOpened)
        return event

    def given(self, text: str) -> "Venue":
        """Let the traders place the orders of a table, row by row, at no risk of a trade."""
        for side, orders in zip(Side, table(text), strict=True):
            for name, size, price in orders:
                (event,) = self.send(name, side=side, size=size, price=price)
                assert isinstance(event, Rested), event
        return self

    @property
    def seen(self) -> Snapshot:
        return self.implementation.snapshot(self.state)

    def account(self, name: str) -> Account:
        return self.seen.accounts.get(NAMES[name], Account())

    def position(self, name: str, market: int = 0) -> int:
        return self.account(name).positions[market]

    def orders(self, name: str) -> list[Order]:
        return [order for order in self.seen.orders if order.account == NAMES[name]]

    def book(self, market: int = 0) -> BookTable:
        bids, asks = (
            [
                (name_of(order.account), order.remaining, order.price)
                for order in self.seen.orders
                if (order.market, order.side) == (market, side)
            ]
            for side in Side
        )
        return bids, asks


@dataclass
class Setting:
    """Makes venues of one implementation."""

    implementation: Implementation

    def __call__(
        self,
        book: str = "",
        *,
        collateral: int = RICH,
        accounts: dict[str, dict[str, Any]] | None = None,
        markets: Sequence[Market | MarketParameters] = (PLAIN,),
        schedules: tuple[MarginSchedule, ...] | None = None,
        orders: Iterable[Order] = (),
        tiers: tuple[FeeTier, ...] = (FREE,) * c.TIERS,
        rates: Sequence[int] = (),
        period: int = START // c.FUNDING_SECONDS,
        absent: str = "",
        venue: Restrictions = NO_RESTRICTIONS,
        insurance_floor: int = 0,
    ) -> Venue:
        """A venue where everybody has `collateral` and `book` rests; nobody pays fees unless `tiers` says so.

        The insurance fund has nothing; what `accounts` gives it to hold, it has held since `START`.

        `accounts` overrides account fields by name, `absent` has no account, `orders` rest from genesis on.
        Margins are static unless each market has a schedule.
        `rates` are those of funding in the first markets, in ppm; the period of `START` has just begun.
        """
        slots = [market if isinstance(market, Market) else open_market(market, MARK) for market in markets]
        slots += [Market()] * (c.MARKETS - len(slots))
        holders = {
            account: replace(_holder(account, collateral), **(accounts or {}).get(name, {}))
            for name, account in NAMES.items()
            if name != absent
        }
        slots = [_with_positions(slot, m, holders) for m, slot in enumerate(slots)]
        resting = list(orders)
        holders, slots = with_orders(holders, slots, resting)
        state = self.implementation.make(
            replace(configuration_of(slots, schedules), tiers=tiers, insurance_floor=insurance_floor),
            DOMAIN,
            holders,
            slots,
            resting,
            premiums=[Premium(rate_ppm=rate) for rate in (*rates, *[0] * (c.MARKETS - len(rates)))],
            period=period,
            fee_pool=0,
            funding_pool=0,
            requests_consumed=0,
            next_sequence=1 + max((order.sequence for order in resting), default=0),
            timestamp=START,
            venue=venue,
        )
        return Venue(self.implementation, state).given(book)


def _with_positions(slot: Market, market: int, holders: dict[int, Account]) -> Market:
    """The market with the open interest of these accounts, and the time of the fund."""
    longs = sum(max(each.positions[market], 0) for each in holders.values())
    stuck = holders.get(c.INSURANCE_ACCOUNT, Account()).positions[market] != 0
    since = slot.fund_since or (START if stuck else 0)
    return replace(slot, open_interest=longs, fund_since=since)


def verdicts(events: list[Event]) -> list[Verdict]:
    """The verdicts among the events; fills and resting have none."""
    return [event.verdict for event in events if hasattr(event, "verdict")]


def fills(events: list[Event]) -> list[tuple[str, int, int]]:
    """The trades among the events as (maker, lots, ticks)."""
    filled = [event for event in events if isinstance(event, Filled)]
    return [(name_of(event.head.account), event.quantity, event.head.price) for event in filled]


def removed(events: list[Event]) -> list[tuple[str, Verdict]]:
    """The makers that were removed, and why."""
    gone = [event for event in events if isinstance(event, MakerRemoved)]
    return [(name_of(event.head.account), event.verdict) for event in gone]


def _holder(account: int, collateral: int) -> Account:
    fund = Account(owner=c.INSURANCE_OWNER)
    return fund if account == c.INSURANCE_ACCOUNT else funded_account(account, collateral)


def name_of(account: int) -> str:
    return next(name for name, number in NAMES.items() if number == account)


def halted_market(parameters: MarketParameters = PLAIN) -> Market:
    return Market(
        MarketKind.PERPETUAL,
        MarketStatus.HALTED,
        MARK,
        START,
        parameters=parameters,
        halted_until=START + 1_000_000,
    )
