"""The steepest minutes of the recorded fall, and runs of them."""

from collections.abc import Sequence
from functools import cache

from sequencer.backtest.result import BacktestResult
from sequencer.backtest.run import run_backtest
from sequencer.backtest.settings import Settings
from sequencer.replay.bars import Bar, read_bars
from tests.replay.data import BARS

BEGIN, END = 20, 32
MINUTES = END - BEGIN
DAY: Sequence[Bar] = tuple(read_bars(BARS, END))
FALL: Sequence[Bar] = DAY[BEGIN:]


def fresh(minutes: int = MINUTES, **settings: int) -> BacktestResult:
    """A run of the first minutes of the fall."""
    return run_backtest(FALL[:minutes], Settings(minutes, **settings))


@cache
def fall() -> BacktestResult:
    """The run that most tests look at."""
    return fresh()


@cache
def day() -> BacktestResult:
    """With the minutes that lead to the fall, in which positions and volatility build up."""
    return run_backtest(DAY, Settings(END))


@cache
def static() -> BacktestResult:
    """The same with static margins."""
    return run_backtest(FALL, Settings(MINUTES).static())
