"""The inputs of the step circuits, from the tables of a batch that the engine carried out."""

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from prover.symbols import Values
from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import BatchSize
from sequencer.engine import State
from sequencer.engine.breaker import moved
from sequencer.engine.commands import Command, OpenEpoch, SequenceMessage
from sequencer.engine.events import Event, Filled, ShortfallCharged
from sequencer.engine.margin import health
from sequencer.engine.schedule import sampled, scheduled
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side
from sequencer.model.market import Market, MarketParameters
from sequencer.model.message import Message
from sequencer.model.schedule import MarginSchedule
from sequencer.model.venue import Venue
from sequencer.model.words import from_field, to_field
from tests.batch.fixtures import ledger_of
from tests.circuits.book.case import row_table
from tests.circuits.book.lies import Tables
from tests.circuits.harness import CircuitTester
from tests.engine.venue import Implementation, engine_snapshot
from tests.engine.venue import Venue as Traders
from tests.strategies import MARK, signed_message, signed_round

ACCOUNTS, ROWS, STEPS, MESSAGES = 3, 12, 6, 4
SIZE = BatchSize("steps", STEPS, ACCOUNTS, pages=8, rows=ROWS, messages=MESSAGES, requests=0)
NO_ACCOUNT = 1 << c.ACCOUNT_BITS

_ROW_FIELDS = {
    "market": "rowMarket",
    "sentinel": "rowSentinel",
    "rank": "rowRank",
    "sequence": "rowSequence",
    "account": "rowAccount",
    "expiry": "rowExpiry",
    "maxFee": "rowMaxFee",
    "reduceOnly": "rowReduceOnly",
}
_MESSAGE_FIELDS = {
    "account": "stepAccount",
    "keyEpoch": "stepKeyEpoch",
    "nonce": "stepNonce",
    "kind": "stepKind",
    "market": "stepMarket",
    "side": "stepSide",
    "ioc": "stepIoc",
    "postOnly": "stepPostOnly",
    "reduceOnly": "stepReduceOnly",
    "expiry": "stepExpiry",
    "maxFee": "stepMaxFee",
    "price": "stepPrice",
    "size": "stepSize",
    "target": "stepTarget",
}
_HINTS = {
    "take": "stepTake",
    "takerSlot": "stepTakerSlot",
    "ownerSlot": "stepOwnerSlot",
    "selector": "stepRow",
    "ownBefore": "stepOwnBefore",
    "quote": "stepQuote",
    "takerFee": "stepTakerFee",
    "makerFee": "stepMakerFee",
}
_MARKET_FIELDS = {
    "kind": "marketKind",
    "mark": "marketMark",
    "open_interest": "marketOpenInterest",
    "halted_until": "marketHaltedUntil",
    "reduced_until": "marketReducedUntil",
    "sampled_mark": "marketSampledMark",
    "volatility_ppm": "marketVolatility",
    "volatility_addon_ppm": "marketVolatilityAddon",
    "fund_since": "marketFundSince",
}
_PARAMETERS = {
    "quote_per_tick_lot": "marketQuotePerTickLot",
    "initial_ppm": "marketInitialPpm",
    "maintenance_ppm": "marketMaintenancePpm",
    "max_move_ppm": "marketMaxMovePpm",
    "halt_seconds": "marketHaltSeconds",
    "liquidation_fee_ppm": "marketLiquidationFeePpm",
}
_SCHEDULE = {
    "open_interest_lower": "marketOpenInterestLower",
    "open_interest_upper": "marketOpenInterestUpper",
    "volatility_factor": "marketVolatilityFactor",
    "addon_max_ppm": "marketAddonMaxPpm",
    "addon_step_ppm": "marketAddonStepPpm",
    "tier_ppm": "marketTierPpm",
    "congestion_ppm": "marketCongestionPpm",
    "settle_seconds": "marketSettleSeconds",
}


class OpenBatch:
    """A batch over a venue's state: what the traders of `venue` send joins it."""

    def __init__(self, venue: Traders, mark: int = MARK, size: BatchSize = SIZE) -> None:
        state = venue.state
        timestamp = state.timestamp + 1
        prices = tuple(mark if market.exists else 0 for market in state.markets)
        opening = OpenEpoch(timestamp, signed_round(timestamp, prices))
        self._builder = BatchBuilder(ledger_of(state), state, size, opening)
        self.venue = Traders(Implementation(State, self._apply, engine_snapshot), state)

    def seal(self) -> SealedBatch:
        return self._builder.seal()

    def _apply(self, _state: State, command: Command) -> list[Event]:
        assert isinstance(command, SequenceMessage)
        message = command.message
        if message.is_unsigned:
            events = self._builder.add_unsigned(message)
        else:
            events = self._builder.add_message(signed_message(message))
        assert events is not None, "the batch is full"
        return events


