"""Opening a batch: which oracle rounds make marks, and which are refused."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from sequencer.engine import State, apply, errors
from sequencer.engine.commands import OpenEpoch, ProcessRequest
from sequencer.engine.events import EpochOpened
from sequencer.model import constants as c
from sequencer.model.config import Configuration
from sequencer.model.errors import ProofbookError
from sequencer.model.oracle import OracleReport
from tests.engine.venue import PLAIN, Setting, engine_snapshot, halted_market
from tests.strategies import (
    START,
    change,
    configuration,
    configuration_of,
    genesis,
    signed_report,
    signed_round,
)

NOW = START + 100


def test_the_mark_is_the_median_of_the_round(setting: Setting) -> None:
    venue = setting()
    prices = {0: 1003, 2: 990, 4: 1001}
    reports = tuple(signed_report(signer, NOW, (price, 0, 0, 0)) for signer, price in prices.items())
    assert venue.apply(OpenEpoch(NOW, reports)) == [EpochOpened(NOW, (1001, 0, 0, 0))]
    assert (venue.seen.markets[0].mark, venue.seen.markets[0].oracle_time) == (1001, NOW)
    assert venue.seen.timestamp == NOW


def test_each_market_has_its_own_median(setting: Setting) -> None:
    venue = setting(markets=(PLAIN, halted_market(), PLAIN))
    prices = {1: (5, 60, 7, 0), 2: (6, 50, 8, 0), 3: (7, 55, 6, 0)}
    reports = tuple(signed_report(signer, NOW, prices) for signer, prices in prices.items())
    assert venue.apply(OpenEpoch(NOW, reports)) == [EpochOpened(NOW, (6, 55, 7, 0))]


def test_a_slot_without_a_market_stays_empty(setting: Setting) -> None:
    venue = setting()
    venue.mark(1001)
    assert not venue.seen.markets[3].exists
    assert venue.seen.markets[3].oracle_time == 0


@pytest.mark.parametrize("age", [0, 60])
def test_a_round_may_be_as_old_as_the_configuration_says(setting: Setting, age: int) -> None:
    venue = setting()
    venue.apply(OpenEpoch(NOW, signed_round(NOW - age, (1001, 0, 0, 0))))
    assert venue.seen.markets[0].oracle_time == NOW - age


def a_round(time: int = NOW, price: int = 1001) -> list[OracleReport]:
    return list(signed_round(time, (price, 0, 0, 0)))


def forged() -> list[OracleReport]:
    first, second, third = a_round()
    return [first, replace(second, signature=first.signature), third]


REFUSALS: dict[str, tuple[type[ProofbookError], Callable[[], OpenEpoch]]] = {
    "the last batch's timestamp": (
        errors.TimestampNotNewerError,
        lambda: OpenEpoch(START, tuple(a_round(START))),
    ),
    "a timestamp out of range": (errors.MalformedFieldError, lambda: OpenEpoch(1 << 40, tuple(a_round()))),
    "no report": (errors.WrongQuorumError, lambda: OpenEpoch(NOW, ())),
    "two reports": (errors.WrongQuorumError, lambda: OpenEpoch(NOW, tuple(a_round()[:2]))),
    "four reports": (
        errors.WrongQuorumError,
        lambda: OpenEpoch(NOW, signed_round(NOW, (1001, 0, 0, 0), (0, 1, 2, 3))),
    ),
    "one signer twice": (
        errors.SignersNotIncreasingError,
        lambda: OpenEpoch(NOW, signed_round(NOW, (1001, 0, 0, 0), (0, 1, 1))),
    ),
    "signers out of order": (
        errors.SignersNotIncreasingError,
        lambda: OpenEpoch(NOW, signed_round(NOW, (1001, 0, 0, 0), (0, 2, 1))),
    ),
    "two rounds": (
        errors.MixedRoundError,
        lambda: OpenEpoch(NOW, (*a_round()[:2], a_round(NOW - 1)[2])),
    ),
    "the last round": (errors.RoundNotNewerError, lambda: OpenEpoch(START + 1, tuple(a_round(START)))),
    "a round from the future": (errors.FutureRoundError, lambda: OpenEpoch(NOW, tuple(a_round(NOW + 1)))),
    "a stale round": (errors.StaleRoundError, lambda: OpenEpoch(NOW, tuple(a_round(NOW - 61)))),
    "no price": (errors.MissingPriceError, lambda: OpenEpoch(NOW, tuple(a_round(price=0)))),
    "a price without a market": (
        errors.PriceWithoutMarketError,
        lambda: OpenEpoch(NOW, signed_round(NOW, (1001, 1, 0, 0))),
    ),
    "a forged report": (errors.ReportSignatureError, lambda: OpenEpoch(NOW, tuple(forged()))),
    "a price out of range": (
        errors.MalformedFieldError,
        lambda: OpenEpoch(NOW, tuple(replace(report, prices=(1 << 32, 0, 0, 0)) for report in a_round())),
    ),
    "prices of three markets": (
        errors.MalformedFieldError,
        lambda: OpenEpoch(NOW, tuple(replace(report, prices=(1001, 0, 0)) for report in a_round())),
    ),
    "an unknown signer": (
        errors.MalformedFieldError,
        lambda: OpenEpoch(NOW, tuple(replace(report, signer=5 + report.signer) for report in a_round())),
    ),
    "half a signature": (
        errors.MalformedFieldError,
        lambda: OpenEpoch(NOW, tuple(replace(report, signature=(0, 0)) for report in a_round())),
    ),
    "a negative time": (
        errors.MalformedFieldError,
        lambda: OpenEpoch(NOW, tuple(replace(report, time=-1) for report in a_round())),
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_unusable_round_is_refused_and_changes_nothing(case: str) -> None:
    error, command = REFUSALS[case]
    state = genesis()
    before = engine_snapshot(state)
    with pytest.raises(error):
        apply(state, command())
    assert engine_snapshot(state) == before


def test_a_halted_market_still_has_a_mark() -> None:
    accounts, markets = genesis(markets=1).accounts, [*genesis().markets]
    markets[1] = halted_market()
    state = State(configuration_of(markets), genesis().domain, accounts, markets, timestamp=START)
    with pytest.raises(errors.MissingPriceError, match="market 1"):
        apply(state, OpenEpoch(NOW, tuple(a_round())))


OTHER = replace(
    configuration(),
    oracle_keys=configuration().oracle_keys[::-1],
    tiers=configuration().tiers[::-1],
    oracle_max_age_seconds=5,
)


def changing(to: Configuration = OTHER) -> State:
    """A state whose last batch has consumed a change."""
    state = genesis()
    apply(state, ProcessRequest(change(to.hash())))
    return state


def round_of_others() -> tuple[OracleReport, ...]:
    """A round whose signers have changed places."""
    last = c.ORACLE_SIGNERS - 1
    return tuple(
        replace(signed_report(last - signer, NOW, (1_001, 0, 0, 0)), signer=signer)
        for signer in range(c.ORACLE_QUORUM)
    )


def test_a_change_holds_from_the_next_batch_on() -> None:
    state = changing()
    assert state.configuration == configuration()
    apply(state, OpenEpoch(NOW, round_of_others(), OTHER))
    assert state.configuration == OTHER
    with pytest.raises(errors.StaleRoundError):
        apply(state, OpenEpoch(NOW + 10, signed_round(NOW + 1, (1_001, 0, 0, 0))))


def test_the_signers_of_before_sign_nothing_after_a_change() -> None:
    with pytest.raises(errors.ReportSignatureError):
        apply(changing(), OpenEpoch(NOW, tuple(a_round()), OTHER))


@pytest.mark.parametrize("told", [None, configuration(), replace(OTHER, oracle_max_age_seconds=6)])
def test_a_batch_under_another_configuration_than_the_last_change_is_refused(
    told: Configuration | None,
) -> None:
    state = changing()
    before = engine_snapshot(state)
    with pytest.raises(errors.WrongConfigurationError):
        apply(state, OpenEpoch(NOW, tuple(a_round()), told))
    assert engine_snapshot(state) == before


def test_a_configuration_that_no_change_asked_for_is_refused() -> None:
    with pytest.raises(errors.WrongConfigurationError):
        apply(genesis(), OpenEpoch(NOW, tuple(a_round()), OTHER))


def test_of_two_changes_the_later_one_holds() -> None:
    state = changing()
    apply(state, ProcessRequest(change(configuration().hash())))
    apply(state, OpenEpoch(NOW, tuple(a_round())))
    assert state.configuration == configuration()


def test_a_change_can_be_undone() -> None:
    state = genesis()
    token = state.checkpoint()
    apply(state, ProcessRequest(change(OTHER.hash())))
    apply(state, OpenEpoch(NOW, round_of_others(), OTHER))
    state.rollback(token)
    assert state == genesis()
