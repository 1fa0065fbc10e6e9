"""The recorded bars that the replay tests read."""

from pathlib import Path

BARS = Path(__file__).resolve().parents[2] / "data" / "btcusdt-1m-2020-03-12.csv"
