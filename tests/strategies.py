"""A small exchange and random but replayable commands for it.

`genesis` makes the state, `commands` and `batches` make what happens to it: the same arguments give the same
commands, and a shorter stream is a prefix of a longer one. Every secret is known, so all can be signed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from random import Random

from msgspec.structs import replace

from sequencer.crypto import SUBGROUP_ORDER, poseidon, public_key, sign
from sequencer.engine import apply
from sequencer.engine.commands import CloseEpoch, Command, OpenEpoch, ProcessRequest, SequenceMessage
from sequencer.engine.margin import health
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketKind, MarketStatus, MessageKind, RequestKind, Side
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.market import Market, MarketParameters
from sequencer.model.message import Message, SignedMessage
from sequencer.model.oracle import OracleReport
from sequencer.model.order import Order
from sequencer.model.premium import Premium
from sequencer.model.request import Request
from sequencer.model.schedule import STATIC, MarginSchedule
from sequencer.model.venue import Venue

DOMAIN = 0x50524F4F46424F4F4B
START = 1_584_000_000
MARK = 1_000
COLLATERALS = (5_000_000, 400_000, 150_000, 1_000_000)

CONFIGURATION_TIERS = (FeeTier(-100, 500), FeeTier(200, 400), FeeTier(0, 300), FeeTier(100, 100))
PARAMETERS = (
    MarketParameters(100, 100_000, 50_000, 200_000, 2, 60, 35_000, 20, 5_000, interest_ppm=16_000),
    MarketParameters(40, 200_000, 100_000, 100_000, 1, 90, 100_000, 2, 100, interest_ppm=100),
    MarketParameters(7, 50_000, 50_000, 500_000, 3, 400, 300_000, 1, 10_000, interest_ppm=16_383),
    MarketParameters(300, 500_000, 250_000, 300_000, 1, 15, 500_000, 60, 1_000),
)
SCHEDULES = (
    MarginSchedule(
        open_interest_lower=8,
        open_interest_upper=80,
        volatility_factor=25,
        addon_max_ppm=50_000,
        addon_step_ppm=50_000,
        tier_ppm=1_000_000,
        congestion_ppm=30_000,
        settle_seconds=10_000,
    ),
    MarginSchedule(
        open_interest_lower=1,
        open_interest_upper=30,
        volatility_factor=30,
        addon_max_ppm=100_000,
        addon_step_ppm=30_000,
        tier_ppm=300_007,
        congestion_ppm=1_000_000,
        settle_seconds=40,
    ),
    MarginSchedule(
        open_interest_lower=1,
        open_interest_upper=20,
        volatility_factor=40,
        addon_max_ppm=30_000,
        addon_step_ppm=7_001,
        tier_ppm=1,
        congestion_ppm=0,
        settle_seconds=1,
    ),
    STATIC,
)
VOLATILITY_PPM = 3_000
"""The estimate of every market until the first sample."""
RATES = (16_000, -4_000, 300, 0)
"""Of funding, in ppm, until the first period ends."""


def trader_secret(account: int, key_epoch: int = 1) -> int:
    return 1 + poseidon((1, account, key_epoch)) % (SUBGROUP_ORDER - 1)


def oracle_secret(signer: int) -> int:
    return 1 + poseidon((2, signer)) % (SUBGROUP_ORDER - 1)


def owner_of(account: int) -> int:
    return c.INSURANCE_OWNER if account == c.INSURANCE_ACCOUNT else 0xA11CE << 64 | account


def signed_message(message: Message, domain: int = DOMAIN) -> SignedMessage:
    secret = trader_secret(message.account, message.key_epoch)
    return SignedMessage(message, sign(secret, message.hash(domain)))


def signed_report(signer: int, time: int, prices: tuple[int, ...], domain: int = DOMAIN) -> OracleReport:
    report = OracleReport(signer, time, prices)
    return replace(report, signature=sign(oracle_secret(signer), report.hash(domain)))


def signed_round(
    time: int, prices: tuple[int, ...], signers: tuple[int, ...] = (0, 1, 2)
) -> tuple[OracleReport, ...]:
    """One round in which every signer saw the same prices."""
    return tuple(signed_report(signer, time, prices) for signer in signers)


def configuration(
    markets: tuple[MarketParameters, ...] = PARAMETERS[:1],
    schedules: tuple[MarginSchedule, ...] | None = None,
    insurance_floor: int = 0,
) -> Configuration:
    """A configuration of these markets, with the first of `SCHEDULES` unless others are given."""
    return Configuration(
        tiers=CONFIGURATION_TIERS,
        oracle_keys=tuple(public_key(oracle_secret(signer)) for signer in range(c.ORACLE_SIGNERS)),
        oracle_max_age_seconds=60,
        markets=markets,
        schedules=SCHEDULES[: len(markets)] if schedules is None else schedules,
        insurance_floor=insurance_floor,
    )


def configuration_of(
    slots: Iterable[Market], schedules: tuple[MarginSchedule, ...] | None = None
) -> Configuration:
    """The configuration under which these markets are as they are; margins are static unless it says so."""
    markets = tuple(slot.parameters for slot in slots if slot.exists)
    return configuration(markets, (STATIC,) * len(markets) if schedules is None else schedules)


def open_market(parameters: MarketParameters, mark: int = MARK) -> Market:
    return Market(MarketKind.PERPETUAL, MarketStatus.OPEN, mark, START, parameters=parameters)


def funded_account(account: int, collateral: int, tier: int = 0) -> Account:
    """An account whose first key is registered."""
    key = public_key(trader_secret(account))
    return Account(owner=owner_of(account), collateral=collateral, key=key, key_epoch=1, tier=tier)


def with_orders(
    accounts: dict[int, Account], markets: list[Market], orders: list[Order]
) -> tuple[dict[int, Account], list[Market]]:
    """The accounts and markets with the counts and open notionals that these resting orders give them."""
    accounts, markets = dict(accounts), list(markets)
    for order in orders:
        market, account = markets[order.market], accounts[order.account]
        markets[order.market] = replace(
            market,
            bid_orders=market.bid_orders + (order.side == Side.BUY),
            ask_orders=market.ask_orders + (order.side == Side.SELL),
        )
        notional = order.remaining * order.price * market.parameters.quote_per_tick_lot
        live = order.sequence >= account.dead_below
        accounts[order.account] = replace(
            account, orders=account.orders + 1, open_notional=account.open_notional + notional * live
        )
    return accounts, markets


def genesis(accounts: int = 4, markets: int = 1, resting: int = 0, leverage: int = 1) -> State:
    """An exchange that has opened no batch yet.

    Accounts 1 to `accounts` are funded, more and less richly, and have a key (`trader_secret`) and various
    tiers. Each has `resting` orders in market 0, every second one signed for a lower fee than its owner pays
    today. With a `leverage` above 1 they have less collateral and as many lots as they may: liquidations
    begin soon.
    """
    holders = {account: _holder(account, leverage) for account in range(1, accounts + 1)}
    holders[c.INSURANCE_ACCOUNT] = Account(owner=c.INSURANCE_OWNER)
    slots = [_slot(PARAMETERS[slot]) if slot < markets else Market() for slot in range(c.MARKETS)]
    if leverage > 1:
        holders = _with_positions(holders)
        longs = sum(max(holder.positions[0], 0) for holder in holders.values())
        slots[0] = replace(slots[0], open_interest=longs)
    orders = [
        _resting_order(1 + index % accounts, sequence)
        for index, sequence in enumerate(range(c.FIRST_SEQUENCE, c.FIRST_SEQUENCE + accounts * resting))
    ]
    holders, slots = with_orders(holders, slots, orders)
    return State(
        configuration(PARAMETERS[:markets]),
        DOMAIN,
        holders,
        slots,
        orders,
        premiums=[Premium(rate_ppm=RATES[slot] if slot < markets else 0) for slot in range(c.MARKETS)],
        period=START // c.FUNDING_SECONDS,
        next_sequence=c.FIRST_SEQUENCE + len(orders),
        timestamp=START,
    )


def commands(
    seed: int,
    count: int,
    *,
    accounts: int = 4,
    markets: int = 1,
    messages: int = 4,
    requests: int = 4,
    steps: int = 8,
    newcomers: int = 0,
    resting: int = 0,
    leverage: int = 1,
) -> list[Command]:
    """The first `count` commands of the batches of these arguments, a `CloseEpoch` after each of them."""
    stream = _stream(seed, _Sizes(accounts, markets, messages, requests, steps, newcomers, resting, leverage))
    closed = ([*batch, CloseEpoch()] for batch in stream)
    return list(islice(chain.from_iterable(closed), count))


def batches(
    seed: int,
    count: int,
    *,
    accounts: int = 4,
    markets: int = 1,
    messages: int = 4,
    requests: int = 4,
    steps: int = 8,
    newcomers: int = 0,
    resting: int = 0,
    leverage: int = 1,
) -> list[list[Command]]:
    """The first `count` batches of a seed, for the state `genesis(accounts, markets, resting, leverage)`.

    A batch is one `OpenEpoch`, at most `requests` L1 requests and at most `messages` messages of at most
    `steps` micro-steps together. They touch accounts 1 to `accounts + newcomers` and the insurance fund only;
    newcomers arrive by L1 request. Whoever applies it closes it: a builder does.
    """
    sizes = _Sizes(accounts, markets, messages, requests, steps, newcomers, resting, leverage)
    return list(islice(_stream(seed, sizes), count))


@dataclass(frozen=True)
class _Sizes:
    accounts: int
    markets: int
    messages: int
    requests: int
    steps: int
    newcomers: int
    resting: int
    leverage: int

    def account(self, random: Random) -> int:
        return random.randint(1, self.accounts + self.newcomers)


def _holder(account: int, leverage: int) -> Account:
    collateral = COLLATERALS[account % len(COLLATERALS)] // leverage
    return funded_account(account, collateral, tier=account % c.TIERS)


def _slot(parameters: MarketParameters) -> Market:
    return replace(open_market(parameters), sampled_mark=MARK, volatility_ppm=VOLATILITY_PPM)


def _with_positions(holders: dict[int, Account]) -> dict[int, Account]:
    """The accounts with as many lots of market 0 as the odd ones may hold, the even ones short of them."""
    of_a_lot = MARK * PARAMETERS[0].quote_per_tick_lot * PARAMETERS[0].initial_ppm
    for long, short in zip(range(1, len(holders), 2), range(2, len(holders), 2), strict=False):
        lots = min(holders[long].collateral * c.PPM_UNIT // of_a_lot, PARAMETERS[0].max_position)
        for account, size in ((long, lots), (short, -lots)):
            holders[account] = replace(holders[account], positions=(size, 0, 0, 0))
    return holders


def _resting_order(account: int, sequence: int) -> Order:
    """An order near the mark, bids of odd accounts below it and asks of even ones above it."""
    side = Side.BUY if account % 2 else Side.SELL
    distance = 1 + sequence % 50
    return Order(
        market=0,
        side=side,
        price=MARK + (distance if side == Side.SELL else -distance),
        sequence=sequence,
        account=account,
        remaining=2,
        expiry=c.NEVER_EXPIRES,
        max_fee_ppm=0 if sequence % 2 else 1_000,
        reduce_only=False,
    )


def _stream(seed: int, sizes: _Sizes) -> Iterator[list[Command]]:
    """Batch after batch; each command was applied to a state of our own, on which the next one depends."""
    random = Random(seed)
    # How this seed's traders behave: where they quote and how often they lift the other side.
    spread = random.choice((1, 3, 12))
    state = genesis(sizes.accounts, sizes.markets, sizes.resting, sizes.leverage)
    while True:
        batch: list[Command] = [_open_epoch(random, state, sizes.leverage)]
        apply(state, batch[0])
        for _ in range(random.choice((0, 0, random.randint(0, sizes.requests)))):
            batch.append(ProcessRequest(_request(random, state, sizes.account(random), sizes.leverage)))
            apply(state, batch[-1])
        steps = messages = 0
        if len(batch) <= sizes.requests and random.random() < 0.15:
            message = _message(random, state, sizes.account(random), spread)
            if message.account != c.INSURANCE_ACCOUNT:
                batch.append(ProcessRequest(forced(message)))
                steps, messages = len(apply(state, batch[-1])) - 2, 1
        for _ in range(random.randint(0, sizes.messages - messages)):
            command = SequenceMessage(_message(random, state, sizes.account(random), spread))
            token = state.checkpoint()
            steps += len(apply(state, command)) - 1
            if steps > sizes.steps:
                state.rollback(token)
                break
            batch.append(command)
        apply(state, CloseEpoch())
        state.commit()
        yield batch


def _open_epoch(random: Random, state: State, leverage: int) -> OpenEpoch:
    timestamp = state.timestamp + random.randint(1, 20)
    if random.random() < 0.05:
        timestamp += random.choice((c.FUNDING_SECONDS // 2, c.FUNDING_SECONDS))
    last_round = max(market.oracle_time for market in state.markets)
    time = random.randint(max(last_round + 1, timestamp - 10), timestamp)
    # Now and then all prices leap: who stands on the wrong side is liquidated.
    leaps = random.random() < (0.03 if leverage == 1 else 0.2)
    leap = random.choice((75, 85, 115, 125)) if leaps else 100
    reports = []
    for signer in sorted(random.sample(range(c.ORACLE_SIGNERS), c.ORACLE_QUORUM)):
        prices = tuple(_report_price(random, market, leap) for market in state.markets)
        reports.append(signed_report(signer, time, prices))
    return OpenEpoch(timestamp, tuple(reports))


def _report_price(random: Random, market: Market, leap: int) -> int:
    """A price within 4 % of `leap` percent of the mark, drawn back to where trading started."""
    if not market.exists:
        return 0
    at = market.mark * leap // 100
    return max(1, at + (MARK - at) // 20 + random.randint(-at // 25, at // 25))


def _request(random: Random, state: State, account: int, leverage: int) -> Request:
    if random.random() < 0.08:
        return random.choice((insurance(random.choice((1, 10_000))), _restriction(random, state)))
    holder = state.account(account)
    kinds = [RequestKind.DEPOSIT, RequestKind.WITHDRAW, RequestKind.REGISTER_KEY]
    # Rotating keys often would stop trading: a trader signs with the key that is current when he signs.
    kind = random.choices(kinds, (8, 10, 2) if holder.key_epoch else (2, 2, 8))[0]
    owner = owner_of(account)
    if kind == RequestKind.REGISTER_KEY:
        return Request(kind, account, owner, data=public_key(trader_secret(account, holder.key_epoch + 1)))
    if kind == RequestKind.DEPOSIT:
        amounts = (0, 100_000 // leverage, 300_000 // leverage, 1_000_000 // leverage)
        amount = random.choice((*amounts, random.choice((1, c.COLLATERAL_BOUND))))
    else:
        amount = random.choice((1, 10_000, 50_000, random.choice((200_000, (1 << c.AMOUNT_BITS) - 1))))
    return Request(kind, account, owner, amount)


def _restriction(random: Random, state: State) -> Request:
    """Mostly what ends soon, of some markets, or none."""
    congested, restricted = (state.timestamp + random.choice((-1, 0, 1, 15, 60)) for _ in range(2))
    return restriction(Venue(congested, random.randrange(1 << c.MARKETS), restricted))


def insurance(amount: int) -> Request:
    """The request by which anyone pays into the insurance fund."""
    return Request(RequestKind.DEPOSIT, c.INSURANCE_ACCOUNT, owner_of(c.INSURANCE_ACCOUNT), amount)


def restriction(venue: Venue) -> Request:
    """The request by which L1 says what it restricts."""
    data = (venue.restrictions(), 0)
    return Request(RequestKind.RESTRICT, c.INSURANCE_ACCOUNT, owner_of(c.INSURANCE_ACCOUNT), data=data)


def forced(message: Message) -> Request:
    """The request by which its account's owner forces a message."""
    return Request(RequestKind.MESSAGE, message.account, owner_of(message.account), data=message.words())


