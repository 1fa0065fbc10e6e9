"""The referee's state: accounts, markets and one list of all orders.

Nothing is cached. The book is a list in no order; margins, order counts, open notionals and open interest
are added up from positions and orders each time. Rates are fractions, so that nothing is scaled by a million.
What positions are settled at is written down when a batch ends.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from sequencer.model.account import Account
from sequencer.model.config import Configuration
from sequencer.model.market import Market
from sequencer.model.order import Order
from sequencer.model.premium import Premium
from sequencer.model.venue import NO_RESTRICTIONS, Venue

BUY, SELL = 0, 1
FUND = 0


class Holder(Struct):
    """An account without the sums."""

    owner: int
    collateral: int
    positions: list[int]
    indices: list[int]
    key: tuple[int, int]
    key_epoch: int
    nonce: int
    tier: int
    dead_below: int


def is_settled(market: Market) -> bool:
    return market.fund_since == 1


def initial_rate(market: Market) -> int:
    if is_settled(market):
        return 1
    return open_rate(market) + market.congestion_addon_ppm


def held_rate(market: Market) -> int:
    """What a withdrawal leaves behind: more while the price is in doubt, no more because L1 is slow.

    Where the mark stands still, what keeps a position elsewhere: a debt may be found later.
    """
    if is_settled(market):
        return market.parameters.maintenance_ppm + market.volatility_addon_ppm
    return 2**20 - 1 if market.status == 2 else open_rate(market)


def open_rate(market: Market) -> int:
    addons = market.volatility_addon_ppm + market.open_interest_addon_ppm
    return market.parameters.initial_ppm + addons


def maintenance_rate(market: Market) -> int:
    if is_settled(market):
        return 1
    return market.parameters.maintenance_ppm + market.volatility_addon_ppm


def liquidation_rate(market: Market) -> int:
    return 0 if is_settled(market) else market.parameters.liquidation_fee_ppm


def tier_step(market: Market) -> int:
    """What a lot squared needs, in millionths of a quote unit."""
    a_tick = market.parameters.quote_per_tick_lot
    return math.ceil(Fraction(market.mark * a_tick * market.tier_ppm * a_tick, 2**24))


@dataclass
class Exchange:
    """Accounts, markets and one list of all orders.

    Attributes
    ----------
    settled : set of int
        The accounts that the open batch has settled.
    turns : int
        How many unwindings the open batch may still try.
    fund_shown : bool
        Whether the open batch holds the insurance fund's account.
    fund_trade : tuple of (int, int) or None
        Market and side of the batch's last message by which the insurance fund traded.
    trades, premiums_before, marks_before : dict
        Of each market: lots and prices of the batch's fills, its premium before them, and the mark
        of the batch before.
    """

    configuration: Configuration
    domain: int
    markets: list[Market]
    fee_pool: int
    requests_consumed: int
    next_sequence: int
    timestamp: int
    premiums: list[Premium]
    period: int
    funding_pool: int = 0
    venue: Venue = NO_RESTRICTIONS
    turns: int = 0
    fund_shown: bool = False
    settled: set[int] = field(default_factory=set)
    fund_trade: tuple[int, int] | None = None
    trades: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    premiums_before: dict[int, Premium] = field(default_factory=dict)
    marks_before: dict[int, int] = field(default_factory=dict)
    holders: dict[int, Holder] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)

    def holder(self, account: int) -> Holder:
        """An account; one that does not exist has nothing."""
        return self.holders.get(account) or Holder(0, 0, [0] * 4, [0] * 4, Account().key, 0, 0, 0, 0)

    def value(self, market: int, lots: int, price: int) -> int:
        return lots * price * self.markets[market].parameters.quote_per_tick_lot

    def side(self, market: int, side: int) -> list[Order]:
        """One side of a book: best price first, then the older order."""
        orders = [order for order in self.orders if (order.market, order.side) == (market, side)]
        return sorted(
            orders, key=lambda order: (order.price if side == SELL else -order.price, order.sequence)
        )

    def orders_of(self, account: int) -> list[Order]:
        return [order for order in self.orders if order.account == account]

    def open_notional(self, account: int) -> int:
        live = [o for o in self.orders_of(account) if o.sequence >= self.holders[account].dead_below]
        return sum(self.value(o.market, o.remaining, o.price) for o in live)

    def open_interest(self, market: int) -> int:
        return sum(max(holder.positions[market], 0) for holder in self.holders.values())

    def equity(self, holder: Holder) -> int:
        marks = [market.mark for market in self.markets]
        return holder.collateral + sum(
            self.value(m, holder.positions[m], marks[m]) for m in range(len(marks))
        )

    def initial_margin(self, holder: Holder) -> Fraction:
        rates = [initial_rate(market) for market in self.markets]
        return self._margin(holder, rates) + self._surcharge(holder)

    def held_margin(self, holder: Holder) -> Fraction:
        return self._margin(holder, [held_rate(market) for market in self.markets]) + self._surcharge(holder)

    def maintenance_margin(self, holder: Holder) -> Fraction:
        return self._margin(holder, [maintenance_rate(market) for market in self.markets])

    def _surcharge(self, holder: Holder) -> Fraction:
        """What positions need beyond their rates, because they are large."""
        total = Fraction(0)
        for market, lots in zip(self.markets, holder.positions, strict=True):
            if not is_settled(market):
                total += Fraction(lots**2 * tier_step(market), 10**6)
        return total

    def _margin(self, holder: Holder, rates_ppm: list[int]) -> Fraction:
        total = Fraction(0)
        for m, rate in enumerate(rates_ppm):
            total += Fraction(rate, 10**6) * self.value(m, abs(holder.positions[m]), self.markets[m].mark)
        return total

    def largest_rate(self) -> Fraction:
        rates = [m.parameters.initial_ppm + m.volatility_addon_ppm for m in self.markets]
        return Fraction(max(rates), 10**6)

    def present_index(self, market: int, size: int) -> int:
        """What the side of a position owes by now; without a position there is no side."""
        if size == 0:
            return 0
        return self.markets[market].long_index if size > 0 else self.markets[market].short_index

    def indices(self, account: int) -> list[int]:
        """At what the positions of an account are settled, were the batch to end now."""
        holder = self.holders[account]
        if account not in self.settled:
            return holder.indices
        return [self.present_index(m, size) for m, size in enumerate(holder.positions)]

    def seen_accounts(self) -> dict[int, Account]:
        """The accounts as the exchange publishes them, with the sums."""
        return {
            account: Account(
                owner=holder.owner,
                collateral=holder.collateral,
                positions=tuple(holder.positions),
                indices=tuple(self.indices(account)),
                key=holder.key,
                key_epoch=holder.key_epoch,
                nonce=holder.nonce,
                tier=holder.tier,
                dead_below=holder.dead_below,
                orders=len(self.orders_of(account)),
                open_notional=self.open_notional(account),
            )
            for account, holder in self.holders.items()
        }

    def seen_markets(self) -> list[Market]:
        """The markets as the exchange publishes them, with the sums."""
        return [
            replace(
                market,
                bid_orders=len(self.side(m, BUY)),
                ask_orders=len(self.side(m, SELL)),
                open_interest=self.open_interest(m),
            )
            for m, market in enumerate(self.markets)
        ]


def exchange(
    configuration: Configuration,
    domain: int,
    accounts: Mapping[int, Account],
    markets: Sequence[Market],
    orders: Iterable[Order],
    *,
    premiums: Sequence[Premium] = (Premium(),) * 4,
    period: int = 0,
    fee_pool: int,
    funding_pool: int = 0,
    requests_consumed: int,
    next_sequence: int,
    timestamp: int,
    venue: Venue = NO_RESTRICTIONS,
) -> Exchange:
    """An exchange of the same content as the engine's `State`."""
    holders = {
        account: Holder(
            seen.owner,
            seen.collateral,
            list(seen.positions),
            list(seen.indices),
            seen.key,
            seen.key_epoch,
            seen.nonce,
            seen.tier,
            seen.dead_below,
        )
        for account, seen in accounts.items()
    }
    return Exchange(
        configuration,
        domain,
        list(markets),
        fee_pool,
        requests_consumed,
        next_sequence,
        timestamp,
        list(premiums),
        period,
        funding_pool,
        venue,
        holders=holders,
        orders=list(orders),
    )
