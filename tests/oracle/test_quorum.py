"""Which three of the reports make the mark."""

from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from sequencer.model import constants as c
from sequencer.model.oracle import OracleReport
from sequencer.oracle.quorum import nearest_quorum

prices = st.integers(1, (1 << c.PRICE_BITS) - 1)


def reports(*vectors: tuple[int, ...]) -> list[OracleReport]:
    return [
        OracleReport(signer, 60, vector + (0,) * (c.MARKETS - len(vector)))
        for signer, vector in enumerate(vectors)
    ]


def chosen(*vectors: tuple[int, ...]) -> list[int]:
    return [report.signer for report in nearest_quorum(reports(*vectors), len(vectors[0]))]


def test_who_is_far_off_is_left_out() -> None:
    assert chosen((100,), (1,), (102,), (101,)) == [0, 2, 3]
    assert chosen((100,), (9_000,), (102,), (101,), (103,)) == [2, 3, 4]


def test_a_far_price_in_any_market_counts() -> None:
    assert chosen((100, 7_000), (101, 9_999), (100, 7_001), (102, 7_003)) == [0, 2, 3]


def test_distance_is_in_proportion_to_the_price() -> None:
    """A tick of the cheap market weighs more than twenty of the dear one."""
    assert chosen((10, 100_020), (10, 100_000), (10, 99_980), (11, 100_000), (9, 100_000)) == [0, 1, 2]


def test_of_equals_the_lower_signers_are_taken_whatever_the_order_of_the_answers() -> None:
    told = reports((5,), (5,), (5,), (5,), (5,))
    for order in (told, told[::-1], told[2:] + told[:2]):
        assert [report.signer for report in nearest_quorum(order, 1)] == [0, 1, 2]


@given(honest=st.lists(prices, min_size=3, max_size=3), lies=st.lists(prices, max_size=2), data=st.data())
def test_liars_leave_the_mark_within_what_the_honest_saw(
    honest: list[int], lies: list[int], data: st.DataObject
) -> None:
    """Two of five, or one of four: floor((n - 1) / 2) of n."""
    told = data.draw(st.permutations([(price,) for price in honest + lies]))
    taken = nearest_quorum(reports(*told), 1)
    assert min(honest) <= median(report.prices[0] for report in taken) <= max(honest)


@given(
    honest=st.lists(st.tuples(prices, prices), min_size=2, max_size=4),
    lie=st.tuples(prices, prices),
    data=st.data(),
)
def test_one_liar_moves_no_mark_of_any_market_out_of_what_the_others_saw(
    honest: list[tuple[int, int]], lie: tuple[int, int], data: st.DataObject
) -> None:
    told = data.draw(st.permutations([*honest, lie]))
    taken = nearest_quorum(reports(*told), 2)
    for slot in range(2):
        seen = [vector[slot] for vector in honest]
        assert min(seen) <= median(report.prices[slot] for report in taken) <= max(seen)
