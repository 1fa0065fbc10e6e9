"""A program without an event loop has the same exchange: every method, on any thread."""

import inspect
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from proofbook.client import Exchange, RefusedError
from proofbook.client.blocking import BlockingStream
from proofbook.client.errors import ClosedError
from proofbook.client.exchange import AsyncExchange
from proofbook.client.stream import Stream
from tests.client.venue import MARKET, PATIENT, key_of, url_of
from tests.service.exchange import Exchange as Served


def blocking(served: Served, account: int) -> Exchange:
    return Exchange(url_of(served), key_of(account), retries=PATIENT)


@pytest.mark.parametrize(("ours", "theirs"), [(Exchange, AsyncExchange), (BlockingStream, Stream)])
def test_both_have_the_same_methods_with_the_same_parameters(ours: type, theirs: type) -> None:
    assert public(ours) == public(theirs)
    for name in public(ours):
        mine, other = (list(inspect.signature(getattr(kind, name)).parameters) for kind in (ours, theirs))
        assert mine == other, name


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def test_orders_histories_and_streams_work_without_a_loop(served: Served) -> None:
    with blocking(served, 1) as ada, blocking(served, 2) as bob, bob.stream() as stream:
        book = stream.follow_book(MARKET)
        next(stream)
        placed = ada.place(MARKET, "sell", "0.05", "7000")
        next(stream)
        assert book.best_ask == (Decimal("7000.00"), Decimal("0.0500"))
        bob.place(MARKET, "buy", "0.02", "7000")
        assert [fill.size for fill in bob.fills()] == [Decimal("0.02")]
        assert [order.nonce for order in ada.order_history(5)] == [placed.nonce]
        assert list(ada.order_history(0)) == []
        with pytest.raises(RefusedError):
            ada.place(MARKET, "sell", "0.0001", "7000")
        with ada.dead_man(60) as switch:
            assert ada.armed_dead_man().nonce is not None
            assert switch.failure is None
        assert ada.armed_dead_man().nonce is None


def test_threads_may_share_one_client(served: Served) -> None:
    with blocking(served, 1) as ada, ThreadPoolExecutor(8) as threads:
        placed = list(threads.map(lambda n: ada.place(MARKET, "buy", "0.01", str(6_000 + n)), range(40)))
        assert sorted(result.sequence for result in placed) == list(range(1, 41))
        by_nonce = sorted(placed, key=lambda result: result.nonce)
        assert [result.sequence for result in by_nonce] == list(range(1, 41))


def test_a_client_that_was_closed_says_so_and_may_be_closed_again(served: Served) -> None:
    ada = blocking(served, 1)
    ada.close()
    ada.close()
    with pytest.raises(ClosedError):
        ada.status()
