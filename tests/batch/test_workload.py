"""The measured batches are what they say."""

from bench.scaling import ScaledExchange
from bench.venue import funding
from bench.workload import DOMAIN, reference_workload
from sequencer.engine.events import Rested
from sequencer.model import constants as c
from tests.batch.referee import check


def test_the_reference_workload_rests_sixteen_orders_and_fills_sixteen() -> None:
    batch = reference_workload()
    assert len(batch.messages) == 32
    assert len(batch.trades) == sum(isinstance(event, Rested) for event in batch.events) == 16
    assert all(
        trade.taker_remaining == 0 and trade.quantity == trade.head.remaining for trade in batch.trades
    )
    assert len({signed.message.account for signed in batch.messages}) == 8
    assert check(batch.inputs).new_state_root == batch.new_roots.state


def test_its_makers_come_from_the_page_tree() -> None:
    batch = reference_workload()
    first_sequence = batch.inputs["firstSequence"]
    assert isinstance(first_sequence, int)
    assert all(trade.head.sequence < first_sequence for trade in batch.trades)


def test_a_larger_batch_publishes_four_words_of_each_account_that_trades() -> None:
    trades, accounts = 64, 32
    exchange = ScaledExchange(DOMAIN, trades, accounts)
    exchange.fund(list(funding(exchange.accounts)))
    assert sum(len(batch.messages) for batch in exchange.quote()) == trades
    batch = exchange.trade()
    assert len(batch.trades) == trades
    assert len({signed.message.account for signed in batch.messages}) == accounts // 2
    market_words = 3
    assert len(batch.contract_words) == c.HEADER_WORDS + 4 * accounts + market_words
