"""Five signers see nearly one price; a quorum of three makes the mark."""

from sequencer.crypto import verify
from sequencer.model import constants as c
from sequencer.replay.oracle import DIFFERENCE_TICKS, OracleSigners
from sequencer.replay.terms import MARKET

DOMAIN, TIME, PRICE = 99, 1_584_008_280, 700_000


def test_a_round_is_a_signed_quorum_by_increasing_signer() -> None:
    oracle = OracleSigners(1)
    reports = oracle.round(DOMAIN, TIME, PRICE)
    signers = [report.signer for report in reports]
    assert len(reports) == c.ORACLE_QUORUM
    assert signers == sorted(set(signers))
    assert all(
        verify(oracle.keys[report.signer], report.hash(DOMAIN), report.signature) for report in reports
    )


def test_prices_differ_a_little_and_only_the_live_market_has_one() -> None:
    oracle = OracleSigners(1)
    for time in range(TIME, TIME + 50):
        for report in oracle.round(DOMAIN, time, PRICE):
            assert abs(report.prices[MARKET] - PRICE) <= DIFFERENCE_TICKS
            assert report.prices[MARKET + 1 :] == (0,) * (c.MARKETS - 1)


def test_every_signer_takes_part_sooner_or_later() -> None:
    oracle = OracleSigners(1)
    seen = {report.signer for time in range(50) for report in oracle.round(DOMAIN, TIME + time, PRICE)}
    assert seen == set(range(c.ORACLE_SIGNERS))


def test_no_price_is_below_one_tick() -> None:
    oracle = OracleSigners(1)
    reports = [report for time in range(50) for report in oracle.round(DOMAIN, time, 1)]
    assert min(report.prices[MARKET] for report in reports) == 1
