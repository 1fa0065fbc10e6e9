"""A trader is liquidated through the book, then by the fund, which unwinds in a market that L1 restricts.

Every batch is proven, final, and rebuilt.
"""

from msgspec.structs import replace

from prover.prover import open_prover
from sequencer.batch.sealed import SealedBatch
from sequencer.chain.requests import Requester
from sequencer.engine.events import CancelledAll, Dropped, MessageSequenced, TakenOver
from sequencer.engine.liquidation import is_liquidatable
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, RequestKind, Side, Verdict
from sequencer.model.market import Market
from sequencer.replay.terms import MARKET
from sequencer.verifier.verify import verify
from tests.e2e.exchange import LOTS, MAKER, PRICE, TAKER, SmallExchange, small_exchange

FUND = c.INSURANCE_ACCOUNT
BELOW_MAINTENANCE = PRICE * 66 // 70
BELOW_HALF = PRICE * 63 // 70
RESTRICTED_SECONDS = 3_600


def positions(exchange: SmallExchange) -> list[int]:
    """What L1 alone says that fund, maker and taker hold."""
    state = verify(exchange.chain, exchange.rollup.address).replica.state
    return [state.positions(account)[MARKET] for account in (FUND, MAKER, TAKER)]


def status(exchange: SmallExchange) -> int:
    """What L1 alone says that the market takes."""
    state = verify(exchange.chain, exchange.rollup.address).replica.state
    return Market.from_words(state.markets[MARKET]).status


def force_order(exchange: SmallExchange) -> None:
    """Let the taker, who has no position, ask on L1 for one."""
    taker = Requester(exchange.rollup, exchange.owners[TAKER])
    order = replace(taker.blank(), market=MARKET, side=Side.BUY, max_fee_ppm=500)
    taker.force(replace(order, price=exchange.price, size=LOTS))


def unsigned(batch: SealedBatch) -> list[MessageSequenced]:
    sequenced = [event for event in batch.events if isinstance(event, MessageSequenced)]
    return [event for event in sequenced if event.message.is_unsigned]


def test_a_trader_is_liquidated_and_the_fund_unwinds_while_l1_restricts_the_market() -> None:
    with small_exchange(open_prover("small", "native")) as exchange:
        exchange.onboard()
        exchange.settle()
        exchange.settle((MAKER, Side.SELL), (TAKER, Side.BUY), lots=7 * LOTS)
        assert positions(exchange) == [0, -7 * LOTS, 7 * LOTS]

        # An ask of the taker and a bid of the maker rest; the mark falls below the maintenance margin.
        exchange.settle((TAKER, Side.SELL), lots=LOTS // 20)
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

        # The maker bids at the mark, and the operator restricts the market, on L1: from the batch after on.
        Requester(exchange.rollup, exchange.operator).restrict((MARKET,), RESTRICTED_SECONDS)
        batch = exchange.settle((MAKER, Side.BUY), lots=LOTS)
        assert [event.request.kind for event in batch.requests] == [RequestKind.RESTRICT]
        assert status(exchange) == MarketStatus.OPEN

        # Nobody takes new risk there, but the fund sells, once a batch.
        force_order(exchange)
        batch = exchange.settle()
        assert status(exchange) == MarketStatus.REDUCE_ONLY
        dropped = [event.verdict for event in batch.events if isinstance(event, Dropped)]
        assert dropped == [Verdict.REDUCE_ONLY, Verdict.IOC_REMAINDER]
        assert [event.message.is_unwinding for event in unsigned(batch)] == [True]
        assert positions(exchange)[0] == held[0] - LOTS
        exchange.require_settled(0)