def context_of(batch: Tables) -> Tables:
    """The bus `StepContext`: what no micro-step changes."""
    rows = range(len(batch["rowUsed"]))
    markets = _markets(batch)
    tiers = batch["accountTier"]
    return {
        "domain": batch["domain"],
        "timestamp": batch["timestamp"],
        "rateMax": max(market.reserve_ppm for market in markets),
        "live": batch["marketKind"],
        "open": [int(market.is_open) for market in markets],
        "reduceOnly": [int(market.is_reduce_only) for market in markets],
        "settled": [int(market.is_settled) for market in markets],
        "mark": [market.mark for market in markets],
        "quotePerTickLot": batch["marketQuotePerTickLot"],
        "bandPpm": batch["marketBandPpm"],
        "minSize": batch["marketMinSize"],
        "maxPosition": batch["marketMaxPosition"],
        "lotValue": [market.value(1) for market in markets],
        "lotInitial": [market.value(1) * market.initial_ppm for market in markets],
        "lotMaintenance": [market.maintenance_margin(1) for market in markets],
        "lotTier": [market.tier_step for market in markets],
        "liquidationFeePpm": [market.liquidation_fee_ppm for market in markets],
        "accountId": [
            number if enabled else NO_ACCOUNT
            for number, enabled in zip(batch["accountId"], batch["accountEnabled"], strict=True)
        ],
        "isFund": [
            int(enabled and number == c.INSURANCE_ACCOUNT)
            for number, enabled in zip(batch["accountId"], batch["accountEnabled"], strict=True)
        ],
        "keyEpoch": batch["accountKeyEpoch"],
        "makerPpm": [batch["feeMaker"][tier] - c.MAKER_FEE_OFFSET for tier in tiers],
        "takerPpm": [batch["feeTaker"][tier] for tier in tiers],
        "rowWord": row_table([fields_of(batch, row) for row in rows], batch["rowUsed"])["word"],
    }


def fields_of(batch: Tables, row: int) -> Tables:
    """The bus `RowFields` of a row."""
    return {field: batch[name][row] for field, name in _ROW_FIELDS.items()}


def start_of(batch: Tables) -> Tables:
    """The bus `StepState` before the first micro-step."""
    markets = _markets(batch)
    positions = [[from_field(size) for size in each] for each in batch["accountPosition"]]
    return {
        "sequence": batch["firstSequence"],
        "messageWords": [0, 0],
        "carried": 0,
        "outcomes": 0,
        "turns": 1,
        "fundTrade": 0,
        "fundNext": 0,
        "remaining": batch["rowRemaining"],
        "bookLots": book_lots(batch, batch["rowRemaining"]),
        "collateral": batch["accountSettled"],
        "position": batch["accountPosition"],
        "value": [to_field(_total(Market.value, markets, each)) for each in positions],
        "initial": [_total(Market.initial_margin, markets, each) for each in positions],
        "maintenance": [_total(Market.maintenance_margin, markets, each) for each in positions],
        "openNotional": batch["accountOpenNotional"],
        "orders": batch["accountOrders"],
        "nonce": batch["accountNonce"],
        "deadBelow": batch["accountDeadBelow"],
        "sideOrders": [
            list(pair) for pair in zip(batch["marketBidOrders"], batch["marketAskOrders"], strict=True)
        ],
        "openSize": [2 * lots for lots in batch["marketOpenInterest"]],
        "filledLots": [0] * c.MARKETS,
        "filledCost": [0] * c.MARKETS,
        "feePool": batch["feePool"],
    }


def hints_of(batch: Tables, step: int) -> Tables:
    """The bus `StepHints` of a micro-step."""
    seen = {
        name: batch[f"stepRow{name[0].upper()}{name[1:]}"][step]
        for name in (*_ROW_FIELDS, "remaining")
        if name != "market"
    }
    return {
        "message": {field: batch[name][step] for field, name in _MESSAGE_FIELDS.items()},
        "seen": seen,
        **{hint: batch[name][step] for hint, name in _HINTS.items()},
    }


def message_bus(message: Message) -> Tables:
    """The bus `Message`."""
    return {
        "account": message.account,
        "keyEpoch": message.key_epoch,
        "nonce": message.nonce,
        "kind": int(message.kind),
        "market": message.market,
        "side": int(message.side),
        "ioc": int(message.ioc),
        "postOnly": int(message.post_only),
        "reduceOnly": int(message.reduce_only),
        "expiry": message.expiry,
        "maxFee": message.max_fee_ppm,
        "price": message.price,
        "size": message.size,
        "target": message.target,
    }


def state_of(outputs: Mapping[str, Values]) -> Tables:
    """The bus `StepState` that a circuit put out."""
    prefix = "after."
    return {name.removeprefix(prefix): value for name, value in outputs.items() if name.startswith(prefix)}


def walk(circuit: CircuitTester, batch: Tables, count: int = STEPS) -> list[Tables]:
    """The inputs of `Step` for the first micro-steps of a batch, each from what the one before leaves."""
    context, state, steps = context_of(batch), start_of(batch), []
    for step in range(count):
        steps.append({"context": context, "before": state, **hints_of(batch, step)})
        state = state_of(circuit.witness(steps[-1]))
    return steps


