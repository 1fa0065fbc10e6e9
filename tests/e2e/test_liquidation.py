"""A trader is liquidated through the book, then by the fund, which unwinds: proven, final, and rebuilt."""

from prover.prover import open_prover
from sequencer.batch.sealed import SealedBatch
from sequencer.engine.events import CancelledAll, MessageSequenced, TakenOver
from sequencer.engine.liquidation import is_liquidatable
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.replay.terms import MARKET
from sequencer.verifier.verify import verify
from tests.e2e.exchange import LOTS, MAKER, PRICE, TAKER, SmallExchange, small_exchange

FUND = c.INSURANCE_ACCOUNT
BELOW_MAINTENANCE = PRICE * 66 // 70
BELOW_HALF = PRICE * 63 // 70


def positions(exchange: SmallExchange) -> list[int]:
    """What L1 alone says that fund, maker and taker hold."""
    state = verify(exchange.chain, exchange.rollup.address).replica.state
    return [state.positions(account)[MARKET] for account in (FUND, MAKER, TAKER)]


def unsigned(batch: SealedBatch) -> list[MessageSequenced]:
    sequenced = [event for event in batch.events if isinstance(event, MessageSequenced)]
    return [event for event in sequenced if event.message.is_unsigned]


def test_a_trader_is_liquidated_and_the_fund_unwinds() -> None:
    with small_exchange(open_prover("small", "native")) as exchange:
        exchange.onboard()
        exchange.settle()
        exchange.settle((MAKER, Side.SELL), (TAKER, Side.BUY), lots=7 * LOTS)
        assert positions(exchange) == [0, -7 * LOTS, 7 * LOTS]

        # An ask of the taker and a bid of the maker rest; the mark falls below the maintenance margin.
        exchange.settle((TAKER, Side.SELL), lots=LOTS // 10)
        exchange.price = BELOW_MAINTENANCE
        batch = exchange.settle((MAKER, Side.BUY), lots=LOTS // 2)
        assert any(isinstance(event, CancelledAll) for event in batch.events)
        while is_liquidatable(exchange.state, TAKER):
            assert exchange.settle().trades
        fund = exchange.state.account(FUND)
        assert fund.collateral > 0
        assert fund.positions[MARKET] == 0

        # It falls on, with nobody to buy: the fund takes all of it.
        exchange.price = BELOW_HALF
        batch = exchange.settle()
        assert any(isinstance(event, TakenOver) for event in batch.events)
        held = positions(exchange)
        assert held[2] == 0
        assert held[0] == -held[1] > 0

        # The maker bids at the mark, and the fund sells, once a batch.
        exchange.settle((MAKER, Side.BUY), lots=LOTS)
        batch = exchange.settle()
        assert [event.message.is_unwinding for event in unsigned(batch)] == [True]
        assert positions(exchange)[0] == held[0] - LOTS
        exchange.require_settled(0)
