"""What is durable is shown in its order, a group of entries at a time, and only what the history has."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sequencer.history.errors import UnknownOrderError
from sequencer.history.store import HistoryStore
from sequencer.history.tickers import Tickers
from sequencer.history.types import Projection
from sequencer.node.policy import NodePolicy
from sequencer.node.publisher import Publisher
from tests import strategies as s
from tests.history.driver import Venue, projector_at

ALICE, CAROL = 1, 3


@pytest.fixture
def venue() -> Venue:
    """Alice and Carol trade in an open batch."""
    venue = Venue(s.genesis(accounts=4))
    venue.open()
    venue.sell(CAROL, 5, s.MARK)
    venue.buy(ALICE, 2, s.MARK)
    venue.buy(ALICE, 2, s.MARK)
    return venue


@pytest.fixture
def history(tmp_path: Path) -> Iterator[HistoryStore]:
    with HistoryStore(tmp_path / "history") as history:
        yield history


def publisher_of(history: HistoryStore, tickers: Tickers | None = None) -> Publisher:
    return Publisher(projector_at(s.genesis(accounts=4)), history, tickers or Tickers(), 0, NodePolicy())


def test_a_listener_hears_of_each_entry_once_the_history_has_its_whole_group(
    venue: Venue, history: HistoryStore
) -> None:
    tickers = Tickers()
    publisher = publisher_of(history, tickers)
    heard: list[tuple[Projection, int, int, int]] = []

    def listen(projection: Projection) -> None:
        ticker = tickers.ticker(0, projection.time_ms)
        volume = ticker.volume if ticker is not None else 0
        heard.append((projection, publisher.published, history.position, volume))

    publisher.listen(listen)
    updates = venue.driver.updates
    assert publisher.publish(updates[:3]) == venue.projections[:3]
    assert publisher.publish(updates[3:]) == venue.projections[3:]
    assert heard == [
        (venue.projections[0], 1, 3, 0),
        (venue.projections[1], 2, 3, 0),
        (venue.projections[2], 3, 3, 2),
        (venue.projections[3], 4, 4, 4),
    ]
    assert publisher.recent(1) == venue.projections[1:]


def test_a_group_that_cannot_be_projected_is_neither_kept_nor_told(
    venue: Venue, history: HistoryStore
) -> None:
    publisher = publisher_of(history)
    heard: list[Projection] = []
    publisher.listen(heard.append)
    opened, _, traded, _ = venue.driver.updates
    with pytest.raises(UnknownOrderError):
        publisher.publish([opened, traded])
    assert (heard, publisher.published, history.position) == ([], 0, 0)
    assert history.trades(0, None, 1).rows == ()
