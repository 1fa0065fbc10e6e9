"""Signals of header, venue, configuration, oracle round, markets, premiums, margins, accounts, shortfall."""

from collections.abc import Sequence
from typing import Final

from sequencer.batch.draft import Draft
from sequencer.batch.signals import Inputs, one_hot, padded
from sequencer.crypto import SparseTree
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.funding import premium_ppm
from sequencer.engine.schedule import absolute_return, next_volatility, signed_return
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.config import Configuration
from sequencer.model.funding import unsettled
from sequencer.model.market import Market, MarketParameters
from sequencer.model.schedule import MarginSchedule
from sequencer.model.venue import Venue
from sequencer.model.words import to_field
from sequencer.state.ledger import Ledger

PREMIUM_PPM_TOP: Final = (1 << 21) - 1
"""A higher premium gives the same rate."""
RETURN_TOP: Final = (1 << c.PPM_BITS) - 1
"""A higher return counts as this one."""


def header_inputs(ledger: Ledger, timestamp: int) -> Inputs:
    """Return the state before the batch, the batch's number and its time."""
    counters, roots = ledger.counters, ledger.roots()
    return {
        "domain": ledger.domain,
        "batchNumber": counters.batch_number + 1,
        "timestamp": timestamp,
        "firstSequence": counters.next_sequence,
        "logHead": counters.log_head,
        "feePool": counters.fee_pool,
        "fundingPool": to_field(counters.funding_pool),
        "requestsBegin": counters.requests_consumed,
        "accountRoot": roots.account,
        "pageRoot": roots.page,
    }


def venue_inputs(venue: Venue) -> Inputs:
    """Return what held in all markets before the batch, the mask of markets in bits."""
    return {
        "venueCongestedUntil": venue.congested_until,
        "venueRestricted": [venue.restricted_markets >> slot & 1 for slot in range(c.MARKETS)],
        "venueRestrictedUntil": venue.restricted_until,
        "venueUninsured": int(venue.uninsured),
    }


def configuration_inputs(configuration: Configuration) -> Inputs:
    """Fees, maker rates offset by 2^19 to be unsigned, oracle set, parameters, margin schedules and floor."""
    unused = c.MARKETS - len(configuration.markets)
    markets = [*configuration.markets, *[MarketParameters()] * unused]
    schedules = [*configuration.schedules, *[MarginSchedule.from_word(0)] * unused]
    return {
        "feeMaker": [tier.maker_ppm + c.MAKER_FEE_OFFSET for tier in configuration.tiers],
        "feeTaker": [tier.taker_ppm for tier in configuration.tiers],
        "oracleMaxAge": configuration.oracle_max_age_seconds,
        "oracleKey": [list(key) for key in configuration.oracle_keys],
        "marketQuotePerTickLot": [each.quote_per_tick_lot for each in markets],
        "marketInitialPpm": [each.initial_ppm for each in markets],
        "marketMaintenancePpm": [each.maintenance_ppm for each in markets],
        "marketBandPpm": [each.band_ppm for each in markets],
        "marketMinSize": [each.min_size for each in markets],
        "marketMaxPosition": [each.max_position for each in markets],
        "marketMaxMovePpm": [each.max_move_ppm for each in markets],
        "marketHaltSeconds": [each.halt_seconds for each in markets],
        "marketLiquidationFeePpm": [each.liquidation_fee_ppm for each in markets],
        "marketInterestPpm": [each.interest_ppm for each in markets],
        "marketOpenInterestLower": [each.open_interest_lower for each in schedules],
        "marketOpenInterestUpper": [each.open_interest_upper for each in schedules],
        "marketVolatilityFactor": [each.volatility_factor for each in schedules],
        "marketAddonMaxPpm": [each.addon_max_ppm for each in schedules],
        "marketAddonStepPpm": [each.addon_step_ppm for each in schedules],
        "marketTierPpm": [each.tier_ppm for each in schedules],
        "marketCongestionPpm": [each.congestion_ppm for each in schedules],
        "marketSettleSeconds": [each.settle_seconds for each in schedules],
        "insuranceFloor": configuration.insurance_floor,
    }


def oracle_inputs(opening: OpenEpoch) -> Inputs:
    """Return the quorum's reports of one round; their signatures stand with the messages'."""
    reports = opening.reports
    return {
        "oracleTime": reports[0].time,
        "oraclePrice": [list(report.prices) for report in reports],
        "oracleSigner": [one_hot(c.ORACLE_SIGNERS, report.signer) for report in reports],
    }


def market_inputs(markets: Sequence[Market]) -> Inputs:
    """All markets as they were, their parameters in one word, and the one time of their last round."""
    words = [market.parameters.word() for market in markets]
    return {
        "marketKind": [int(market.kind) for market in markets],
        "marketStatus": [int(market.status) for market in markets],
        "marketMark": [market.mark for market in markets],
        "marketsOracleTime": markets[0].oracle_time,
        "marketBidOrders": [market.bid_orders for market in markets],
        "marketAskOrders": [market.ask_orders for market in markets],
        "marketHaltedUntil": [market.halted_until for market in markets],
        "marketReducedUntil": [market.reduced_until for market in markets],
        "marketLongIndex": [to_field(market.long_index) for market in markets],
        "marketShortIndex": [to_field(market.short_index) for market in markets],
        "marketOpenInterest": [market.open_interest for market in markets],
        "marketSampledMark": [market.sampled_mark for market in markets],
        "marketVolatility": [market.volatility_ppm for market in markets],
        "marketVolatilityAddon": [market.volatility_addon_ppm for market in markets],
        "marketOpenInterestAddon": [market.open_interest_addon_ppm for market in markets],
        "marketCongestionAddon": [market.congestion_addon_ppm for market in markets],
        "marketTier": [market.tier_ppm for market in markets],
        "marketFundSince": [market.fund_since for market in markets],
        "marketParameterWord": words,
        "marketUnitRest": [word >> c.MARKET_INITIAL_AT for word in words],
    }


