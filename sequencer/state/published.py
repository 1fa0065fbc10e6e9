"""The published part of the state: money and positions, written record by record (docs/spec/data.md)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from sequencer.crypto import SparseTree, poseidon
from sequencer.model import constants as c
from sequencer.model.account import Account, from_position_word
from sequencer.model.funding import unsettled
from sequencer.model.header import BatchHeader
from sequencer.model.market import Market
from sequencer.model.words import from_field, unpack
from sequencer.state.roots import globals_node

AccountWords = Sequence[int]
"""Owner, collateral, words of positions and the trading leaf, which stays opaque; field elements."""

_OWNER, _COLLATERAL, _POSITIONS, _TRADING_LEAF = 0, 1, 2, 2 + c.MARKETS
_FUND = Account(owner=c.INSURANCE_OWNER)
_INSURANCE_FUND = (_FUND.owner, _FUND.collateral, *_FUND.position_words(), _FUND.trading_leaf())
# What an account is before its first record: a deposit alone does not publish its trading leaf.
_NEW_ACCOUNT = (*[0] * _TRADING_LEAF, Account().trading_leaf())


class PublishedState:
    """The exit part of the state, as the published words give it; its tree is kept up, leaf by leaf.

    Parameters
    ----------
    markets : iterable of sequence of int
        The words of each market leaf.
    accounts : mapping of int to AccountWords, optional
        By id; the insurance fund alone if not given.
    fee_pool, funding_pool : int
        Quote units, the second signed.
    requests_consumed : int
        Requests that batches have consumed.
    """

    def __init__(
        self,
        markets: Iterable[Sequence[int]],
        accounts: Mapping[int, AccountWords] | None = None,
        *,
        fee_pool: int = 0,
        funding_pool: int = 0,
        requests_consumed: int = 0,
    ) -> None:
        self.markets = [tuple(words) for words in markets]
        self.fee_pool, self.funding_pool = fee_pool, funding_pool
        self.requests_consumed = requests_consumed
        self._accounts = dict(accounts or {c.INSURANCE_ACCOUNT: _INSURANCE_FUND})
        self._tree = SparseTree(c.ACCOUNT_DEPTH)
        self._hash(self._accounts)

    @property
    def accounts(self) -> Mapping[int, AccountWords]:
        """The accounts that were ever published, by id."""
        return MappingProxyType(self._accounts)

    def copy(self) -> "PublishedState":
        """Return an independent state; the tree is shared until one of the two changes."""
        twin = PublishedState.__new__(PublishedState)
        twin.markets = self.markets.copy()
        twin.fee_pool, twin.funding_pool = self.fee_pool, self.funding_pool
        twin.requests_consumed = self.requests_consumed
        twin._accounts, twin._tree = self._accounts.copy(), self._tree.copy()
        return twin

    def owner(self, account: int) -> int:
        """Return an account's L1 address."""
        return self._accounts[account][_OWNER]

    def collateral(self, account: int) -> int:
        """Return an account's collateral in quote units, signed."""
        return from_field(self._accounts[account][_COLLATERAL])

    def positions(self, account: int) -> tuple[int, ...]:
        """Return an account's signed size in lots of each market."""
        return tuple(size for size, _ in self._positions(account))

    def indices(self, account: int) -> tuple[int, ...]:
        """Return the index at which each of an account's positions was settled."""
        return tuple(index for _, index in self._positions(account))

    def charge(self, account: int) -> int:
        """Return what an account owes to the funding pool, in quote units; negative if it is owed."""
        markets = list(map(_market, self.markets))
        return unsettled(self.positions(account), self.indices(account), markets)

    def rounding(self) -> int:
        """Return what settling has rounded off so far: the funding pool and all that accounts owe to it."""
        return self.funding_pool + sum(map(self.charge, self._accounts))

    def equity(self, account: int) -> int:
        """Return what a settled account is worth at the last marks, in quote units, signed."""
        value = self.collateral(account) - self.charge(account)
        return value + sum(
            _market(words).value(size)
            for size, words in zip(self.positions(account), self.markets, strict=True)
            if size
        )

    def exit_root(self) -> int:
        """Return the root over accounts, markets and globals."""
        market_root = poseidon([poseidon(words) if any(words) else 0 for words in self.markets])
        return poseidon((self._tree.root, market_root, self.globals()))

    def account_tree(self) -> SparseTree:
        """Return a working copy of the tree over the accounts' leaves."""
        return self._tree.copy()

    def globals(self) -> int:
        """Return the hash of both pools and of the number of requests consumed."""
        return globals_node(self.fee_pool, self.funding_pool, self.requests_consumed)

    def apply(self, words: Sequence[int]) -> None:
        """Write the records of one batch.

        Parameters
        ----------
        words
            The operator's words: header, outcomes, account records, market records.

        Raises
        ------
        ValueError
            If the words are not as many records as the header counts; then the state is to be thrown away.
        """
        header = BatchHeader.from_words(words)
        records = iter(words[c.HEADER_WORDS + header.requests :])
        try:
            touched = [self._write_account(records) for _ in range(header.account_records)]
            for _ in range(header.market_records):
                self._write_market(records)
        except (StopIteration, IndexError) as error:
            raise ValueError(f"batch {header.batch_number} has a broken record") from error
        if next(records, None) is not None:
            raise ValueError(f"batch {header.batch_number} has words after its last record")
        self._hash(touched)
        self.fee_pool, self.funding_pool = header.fee_pool, header.funding_pool
        self.requests_consumed = header.requests_begin + header.requests

    def _write_account(self, records: Iterator[int]) -> int:
        number, bitmap = _head(next(records))
        words = self._accounts.get(number, _NEW_ACCOUNT)
        self._accounts[number] = _written(words, bitmap, records)
        return number

    def _write_market(self, records: Iterator[int]) -> None:
        number, bitmap = _head(next(records))
        self.markets[number] = _written(self.markets[number], bitmap, records)

    def _positions(self, account: int) -> Iterator[tuple[int, int]]:
        return map(from_position_word, self._accounts[account][_POSITIONS:_TRADING_LEAF])

    def _hash(self, accounts: Iterable[int]) -> None:
        self._tree.set_many([(number, _leaf(self._accounts[number])) for number in accounts])


@lru_cache(maxsize=64)
def _market(words: tuple[int, ...]) -> Market:
    return Market.from_words(words)


def _leaf(words: AccountWords) -> int:
    return poseidon((poseidon(words[:_TRADING_LEAF]), words[_TRADING_LEAF]))


def _head(word: int) -> tuple[int, int]:
    """Return the id and the bitmap of a record's first word."""
    bitmap_bits = c.RECORD_TAG_AT - c.RECORD_BITMAP_AT
    return unpack(word, 0, c.ACCOUNT_BITS), unpack(word, c.RECORD_BITMAP_AT, bitmap_bits)


def _written(leaf: Sequence[int], bitmap: int, words: Iterator[int]) -> tuple[int, ...]:
    """Take one word for each bit of the bitmap and put it at the bit's place."""
    changed = list(leaf)
    for place in range(len(leaf)):
        if bitmap >> place & 1:
            changed[place] = next(words)
    return tuple(changed)
