"""`proofbook change` as a user runs it."""

import json
from typing import Any

import pytest

from sequencer.cli.main import main
from tests.cli.conftest import Venue


def run(venue: Venue, *arguments: str, rollup: str | None = None) -> int:
    """Run a command on the venue's rollup, or on another of its chain; return the exit code."""
    with pytest.raises(SystemExit) as stop:
        main(["change", *arguments, "--rpc", venue.chain.url, "--rollup", rollup or venue.rollup.address])
    return int(stop.value.code or 0)


def shown(venue: Venue, capsys: pytest.CaptureFixture[str], *options: str, rollup: str | None = None) -> str:
    """What `show` says."""
    capsys.readouterr()
    assert run(venue, "show", *options, rollup=rollup) == 0
    return capsys.readouterr().out


def shown_to_programs(
    venue: Venue, capsys: pytest.CaptureFixture[str], *options: str, rollup: str | None = None
) -> dict[str, Any]:
    """What `show` says to programs."""
    told: dict[str, Any] = json.loads(shown(venue, capsys, "--json", *options, rollup=rollup))
    return told
