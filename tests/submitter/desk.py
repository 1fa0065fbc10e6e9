"""An operator's desk: a small exchange on a local chain, its ledger on disk, and the submitter over both."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from prover.prover import Prover
from sequencer.batch.sealed import SealedBatch
from sequencer.chain.anvil import LocalChain
from sequencer.chain.client import ProofPoints, RollupClient
from sequencer.chain.connection import Connection
from sequencer.model.codes import Side
from sequencer.state.record import Signal
from sequencer.store.ledger_store import LedgerStore
from sequencer.submitter.moments import Announce, silent
from sequencer.submitter.policy import GWEI, Policy
from sequencer.submitter.submitter import Submitter
from tests.e2e.exchange import MAKER, TAKER, SmallExchange

POLICY = Policy(confirmations=2, fee_cap=100 * GWEI, bump_after_blocks=2)
PAUSES_MAX = 40
TRADE = ((MAKER, Side.SELL), (TAKER, Side.BUY))


class ProofFile:
    """Real proofs, each made once for all tests and all killed processes."""

    def __init__(self, path: Path, prover: Prover) -> None:
        self._path, self._prover = path, prover

    def __call__(self, inputs: Mapping[str, Signal]) -> ProofPoints:
        path = self._path / f"{inputs['y']}.json"
        if not path.exists():
            path.write_text(json.dumps(self._prover.prove(inputs).points.to_contract()))
        (ax, ay), ((b0x, b0y), (b1x, b1y)), (cx, cy) = json.loads(path.read_text())
        return (ax, ay), ((b0x, b0y), (b1x, b1y)), (cx, cy)


class Desk(SmallExchange):
    """The exchange with a ledger on disk."""

    def __init__(self, chain: LocalChain, proofs: ProofFile, prover: Prover, path: Path) -> None:
        super().__init__(chain, prover)
        self.proofs, self.path = proofs, path

    def create(self, *batches: tuple[tuple[int, Side], ...]) -> list[SealedBatch]:
        """A store with these batches, closed again."""
        sealed = []
        with LedgerStore.create(self.path, self.ledger) as store:
            for orders in batches:
                sealed.append(self.batch(*orders))
                store.commit(sealed[-1].change, sealed[-1].record())
        self.wait_for(sealed[-1])
        return sealed

    @contextmanager
    def store(self) -> Iterator[LedgerStore]:
        with LedgerStore.open(self.path) as store:
            yield store

    def submitter(
        self,
        store: LedgerStore,
        announce: Announce = silent,
        policy: Policy = POLICY,
        url: str | None = None,
        timeout_seconds: float = 30.0,
    ) -> Submitter:
        """A submitter with a connection of its own; each pause lets a block pass."""
        connection = Connection(url or self.chain.url, timeout_seconds)
        rollup = RollupClient(connection, self.rollup.address)
        pauses = iter(range(PAUSES_MAX))

        def mine() -> None:
            assert next(pauses, None) is not None, "the submitter waits for ever"
            self.mine()

        return Submitter(store, rollup, self.operator, self.proofs, policy, announce, mine)

    def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            self.chain.request("evm_mine", [])

    def automine(self, on: bool) -> None:
        self.chain.request("evm_setAutomine", [on])

    @property
    def nonce(self) -> int:
        """How many transactions of the operator blocks have."""
        return int(self.chain.request("eth_getTransactionCount", [self.operator.address, "latest"]), 16)
