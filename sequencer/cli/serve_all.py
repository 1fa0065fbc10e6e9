"""`proofbook serve all`: every process of an exchange on this machine, each started again when it ends."""

import logging
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from sequencer.chain.child import die_with_parent
from sequencer.cli.serve_options import log_to_stderr
from sequencer.cli.venue_config import VenueConfig, read_venue

_LOG: Final = logging.getLogger("proofbook.serve")
_POLL_SECONDS: Final = 0.2
_FIRST_PAUSE_SECONDS: Final = 0.5
_PAUSE_SECONDS_MAX: Final = 30.0
_HEALTHY_SECONDS: Final = 60.0
_GRACE_SECONDS: Final = 30.0


@dataclass(slots=True)
class _Part:
    """One process: how it is started, and when it may be again."""

    name: str
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = _FIRST_PAUSE_SECONDS
    again: float = 0.0

    def keep_running(self, now: float) -> None:
        """Start the process if it is due, and note when it has ended."""
        if self.process is not None and (status := self.process.poll()) is not None:
            long = now - self.started > _HEALTHY_SECONDS
            self.pause = _FIRST_PAUSE_SECONDS if long else min(2 * self.pause, _PAUSE_SECONDS_MAX)
            self.process, self.again = None, now + self.pause
            _LOG.warning("%s ended with status %d; again in %.1f s", self.name, status, self.pause)
        if self.process is None and now >= self.again:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sequencer.cli", *self.arguments], preexec_fn=die_with_parent
            )
            self.started = now
            _LOG.info("%s runs", self.name, extra={"fields": {"pid": self.process.pid}})

    def stop(self) -> None:
        """Let the process end; by force if it takes too long."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


@click.command("all")
@click.option(
    "--config",
    "path",
    required=True,
    type=click.Path(exists=True, dir_okay=False),
    help="TOML file; its paths are seen from its own folder.",
)
def serve_all(path: str) -> None:
    """Run node, settler, queue and workers until SIGTERM or SIGINT: then the node ends first."""
    log_to_stderr()
    stopping = threading.Event()
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: stopping.set())
    parts = _parts(read_venue(Path(path)), path)
    try:
        while not stopping.is_set():
            for part in parts:
                part.keep_running(time.monotonic())
            stopping.wait(_POLL_SECONDS)
    finally:
        for part in reversed(parts):
            part.stop()


def _parts(config: VenueConfig, path: str) -> list[_Part]:
    host, port = config.prover.listen
    token = ("--token-file", str(config.prover.token_file))
    listen = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    queue = ("prove", "serve", "--jobs", str(config.directories.jobs), "--listen", listen, *token)
    of_worker: tuple[str, ...] = ("--queue", config.queue_url, "--size", config.venue.size)
    work = ("prove", "work", *of_worker, "--backend", config.prover.backend, *token)
    return [
        _Part("queue", queue),
        *(_Part(f"worker {number}", work) for number in range(1, config.prover.workers + 1)),
        _Part("settler", ("serve", "settler", "--config", path)),
        _Part("node", ("serve", "node", "--config", path)),
    ]
