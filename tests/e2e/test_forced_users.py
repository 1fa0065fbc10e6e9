"""The operator takes no message from anybody: users trade with each other through L1 alone."""

from msgspec.structs import replace

from prover.prover import open_prover
from sequencer.chain.requests import Requester, RequestState, standing_of
from sequencer.model.codes import Side
from sequencer.model.message import Message
from sequencer.replay.terms import MARKET
from sequencer.verifier.verify import verify
from tests.e2e.exchange import LOTS, MAKER, PRICE, TAKER, SmallExchange, small_exchange


def order(requester: Requester, side: Side, **terms: bool) -> Message:
    blank = requester.blank()
    return replace(blank, market=MARKET, side=side, max_fee_ppm=500, price=PRICE, size=LOTS, **terms)


def positions(exchange: SmallExchange) -> list[int]:
    """What L1 alone says that the traders hold."""
    state = verify(exchange.chain, exchange.rollup.address).replica.state
    return [state.positions(account)[MARKET] for account in exchange.owners]


def test_forced_users_meet_each_other_and_part() -> None:
    with small_exchange(open_prover("small", "native")) as exchange:
        exchange.onboard()
        exchange.settle()
        maker, taker = (Requester(exchange.rollup, exchange.owners[account]) for account in (MAKER, TAKER))

        maker.force(order(maker, Side.SELL))
        ticket = taker.force(order(taker, Side.BUY))
        rested, filled = exchange.settle(), exchange.settle()
        assert [len(batch.requests) for batch in (rested, filled)] == [1, 1]
        assert [len(batch.trades) for batch in (rested, filled)] == [0, 1]
        assert standing_of(exchange.rollup, ticket.index).state is RequestState.DONE
        assert positions(exchange) == [-LOTS, LOTS]

        maker.force(order(maker, Side.BUY, reduce_only=True))
        taker.force(order(taker, Side.SELL, reduce_only=True, ioc=True))
        exchange.settle()
        assert len(exchange.settle().trades) == 1
        assert positions(exchange) == [0, 0]
