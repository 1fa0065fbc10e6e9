"""States to leave, honest ones and made-up ones."""

from collections.abc import Mapping

from msgspec.structs import replace

from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.market import Market
from sequencer.model.words import to_field
from sequencer.state.exit import exit_inputs
from sequencer.state.published import PublishedState
from sequencer.state.record import Signal
from tests.circuits.state.buses import LARGEST, PERPETUAL, TRADER
from tests.state.published import published

INSURANCE = Account(owner=c.INSURANCE_OWNER)
LAST_ACCOUNT = (1 << c.ACCOUNT_BITS) - 1
MARKETS = (PERPETUAL, Market(), replace(PERPETUAL, mark=7, open_interest=11), replace(PERPETUAL, mark=0))
LONG = replace(TRADER, collateral=-5_000_001, positions=(70, 0, -11, 1))
INSOLVENT = replace(TRADER, owner=0xB0B, positions=(-7, 0, 0, 0))
NEVER_SETTLED = replace(
    LARGEST, indices=(PERPETUAL.long_index - 1, PERPETUAL.short_index - 2, 0, PERPETUAL.long_index + 1)
)
HELD = {0: INSURANCE, 6: LONG, 7: INSOLVENT, 8: replace(LONG, owner=0xCA1), LAST_ACCOUNT: NEVER_SETTLED}
LEAVING = {"solvent": 6, "insolvent": 7}


def state_of(accounts: Mapping[int, Account] = HELD, markets: tuple[Market, ...] = MARKETS) -> PublishedState:
    return published(accounts, markets, fee_pool=12, requests_consumed=34, funding_pool=-56)


def forged(account: int, values: Mapping[int, int], markets: tuple[Market, ...] = MARKETS) -> PublishedState:
    """A state that no batch leaves: words of an account's leaf, by their places, have other values."""
    state = state_of(markets=markets)
    words = [*state.accounts[account]]
    for place, value in values.items():
        words[place] = to_field(value)
    return PublishedState(
        state.markets,
        {**state.accounts, account: words},
        fee_pool=state.fee_pool,
        funding_pool=state.funding_pool,
        requests_consumed=state.requests_consumed,
    )


def inputs_with(state: PublishedState, account: int, equity: int) -> dict[str, Signal]:
    """The circuit's inputs for a state and a claim that the sequencer would not make."""
    return exit_inputs(state, account) | {"equity": to_field(equity)}
