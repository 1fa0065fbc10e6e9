"""The state that a sequence starts on, in a form that can be shrunk: no sum is stored."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.config import Configuration
from sequencer.model.market import Market
from sequencer.model.order import Order
from sequencer.model.premium import NO_PREMIUMS, Premium
from sequencer.model.schedule import MarginSchedule
from sequencer.model.venue import NO_RESTRICTIONS, Venue
from sequencer.state.ledger import Ledger
from tests.batch.fixtures import ledger_of
from tests.engine.naive_state import Exchange
from tests.engine.venue import referee_of
from tests.strategies import DOMAIN, START, configuration_of, with_orders


class Start(Struct, frozen=True):
    """Accounts, markets and resting orders; counts, open notionals and open interest follow from them.

    Attributes
    ----------
    orders_a_page : tuple of (int, int)
        How full the pages of bids and asks are cut.
    required : Configuration or None
        What the last change asks the first batch for, if it asks for another configuration.
    schedules : tuple of MarginSchedule or None
        Of the first markets; None for margins that stay.
    """

    accounts: Mapping[int, Account]
    markets: tuple[Market, ...]
    orders: tuple[Order, ...] = ()
    orders_a_page: tuple[int, int] = (c.PAGE_ORDERS, c.PAGE_ORDERS)
    required: Configuration | None = None
    funding_pool: int = 0
    premiums: tuple[Premium, ...] = NO_PREMIUMS
    period: int = 0
    schedules: tuple[MarginSchedule, ...] | None = None
    venue: Venue = NO_RESTRICTIONS
    insurance_floor: int = 0

    @property
    def live_markets(self) -> int:
        """How many of the first slots have a market."""
        return sum(market.exists for market in self.markets)

    def state(self) -> State:
        """Return the engine's state."""
        accounts, markets = with_orders(dict(self.accounts), self._markets_with_interest(), list(self.orders))
        configuration = configuration_of(markets, self.schedules)
        return State(
            replace(configuration, insurance_floor=self.insurance_floor),
            DOMAIN,
            accounts,
            markets,
            self.orders,
            premiums=self.premiums,
            period=self.period,
            funding_pool=self.funding_pool,
            next_sequence=1 + max((order.sequence for order in self.orders), default=0),
            timestamp=START,
            configuration_hash=self.required.hash() if self.required else None,
            venue=self.venue,
        )

    def ledger(self) -> Ledger:
        """Return the ledger with its trees and pages."""
        return ledger_of(self.state(), self.orders_a_page)

    def exchange(self) -> Exchange:
        """Return the naive exchange."""
        return referee_of(self.state())

    def with_collateral(self, account: int, collateral: int) -> "Start":
        """Return the start at which one account has another collateral."""
        holder = replace(self.accounts[account], collateral=collateral)
        return replace(self, accounts={**self.accounts, account: holder})

    def open_interest(self, slot: int) -> int:
        """Return the long positions of a market in lots."""
        return sum(max(account.positions[slot], 0) for account in self.accounts.values())

    def _markets_with_interest(self) -> list[Market]:
        return [
            replace(market, open_interest=self.open_interest(slot))
            for slot, market in enumerate(self.markets)
        ]
