"""One order is one order, however often the network fails; a trader learns what became of each, and why."""

import asyncio
import json
from decimal import Decimal

import msgspec
import pytest

from proofbook.client import AsyncExchange, CancelAll, CancelOrder, NewOrder, RetryPolicy, TradingKey
from proofbook.client.errors import (
    BrokenPromiseError,
    ClientError,
    ClosedError,
    ConnectionFailedError,
    InexactNumberError,
    MalformedAnswerError,
    NoKeyError,
    NotAnOrderError,
    RateLimitedError,
    RefusedError,
    TooManyMessagesError,
    UnavailableError,
    UnknownThingError,
    WrongVenueError,
)
from proofbook.client.receipts import ReceiptChecker
from proofbook.client.results import MessageResult
from sequencer.replay.traders import wallet
from sequencer.service.wire.errors import OffLotError, OffTickError, UnknownMarketError
from tests.client.proxy import Fault, answer, proxied, refusal
from tests.client.venue import CHAIN_ID, MARKET, RECEIPTS, client_of
from tests.node.venue import RECEIPT_KEY, secret_of
from tests.service.exchange import Exchange as Served

pytestmark = pytest.mark.anyio
BATCH = "/v1/orders/batch"
IMPATIENT = RetryPolicy(attempts_max=3, first_seconds=0.001)


async def test_an_order_rests_is_filled_replaced_and_cancelled(served: Served) -> None:
    async with client_of(served, 1) as ada, client_of(served, 2) as bob:
        placed = await ada.place(MARKET, "sell", "0.05", Decimal("7000.00"), post_only=True)
        assert placed.order is not None
        assert placed.order.is_open
        taken = await bob.place(MARKET, "buy", "0.02", 7_000, ioc=True)
        assert taken.order is not None
        assert (taken.order.status, taken.order.filled) == ("filled", Decimal("0.02"))
        assert taken.order.average_price == Decimal(7_000)
        replaced = await ada.replace(placed.order, "0.01", "7001")
        assert replaced.cancel.cancelled == [placed.sequence]
        assert [order.price for order in await ada.open_orders()] == [Decimal("7001.00")]
        cancelled = await ada.cancel(replaced.order.nonce)
        assert (cancelled.verdict, cancelled.cancelled) == ("cancelled", [replaced.order.sequence])
        assert await ada.open_orders() == []


async def test_an_order_that_the_rules_reject_is_sequenced_and_says_why(served: Served) -> None:
    async with client_of(served, 1) as ada, client_of(served, 2) as bob:
        await ada.place(MARKET, "sell", "0.05", "7000")
        rejected = await bob.place(MARKET, "buy", "0.05", "7000", post_only=True)
        assert rejected.order is not None
        assert (rejected.verdict, rejected.order.status) == ("post_only", "rejected")


async def test_what_is_never_sequenced_is_refused_with_its_cause_and_nonce(served: Served) -> None:
    async with client_of(served, 1) as ada:
        with pytest.raises(RefusedError) as caught:
            await ada.place(MARKET, "buy", "0.0001", "7000", nonce=77)
        assert (caught.value.code, caught.value.nonce) == ("size_out_of_range", 77)
        assert caught.value.cure
        with pytest.raises(UnknownThingError):
            await ada.message(77)


async def test_numbers_that_are_not_exact_are_refused_before_anything_is_sent(
    served: Served,
) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        with pytest.raises(InexactNumberError):
            await ada.place(MARKET, "buy", 0.1, "7000")  # type: ignore[arg-type]
        with pytest.raises(OffLotError):
            await ada.place(MARKET, "buy", "0.00001", "7000")
        with pytest.raises(OffTickError):
            await ada.place(MARKET, "buy", "0.1", "7000.001")
        with pytest.raises(UnknownMarketError):
            await ada.place("DOGE-USD", "buy", "0.1", "7000")
        assert proxy.posts(BATCH) == []


async def test_an_order_whose_answers_are_lost_is_sent_again_as_it_was_and_is_one_order(
    served: Served,
) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        await ada.open_orders()
        proxy.faults.extend((Fault.ANSWER_LOST, Fault.LOST, Fault.ANSWER_LOST))
        placed = await ada.place(MARKET, "sell", "0.05", "7000")
        assert placed.repeated
        bodies = proxy.posts(BATCH)
        assert len(bodies) == 4
        assert len(set(bodies)) == 1
        assert [order.sequence for order in await ada.open_orders()] == [placed.sequence] == [1]


