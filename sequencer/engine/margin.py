"""What an account is worth, what it must hold, and whether it may trade or rest."""

from collections.abc import Sequence
from typing import NamedTuple

from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Verdict
from sequencer.model.market import Market


class Health(NamedTuple):
    """Equity in quote units; initial and maintenance margin in 1e-6 of one, so that nothing is divided."""

    equity: int
    initial: int
    maintenance: int


def health(account: Account, markets: Sequence[Market]) -> Health:
    """Value an account that owes nothing at the marks: E, IM and MM of docs/spec/matching.md."""
    equity, initial, maintenance = account.collateral, 0, 0
    for size, market in zip(account.positions, markets, strict=True):
        if size != 0:
            equity += market.value(size)
            initial += market.initial_margin(size)
            maintenance += market.maintenance_margin(size)
    return Health(equity, initial, maintenance)


def free_collateral(account: Account, markets: Sequence[Market]) -> int:
    """Return what the owner could take out, in quote units rounded down; negative where margin is short."""
    held = sum(
        market.held_margin(size) for size, market in zip(account.positions, markets, strict=True) if size
    )
    equity = health(account, markets).equity
    return (equity * c.PPM_UNIT - held - _reserve(account, markets)) // c.PPM_UNIT


def may_rest(account: Account, markets: Sequence[Market]) -> bool:
    """Tell whether the equity covers the positions and every open order, the new one included."""
    now = health(account, markets)
    return now.equity * c.PPM_UNIT >= now.initial + _reserve(account, markets)


def reduces(position: int, side: int, quantity: int) -> bool:
    """Tell whether trading `quantity` lots on `side` only brings the position closer to zero."""
    direction = 1 - 2 * side
    return -direction * position >= quantity


def is_bounded(after: Account, markets: Sequence[Market], slot: int, *, reducing: bool) -> bool:
    """Tell whether collateral and position are within their bounds after a trade."""
    # A change may leave larger positions behind: they can still shrink.
    if not reducing and abs(after.positions[slot]) > markets[slot].parameters.max_position:
        return False
    return -c.COLLATERAL_BOUND <= after.collateral < c.COLLATERAL_BOUND


def judge_fill(
    before: Account, after: Account, markets: Sequence[Market], slot: int, *, reducing: bool
) -> Verdict | None:
    """Return `BOUNDS` or `MARGIN` if the fill from `before` to `after` breaks the rule, else None."""
    if not is_bounded(after, markets, slot, reducing=reducing):
        return Verdict.BOUNDS
    new = health(after, markets)
    if new.equity * c.PPM_UNIT >= new.initial:
        return None
    if not reducing or new.equity * c.PPM_UNIT < new.maintenance:
        return Verdict.MARGIN
    old = health(before, markets)
    # Equity per margin must not fall: else the buffer between the two margins could be sold to a friend.
    if new.equity * old.maintenance < old.equity * new.maintenance:
        return Verdict.MARGIN
    return None


def _reserve(account: Account, markets: Sequence[Market]) -> int:
    """Return what the open orders of an account bind, in 1e-6 of a quote unit."""
    rate_max = max((market.reserve_ppm for market in markets if market.exists), default=0)
    return rate_max * account.open_notional
