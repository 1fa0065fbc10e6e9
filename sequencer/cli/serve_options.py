"""The option that all processes of an exchange share, and how they log."""

import json
import logging
import sys
from pathlib import Path

import click

from sequencer.cli.venue_config import VenueConfig, read_venue


def _read(_: click.Context, __: click.Parameter, path: Path) -> VenueConfig:
    return read_venue(path)


config_option = click.option(
    "--config",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    callback=_read,
    help="TOML file; its paths are seen from its own folder.",
)


class _JsonLines(logging.Formatter):
    """One JSON object a line: time, level, part, text, and what the caller adds as `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time_ms": int(record.created * 1_000),
            "level": record.levelname.lower(),
            "part": record.name,
            "text": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_to_stderr() -> None:
    """Log in JSON lines to standard error, from `INFO` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # They would log each request that is made.
    for chatty in ("httpx", "httpcore", "web3", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
