"""A small exchange driven by plain orders; what its operator does with them is for an attack to replace."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.crypto import public_key, sign
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MessageKind, RequestKind, Side
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.market import Market, MarketParameters
from sequencer.model.message import Message, SignedMessage
from sequencer.model.oracle import OracleReport
from sequencer.model.order import Order
from sequencer.model.premium import Premium
from sequencer.model.request import Request
from sequencer.model.schedule import MarginSchedule
from sequencer.model.venue import NO_RESTRICTIONS, Venue
from tests import strategies as s
from tests.batch.fixtures import ledger_of

BUY, SELL = Side.BUY, Side.SELL
MARK: Final = s.MARK
RICH: Final = 1_000_000_000
PLAIN: Final = s.open_market(
    MarketParameters(
        1,
        100_000,
        50_000,
        500_000,
        min_size=1,
        max_position=1_000,
        max_move_ppm=500_000,
        halt_seconds=60,
        liquidation_fee_ppm=15_000,
    )
)
FREE: Final = (FeeTier(0, 0),) * c.TIERS
FEES: Final = (FeeTier(-100, 500), FeeTier(200, 400), FeeTier(0, 300), FeeTier(100, 100))
"""Tier 0 earns a rebate as maker; the others pay less as taker."""

Prices = tuple[int, ...]


def trader(number: int, collateral: int = RICH, **fields: Any) -> Account:
    """Return a funded account whose first key is registered."""
    return replace(s.funded_account(number, collateral), **fields)


def resting(
    sequence: int, account: int, side: Side, price: int, remaining: int = 1, market: int = 0, **fields: Any
) -> Order:
    """Return an order that is in the book from the start."""
    order = Order(market, side, price, sequence, account, remaining, c.NEVER_EXPIRES, 1_000, False)
    return replace(order, **fields)


class Exchange:
    """One exchange and its open batch.

    Parameters
    ----------
    accounts
        Traders 1 to 4, all rich, where an id is not named, and an insurance fund without anything.
    orders
        In the book from the start; the next sequence follows the largest.
    orders_a_page
        How bids and asks are cut into pages at the start.
    premiums
        Of the markets, in the funding period of their last round.
    schedules
        Of the markets; without any, margins are static.
    venue
        What L1 restricts, and whether the insurance fund is below its floor.
    insurance_floor
        That floor, in quote units.
    """

    def __init__(
        self,
        accounts: Mapping[int, Account] | None = None,
        orders: Sequence[Order] = (),
        *,
        markets: Sequence[Market] = (PLAIN,),
        tiers: tuple[FeeTier, ...] = FREE,
        orders_a_page: tuple[int, int] = (c.PAGE_ORDERS, c.PAGE_ORDERS),
        premiums: Sequence[Premium] = (),
        schedules: Sequence[MarginSchedule] = (),
        venue: Venue = NO_RESTRICTIONS,
        insurance_floor: int = 0,
    ) -> None:
        fund = {c.INSURANCE_ACCOUNT: Account(owner=c.INSURANCE_OWNER)}
        holders = fund | {number: trader(number) for number in range(1, 5)} | dict(accounts or {})
        slots = [*_with_interest(markets, holders.values()), *[Market()] * (c.MARKETS - len(markets))]
        holders, slots = s.with_orders(holders, slots, list(orders))
        terms = s.configuration_of(slots, tuple(schedules) or None)
        self.state = State(
            replace(terms, tiers=tiers, insurance_floor=insurance_floor),
            s.DOMAIN,
            holders,
            slots,
            orders,
            premiums=[*premiums, *[Premium()] * (c.MARKETS - len(premiums))],
            period=max(market.oracle_time for market in markets) // c.FUNDING_SECONDS,
            next_sequence=1 + max((order.sequence for order in orders), default=0),
            timestamp=s.START,
            venue=venue,
        )
        self.ledger = ledger_of(self.state, orders_a_page)
        self.prices: Prices = tuple(market.mark for market in slots)
        self.received: list[SignedMessage] = []
        self.enacted: Configuration | None = None

    def open(self) -> None:
        """Open the next batch, a second after the last one."""
        timestamp = self.state.timestamp + 1
        opening = OpenEpoch(timestamp, self.reports(timestamp), self.enacted)
        self.builder = BatchBuilder(self.ledger, self.state, batch_size("small"), opening)

    def seal(self) -> SealedBatch:
        """Seal the open batch."""
        return self.builder.seal()

    def change(self, configuration: Configuration) -> None:
        """Consume the timelock's change in a batch of its own: from the next batch on it holds."""
        self.open()
        assert self.builder.add_request(s.change(configuration.hash())) is not None
        self.seal()
        self.enacted = configuration

    # ---- What outsiders sign.

    def reports(self, timestamp: int) -> tuple[OracleReport, ...]:
        """Return the oracle round of a batch: every signer sees `prices`."""
        return s.signed_round(timestamp, self.prices)

    def signed(self, message: Message) -> SignedMessage:
        """Sign a message as its account's owner does, with the key of the epoch that it names."""
        return s.signed_message(message)

    # ---- What the operator does.

    def sequenced(self, signed: SignedMessage) -> SignedMessage:
        """Return what the operator puts into the batch for a signed message: an honest one, the same."""
        return signed

    def queued(self, request: Request) -> Request:
        """Return what the operator puts into the batch for a queued request: an honest one, the same."""
        return request

    def unsigned(self, message: Message) -> None:
        """Sequence a message that nobody signs; it must fit the batch."""
        assert self.builder.add_unsigned(message) is not None

    # ---- What traders do.

    def buy(self, account: int, size: int, price: int, **fields: Any) -> None:
        """Place a bid."""
        self.send(account, side=BUY, size=size, price=price, **fields)

    def sell(self, account: int, size: int, price: int, **fields: Any) -> None:
        """Place an ask."""
        self.send(account, side=SELL, size=size, price=price, **fields)

    def cancel(self, account: int, side: Side, price: int, target: int, **fields: Any) -> None:
        """Cancel one order."""
        self.send(account, kind=MessageKind.CANCEL, side=side, price=price, target=target, **fields)

    def cancel_all(self, account: int) -> None:
        """Cancel every order of an account."""
        self.send(account, kind=MessageKind.CANCEL_ALL)

    def send(self, account: int, **fields: Any) -> None:
        """Sign and send a message; it must fit the batch."""
        self.submit(self.signed(self._message(account, fields)))

    def force(self, account: int, **fields: Any) -> None:
        """Demand a message on L1; it must fit the batch."""
        request = s.forced(self._message(account, fields))
        assert self.builder.add_request(self.queued(request)) is not None

    def submit(self, signed: SignedMessage) -> None:
        """Hand a signed message to the operator."""
        self.received.append(signed)
        assert self.builder.add_message(self.sequenced(signed)) is not None

    def deposit(self, account: int, amount: int) -> None:
        """Deposit on L1."""
        self.request(RequestKind.DEPOSIT, account, amount=amount)

    def withdraw(self, account: int, amount: int) -> None:
        """Ask for a withdrawal on L1."""
        self.request(RequestKind.WITHDRAW, account, amount=amount)

    def register(self, account: int, key_epoch: int) -> None:
        """Register the account's own key of an epoch on L1."""
        self.request(RequestKind.REGISTER_KEY, account, data=public_key(s.trader_secret(account, key_epoch)))

    def restrict(self, venue: Venue) -> None:
        """Let L1 say what it restricts."""
        self.request(RequestKind.RESTRICT, c.INSURANCE_ACCOUNT, data=(venue.restrictions(), 0))

    def request(self, kind: RequestKind, account: int, **fields: Any) -> None:
        """Queue an L1 request; it must fit the batch."""
        request = Request(kind, account, s.owner_of(account), **fields)
        assert self.builder.add_request(self.queued(request)) is not None

    def _message(self, account: int, fields: dict[str, Any]) -> Message:
        holder = self.state.account(account)
        defaults = {"key_epoch": holder.key_epoch, "nonce": holder.nonce + 1, "max_fee_ppm": 1_000}
        return Message(account=account, **defaults | fields)


def signed_by(secret: int, message: Message, domain: int = s.DOMAIN) -> SignedMessage:
    """Return a message signed with any secret."""
    return SignedMessage(message, sign(secret, message.hash(domain)))


def signed_report_by(secret: int, signer: int, time: int, prices: Prices) -> OracleReport:
    """Return an oracle report signed with any secret."""
    report = OracleReport(signer, time, prices)
    return replace(report, signature=sign(secret, report.hash(s.DOMAIN)))


def _with_interest(markets: Sequence[Market], holders: Iterable[Account]) -> list[Market]:
    longs = [
        sum(max(size, 0) for size in sizes) for sizes in zip(*(h.positions for h in holders), strict=True)
    ]
    return [replace(market, open_interest=longs[slot]) for slot, market in enumerate(markets)]
