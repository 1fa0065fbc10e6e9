"""Accounts and markets as the batch sees them: loaded, written, and opened in their trees (claim 1)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.words import to_field
from tests.batch.referee.signals import Inputs, increasing, prefix, require, signed, zero

FUND = 0


@dataclass
class Slot:
    """One account slot; `before` holds the words that the data stream compares."""

    enabled: bool
    id: int
    owner: int
    collateral: int
    positions: list[int]
    indices: list[int]
    key: tuple[int, int]
    nonce: int
    key_epoch: int
    tier: int
    dead_below: int
    orders: int
    open_notional: int
    before: list[int] = field(default_factory=list)
    leaf_before: int = 0

    def words(self) -> list[int]:
        packed = (
            self.nonce | self.key_epoch << 48 | self.tier << 64 | self.dead_below << 68 | self.orders << 108
        )
        trading = poseidon((*self.key, packed, self.open_notional))
        held = [size + 2**64 * index for size, index in zip(self.positions, self.indices, strict=True)]
        return [self.owner, to_field(self.collateral), *map(to_field, held), trading]

    def leaf(self) -> int:
        *exit_words, trading = self.words()
        return poseidon((poseidon(exit_words), trading)) if self.owner else 0


@dataclass
class MarketSlot:
    kind: int
    status: int
    mark: int
    oracle_time: int
    orders: list[int]
    long_index: int
    short_index: int
    open_interest: int
    sampled: int
    volatility: int
    volatility_addon: int
    interest_addon: int
    congestion_addon: int
    tier: int
    fund_since: int
    qptl: int
    initial: int
    maintenance: int
    band: int
    min_size: int
    max_position: int
    max_move: int
    halt_seconds: int
    halted_until: int
    reduced_until: int
    liquidation_fee: int
    interest: int
    lower: int
    upper: int
    factor: int
    addon_max: int
    addon_step: int
    tier_ppm: int
    congestion_ppm: int
    settle_seconds: int
    excess: int
    weight: int
    rate: int
    traded_lots: int = 0
    traded_cost: int = 0
    before: list[int] = field(default_factory=list)
    leaf_before: int = 0

    @property
    def live(self) -> bool:
        return self.kind != 0

    @property
    def settled(self) -> bool:
        return self.fund_since == 1

    @property
    def initial_rate(self) -> int:
        """The initial margin in force, in ppm."""
        return 1 if self.settled else self.reserve_rate + self.interest_addon + self.congestion_addon

    @property
    def held_rate(self) -> int:
        """What a withdrawal leaves behind, in ppm."""
        if self.settled:
            return self.maintenance + self.volatility_addon
        return 2**20 - 1 if self.status == 2 else self.reserve_rate + self.interest_addon

    @property
    def reserve_rate(self) -> int:
        """What resting orders reserve, in ppm: nothing for open interest or congestion."""
        return self.initial + self.volatility_addon

    @property
    def maintenance_rate(self) -> int:
        """The maintenance margin in force, in ppm."""
        return 1 if self.settled else self.maintenance + self.volatility_addon

    @property
    def liquidation_rate(self) -> int:
        """The liquidation fee in force, in ppm."""
        return 0 if self.settled else self.liquidation_fee

    @property
    def tier_step(self) -> int:
        """What a lot squared needs beyond the initial margin, in 1e-6 of a quote unit."""
        return 0 if self.settled else self.tier_step_at_mark

    @property
    def tier_step_at_mark(self) -> int:
        """The same, settled or not."""
        return -(-self.mark * self.qptl * self.tier * self.qptl // 2**24)

    def index(self, size: int) -> int:
        """What a lot of a position's side has owed so far."""
        return 0 if not size else self.long_index if size > 0 else self.short_index

    def words(self) -> list[int]:
        price = self.kind | self.status << 4 | self.mark << 8 | self.oracle_time << 40
        price |= self.orders[0] << 80 | self.orders[1] << 96
        price |= self.halted_until << 112 | self.reduced_until << 152
        indices = map(to_field, (self.long_index, self.short_index))
        risk = self.open_interest | self.sampled << 48 | self.volatility << 80
        risk |= self.volatility_addon << 100 | self.interest_addon << 120
        risk |= self.congestion_addon << 140 | self.tier << 160 | self.fund_since << 180
        return [price, *indices, self.parameter_word(), risk]

    def parameter_word(self) -> int:
        fixed = self.qptl | self.initial << 20 | self.maintenance << 40 | self.band << 60
        fixed |= self.min_size << 80 | self.max_position << 128
        fixed |= self.max_move << 176 | self.halt_seconds << 196
        return fixed | self.liquidation_fee << 216 | self.interest << 236

    def schedule_word(self) -> int:
        bounds = self.lower | self.factor << 40 | self.addon_max << 50
        bounds |= self.addon_step << 70 | self.tier_ppm << 90 | self.congestion_ppm << 110
        return bounds | self.settle_seconds << 130 | self.upper << 150

    def leaf(self) -> int:
        return poseidon(self.words()) if self.live else 0


