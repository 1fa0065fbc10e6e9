"""The referee notices a lie about any input signal: it is not satisfied by just anything."""

from functools import cache
from typing import Any

import pytest

from sequencer.batch.sizes import batch_size
from sequencer.model.constants import FIELD_MODULUS
from tests.batch.fixtures import demo_like_batches
from tests.batch.referee import RejectedError, check
from tests.batch.test_shapes import expected_shapes

SIGNALS = sorted(expected_shapes(batch_size("small")))


@cache
def busy_batch() -> dict[str, Any]:
    """A batch with trades, cancels, ghosts, requests, and pages beside each other."""
    batches = [batch for seed in range(40) for batch in demo_like_batches(seed, 3, "small")]
    return max(batches, key=lambda b: len(b.trades) * 4 + len(b.requests) + len(b.messages)).inputs


def places(signal: Any) -> list[tuple[int, ...]]:
    if isinstance(signal, int):
        return [()]
    return [(i, *rest) for i, inner in enumerate(signal) for rest in places(inner)]


def changed(signal: Any, place: tuple[int, ...], by: int) -> Any:
    if not place:
        return (signal + by) % FIELD_MODULUS
    copied = list(signal)
    copied[place[0]] = changed(signal[place[0]], place[1:], by)
    return copied


@pytest.mark.parametrize("name", SIGNALS)
def test_a_lie_about_an_input_is_rejected(name: str) -> None:
    inputs = busy_batch()
    check(inputs)
    for place in places(inputs[name])[:12]:
        for by in (1, -1):
            lie = inputs | {name: changed(inputs[name], place, by)}
            with pytest.raises(RejectedError):
                check(lie)