def premium_inputs(ledger: Ledger, opening: OpenEpoch) -> Inputs:
    """Return the premiums before the batch, also in ppm, their period and that of the batch."""
    premiums, period = ledger.counters.premiums, ledger.counters.period
    ppm = map(premium_ppm, premiums, ledger.markets)
    return {
        "premiumExcess": [to_field(premium.excess) for premium in premiums],
        "premiumWeight": [premium.weight for premium in premiums],
        "premiumRate": [to_field(premium.rate_ppm) for premium in premiums],
        "premiumPeriod": period,
        "premiumPpm": [to_field(min(each, PREMIUM_PPM_TOP)) for each in ppm],
        "oraclePeriod": opening.reports[0].time // c.FUNDING_SECONDS,
    }


def margin_inputs(draft: Draft) -> Inputs:
    """Return the cells of the last round and of the batch's, what a sample makes of each market, and add-ons.

    Returns and estimates are told whether or not the batch takes the sample, tiers whether or not the market
    is settled.
    """
    before, opened = draft.ledger.markets, draft.opened
    returns = [
        min(absolute_return(was.mark, was.sampled_mark), market.parameters.max_move_ppm)
        for was, market in zip(before, opened, strict=True)
    ]
    estimates = map(next_volatility, (market.volatility_ppm for market in before), returns)
    return {
        "sampleBefore": before[0].oracle_time // c.SAMPLE_SECONDS,
        "sampleAfter": draft.opening.reports[0].time // c.SAMPLE_SECONDS,
        "marketReturn": [
            to_field(min(signed_return(was.mark, was.sampled_mark), RETURN_TOP)) for was in before
        ],
        "marketVolatilityAfter": list(estimates),
        "marketOpenInterestAddonAfter": [market.open_interest_addon_ppm for market in opened],
        "marketTierStep": padded(map(_tier_step, opened, draft.state.configuration.schedules), c.MARKETS),
    }


def account_inputs(draft: Draft) -> Inputs:
    """Return the accounts as they were, each with its path once the slots before it are written."""
    ledger, numbers, count = draft.ledger, draft.accounts, draft.size.accounts
    accounts = [ledger.account(number) for number in numbers]
    accounts += [Account()] * (count - len(numbers))
    leaves = [draft.after(number).leaf() for number in numbers]
    return {
        "accountEnabled": padded((1 for _ in numbers), count),
        "accountId": padded(numbers, count),
        "accountOwner": [account.owner for account in accounts],
        "accountCollateral": [to_field(account.collateral) for account in accounts],
        "accountPosition": [[to_field(size) for size in account.positions] for account in accounts],
        "accountIndex": [[to_field(index) for index in account.indices] for account in accounts],
        "accountSettled": [to_field(_settled(account, draft.opened)) for account in accounts],
        "accountKey": [list(account.key) for account in accounts],
        "accountNonce": [account.nonce for account in accounts],
        "accountKeyEpoch": [account.key_epoch for account in accounts],
        "accountTier": [account.tier for account in accounts],
        "accountDeadBelow": [account.dead_below for account in accounts],
        "accountOrders": [account.orders for account in accounts],
        "accountOpenNotional": [account.open_notional for account in accounts],
        **tree_inputs("account", ledger.account_tree(), numbers, leaves, count),
    }


def shortfall_inputs(draft: Draft) -> Inputs:
    """Return by how much the index of the winning side rose when the batch ended."""
    return {"shortfallIndex": draft.shortfall.index if draft.shortfall else 0}


def tree_inputs(
    name: str, tree: SparseTree, indices: Sequence[int], leaves: Sequence[int], count: int
) -> Inputs:
    """Return the crown of a tree and `count` paths below it, for leaves written one after the other.

    A path holds the children of each node between leaf and crown, bottom up, in the tree that holds the new
    leaves of the indices before it; of a slot without an index it is that of index 0 in an empty tree.
    """
    below = tree.depth - c.CROWN_LEVELS
    top, paths = crown(tree), []
    for index, leaf in zip(indices, leaves, strict=True):
        paths.append(tree.path(index)[:below])
        tree.set(index, leaf)
    paths += [SparseTree(tree.depth).path(0)[:below]] * (count - len(paths))
    return {f"{name}Crown": top, f"{name}Path": paths}


def crown(tree: SparseTree) -> list[int]:
    """Return the nodes of a tree that stand `CROWN_LEVELS` below its root."""
    below = tree.depth - c.CROWN_LEVELS
    quads = range(0, c.TREE_ARITY**tree.depth, c.TREE_ARITY ** (below + 1))
    return [node for first in quads for node in tree.path(first)[below]]


def _tier_step(market: Market, schedule: MarginSchedule) -> int:
    """Return what a position needs more for each lot squared, as if the market were not settled."""
    lot_steps = market.value(1) * schedule.tier_ppm * market.parameters.quote_per_tick_lot
    return -(-lot_steps // (1 << c.TIER_UNIT_BITS))


def _settled(account: Account, opened: Sequence[Market]) -> int:
    """Return the collateral once what the account owes is charged."""
    return account.collateral - unsettled(account.positions, account.indices, opened)
