"""The main job: from bars to final batches, with a transcript and a report."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from prover.info import circuit_info
from prover.progress import Progress
from prover.prover import Prover, open_prover
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.chain.anvil import LocalChain, local_chain
from sequencer.model.constants import PPM_UNIT
from sequencer.replay.bars import BAR_SECONDS, Bar, read_bars
from sequencer.replay.checks import Check, final_checks, receipt_check
from sequencer.replay.finalizer import Finalizer
from sequencer.replay.history import History
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.report import write_report
from sequencer.replay.result import ReplayResult, WithdrawalResult, trader_results
from sequencer.replay.session import Moment, TradingSession
from sequencer.replay.settlement import Settlement
from sequencer.replay.signers import SignerProcesses
from sequencer.replay.terms import configuration
from sequencer.replay.traders import Trader, eight_traders
from sequencer.replay.transcript import Transcript
from sequencer.state.genesis import genesis
from sequencer.store.ledger_store import LedgerStore

ONBOARDING_SECONDS: Final = 120
"""The chain starts this long before the first bar: time for deployment, deposits and keys."""

_AFTER_CLOSE: Final = 0


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What to replay and how.

    Attributes
    ----------
    bars : Path
        CSV file of one-minute bars.
    prover : str
        Name of the back end.
    size : str
        Size of the batch circuit.
    report, data_dir : Path
        Where the report and the ledger go; there must be no ledger yet.
    """

    bars: Path
    minutes: int
    prover: str
    seed: int
    size: str
    report: Path
    data_dir: Path


def run_replay(options: ReplayOptions, progress: Progress, echo: Callable[[str], None]) -> ReplayResult:
    """Replay, and write the report; `echo` gets the transcript line by line.

    The result says whether all checks hold.

    Raises
    ------
    ProofbookError, ProverError
        Whatever stops the replay.
    """
    bars = read_bars(options.bars, options.minutes)
    prover = open_prover(options.size, options.prover, progress)
    prover.prepare()
    constraints = circuit_info(options.size, progress)["constraints"]
    with local_chain(bars[0].open_time - ONBOARDING_SECONDS) as chain:
        result = _Replay(options, bars, chain, prover, constraints, Transcript(echo)).run()
    write_report(result, options.report)
    echo("")
    echo(f"report: {_shown(options.report)}")
    echo(f"ledger: {_shown(options.data_dir)}")
    return result


class _Replay:
    """The parts of one replay, wired together."""

    def __init__(
        self,
        options: ReplayOptions,
        bars: Sequence[Bar],
        chain: LocalChain,
        prover: Prover,
        constraints: int,
        transcript: Transcript,
    ) -> None:
        self.bars, self.transcript = bars, transcript
        self.traders = eight_traders(options.seed)
        terms = configuration(OracleSigners(options.seed).keys)
        size = batch_size(options.size)
        self.settlement = Settlement(chain, prover, terms, size, options.seed)
        self.settlement.onboard(self.traders)
        self.ledger = genesis(terms, self.settlement.rollup.domain)
        options.data_dir.parent.mkdir(parents=True, exist_ok=True)
        self.store = LedgerStore.create(options.data_dir, self.ledger)
        self.finalizer = Finalizer(self.settlement, self.store)
        requests = self.finalizer.requests(self.ledger.counters.requests_consumed)
        acknowledge = self.settlement.receipts.acknowledge
        self.oracle = SignerProcesses(options.bars, options.minutes, options.seed, self.ledger.domain)
        self.session = TradingSession(
            self.ledger, size, self.traders, self.oracle, requests, options.seed, acknowledge
        )
        self.history = History(bars, self.traders, constraints)

    def run(self) -> ReplayResult:
        """Trade every bar, pay out, and compare the outcome with the chain."""
        with self.store, self.oracle:
            deposits = sum(trader.deposit for trader in self.traders)
            self.transcript.opening(self.settlement.rollup.address, len(self.traders), deposits)
            self.transcript.batch_heading()
            for minute, (before, bar) in enumerate(pairwise([self.bars[0], *self.bars]), start=1):
                self._finalize(self.session.minute(bar, _range_ppm(before)), minute)
                if minute < len(self.bars):
                    self._finalize([self.session.seal()], minute)
            withdrawal = self._withdraw(self._leaver())
            receipts = receipt_check(self.settlement, self.store)
        self.transcript.withdrawal(withdrawal)
        return self._conclude(withdrawal, receipts)

    def _finalize(self, batches: Iterable[SealedBatch], minute: int) -> None:
        """Store each batch, then prove it and make it final, before the next one is opened."""
        for batch in batches:
            self.history.observe(self.session.state)
            self.store.commit(batch.change, batch.record())
            finality = self.finalizer.finalize(batch)
            self.transcript.batch(self.history.record(batch, minute, finality))

    def _leaver(self) -> Trader:
        """Return who takes its money home: whoever has won most."""
        return max(self.traders, key=self.session.profit)

    def _withdraw(self, trader: Trader) -> WithdrawalResult:
        """Take a trader out of the market in the last minute, and out of the exchange in one more batch."""
        last = self.bars[-1]
        end = Moment(last.open_time + BAR_SECONDS, last.close)
        self._finalize(self.session.leave(trader, end), len(self.bars))
        self._finalize([self.session.seal()], len(self.bars))
        equity = trader.deposit + self.session.profit(trader)
        self.settlement.request_withdrawal(trader)
        requests = self.finalizer.requests(self.ledger.counters.requests_consumed)
        self._finalize(self.session.settle(end, requests), _AFTER_CLOSE)
        self._finalize([self.session.seal()], _AFTER_CLOSE)
        paid = self.settlement.claim(trader)
        return WithdrawalResult(trader.name, trader.account, self.ledger.counters.batch_number, equity, paid)

    def _conclude(self, withdrawal: WithdrawalResult, receipts: Check) -> ReplayResult:
        results = trader_results(self.session.state, self.traders, self.history.trades, withdrawal)
        checks = [
            *final_checks(self.settlement, self.ledger, self.traders, withdrawal.paid),
            receipts,
        ]
        self.transcript.traders(results)
        self.transcript.checks(checks)
        return ReplayResult(self.history, results, withdrawal, checks)


def _shown(path: Path) -> Path:
    """Return the path as a person here would write it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _range_ppm(bar: Bar) -> int:
    return (bar.high - bar.low) * PPM_UNIT // bar.open
