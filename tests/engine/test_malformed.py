"""Requests that no contract can have queued are refused and change nothing."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.engine import apply, errors
from sequencer.engine.commands import ProcessRequest
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.message import Message
from sequencer.model.request import Request
from tests.engine.venue import engine_snapshot
from tests.strategies import genesis, owner_of

DEPOSIT = Request(RequestKind.DEPOSIT, account=1, owner=owner_of(1), amount=5)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": 0},
        {"kind": 7},
        {"kind": True},
        {"account": 1 << 20},
        {"amount": 1 << 64},
        {"amount": -1},
        {"owner": 0},
        {"owner": 1 << 160},
        {"data": (c.FIELD_MODULUS, 0)},
        {"data": (0, -1)},
    ],
    ids=str,
)
def test_a_field_of_the_wrong_width_is_refused(fields: dict[str, Any]) -> None:
    state = genesis()
    before = engine_snapshot(state)
    with pytest.raises(errors.MalformedFieldError, match=next(iter(fields))):
        apply(state, ProcessRequest(replace(DEPOSIT, **fields)))
    assert engine_snapshot(state) == before


@pytest.mark.parametrize("lie", [(0, 0), (1 << 158, 0), (0, 1 << 120), (1, 0)], ids=str)
def test_a_forced_message_is_the_accounts_own_and_fills_no_more_than_its_fields(lie: tuple[int, int]) -> None:
    state = genesis()
    words = Message(account=1, key_epoch=1, nonce=1).words()
    forced = Request(RequestKind.MESSAGE, 1, owner_of(1), data=(words[0] + lie[0], words[1] + lie[1]))
    if lie == (0, 0):
        assert len(apply(state, ProcessRequest(forced))) == 3
        return
    before = engine_snapshot(state)
    with pytest.raises(errors.MalformedFieldError, match="data"):
        apply(state, ProcessRequest(forced))
    assert engine_snapshot(state) == before


def test_an_account_has_one_owner() -> None:
    state = genesis()
    before = engine_snapshot(state)
    with pytest.raises(errors.WrongOwnerError):
        apply(state, ProcessRequest(replace(DEPOSIT, owner=owner_of(2))))
    assert engine_snapshot(state) == before