def change(configuration_hash: int, verifier: int = 0xFEE) -> Request:
    """The request by which the timelock changes what holds from the next batch on."""
    owner = owner_of(c.INSURANCE_ACCOUNT)
    return Request(RequestKind.CHANGE, c.INSURANCE_ACCOUNT, owner, data=(configuration_hash, verifier))


def _message(random: Random, state: State, account: int, spread: int) -> Message:
    """Mostly sensible orders, sometimes a cancel, and now and then something that gets a verdict at once.

    An account below its maintenance margin is liquidated soon, but not at once; so the fund is unwound.
    """
    due = [number for number in sorted(state.accounts) if _is_due(state, number)]
    if random.random() < (0.3 if due else 0.02):
        number = random.choice(due) if due and random.random() < 0.95 else account
        return _liquidation(random, state, number)
    if random.random() < (0.15 if any(state.account(c.INSURANCE_ACCOUNT).positions) else 0.01):
        return _unwinding(random, state)
    holder = state.account(account)
    rare = random.random() < 0.02
    message = Message(
        account=account,
        key_epoch=holder.key_epoch if random.random() < 0.98 else random.randint(0, holder.key_epoch + 1),
        nonce=max(
            0, holder.nonce + (random.randint(1, 9) if random.random() < 0.98 else -random.randint(0, 2))
        ),
        expiry=_expiry(random, state.timestamp),
        market=random.choice([slot for slot, market in enumerate(state.markets) if market.exists]),
        side=random.randint(0, 1),
    )
    kinds = (MessageKind.ORDER, MessageKind.CANCEL, MessageKind.CANCEL_ALL, MessageKind.BY_RULE)
    (kind,) = random.choices(kinds, (85, 11, 3, 1))
    if kind == MessageKind.CANCEL:
        message = _cancel(random, state, message)
    elif kind == MessageKind.ORDER:
        message = _order(random, state, message, spread)
    else:
        message = replace(message, kind=kind)
    return replace(message, market=random.choice((3, c.MARKETS, 255))) if rare else message


