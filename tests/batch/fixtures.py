"""Sealed batches of random trading, everything signed."""

from collections.abc import Iterator
from random import Random

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.errors import CapacityError
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import BatchSize, batch_size
from sequencer.engine.commands import Command, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.order import Order
from sequencer.state.ledger import Counters, Ledger
from sequencer.state.pages import Page
from tests import strategies


def ledger_of(state: State, orders_a_page: tuple[int, int] = (c.PAGE_ORDERS, c.PAGE_ORDERS)) -> Ledger:
    """The ledger that stands where an engine state stands; `orders_a_page` is for bids and asks."""
    pages = [
        page
        for market, each in enumerate(state.markets)
        if each.exists
        for side in Side
        for page in cut(market, side, list(state.book(market, side)), orders_a_page[side])
    ]
    return Ledger(
        state.configuration,
        state.domain,
        state.accounts,
        state.markets,
        pages=dict(enumerate(pages)),
        counters=Counters(
            timestamp=state.timestamp,
            fee_pool=state.fee_pool,
            funding_pool=state.funding_pool,
            requests_consumed=state.requests_consumed,
            next_sequence=state.next_sequence,
            configuration_hash=state.configuration_hash,
            premiums=state.premiums,
            period=state.period,
            venue=state.venue,
        ),
    )


def cut(market: int, side: int, orders: list[Order], orders_a_page: int) -> list[Page]:
    """The pages of a side, as full as allowed."""
    starts = range(0, len(orders), orders_a_page) or [0]
    fences = [0, *(orders[start].key for start in starts[1:]), c.REACH_END]
    return [
        Page(market, side, fences[i], fences[i + 1], tuple(orders[start : start + orders_a_page]))
        for i, start in enumerate(starts)
    ]


def demo_like_batches(seed: int, count: int, size: str = "small") -> list[SealedBatch]:
    """Consecutive batches of one exchange; how many markets and orders it starts with depends on the seed."""
    return [batch for _, batch in zip(range(count), trading(seed, batch_size(size)), strict=False)]


def random_batch(seed: int, size: str = "small") -> SealedBatch:
    """One of the first batches of an exchange; the same seed gives the same batch."""
    return demo_like_batches(seed, 1 + seed % 4, size)[-1]


def trading(seed: int, size: BatchSize) -> Iterator[SealedBatch]:
    """Batch after batch; a command for which a batch has no room is left out."""
    random = Random(seed)
    accounts = max(2, size.accounts - random.randint(1, 2))
    market_count, resting = random.randint(1, 4), random.choice((0, 1, 3, 10))
    leverage = random.choice((1, 8, 16))
    state = strategies.genesis(accounts, market_count, resting, leverage)
    ledger = ledger_of(state)
    for commands in _streams(seed, size, accounts, market_count, resting, leverage):
        yield sealed_batch(ledger, state, size, commands)


def sealed_batch(ledger: Ledger, state: State, size: BatchSize, commands: list[Command]) -> SealedBatch:
    """Seal the commands of one batch, as far as they fit it."""
    opening, *others = commands
    assert isinstance(opening, OpenEpoch)
    builder = BatchBuilder(ledger, state, size, opening)
    for command in others:
        try:
            if isinstance(command, ProcessRequest):
                builder.add_request(command.request)
            elif isinstance(command, SequenceMessage) and command.message.is_unsigned:
                builder.add_unsigned(command.message)
            elif isinstance(command, SequenceMessage):
                builder.add_message(strategies.signed_message(command.message))
        except CapacityError:
            continue
    return builder.seal()


def _streams(
    seed: int, size: BatchSize, accounts: int, market_count: int, resting: int, leverage: int
) -> Iterator[list[Command]]:
    count = 4
    start = 0
    while True:
        batches = strategies.batches(
            seed,
            count,
            accounts=accounts,
            markets=market_count,
            messages=size.messages,
            requests=size.requests,
            steps=size.steps,
            newcomers=1,
            resting=resting,
            leverage=leverage,
        )
        yield from batches[start:]
        start, count = count, 2 * count
