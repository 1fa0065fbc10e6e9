"""Settlement at mark: a market in which the insurance fund is stuck (docs/spec/breakers.md)."""

from msgspec.structs import replace

from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.market import Market


def note_fund_positions(state: State) -> None:
    """Note, in the batch that ends, since when the fund has had a position in each market.

    Where that is too long ago the market is settled from the next batch on, and stays so as long as anybody
    has a position there.
    """
    positions = state.account(c.INSURANCE_ACCOUNT).positions
    for slot, schedule in enumerate(state.configuration.schedules):
        market = state.market(slot)
        held = market.fund_since
        if state.fund_trade is not None:
            held = (held or state.timestamp) if positions[slot] else 0
        since = _since(market, held, state.timestamp, schedule.settle_seconds)
        if since != market.fund_since:
            state.put_market(slot, replace(market, fund_since=since))


def _since(market: Market, held: int, timestamp: int, settle_seconds: int) -> int:
    """Return what the leaf says, where the fund has held a position since `held`; 0 for none."""
    if market.open_interest == 0:
        return 0
    if market.is_settled:
        return c.SETTLED_SINCE
    if held == 0:
        return 0
    if not market.is_open:
        # Nothing could be unwound.
        return timestamp
    return c.SETTLED_SINCE if timestamp - held > settle_seconds else held
