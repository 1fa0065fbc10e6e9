"""Other fees and other oracle signers: announced, delayed, queued, then proven; whoever watches follows."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from prover.prover import open_prover
from sequencer.chain.errors import ContractRevertedError
from sequencer.cli.main import main
from sequencer.engine.errors import ReportSignatureError
from sequencer.model.codes import Side
from sequencer.model.config import FeeTier
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import configuration, notional
from sequencer.verifier.verify import verify
from tests.e2e.exchange import LOTS, MAKER, PRICE, TAKER, SmallExchange, small_exchange

NEWCOMERS = OracleSigners(2)
CHANGED = replace(
    configuration(NEWCOMERS.keys),
    tiers=(FeeTier(maker_ppm=100, taker_ppm=500),) * 4,
    oracle_max_age_seconds=30,
)
TRADE = ((MAKER, Side.SELL), (TAKER, Side.BUY))


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


def fees_of_a_trade(exchange: SmallExchange) -> int:
    """What the fee pool gains by one trade."""
    before = exchange.ledger.counters.fee_pool
    assert len(exchange.settle(*TRADE).trades) == 1
    return exchange.ledger.counters.fee_pool - before


def test_other_fees_and_signers_hold_from_the_batch_after_their_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_exchange(open_prover("small", "native")) as exchange:
        state = tmp_path / "verified"
        timelock, rollup = exchange.timelock, exchange.rollup
        exchange.onboard()
        exchange.settle()
        assert fees_of_a_trade(exchange) == notional(PRICE, LOTS) * (400 - 50) // 10**6

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
        assert fees_of_a_trade(exchange) == notional(PRICE, LOTS) * (500 + 100) // 10**6
        assert exchange.ledger.configuration == CHANGED
        assert coming(exchange, state, capsys) == []
        assert verify(exchange.chain, rollup.address).replica.configuration_hash == CHANGED.hash()
        exchange.require_settled(paid=0)
