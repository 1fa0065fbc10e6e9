"""Measures an epoch from the engine's events and from the state at its end."""

from collections import Counter
from collections.abc import Sequence

from sequencer.backtest.depth import spread_ppm
from sequencer.backtest.figures import EpochFigures
from sequencer.engine.events import (
    CancelledAll,
    Event,
    Filled,
    MessageSequenced,
    ShortfallCharged,
    TakenOver,
)
from sequencer.engine.liquidation import is_liquidatable
from sequencer.engine.margin import health
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.message import Message
from sequencer.replay.terms import MARKET, notional


class Meter:
    """Counts what happens between the opening of an epoch and its end.

    Attributes
    ----------
    liquidated : set of int
        Accounts of which lots went through the book or to the fund, over all epochs.
    """

    def __init__(self, state: State) -> None:
        self.liquidated: set[int] = set()
        self._state = state
        self._counts: Counter[str] = Counter()
        self._last = state.market(MARKET)
        self._uninsured = state.venue.uninsured

    def opened(self) -> None:
        """Note what the time since the epoch before cost, and the move of the mark."""
        self._counts.clear()
        before, market = self._last, self._state.market(MARKET)
        self._last, self._uninsured = market, self._state.venue.uninsured
        accrued = market.long_index - before.long_index
        self._counts["funding"] = accrued * market.open_interest // c.INDEX_UNIT
        move = market.mark - before.mark
        for number, account in self._state.accounts.items():
            size = account.positions[MARKET]
            if number != c.INSURANCE_ACCOUNT and size * move < 0:
                self._counts["loss"] += abs(notional(move, size))
                self._counts["loss_margin"] += before.initial_margin(size) // c.PPM_UNIT

    def hear(self, events: Sequence[Event]) -> None:
        """Count the events of one message."""
        first = events[0]
        assert isinstance(first, MessageSequenced)
        self._counts["messages"] += 1
        for event in events:
            if isinstance(event, Filled):
                self._hear_fill(event, first.message)
            elif isinstance(event, TakenOver):
                self._counts["takeovers"] += 1
                self._counts["taken_volume"] += notional(self._last.mark, event.quantity)
                self.liquidated.add(event.account)
            elif isinstance(event, CancelledAll) and first.message.is_liquidation:
                self._counts["cancelled"] += 1

    def hear_end(self, events: Sequence[Event]) -> None:
        """Count what the end of the epoch charged."""
        self._counts["charged"] += sum(e.amount for e in events if isinstance(e, ShortfallCharged))

    def reduced(self) -> None:
        """Note how many accounts the venue had to leave below their maintenance margin."""
        waiting = sum(is_liquidatable(self._state, number) for number in self._state.accounts)
        self._counts["waiting"] = max(self._counts["waiting"], waiting)

    def closed(self, index: int) -> EpochFigures:
        """Return the figures of the epoch; `index` is its recorded price in ticks."""
        state, counts, fund = self._state, self._counts, self._state.account(c.INSURANCE_ACCOUNT)
        settled = self._last.is_settled
        # A charge has moved an index: that is no funding of the next epoch.
        market = self._last = state.market(MARKET)
        healths = [
            health(state.account(number), state.markets)
            for number in state.accounts
            if number != c.INSURANCE_ACCOUNT
        ]
        lacks = [-now.equity for now in healths if now.equity < 0]
        return EpochFigures(
            time=state.timestamp,
            index=index,
            mark=market.mark,
            halted=not market.is_open,
            reduce_only=market.is_reduce_only,
            settled=settled,
            uninsured=self._uninsured,
            initial_ppm=market.initial_ppm,
            maintenance_ppm=market.maintenance_ppm,
            messages=counts["messages"],
            trades=counts["trades"],
            volume=counts["volume"],
            spread_ppm=spread_ppm(state),
            open_interest=market.open_interest,
            cancelled=counts["cancelled"],
            book_fills=counts["book_fills"],
            book_volume=counts["book_volume"],
            takeovers=counts["takeovers"],
            taken_volume=counts["taken_volume"],
            unwinding_fills=counts["unwinding_fills"],
            unwound_lots=counts["unwound_lots"],
            waiting=counts["waiting"],
            fund_equity=health(fund, state.markets).equity,
            fund_position=fund.positions[MARKET],
            funding=counts["funding"],
            rate_ppm=state.premium(MARKET).rate_ppm,
            charged=counts["charged"],
            funding_pool=state.funding_pool,
            accounts_below_zero=len(lacks),
            account_shortfall=sum(lacks),
            margin_held=sum(now.initial for now in healths) // c.PPM_UNIT,
            loss=counts["loss"],
            loss_margin=counts["loss_margin"],
        )

    def _hear_fill(self, fill: Filled, message: Message) -> None:
        value = notional(fill.head.price, fill.quantity)
        self._counts["trades"] += 1
        self._counts["volume"] += value
        if message.is_liquidation:
            self._counts["book_fills"] += 1
            self._counts["book_volume"] += value
            self.liquidated.add(fill.taker)
        elif message.is_unwinding:
            self._counts["unwinding_fills"] += 1
            self._counts["unwound_lots"] += fill.quantity
