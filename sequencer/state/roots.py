"""The roots: how the parts of the state hang together (docs/spec/state.md)."""

from collections.abc import Sequence

from msgspec import Struct

from sequencer.crypto import SparseTree, poseidon
from sequencer.model import constants as c
from sequencer.model.market import Market
from sequencer.model.words import to_field


class Roots(Struct, frozen=True):
    """The state root and the nodes below it that a batch publishes or opens."""

    account: int
    page: int
    exit: int
    book: int
    state: int


def exit_root(
    account_root: int, markets: Sequence[Market], fee_pool: int, funding_pool: int, requests_consumed: int
) -> int:
    """Money and positions: all that an exit needs."""
    market_root = poseidon([market.leaf() for market in markets])
    return poseidon((account_root, market_root, globals_node(fee_pool, funding_pool, requests_consumed)))


def globals_node(fee_pool: int, funding_pool: int, requests_consumed: int) -> int:
    """Both pools, the second signed, and the number of requests consumed."""
    return poseidon((fee_pool, to_field(funding_pool), requests_consumed))


def book_root(page_root: int, log_head: int, next_sequence: int, premium_root: int, venue_word: int) -> int:
    """Resting orders, the log, what the orders of the funding period traded at, what holds in all markets."""
    return poseidon((page_root, log_head, next_sequence, premium_root, venue_word))


def log_root(leaves: Sequence[int]) -> int:
    """Root of the tree of one batch's message hashes, in sequence order."""
    tree = SparseTree(c.LOG_DEPTH)
    tree.set_many(list(enumerate(leaves)))
    return tree.root


def chain_log(log_head: int, log_root: int) -> int:
    """Return the head of the log after one more batch."""
    return poseidon((log_head, log_root))
