"""From deposit to claim on L1: a batch that snarkjs proved becomes final, and pays out to the unit."""

from prover.prover import open_prover
from sequencer.engine.margin import free_collateral
from sequencer.model.codes import Side
from sequencer.model.constants import PPM_UNIT
from sequencer.replay.terms import MARKET
from tests.e2e.exchange import DEPOSIT, LOTS, MAKER, PRICE, TAKER, small_exchange


def test_a_trade_is_settled_and_paid_out_on_l1() -> None:
    with small_exchange(open_prover("small", "snarkjs")) as exchange:
        exchange.onboard()
        batch = exchange.batch((MAKER, Side.SELL), (TAKER, Side.BUY))
        exchange.submit(batch, exchange.prove(batch))
        maker, taker = exchange.ledger.account(MAKER), exchange.ledger.account(TAKER)
        assert exchange.rollup.requests_consumed == exchange.rollup.request_count == 4
        assert (maker.positions[MARKET], taker.positions[MARKET]) == (-LOTS, LOTS)
        assert maker.collateral == DEPOSIT + PRICE * LOTS + PRICE * LOTS * 50 // PPM_UNIT
        assert taker.collateral == DEPOSIT - PRICE * LOTS - PRICE * LOTS * 400 // PPM_UNIT
        exchange.require_settled(paid=0)

        paid = exchange.withdraw_everything(TAKER)

        left = exchange.ledger.account(TAKER)
        # The taker, who is long, has paid for the time between the two batches; the maker has not got it yet.
        funding = exchange.ledger.counters.funding_pool
        assert paid + funding == taker.collateral - left.collateral
        assert min(paid, funding) > 0
        assert free_collateral(left, exchange.ledger.markets) == 0
        exchange.require_settled(paid)
