"""The referee of the circuit's claims accepts what the sequencer seals, whatever traders do."""

import itertools

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sequencer.batch.sealed import SealedBatch
from sequencer.engine.events import (
    BookExhausted,
    Cancelled,
    CancelledAll,
    Dropped,
    EpochOpened,
    MakerRemoved,
    MessageSequenced,
    RequestProcessed,
    ShortfallCharged,
    TakenOver,
)
from sequencer.model.codes import Verdict
from tests.batch.fixtures import demo_like_batches, random_batch
from tests.batch.referee import check


def verdicts(batch: SealedBatch) -> list[Verdict]:
    """The engine's verdict of each micro-step."""
    found = []
    for event in batch.events:
        match event:
            case EpochOpened() | MessageSequenced() | RequestProcessed() | ShortfallCharged():
                continue
            case Dropped(verdict=verdict) | MakerRemoved(verdict=verdict):
                found.append(verdict)
            case Cancelled() | CancelledAll():
                found.append(Verdict.CANCELLED)
            case _:
                found.append(Verdict.ACCEPTED)
    return found


@pytest.mark.parametrize("size", ["small", "reference"])
@given(seed=st.integers(0, 1 << 32))
@hypothesis_settings(max_examples=20)
def test_the_referee_comes_to_the_same_roots_and_verdicts(size: str, seed: int) -> None:
    for batch in demo_like_batches(seed, 3, size):
        verified = check(batch.inputs)
        assert verified.new_state_root == batch.new_roots.state
        assert verified.new_exit_root == batch.new_roots.exit
        assert verified.verdicts == verdicts(batch)


def test_each_batch_starts_where_the_last_one_ended() -> None:
    batches = demo_like_batches(7, 5, "reference")
    assert [batch.number for batch in batches] == [1, 2, 3, 4, 5]
    for last, batch in itertools.pairwise(batches):
        assert batch.old_roots == last.new_roots
        assert batch.inputs["accountRoot"] == last.new_roots.account
        assert batch.inputs["firstSequence"] == last.change.counters.next_sequence


def test_the_same_seed_seals_the_same_batch() -> None:
    assert random_batch(11).inputs == random_batch(11).inputs


@pytest.fixture(scope="module")
def traded() -> list[SealedBatch]:
    return [batch for seed in range(12) for batch in demo_like_batches(seed, 4, "reference")]


def test_random_trading_reaches_most_of_what_can_happen(traded: list[SealedBatch]) -> None:
    seen = {verdict for batch in traded for verdict in verdicts(batch)}
    rare = {Verdict.MAKER_REDUCE_ONLY, Verdict.MAKER_BOUNDS, Verdict.MAKER_MARGIN, Verdict.BOOK_FULL}
    assert set(Verdict) - seen <= rare


def test_random_trading_liquidates_accounts_unwinds_the_fund_and_charges_its_debts(
    traded: list[SealedBatch],
) -> None:
    events = [event for batch in traded for event in batch.events]
    messages = [event.message for event in events if isinstance(event, MessageSequenced)]
    assert {BookExhausted, TakenOver, CancelledAll, ShortfallCharged} <= {type(event) for event in events}
    assert any(message.is_liquidation for message in messages)
    assert any(message.is_unwinding for message in messages)
