"""Load is sent when it is due, and measured from then, whatever the server does."""

import asyncio
from collections.abc import Sequence

import pytest

from bench.load.flow import Framing
from bench.load.modes import Mode, post
from bench.load.open_loop import OpenLoop, arrival_times
from bench.load.tally import Tally

MODE = Mode(
    "test", Framing(1, 1), connections=1, in_flight=1, is_stream=False, encode=lambda _, each: each[0]
)
REQUEST = post(b"/", b"{}")
ANSWER = b'HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n{"verdict":"accepted"}'
STALL_SECONDS = 0.3


async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that stalls before its first answer, and then answers at once."""
    pause = STALL_SECONDS
    while await reader.read(len(REQUEST)):
        await asyncio.sleep(pause)
        pause = 0
        writer.write(ANSWER)


async def ending(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that answers once and then hangs up."""
    await reader.read(len(REQUEST))
    writer.write(ANSWER)
    await reader.read(len(REQUEST))
    writer.close()


def driven(server: object, due: Sequence[float]) -> tuple[OpenLoop, Tally]:
    async def main() -> tuple[OpenLoop, Tally]:
        serving = await asyncio.start_server(server, "127.0.0.1", 0)  # type: ignore[arg-type]
        port = serving.sockets[0].getsockname()[1]
        tally = Tally(MODE)
        loop = OpenLoop(MODE, tally, [REQUEST] * len(due), due, measured_from=0, patience_seconds=60.0)
        await loop.run(port)
        serving.close()
        return loop, tally

    return asyncio.run(main())


def test_who_waits_behind_a_stall_waits_in_the_figures_too() -> None:
    due = [number / 1_000 for number in range(100)]
    loop, tally = driven(answering, due)
    assert (loop.latency.count, tally.accepted) == (100, 100)
    # The last was due 0.1 s into the stall: it was sent only when that was over.
    assert loop.latency.percentile(1) >= 1_000_000 * (STALL_SECONDS - due[-1])
    assert loop.latency.maximum >= 1_000_000 * STALL_SECONDS


def test_what_a_server_leaves_unanswered_is_counted_as_lost_and_the_run_as_given_up() -> None:
    loop, tally = driven(ending, [0.0] * 10)
    assert loop.has_given_up
    assert tally.accepted == 1
    assert tally.errors == {"connection_lost": 1}
    assert loop.sent == 2


@pytest.mark.parametrize("arrivals", ["fixed", "poisson"])
def test_arrivals_have_the_rate_that_was_asked_for(arrivals: str) -> None:
    times = arrival_times(10_000, 50.0, "fixed" if arrivals == "fixed" else "poisson")
    assert times == sorted(times)
    assert times[-1] == pytest.approx(200, rel=0.05)
    assert times == arrival_times(10_000, 50.0, "fixed" if arrivals == "fixed" else "poisson")
