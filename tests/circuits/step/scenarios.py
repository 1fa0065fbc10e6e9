"""One small batch for each verdict, on both sides of the line that decides it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from sequencer.engine.commands import SequenceMessage
from sequencer.engine.events import (
    Cancelled,
    CancelledAll,
    Dropped,
    Event,
    Filled,
    MakerRemoved,
    Rested,
    TakenOver,
)
from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, MessageKind, Side, Verdict
from sequencer.model.config import FeeTier
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.schedule import STATIC
from sequencer.model.venue import Venue as Restrictions
from tests.engine.venue import FREE, NAMES, PLAIN, Venue
from tests.strategies import MARK, START, open_market

Act = Callable[[Venue], list[Event]]

PAYING = (FeeTier(maker_ppm=-100, taker_ppm=501), FeeTier(maker_ppm=201, taker_ppm=400), FREE, FREE)
CROWDED = open_market(PLAIN, MARK)
HALTED = replace(CROWDED, status=MarketStatus.HALTED, halted_until=START + 1_000)
REDUCING = replace(CROWDED, status=MarketStatus.REDUCE_ONLY, reduced_until=START + 1_000)


@dataclass(frozen=True)
class Scenario:
    """`act` is carried out by a batch; `before` already was, in a venue made by `setting`."""

    name: str
    outcomes: list[Verdict]
    act: Act
    book: str = ""
    before: Act = lambda _venue: []
    setting: dict[str, Any] = field(default_factory=dict)


def outcomes_of(events: list[Event]) -> list[Verdict]:
    """The verdict on each maker that was removed and on the message."""
    found = []
    for event in events:
        match event:
            case Dropped(verdict=verdict) | MakerRemoved(verdict=verdict):
                found.append(verdict)
            case Rested() | Filled(taker_remaining=0) | TakenOver():
                found.append(Verdict.ACCEPTED)
            case Cancelled() | CancelledAll():
                found.append(Verdict.CANCELLED)
    return found


def resting(name: str, side: Side, size: int, price: int, sequence: int = 1, **fields: Any) -> Order:
    """An order that rests from genesis on, whatever its owner could place today."""
    order = Order(0, side, price, sequence, NAMES[name], size, c.NEVER_EXPIRES, 1_000, False)
    return replace(order, **fields)


def holding(lots: int, **positions: int) -> dict[str, Any]:
    """A setting in which traders hold positions in market 0; `lots` is the open interest."""
    accounts = {name: {"positions": (size, 0, 0, 0)} for name, size in positions.items()}
    return {"accounts": accounts, "markets": (replace(CROWDED, open_interest=lots),)}


def cancel_of(name: str, sequence: int, **fields: Any) -> Act:
    terms = {"side": Side.SELL, "price": 1001, "target": sequence, "kind": MessageKind.CANCEL}
    return lambda venue: venue.send(name, **terms | fields)


def then(*acts: Act) -> Act:
    return lambda venue: [event for act in acts for event in act(venue)]


def buy(size: int, price: int = MARK, name: str = "alice", **fields: Any) -> Act:
    return lambda venue: venue.buy(name, size, price, **fields)


def sell(size: int, price: int = MARK, name: str = "alice", **fields: Any) -> Act:
    return lambda venue: venue.sell(name, size, price, **fields)


def liquidate(size: int, side: Side = Side.SELL, name: str = "alice", **fields: Any) -> Act:
    return lambda venue: venue.liquidate(name, side, size, **fields)


def owing(
    equity: int,
    side: Side = Side.SELL,
    fund: int = 0,
    fee_ppm: int = 0,
    fund_collateral: int | None = None,
    **bob: Any,
) -> dict[str, Any]:
    """A setting in which alice has 10 lots of market 0, which a liquidation would trade away on `side`.

    They are worth 10,000 and ask for 500 of maintenance margin, 50 a lot. Bob holds what she and the fund,
    which has `fund` lots, do not.
    """
    lots = 10 * (2 * side - 1)
    collateral = equity - lots * MARK
    market = replace(CROWDED, parameters=replace(PLAIN, liquidation_fee_ppm=fee_ppm))
    held = (lots, fund, -lots - fund)
    return {
        "accounts": {
            "alice": {"collateral": collateral, "positions": (lots, 0, 0, 0)},
            "fund": {
                "positions": (fund, 0, 0, 0),
                "collateral": -fund * MARK if fund_collateral is None else fund_collateral,
            },
            "bob": {"positions": (held[2], 0, 0, 0)} | bob,
        },
        "markets": (replace(market, open_interest=sum(abs(size) for size in held) // 2),),
    }


def indebted(debt: int, fund_collateral: int = 0) -> dict[str, Any]:
    """A setting in which alice owes so much, and has one lot of a market that takes a million."""
    parameters = replace(PLAIN, max_position=1 << 20)
    return {
        "accounts": {
            "alice": {"collateral": -debt, "positions": (1, 0, 0, 0)},
            "fund": {"collateral": fund_collateral},
            "bob": {"positions": (-1, 0, 0, 0)},
        },
        "markets": (replace(CROWDED, parameters=parameters, open_interest=1),),
    }


def unwind(size: int, price: int = MARK, side: Side = Side.SELL, market: int = 0, **fields: Any) -> Act:
    message = replace(Message.unwinding(market, side, size, price), **fields)
    return lambda venue: venue.apply(SequenceMessage(message))[1:]


def unwound(lots: int = 9) -> dict[str, Any]:
    """A setting in which the fund has lots, and a fee of 5 at the mark."""
    return owing(900, fund=lots, fee_ppm=5_000)


def cancel_all(name: str) -> Act:
    return lambda venue: venue.cancel_all(name)


V = Verdict
ASK = "| bob 5 @ 1001"
BID = "bob 5 @ 999 |"

BEFORE_THE_BOOK = [
    Scenario("stale key", [V.KEY_EPOCH], buy(5, 1001, key_epoch=2), ASK),
    Scenario("key epoch zero", [V.KEY_EPOCH], buy(5, 1001, key_epoch=0), ASK),
    Scenario(
        "account without a key",
        [V.KEY_EPOCH],
        buy(5, 1001, key_epoch=0),
        setting={"accounts": {"alice": {"key_epoch": 0}}},
    ),
    Scenario("replay", [V.ACCEPTED, V.NONCE], then(buy(2, 1001, nonce=7), buy(2, 1001, nonce=7)), ASK),
    Scenario("older nonce", [V.ACCEPTED, V.NONCE], then(buy(2, 1001, nonce=7), buy(2, 1001, nonce=6)), ASK),
    Scenario("expired", [V.EXPIRED], buy(5, 1001, expiry=START), ASK),
    Scenario("expires now", [V.ACCEPTED], buy(5, 1001, expiry=START + 1), ASK),
    Scenario("expired cancel all", [V.EXPIRED], lambda v: v.send("bob", kind=2, expiry=START), ASK),
    Scenario("no kind", [V.KIND], buy(5, 1001, kind=3), ASK),
    Scenario("no kind, no market", [V.KIND], buy(5, 1001, kind=3, market=255), ASK),
    Scenario("empty slot", [V.MARKET], buy(5, 1001, market=3), ASK),
    Scenario("no market", [V.MARKET], buy(5, 1001, market=c.MARKETS), ASK),
    Scenario("halted market", [V.HALTED], buy(5), setting={"markets": (HALTED, PLAIN)}),
    Scenario("second market", [V.ACCEPTED], buy(5, market=1), ASK, setting={"markets": (PLAIN, PLAIN)}),
    Scenario(
        "each market",
        [V.IOC_REMAINDER] * (c.MARKETS - 1) + [V.ACCEPTED],
        then(*(buy(1, market=market, ioc=market < c.MARKETS - 1) for market in range(c.MARKETS))),
        setting={"markets": (PLAIN,) * c.MARKETS},
    ),
    Scenario("no price", [V.BOUNDS], buy(5, 0), ASK),
    Scenario("too small", [V.BOUNDS], buy(9), setting={"markets": (replace(PLAIN, min_size=10),)}),
    Scenario("smallest", [V.ACCEPTED], buy(10), setting={"markets": (replace(PLAIN, min_size=10),)}),
    Scenario("too large", [V.BOUNDS], buy(1_001)),
    Scenario("largest", [V.ACCEPTED], buy(1_000)),
    Scenario("fee too high", [V.MAX_FEE], buy(5, max_fee_ppm=500), setting={"tiers": PAYING}),
    Scenario("fee as signed", [V.ACCEPTED], buy(5, max_fee_ppm=501), setting={"tiers": PAYING}),
    Scenario("above the band", [V.PRICE_BAND], buy(1, 1501)),
    Scenario("end of the band", [V.ACCEPTED], buy(1, 1500)),
    Scenario("below the band", [V.PRICE_BAND], sell(1, 499)),
    Scenario("start of the band", [V.ACCEPTED], sell(1, 500)),
]

CANCELS = [
    Scenario("own order", [V.CANCELLED], cancel_of("bob", 1), ASK),
    Scenario("own bid", [V.CANCELLED], cancel_of("bob", 1, side=Side.BUY, price=999), BID),
    Scenario("own dead order", [V.CANCELLED, V.CANCELLED], then(cancel_all("bob"), cancel_of("bob", 1)), ASK),
    Scenario("order of this batch", [V.ACCEPTED, V.CANCELLED], then(sell(3, 1001), cancel_of("alice", 1))),
    Scenario("another's order", [V.NOT_FOUND], cancel_of("alice", 1), ASK),
    Scenario("another price", [V.NOT_FOUND], cancel_of("bob", 1, price=1002), ASK),
    Scenario("another side", [V.NOT_FOUND], cancel_of("bob", 1, side=Side.BUY), ASK),
    Scenario("never placed", [V.NOT_FOUND], cancel_of("bob", 9), ASK),
    Scenario("cancelled twice", [V.CANCELLED, V.NOT_FOUND], then(*[cancel_of("bob", 1)] * 2), ASK),
    Scenario("filled before", [V.ACCEPTED, V.NOT_FOUND], then(buy(5, 1001), cancel_of("bob", 1)), ASK),
    Scenario("price zero", [V.NOT_FOUND], cancel_of("bob", 1, price=0), ASK),
    Scenario("empty slot, cancel", [V.MARKET], cancel_of("bob", 1, market=1), ASK),
    Scenario(
        "halted market, cancel",
        [V.CANCELLED],
        cancel_of("bob", 1),
        setting={
            "markets": (HALTED,),
            "orders": [resting("bob", Side.SELL, 5, 1001)],
        },
    ),
    Scenario("all orders", [V.CANCELLED], cancel_all("bob"), "| bob 5 @ 1001\nbob 4 @ 999 |"),
    Scenario("all of none", [V.CANCELLED], cancel_all("carol"), ASK),
    Scenario("all orders, twice", [V.CANCELLED] * 2, then(*[cancel_all("bob")] * 2), ASK),
]

CROSSING = [
    Scenario("exact fill", [V.ACCEPTED], buy(5, 1001), ASK),
    Scenario("exact fill of a bid", [V.ACCEPTED], sell(5, 999), BID),
    Scenario("partial fill", [V.ACCEPTED], buy(4, 1400), ASK),
    Scenario("fill and rest", [V.ACCEPTED], buy(7, 1001), ASK),
    Scenario("sale and rest", [V.ACCEPTED], sell(7, 999), BID),
    Scenario("two makers", [V.ACCEPTED], buy(7, 1002), "| bob 5 @ 1001\n| carol 5 @ 1002"),
    Scenario("older maker first", [V.ACCEPTED], sell(7, 990), "bob 5 @ 999 |\ncarol 5 @ 999 |"),
    Scenario("four makers", [V.ACCEPTED], buy(4, 1001), "| bob 1 @ 1001\n" * 4),
    Scenario("four makers and rest", [V.ACCEPTED], buy(5, 1001), "| bob 1 @ 1001\n" * 4),
    Scenario("fill limit", [V.FILL_LIMIT], buy(5, 1001), "| bob 1 @ 1001\n" * 5),
    Scenario("fees", [V.ACCEPTED], sell(5, 990), "bob 3 @ 999 |\ncarol 5 @ 998 |", setting={"tiers": PAYING}),
    Scenario(
        "fees of another tier",
        [V.ACCEPTED],
        buy(3, 1001),
        ASK,
        setting={"tiers": PAYING, "accounts": {"alice": {"tier": 1}, "bob": {"tier": 1}}},
    ),
    Scenario("post-only", [V.POST_ONLY], buy(5, 1001, post_only=True), ASK),
    Scenario("post-only behind the head", [V.ACCEPTED], buy(5, 1000, post_only=True), ASK),
    Scenario("self-trade", [V.SELF_TRADE], buy(5, 1001, "bob"), ASK),
    Scenario(
        "taker reduces only", [V.ACCEPTED], sell(5, 999, reduce_only=True), BID, setting=holding(5, alice=5)
    ),
    Scenario(
        "taker flips", [V.REDUCE_ONLY], sell(5, 999, reduce_only=True), BID, setting=holding(4, alice=4)
    ),
    Scenario("taker at the limit", [V.ACCEPTED], buy(5, 1001), ASK, setting=holding(995, alice=995)),
    Scenario("taker beyond the limit", [V.BOUNDS], buy(5, 1001), ASK, setting=holding(996, alice=996)),
    Scenario("flip from short to long", [V.ACCEPTED], buy(5, 1001), ASK, setting=holding(3, alice=-3, bob=3)),
    Scenario(
        "taker's margin",
        [V.ACCEPTED],
        buy(5, 1001),
        ASK,
        setting={"accounts": {"alice": {"collateral": 505}}},
    ),
    Scenario(
        "taker's margin is short",
        [V.MARGIN],
        buy(5, 1001),
        ASK,
        setting={"accounts": {"alice": {"collateral": 504}}},
    ),
]

STALE_MAKERS = [
    Scenario(
        "maker expired",
        [V.MAKER_EXPIRED, V.ACCEPTED],
        buy(5, 1002),
        "| carol 5 @ 1002",
        before=sell(5, 1001, "bob", expiry=START),
    ),
    Scenario("maker in time", [V.ACCEPTED], buy(5, 1002), before=sell(5, 1001, "bob", expiry=START + 1)),
    Scenario(
        "maker cancelled all", [V.MAKER_CANCELLED, V.ACCEPTED], buy(5, 1001), ASK, before=cancel_all("bob")
    ),
    Scenario(
        "maker cancels in this batch",
        [V.CANCELLED, V.MAKER_CANCELLED, V.IOC_REMAINDER],
        then(cancel_all("bob"), buy(5, 1001, ioc=True)),
        ASK,
    ),
    Scenario(
        "own stale maker", [V.MAKER_CANCELLED, V.ACCEPTED], buy(5, 1001, "bob"), ASK, before=cancel_all("bob")
    ),
    Scenario(
        "stale before post-only",
        [V.MAKER_CANCELLED, V.ACCEPTED],
        buy(5, 1001, post_only=True),
        ASK,
        before=cancel_all("bob"),
    ),
    Scenario(
        "stale makers count",
        [V.MAKER_CANCELLED] * 4 + [V.FILL_LIMIT],
        buy(5, 1001),
        "| bob 1 @ 1001\n" * 5,
        before=cancel_all("bob"),
    ),
    Scenario(
        "maker's fee",
        [V.MAKER_FEE, V.ACCEPTED],
        buy(5, 1001),
        setting={
            "tiers": PAYING,
            "accounts": {"bob": {"tier": 1}},
            "orders": [resting("bob", Side.SELL, 5, 1001, max_fee_ppm=200)],
        },
    ),
    Scenario(
        "maker's fee as signed",
        [V.ACCEPTED],
        buy(5, 1001),
        setting={
            "tiers": PAYING,
            "accounts": {"bob": {"tier": 1}},
            "orders": [resting("bob", Side.SELL, 5, 1001, max_fee_ppm=201)],
        },
    ),
]

FAILING_MAKERS = [
    Scenario(
        "maker flips",
        [V.MAKER_REDUCE_ONLY, V.ACCEPTED],
        buy(5, 1001),
        setting=holding(4, bob=4) | {"orders": [resting("bob", Side.SELL, 5, 1001, reduce_only=True)]},
    ),
    Scenario(
        "maker reduces only",
        [V.ACCEPTED],
        buy(4, 1001),
        setting=holding(4, bob=4) | {"orders": [resting("bob", Side.SELL, 5, 1001, reduce_only=True)]},
    ),
    Scenario(
        "maker beyond the limit",
        [V.MAKER_BOUNDS, V.ACCEPTED],
        sell(5, 999),
        setting=holding(996, bob=996) | {"orders": [resting("bob", Side.BUY, 5, 999)]},
    ),
    Scenario(
        "maker at the limit",
        [V.ACCEPTED],
        sell(5, 999),
        setting=holding(995, bob=995) | {"orders": [resting("bob", Side.BUY, 5, 999)]},
    ),
    Scenario(
        "maker's margin is short",
        [V.MAKER_MARGIN, V.ACCEPTED],
        buy(5, 1001),
        setting={"accounts": {"bob": {"collateral": 494}}, "orders": [resting("bob", Side.SELL, 5, 1001)]},
    ),
    Scenario(
        "maker's margin",
        [V.ACCEPTED],
        buy(5, 1001),
        setting={"accounts": {"bob": {"collateral": 495}}, "orders": [resting("bob", Side.SELL, 5, 1001)]},
    ),
    Scenario(
        "taker fails first",
        [V.MARGIN],
        buy(5, 1001),
        setting={
            "accounts": {"alice": {"collateral": 0}, "bob": {"collateral": 0}},
            "orders": [resting("bob", Side.SELL, 5, 1001)],
        },
    ),
]

RESTING = [
    Scenario("rests", [V.ACCEPTED], buy(5, 990), ASK),
    Scenario("rests in an empty book", [V.ACCEPTED], sell(5, 1010)),
    Scenario("ioc", [V.IOC_REMAINDER], buy(5, 1000, ioc=True), ASK),
    Scenario("ioc after a fill", [V.IOC_REMAINDER], buy(7, 1001, ioc=True), ASK),
    Scenario(
        "reduces to nothing", [V.ACCEPTED], sell(5, 1010, reduce_only=True), setting=holding(5, alice=5)
    ),
    Scenario(
        "reduces too much", [V.REDUCE_ONLY], sell(6, 1010, reduce_only=True), setting=holding(5, alice=5)
    ),
    Scenario("increases", [V.REDUCE_ONLY], buy(1, 990, reduce_only=True), setting=holding(5, alice=5)),
    Scenario("account full", [V.BOOK_FULL], buy(5, 990), setting={"accounts": {"alice": {"orders": 64}}}),
    Scenario(
        "account's last place", [V.ACCEPTED], buy(5, 990), setting={"accounts": {"alice": {"orders": 63}}}
    ),
    Scenario(
        "side full", [V.BOOK_FULL], sell(5, 1010), setting={"markets": (replace(CROWDED, ask_orders=480),)}
    ),
    Scenario(
        "side's last place",
        [V.ACCEPTED],
        buy(5, 990),
        setting={"markets": (replace(CROWDED, bid_orders=479, ask_orders=480),)},
    ),
    Scenario(
        "open notional",
        [V.BOUNDS],
        buy(1, 1000),
        setting={
            "accounts": {
                "alice": {"open_notional": c.OPEN_NOTIONAL_BOUND - 1000, "collateral": (1 << 61) - 1}
            }
        },
    ),
    Scenario(
        "open notional below the bound",
        [V.ACCEPTED],
        buy(1, 999),
        setting={
            "accounts": {
                "alice": {"open_notional": c.OPEN_NOTIONAL_BOUND - 1000, "collateral": (1 << 61) - 1}
            }
        },
    ),
    Scenario("margin", [V.ACCEPTED], buy(5, 990), setting={"accounts": {"alice": {"collateral": 495}}}),
    Scenario(
        "margin is short", [V.MARGIN], buy(5, 990), setting={"accounts": {"alice": {"collateral": 494}}}
    ),
    Scenario(
        "ask is worth its price",
        [V.MARGIN],
        sell(5, 1010),
        setting={"accounts": {"alice": {"collateral": 504}}},
    ),
    Scenario(
        "positions in other markets",
        [V.MARGIN],
        buy(5, 990),
        setting={
            "accounts": {"alice": {"collateral": 11_494, "positions": (0, -10, 0, 0)}},
            "markets": (PLAIN, PLAIN),
        },
    ),
    Scenario(
        "highest rate of the markets",
        [V.MARGIN],
        buy(5, 990),
        setting={
            "accounts": {"alice": {"collateral": 989}},
            "markets": (PLAIN, replace(PLAIN, initial_ppm=200_000)),
        },
    ),
]

DEEP = "bob 9 @ 1000 |"
LIQUIDATION = [
    Scenario("not due", [V.NOT_DUE], liquidate(1), DEEP, setting=owing(500)),
    Scenario("not due, nobody there", [V.NOT_DUE], liquidate(1), setting=owing(500)),
    Scenario("a lot is due", [V.ACCEPTED], liquidate(1), DEEP, setting=owing(499)),
    Scenario("two lots are not", [V.NOT_DUE], liquidate(2), DEEP, setting=owing(450)),
    Scenario("two lots are", [V.ACCEPTED], liquidate(2), DEEP, setting=owing(449)),
    Scenario(
        "a short",
        [V.ACCEPTED],
        liquidate(2, Side.BUY),
        "| bob 9 @ 1001",
        setting=owing(449, Side.BUY),
    ),
    Scenario("with a fee", [V.ACCEPTED], liquidate(3), DEEP, setting=owing(300, fee_ppm=5_001)),
    Scenario(
        "a maker's fee and a maker's rebate",
        [V.ACCEPTED],
        liquidate(6),
        "bob 2 @ 1000 |\nbob 9 @ 999 |",
        setting=owing(200, fee_ppm=5_001) | {"tiers": PAYING},
    ),
    Scenario(
        "no more than is left to do",
        [V.NOT_DUE],
        liquidate(2),
        "bob 1 @ 1060 |\nbob 1 @ 1000 |",
        setting=owing(449),
    ),
    Scenario("at the bankruptcy price", [V.ACCEPTED], liquidate(1), "bob 1 @ 980 |", setting=owing(200)),
    Scenario("below it", [V.ACCEPTED], liquidate(1), "bob 1 @ 979 |", setting=owing(200)),
    Scenario(
        "below it, with half of the margin", [V.NOT_DUE], liquidate(1), "bob 1 @ 970 |", setting=owing(250)
    ),
    Scenario("nobody there", [V.ACCEPTED], liquidate(10), setting=owing(249)),
    Scenario("nobody there, half of the margin", [V.NOT_DUE], liquidate(10), setting=owing(250)),
    Scenario("the fund takes a short", [V.ACCEPTED], liquidate(10, Side.BUY), setting=owing(249, Side.BUY)),
    Scenario("without equity", [V.ACCEPTED], liquidate(10), setting=owing(-1)),
    Scenario("the fund takes a loss", [V.ACCEPTED], liquidate(4), DEEP, setting=owing(-777)),
    Scenario(
        "first the book, then the fund", [V.ACCEPTED], liquidate(5), "bob 2 @ 990 |", setting=owing(101)
    ),
    Scenario(
        "orders first",
        [V.CANCELLED, V.ACCEPTED],
        then(liquidate(1), liquidate(1)),
        setting=owing(499)
        | {"orders": [resting("alice", Side.SELL, 1, 1005), resting("bob", Side.BUY, 1, 1000, 2)]},
    ),
    Scenario(
        "orders of a healthy account",
        [V.NOT_DUE],
        liquidate(1),
        setting=owing(500) | {"orders": [resting("alice", Side.SELL, 1, 1005)]},
    ),
    Scenario("the other side", [V.REDUCE_ONLY], liquidate(1, Side.BUY), setting=owing(0)),
    Scenario(
        "the other side has a head",
        [V.REDUCE_ONLY],
        liquidate(1, Side.BUY),
        "| bob 5 @ 1001",
        setting=owing(0),
    ),
    Scenario("more than there is", [V.REDUCE_ONLY], liquidate(11), setting=owing(0)),
    Scenario(
        "more than there is, behind a head", [V.REDUCE_ONLY], liquidate(11), "bob 2 @ 900 |", setting=owing(0)
    ),
    Scenario(
        "far more than there is, and a debt",
        [V.REDUCE_ONLY],
        liquidate(1 << 20),
        "bob 1 @ 900 |",
        setting=indebted(1 << 44),
    ),
    Scenario("the largest debt", [V.ACCEPTED], liquidate(1), setting=indebted(1 << 62)),
    Scenario("the largest debt twice", [V.BOUNDS], liquidate(1), setting=indebted(1 << 62, -1 << 62)),
    Scenario("the fund is full", [V.BOUNDS], liquidate(10), setting=owing(0, fund=991)),
    Scenario("the fund's last place", [V.ACCEPTED], liquidate(10), setting=owing(0, fund=990)),
    Scenario("the fund gets out", [V.ACCEPTED], liquidate(10), setting=owing(0, fund=-991)),
    Scenario(
        "beyond all means",
        [V.BOUNDS],
        liquidate(1, Side.BUY),
        "| bob 9 @ 1000",
        setting=owing(-9_500 - c.COLLATERAL_BOUND, Side.BUY),
    ),
    Scenario("the fund itself", [V.PRICE_BAND], liquidate(1, name="fund"), DEEP, setting=owing(0)),
    Scenario("no lots", [V.BOUNDS], liquidate(0), DEEP, setting=owing(0)),
    Scenario("too many lots", [V.BOUNDS], liquidate(1_001), DEEP, setting=owing(0)),
    Scenario("no such market", [V.MARKET], liquidate(1, market=9), DEEP, setting=owing(0)),
    Scenario("in a halt", [V.HALTED], liquidate(1), setting=owing(0) | {"markets": (HALTED,)}),
    Scenario("another word", [V.KEY_EPOCH], liquidate(1, max_fee_ppm=1), DEEP, setting=owing(0)),
    Scenario(
        "past a stale maker",
        [V.MAKER_EXPIRED, V.ACCEPTED],
        liquidate(1),
        before=then(buy(1, 1001, "bob", expiry=START), buy(1, 1000, "bob")),
        setting=owing(499),
    ),
    Scenario(
        "a stale maker stays when nothing is due",
        [V.NOT_DUE],
        liquidate(1),
        before=buy(1, 1001, "bob", expiry=START),
        setting=owing(500),
    ),
    Scenario(
        "past a maker without means",
        [V.MAKER_MARGIN, V.ACCEPTED],
        liquidate(10),
        setting=owing(0, collateral=10_100) | {"orders": [resting("bob", Side.BUY, 5, 1001)]},
    ),
    Scenario(
        "four makers of a liquidation",
        [V.FILL_LIMIT],
        liquidate(5),
        "bob 1 @ 1000 |\n" * 5,
        setting=owing(100),
    ),
    Scenario(
        "the fund after four makers", [V.ACCEPTED], liquidate(5), "bob 1 @ 1000 |\n" * 4, setting=owing(100)
    ),
]

UNWINDING = [
    Scenario("at the mark", [V.ACCEPTED], unwind(3), DEEP, setting=owing(900, fund=9)),
    Scenario("at the end of its fee", [V.ACCEPTED], unwind(3, 995), "bob 9 @ 995 |", setting=unwound()),
    Scenario("beyond its fee", [V.PRICE_BAND], unwind(3, 994), "bob 9 @ 995 |", setting=unwound()),
    Scenario("buys back", [V.ACCEPTED], unwind(3, 1005, Side.BUY), "| bob 9 @ 1005", setting=unwound(-9)),
    Scenario("beyond its fee, above", [V.PRICE_BAND], unwind(3, 1006, Side.BUY), setting=unwound(-9)),
    Scenario("nobody in reach", [V.IOC_REMAINDER], unwind(3, 995), "bob 9 @ 994 |", setting=unwound()),
    Scenario("nobody at all", [V.IOC_REMAINDER], unwind(3, 995), setting=unwound()),
    Scenario("part of it", [V.IOC_REMAINDER], unwind(9), "bob 2 @ 1001 |\nbob 2 @ 1000 |", setting=unwound()),
    Scenario(
        "the fund's other side",
        [V.REDUCE_ONLY],
        unwind(1, 1000, Side.BUY),
        "| bob 1 @ 1000",
        setting=unwound(),
    ),
    Scenario("more than it has", [V.REDUCE_ONLY], unwind(10), "bob 20 @ 1000 |", setting=unwound()),
    Scenario("once a batch", [V.ACCEPTED, V.NOT_DUE], then(unwind(1), unwind(1)), DEEP, setting=unwound()),
    Scenario(
        "a turn that came to nothing",
        [V.IOC_REMAINDER, V.NOT_DUE],
        then(unwind(1, 1001), unwind(1)),
        DEEP,
        setting=unwound(),
    ),
    Scenario(
        "a turn that was none",
        [V.PRICE_BAND, V.ACCEPTED],
        then(unwind(1, 994), unwind(1)),
        DEEP,
        setting=unwound(),
    ),
    Scenario("with a maker's rebate", [V.ACCEPTED], unwind(9), DEEP, setting=unwound() | {"tiers": PAYING}),
    Scenario(
        "without means", [V.ACCEPTED], unwind(3), DEEP, setting=owing(900, fund=9, fund_collateral=-99_999)
    ),
    Scenario(
        "past a stale bid",
        [V.MAKER_EXPIRED, V.ACCEPTED],
        unwind(1),
        before=then(buy(1, 1001, "bob", expiry=START), buy(1, 1000, "bob")),
        setting=unwound(),
    ),
    Scenario("four makers of the fund", [V.FILL_LIMIT], unwind(5), "bob 1 @ 1000 |\n" * 5, setting=unwound()),
    Scenario("none of its lots", [V.BOUNDS], unwind(0), DEEP, setting=unwound()),
    Scenario("in its halt", [V.HALTED], unwind(1), setting=unwound() | {"markets": (HALTED,)}),
    Scenario("in no market", [V.MARKET], unwind(1, market=7), DEEP, setting=unwound()),
    Scenario("with another word", [V.KEY_EPOCH], unwind(1, target=1), DEEP, setting=unwound()),
]

BOBS_BID = resting("bob", Side.BUY, 9, MARK)
REDUCING_ONLY: dict[str, Any] = {"markets": (REDUCING,), "orders": [BOBS_BID]}
WHILE_REDUCING = [
    Scenario("flag missing", [V.REDUCE_ONLY], sell(5), setting=holding(5, alice=5) | REDUCING_ONLY),
    Scenario("flag missing, resting", [V.REDUCE_ONLY], buy(5, 990), setting=REDUCING_ONLY),
    Scenario(
        "flagged",
        [V.ACCEPTED],
        sell(5, reduce_only=True),
        setting=holding(5, alice=5) | REDUCING_ONLY,
    ),
    Scenario(
        "flagged, resting",
        [V.ACCEPTED],
        sell(5, 1010, reduce_only=True),
        setting=holding(5, alice=5) | REDUCING_ONLY,
    ),
    Scenario(
        "flagged, and nothing to reduce", [V.REDUCE_ONLY], sell(5, reduce_only=True), setting=REDUCING_ONLY
    ),
    Scenario(
        "its last second",
        [V.REDUCE_ONLY],
        sell(5),
        setting=REDUCING_ONLY | {"markets": (replace(REDUCING, reduced_until=START + 2),)},
    ),
    Scenario(
        "once it is over",
        [V.ACCEPTED],
        sell(5),
        setting=REDUCING_ONLY | {"markets": (replace(REDUCING, reduced_until=START + 1),)},
    ),
    Scenario(
        "the market behind it",
        [V.REDUCE_ONLY, V.ACCEPTED],
        then(buy(5, 990), buy(5, 990, market=1)),
        setting={"markets": (REDUCING, PLAIN)},
    ),
    Scenario(
        "halted as well",
        [V.HALTED],
        sell(5),
        setting={"markets": (replace(HALTED, reduced_until=START + 9),)},
    ),
    Scenario(
        "cancel in it",
        [V.CANCELLED],
        cancel_of("bob", 1, side=Side.BUY, price=MARK),
        setting=REDUCING_ONLY,
    ),
    Scenario("cancel all in it", [V.CANCELLED], cancel_all("bob"), setting=REDUCING_ONLY),
    Scenario(
        "liquidation in it",
        [V.ACCEPTED],
        liquidate(1),
        setting=owing(499) | REDUCING_ONLY,
    ),
    Scenario(
        "unwinding in it",
        [V.ACCEPTED],
        unwind(3),
        setting=unwound()
        | {
            "markets": (replace(REDUCING, parameters=replace(PLAIN, liquidation_fee_ppm=5_000)),),
            "orders": [BOBS_BID],
        },
    ),
]

# One lot at the mark is worth 1,024,000; it asks for 102,400 of initial and 51,200 of maintenance margin, and
# `A_UNIT` for 1 more for its square.
LARGE = replace(PLAIN, quote_per_tick_lot=1_024)
A_UNIT = 16_000
LARGE_ASK = resting("bob", Side.SELL, 5, 1001)
LARGE_BID = resting("bob", Side.BUY, 5, 999)


def tiered(*tiers: int, market: int = 0, orders: Sequence[Order] = (), **accounts: Any) -> dict[str, Any]:
    """A setting of large markets, a tier each; accounts are (equity at the mark, lots of one market)."""
    return {
        "markets": (LARGE,) * len(tiers),
        "schedules": tuple(replace(STATIC, tier_ppm=tier) for tier in tiers),
        "accounts": {
            name: {
                "collateral": equity - lots * MARK * LARGE.quote_per_tick_lot,
                "positions": tuple(lots * (place == market) for place in range(c.MARKETS)),
            }
            for name, (equity, lots) in accounts.items()
        },
        "orders": [replace(order, market=market) for order in orders],
    }


def deciding(name: str, act: Act, verdicts: list[Verdict], *tiers: int, **terms: Any) -> list[Scenario]:
    """Two scenarios in which alice, or bob, has just enough of it, or a unit less."""
    (party,) = terms.keys() & {"alice", "bob"}
    equity, lots = terms[party]
    short = terms | {party: (equity - 1, lots)}
    return [
        Scenario(name, [V.ACCEPTED], act, setting=tiered(*tiers, **terms)),
        Scenario(f"{name}, short", verdicts, act, setting=tiered(*tiers, **short)),
    ]


# Five lots a tick off the mark cost 5,120.
BUY, SELL = buy(5, 1001), sell(5, 999)
UNABLE = [V.MAKER_MARGIN, V.ACCEPTED]
TIERS = [
    *deciding("no tier", BUY, [V.MARGIN], 0, alice=(517_120, 0), orders=[LARGE_ASK]),
    *deciding("a tier", BUY, [V.MARGIN], A_UNIT, alice=(517_145, 0), orders=[LARGE_ASK]),
    *deciding("a tier, rounded up", BUY, [V.MARGIN], 1, alice=(517_121, 0), orders=[LARGE_ASK]),
    *deciding("a short's tier", SELL, [V.MARGIN], A_UNIT, alice=(517_145, 0), orders=[LARGE_BID]),
    *deciding("a maker's tier", BUY, UNABLE, A_UNIT, bob=(506_905, 0), orders=[LARGE_ASK]),
    *deciding("a bidder's tier", SELL, UNABLE, A_UNIT, bob=(506_905, 0), orders=[LARGE_BID]),
    *deciding("a position that grows", BUY, [V.MARGIN], A_UNIT, alice=(1_029_220, 5), orders=[LARGE_ASK]),
    *deciding("a maker's that grows", BUY, UNABLE, A_UNIT, bob=(1_018_980, -5), orders=[LARGE_ASK]),
    *deciding("a position that flips", BUY, [V.MARGIN], A_UNIT, alice=(312_329, -2), orders=[LARGE_ASK]),
    *deciding("a maker's that flips", BUY, UNABLE, A_UNIT, bob=(302_089, 2), orders=[LARGE_ASK]),
    *(
        scenario
        for market in range(c.MARKETS)
        for scenario in deciding(
            f"the tier of market {market}",
            buy(5, 1001, market=market),
            [V.MARGIN],
            *(A_UNIT * place for place in (1, 2, 3, 4)),
            market=market,
            alice=(517_145 + 25 * market, 0),
            orders=[LARGE_ASK],
        )
    ),
    # What it has asks for 512,025, and what rests for 10 % of 5,068,800, whatever its size.
    *deciding("an order that rests", buy(5, 990), [V.MARGIN], A_UNIT, alice=(1_018_905, 5)),
    Scenario(
        "a position that shrinks",
        [V.ACCEPTED],
        SELL,
        setting=tiered(A_UNIT, alice=(515_000, 10), orders=[LARGE_BID]),
    ),
    Scenario(
        "two positions that shrink",
        [V.ACCEPTED],
        SELL,
        setting=tiered(A_UNIT, alice=(1_100_000, 10), bob=(900_000, -7), orders=[LARGE_BID]),
    ),
    Scenario(
        "a large position is liquidated",
        [V.ACCEPTED],
        liquidate(3),
        setting=tiered(A_UNIT, alice=(300_000, 10), orders=[replace(LARGE_BID, price=MARK)]),
    ),
    Scenario(
        "a large position is taken over",
        [V.ACCEPTED],
        liquidate(4),
        setting=tiered(A_UNIT, alice=(100, 10), fund=(0, 3)),
    ),
]


def congested(until: int, collateral: int) -> dict[str, Any]:
    """A setting in which congestion asks for another 10 % until then."""
    return {
        "schedules": (replace(STATIC, congestion_ppm=100_000),),
        "venue": Restrictions(congested_until=until),
        "accounts": {"alice": {"collateral": collateral}},
        "orders": [resting("bob", Side.SELL, 5, 1001)],
    }


WHILE_CONGESTED = [
    Scenario("congestion", [V.ACCEPTED], buy(5, 1001), setting=congested(START + 2, 1_005)),
    Scenario("congestion, short", [V.MARGIN], buy(5, 1001), setting=congested(START + 2, 1_004)),
    Scenario("congestion is over", [V.ACCEPTED], buy(5, 1001), setting=congested(START + 1, 505)),
    Scenario("congestion is over, short", [V.MARGIN], buy(5, 1001), setting=congested(START + 1, 504)),
]


def restricted(until: int, uninsured: bool = False) -> dict[str, Any]:
    """A setting in which L1 restricts market 0, and not market 1, until then."""
    return {"markets": (PLAIN, PLAIN), "venue": Restrictions(0, 0b1101, until, uninsured)}


IN_BOTH = then(buy(5, 990), buy(5, 990, market=1))
WHILE_RESTRICTED = [
    Scenario("restricted", [V.REDUCE_ONLY, V.ACCEPTED], IN_BOTH, setting=restricted(START + 2)),
    Scenario("a restriction is over", [V.ACCEPTED] * 2, IN_BOTH, setting=restricted(START + 1)),
    Scenario("uninsured", [V.REDUCE_ONLY] * 2, IN_BOTH, setting=restricted(0, uninsured=True)),
]


def settled(equity: int = 10_000, fee_ppm: int = 0, **positions: int) -> dict[str, Any]:
    """A setting in which market 0 is settled, alice is worth `equity`, and traders hold lots there."""
    parameters = replace(PLAIN, min_size=3, liquidation_fee_ppm=fee_ppm)
    market = replace(CROWDED, parameters=parameters, status=MarketStatus.SETTLED, fund_since=c.SETTLED_SINCE)
    accounts: dict[str, dict[str, Any]] = {
        name: {"positions": (lots, 0, 0, 0)} for name, lots in positions.items()
    }
    if "alice" in accounts:
        accounts["alice"]["collateral"] = equity - positions["alice"] * MARK
    return {"accounts": accounts, "markets": (market,)}


CLOSING = sell(5, reduce_only=True, ioc=True)
WITH_A_BID: dict[str, Any] = {"orders": [BOBS_BID]}
WHILE_SETTLED = [
    Scenario("settled", [V.REDUCE_ONLY], sell(5), setting=settled(alice=5, bob=-5)),
    Scenario("both close", [V.ACCEPTED], CLOSING, setting=settled(alice=5, bob=-9, carol=4) | WITH_A_BID),
    Scenario("at any equity", [V.ACCEPTED], CLOSING, setting=settled(1, alice=9, bob=-9) | WITH_A_BID),
    Scenario(
        "a maker opens",
        [V.MAKER_REDUCE_ONLY, V.IOC_REMAINDER],
        CLOSING,
        setting=settled(alice=5, carol=-5) | WITH_A_BID,
    ),
    Scenario(
        "a maker flips",
        [V.MAKER_REDUCE_ONLY, V.IOC_REMAINDER],
        CLOSING,
        setting=settled(alice=5, bob=-4, carol=-1) | WITH_A_BID,
    ),
    Scenario(
        "a maker says so itself",
        [V.ACCEPTED],
        CLOSING,
        setting=settled(alice=9, bob=-9) | {"orders": [replace(BOBS_BID, reduce_only=True)]},
    ),
    Scenario(
        "a single lot closes",
        [V.ACCEPTED],
        sell(1, reduce_only=True, ioc=True),
        setting=settled(alice=9, bob=-9) | WITH_A_BID,
    ),
    Scenario(
        "a single lot does not rest", [V.BOUNDS], sell(1, reduce_only=True), setting=settled(alice=1, bob=-1)
    ),
    Scenario("a liquidation that is not due", [V.NOT_DUE], liquidate(1), setting=settled(1, alice=5, bob=-5)),
    # With the fee that others pay, the book would leave less equity for each unit of margin.
    Scenario(
        "a liquidation without a fee",
        [V.ACCEPTED],
        liquidate(5),
        setting=settled(0, fee_ppm=5_000, alice=9, bob=-9) | WITH_A_BID,
    ),
    Scenario(
        "the fund pays a rebate",
        [V.ACCEPTED],
        liquidate(5),
        setting=settled(0, fee_ppm=5_000, alice=9, bob=-9) | WITH_A_BID | {"tiers": PAYING},
    ),
    Scenario(
        "the fund takes what a bidder would open",
        [V.MAKER_REDUCE_ONLY, V.ACCEPTED],
        liquidate(5),
        setting=settled(0, alice=9, carol=-9) | WITH_A_BID,
    ),
    Scenario(
        "the fund adds to its own", [V.ACCEPTED], liquidate(5), setting=settled(-1, alice=5, fund=4, carol=-9)
    ),
    Scenario(
        "it unwinds at the mark",
        [V.ACCEPTED],
        unwind(4),
        setting=settled(fee_ppm=5_000, fund=9, bob=-9) | WITH_A_BID,
    ),
    Scenario(
        "it unwinds at no other price",
        [V.PRICE_BAND],
        unwind(4, 999),
        setting=settled(fee_ppm=5_000, fund=9, bob=-9) | WITH_A_BID,
    ),
]

SCENARIOS = (
    BEFORE_THE_BOOK
    + CANCELS
    + CROSSING
    + STALE_MAKERS
    + FAILING_MAKERS
    + RESTING
    + LIQUIDATION
    + UNWINDING
    + WHILE_REDUCING
    + TIERS
    + WHILE_CONGESTED
    + WHILE_RESTRICTED
    + WHILE_SETTLED
)