def expected_state(sealed: SealedBatch, state: State) -> Tables:
    """What `StepState` holds when the engine has carried out the batch; but the last message."""
    batch: Tables = sealed.inputs
    slots = [
        after_steps(sealed, number, state.accounts.get(number, Account())) if enabled else Account()
        for number, enabled in zip(batch["accountId"], batch["accountEnabled"], strict=True)
    ]
    margins = [health(account, state.markets) for account in slots]
    remaining = [_remaining(batch, row, state) for row in range(len(batch["rowUsed"]))]
    return {
        "sequence": state.next_sequence,
        "carried": 0,
        "turns": state.turns,
        "fundTrade": trade_code(*state.fund_trade) if state.fund_trade else 0,
        "fundNext": 0,
        "remaining": remaining,
        "bookLots": book_lots(batch, remaining),
        "collateral": [to_field(account.collateral) for account in slots],
        "position": [sizes_of(account) for account in slots],
        "value": [
            to_field(margin.equity - account.collateral)
            for margin, account in zip(margins, slots, strict=True)
        ],
        "initial": [margin.initial for margin in margins],
        "maintenance": [margin.maintenance for margin in margins],
        "openNotional": [account.open_notional for account in slots],
        "orders": [account.orders for account in slots],
        "nonce": [account.nonce for account in slots],
        "deadBelow": [account.dead_below for account in slots],
        "sideOrders": [[market.side_orders(side) for side in Side] for market in state.markets],
        "openSize": [2 * market.open_interest for market in state.markets],
        **filled_of(sealed),
        "feePool": state.fee_pool,
    }


def trade_code(market: int, side: int) -> int:
    """The signal `fundTrade` of a trade."""
    return 8 + 2 * market + side


def after_steps(sealed: SealedBatch, number: int, account: Account) -> Account:
    """What the micro-steps leave of an account that a batch leaves: a shortfall is charged after them."""
    charged = sum(event.amount for event in sealed.events if isinstance(event, ShortfallCharged))
    is_fund = number == c.INSURANCE_ACCOUNT
    return replace(account, collateral=account.collateral - is_fund * charged)


def filled_of(sealed: SealedBatch) -> Tables:
    """The signals `filledLots` and `filledCost` after the micro-steps."""
    lots, cost = [0] * c.MARKETS, [0] * c.MARKETS
    for event in sealed.events:
        if isinstance(event, Filled):
            lots[event.head.market] += event.quantity
            cost[event.head.market] += event.quantity * event.head.price
    return {"filledLots": lots, "filledCost": cost}


def sizes_of(account: Account) -> list[int]:
    """The signals `position` of an account."""
    return [to_field(size) for size in account.positions]


def book_lots(batch: Tables, remaining: list[int]) -> list[list[int]]:
    """The signal `bookLots`: what remains in the rows, by market and side."""
    lots = [[0, 0] for _ in range(c.MARKETS)]
    for row, left in enumerate(remaining):
        lots[batch["rowMarket"][row]][row >= len(remaining) // 2] += left
    return lots


def _remaining(batch: Tables, row: int, state: State) -> int:
    fields = fields_of(batch, row)
    if not batch["rowUsed"][row] or fields["sentinel"]:
        return int(batch["rowUsed"][row])
    side = Side(row // (len(batch["rowUsed"]) // 2))
    order = state.book(fields["market"], side).find(fields["rank"] << c.SEQUENCE_BITS | fields["sequence"])
    return order.remaining if order else 0


def _markets(batch: Tables) -> list[Market]:
    """What the round of the batch makes of the markets."""
    venue = Venue(
        congested_until=batch["venueCongestedUntil"],
        restricted_markets=sum(bit << slot for slot, bit in enumerate(batch["venueRestricted"])),
        restricted_until=batch["venueRestrictedUntil"],
        uninsured=bool(batch["venueUninsured"]),
    )
    return [_opened(batch, slot, venue) for slot in range(c.MARKETS)]


def _opened(batch: Tables, slot: int, venue: Venue) -> Market:
    before = Market(**{name: batch[signal][slot] for name, signal in _MARKET_FIELDS.items()})
    if not before.exists:
        return before
    parameters = {name: batch[signal][slot] for name, signal in _PARAMETERS.items()}
    schedule = {name: batch[signal][slot] for name, signal in _SCHEDULE.items()}
    market = replace(before, parameters=MarketParameters(**parameters))
    sampling = batch["sampleBefore"] != batch["sampleAfter"]
    if sampling:
        market = sampled(market, market.parameters.max_move_ppm)
    timestamp, (_, median, _) = batch["timestamp"], sorted(prices[slot] for prices in batch["oraclePrice"])
    market = moved(market, median, timestamp, restricted=venue.restricts(slot, timestamp))
    congested = venue.is_congested(timestamp)
    return scheduled(market, MarginSchedule(**schedule), sampling=sampling, congested=congested)


def _total(worth: Callable[[Market, int], int], markets: Sequence[Market], sizes: Sequence[int]) -> int:
    return sum(worth(market, size) for market, size in zip(markets, sizes, strict=True))
