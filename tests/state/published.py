"""The published part of a state that an engine or a test holds."""

from collections.abc import Mapping, Sequence

from sequencer.model.account import Account
from sequencer.model.market import Market
from sequencer.model.words import to_field
from sequencer.state.published import PublishedState


def published(
    accounts: Mapping[int, Account],
    markets: Sequence[Market],
    fee_pool: int = 0,
    requests_consumed: int = 0,
    funding_pool: int = 0,
) -> PublishedState:
    """What L1 knows of these accounts and markets."""
    return PublishedState(
        [market.words() for market in markets],
        {number: _words(account) for number, account in accounts.items()},
        fee_pool=fee_pool,
        funding_pool=funding_pool,
        requests_consumed=requests_consumed,
    )


def _words(account: Account) -> list[int]:
    return [
        account.owner,
        to_field(account.collateral),
        *account.position_words(),
        account.trading_leaf(),
    ]
