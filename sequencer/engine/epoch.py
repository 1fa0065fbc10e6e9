"""Opening a batch: one timestamp, one oracle round, whose medians are the marks, and one configuration."""

from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from sequencer.crypto import verify
from sequencer.engine import errors
from sequencer.engine.breaker import moved
from sequencer.engine.events import EpochOpened
from sequencer.engine.funding import accrued, next_rate
from sequencer.engine.schedule import is_sampling, sampled, scheduled
from sequencer.engine.state import State
from sequencer.engine.wellformed import check_integer, check_report
from sequencer.model import constants as c
from sequencer.model.config import Configuration
from sequencer.model.market import Market, MarketParameters
from sequencer.model.oracle import OracleReport
from sequencer.model.premium import Premium


def open_epoch(
    state: State, timestamp: int, reports: Sequence[OracleReport], configuration: Configuration
) -> EpochOpened:
    """Move time to `timestamp` (seconds) and marks to the medians of the reports, under a configuration.

    Funding accrues first, at the marks and the rates before; then a new period gets its rates, and each
    market its add-ons to margins.

    Raises
    ------
    MalformedFieldError
        If a field does not fit its width.
    EpochError
        Its subclass names the rule of docs/spec/messages.md that the reports break.
    """
    check_integer("timestamp", timestamp, 1 << c.TIME_BITS)
    for report in reports:
        check_report(report)
    if timestamp <= state.timestamp:
        raise errors.TimestampNotNewerError(f"timestamp {timestamp} follows {state.timestamp}")
    _check_configuration(configuration, state)
    _check_signers(reports)
    round_time = _round_time(state.markets, timestamp, reports, configuration.oracle_max_age_seconds)
    for report in reports:
        _check_prices(state.markets, report)
        _check_signature(configuration.oracle_keys[report.signer], report, state.domain)

    state.set_timestamp(timestamp)
    if configuration != state.configuration:
        state.configure(configuration)
    _accrue(state, round_time)
    _begin_period(state, configuration.markets, round_time // c.FUNDING_SECONDS)
    marks = [_median(prices) for prices in zip(*(report.prices for report in reports), strict=True)]
    _move_markets(state, marks, round_time)
    return EpochOpened(timestamp, tuple(market.mark for market in state.markets))


def _accrue(state: State, round_time: int) -> None:
    """Let the sides of each market owe each other what has come due since the last round.

    In a settled market nothing comes due.
    """
    for slot, (market, premium) in enumerate(zip(tuple(state.markets), state.premiums, strict=True)):
        if not market.is_settled:
            state.put_market(slot, accrued(market, premium.rate_ppm, round_time))


def _begin_period(state: State, markets: Sequence[MarketParameters], period: int) -> None:
    """Give each market the rate that the last period leaves, unless that one goes on."""
    if period == state.period:
        return
    state.set_period(period)
    for slot, parameters in enumerate(markets):
        rate = next_rate(state.premium(slot), state.market(slot), parameters)
        state.put_premium(slot, Premium(rate_ppm=rate))


def _move_markets(state: State, marks: Sequence[int], round_time: int) -> None:
    """Give each market its mark, its parameters and what its margins come to."""
    sampling = is_sampling(state.market(0).oracle_time, round_time)
    timestamp, venue = state.timestamp, state.venue
    congested = venue.is_congested(timestamp)
    terms = zip(state.configuration.markets, state.configuration.schedules, strict=True)
    for slot, (parameters, schedule) in enumerate(terms):
        market = state.market(slot)
        if sampling:
            market = sampled(market, parameters.max_move_ppm)
        market = replace(market, oracle_time=round_time, parameters=parameters)
        market = moved(market, marks[slot], timestamp, restricted=venue.restricts(slot, timestamp))
        state.put_market(slot, scheduled(market, schedule, sampling=sampling, congested=congested))


def _check_configuration(configuration: Configuration, state: State) -> None:
    required = state.configuration_hash
    if configuration.hash() != required:
        raise errors.WrongConfigurationError(f"the batch must have the configuration of hash {required:#x}")
    try:
        configuration.check_follows(state.configuration.markets)
    except ValueError as error:
        raise errors.DifferentMarketsError(str(error)) from error


def _check_signers(reports: Sequence[OracleReport]) -> None:
    signers = [report.signer for report in reports]
    if len(signers) != c.ORACLE_QUORUM:
        raise errors.WrongQuorumError(f"{len(signers)} reports, not {c.ORACLE_QUORUM}")
    if any(left >= right for left, right in pairwise(signers)):
        raise errors.SignersNotIncreasingError(f"the signers are {signers}")


def _round_time(
    markets: Sequence[Market], timestamp: int, reports: Sequence[OracleReport], max_age: int
) -> int:
    """Return the time of the round once it is known to be one round, new and fresh."""
    times = {report.time for report in reports}
    if len(times) != 1:
        raise errors.MixedRoundError(f"the reports are of {sorted(times)}")
    (time,) = times
    last = max((market.oracle_time for market in markets if market.exists), default=0)
    if time <= last:
        raise errors.RoundNotNewerError(f"the round of {time} follows that of {last}")
    if time > timestamp:
        raise errors.FutureRoundError(f"the round of {time} is newer than the batch at {timestamp}")
    if timestamp - time > max_age:
        raise errors.StaleRoundError(f"the round of {time} is {timestamp - time} seconds old")
    return time


def _check_prices(markets: Sequence[Market], report: OracleReport) -> None:
    for slot, (market, price) in enumerate(zip(markets, report.prices, strict=True)):
        if market.exists and price == 0:
            raise errors.MissingPriceError(f"signer {report.signer} has no price for market {slot}")
        if not market.exists and price != 0:
            raise errors.PriceWithoutMarketError(f"signer {report.signer} prices the empty slot {slot}")


def _check_signature(key: tuple[int, int], report: OracleReport, domain: int) -> None:
    if not verify(key, report.hash(domain), report.signature):
        raise errors.ReportSignatureError(f"the report of signer {report.signer} has no valid signature")


def _median(prices: Sequence[int]) -> int:
    return sorted(prices)[len(prices) // 2]
