"""Hostile states to start on: crowded books, thin pages, makers that cannot trade, positions at bounds."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from msgspec.structs import replace

from sequencer.batch.sizes import BatchSize
from sequencer.crypto import public_key
from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketStatus, Side
from sequencer.model.market import Market, MarketParameters
from sequencer.model.order import Order
from soundness.fuzz.start import Start
from tests.strategies import (
    COLLATERALS,
    MARK,
    PARAMETERS,
    START,
    funded_account,
    open_market,
    trader_secret,
)

LAST_KEY_EPOCH = (1 << c.KEY_EPOCH_BITS) - 1
FIRST_BYSTANDER = 100
BYSTANDERS = 2 * c.SIDE_ORDERS_MAX // (c.ACCOUNT_ORDERS_MAX - 4)
# Notional of one order up to 2^60, so that sums meet the bounds of open notional and collateral.
GIANT = MarketParameters(1, 1_000, 500, 900_000, 1, 1 << 28, 300_000, 5, liquidation_fee_ppm=100)
GIANT_MARK = c.RANK_MAX // 2
# Marks of a sequence move by a third: seldom so far that trading stops.
USUAL = tuple(replace(market, max_move_ppm=250_000) for market in PARAMETERS)
RICH = 10**12


@dataclass(frozen=True)
class _Shape:
    """What a seed draws once for its whole start."""

    actors: int
    crowd: tuple[int, int]
    levels: int
    stale: float
    reduce_only: float
    size: int
    strained: float
    quoting: tuple[int, ...]


def draw_start(random: Random, size: BatchSize) -> tuple[Start, list[int]]:
    """Return a start and the accounts that will act on it, seldom more than a batch holds."""
    actors = random.choice((2, size.accounts - 1, size.accounts - 1, size.accounts, size.accounts + 1))
    markets = _markets(random)
    strained = random.choice((0.0, 0.0, 0.5, 1.0))
    shape = _Shape(
        actors=actors,
        crowd=(_crowd(random, size, strained), _crowd(random, size, strained)),
        levels=random.choice((1, 2, 4, 30)),
        stale=random.choice((0.0, 0.0, 0.2, 0.8)),
        reduce_only=random.choice((0.0, 0.0, 0.3)),
        size=random.choice((1, 3, 10)),
        strained=strained,
        # Who has orders: the first liquidation of an account with orders only cancels them.
        quoting=tuple(each for each in range(1, actors + 1) if random.random() >= 0.7 * strained) or (1,),
    )
    orders = tuple(_orders(random, shape, markets))
    accounts = _accounts(random, shape, markets, orders)
    pages = (1, 2, 5, 10, c.PAGE_ORDERS)
    start = Start(accounts, markets, orders, (random.choice(pages), random.choice(pages)))
    return start, list(range(1, actors + 1))


def _markets(random: Random) -> tuple[Market, ...]:
    count = random.choice((1, 1, 2, 4))
    if random.random() < 0.08:
        live = [open_market(GIANT, GIANT_MARK)] * count
    else:
        live = [open_market(USUAL[slot], random.choice((MARK, MARK, 7))) for slot in range(count)]
    if count > 1 and random.random() < 0.3:
        # So long that no batch of the sequence opens it.
        live[-1] = replace(live[-1], status=MarketStatus.HALTED, halted_until=START + 1_000)
    return (*live, *[Market()] * (c.MARKETS - count))


def _crowd(random: Random, size: BatchSize, strained: float) -> int:
    """How many orders rest on a side: few, as many as one page of this size, or as many as are allowed.

    None where accounts lose all the same.
    """
    if random.random() < strained / 4:
        return 0
    usual = random.choice((0, 1, 3, 6, size.half - 2, c.PAGE_ORDERS - 1, 30))
    return usual if random.random() < 0.97 else c.SIDE_ORDERS_MAX - random.randint(0, 1)


def _orders(random: Random, shape: _Shape, markets: tuple[Market, ...]) -> Iterator[Order]:
    """Return the books of all markets, market 0 the crowded one; sequences are in no order of price."""
    places = [
        (slot, side, place)
        for slot, market in enumerate(markets)
        if market.exists
        for side in Side
        for place in range(shape.crowd[side] if slot == 0 else min(shape.crowd[side], 3))
    ]
    random.shuffle(places)
    held = dict.fromkeys(range(1, shape.actors + 1), 0)
    hoarder = random.choice((0, 0, 0, 1))
    for sequence, (slot, side, place) in enumerate(places, c.FIRST_SEQUENCE):
        owner = 1 if hoarder and held[1] < c.ACCOUNT_ORDERS_MAX - 1 else random.choice(shape.quoting)
        if (place >= 8 and not hoarder) or held[owner] >= c.ACCOUNT_ORDERS_MAX - 1:
            owner = FIRST_BYSTANDER + sequence % BYSTANDERS
        else:
            held[owner] += 1
        yield _order(
            random,
            shape,
            markets[slot],
            Order(
                market=slot,
                side=side,
                price=0,
                sequence=sequence,
                account=owner,
                remaining=1,
                expiry=c.NEVER_EXPIRES,
                max_fee_ppm=1_000,
                reduce_only=random.random() < shape.reduce_only,
            ),
            place,
        )


def _order(random: Random, shape: _Shape, market: Market, order: Order, place: int) -> Order:
    distance = 1 + place * shape.levels // 30 if shape.levels < 30 else 1 + place
    away = distance if order.side == Side.SELL else -distance
    order = replace(order, price=max(1, market.mark + away), remaining=random.randint(1, shape.size))
    if random.random() >= shape.stale:
        return order
    if random.random() < 0.5:
        return replace(order, expiry=START + random.randint(-1, 2))
    return replace(order, max_fee_ppm=0)


def _accounts(
    random: Random, shape: _Shape, markets: tuple[Market, ...], orders: tuple[Order, ...]
) -> dict[int, Account]:
    owners = {*range(1, shape.actors + 1), *(order.account for order in orders)}
    wealth = (
        (*COLLATERALS, RICH, RICH) if markets[0].parameters != GIANT else (1 << 61, c.COLLATERAL_BOUND - 1)
    )
    accounts = {c.INSURANCE_ACCOUNT: Account(owner=c.INSURANCE_OWNER)}
    for number in sorted(owners):
        account = funded_account(number, random.choice(wealth), tier=number % c.TIERS)
        if random.random() < shape.stale:
            account = replace(account, dead_below=random.randint(1, c.FIRST_SEQUENCE + len(orders)))
        if random.random() < 0.06:
            key = public_key(trader_secret(number, LAST_KEY_EPOCH))
            account = replace(account, key=key, key_epoch=LAST_KEY_EPOCH)
        accounts[number] = account
    for slot, market in enumerate(markets):
        if market.exists and random.random() < 0.7:
            _give_positions(random, shape, accounts, slot, market)
    for number, account in accounts.items():
        if any(account.positions) and random.random() < shape.strained:
            accounts[number] = _strained(random, account, markets)
    return accounts


def _give_positions(
    random: Random, shape: _Shape, accounts: dict[int, Account], slot: int, market: Market
) -> None:
    """Let two actors hold opposite positions, of one lot to as many as are allowed; the fund may join one."""
    largest = market.parameters.max_position
    lots = random.choice((1, 3, largest // 2, largest - 1, largest))
    if market.parameters == GIANT:
        lots = min(lots, 3)
    long, short = random.sample(range(1, shape.actors + 1), 2)
    held = {long: lots, short: -lots}
    if random.random() < 0.3:
        beside = random.choice((long, short))
        held[c.INSURANCE_ACCOUNT] = held[beside]
        held[long + short - beside] *= 2
    for number, size in held.items():
        positions = list(accounts[number].positions)
        positions[slot] = size
        accounts[number] = replace(accounts[number], positions=tuple(positions))


def _strained(random: Random, account: Account, markets: tuple[Market, ...]) -> Account:
    """Return an account with about its maintenance margin, with half of it, or with a debt."""
    equity, _, maintenance = health(account, markets)
    percent = random.choice((-20, 0, 20, 49, 50, 50, 51, 60, 70, 80, 90, 95, 99, 99, 100, 101))
    wanted = maintenance * percent // (100 * c.PPM_UNIT) + random.randint(-1, 1)
    return replace(account, collateral=account.collateral + wanted - equity)
