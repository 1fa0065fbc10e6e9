"""The referee: docs/spec/breakers.md once more, market by market."""

from fractions import Fraction

from msgspec.structs import replace

from sequencer.model.market import Market
from sequencer.model.venue import Venue
from tests.engine.naive_state import FUND, Exchange, is_settled


def marked(state: Exchange, m: int, market: Market, mark: int) -> Market:
    """A market under its new mark: halted (2), or settled (4), or for orders that reduce (3), or open (1)."""
    now = state.timestamp
    allowed = Fraction(market.parameters.max_move_ppm, 10**6) * market.mark
    end = market.halted_until
    if market.mark != 0 and abs(Fraction(mark - market.mark)) > allowed:
        end = now + market.parameters.halt_seconds
    status = 1
    if now < market.reduced_until or is_restricted(state.venue, m, now):
        status = 3
    if is_settled(market):
        status = 4
    if now < end:
        status = 2
    return replace(market, mark=mark, status=status, halted_until=end)


def is_restricted(venue: Venue, m: int, now: int) -> bool:
    """Whether L1 or an insurance fund below its floor lets a market take only orders that reduce."""
    named = venue.restricted_markets // 2**m % 2 == 1
    return venue.uninsured or (named and now < venue.restricted_until)


def restricted(venue: Venue, word: int) -> Venue:
    """What holds once L1 says something else, field by field from the low end."""
    word, congested_until = divmod(word, 2**40)
    word, markets = divmod(word, 2**4)
    word, restricted_until = divmod(word, 2**40)
    assert word == 0
    return Venue(congested_until, markets, restricted_until, venue.uninsured)


def note_the_fund(state: Exchange) -> None:
    """At the end of a batch: since when the fund has held what it holds, and whether it has enough."""
    for m, market in enumerate(state.markets):
        state.markets[m] = replace(market, fund_since=_since(state, m))
    if state.fund_shown:
        is_short = state.equity(state.holder(FUND)) < state.configuration.insurance_floor
        state.venue = replace(state.venue, uninsured=is_short)


def _since(state: Exchange, m: int) -> int:
    """Since when the fund has held a position: not at all (0), or for so long that the market settles (1)."""
    market, now = state.markets[m], state.timestamp
    if state.open_interest(m) == 0:
        return 0
    if is_settled(market):
        return 1
    since = market.fund_since
    if state.fund_trade is not None:
        holds = state.holder(FUND).positions[m] != 0
        since = (now if since == 0 else since) if holds else 0
    if since == 0:
        return 0
    if market.status == 2:
        return now
    return 1 if now - since > state.configuration.schedules[m].settle_seconds else since
