"""The published part of the state: money and positions, written record by record (docs/spec/data.md)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sequencer.crypto import SparseTree, poseidon
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.words import from_field, unpack

_OWNER, _COLLATERAL, _POSITIONS, _TRADING_LEAF = 0, 1, 2, 2 + c.MARKETS
_RECORDED_ACCOUNT_WORDS = _TRADING_LEAF + 1
_RECORDED_MARKET_WORDS = (0, 2)


@dataclass(slots=True)
class PublishedState:
    """The exit part of the state, as the published words give it.

    Attributes
    ----------
    accounts : dict of int to list of int
        By id: owner, collateral, positions and the trading leaf, which stays opaque; field elements.
    markets : list of list of int
        The four words of each market leaf.
    fee_pool : int
        Quote units.
    requests_consumed : int
        Requests that batches have consumed.
    """

    markets: list[list[int]]
    accounts: dict[int, list[int]] = field(
        default_factory=lambda: {c.INSURANCE_ACCOUNT: _insurance_account()}
    )
    fee_pool: int = 0
    requests_consumed: int = 0

    def collateral(self, account: int) -> int:
        """Return an account's collateral in quote units, signed."""
        return from_field(self.accounts[account][_COLLATERAL])

    def exit_root(self) -> int:
        """Return the root over accounts, markets and globals."""
        market_root = poseidon([poseidon(words) if any(words) else 0 for words in self.markets])
        return poseidon((self.account_tree().root, market_root, self.globals()))

    def account_tree(self) -> SparseTree:
        """Return the tree over the accounts' leaves."""
        tree = SparseTree(c.ACCOUNT_DEPTH)
        for account, words in self.accounts.items():
            exit_leaf, trading_leaf = poseidon(words[:_TRADING_LEAF]), words[_TRADING_LEAF]
            tree.set(account, poseidon((exit_leaf, trading_leaf)))
        return tree

    def globals(self) -> int:
        """Return the hash of the fee pool and of the number of requests consumed."""
        return poseidon((self.fee_pool, self.requests_consumed))

    def apply(self, words: Sequence[int]) -> None:
        """Write the records of one batch.

        Parameters
        ----------
        words
            The operator's words: header, outcomes, account records, market records.
        """
        counts = words[c.HEADER_COUNTS]
        requests = unpack(counts, 0, c.COUNT_BITS)
        self.fee_pool = words[c.HEADER_FEE_POOL]
        self.requests_consumed = words[c.HEADER_REQUESTS_BEGIN] + requests
        records = iter(words[c.HEADER_WORDS + requests :])
        for _ in range(unpack(counts, c.COUNTS_ACCOUNTS_AT, c.COUNT_BITS)):
            number, bitmap = _head(next(records))
            account = self.accounts.setdefault(number, _new_account())
            _write(account, range(_RECORDED_ACCOUNT_WORDS), bitmap, records)
        for _ in range(unpack(counts, c.COUNTS_MARKETS_AT, c.COUNT_BITS)):
            number, bitmap = _head(next(records))
            _write(self.markets[number], _RECORDED_MARKET_WORDS, bitmap, records)


def _new_account() -> list[int]:
    """Zeros and the trading leaf of an account that nothing but a deposit ever touched."""
    return [0] * _TRADING_LEAF + [Account().trading_leaf()]


def _insurance_account() -> list[int]:
    fund = Account(owner=c.INSURANCE_OWNER)
    return [fund.owner, fund.collateral, *fund.position_words(), fund.trading_leaf()]


def _head(word: int) -> tuple[int, int]:
    """Return the id and the bitmap of a record's first word."""
    bitmap_bits = c.RECORD_TAG_AT - c.RECORD_BITMAP_AT
    return unpack(word, 0, c.ACCOUNT_BITS), unpack(word, c.RECORD_BITMAP_AT, bitmap_bits)


def _write(leaf: list[int], places: Sequence[int], bitmap: int, words: Iterator[int]) -> None:
    """Take one word for each bit of the bitmap and put it at the bit's place."""
    for bit, place in enumerate(places):
        if bitmap >> bit & 1:
            leaf[place] = next(words)
