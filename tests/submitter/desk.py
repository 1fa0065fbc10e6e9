"""An operator's desk: a small exchange on a local chain, its ledger on disk, and the submitter over both."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount
from hexbytes import HexBytes

from prover.prover import Prover, open_prover
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.chain.anvil import LocalChain
from sequencer.chain.client import ProofPoints, RollupClient
from sequencer.chain.connection import Connection
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.state import State
from sequencer.model.codes import Side
from sequencer.model.request import Request
from sequencer.state.record import Signal
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchState
from sequencer.submitter.inbox import confirmed_requests
from sequencer.submitter.moments import Announce, Moment, silent
from sequencer.submitter.policy import GWEI, Policy
from sequencer.submitter.reader import ChainReader
from sequencer.submitter.resequencing import resequence
from sequencer.submitter.submitter import Submitter
from tests.e2e.exchange import MAKER, PRICE, TAKER, SmallExchange

POLICY = Policy(confirmations=2, fee_cap=100 * GWEI, bump_after_blocks=2)
PAUSES_MAX = 40
TRADE = ((MAKER, Side.SELL), (TAKER, Side.BUY))


class ProofFile:
    """Real proofs, each made once for all tests and all killed processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, inputs: Mapping[str, Signal]) -> ProofPoints:
        path = self.path / f"{inputs['y']}.json"
        if not path.exists():
            path.write_text(json.dumps(self._prover.prove(inputs).points.to_contract()))
        (ax, ay), ((b0x, b0y), (b1x, b1y)), (cx, cy) = json.loads(path.read_text())
        return (ax, ay), ((b0x, b0y), (b1x, b1y)), (cx, cy)

    @cached_property
    def _prover(self) -> Prover:
        return open_prover("small", "native")


@dataclass(frozen=True, slots=True)
class Place:
    """All that another process of the operator must know: ledger, node, contract, key, proofs made so far."""

    path: Path
    url: str
    rollup: str
    operator: bytes
    proofs: Path

    def settle_until(self, last: Moment, number: int, code: int) -> None:
        """Make every batch up to `number` final; die with `code` when this one comes to a moment."""

        def die(moment: Moment, at: int, _: str) -> None:
            if (moment, at) == (last, number):
                os._exit(code)

        connection = Connection(self.url)
        with LedgerStore.open(self.path) as store:
            submitter(
                store,
                RollupClient(connection, self.rollup),
                Account.from_key(self.operator),
                ProofFile(self.proofs),
                POLICY,
                die,
                lambda: connection.request("evm_mine", []),
            ).settle(number, BatchState.FINAL)


def submitter(
    store: LedgerStore,
    rollup: RollupClient,
    operator: LocalAccount,
    proofs: ProofFile,
    policy: Policy,
    announce: Announce,
    mine: Callable[[], object],
) -> Submitter:
    """A submitter that lets a block pass in each pause, and does not wait for ever."""
    pauses = iter(range(PAUSES_MAX))

    def pause() -> None:
        assert next(pauses, None) is not None, "the submitter waits for ever"
        mine()

    return Submitter(store, rollup, operator, proofs, policy, announce, pause)


class Desk(SmallExchange):
    """The exchange with a ledger on disk."""

    def __init__(self, chain: LocalChain, proofs: ProofFile, prover: Prover, path: Path) -> None:
        super().__init__(chain, prover)
        self.proofs, self.path = proofs, path
        self.deployed = self.height

    def create(self, *batches: tuple[tuple[int, Side], ...]) -> list[SealedBatch]:
        """A store with these batches, closed again."""
        LedgerStore.create(self.path, self.ledger).close()
        with self.store() as store:
            return [self.seal(store, *orders) for orders in batches]

    def seal(self, store: LedgerStore, *orders: tuple[int, Side]) -> SealedBatch:
        """One more batch, stored; the chain's clock goes on until it may be submitted."""
        batch = self.batch(*orders)
        store.commit(batch.change, batch.record())
        self.wait_for(batch)
        return batch

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
        """A submitter with a connection of its own."""
        connection = Connection(url or self.chain.url, timeout_seconds)
        rollup = RollupClient(connection, self.rollup.address)
        return submitter(store, rollup, self.operator, self.proofs, policy, announce, self.mine)

    @property
    def place(self) -> Place:
        """Where another process of the operator finds everything."""
        key = bytes(self.operator.key)
        return Place(self.path, self.chain.url, self.rollup.address, key, self.proofs.path)

    def deposit(self, account: int, amount: int) -> bytes:
        """One more request in the queue, deep enough; its signed transaction."""
        owner = self.owners[account]
        self.token.mint(owner, owner.address, amount)
        self.token.approve(owner, self.rollup.address, amount)
        transaction = self.rollup.deposit(owner, amount)
        self.mine(POLICY.confirmations - 1)
        return bytes(
            HexBytes(self.chain.request("eth_getRawTransactionByHash", [transaction.hash.to_0x_hex()]))
        )

    def confirmed(self, store: LedgerStore) -> Sequence[Request]:
        """The requests that the next batch may consume."""
        reader = ChainReader(self.rollup, self.operator.address)
        begin = self.ledger.counters.requests_consumed
        return confirmed_requests(store.outbox, reader, begin, POLICY.confirmations)

    def send_raw(self, raw: bytes) -> None:
        """Hand a signed transaction to the node once more."""
        self.chain.request("eth_sendRawTransaction", ["0x" + raw.hex()])

    @property
    def height(self) -> int:
        return int(self.chain.request("eth_blockNumber", []), 16)

    def reorganise(self, height: int) -> None:
        """Put empty blocks in the place of all above a height, and let the clock be where it was."""
        time = self.chain.time
        self.chain.request("anvil_reorg", [self.height - height, []])
        self.chain.advance(time)

    def roll_back(self, height: int) -> None:
        """Take away all blocks above a height."""
        self.chain.request("anvil_rollback", [self.height - height])

    def resequence(self, store: LedgerStore) -> list[SealedBatch]:
        """Build the undone batches again on the queue as it is, at the chain's time."""
        self.ledger = store.load()
        self.state = self.ledger.state()
        return list(
            resequence(store, self.ledger, batch_size("small"), self._open_next, self.confirmed(store))
        )

    def _open_next(self, state: State) -> OpenEpoch:
        time = max(self.chain.time, state.timestamp + 1)
        return OpenEpoch(time, self.oracle.round(state.domain, time, PRICE), self.timelock.due(state))

    def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            self.chain.request("evm_mine", [])

    def automine(self, on: bool) -> None:
        self.chain.request("evm_setAutomine", [on])

    @property
    def nonce(self) -> int:
        """How many transactions of the operator blocks have."""
        return int(self.chain.request("eth_getTransactionCount", [self.operator.address, "latest"]), 16)
