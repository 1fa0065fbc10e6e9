"""Where the words of a batch stand in its stream, and how the header counts them."""

from typing import Any

import pytest

from prover.witness import Nested
from sequencer.model import constants as c
from tests.circuits.harness import CircuitTester

REQUESTS, ACCOUNTS = 3, 2
ACCOUNT_WORDS, MARKET_WORDS = c.ACCOUNT_RECORD_WORDS, c.MARKET_RECORD_WORDS
SLOTS = REQUESTS * (c.REQUEST_WORDS + 1) + ACCOUNTS * ACCOUNT_WORDS + c.MARKETS * MARKET_WORDS


@pytest.fixture(scope="module")
def body() -> CircuitTester:
    return CircuitTester("StreamBody", (REQUESTS, ACCOUNTS))


def words(first: int, rows: int, width: int, present: list[list[int]]) -> list[list[int]]:
    """Each its own number where it is present."""
    return [[(first + 10 * row + w) * present[row][w] for w in range(width)] for row in range(rows)]


def inputs(requests: int, accounts: list[list[int]], markets: list[list[int]]) -> dict[str, Any]:
    enabled = [int(i < requests) for i in range(REQUESTS)]
    return {
        "enabled": enabled,
        "queue": words(100, REQUESTS, c.REQUEST_WORDS, [[flag] * c.REQUEST_WORDS for flag in enabled]),
        "outcome": [(200 + i) * enabled[i] for i in range(REQUESTS)],
        "messages": 9,
        "accountWord": words(300, ACCOUNTS, ACCOUNT_WORDS, accounts),
        "accountPresent": accounts,
        "marketWord": words(400, c.MARKETS, MARKET_WORDS, markets),
        "marketPresent": markets,
    }


def record(width: int, *places: int) -> list[int]:
    """The flags of a record in which these words changed."""
    return [int(w == 0 or w in places) if places else 0 for w in range(width)]


NOTHING = inputs(0, [record(ACCOUNT_WORDS)] * ACCOUNTS, [record(MARKET_WORDS)] * c.MARKETS)
SOME = inputs(
    2,
    [record(ACCOUNT_WORDS, 2, 7), record(ACCOUNT_WORDS)],
    [record(MARKET_WORDS), record(MARKET_WORDS, 1, 3), record(MARKET_WORDS), record(MARKET_WORDS, 2)],
)
ALL = inputs(
    REQUESTS,
    [record(ACCOUNT_WORDS, *range(1, ACCOUNT_WORDS))] * ACCOUNTS,
    [record(MARKET_WORDS, *range(1, MARKET_WORDS))] * c.MARKETS,
)


def flat(rows: list[list[int]]) -> list[int]:
    return [each for row in rows for each in row]


def expected(told: dict[str, Any]) -> dict[str, Nested]:
    """Queue words, outcomes, account records, market records; the counts as batch.md packs them."""
    enabled = told["enabled"]
    present = flat([[flag] * c.REQUEST_WORDS for flag in enabled]) + enabled
    present += flat(told["accountPresent"]) + flat(told["marketPresent"])
    heads = [sum(row[0] for row in told[name]) for name in ("accountPresent", "marketPresent")]
    return {
        "word": flat(told["queue"]) + told["outcome"] + flat(told["accountWord"]) + flat(told["marketWord"]),
        "present": present,
        "counts": sum(enabled)
        | told["messages"] << c.COUNTS_MESSAGES_AT
        | heads[0] << c.COUNTS_ACCOUNTS_AT
        | heads[1] << c.COUNTS_MARKETS_AT
        | (c.HEADER_WORDS + sum(present)) << c.COUNTS_WORDS_AT,
    }


@pytest.mark.parametrize("told", [NOTHING, SOME, ALL], ids=["nothing", "some", "all"])
def test_words_stand_in_their_places_and_are_counted(body: CircuitTester, told: dict[str, Any]) -> None:
    assert body.accepts(told)
    assert body.witness(told) == expected(told)


@pytest.mark.parametrize("slot", range(SLOTS))
def test_no_word_can_be_hidden_or_made_up(body: CircuitTester, slot: int) -> None:
    """What the slots hold are the words of the parts; the count of all words binds every flag."""
    present = expected(SOME)["present"]
    assert isinstance(present, list)
    flag = present[slot]
    assert isinstance(flag, int)
    assert not body.accepts_witness_with(SOME, {f"main.present[{slot}]": 1 - flag})


@pytest.mark.parametrize(
    "at", [0, c.COUNTS_MESSAGES_AT, c.COUNTS_ACCOUNTS_AT, c.COUNTS_MARKETS_AT, c.COUNTS_WORDS_AT]
)
def test_no_count_can_be_lied_about(body: CircuitTester, at: int) -> None:
    counts = expected(SOME)["counts"]
    assert isinstance(counts, int)
    assert not body.accepts_witness_with(SOME, {"main.counts": counts + (1 << at)})
