"""The exchange, for programs without an event loop: `AsyncExchange` on a thread of its own."""

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from proofbook.client.dead_man import DeadManSwitch
from proofbook.client.errors import ClientError, ClosedError
from proofbook.client.events import StreamPush
from proofbook.client.exchange import AsyncExchange
from proofbook.client.keys import TradingKey
from proofbook.client.local_book import LocalBook
from proofbook.client.receipts import ReceiptChecker
from proofbook.client.retries import RetryPolicy
from proofbook.client.stream import GIVE_UP_SECONDS, Stream
from proofbook.client.stream_socket import OnFault
from sequencer.service.wire.stream import ChannelName

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


class LoopThread:
    """An event loop that runs on a thread; callers wait for what they hand to it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proofbook", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Return what a coroutine returns; an interrupted caller cancels it."""
        if self._loop.is_closed():
            work.close()
            raise ClosedError("the client was closed")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """End the thread, and what still runs on it."""
        self.run(_end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _blocking(
    method: Callable[Concatenate[AsyncExchange, _Parameters], Coroutine[Any, Any, _Result]],
) -> Callable[Concatenate["Exchange", _Parameters], _Result]:
    def call(self: "Exchange", /, *arguments: _Parameters.args, **options: _Parameters.kwargs) -> _Result:
        return self._thread.run(method(self._exchange, *arguments, **options))

    functools.update_wrapper(call, method)
    return call


def _iterating(
    method: Callable[Concatenate[AsyncExchange, _Parameters], AsyncIterator[_Result]],
) -> Callable[Concatenate["Exchange", _Parameters], Iterator[_Result]]:
    def call(
        self: "Exchange", /, *arguments: _Parameters.args, **options: _Parameters.kwargs
    ) -> Iterator[_Result]:
        return _blocking_iterator(self._thread, method(self._exchange, *arguments, **options))

    functools.update_wrapper(call, method)
    return call


class Exchange:
    """What `AsyncExchange` is, with methods that wait; safe to share between threads.

    Parameters
    ----------
    url, key, receipts, retries
        As for `AsyncExchange`.
    """

    def __init__(
        self,
        url: str,
        key: TradingKey | None = None,
        *,
        receipts: ReceiptChecker | None = None,
        retries: RetryPolicy | None = None,
    ) -> None:
        self._thread = LoopThread()
        self._exchange = AsyncExchange(url, key, receipts=receipts, retries=retries)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    time_ms = _blocking(AsyncExchange.time_ms)
    status = _blocking(AsyncExchange.status)
    markets = _blocking(AsyncExchange.markets)
    market = _blocking(AsyncExchange.market)
    book = _blocking(AsyncExchange.book)
    ticker = _blocking(AsyncExchange.ticker)
    tickers = _blocking(AsyncExchange.tickers)
    candles = _blocking(AsyncExchange.candles)
    trades = _iterating(AsyncExchange.trades)
    funding = _iterating(AsyncExchange.funding)
    batches = _iterating(AsyncExchange.batches)
    batch_progress = _blocking(AsyncExchange.batch_progress)

    account = _blocking(AsyncExchange.account)
    open_orders = _blocking(AsyncExchange.open_orders)
    message = _blocking(AsyncExchange.message)
    order_history = _iterating(AsyncExchange.order_history)
    fills = _iterating(AsyncExchange.fills)
    transfers = _iterating(AsyncExchange.transfers)

    place = _blocking(AsyncExchange.place)
    cancel = _blocking(AsyncExchange.cancel)
    cancel_all = _blocking(AsyncExchange.cancel_all)
    replace = _blocking(AsyncExchange.replace)
    batch = _blocking(AsyncExchange.batch)
    arm_dead_man = _blocking(AsyncExchange.arm_dead_man)
    disarm_dead_man = _blocking(AsyncExchange.disarm_dead_man)
    armed_dead_man = _blocking(AsyncExchange.armed_dead_man)

    def next_nonce(self) -> int:
        """Return a nonce for the next order, for who writes it down before sending."""
        return self._exchange.next_nonce()

    def stream(
        self, on_fault: OnFault | None = None, give_up_seconds: float = GIVE_UP_SECONDS
    ) -> "BlockingStream":
        """Return a stream without channels yet; `on_fault` is called on the client's thread."""
        return BlockingStream(self._thread, self._exchange.stream(on_fault, give_up_seconds))

    def dead_man(self, seconds: float) -> "BlockingDeadManSwitch":
        """Return what cancels all orders when this program is gone for so long: use it in a `with`."""
        return BlockingDeadManSwitch(self._thread, self._exchange.dead_man(seconds))

    def close(self) -> None:
        """Send no more; close the connections. What is under way may be sequenced all the same."""
        try:
            self._thread.run(self._exchange.close())
        except ClosedError:
            return
        self._thread.close()


class BlockingStream:
    """What `Stream` is, for programs without an event loop; for one thread at a time."""

    def __init__(self, thread: LoopThread, stream: Stream) -> None:
        self._thread, self._stream = thread, stream

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> StreamPush:
        return self._thread.run(self._stream.__anext__())

    def subscribe(self, channel: ChannelName, market: str | None = None) -> None:
        """Begin a channel, as `Stream.subscribe`."""
        self._thread.run(self._stream.subscribe(channel, market))

    def follow_book(self, market: str) -> LocalBook:
        """Subscribe to a market's book; return one that changes only while the next push is taken."""
        return self._thread.run(self._stream.follow_book(market))

    def unsubscribe(self, channel: ChannelName, market: str | None = None) -> None:
        """End a channel."""
        self._thread.run(self._stream.unsubscribe(channel, market))

    def close(self) -> None:
        """End the stream."""
        self._thread.run(self._stream.close())


class BlockingDeadManSwitch:
    """What `DeadManSwitch` is, for programs without an event loop."""

    def __init__(self, thread: LoopThread, switch: DeadManSwitch) -> None:
        self._thread, self._switch = thread, switch

    def __enter__(self) -> Self:
        self._thread.run(self._switch.__aenter__())
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._thread.run(self._switch.__aexit__(kind, *rest))

    @property
    def failure(self) -> ClientError | None:
        """Why the last sign of life did not arrive."""
        return self._switch.failure


def _blocking_iterator(thread: LoopThread, rows: AsyncIterator[_Result]) -> Iterator[_Result]:
    async def following() -> _Result | None:
        return await anext(rows, None)

    while (row := thread.run(following())) is not None:
        yield row


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
