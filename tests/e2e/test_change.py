"""Other fees, signers, market rules, margins: announced, delayed, queued, proven; whoever watches follows."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from prover.prover import open_prover
from sequencer.chain.errors import ContractRevertedError
from sequencer.cli.main import main
from sequencer.engine.errors import ReportSignatureError
from sequencer.engine.margin import health
from sequencer.model.codes import Side
from sequencer.model.config import FeeTier
from sequencer.model.market import Market
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import MARKET, PERPETUAL, SCHEDULE, configuration, notional
from sequencer.verifier.verify import verify
from tests.e2e.exchange import DEPOSIT, LOTS, MAKER, PRICE, TAKER, SmallExchange, small_exchange

NEWCOMERS = OracleSigners(2)
CHANGED = replace(
    configuration(NEWCOMERS.keys),
    tiers=(FeeTier(maker_ppm=100, taker_ppm=500),) * 4,
    oracle_max_age_seconds=30,
    markets=(replace(PERPETUAL, initial_ppm=400_000, maintenance_ppm=200_000, max_position=LOTS // 2),),
    schedules=(replace(SCHEDULE, open_interest_lower=5_000, open_interest_upper=13_000, tier_ppm=900_000),),
    insurance_floor=DEPOSIT,
)
GROW = ((MAKER, Side.SELL), (TAKER, Side.BUY))
SHRINK = ((MAKER, Side.BUY), (TAKER, Side.SELL))
SOME_LOTS = LOTS // 5


def coming(
    exchange: SmallExchange, state: Path, capsys: pytest.CaptureFixture[str]
) -> list[dict[str, object]]:
    """The changes that `proofbook verify` tells of; it goes on from where it stood."""
    with pytest.raises(SystemExit) as end:
        main(
            [
                "verify",
                f"--rpc={exchange.chain.url}",
                f"--rollup={exchange.rollup.address}",
                f"--state={state}",
                "--json",
            ]
        )
    assert end.value.code in (None, 0)
    told: list[dict[str, object]] = json.loads(capsys.readouterr().out)["changes"]
    return told


def fees_of_a_trade(exchange: SmallExchange, *orders: tuple[int, Side], lots: int) -> int:
    """What the fee pool gains by the one trade of these orders."""
    before = exchange.ledger.counters.fee_pool
    assert len(exchange.settle(*orders, lots=lots).trades) == 1
    return exchange.ledger.counters.fee_pool - before


def positions(exchange: SmallExchange) -> tuple[int, int]:
    """Lots of the maker and of the taker."""
    maker, taker = (exchange.ledger.accounts[account] for account in (MAKER, TAKER))
    return maker.positions[MARKET], taker.positions[MARKET]


def require_raised(market: Market) -> None:
    """The initial margin is that of the changed schedule at the market's open interest."""
    above = market.value(market.open_interest) - 5_000 * 10**6
    assert market.open_interest_addon_ppm == 600_000 * above // (8_000 * 10**6) > 40_000
    assert market.initial_ppm == 400_000 + market.open_interest_addon_ppm
    assert market.maintenance_ppm == 200_000
    assert market.tier_step == -(-900_000 * market.mark >> 24) > 37_000


def test_other_fees_signers_and_market_rules_hold_from_the_batch_after_their_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_exchange(open_prover("small", "native")) as exchange:
        state = tmp_path / "verified"
        timelock, rollup = exchange.timelock, exchange.rollup
        exchange.onboard()
        exchange.settle()
        assert fees_of_a_trade(exchange, *GROW, lots=LOTS) == notional(PRICE, LOTS) * (400 - 50) // 10**6

        timelock.schedule_change(exchange.governor, CHANGED, rollup.verifier)
        with pytest.raises(ContractRevertedError, match="ChangeNotReady"):
            timelock.enact_change(exchange.stranger)
        (announced,) = coming(exchange, state, capsys)
        pending = timelock.pending_change
        assert pending
        assert announced == {
            "configuration_hash": f"{CHANGED.hash():#066x}",
            "verifier": rollup.verifier,
            "ready_at": pending.ready_at,
            "warnings": [],
        }

        exchange.chain.advance(pending.ready_at)
        timelock.enact_change(exchange.stranger)
        (queued,) = coming(exchange, state, capsys)
        assert queued == {**announced, "ready_at": None}

        exchange.settle()
        assert rollup.configuration_hash == CHANGED.hash()
        with pytest.raises(ReportSignatureError):
            exchange.batch()
        exchange.oracle = NEWCOMERS
        fees = fees_of_a_trade(exchange, *SHRINK, lots=SOME_LOTS)
        assert fees == notional(PRICE, SOME_LOTS) * (500 + 100) // 10**6
        assert positions(exchange) == (SOME_LOTS - LOTS, LOTS - SOME_LOTS)
        assert max(positions(exchange)) > CHANGED.markets[MARKET].max_position
        assert not exchange.settle(*GROW, lots=SOME_LOTS).trades
        assert positions(exchange) == (SOME_LOTS - LOTS, LOTS - SOME_LOTS)

        taken = exchange.withdraw_everything(TAKER)
        market = exchange.ledger.markets[MARKET]
        require_raised(market)
        left = health(exchange.state.account(TAKER), exchange.ledger.markets)
        lots = LOTS - SOME_LOTS
        assert left.initial == market.value(lots) * market.initial_ppm + lots**2 * market.tier_step
        assert 0 <= left.equity * 10**6 - left.initial < 10**6

        assert exchange.ledger.configuration == CHANGED
        assert coming(exchange, state, capsys) == []
        replica = verify(exchange.chain, rollup.address).replica
        assert replica.configuration_hash == CHANGED.hash()
        assert Market.from_words(replica.state.markets[MARKET]) == market
        assert market.parameters == CHANGED.markets[MARKET]
        exchange.require_settled(paid=taken)
