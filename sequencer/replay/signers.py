"""The oracle of a replay: five signer processes, asked over HTTP as those of others would be."""

import json
import os
import re
import secrets
import sys
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from prover.artifacts import PROJECT_ROOT
from sequencer.chain.child import ChildError, start, stop, wait_until_said
from sequencer.model.oracle import OracleReport
from sequencer.oracle.client import RoundCollector
from sequencer.oracle.keystore import PASSWORD_VARIABLE, write_keystore
from sequencer.replay.errors import SignerProcessError
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import MARKET, TICKS_PER_DOLLAR

_COMMAND: Final = ("-m", "sequencer.cli", "oracle", "serve", "--config")
_LISTENING: Final = re.compile(r"^Listening on (\S+)$", re.MULTILINE)
# All five answer, however busy the machine is: then the seed alone decides who is of the quorum.
_TIMEOUT_SECONDS: Final = 30.0
# The secrets follow from the seed, so nothing would be gained by a costly key derivation.
_SCRYPT_COST: Final = 2


class SignerProcesses:
    """Five processes of `proofbook oracle serve`, from entering to leaving; they die with this one.

    Parameters
    ----------
    bars, minutes
        The file that the signers read, and how many of its bars.
    start
        Second from which on the bars are told; their own if it is not given.
    """

    def __init__(self, bars: Path, minutes: int, seed: int, domain: int, start: int | None = None) -> None:
        self._bars, self._minutes, self._seed, self._domain = bars.resolve(), minutes, seed, domain
        self._start = start
        self._signers = OracleSigners(seed)
        self._running = ExitStack()
        self.endpoints: list[str] = []

    def __enter__(self) -> "SignerProcesses":
        with ExitStack() as starting:
            directory = Path(starting.enter_context(TemporaryDirectory(prefix="proofbook-oracle-")))
            try:
                self.endpoints = self._started(directory, starting)
            except ChildError as error:
                raise SignerProcessError(f"a signer {error}") from error
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def round(self, time: int) -> tuple[OracleReport, ...]:
        """Collect the round of a time.

        Raises
        ------
        NoQuorumError
            If too few of the processes answer.
        """
        collector = RoundCollector(
            self.endpoints, self._signers.keys, self._domain, MARKET + 1, _TIMEOUT_SECONDS
        )
        return collector.collect(time).reports

    def _started(self, directory: Path, starting: ExitStack) -> list[str]:
        password = secrets.token_hex()
        environment = {**os.environ, PASSWORD_VARIABLE: password}
        started = []
        for index, secret in enumerate(self._signers.secrets):
            config, log = directory / f"{index}.toml", directory / f"{index}.log"
            write_keystore(directory / f"{index}.json", secret, password, iterations=_SCRYPT_COST)
            config.write_text(self._config(index), encoding="utf-8")
            process = start([sys.executable, *_COMMAND, str(config)], log, PROJECT_ROOT, environment)
            starting.callback(stop, process)
            started.append((process, log))
        return [f"http://{wait_until_said(process, log, _LISTENING)}" for process, log in started]

    def _config(self, index: int) -> str:
        tick = Decimal(1) / TICKS_PER_DOLLAR
        return "\n".join(
            [
                f"signer = {index}",
                f'keystore = "{index}.json"',
                f'journal = "{index}.journal"',
                'listen = "127.0.0.1:0"',
                f'domain = "{self._domain}"',
                "period_seconds = 1",
                "[[markets]]",
                f'tick_size = "{tick}"',
                'source.kind = "replay"',
                # What JSON escapes, TOML reads alike.
                f"source.bars = {json.dumps(str(self._bars), ensure_ascii=False)}",
                f"source.minutes = {self._minutes}",
                f"source.seed = {self._seed}",
                *([] if self._start is None else [f"source.start = {self._start}"]),
            ]
        )
