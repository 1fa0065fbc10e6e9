"""Many runs at once: every combination of some values of some settings."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from itertools import product

from sequencer.backtest.errors import SweepError
from sequencer.backtest.result import BacktestResult
from sequencer.backtest.run import run_backtest
from sequencer.backtest.settings import SWEPT, Settings
from sequencer.replay.bars import Bar

Values = Mapping[str, Sequence[int]]
Progress = Callable[[int, int, float], None]
"""Told of each run that is over: how many are, of how many, and the seconds that it took."""


def read_sweep(texts: Sequence[str]) -> Values:
    """Return the values of each setting that `KEY=V1,V2,...` texts name.

    Raises
    ------
    SweepError
        If a text names no setting, one that another has named, or anything but whole numbers.
    """
    values: dict[str, list[int]] = {}
    for text in texts:
        key, _, listed = text.partition("=")
        if key not in SWEPT:
            raise SweepError(f"{key!r} is no setting; there are {', '.join(SWEPT)}")
        if key in values:
            raise SweepError(f"{key} is swept twice")
        values[key] = _numbers(key, listed)
    return values


def combinations(settings: Settings, values: Values) -> list[Settings]:
    """Return the settings of every combination, the last key's values changing fastest.

    Raises
    ------
    SettingsError
        If no market can have one of them.
    """
    combined = [
        replace(settings, **dict(zip(values, chosen, strict=True))) for chosen in product(*values.values())
    ]
    for one in combined:
        one.configuration()
    return combined


def run_sweep(bars: Sequence[Bar], runs: Sequence[Settings], progress: Progress) -> list[BacktestResult]:
    """Run all settings, as many at a time as there are processors; results are in the order of the settings.

    Raises
    ------
    ConservationError
        As soon as one run raises it.
    """
    results: dict[int, BacktestResult] = {}
    with ProcessPoolExecutor(min(os.cpu_count() or 1, len(runs))) as processes:
        futures = {processes.submit(_timed, bars, settings): place for place, settings in enumerate(runs)}
        try:
            for future in as_completed(futures):
                results[futures[future]], seconds = future.result()
                progress(len(results), len(runs), seconds)
        except BaseException:
            processes.shutdown(cancel_futures=True)
            raise
    return [results[place] for place in range(len(runs))]


def _timed(bars: Sequence[Bar], settings: Settings) -> tuple[BacktestResult, float]:
    begin = time.perf_counter()
    return run_backtest(bars, settings), time.perf_counter() - begin


def _numbers(key: str, listed: str) -> list[int]:
    try:
        numbers = [int(number) for number in listed.split(",")]
    except ValueError as error:
        raise SweepError(f"{key} is given {listed!r}, not whole numbers with commas between them") from error
    if len(set(numbers)) != len(numbers):
        raise SweepError(f"{key} is given the same value twice: {listed}")
    return numbers
