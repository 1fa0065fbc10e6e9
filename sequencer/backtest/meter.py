"""Measures an epoch from the engine's events and from the state at its end."""

from collections import Counter
from collections.abc import Sequence

from sequencer.backtest.depth import spread_ppm
from sequencer.backtest.figures import EpochFigures
from sequencer.engine.events import CancelledAll, Event, Filled, MessageSequenced, TakenOver
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
        self._last_mark = 0

    def opened(self) -> None:
        """Note what the move of the mark cost."""
        self._counts.clear()
        mark = self._state.market(MARKET).mark
        move, initial_ppm = mark - self._last_mark, self._state.market(MARKET).parameters.initial_ppm
        for number, account in self._state.accounts.items():
            size = account.positions[MARKET]
            if number != c.INSURANCE_ACCOUNT and size * move < 0:
                self._counts["loss"] += abs(notional(move, size))
                self._counts["loss_margin"] += (
                    notional(self._last_mark, abs(size)) * initial_ppm // c.PPM_UNIT
                )
        self._last_mark = mark

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
                self._counts["taken_volume"] += notional(self._last_mark, event.quantity)
                self.liquidated.add(event.account)
            elif isinstance(event, CancelledAll) and first.message.is_liquidation:
                self._counts["cancelled"] += 1

    def reduced(self) -> None:
        """Note how many accounts the venue had to leave below their maintenance margin."""
        waiting = sum(is_liquidatable(self._state, number) for number in self._state.accounts)
        self._counts["waiting"] = max(self._counts["waiting"], waiting)

    def closed(self, index: int) -> EpochFigures:
        """Return the figures of the epoch; `index` is its recorded price in ticks."""
        state, counts = self._state, self._counts
        market, fund = state.market(MARKET), state.account(c.INSURANCE_ACCOUNT)
        healths = [
            health(account, state.markets)
            for number, account in state.accounts.items()
            if number != c.INSURANCE_ACCOUNT
        ]
        lacks = [-now.equity for now in healths if now.equity < 0]
        return EpochFigures(
            time=state.timestamp,
            index=index,
            mark=market.mark,
            halted=not market.is_open,
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