def load_accounts(inputs: Inputs) -> list[Slot]:
    enabled = prefix(inputs["accountEnabled"], "accounts")
    slots = [_slot(inputs, place) for place in range(len(inputs["accountId"]))]
    ids = [slot.id for slot in slots[:enabled]]
    increasing(ids, "account ids")
    for slot in slots:
        slot.before, slot.leaf_before = slot.words(), slot.leaf()
        if not slot.owner:
            values = (slot.collateral, *slot.positions, *slot.indices, slot.nonce, slot.key_epoch, slot.tier)
            zero((*values, slot.dead_below, slot.orders, slot.open_notional), "an account without owner")
            require(slot.key == c.DEFAULT_KEY, "an account without owner has the default key")
        if not slot.enabled:
            zero((slot.id, slot.owner), "a disabled account slot")
    return slots


def _slot(inputs: Inputs, i: int) -> Slot:
    return Slot(
        enabled=bool(inputs["accountEnabled"][i]),
        id=inputs["accountId"][i],
        owner=inputs["accountOwner"][i],
        collateral=signed(inputs["accountCollateral"][i], 63, "collateral"),
        positions=[signed(element, 48, "position") for element in inputs["accountPosition"][i]],
        indices=[signed(element, 112, "index") for element in inputs["accountIndex"][i]],
        key=(inputs["accountKey"][i][0], inputs["accountKey"][i][1]),
        nonce=inputs["accountNonce"][i],
        key_epoch=inputs["accountKeyEpoch"][i],
        tier=inputs["accountTier"][i],
        dead_below=inputs["accountDeadBelow"][i],
        orders=inputs["accountOrders"][i],
        open_notional=inputs["accountOpenNotional"][i],
    )


