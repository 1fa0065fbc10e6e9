"""The venue's duty: whoever is below its maintenance margin is liquidated, then the fund unwinds."""

from collections.abc import Iterator, Sequence

from sequencer.backtest.venue import Venue
from sequencer.engine.events import Event
from sequencer.engine.risk import next_liquidation, next_unwinding


def reduce_risk(venue: Venue) -> Iterator[Sequence[Event]]:
    """Liquidate every account as far as due and possible, by id, then let the fund unwind once an epoch.

    Yields the events of each message. As in a batch, only what changes something is sequenced.
    """
    for number in sorted(venue.state.accounts):
        while (liquidation := next_liquidation(venue.state, number)) is not None:
            yield venue.sequence(liquidation)
    unwinding = next_unwinding(venue.state)
    if unwinding is not None:
        yield venue.sequence(unwinding)
