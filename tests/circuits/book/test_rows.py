"""Rows stand in price-time order, so that what stands before a row has priority over it."""

import pytest

from tests.circuits.book.case import NO_FIELDS, row_table
from tests.circuits.book.lies import Tables, with_lies
from tests.circuits.harness import CircuitTester

ROWS = 6
UNUSED = NO_FIELDS
SENTINEL = NO_FIELDS | {"sentinel": 1, "rank": 7, "sequence": 3}
AT_REACH = NO_FIELDS | {"rank": 7, "sequence": 3, "account": 4, "expiry": 5, "maxFee": 6, "reduceOnly": 1}


@pytest.fixture(scope="module")
def order() -> CircuitTester:
    return CircuitTester("RowOrder", (4,))


@pytest.fixture(scope="module")
def load() -> CircuitTester:
    return CircuitTester("LoadRows", (ROWS,))


def half(used: list[int], markets: list[int], sort_keys: list[int]) -> Tables:
    return {"used": used, "market": markets, "sortKey": sort_keys}


def table(*rows: Tables) -> Tables:
    """Rows of the bids; the first one of the asks is used too."""
    bids = [*rows, *[UNUSED] * (ROWS // 2 - len(rows))]
    used = [*[1] * len(rows), *[0] * (ROWS // 2 - len(rows)), 1, 0, 0]
    return {"used": used, "fields": [*bids, SENTINEL, UNUSED, UNUSED], "remaining": [0] * ROWS}


@pytest.mark.parametrize(
    ("used", "markets", "sort_keys", "start"),
    [
        ([1, 1, 1, 1], [0, 0, 1, 3], [0, 1, 2, (1 << 76) - 1], [1, 0, 1, 1]),
        ([1, 1, 0, 0], [2, 2, 0, 0], [5, 6, 0, 0], [1, 0, 0, 0]),
        ([1, 0, 0, 0], [0, 0, 0, 0], [9, 0, 0, 0], [1, 0, 0, 0]),
        ([0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]),
    ],
)
def test_the_first_used_row_of_each_market_starts_it(
    order: CircuitTester, used: list[int], markets: list[int], sort_keys: list[int], start: list[int]
) -> None:
    assert order.accepts(half(used, markets, sort_keys))
    assert order.witness(half(used, markets, sort_keys)) == {"start": start}


@pytest.mark.parametrize("used", [[1, 0, 1, 0], [0, 1, 0, 0], [2, 0, 0, 0], [1, -1, 0, 0]])
def test_a_gap_between_used_rows_is_rejected(order: CircuitTester, used: list[int]) -> None:
    assert order.rejects(half(used, [0, 0, 0, 0], [0, 1, 2, 3]))


@pytest.mark.parametrize("sort_keys", [[4, 4, 5, 6], [4, 3, 5, 6], [4, 5, 6, 4], [(1 << 76) - 1, 0, 1, 2]])
def test_a_row_out_of_order_is_rejected(order: CircuitTester, sort_keys: list[int]) -> None:
    assert order.rejects(half([1, 1, 1, 1], [0, 0, 0, 0], sort_keys))


def test_no_two_rows_are_further_apart_than_any_two_keys(order: CircuitTester) -> None:
    furthest = (1 << 76) - 1
    assert order.accepts(half([1, 1, 0, 0], [0, 0, 0, 0], [0, furthest, 0, 0]))
    assert order.rejects(half([1, 1, 0, 0], [0, 0, 0, 0], [0, furthest + 2, 0, 0]))


def test_steps_select_from_the_packed_rows(load: CircuitTester) -> None:
    honest = table(SENTINEL, AT_REACH, AT_REACH | {"market": 1, "rank": 2})
    expected = row_table(honest["fields"], honest["used"])
    assert load.accepts(honest)
    assert load.witness(honest) == {
        "rows.word": expected["word"],
        "rows.start": expected["start"],
        "key": [fields["rank"] << 40 | fields["sequence"] for fields in honest["fields"]],
        "lots": [[0, 0]] * 4,
    }


@pytest.mark.parametrize("last", range(1, 4))
def test_what_remains_is_counted_by_market_and_side(load: CircuitTester, last: int) -> None:
    told = table(SENTINEL, AT_REACH, AT_REACH | {"market": last}) | {"remaining": [1, 20, 300, 4000, 0, 0]}
    expected = [[21, 4000], [0, 0], [0, 0], [0, 0]]
    expected[last] = [300, 0]
    assert load.witness(told)["lots"] == expected
    assert not load.accepts_witness_with(told, {f"main.lots[{last}][0]": 0})
    assert not load.accepts_witness_with(told, {"main.lots[0][1]": 0})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (AT_REACH, AT_REACH),
        (AT_REACH, AT_REACH | {"account": 9}),
        (AT_REACH, SENTINEL),
        (SENTINEL, SENTINEL | {"account": 1}),
        (AT_REACH | {"sequence": 4}, AT_REACH),
        (AT_REACH | {"rank": 8, "sequence": 0}, AT_REACH),
        (AT_REACH | {"market": 1}, AT_REACH),
    ],
    ids=["twice", "same key", "behind the reach", "two sentinels", "younger", "worse price", "market"],
)
def test_a_row_before_one_that_has_priority_is_rejected(
    load: CircuitTester, first: Tables, second: Tables
) -> None:
    assert load.rejects(table(first, second))


def test_a_sentinel_stands_behind_the_order_of_the_key_before(load: CircuitTester) -> None:
    assert load.accepts(table(AT_REACH, SENTINEL | {"sequence": 4}))
    assert load.accepts(table(SENTINEL, AT_REACH))


def test_markets_stand_one_after_the_other_whatever_their_keys(load: CircuitTester) -> None:
    last = AT_REACH | {"rank": (1 << 33) - 1, "sequence": (1 << 40) - 1}
    first = {"rank": 0, "sequence": 0}
    assert load.accepts(table(last, SENTINEL | first | {"market": 1}, SENTINEL | first | {"market": 2}))
    assert load.rejects(table(SENTINEL | first | {"market": 1}, last))


def test_a_key_of_the_next_rank_comes_after_every_sequence(load: CircuitTester) -> None:
    last = AT_REACH | {"sequence": (1 << 40) - 1}
    assert load.accepts(table(last, AT_REACH | {"rank": 8, "sequence": 0}))


@pytest.mark.parametrize("name", [name for name in NO_FIELDS if name != "market"])
def test_a_field_out_of_range_is_rejected(load: CircuitTester, name: str) -> None:
    assert load.rejects(with_lies(table(AT_REACH), {f"fields.0.{name}": 1 << 41}))
    assert load.rejects(with_lies(table(AT_REACH), {f"fields.0.{name}": -1}))


def test_a_market_that_is_none_of_the_four_is_rejected(load: CircuitTester) -> None:
    assert load.rejects(with_lies(table(AT_REACH), {"fields.0.market": 4}))


def test_an_unused_row_has_a_word_that_no_step_can_name(load: CircuitTester) -> None:
    words = load.witness(table(AT_REACH))["rows.word"]
    assert isinstance(words, list)
    assert [isinstance(word, int) and word >= 1 << 250 for word in words] == [
        False,
        True,
        True,
        False,
        True,
        True,
    ]
