"""No two messages of a client have one nonce, and later ones have larger ones, whatever the clock does."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from proofbook.client.nonces import NonceClock, now_ms
from sequencer.model import constants as c


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_nonces_strictly_increase_also_when_the_clock_stands_or_goes_back(times: list[int]) -> None:
    ticks = iter(times)
    clock = NonceClock(lambda: next(ticks))
    given_out = [clock.next() for _ in times]
    assert all(earlier < later for earlier, later in pairwise(given_out))
    assert all(nonce >= time for nonce, time in zip(given_out, times, strict=True))


def test_a_nonce_is_the_time_in_milliseconds_and_fits_its_field() -> None:
    before = now_ms()
    nonce = NonceClock().next()
    assert before <= nonce <= now_ms()
    assert nonce.bit_length() <= c.NONCE_BITS


def test_threads_that_share_a_clock_never_get_one_nonce_twice() -> None:
    def yielding() -> int:
        time.sleep(0)
        return 7

    clock = NonceClock(yielding)
    with ThreadPoolExecutor(8) as threads:
        lists = list(threads.map(lambda _: [clock.next() for _ in range(2_000)], range(8)))
    for mine in lists:
        assert mine == sorted(mine)
    assert sorted(nonce for mine in lists for nonce in mine) == list(range(7, 7 + 16_000))


def test_a_nonce_that_was_chosen_by_hand_is_passed_over() -> None:
    clock = NonceClock(lambda: 7)
    clock.pass_over(100)
    assert clock.next() == 101
    clock.pass_over(50)
    assert clock.next() == 102


def test_a_nonce_ahead_is_larger_than_those_of_the_time_until_then_and_is_not_counted() -> None:
    clock = NonceClock(lambda: 1_000)
    assert clock.ahead(500) == 1_500
    assert clock.next() == 1_000
    clock.pass_over(2_000)
    assert clock.ahead(500) == 2_500