def _is_due(state: State, account: int) -> bool:
    equity, _, maintenance = health(state.account(account), state.markets)
    return account != c.INSURANCE_ACCOUNT and equity * c.PPM_UNIT < maintenance


def _liquidation(random: Random, state: State, account: int) -> Message:
    """Mostly of as many lots as are due; or of one too many, of all that there is, or of anything else."""
    holder = state.account(account)
    live = [slot for slot, market in enumerate(state.markets) if market.exists]
    market = random.choice([slot for slot in live if holder.positions[slot]] or live)
    position = holder.positions[market]
    side = Side.SELL if position > 0 else Side.BUY
    lots = min(lots_due(state, account, market), abs(position))
    size = random.choice((lots, lots, lots, max(lots - 1, 1), lots + 1, abs(position), abs(position) + 1))
    message = Message.liquidation(account, market, side, size)
    return _spoilt_liquidation(random, message) if random.random() < 0.1 else message


def lots_due(state: State, account: int, market: int) -> int:
    """How many lots of a market an account is too large by, at the mark; 0 if it is healthy."""
    equity, _, maintenance = health(state.account(account), state.markets)
    of_a_lot = state.market(market).maintenance_margin(1)
    return max(0, -((equity * c.PPM_UNIT - maintenance) // of_a_lot))


def _unwinding(random: Random, state: State) -> Message:
    """Of what the fund holds, at the best price or at the end of what it may pay; or just beyond."""
    positions = state.account(c.INSURANCE_ACCOUNT).positions
    live = [slot for slot, market in enumerate(state.markets) if market.exists]
    slot = random.choice([slot for slot in live if positions[slot]] or live)
    market, lots = state.market(slot), abs(positions[slot])
    side = Side.SELL if positions[slot] > 0 else Side.BUY
    allowed = market.mark * market.parameters.liquidation_fee_ppm // c.PPM_UNIT + random.randint(0, 1)
    limit, best = market.mark + (1 - 2 * side) * allowed, state.book(slot, side.opposite).head()
    price = random.choice((limit, limit, market.mark, best.price if best else market.mark))
    size = random.choice((lots, lots, random.randint(0, lots), lots + 1))
    return Message.unwinding(slot, side if random.random() < 0.95 else side.opposite, size, price)


def _spoilt_liquidation(random: Random, message: Message) -> Message:
    """The message with one field that it must not have, of the fund, or of no market or size."""
    fields = (
        {"side": 1 - message.side},
        {"price": 1},
        {"key_epoch": 1},
        {"nonce": 1},
        {"expiry": c.NEVER_EXPIRES},
        {"max_fee_ppm": 500},
        {"target": 1},
        {"reduce_only": True},
        {"size": 0},
        {"size": (1 << c.SIZE_BITS) - 1},
        {"market": c.MARKETS},
        {"account": c.INSURANCE_ACCOUNT},
        {"account": c.INSURANCE_ACCOUNT, "expiry": 1},
    )
    if random.random() < 0.2:
        # The other side with its own limit: the position would grow.
        return Message.liquidation(message.account, message.market, 1 - message.side, message.size)
    return replace(message, **random.choice(fields))


def _expiry(random: Random, timestamp: int) -> int:
    if random.random() < 0.02:
        return timestamp - random.randint(1, 5)
    return random.choice((c.NEVER_EXPIRES, c.NEVER_EXPIRES, timestamp, timestamp + 30))


def _cancel(random: Random, state: State, message: Message) -> Message:
    own = [order for order in state.book(message.market, message.side) if order.account == message.account]
    if not own or random.random() < 0.1:
        target = random.randint(0, state.next_sequence)
        return replace(
            message, kind=MessageKind.CANCEL, price=state.market(message.market).mark, target=target
        )
    order = random.choice(own)
    return replace(message, kind=MessageKind.CANCEL, price=order.price, target=order.sequence)


def _order(random: Random, state: State, message: Message, spread: int) -> Message:
    market = state.market(message.market)
    parameters = market.parameters
    direction = 1 - 2 * message.side
    distance = random.randint(-spread, 2 * spread)
    price = market.mark - direction * distance
    size = parameters.min_size + random.randint(0, parameters.max_position // random.choice((3, 15, 30)))
    if random.random() < 0.03:
        price = random.choice((0, market.mark // 2, market.mark * 2))
    if random.random() < 0.02:
        size = random.choice((0, parameters.min_size - 1, parameters.max_position + 1))
    position = state.account(message.account).positions[message.market]
    if abs(position) >= parameters.min_size and random.random() < (0.6 if market.is_reduce_only else 0.15):
        side = Side.SELL if position > 0 else Side.BUY
        price = market.mark + (1 - 2 * message.side) * distance
        return replace(
            message, side=side, size=abs(position), price=max(price, 1), reduce_only=True, max_fee_ppm=500
        )
    return replace(
        message,
        price=max(price, 0),
        size=size,
        ioc=random.random() < 0.1,
        post_only=random.random() < 0.1,
        reduce_only=random.random() < 0.05,
        max_fee_ppm=500 if random.random() < 0.95 else 250,
    )
