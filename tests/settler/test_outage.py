"""An hour without L1: the node goes on, and what it has acknowledged becomes final when L1 is back."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

import pytest

from sequencer.batch.sizes import batch_size
from sequencer.chain.keys import trading_secret
from sequencer.model.codes import Side
from sequencer.node.answers import Answer
from sequencer.node.errors import SettlementBehindError, UnwoundError
from sequencer.node.node import Node
from sequencer.node.policy import NodePolicy
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchState
from sequencer.submitter.moments import Moment
from tests.chaos.roots import require_one_history
from tests.e2e.exchange import KEY_EPOCH, MAKER, TAKER
from tests.node.venue import Signers, Time, Trader, running, until
from tests.settler.journals import follow, roots
from tests.settler.line import Line, Proxy, proxy
from tests.settler.venue import Venue, drive

pytestmark = pytest.mark.anyio

SIZE = batch_size("small")
MINUTES = 60
POLICY = NodePolicy(batch_seconds=20 * MINUTES, unproven_max=1)
TIMEOUT_SECONDS = 0.3


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def line(venue: Venue) -> Iterator[Proxy]:
    with proxy(venue.chain.url) as opened:
        yield opened


class Exchange:
    """The node of a venue whose settler sees L1 through a line; the chain's clock goes with the node's."""

    def __init__(self, venue: Venue) -> None:
        self._venue, self._domain = venue, venue.rollup.domain
        self._time = Time(venue.chain.time * 1_000)
        self._maker, self._taker = (self._trader(account) for account in (MAKER, TAKER))

    def node(self) -> AbstractAsyncContextManager[Node]:
        signers = Signers(domain=self._domain)
        return running(self._venue.directories, self._time, SIZE, POLICY, signers)

    async def trade(self, node: Node) -> None:
        """A trade is acknowledged; in time its batch is closed."""
        await self.order(node)
        closed = node.status().closed_batch
        self.wait(POLICY.batch_seconds)
        await until(lambda: node.status().closed_batch > closed and node.status().open_batch > 0)
        await node.barrier()

    async def order(self, node: Node) -> None:
        """Two orders that trade with each other are acknowledged."""
        orders = [self._maker.order(Side.SELL, 100), self._taker.order(Side.BUY, 100)]
        for answer in await node.submit(orders):
            assert isinstance(answer, Answer), answer

    def wait(self, seconds: int) -> None:
        self._time.pass_seconds(seconds)
        self._venue.chain.advance(self._time.now_ms // 1_000 + 1)

    def _trader(self, account: int) -> Trader:
        secret = trading_secret(
            self._venue.owners[account], KEY_EPOCH, self._venue.chain.chain_id, self._venue.rollup.address
        )
        return Trader(account, secret=secret, domain=self._domain)


def require_settled_once(venue: Venue, last: int, nonce: int) -> None:
    """Each batch is final by its one transaction, and ledger, node and L1 have one root."""
    with LedgerStore.open(venue.directories.ledger) as store:
        lives = store.outbox.lives()
    assert [life.state for life in lives] == [BatchState.FINAL] * last
    assert [len(life.sent) for life in lives] == [1] * last
    assert venue.nonce == nonce + last
    found = require_one_history(venue.directories, venue.ledger, SIZE)
    assert found == roots(venue.directories)
    assert found[-1] == venue.rollup.state_root


async def test_what_is_acknowledged_in_almost_an_hour_without_l1_becomes_final(
    venue: Venue, line: Proxy
) -> None:
    nonce, exchange = venue.nonce, Exchange(venue)

    def cut(moment: object, number: int, _: str) -> None:
        if (moment, number) == (Moment.SUBMITTING, 1):
            line.become(Line.CUT)

    with venue.settler(cut, line.url, TIMEOUT_SECONDS) as settler:
        follow(settler)
        async with exchange.node() as node:
            await exchange.trade(node)
            drive(settler, venue.mine, lambda: line.line is Line.CUT)
            for down in (Line.REFUSED, Line.SILENT):
                await exchange.trade(node)
                follow(settler)
                line.become(down)
                follow(settler)
            with pytest.raises(SettlementBehindError):
                await exchange.order(node)
            line.become(Line.FAILING)
            exchange.wait(15 * MINUTES)
            follow(settler)
            assert settler.batch == 3
            assert venue.states(1) == [BatchState.PROVEN, BatchState.SUBMITTED]
            assert venue.rollup.batch_count == 1

            line.become(Line.GOOD)
            drive(settler, venue.mine, lambda: venue.states(3)[-1:] == [BatchState.FINAL])
            await until(lambda: node.status().final_batch == 3)
            await exchange.order(node)
    assert not venue.unwound
    require_settled_once(venue, 3, nonce)


async def test_batches_that_are_too_old_after_more_than_an_hour_are_undone_and_sequenced_again(
    venue: Venue, line: Proxy
) -> None:
    nonce, exchange = venue.nonce, Exchange(venue)
    with venue.settler(url=line.url, timeout_seconds=TIMEOUT_SECONDS) as settler:
        follow(settler)
        line.become(Line.REFUSED)
        async with exchange.node() as node:
            await exchange.trade(node)
            follow(settler)
            exchange.wait(65 * MINUTES)
            line.become(Line.GOOD)
            venue.settle_unwinding(settler)
            await until(lambda: node.failure is not None)
            assert isinstance(node.failure, UnwoundError)
        async with exchange.node() as node:
            await node.barrier()
            again = [node.history.message(account, 1) for account in (MAKER, TAKER)]
            assert all(record is not None and record.verdict == "accepted" for record in again)
            await exchange.trade(node)
            drive(settler, venue.mine, lambda: venue.states(1)[-1:] == [BatchState.FINAL])
            await until(lambda: node.status().final_batch == 1)
    assert len(venue.unwound) == 1
    require_settled_once(venue, 1, nonce)