def load_markets(inputs: Inputs) -> list[MarketSlot]:
    markets = []
    for m in range(c.MARKETS):
        market = MarketSlot(
            kind=inputs["marketKind"][m],
            status=inputs["marketStatus"][m],
            mark=inputs["marketMark"][m],
            oracle_time=inputs["marketsOracleTime"] if inputs["marketKind"][m] else 0,
            orders=[inputs["marketBidOrders"][m], inputs["marketAskOrders"][m]],
            long_index=signed(inputs["marketLongIndex"][m], 112, "long index"),
            short_index=signed(inputs["marketShortIndex"][m], 112, "short index"),
            open_interest=inputs["marketOpenInterest"][m],
            sampled=inputs["marketSampledMark"][m],
            volatility=inputs["marketVolatility"][m],
            volatility_addon=inputs["marketVolatilityAddon"][m],
            interest_addon=inputs["marketOpenInterestAddon"][m],
            congestion_addon=inputs["marketCongestionAddon"][m],
            tier=inputs["marketTier"][m],
            fund_since=inputs["marketFundSince"][m],
            qptl=inputs["marketQuotePerTickLot"][m],
            initial=inputs["marketInitialPpm"][m],
            maintenance=inputs["marketMaintenancePpm"][m],
            band=inputs["marketBandPpm"][m],
            min_size=inputs["marketMinSize"][m],
            max_position=inputs["marketMaxPosition"][m],
            max_move=inputs["marketMaxMovePpm"][m],
            halt_seconds=inputs["marketHaltSeconds"][m],
            halted_until=inputs["marketHaltedUntil"][m],
            reduced_until=inputs["marketReducedUntil"][m],
            liquidation_fee=inputs["marketLiquidationFeePpm"][m],
            interest=inputs["marketInterestPpm"][m],
            lower=inputs["marketOpenInterestLower"][m],
            upper=inputs["marketOpenInterestUpper"][m],
            factor=inputs["marketVolatilityFactor"][m],
            addon_max=inputs["marketAddonMaxPpm"][m],
            addon_step=inputs["marketAddonStepPpm"][m],
            tier_ppm=inputs["marketTierPpm"][m],
            congestion_ppm=inputs["marketCongestionPpm"][m],
            settle_seconds=inputs["marketSettleSeconds"][m],
            excess=signed(inputs["premiumExcess"][m], 81, "excess"),
            weight=inputs["premiumWeight"][m],
            rate=signed(inputs["premiumRate"][m], 20, "rate"),
        )
        word, rest = inputs["marketParameterWord"][m], inputs["marketUnitRest"][m]
        market.before = market.words()
        market.before[3] = word
        market.leaf_before = poseidon(market.before) if market.live else 0
        require(word == market.qptl | rest << 20, "the unit of a market stays")
        if market.live:
            require(0 < market.maintenance <= market.initial, "0 < maintenance margin <= initial margin")
            require(1 <= market.min_size <= market.max_position, "1 <= smallest size <= largest position")
            require(market.max_position * market.qptl <= 1 << 28, "the largest position's value is bounded")
            require(market.lower < market.upper, "the bounds of open interest lie apart")
            require(market.initial + market.addon_max <= 10**6, "no margin exceeds the value of a position")
            require(market.addon_max <= market.maintenance, "no maintenance margin more than doubles")
        else:
            words = (*market.before, *market.words(), market.schedule_word())
            zero(words, "a slot without a market")
        markets.append(market)
    return markets


def empty_path(path: Sequence[Sequence[int]]) -> None:
    """The path of a disabled slot opens index 0 of an empty tree."""
    node = 0
    for children in path:
        require(list(children) == [node] * 4, "the path of a disabled slot is that of an empty tree")
        node = poseidon(children)


@dataclass(frozen=True)
class Write:
    """One leaf, as it was and as it becomes, and its path up to the crown."""

    index: int
    path: Sequence[Sequence[int]]
    old: int
    new: int


def write_leaves(root: int, crown: Sequence[int], writes: Sequence[Write], claim: str) -> int:
    """Open each old leaf in the tree that the writes before left; the root when all are written."""
    require(_crown_root(crown) == root, f"{claim}: the crown is that of the root before")
    nodes = list(crown)
    for write in writes:
        before, after = write.old, write.new
        for level, children in enumerate(write.path):
            place = write.index >> 2 * level & 3
            require(children[place] == before, f"{claim}: the path opens the old leaf")
            before = poseidon(children)
            after = poseidon([*children[:place], after, *children[place + 1 :]])
        place = write.index >> 2 * len(write.path)
        require(nodes[place] == before, f"{claim}: the path ends in the crown that the slots before left")
        nodes[place] = after
    return _crown_root(nodes)


def _crown_root(nodes: Sequence[int]) -> int:
    while len(nodes) > 1:
        nodes = [poseidon(nodes[first : first + 4]) for first in range(0, len(nodes), 4)]
    return nodes[0]
