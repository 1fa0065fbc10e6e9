"""Everything that the state root commits to, as plain objects."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from msgspec.structs import replace

from sequencer.engine.book import Book
from sequencer.engine.funding import settled, with_current_indices
from sequencer.engine.journal import Journal
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side
from sequencer.model.config import Configuration
from sequencer.model.market import Market
from sequencer.model.order import Order
from sequencer.model.premium import NO_PREMIUMS, NO_TURNOVER, Premium
from sequencer.model.venue import NO_RESTRICTIONS, Venue

__all__ = ["Book", "State"]

_ABSENT = Account()


class State:
    """The exchange between two commands. Every write journals its inverse, so that a command can be undone.

    Parameters
    ----------
    configuration
        Fees, oracle signers and markets' parameters of the batch that is open.
    domain
        Field element that binds signatures to one deployment.
    accounts
        Accounts that exist, by id.
    markets
        One a slot, `MARKETS` of them; their order counts agree with `orders`, their parameters with
        `configuration`.
    orders
        Every order in the book, dead ones included.
    premiums
        One a slot, of the funding period `period`: oracle time of the last batch / `FUNDING_SECONDS`.
    fee_pool, funding_pool
        Quote units, the second signed.
    requests_consumed
        L1 requests processed so far.
    next_sequence
        Sequence of the next message.
    timestamp
        Seconds; the timestamp of the last batch opened.
    configuration_hash
        Of the configuration that the next batch must have; that of `configuration` if no change came since.
    venue
        What L1 restricts, and whether the insurance fund is below its floor.
    """

    __slots__ = (
        "_accounts",
        "_books",
        "_configuration",
        "_configuration_hash",
        "_fee_pool",
        "_fund_shown",
        "_fund_trade",
        "_funding_pool",
        "_journal",
        "_markets",
        "_marks_before",
        "_next_sequence",
        "_period",
        "_premiums",
        "_requests_consumed",
        "_shown",
        "_timestamp",
        "_turnover",
        "_turns",
        "_venue",
        "domain",
    )

    def __init__(
        self,
        configuration: Configuration,
        domain: int,
        accounts: Mapping[int, Account],
        markets: Sequence[Market],
        orders: Iterable[Order] = (),
        *,
        premiums: Sequence[Premium] = NO_PREMIUMS,
        period: int = 0,
        fee_pool: int = 0,
        funding_pool: int = 0,
        requests_consumed: int = 0,
        next_sequence: int = c.FIRST_SEQUENCE,
        timestamp: int = 0,
        configuration_hash: int | None = None,
        venue: Venue = NO_RESTRICTIONS,
    ) -> None:
        assert len(markets) == len(premiums) == c.MARKETS
        assert configuration.markets == tuple(market.parameters for market in markets if market.exists)
        self._configuration = configuration
        self._configuration_hash = configuration.hash() if configuration_hash is None else configuration_hash
        self.domain = domain
        self._journal = Journal()
        self._accounts = dict(accounts)
        # Settled at the indices of the markets, as far as somebody has asked; what is settled stands in both.
        self._shown: dict[int, Account] = {}
        self._markets = list(markets)
        self._books = [[Book(self._journal) for _ in Side] for _ in range(c.MARKETS)]
        self._premiums = list(premiums)
        self._turnover = list(NO_TURNOVER)
        self._marks_before = tuple(market.mark for market in markets)
        self._period = period
        self._fee_pool = fee_pool
        self._funding_pool = funding_pool
        self._requests_consumed = requests_consumed
        self._next_sequence = next_sequence
        self._timestamp = timestamp
        self._venue = venue
        self._fund_shown = False
        self._turns = 1
        self._fund_trade: tuple[int, int] | None = None
        for order in orders:
            self.book(order.market, order.side).put(order)
        self.commit()

    @property
    def configuration(self) -> Configuration:
        """Fees, oracle signers and markets' parameters of the batch that is open."""
        return self._configuration

    @property
    def configuration_hash(self) -> int:
        """Of the configuration that the next batch must have."""
        return self._configuration_hash

    @property
    def accounts(self) -> Mapping[int, Account]:
        """Accounts that exist, by id, each as it was when it was last settled; read-only."""
        return MappingProxyType(self._accounts)

    @property
    def markets(self) -> Sequence[Market]:
        """Markets by slot."""
        return self._markets

    @property
    def premiums(self) -> tuple[Premium, ...]:
        """What the orders of the funding period traded at, by slot."""
        return tuple(self._premiums)

    @property
    def period(self) -> int:
        """The funding period that is open: the oracle time of its rounds / `FUNDING_SECONDS`."""
        return self._period

    @property
    def fee_pool(self) -> int:
        """Fees collected and not yet spent, quote units."""
        return self._fee_pool

    @property
    def funding_pool(self) -> int:
        """What some have paid and others have not yet received, signed quote units."""
        return self._funding_pool

    @property
    def requests_consumed(self) -> int:
        """L1 requests processed so far."""
        return self._requests_consumed

    @property
    def next_sequence(self) -> int:
        """Sequence of the next message."""
        return self._next_sequence

    @property
    def timestamp(self) -> int:
        """Seconds; the timestamp of the batch that is open."""
        return self._timestamp

    @property
    def venue(self) -> Venue:
        """What L1 restricts, and whether the insurance fund is below its floor, from the next batch on."""
        return self._venue

    @property
    def fund_shown(self) -> bool:
        """Whether the open batch holds the insurance fund's account."""
        return self._fund_shown

    @property
    def turns(self) -> int:
        """How often the insurance fund may still be unwound in the batch that is open."""
        return self._turns

    @property
    def fund_trade(self) -> tuple[int, int] | None:
        """Market and side of the message by which the insurance fund last traded in the open batch."""
        return self._fund_trade

    def account(self, account_id: int) -> Account:
        """Return an account, settled; the default one, owned by nobody, where none exists."""
        return self._shown.get(account_id) or self._show(account_id)

    def market(self, market_id: int) -> Market:
        """Return the market of a slot."""
        return self._markets[market_id]

    def premium(self, market_id: int) -> Premium:
        """Return what the orders of the funding period traded at in the market of a slot."""
        return self._premiums[market_id]

    def book(self, market_id: int, side: int) -> Book:
        """Return one side of a market's book; its writes are journaled here."""
        return self._books[market_id][side]

    def put_account(self, account_id: int, account: Account) -> None:
        """Create or replace an account, given as `account` shows it: settled.

        What it owed goes to the funding pool.
        """
        assert account.exists, "an account never ceases to exist"
        before, shown = self._accounts.get(account_id), self.account(account_id)
        self._journal.record(State._restore_account, self, account_id, before)
        if before is not None and before is not shown:
            self._assign("_funding_pool", self._funding_pool + before.collateral - shown.collateral)
        if account.positions is not shown.positions or account.indices is not shown.indices:
            account = with_current_indices(account, self._markets)
        self._accounts[account_id] = self._shown[account_id] = account

    def settle(self, account_id: int) -> None:
        """Let an account, if there is one, pay what it owes or get what it is owed."""
        account = self.account(account_id)
        if account is not self._accounts.get(account_id, _ABSENT):
            self.put_account(account_id, account)

    def put_market(self, market_id: int, market: Market) -> None:
        """Replace a market."""
        self._journal.record(State._replace_market, self, market_id, self._markets[market_id])
        self._replace_market(market_id, market)

    def put_premium(self, market_id: int, premium: Premium) -> None:
        """Replace the premium of a market."""
        self._journal.record(list.__setitem__, self._premiums, market_id, self._premiums[market_id])
        self._premiums[market_id] = premium

    def count_fill(self, market_id: int, lots: int, price: int) -> None:
        """Add a trade to what the orders of the batch, and of the period, traded at (price in ticks)."""
        before, premium = self._turnover[market_id], self._premiums[market_id]
        marks = self._marks_before[market_id], self._markets[market_id].mark
        after = before.with_fill(lots, price)
        self._journal.record(list.__setitem__, self._turnover, market_id, before)
        self._turnover[market_id] = after
        excess = premium.excess + after.excess(*marks) - before.excess(*marks)
        self.put_premium(market_id, replace(premium, excess=excess, weight=premium.weight + lots * marks[1]))

    def set_period(self, period: int) -> None:
        """Let another funding period be open."""
        self._assign("_period", period)

    def collect_fees(self, amount: int) -> None:
        """Add the fees of a trade to the pool."""
        assert amount >= 0, "every taker fee covers every rebate"
        self._assign("_fee_pool", self._fee_pool + amount)

    def advance_funding(self, amount: int) -> None:
        """Take what a charge will bring from the funding pool."""
        self._assign("_funding_pool", self._funding_pool - amount)

    def count_request(self) -> None:
        """Count one more L1 request as consumed."""
        self._assign("_requests_consumed", self._requests_consumed + 1)

    def take_sequence(self) -> int:
        """Return the next sequence and advance it."""
        sequence = self._next_sequence
        assert sequence < 1 << c.SEQUENCE_BITS, "sequences last for 34 years at 1000 messages a second"
        self._assign("_next_sequence", sequence + 1)
        return sequence

    def set_timestamp(self, timestamp: int) -> None:
        """Move time to that of a new batch."""
        assert timestamp > self._timestamp, "time moves forwards"
        self._assign("_timestamp", timestamp)
        self._assign("_fund_shown", False)
        self._assign("_turns", 1)
        self._assign("_fund_trade", None)
        self._assign("_turnover", list(NO_TURNOVER))
        self._assign("_marks_before", tuple(market.mark for market in self._markets))

    def put_venue(self, venue: Venue) -> None:
        """Replace what holds in all markets from the next batch on."""
        self._assign("_venue", venue)

    def show_fund(self) -> None:
        """Note that the open batch holds the insurance fund's account."""
        self._assign("_fund_shown", True)

    def grant_turn(self) -> None:
        """Let the insurance fund be unwound once more in the batch that is open: L1 forces it."""
        self._assign("_turns", self._turns + 1)

    def take_turn(self) -> None:
        """Count a turn of the insurance fund in the batch that is open."""
        assert self._turns > 0, "the fund has a turn"
        self._assign("_turns", self._turns - 1)

    def note_fund_trade(self, market_id: int, side: int) -> None:
        """Note the message by which the insurance fund has just traded."""
        self._assign("_fund_trade", (market_id, side))

    def configure(self, configuration: Configuration) -> None:
        """Let other fees and oracle signers hold; the markets take their parameters from it."""
        self._assign("_configuration", configuration)

    def require_configuration(self, configuration_hash: int) -> None:
        """Let the next batch be opened under the configuration of this hash alone."""
        self._assign("_configuration_hash", configuration_hash)

    def checkpoint(self) -> int:
        """Return a token that `rollback` takes; void after `commit`."""
        return self._journal.checkpoint()

    def rollback(self, token: int) -> None:
        """Undo everything since the checkpoint."""
        self._journal.rollback(token)

    def commit(self) -> None:
        """Forget the undo journal."""
        self._journal.commit()

    def __eq__(self, other: object) -> bool:
        """Tell whether two states are the same, whatever led there."""
        return isinstance(other, State) and self._content() == other._content()

    __hash__ = None  # type: ignore[assignment]  # mutable

    def _content(self) -> tuple[object, ...]:
        return (
            self._configuration,
            self._configuration_hash,
            self.domain,
            self._accounts,
            self._markets,
            self._books,
            self._premiums,
            self._period,
            self._fee_pool,
            self._funding_pool,
            self._requests_consumed,
            self._next_sequence,
            self._timestamp,
            self._venue,
        )

    def _assign(self, name: str, value: object) -> None:
        self._journal.record(setattr, self, name, getattr(self, name))
        setattr(self, name, value)

    def _show(self, account_id: int) -> Account:
        stored = self._accounts.get(account_id)
        if stored is None:
            return _ABSENT
        shown = self._shown[account_id] = settled(stored, self._markets)
        return shown

    def _replace_market(self, market_id: int, market: Market) -> None:
        before = self._markets[market_id]
        if market.long_index != before.long_index or market.short_index != before.short_index:
            self._shown.clear()
        self._markets[market_id] = market

    def _restore_account(self, account_id: int, account: Account | None) -> None:
        self._shown.pop(account_id, None)
        if account is None:
            del self._accounts[account_id]
        else:
            self._accounts[account_id] = account
