"""The state that a deployment starts from."""

from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketKind, MarketStatus, Side
from sequencer.model.config import Configuration
from sequencer.model.market import Market
from sequencer.model.venue import Venue
from sequencer.state.ledger import Counters, Ledger
from sequencer.state.pages import Page


def genesis(configuration: Configuration, domain: int) -> Ledger:
    """Open the configuration's markets, perpetuals with empty books, and the insurance account.

    Raises
    ------
    ValueError
        If the configuration breaks a rule.
    """
    configuration.check()
    live = [
        Market(MarketKind.PERPETUAL, MarketStatus.OPEN, parameters=parameters)
        for parameters in configuration.markets
    ]
    return Ledger(
        configuration,
        domain,
        accounts={c.INSURANCE_ACCOUNT: Account(owner=c.INSURANCE_OWNER)},
        markets=live + [Market()] * (c.MARKETS - len(live)),
        pages={2 * market + side: Page(market, side) for market in range(len(live)) for side in Side},
        counters=Counters(configuration_hash=configuration.hash(), venue=_venue(configuration)),
    )


def _venue(configuration: Configuration) -> Venue:
    """Return what holds in all markets: an empty fund is below any floor but 0."""
    return Venue(uninsured=configuration.insurance_floor > 0)
