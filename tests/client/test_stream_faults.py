"""Whatever a stream does wrong is noticed at that push, told, and healed: nothing wrong is ever given out."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from proofbook.client import stream, stream_socket
from proofbook.client.errors import MalformedAnswerError, StreamRefusedError
from sequencer.service.wire.stream import BookPush
from tests.client.planted import Session, Venue, planted
from tests.client.venue import MARKET

pytestmark = pytest.mark.anyio


@pytest.fixture
def venue() -> Venue:
    made = Venue()
    made.book.bids = {"6999.00": "0.5000", "6998.00": "0.4000"}
    made.book.asks = {"7001.00": "0.3000"}
    return made


async def entries(stream: Any, count: int) -> list[int]:
    """The entries of the next pushes."""
    async with asyncio.timeout(30):
        return [(await anext(stream)).entry for _ in range(count)]


async def test_a_push_that_was_skipped_is_asked_for_again(venue: Venue) -> None:
    async def skips(session: Session) -> None:
        await session.begun()
        await session.say(venue.snapshot())
        skipped, shown = venue.change("6999.00", "0.6000"), venue.change("6998.00", "0.1000")
        await session.say(shown)
        await session.begun_again(since=10)
        await session.say(skipped)
        await session.say(shown)

    async with planted(venue, skips) as following:
        book = await following.follow_book(MARKET)
        assert await entries(following, 3) == [10, 20, 30]
        assert [str(level.size) for level in book.bids()] == ["0.6000", "0.1000"]
        assert venue.codes == ["stream_gap"]


async def test_pushes_that_come_in_another_order_or_twice_are_not_given_out(venue: Venue) -> None:
    async def reorders(session: Session) -> None:
        await session.begun()
        await session.say(venue.snapshot())
        first, second = venue.change("6999.00", "0.6000"), venue.change("6999.00", "0.7000")
        await session.say(second)
        await session.say(first)
        await session.begun_again(since=10)
        await session.say(first)
        await session.say(first)
        await session.begun_again(since=20)
        await session.say(second)

    async with planted(venue, reorders) as following:
        book = await following.follow_book(MARKET)
        assert await entries(following, 3) == [10, 20, 30]
        assert str(next(book.bids()).size) == "0.7000"
        assert venue.codes == ["stream_gap", "stream_gap"]


Fault = Callable[[dict[str, Any]], Any]
FAULTS: dict[str, Fault] = {
    "another checksum": lambda push: push | {"checksum": push["checksum"] ^ 1},
    "another size": lambda push: push | {"bids": [["6999.00", "0.9000"]]},
    "a change that is left out": lambda push: push | {"bids": []},
    "a change on the other side": lambda push: push | {"bids": [], "asks": push["bids"]},
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_book_that_is_not_the_venues_is_replaced_by_a_snapshot(venue: Venue, name: str) -> None:
    async def lies(session: Session) -> None:
        await session.begun()
        await session.say(venue.snapshot())
        await session.say(FAULTS[name](venue.change("6999.00", "0.6000")))
        await session.say(venue.change("6999.00", "0.7000"))
        await session.begun_again(since=None)
        await session.say(venue.snapshot())
        await session.say(venue.change("6998.00", "0.1000"))

    async with planted(venue, lies) as following:
        book = await following.follow_book(MARKET)
        assert await entries(following, 3) == [10, 40, 50]
        assert [str(level.size) for level in book.bids()] == ["0.7000", "0.1000"]
        assert venue.codes == ["book_checksum"]


async def test_a_snapshot_that_is_wrong_is_replaced_too(venue: Venue) -> None:
    async def lies(session: Session) -> None:
        await session.begun()
        await session.say(venue.snapshot() | {"checksum": 0})
        await session.begun_again(since=None)
        await session.say(venue.snapshot())

    async with planted(venue, lies) as following:
        await following.follow_book(MARKET)
        assert await entries(following, 1) == [20]
        assert venue.codes == ["book_checksum"]


async def test_where_the_venue_cannot_go_on_a_snapshot_comes_first(venue: Venue) -> None:
    async def breaks(session: Session) -> None:
        await session.begun()
        await session.say(venue.snapshot())
        await session.socket.close(4008, "slow consumer")

    async def forgets(session: Session) -> None:
        operation = await session.asked("subscribe")
        assert operation["since"] == 10
        await session.refuse(operation, "resume_expired")
        await session.begun(since=None)
        await session.say(venue.snapshot())
        await session.socket.wait_closed()

    async with planted(venue, breaks, forgets) as following:
        await following.follow_book(MARKET)
        assert await entries(following, 2) == [10, 20]
        assert venue.codes == ["connection_failed", "resume_expired"]


async def test_a_subscription_that_comes_too_soon_is_made_again(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_LIMIT_SECONDS", 0.05)

    async def limits(session: Session) -> None:
        await session.refuse(await session.asked("subscribe"), "rate_limited")
        await session.begun()
        await session.say(venue.snapshot())

    async with planted(venue, limits) as following:
        await following.follow_book(MARKET)
        assert await entries(following, 1) == [10]
        assert venue.codes == ["rate_limited"]


async def test_a_stream_that_falls_silent_is_opened_again(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_socket, "SILENCE_SECONDS", 0.2)

    async def sleeps(session: Session) -> None:
        await session.begun()
        await session.say(venue.snapshot())
        await session.socket.wait_closed()

    async def wakes(session: Session) -> None:
        await session.begun(since=10)
        for _ in range(5):
            await asyncio.sleep(0.1)
            await session.say({"channel": "heartbeat", "time_ms": 1})
        await session.say(venue.change("6999.00", "0.6000"))
        await session.socket.wait_closed()

    async with planted(venue, sleeps, wakes) as following:
        await following.follow_book(MARKET)
        assert await entries(following, 2) == [10, 20]
        assert venue.codes == ["stream_silent"]


@pytest.mark.parametrize(("close", "code"), [(4000, "malformed"), (4003, "too_many")])
async def test_a_venue_that_wants_no_more_is_not_asked_again(venue: Venue, close: int, code: str) -> None:
    async def ends(session: Session) -> None:
        await session.socket.close(close, "planted")

    async with planted(venue, ends, ends) as following:
        await following.follow_book(MARKET)
        with pytest.raises(StreamRefusedError) as caught:
            await anext(following)
        assert caught.value.code == code


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", '{"channel":"unheard"}', '{"channel":"book","entry":1}', "{}"]
)
async def test_a_push_that_means_nothing_is_malformed(venue: Venue, text: str) -> None:
    async def babbles(session: Session) -> None:
        await session.socket.send(text)
        await session.socket.wait_closed()

    async with planted(venue, babbles) as following:
        await following.follow_book(MARKET)
        with pytest.raises(MalformedAnswerError):
            await anext(following)


async def test_a_push_of_a_channel_that_nobody_wants_is_not_given_out(venue: Venue) -> None:
    async def talks(session: Session) -> None:
        await session.begun()
        await session.say(venue.snapshot() | {"market": "DOGE-USD"})
        await session.say(venue.snapshot())

    async with planted(venue, talks) as following:
        await following.follow_book(MARKET)
        push = await anext(following)
        assert isinstance(push, BookPush)
        assert (push.market, push.entry) == (MARKET, 20)
