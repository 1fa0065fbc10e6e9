"""One run from bars to figures."""

from collections.abc import Sequence

from sequencer.backtest.result import BacktestResult, conclude
from sequencer.backtest.settings import Settings
from sequencer.backtest.simulation import Simulation
from sequencer.replay.bars import Bar


def run_backtest(bars: Sequence[Bar], settings: Settings) -> BacktestResult:
    """Trade the bars and return what that came to.

    Raises
    ------
    SettingsError
        If no market can have the settings.
    ConservationError
        If money, lots or open interest came from nowhere.
    """
    simulation = Simulation(settings)
    return conclude(simulation, bars, list(simulation.run(bars)))
