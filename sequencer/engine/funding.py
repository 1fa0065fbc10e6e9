"""What positions owe from round to round, and at which rate (docs/spec/funding.md)."""

from collections.abc import Sequence

from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.funding import unsettled
from sequencer.model.market import Market, MarketParameters
from sequencer.model.premium import Premium


def accrued(market: Market, rate_ppm: int, round_time: int) -> Market:
    """Return a market whose longs owe its shorts what has come due since its last round.

    Parameters
    ----------
    market
        With the mark and the oracle time of its last round.
    rate_ppm
        Of 8 hours, signed, as the last batch left it.
    round_time
        Seconds; oracle time of the batch that opens.
    """
    due = rate_ppm * market.value(1) * (round_time - market.oracle_time)
    if due == 0:
        return market
    return replace(market, long_index=market.long_index + due, short_index=market.short_index - due)


def premium_ppm(premium: Premium, market: Market) -> int:
    """Return how far above the mark the orders of a period traded, in ppm of it rounded down.

    What is more in the open interest than was traded counts as traded at the mark.

    Parameters
    ----------
    market
        With the mark and the open interest of the last batch.
    """
    divisor = max(premium.weight, market.open_interest * market.mark)
    return premium.excess * c.PPM_UNIT // divisor if divisor else 0


def next_rate(premium: Premium, market: Market, parameters: MarketParameters) -> int:
    """Return the rate of a new period in ppm of 8 hours, signed.

    Parameters
    ----------
    premium, market
        As the last batch of the period before left them.
    parameters
        Of the batch that opens.
    """
    above = premium_ppm(premium, market)
    rate = above + _clamp(parameters.interest_ppm - above, c.PREMIUM_DAMPENER_PPM)
    return _clamp(rate, parameters.initial_ppm - parameters.maintenance_ppm)


def settled(account: Account, markets: Sequence[Market]) -> Account:
    """Return the account once it has paid what it owes; the account itself where that is settled already."""
    current = with_current_indices(account, markets)
    if current is account:
        return account
    charge = unsettled(account.positions, account.indices, markets)
    return replace(current, collateral=account.collateral - charge)


def with_current_indices(account: Account, markets: Sequence[Market]) -> Account:
    """Return the account with the index of its side for each position, whatever index it had."""
    indices = tuple(market.index(size) for size, market in zip(account.positions, markets, strict=True))
    return account if account.indices == indices else replace(account, indices=indices)


def _clamp(value: int, bound: int) -> int:
    return max(-bound, min(value, bound))
