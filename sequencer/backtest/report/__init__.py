"""The HTML report of a backtest: one file, charts as inline SVG, nothing loaded from elsewhere."""

from sequencer.backtest.report.page import write_report, write_sweep_report

__all__ = ["write_report", "write_sweep_report"]
