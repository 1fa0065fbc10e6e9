"""The committed state: what the last batch left, with its trees."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from sequencer.crypto import SparseTree, poseidon
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.config import Configuration
from sequencer.model.market import Market
from sequencer.model.premium import NO_PREMIUMS, Premium, premium_root
from sequencer.model.venue import NO_RESTRICTIONS, Venue
from sequencer.state.layout import PageLayout
from sequencer.state.pages import Page
from sequencer.state.roots import Roots, book_root, exit_root


class Counters(Struct, frozen=True, kw_only=True):
    """The scalars of the state.

    Attributes
    ----------
    batch_number : int
        Of the last batch; 0 at genesis.
    timestamp : int
        Seconds; of the last batch.
    fee_pool, funding_pool : int
        Quote units, the second signed.
    log_head : int
        Chain of all log roots, 0 at genesis.
    configuration_hash : int
        Of the configuration that the next batch must have.
    premiums : tuple of Premium
        One a market slot, of the funding period `period`.
    period : int
        Oracle time of the last batch / `FUNDING_SECONDS`; 0 at genesis.
    venue : Venue
        What L1 restricts, and whether the insurance fund is below its floor.
    """

    batch_number: int = 0
    timestamp: int = 0
    fee_pool: int = 0
    funding_pool: int = 0
    requests_consumed: int = 0
    next_sequence: int = c.FIRST_SEQUENCE
    log_head: int = 0
    configuration_hash: int
    premiums: tuple[Premium, ...] = NO_PREMIUMS
    period: int = 0
    venue: Venue = NO_RESTRICTIONS


class LedgerChange(Struct, frozen=True):
    """What one batch writes: the leaves that it touched as they end, and the counters.

    A page that is None left the tree. `configuration` is None where none took the place of the last.
    """

    accounts: Mapping[int, Account]
    markets: tuple[Market, ...]
    pages: Mapping[int, Page | None]
    counters: Counters
    configuration: Configuration | None = None


class Ledger:
    """The state as of the last batch: accounts, markets, pages, counters, and the trees over them.

    The engine's `State` runs ahead of it while a batch is open.
    """

    def __init__(
        self,
        configuration: Configuration,
        domain: int,
        accounts: Mapping[int, Account],
        markets: Sequence[Market],
        pages: Mapping[int, Page],
        counters: Counters,
    ) -> None:
        self.configuration = configuration
        self.domain = domain
        self.markets = tuple(markets)
        self.layout = PageLayout(pages)
        self.counters = counters
        self._accounts = dict(accounts)
        self._account_tree = SparseTree(c.ACCOUNT_DEPTH)
        self._account_tree.set_many([(number, account.leaf()) for number, account in accounts.items()])
        self._page_tree = SparseTree(c.PAGE_DEPTH)
        self._page_tree.set_many([(index, page.leaf()) for index, page in pages.items()])

    @property
    def accounts(self) -> Mapping[int, Account]:
        """The accounts that were ever written, by id."""
        return MappingProxyType(self._accounts)

    def account(self, number: int) -> Account:
        """Return an account, with the defaults if it does not exist."""
        return self._accounts.get(number, Account())

    def account_tree(self) -> SparseTree:
        """Return a working copy of the account tree."""
        return self._account_tree.copy()

    def page_tree(self) -> SparseTree:
        """Return a working copy of the page tree."""
        return self._page_tree.copy()

    def roots(self) -> Roots:
        """Return the roots as the ledger stands."""
        return _roots(self._account_tree, self._page_tree, self.markets, self.counters)

    def roots_after(self, change: LedgerChange) -> Roots:
        """Return the roots once `change` is applied."""
        accounts, pages = self.account_tree(), self.page_tree()
        _write(accounts, pages, change)
        return _roots(accounts, pages, change.markets, change.counters)

    def state(self) -> State:
        """Return a fresh engine state that starts where the ledger stands."""
        return engine_state(
            self.configuration, self.domain, self._accounts, self.markets, self.layout, self.counters
        )

    def apply(self, change: LedgerChange) -> None:
        """Write one batch."""
        self.layout.replace(change.pages)
        self._accounts.update(change.accounts)
        self.markets = change.markets
        self.counters = change.counters
        self.configuration = change.configuration or self.configuration
        _write(self._account_tree, self._page_tree, change)


def engine_state(
    configuration: Configuration,
    domain: int,
    accounts: Mapping[int, Account],
    markets: Sequence[Market],
    pages: Mapping[int, Page],
    counters: Counters,
) -> State:
    """Return a fresh engine state that starts where a batch ended; no tree is needed for it."""
    return State(
        configuration=configuration,
        domain=domain,
        accounts=accounts,
        markets=markets,
        orders=[order for page in pages.values() for order in page.orders],
        premiums=counters.premiums,
        period=counters.period,
        fee_pool=counters.fee_pool,
        funding_pool=counters.funding_pool,
        requests_consumed=counters.requests_consumed,
        next_sequence=counters.next_sequence,
        timestamp=counters.timestamp,
        configuration_hash=counters.configuration_hash,
        venue=counters.venue,
    )


def _write(accounts: SparseTree, pages: SparseTree, change: LedgerChange) -> None:
    accounts.set_many([(number, account.leaf()) for number, account in change.accounts.items()])
    pages.set_many([(index, page.leaf() if page else 0) for index, page in change.pages.items()])


def _roots(accounts: SparseTree, pages: SparseTree, markets: Sequence[Market], counters: Counters) -> Roots:
    exit_part = exit_root(
        accounts.root, markets, counters.fee_pool, counters.funding_pool, counters.requests_consumed
    )
    premium_part = premium_root(counters.premiums, counters.period)
    venue = counters.venue.word()
    book_part = book_root(pages.root, counters.log_head, counters.next_sequence, premium_part, venue)
    return Roots(accounts.root, pages.root, exit_part, book_part, poseidon((exit_part, book_part)))
