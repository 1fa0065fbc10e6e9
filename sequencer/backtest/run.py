"""One run from bars to figures."""

from collections.abc import Callable, Sequence

from sequencer.backtest.figures import EpochFigures
from sequencer.backtest.result import BacktestResult, conclude
from sequencer.backtest.settings import Settings
from sequencer.backtest.simulation import Simulation
from sequencer.replay.bars import Bar


def run_backtest(
    bars: Sequence[Bar], settings: Settings, observe: Callable[[EpochFigures], None]
) -> BacktestResult:
    """Trade the bars; `observe` gets the figures of each epoch as soon as it is over.

    Raises
    ------
    SettingsError
        If no market can have the settings.
    ConservationError
        If money, lots or open interest came from nowhere.
    """
    simulation = Simulation(settings)
    epochs = []
    for figures in simulation.run(bars):
        observe(figures)
        epochs.append(figures)
    return conclude(simulation, bars, epochs)
