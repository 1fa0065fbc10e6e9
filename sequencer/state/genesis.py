"""The state that a deployment starts from."""

from collections.abc import Sequence

from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketKind, MarketStatus, Side
from sequencer.model.config import Configuration
from sequencer.model.market import Market, MarketParameters
from sequencer.state.ledger import Counters, Ledger
from sequencer.state.pages import Page


def genesis(configuration: Configuration, domain: int, markets: Sequence[MarketParameters]) -> Ledger:
    """Open perpetual markets with empty books, and the insurance account.

    Parameters
    ----------
    markets
        Of the first market slots; the slots after them have no market.

    Raises
    ------
    ValueError
        If the configuration or a market's parameters break a bound, or there are more than `MARKETS`.
    """
    configuration.check()
    if len(markets) > c.MARKETS:
        raise ValueError(f"{len(markets)} markets do not fit {c.MARKETS} slots")
    for parameters in markets:
        parameters.check()
    live = [Market(MarketKind.PERPETUAL, MarketStatus.OPEN, parameters=parameters) for parameters in markets]
    return Ledger(
        configuration,
        domain,
        accounts={c.INSURANCE_ACCOUNT: Account(owner=c.INSURANCE_OWNER)},
        markets=live + [Market()] * (c.MARKETS - len(live)),
        pages={2 * market + side: Page(market, side) for market in range(len(live)) for side in Side},
        counters=Counters(configuration_hash=configuration.hash()),
    )
