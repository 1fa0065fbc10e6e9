"""Opening, filling and sealing a batch."""

import pytest

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.errors import BatchSealedError, EpochOpenError, RequestAfterMessageError
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.errors import TimestampNotNewerError, WrongOwnerError
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind, Side
from sequencer.model.request import Request
from tests import strategies
from tests.batch.venue import RICH, Venue


def test_requests_come_before_messages() -> None:
    venue = Venue()
    venue.buy(1, 1, 1_000)
    with pytest.raises(RequestAfterMessageError):
        venue.deposit(1, 5)
    assert venue.state.account(1).collateral == RICH


def test_the_first_message_fixes_the_epoch_that_the_header_has() -> None:
    venue = Venue()
    venue.deposit(1, 5)
    with pytest.raises(EpochOpenError):
        _ = venue.builder.epoch
    venue.buy(1, 1, 1_000)
    promised = venue.builder.epoch
    venue.buy(2, 1, 1_000)
    assert venue.builder.epoch == promised
    assert promised.requests_end == venue.ledger.counters.requests_consumed + 1

    batch = venue.seal()

    assert (promised.batch_number, promised.timestamp) == (batch.number, batch.change.counters.timestamp)
    assert promised.requests_end == batch.change.counters.requests_consumed
    assert promised.hash == batch.words[c.HEADER_EPOCH_HASH]
    with pytest.raises(BatchSealedError):
        _ = venue.builder.epoch


def test_a_sealed_batch_takes_nothing_more() -> None:
    venue = Venue()
    venue.seal()
    for late in (lambda: venue.buy(1, 1, 1_000), lambda: venue.deposit(1, 5), venue.builder.seal):
        with pytest.raises(BatchSealedError):
            late()
    assert venue.ledger.state() == venue.state


def test_a_round_that_cannot_be_used_opens_no_batch() -> None:
    venue = Venue()
    venue.seal()
    timestamp = venue.state.timestamp
    with pytest.raises(TimestampNotNewerError):
        BatchBuilder(
            venue.ledger,
            venue.state,
            venue.size,
            OpenEpoch(timestamp, strategies.signed_round(timestamp, (strategies.MARK, 0, 0, 0))),
        )
    assert venue.ledger.state() == venue.state


def test_a_command_that_the_engine_refuses_leaves_the_batch_as_it_was() -> None:
    venue = Venue()
    venue.deposit(1, 5)
    events = venue.builder.events
    with pytest.raises(WrongOwnerError):
        venue.builder.add_request(Request(RequestKind.DEPOSIT, 1, owner=99, amount=5))
    assert venue.builder.events == events
    assert len(venue.seal().requests) == 1


def test_an_empty_batch_moves_time_marks_and_the_log() -> None:
    venue = Venue()
    assert venue.builder.is_empty
    batch = venue.seal()
    assert batch.change.counters.batch_number == 1
    assert batch.change.counters.log_head != 0
    assert batch.change.accounts == {}
    assert batch.change.pages == {}
    assert batch.old_roots.state != batch.new_roots.state


def test_a_batch_tells_what_happened_in_it() -> None:
    venue = Venue()
    venue.deposit(1, 5)
    venue.sell(1, 3, 1_001)
    venue.buy(2, 2, 1_010)
    batch = venue.seal()
    assert [len(batch.requests), len(batch.messages), len(batch.trades)] == [1, 2, 1]
    assert batch.volume == 2 * 1_001
    assert set(batch.change.accounts) == {1, 2}
    assert [order.remaining for order in venue.state.book(0, 1)] == [1]


def test_the_ledger_keeps_the_accounts_that_a_batch_creates() -> None:
    venue = Venue()
    venue.deposit(42, 7)
    venue.seal()
    assert venue.ledger.account(42).owner == strategies.owner_of(42)
    assert not venue.ledger.account(43).exists


def test_a_forced_message_is_the_last_request_and_the_first_message() -> None:
    venue = Venue()
    assert venue.deposit(1, 5)
    assert venue.force(1, side=Side.SELL, size=3, price=1_001)
    assert venue.deposit(2, 5) is None
    assert venue.force(2, side=Side.BUY, size=3, price=1_001) is None
    assert venue.buy(2, 2, 1_010)
    batch = venue.seal()
    assert [len(batch.requests), len(batch.messages), len(batch.trades)] == [2, 1, 1]
    assert len(batch.log_leaves) == 2


def test_a_forced_message_fixes_the_epoch() -> None:
    venue = Venue()
    venue.force(1, side=Side.SELL, size=3, price=1_001)
    assert venue.builder.epoch.requests_end == venue.state.requests_consumed == 1


def test_a_forced_message_that_has_no_room_waits_for_the_next_batch() -> None:
    venue = Venue()
    accounts = venue.size.accounts
    for account in range(1, accounts + 1):
        venue.deposit(account, 5)
    before = venue.builder.events
    assert venue.force(accounts + 1, side=Side.SELL, size=3, price=1_001) is None
    assert venue.builder.events == before
    venue.seal()
    venue.open()
    assert venue.force(accounts + 1, side=Side.SELL, size=3, price=1_001)
