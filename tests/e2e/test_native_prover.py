"""The native back end does the whole way too: its proofs pass the verifier that snarkjs exported."""

from prover.prover import open_prover
from sequencer.model.codes import Side
from sequencer.replay.terms import MARKET
from tests.e2e.exchange import MAKER, TAKER, small_exchange


def test_a_flat_account_takes_everything_out() -> None:
    with small_exchange(open_prover("small", "native")) as exchange:
        exchange.onboard()
        for orders in (((MAKER, Side.SELL), (TAKER, Side.BUY)), ((MAKER, Side.BUY), (TAKER, Side.SELL))):
            batch = exchange.batch(*orders)
            exchange.submit(batch, exchange.prove(batch))
        held = exchange.ledger.account(TAKER).collateral
        assert exchange.ledger.account(TAKER).positions[MARKET] == 0

        paid = exchange.withdraw_everything(TAKER)

        assert paid == held
        assert exchange.ledger.account(TAKER).collateral == 0
        exchange.require_settled(paid)
