"""Accounts and markets as the circuits take them, and paths for one slot after the other."""

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.crypto import SparseTree, public_key
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketKind, MarketStatus
from sequencer.model.market import Market, MarketParameters
from sequencer.model.premium import Premium
from sequencer.model.schedule import MarginSchedule

TRADER = Account(
    owner=0xA11CE << 100,
    collateral=-5_000_001,
    positions=(7, 0, -11, 1),
    indices=(-3 * c.INDEX_UNIT, 0, c.INDEX_UNIT // 2, 1),
    key=public_key(77),
    key_epoch=3,
    nonce=41,
    tier=2,
    dead_below=17,
    orders=5,
    open_notional=123_456_789,
)
LARGEST = Account(
    owner=(1 << c.OWNER_BITS) - 1,
    collateral=c.COLLATERAL_BOUND - 1,
    positions=((1 << c.SIZE_BITS) - 1, 1 - (1 << c.SIZE_BITS), 0, (1 << c.SIZE_BITS) - 1),
    indices=((1 << c.INDEX_BITS) - 1, -(1 << c.INDEX_BITS), 0, -1),
    key=public_key(78),
    key_epoch=(1 << c.KEY_EPOCH_BITS) - 1,
    nonce=(1 << c.NONCE_BITS) - 1,
    tier=(1 << c.TIER_BITS) - 1,
    dead_below=(1 << c.SEQUENCE_BITS) - 1,
    orders=c.ACCOUNT_ORDERS_MAX,
    open_notional=c.OPEN_NOTIONAL_BOUND - 1,
)
PERPETUAL = Market(
    kind=MarketKind.PERPETUAL,
    status=MarketStatus.OPEN,
    mark=1_000,
    oracle_time=1_584_000_000,
    bid_orders=3,
    ask_orders=4,
    long_index=5 * c.INDEX_UNIT + 1,
    short_index=-3,
    open_interest=6,
    parameters=MarketParameters(
        100,
        100_000,
        50_000,
        200_000,
        2,
        60,
        max_move_ppm=250_000,
        halt_seconds=20,
        liquidation_fee_ppm=15_000,
        interest_ppm=100,
    ),
    halted_until=1_583_999_000,
    reduced_until=1_583_998_000,
    sampled_mark=990,
    volatility_ppm=2_001,
    volatility_addon_ppm=1_000,
    open_interest_addon_ppm=7,
    congestion_addon_ppm=11,
    tier_ppm=13,
    fund_since=1_583_997_000,
)
SCHEDULE = MarginSchedule(
    open_interest_lower=1_000,
    open_interest_upper=3_000,
    volatility_factor=26,
    addon_max_ppm=45_000,
    addon_step_ppm=5_000,
    tier_ppm=600_000,
    congestion_ppm=40_000,
    settle_seconds=3_600,
)
"""Of `PERPETUAL`."""
NO_SCHEDULE = MarginSchedule.from_word(0)
"""Of a slot without a market."""
INDICES = st.integers(-(1 << c.INDEX_BITS), (1 << c.INDEX_BITS) - 1)


def accounts() -> st.SearchStrategy[Account]:
    """Accounts of any content that a leaf can hold."""
    return st.builds(
        Account,
        owner=st.integers(0, 3) | st.integers(0, LARGEST.owner),
        collateral=st.integers(-c.COLLATERAL_BOUND, c.COLLATERAL_BOUND - 1),
        positions=st.tuples(*[st.integers(1 - (1 << c.SIZE_BITS), (1 << c.SIZE_BITS) - 1)] * c.MARKETS),
        indices=st.tuples(*[INDICES] * c.MARKETS),
        key=st.integers(1, 1 << 200).map(public_key),
        key_epoch=st.integers(0, LARGEST.key_epoch),
        nonce=st.integers(0, LARGEST.nonce),
        tier=st.integers(0, LARGEST.tier),
        dead_below=st.integers(0, LARGEST.dead_below),
        orders=st.integers(0, LARGEST.orders),
        open_notional=st.integers(0, LARGEST.open_notional),
    )


def account_bus(account: Account) -> dict[str, Nested]:
    """The signals of the bus `Account`."""
    return {
        "owner": account.owner,
        "collateral": account.collateral,
        "position": account.positions,
        "index": account.indices,
        "key": account.key,
        "nonce": account.nonce,
        "keyEpoch": account.key_epoch,
        "tier": account.tier,
        "deadBelow": account.dead_below,
        "orders": account.orders,
        "openNotional": account.open_notional,
    }


def market_bus(market: Market) -> dict[str, Nested]:
    """The signals of the bus `Market`."""
    return {
        "kind": int(market.kind),
        "status": int(market.status),
        "mark": market.mark,
        "oracleTime": market.oracle_time,
        "bidOrders": market.bid_orders,
        "askOrders": market.ask_orders,
        "haltedUntil": market.halted_until,
        "reducedUntil": market.reduced_until,
        "longIndex": market.long_index,
        "shortIndex": market.short_index,
        "openInterest": market.open_interest,
        "sampledMark": market.sampled_mark,
        "volatility": market.volatility_ppm,
        "volatilityAddon": market.volatility_addon_ppm,
        "openInterestAddon": market.open_interest_addon_ppm,
        "congestionAddon": market.congestion_addon_ppm,
        "tierPpm": market.tier_ppm,
        "fundSince": market.fund_since,
        "parameterWord": market.parameters.word(),
    }


def premium_bus(premium: Premium) -> dict[str, Nested]:
    """The signals of the bus `Premium`."""
    return {"excess": premium.excess, "weight": premium.weight, "rate": premium.rate_ppm}


def parameters_bus(parameters: MarketParameters) -> dict[str, int]:
    """The signals of the bus `MarketParameters`."""
    return {
        "quotePerTickLot": parameters.quote_per_tick_lot,
        "initialPpm": parameters.initial_ppm,
        "maintenancePpm": parameters.maintenance_ppm,
        "bandPpm": parameters.band_ppm,
        "minSize": parameters.min_size,
        "maxPosition": parameters.max_position,
        "maxMovePpm": parameters.max_move_ppm,
        "haltSeconds": parameters.halt_seconds,
        "liquidationFeePpm": parameters.liquidation_fee_ppm,
        "interestPpm": parameters.interest_ppm,
    }


def schedule_bus(schedule: MarginSchedule) -> dict[str, int]:
    """The signals of the bus `MarginSchedule`."""
    return {
        "openInterestLower": schedule.open_interest_lower,
        "openInterestUpper": schedule.open_interest_upper,
        "volatilityFactor": schedule.volatility_factor,
        "addonMaxPpm": schedule.addon_max_ppm,
        "addonStepPpm": schedule.addon_step_ppm,
        "tierPpm": schedule.tier_ppm,
        "congestionPpm": schedule.congestion_ppm,
        "settleSeconds": schedule.settle_seconds,
    }


def tree_of(accounts: Mapping[int, Account]) -> SparseTree:
    """The account tree."""
    tree = SparseTree(c.ACCOUNT_DEPTH)
    tree.set_many([(number, account.leaf()) for number, account in accounts.items()])
    return tree


def write_paths(tree: SparseTree, writes: Sequence[tuple[int, int]]) -> list[list[list[int]]]:
    """The path up to the crown of each (index, leaf) write in the tree that holds the writes before it."""
    opened = []
    for index, leaf in writes:
        opened.append(tree.path(index)[: tree.depth - c.CROWN_LEVELS])
        tree.set(index, leaf)
    return opened


def traded(account: Account) -> Account:
    """What a trade leaves of an account: other collateral, one other position and its index, a used nonce."""
    positions = (account.positions[0] + 3, *account.positions[1:])
    indices = (account.indices[0] + c.INDEX_UNIT, *account.indices[1:])
    return replace(
        account,
        collateral=account.collateral - 9,
        positions=positions,
        indices=indices,
        nonce=account.nonce + 1,
    )
