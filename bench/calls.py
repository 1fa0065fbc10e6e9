"""What each call of the contract costs: a short life of the exchange, and each way in which it can end."""

from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from bench.contracts import CHAIN_START_SECONDS, Contracts, any_proof
from bench.venue import DEPOSIT, MARK_TICKS, configuration, published, trader_key
from bench.workload import MAKERS, TAKERS, ReferenceExchange
from prover import Keys, open_prover
from prover.circuit import EXIT
from sequencer.batch.epoch import Epoch
from sequencer.batch.sealed import SealedBatch
from sequencer.chain.anvil import local_chain
from sequencer.chain.brake import Brake
from sequencer.chain.client import ProofPoints
from sequencer.chain.connection import Transaction
from sequencer.chain.court import ReceiptCourt
from sequencer.chain.hatch import ExitHatch
from sequencer.chain.queue import QueueHashes
from sequencer.chain.receipts import ReceiptAnswer, ReceiptSigner, SignedReceipt
from sequencer.chain.timelock import Timelock
from sequencer.chain.watcher import Watcher
from sequencer.model import constants as c
from sequencer.model.codes import MessageKind, Side
from sequencer.model.message import Message
from sequencer.state.exit import ExitClaim, exit_claim, exit_inputs

NEWCOMER: Final = 9
PROMISE_SECONDS: Final = 60
RESTRICTED_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class CallFigures:
    gas: int
    calldata_bytes: int


Calls = dict[str, CallFigures]


def measure_calls(keys: Keys, verification_gas: int) -> Calls:
    """Return the calls by name, in the order of an exchange's life."""
    with local_chain(CHAIN_START_SECONDS) as chain:
        contracts = Contracts(chain, keys)
        contracts.accept_everything(verification_gas)
        exchange = _Exchange(contracts)
        exchange.trade()
        exchange.request_and_claim()
        exchange.answer()
        for aside in (
            exchange.report,
            exchange.change,
            exchange.contradict,
            exchange.leave_unanswered,
            exchange.leave_without_operator,
        ):
            with contracts.undone():
                aside()
        return exchange.calls


