"""How fast anyone checks the exchange: the verifier over some minutes of the replay, on its local chain."""

from dataclasses import dataclass
from typing import Final

from bench.timing import Rate, Seconds, seconds_of, side_by_side
from prover import Progress, Prover
from prover.artifacts import PROJECT_ROOT
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.chain.anvil import local_chain
from sequencer.chain.client import BatchSubmission
from sequencer.replay.bars import read_bars
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.run import ONBOARDING_SECONDS
from sequencer.replay.session import TradingSession
from sequencer.replay.settlement import Settlement
from sequencer.replay.signers import SignerProcesses
from sequencer.replay.terms import configuration
from sequencer.replay.traders import eight_traders
from sequencer.state.genesis import genesis
from sequencer.verifier.verify import open_follower

MINUTES: Final = 5
SEED: Final = 1
RUNS: Final = 5

_BARS: Final = PROJECT_ROOT / "data" / "btcusdt-1m-2020-03-12.csv"


@dataclass(frozen=True, slots=True)
class VerifyingFigures:
    """The verifier from the deployment to the head.

    Attributes
    ----------
    batches : int
        Final batches of the replay.
    rate : Rate
        Batches a second: logs, calldata, pairing and rebuild.
    """

    batches: int
    rate: Rate


def measure_verifying(prover: Prover, size: str, progress: Progress) -> VerifyingFigures:
    """Replay some minutes with real proofs, then verify them from L1 alone, several times."""
    bars = read_bars(_BARS, MINUTES)
    with local_chain(bars[0].open_time - ONBOARDING_SECONDS) as chain:
        terms, traders = configuration(OracleSigners(SEED).keys), eight_traders(SEED)
        settlement = Settlement(chain, prover, terms, batch_size(size), SEED)
        settlement.onboard(traders)
        requests = settlement.watcher.requests()
        settlement.queue.extend(requests)
        ledger = genesis(terms, settlement.rollup.domain)
        acknowledge = settlement.receipts.acknowledge
        with SignerProcesses(_BARS, MINUTES, SEED, ledger.domain) as oracle:
            session = TradingSession(ledger, batch_size(size), traders, oracle, requests, SEED, acknowledge)
            for bar in bars:
                for batch in (*session.minute(bar, 0), session.seal()):
                    _finalize(settlement, batch)

        def verified() -> Seconds:
            follower = open_follower(chain, settlement.rollup.address)
            taken = seconds_of(lambda: list(follower.advance()))
            assert follower.checkpoint.replica.state_root == ledger.roots().state
            return taken

        batches = ledger.counters.batch_number
        (rate,) = side_by_side({"verification of the replay": verified}, batches, RUNS, progress).values()
        return VerifyingFigures(batches, rate)


def _finalize(settlement: Settlement, batch: SealedBatch) -> None:
    proof = settlement.prover.prove(batch.inputs)
    settlement.chain.advance(batch.change.counters.timestamp)
    submission = BatchSubmission.of(batch, proof.points.to_contract())
    settlement.rollup.submit_batch(settlement.operator, submission)
