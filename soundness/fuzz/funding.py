"""What a start owes: interest that accrues, positions settled long ago, a funding pool and a fund in debt."""

import math
from collections.abc import Sequence
from fractions import Fraction
from random import Random

from msgspec.structs import replace

from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.funding import unsettled
from sequencer.model.market import Market
from soundness.fuzz.start import Start

LARGEST_INTEREST_PPM = (1 << c.INTEREST_BITS) - 1
# So far from the end of the range that no sequence reaches it.
FAR_INDEX = (1 << c.INDEX_BITS) - (1 << 100)
_FUND_HOLDS_A_SIDE = 0.3


def owing(random: Random, start: Start) -> Start:
    """Return a start at which all accounts, once settled, have what they had, or all that one may have."""
    markets = tuple(_with_indices(random, market) for market in start.markets)
    accounts = dict(start.accounts)
    if random.random() < _FUND_HOLDS_A_SIDE:
        _give_to_the_fund(random, accounts)
    accounts[c.INSURANCE_ACCOUNT] = _indebted(random, accounts[c.INSURANCE_ACCOUNT], markets)
    accounts = {number: _settled_before(random, each, markets) for number, each in accounts.items()}
    owed = sum((_owed(account, markets) for account in accounts.values()), Fraction(0))
    pool = math.ceil(-owed) + random.choice((0, 0, 1, len(accounts)))
    return replace(start, accounts=accounts, markets=markets, funding_pool=pool)


def _with_indices(random: Random, market: Market) -> Market:
    """Return a market that has charged and paid before; in the giant one collateral has no room for more."""
    if not market.exists:
        return market
    longs, shorts = (
        random.choice((-1, 1)) * random.choice((0, random.randint(0, 9 * c.INDEX_UNIT), FAR_INDEX))
        for _ in range(2)
    )
    parameters = market.parameters
    if parameters.interest_ppm:
        interest = random.choice((0, 100, random.randint(1, LARGEST_INTEREST_PPM), LARGEST_INTEREST_PPM))
        parameters = replace(parameters, interest_ppm=interest)
    return replace(market, long_index=longs, short_index=shorts, parameters=parameters)


def _give_to_the_fund(random: Random, accounts: dict[int, Account]) -> None:
    """Let the fund hold what one account held, so that nobody may be left once it is closed."""
    holders = [number for number, account in accounts.items() if any(account.positions)]
    if not holders or c.INSURANCE_ACCOUNT in holders:
        return
    giver, fund = random.choice(holders), c.INSURANCE_ACCOUNT
    positions = accounts[giver].positions
    accounts[giver] = replace(accounts[giver], positions=Account().positions)
    accounts[fund] = replace(accounts[fund], positions=positions)


def _indebted(random: Random, fund: Account, markets: Sequence[Market]) -> Account:
    """Return the fund as it was, or with an equity of about nothing, or of what a few lots are worth."""
    of_a_lot = max(market.value(1) for market in markets)
    around = random.choice((0, 1, of_a_lot, 50 * of_a_lot))
    if random.random() < 0.4:
        return fund
    wanted = random.randint(-1, 1) - random.choice((0, around, random.randint(0, around)))
    return replace(fund, collateral=fund.collateral + wanted - health(fund, markets).equity)


def _settled_before(random: Random, account: Account, markets: Sequence[Market]) -> Account:
    """Return the account as it was when it was last settled: it owes since then, or is owed, or neither."""
    units = (0, 0, 1, c.INDEX_UNIT // 2, c.INDEX_UNIT, 7 * c.INDEX_UNIT + 1, 1_000 * c.INDEX_UNIT)
    indices = tuple(
        market.index(size) + random.choice((-1, 1)) * random.choice(units) if size else 0
        for size, market in zip(account.positions, markets, strict=True)
    )
    collateral = account.collateral + unsettled(account.positions, indices, markets)
    return replace(account, indices=indices, collateral=min(collateral, c.COLLATERAL_BOUND - 1))


def _owed(account: Account, markets: Sequence[Market]) -> Fraction:
    terms = zip(account.positions, account.indices, markets, strict=True)
    return sum(
        (abs(size) * Fraction(market.index(size) - index, c.INDEX_UNIT) for size, index, market in terms),
        Fraction(0),
    )