async def test_an_order_is_sent_again_while_the_exchange_is_not_ready(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        await ada.open_orders()
        results = {"results": [{"error": {"code": "stopping", "message": "", "cure": ""}}]}
        proxy.faults.extend((refusal(503, "not_ready"), answer(200, results), refusal(504, "answer_timeout")))
        placed = await ada.place(MARKET, "sell", "0.05", "7000")
        assert (placed.sequence, placed.repeated) == (1, False)
        assert len(set(proxy.posts(BATCH))) == 1


async def test_an_answer_that_asks_to_wait_is_heeded(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        await ada.open_orders()
        proxy.faults.append(refusal(429, "rate_limited", retry_after="1"))
        began = asyncio.get_running_loop().time()
        await ada.place(MARKET, "sell", "0.05", "7000")
        assert asyncio.get_running_loop().time() - began >= 1
        assert len(proxy.posts(BATCH)) == 2


async def test_a_client_that_has_tried_often_enough_says_which_message_is_in_doubt(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1, retries=IMPATIENT) as ada:
        await ada.open_orders()
        for faults, expected in (
            ([Fault.ANSWER_LOST, Fault.LOST, Fault.LOST], ConnectionFailedError),
            ([refusal(503, "overloaded")] * 3, UnavailableError),
            ([refusal(429, "rate_limited", retry_after="0")] * 3, RateLimitedError),
        ):
            proxy.seen.clear()
            proxy.faults.extend(faults)
            nonce = ada.next_nonce()
            with pytest.raises(expected) as caught:
                await ada.place(MARKET, "sell", "0.05", "7000", nonce=nonce)
            assert caught.value.nonce == nonce
            assert len(proxy.posts(BATCH)) == 3
            if expected is ConnectionFailedError:
                assert (await ada.message(nonce)).verdict == "accepted"
            else:
                with pytest.raises(UnknownThingError):
                    await ada.message(nonce)


async def test_a_wait_beyond_the_clients_patience_is_not_begun(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        await ada.open_orders()
        proxy.faults.append(refusal(429, "rate_limited", retry_after="61"))
        with pytest.raises(RateLimitedError) as caught:
            await ada.place(MARKET, "sell", "0.05", "7000")
        assert caught.value.retry_seconds == 61


async def test_orders_that_are_sent_at_once_arrive_in_the_order_of_their_nonces(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        placed = await asyncio.gather(
            *(ada.place(MARKET, "buy", "0.01", str(6_000 + step)) for step in range(150))
        )
        assert [result.sequence for result in placed] == list(range(1, 151))
        nonces = [result.nonce for result in placed]
        assert nonces == sorted(set(nonces))
        sizes = [len(json.loads(body)["messages"]) for body in proxy.posts(BATCH)]
        assert sum(sizes) == 150
        assert max(sizes) <= 100


async def test_after_a_nonce_that_was_chosen_by_hand_only_larger_ones_are_used(served: Served) -> None:
    async with client_of(served, 1) as ada:
        chosen = ada.next_nonce() + 3_600_000
        await ada.place(MARKET, "buy", "0.01", "6000", nonce=chosen)
        assert (await ada.place(MARKET, "buy", "0.01", "6001")).nonce == chosen + 1


async def test_a_batch_keeps_its_order_and_tells_of_each_message(served: Served) -> None:
    async with client_of(served, 1) as ada:
        resting = (await ada.place(MARKET, "buy", "0.01", "6000")).order
        assert resting is not None
        results = await ada.batch(
            [
                CancelOrder(resting),
                NewOrder(MARKET, "buy", "0.01", "6001"),
                NewOrder(MARKET, "buy", "0.0001", "6001"),
                CancelAll(),
            ]
        )
        verdicts = [each.verdict if isinstance(each, MessageResult) else each.code for each in results]
        assert verdicts == ["cancelled", "accepted", "size_out_of_range", "cancelled"]
        assert await ada.open_orders() == []
        assert await ada.batch([]) == []
        with pytest.raises(TooManyMessagesError):
            await ada.batch([CancelAll()] * 101)


async def test_a_message_of_a_batch_that_may_still_pass_is_sent_again_alone(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        await ada.open_orders()
        terms = [NewOrder(MARKET, "buy", "0.01", price) for price in ("6000", "6001")]
        stopped = {"error": {"code": "stopping", "message": "", "cure": ""}}
        stale = {"error": {"code": "replayed_nonce", "message": "", "cure": ""}}
        proxy.faults.append(answer(200, {"results": [stale, stopped]}))
        first, second = await ada.batch(terms)
        assert isinstance(first, RefusedError)
        assert isinstance(second, MessageResult)
        nonces = [[each["nonce"] for each in json.loads(body)["messages"]] for body in proxy.posts(BATCH)]
        assert nonces == [[first.nonce, second.nonce], [second.nonce]]


async def test_a_replacement_whose_answer_is_lost_is_done_once_and_told_again(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        placed = await ada.place(MARKET, "buy", "0.01", "6000")
        assert placed.order is not None
        proxy.faults.append(Fault.ANSWER_LOST)
        replaced = await ada.replace(placed.order, "0.01", "6001")
        assert (replaced.cancel.repeated, replaced.order.repeated) == (True, True)
        assert [order.price for order in await ada.open_orders()] == [Decimal("6001.00")]


async def test_an_order_that_has_ended_is_not_replaced_and_nothing_is_placed(served: Served) -> None:
    async with client_of(served, 1) as ada:
        placed = await ada.place(MARKET, "buy", "0.01", "6000")
        await ada.cancel(placed.nonce)
        with pytest.raises(RefusedError) as caught:
            await ada.replace(placed.nonce, "0.01", "6001")
        assert caught.value.code == "not_replaced"
        assert await ada.open_orders() == []


async def test_only_an_order_can_be_cancelled_or_replaced(served: Served) -> None:
    async with client_of(served, 1) as ada:
        nonce = (await ada.cancel_all()).nonce
        with pytest.raises(NotAnOrderError):
            await ada.cancel(nonce)


async def test_a_receipt_that_the_contracts_signer_has_not_signed_is_a_broken_promise(served: Served) -> None:
    receipts = ReceiptChecker(RECEIPTS, wallet("somebody").address)
    async with client_of(served, 1, receipts=receipts) as ada:
        with pytest.raises(BrokenPromiseError) as caught:
            await ada.place(MARKET, "buy", "0.01", "6000")
        assert caught.value.nonce is not None
        (evidence,) = caught.value.receipts
        assert RECEIPTS.signer_of(evidence) == RECEIPT_KEY.address


async def test_an_answer_that_says_another_place_than_its_receipt_is_a_broken_promise(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        await ada.open_orders()
        proxy.changes.append((b'"sequence":1,"batch":1', b'"sequence":2,"batch":1'))
        with pytest.raises(BrokenPromiseError, match="the answer says batch 1, sequence 2"):
            await ada.place(MARKET, "buy", "0.01", "6000")


async def test_the_receipt_of_another_message_is_a_broken_promise(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        earlier = await ada.place(MARKET, "buy", "0.01", "6000")
        told = {"results": [msgspec.to_builtins(earlier)]}
        proxy.faults.append(answer(200, told))
        with pytest.raises(BrokenPromiseError, match="names message"):
            await ada.place(MARKET, "buy", "0.01", "6000")


@pytest.mark.parametrize(
    "body", [{"results": []}, {"results": [1]}, {"results": [{}]}, {"result": []}, [], "x"]
)
async def test_an_answer_that_means_nothing_is_malformed(served: Served, body: object) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        await ada.open_orders()
        proxy.faults.append(answer(200, body))
        with pytest.raises(MalformedAnswerError):
            await ada.place(MARKET, "buy", "0.01", "6000")


async def test_a_key_for_another_exchange_signs_nothing(served: Served) -> None:
    elsewhere = TradingKey(1, 1, CHAIN_ID, "0x" + "11" * 20, secret_of(1))
    async with proxied(served.address) as proxy:
        async with AsyncExchange(proxy.url, elsewhere) as ada:
            with pytest.raises(WrongVenueError):
                await ada.place(MARKET, "buy", "0.01", "6000")
            with pytest.raises(WrongVenueError):
                await ada.open_orders()
        assert all(method == "GET" for method, _, _ in proxy.seen)


async def test_without_a_key_everything_public_can_be_read_and_nothing_else(served: Served) -> None:
    async with client_of(served) as nobody:
        assert [market.symbol for market in await nobody.markets()] == [MARKET]
        for attempt in (
            nobody.place(MARKET, "buy", "0.01", "6000"),
            nobody.open_orders(),
            nobody.cancel_all(),
        ):
            with pytest.raises(NoKeyError):
                await attempt


async def test_a_client_that_was_closed_sends_nothing(served: Served) -> None:
    ada = client_of(served, 1)
    await ada.cancel_all()
    waiting = [asyncio.create_task(ada.place(MARKET, "buy", "0.01", "6000")) for _ in range(3)]
    await asyncio.sleep(0)
    await ada.close()
    for result in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(result, ClosedError | ClientError)
    with pytest.raises(ClosedError):
        await ada.place(MARKET, "buy", "0.01", "6000")


async def test_a_call_that_was_cancelled_before_it_was_signed_sends_nothing(served: Served) -> None:
    async with proxied(served.address) as proxy, client_of(proxy, 1) as ada:
        await ada.open_orders()
        first = asyncio.create_task(ada.place(MARKET, "buy", "0.01", "6000"))
        second = asyncio.create_task(ada.place(MARKET, "buy", "0.01", "6001"))
        while not proxy.posts(BATCH):
            await asyncio.sleep(0.001)
        third = asyncio.create_task(ada.place(MARKET, "buy", "0.01", "6002"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        third.cancel()
        await asyncio.gather(first, second, ada.place(MARKET, "buy", "0.01", "6003"))
        assert sorted(order.price for order in await ada.open_orders()) == [6_000, 6_001, 6_003]
