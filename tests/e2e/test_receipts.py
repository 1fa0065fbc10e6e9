"""What a trader can do with a receipt: a kept promise is shown, a broken one ends the exchange."""

import pytest
from msgspec.structs import replace

from prover.prover import open_prover
from sequencer.chain.errors import ContractRevertedError
from sequencer.chain.receipts import ReceiptAnswer
from sequencer.model.codes import Side
from tests.e2e.exchange import MAKER, RECEIPT_SECONDS, START, TAKER, small_exchange

ANY_GAS_PRICE = 100 * 10**9


def test_the_operator_answers_for_a_batch_that_is_final_and_not_for_one_that_never_comes() -> None:
    with small_exchange(open_prover("small", "native")) as exchange:
        exchange.onboard()
        batch = exchange.batch((MAKER, Side.SELL), (TAKER, Side.BUY))
        exchange.submit(batch, exchange.prove(batch))
        court, rollup, operator = exchange.court, exchange.rollup, exchange.operator
        holder, bond = exchange.owners[TAKER], court.bond
        of_maker, of_taker = exchange.receipts
        assert court.domain.signer_of(of_taker) == court.signer
        assert court.is_intact(of_taker.receipt)
        exchange.chain.advance(START + RECEIPT_SECONDS + 1)

        court.challenge(holder, of_taker)
        with pytest.raises(ContractRevertedError, match="MessageNotInLog"):
            court.answer(operator, of_taker.receipt, ReceiptAnswer.of(of_maker.receipt, batch.record()))
        answer = ReceiptAnswer.of(of_taker.receipt, batch.record())
        answered = court.answer(operator, of_taker.receipt, answer)
        assert rollup.read("weiOwed", operator.address) == bond
        assert answered.gas * ANY_GAS_PRICE < bond

        promised = replace(of_taker.receipt, batch_number=2, sequence=3)
        never = court.domain.sign(exchange.receipt_key, promised)
        court.challenge(holder, never)
        with pytest.raises(ContractRevertedError, match="WrongBatch"):
            court.answer(operator, promised, answer)
        exchange.chain.advance(exchange.chain.time + court.answer_period + 1)
        court.freeze_unanswered(holder, promised)
        assert rollup.frozen_at == exchange.chain.time
        assert rollup.read("weiOwed", holder.address) == bond


def test_two_receipts_for_one_place_freeze_the_exchange_at_once() -> None:
    with small_exchange(open_prover("small", "native")) as exchange:
        exchange.onboard()
        batch = exchange.batch((MAKER, Side.SELL), (TAKER, Side.BUY))
        of_maker, of_taker = exchange.receipts
        moved = replace(of_taker.receipt, sequence=of_maker.receipt.sequence)
        with pytest.raises(ContractRevertedError, match="NoContradiction"):
            exchange.court.freeze_equivocation(exchange.stranger, of_maker, of_taker)

        contradiction = exchange.court.domain.sign(exchange.receipt_key, moved)
        exchange.court.freeze_equivocation(exchange.stranger, of_maker, contradiction)

        assert exchange.rollup.frozen_at == exchange.chain.time
        with pytest.raises(ContractRevertedError, match="IsFrozen"):
            exchange.submit(batch, exchange.prove(batch))