class _Exchange:
    """The reference workload on its contracts, with receipts for its last batch."""

    def __init__(self, contracts: Contracts) -> None:
        self.calls: Calls = {}
        self._contracts, self._chain, self._rollup = contracts, contracts.chain, contracts.rollup
        self._court, self._hatch = ReceiptCourt(contracts.rollup), ExitHatch(contracts.rollup)
        self._workload = ReferenceExchange(contracts.rollup.domain)
        self._batches: list[SealedBatch] = []
        self._receipts: list[SignedReceipt] = []

    def trade(self) -> None:
        """Fund the accounts, fill the book, trade; the operator signs receipts for the trades."""
        workload = self._workload
        requests = self._contracts.onboard(MAKERS + TAKERS)
        self._note("submitBatch, 16 requests", self._submit(workload.fund(requests)))
        self._submit(workload.quote())
        traded = workload.trade()
        self._note("submitBatch, 16 trades", self._submit(traded))
        queue = QueueHashes()
        queue.extend(requests)
        signer = ReceiptSigner(self._contracts.receipt_key, self._court.domain, PROMISE_SECONDS, queue)
        words, counters = traded.contract_words, traded.change.counters
        epoch = Epoch(
            traded.number, counters.timestamp, counters.requests_consumed, words[c.HEADER_EPOCH_HASH]
        )
        for sequence, message_hash in enumerate(traded.log_leaves, start=words[c.HEADER_FIRST_SEQUENCE]):
            self._receipts.append(signer.issue(epoch, sequence, message_hash))

    def request_and_claim(self) -> None:
        """A newcomer makes every request, the next batches serve them, the newcomer is paid."""
        newcomer, rollup = self._contracts.trader(NEWCOMER), self._rollup
        operator, brake = self._contracts.operator, Brake(rollup)
        begin = rollup.request_count
        self._note("deposit, opens an account", rollup.deposit(newcomer, DEPOSIT // 2))
        self._note("registerKey", rollup.register_key(newcomer, trader_key(NEWCOMER)))
        self._note("deposit", rollup.deposit(newcomer, DEPOSIT // 4))
        self._note("withdraw", rollup.withdraw(newcomer, DEPOSIT // 2))
        self._note("insure", rollup.insure(newcomer, DEPOSIT // 4))
        self._note("restrict", brake.restrict(operator, (0,), RESTRICTED_SECONDS))
        self._note("liquidate", rollup.liquidate(newcomer, newcomer.address, 0, Side.SELL, 1))
        self._note("unwind", rollup.unwind(newcomer, 0, Side.SELL, 1, MARK_TICKS))
        cancel_all = Message(NEWCOMER, key_epoch=1, nonce=1, kind=MessageKind.CANCEL_ALL)
        self._note("forceMessage", rollup.force_message(newcomer, cancel_all))
        *requests, unwinding, last = Watcher(rollup).requests(begin=begin)
        # A batch takes one forced message.
        for served in (requests, [unwinding], [last]):
            self._submit(self._workload.venue.batch(requests=served))
        self._note("submitBatch, empty", self._submit(self._workload.venue.batch()))
        self._note("claim", rollup.claim(newcomer, newcomer.address))
        self._note("collectFees", rollup.collect_fees(operator))

    def answer(self) -> None:
        """A receipt is challenged, and the operator shows the message."""
        signed, *_ = self._receipts
        traded = self._batches[signed.receipt.batch_number - 1]
        self._chain.advance(signed.receipt.due_by + 1)
        self._note("challengeReceipt", self._court.challenge(self._contracts.trader(NEWCOMER), signed))
        answer = ReceiptAnswer.of(signed.receipt, traded.record())
        self._note("answerReceipt", self._court.answer(self._contracts.operator, signed.receipt, answer))

    def report(self) -> None:
        """No batch comes for so long that anyone may report it."""
        brake = Brake(self._rollup)
        self._chain.advance(self._chain.time + int(brake.read("CONGESTION_AGE")) + 1)
        self._note("reportCongestion", brake.report_congestion(self._contracts.trader(NEWCOMER)))

    def change(self) -> None:
        """The governor changes its mind, then another oracle age is announced and joins the queue."""
        governor, timelock = self._contracts.governor, Timelock(self._rollup)
        other = replace(configuration(), oracle_max_age_seconds=1)
        announced = timelock.schedule_change(governor, other, self._rollup.verifier)
        self._note("scheduleChange", announced)
        self._note("cancelChange", timelock.cancel_change(governor))
        announced = timelock.schedule_change(governor, other, self._rollup.verifier)
        self._chain.advance(timelock.ready_at(announced))
        self._note("enactChange", timelock.enact_change(governor))

    def contradict(self) -> None:
        """Two receipts for one place end the exchange."""
        first, second, *_ = self._receipts
        moved = replace(second.receipt, sequence=first.receipt.sequence)
        other = self._court.domain.sign(self._contracts.receipt_key, moved)
        stranger = self._contracts.trader(NEWCOMER)
        self._note("freezeEquivocation", self._court.freeze_equivocation(stranger, first, other))

    def leave_unanswered(self) -> None:
        """Two challenges find no answer; the first ends the exchange, the second's bond is given back."""
        _, first, second, *_ = self._receipts
        holder, court = self._contracts.trader(NEWCOMER), self._court
        for signed in (first, second):
            court.challenge(holder, signed)
        self._chain.advance(self._chain.time + court.answer_period + 1)
        self._note("freezeUnanswered", court.freeze_unanswered(holder, first.receipt))
        self._note("reclaimBond", court.reclaim_bond(holder, second.receipt))

    def leave_without_operator(self) -> None:
        """A deposit is never consumed; everyone leaves."""
        newcomer, hatch = self._contracts.trader(NEWCOMER), self._hatch
        index = self._rollup.request_count
        self._rollup.deposit(newcomer, DEPOSIT)
        _, deadline, _ = self._rollup.read("ticket", index)
        self._chain.advance(deadline + 1)
        self._note("freeze", hatch.freeze(newcomer))
        self._note("refund", hatch.refund(newcomer, index))
        self._note("collectWei", hatch.collect_wei(newcomer, newcomer.address))
        self._note("exit", hatch.exit(newcomer, *self._leaving(MAKERS[0])))
        self._chain.advance(hatch.window_end + 1)
        self._note("payExit", hatch.pay_exit(newcomer, MAKERS[0]))
        self._note("exit, after the window", hatch.exit(newcomer, *self._leaving(TAKERS[0])))
        self._chain.advance(hatch.late_end + 1)
        self._note("payFeePool", hatch.pay_fee_pool(newcomer))

    def _leaving(self, account: int) -> tuple[ExitClaim, ProofPoints]:
        state = published(self._batches)
        proof = open_prover(EXIT, "native").prove(exit_inputs(state, account))
        return exit_claim(state, account), proof.points.to_contract()

    def _submit(self, batch: SealedBatch) -> Transaction:
        self._batches.append(batch)
        return self._contracts.submit(batch, any_proof())

    def _note(self, call: str, transaction: Transaction) -> None:
        self.calls[call] = CallFigures(transaction.gas, transaction.calldata_bytes)
