"""Two traders on a local chain, with the smallest batch circuit: real contracts, keys, proofs, receipts."""

from collections.abc import Iterator
from contextlib import contextmanager

from prover.circuit import EXIT
from prover.proof import Proof
from prover.prover import Prover, open_prover
from sequencer.batch.builder import BatchBuilder
from sequencer.batch.risk import reduce_risk
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.chain.anvil import LocalChain, local_chain
from sequencer.chain.artifacts import verifier
from sequencer.chain.client import BatchSubmission, RollupClient, TokenClient
from sequencer.chain.court import ReceiptCourt
from sequencer.chain.deploy import RollupTerms, deploy
from sequencer.chain.keys import trading_secret
from sequencer.chain.queue import QueueHashes
from sequencer.chain.receipts import ReceiptSigner, SignedReceipt
from sequencer.chain.timelock import Timelock
from sequencer.chain.watcher import Watcher
from sequencer.crypto import public_key, sign
from sequencer.engine.admission import admit
from sequencer.engine.commands import OpenEpoch
from sequencer.model.codes import Side
from sequencer.model.message import Message, SignedMessage
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import MARKET, configuration
from sequencer.replay.traders import wallet
from sequencer.state.genesis import genesis
from sequencer.verifier.verify import verify

START = 1_584_008_280
ONBOARDING_SECONDS = 600
PRICE = 700_000
LOTS = 10_000
DEPOSIT = 5_000_000_000
KEY_EPOCH = 1
RECEIPT_SECONDS = 3_600
MAKER, TAKER = 1, 2
EVERYTHING = (1 << 64) - 1


class SmallExchange:
    """The operator's side and both traders'; each batch opens a minute after the last one."""

    def __init__(self, chain: LocalChain, prover: Prover) -> None:
        self.chain, self.prover = chain, prover
        self.operator, self.stranger = wallet("e2e operator"), wallet("e2e stranger")
        self.receipt_key, self.governor = wallet("e2e receipts"), wallet("e2e governor")
        self.owners = {MAKER: wallet("e2e maker"), TAKER: wallet("e2e taker")}
        for account in (self.operator, self.stranger, self.governor, *self.owners.values()):
            chain.fund(account.address, 10**19)
        self.oracle = OracleSigners(1)
        terms = configuration(self.oracle.keys)
        exported = verifier(prover.prepare().verifier.read_text())
        rules = RollupTerms(
            self.receipt_key.address, batch_size("small").sure_requests, self.governor.address
        )
        exits = verifier(open_prover(EXIT).prepare().verifier.read_text())
        contracts = deploy(chain, self.operator, exported, exits, terms, rules)
        self.token, self.rollup = TokenClient(chain, contracts.token), RollupClient(chain, contracts.rollup)
        self.watcher, self.timelock = Watcher(self.rollup), Timelock(self.rollup)
        self.court = ReceiptCourt(self.rollup)
        self.receipts: list[SignedReceipt] = []
        self.price = PRICE
        self._queue = QueueHashes()
        self._signer = ReceiptSigner(self.receipt_key, self.court.domain, RECEIPT_SECONDS, self._queue)
        self.ledger = genesis(terms, self.rollup.domain)
        self.state = self.ledger.state()
        self._secrets = {
            account: trading_secret(owner, KEY_EPOCH, chain.chain_id, self.rollup.address)
            for account, owner in self.owners.items()
        }

    def onboard(self) -> None:
        """Both traders deposit and register their keys, the maker first."""
        for account, owner in self.owners.items():
            self.token.mint(owner, owner.address, DEPOSIT)
            self.token.approve(owner, self.rollup.address, DEPOSIT)
            self.rollup.deposit(owner, DEPOSIT)
            self.rollup.register_key(owner, public_key(self._secrets[account]))

    def batch(self, *orders: tuple[int, Side], lots: int = LOTS) -> SealedBatch:
        """One batch: as many queued requests as it takes, liquidations, then orders of these accounts."""
        time = max(START, self.state.timestamp + 60, self.chain.time)
        reports = self.oracle.round(self.ledger.domain, time, self.price)
        opening = OpenEpoch(time, reports, self.timelock.due(self.state))
        self._queue.extend(self.watcher.requests(begin=len(self._queue)))
        builder = BatchBuilder(self.ledger, self.state, batch_size("small"), opening)
        for request in self.watcher.requests(begin=self.state.requests_consumed):
            if builder.add_request(request) is None:
                break
        reduce_risk(builder, self.state)
        for account, side in orders:
            signed = self._order(account, side, self.state.account(account).nonce + 1, lots)
            admit(self.state, signed)
            assert builder.add_message(signed) is not None
            message_hash = signed.message.hash(self.ledger.domain)
            receipt = self._signer.issue(builder.epoch, self.state.next_sequence - 1, message_hash)
            self.receipts.append(receipt)
        return builder.seal()

    def prove(self, batch: SealedBatch) -> Proof:
        return self.prover.prove(batch.inputs)

    def submit(self, batch: SealedBatch, proof: Proof) -> None:
        """Make a batch final, half a minute after it was opened."""
        self.wait_for(batch)
        self.rollup.submit_batch(self.operator, submission(batch, proof))

    def wait_for(self, batch: SealedBatch) -> None:
        """Let the chain's clock go on until the batch may be submitted."""
        self.chain.advance(batch.change.counters.timestamp + 30)

    def settle(self, *orders: tuple[int, Side], lots: int = LOTS) -> SealedBatch:
        """Fill a batch, prove it and make it final."""
        batch = self.batch(*orders, lots=lots)
        self.submit(batch, self.prove(batch))
        return batch

    def withdraw_everything(self, account: int) -> int:
        """Ask on L1, make the batch that answers final, claim; return what the wallet received."""
        owner = self.owners[account]
        self.rollup.withdraw(owner, EVERYTHING)
        self.settle()
        self.rollup.claim(self.stranger, owner.address)
        return self.token.balance(owner.address)

    def require_settled(self, paid: int) -> None:
        """Ledger, chain and vault agree to the unit, and so does what L1 alone rebuilds."""
        roots, counters = self.ledger.roots(), self.ledger.counters
        collateral = sum(account.collateral for account in self.ledger.accounts.values())
        assert self.rollup.state_root == roots.state
        assert verify(self.chain, self.rollup.address).replica.state.exit_root() == roots.exit
        held = collateral + counters.fee_pool + counters.funding_pool
        assert held + paid == len(self.owners) * DEPOSIT
        assert self.token.balance(self.rollup.address) == held

    def _order(self, account: int, side: Side, nonce: int, lots: int) -> SignedMessage:
        message = Message(
            account=account,
            key_epoch=KEY_EPOCH,
            nonce=nonce,
            market=MARKET,
            side=side,
            max_fee_ppm=500,
            price=self.price,
            size=lots,
        )
        return SignedMessage(message, sign(self._secrets[account], message.hash(self.ledger.domain)))


def submission(batch: SealedBatch, proof: Proof) -> BatchSubmission:
    """What the honest operator sends."""
    return BatchSubmission.of(batch, proof.points.to_contract())


@contextmanager
def small_exchange(prover: Prover) -> Iterator[SmallExchange]:
    with local_chain(START - ONBOARDING_SECONDS) as chain:
        yield SmallExchange(chain, prover)
