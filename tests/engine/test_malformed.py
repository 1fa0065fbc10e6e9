"""Requests that no contract can have queued are refused and change nothing."""

from dataclasses import replace
from typing import Any

import pytest

from sequencer.engine import apply, errors
from sequencer.engine.commands import ProcessRequest
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.request import Request
from tests.engine.venue import engine_snapshot
from tests.strategies import genesis, owner_of

DEPOSIT = Request(RequestKind.DEPOSIT, account=1, owner=owner_of(1), amount=5)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": 0},
        {"kind": 4},
        {"kind": True},
        {"account": 1 << 20},
        {"amount": 1 << 64},
        {"amount": -1},
        {"owner": 0},
        {"owner": 1 << 160},
        {"key": (c.FIELD_MODULUS, 0)},
        {"key": (0, -1)},
    ],
    ids=str,
)
def test_a_field_of_the_wrong_width_is_refused(fields: dict[str, Any]) -> None:
    state = genesis()
    before = engine_snapshot(state)
    with pytest.raises(errors.MalformedFieldError, match=next(iter(fields))):
        apply(state, ProcessRequest(replace(DEPOSIT, **fields)))
    assert engine_snapshot(state) == before


def test_an_account_has_one_owner() -> None:
    state = genesis()
    before = engine_snapshot(state)
    with pytest.raises(errors.WrongOwnerError):
        apply(state, ProcessRequest(replace(DEPOSIT, owner=owner_of(2))))
    assert engine_snapshot(state) == before
