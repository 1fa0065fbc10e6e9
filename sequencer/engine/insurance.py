"""The insurance floor: whether the fund has enough for new risk (docs/spec/breakers.md)."""

from msgspec.structs import replace

from sequencer.engine.margin import health
from sequencer.engine.state import State
from sequencer.model import constants as c


def judge_insurance(state: State) -> None:
    """Note, in the batch that ends, whether the fund is below its floor, if the batch holds its account.

    The account is as the batch leaves it: settled when it opened.
    """
    if not state.fund_shown:
        return
    equity = health(state.accounts[c.INSURANCE_ACCOUNT], state.markets).equity
    state.put_venue(replace(state.venue, uninsured=equity < state.configuration.insurance_floor))
