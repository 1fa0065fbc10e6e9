"""Money and positions come back from the genesis and the published words alone."""

from collections.abc import Iterator, Sequence

import pytest

from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.crypto import SparseTree, poseidon
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.words import to_field
from sequencer.state.ledger import Ledger
from sequencer.state.published import PublishedState
from tests import strategies
from tests.batch.fixtures import ledger_of, sealed_batch

DEFAULT_TRADING_LEAF = Account().trading_leaf()


class Reader:
    """Somebody who knows the genesis and reads calldata."""

    def __init__(self, genesis: Ledger) -> None:
        self.accounts = {number: exit_words(account) for number, account in genesis.accounts.items()}
        self.markets = [
            [
                market.price_word(),
                to_field(market.long_index),
                to_field(market.short_index),
                market.parameters.word(),
                market.risk_word(),
            ]
            for market in genesis.markets
        ]

    def read(self, words: Sequence[int], queue: Sequence[int]) -> int:
        """The exit root after a batch."""
        header, stream = words[: c.HEADER_WORDS], iter(words[c.HEADER_WORDS :])
        requests = header[c.HEADER_COUNTS] & 0xFFFF
        assert len(queue) == 3 * requests
        for _ in range(requests):
            next(stream)
        for head in stream:
            number, bitmap, tag = head & 0xFFFFF, head >> 20 & 0xFFF, head >> 32
            if tag == c.RECORD_TAG_ACCOUNT:
                take(self.accounts.setdefault(number, [0] * 6 + [DEFAULT_TRADING_LEAF]), bitmap, stream)
            else:
                take(self.markets[number], bitmap, stream)
        pools = (header[c.HEADER_FEE_POOL], header[c.HEADER_FUNDING_POOL])
        return self.exit_root(poseidon((*pools, header[c.HEADER_REQUESTS_BEGIN] + requests)))

    def exit_root(self, scalars: int) -> int:
        tree = SparseTree(c.ACCOUNT_DEPTH)
        for number, (*words, trading) in self.accounts.items():
            tree.set(number, poseidon((poseidon(words), trading)))
        leaves = [poseidon(words) if words[0] else 0 for words in self.markets]
        return poseidon((tree.root, poseidon(leaves), scalars))


def published_state(genesis: Ledger) -> PublishedState:
    accounts = {number: exit_words(account) for number, account in genesis.accounts.items()}
    counters = genesis.counters
    markets = [market.words() for market in genesis.markets]
    return PublishedState(
        markets,
        accounts,
        fee_pool=counters.fee_pool,
        funding_pool=counters.funding_pool,
        requests_consumed=counters.requests_consumed,
    )


def exit_words(account: Account) -> list[int]:
    positions = zip(account.positions, account.indices, strict=True)
    words = [to_field(size + (index << 64)) for size, index in positions]
    return [account.owner, to_field(account.collateral), *words, account.trading_leaf()]


def take(words: list[int], bitmap: int, stream: Iterator[int]) -> None:
    for place in range(len(words)):
        if bitmap >> place & 1:
            words[place] = next(stream)


def queue_of(batch: SealedBatch) -> list[int]:
    return [word for event in batch.requests for word in event.request.words()]


@pytest.mark.parametrize("seed", range(6))
def test_the_exit_root_is_rebuilt_after_each_batch(seed: int) -> None:
    state = strategies.genesis(accounts=4, markets=2, resting=3)
    ledger, size = ledger_of(state), batch_size("reference")
    reader, published = Reader(ledger), published_state(ledger)
    for commands in strategies.batches(seed, 6, accounts=4, markets=2, resting=3, newcomers=2, messages=12):
        batch = sealed_batch(ledger, state, size, commands)
        published.apply(batch.contract_words)
        assert reader.read(batch.contract_words, queue_of(batch)) == batch.new_roots.exit
        assert published.exit_root() == batch.new_roots.exit
        assert batch.new_roots.exit == ledger.roots().exit
