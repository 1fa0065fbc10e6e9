"""The HTML report: one file, charts as inline SVG, nothing loaded from elsewhere."""

from sequencer.replay.report.page import write_report

__all__ = ["write_report"]
