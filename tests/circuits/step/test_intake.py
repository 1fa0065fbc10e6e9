"""A message meets the book, cancels or is dropped as in the engine."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sequencer.engine import State
from sequencer.engine.events import CancelledAll, Dropped, MessageSequenced, Rested
from sequencer.engine.messages import sequence_message
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketKind, MarketStatus, Side, Verdict
from sequencer.model.config import FeeTier
from sequencer.model.market import Market, MarketParameters
from sequencer.model.message import Message
from tests.circuits.book.lies import Tables, with_lies
from tests.circuits.harness import CircuitTester, wires
from tests.circuits.step.micro_steps import message_bus
from tests.strategies import DOMAIN, configuration_of

NOW, MARK, TAKER_PPM, EPOCH, NONCE = 1_000, 1_000, 500, 3, 40
PARAMETERS = MarketParameters(
    1, 100_000, 50_000, 200_000, min_size=10, max_position=60, liquidation_fee_ppm=5_000
)
LARGEST_TIME = (1 << c.TIME_BITS) - 1
OPEN = Market(MarketKind.PERPETUAL, MarketStatus.OPEN, MARK, parameters=PARAMETERS)
HALTED = replace(OPEN, status=MarketStatus.HALTED, halted_until=LARGEST_TIME)
REDUCING = replace(OPEN, status=MarketStatus.REDUCE_ONLY, reduced_until=LARGEST_TIME)
MARKETS = [OPEN, HALTED, Market(), replace(OPEN, mark=c.RANK_MAX)]
WHILE_REDUCING = (REDUCING, *MARKETS[1:])
KEYED = Account(owner=1, key_epoch=EPOCH, nonce=NONCE)
SOUND = Message(1, EPOCH, NONCE + 1, expiry=NOW, max_fee_ppm=TAKER_PPM, price=MARK, size=10)
OF_MESSAGE = ("ofFund", "isUnsigned")
"""What a step is told of its message whether or not it takes it."""
NAMES = (
    "authenticated",
    "accepted",
    "placed",
    "cancel",
    "cancelAll",
    *OF_MESSAGE,
    "liquidation",
    "unwinding",
)


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("Intake")


def inputs(
    message: Message,
    account: Account,
    now: int = NOW,
    take: int = 1,
    markets: Sequence[Market] = MARKETS,
) -> Tables:
    market = markets[message.market] if message.market < c.MARKETS else Market()
    parameters = market.parameters
    return {
        "take": take,
        "message": message_bus(message),
        "kind": [message.kind & 1, message.kind >> 1],
        "market": {
            "live": int(market.exists),
            "open": int(market.is_open),
            "reduceOnly": int(market.is_reduce_only),
            "mark": market.mark,
            "bandPpm": parameters.band_ppm,
            "liquidationFeePpm": parameters.liquidation_fee_ppm,
            "minSize": parameters.min_size,
            "maxPosition": parameters.max_position,
        },
        "timestamp": now,
        "keyEpoch": account.key_epoch,
        "nonce": account.nonce,
        "takerPpm": TAKER_PPM,
    }


def engine_says(
    message: Message, account: Account, now: int, markets: Sequence[Market] = MARKETS
) -> dict[str, int]:
    """What the engine makes of a message that finds the book empty."""
    tiers = (FeeTier(0, TAKER_PPM),) * c.TIERS
    state = State(
        replace(configuration_of(markets), tiers=tiers), DOMAIN, {1: account}, markets, timestamp=now
    )
    sequenced, step = sequence_message(state, message)
    assert isinstance(sequenced, MessageSequenced)
    verdict = step.verdict if isinstance(step, Dropped) else None
    known = sequenced.authenticated
    met_the_book = isinstance(step, Rested) or (isinstance(step, Dropped) and step.looked)
    told = (
        known,
        known and verdict != Verdict.NONCE,
        met_the_book,
        verdict == Verdict.NOT_FOUND,
        isinstance(step, CancelledAll),
        message.account == c.INSURANCE_ACCOUNT,
        message.is_unsigned,
        False,
        False,
    )
    return dict(zip(NAMES, map(int, told), strict=True))


def check(
    circuit: CircuitTester,
    message: Message,
    key_epoch: int = EPOCH,
    nonce: int = NONCE,
    now: int = NOW,
    markets: Sequence[Market] = MARKETS,
) -> dict[str, int]:
    account = Account(owner=1, collateral=1 << 60, key_epoch=key_epoch, nonce=nonce)
    expected = engine_says(message, account, now, markets)
    told = inputs(message, account, now, markets=markets)
    assert circuit.accepts(told)
    assert circuit.witness(told) == expected
    idle = inputs(message, account, now, 0, markets)
    assert circuit.witness(idle) == dict.fromkeys(NAMES, 0) | {name: expected[name] for name in OF_MESSAGE}
    return expected


LIQUIDATION = Message.liquidation(1, 0, Side.SELL, 10)


def demanded(circuit: CircuitTester, message: Message, take: int = 1) -> str | None:
    """What the circuit takes a message for that nobody signs, if for anything."""
    told = inputs(message, Account(owner=1, key_epoch=EPOCH, nonce=NONCE), take=take)
    assert circuit.accepts(told)
    seen = circuit.witness(told)
    assert seen["ofFund"] == int(message.account == c.INSURANCE_ACCOUNT)
    assert seen["isUnsigned"] == int(message.is_unsigned)
    rules = [name for name in ("liquidation", "unwinding") if seen[name] == 1]
    if rules:
        assert not any(seen[name] for name in NAMES if name not in (*rules, *OF_MESSAGE))
    assert len(rules) <= 1
    return rules[0] if rules else None


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("account", "market", "size", "taken"),
    [
        (1, 0, 1, 1),
        (1, 0, 60, 1),
        (1, 0, 61, 0),
        (1, 0, 0, 0),
        (2, 0, 10, 1),
        (1, 1, 10, 0),
        (1, 2, 10, 0),
        (1, 3, 10, 1),
        (1, 4, 10, 0),
        (1, 255, 10, 0),
    ],
)
def test_a_liquidation_has_an_account_a_market_and_a_size(
    circuit: CircuitTester, side: Side, account: int, market: int, size: int, taken: int
) -> None:
    message = Message.liquidation(account, market, side, size)
    assert demanded(circuit, message) == ("liquidation" if taken else None)
    assert demanded(circuit, message, take=0) is None


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("market", "size", "price", "taken"),
    [
        (0, 1, MARK, 1),
        (0, 60, 995, 1),
        (0, 60, 1_005, 1),
        (0, 10, 994, 0),
        (0, 10, 1_006, 0),
        (0, 0, MARK, 0),
        (0, 61, MARK, 0),
        (1, 10, MARK, 0),
        (2, 10, MARK, 0),
        (4, 10, MARK, 0),
    ],
)
def test_the_fund_unwinds_near_the_mark(
    circuit: CircuitTester, side: Side, market: int, size: int, price: int, taken: int
) -> None:
    message = Message.unwinding(market, side, size, price)
    assert demanded(circuit, message) == ("unwinding" if taken else None)
    assert demanded(circuit, message, take=0) is None
    # Another account has no price to choose.
    assert demanded(circuit, replace(message, account=1)) is None


OTHER_WORDS: list[dict[str, Any]] = [{name: True} for name in ("ioc", "post_only", "reduce_only")]
OTHER_WORDS += [{"key_epoch": EPOCH}, {"key_epoch": 1 << 15}, {"nonce": 1}, {"max_fee_ppm": 1}]
OTHER_WORDS += [{"expiry": 1}, {"expiry": LARGEST_TIME}, {"target": 1}, {"target": LARGEST_TIME}]
OTHER_WORDS += [{"price": 5}, {"price": c.RANK_MAX - 1}, {"kind": 0}, {"kind": 1}, {"kind": 2}]


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("change", OTHER_WORDS, ids=str)
def test_no_other_word_makes_a_liquidation(
    circuit: CircuitTester, side: Side, change: dict[str, Any]
) -> None:
    message = replace(Message.liquidation(1, 0, side, 10), **change)
    assert not message.is_unsigned
    assert demanded(circuit, message) is None


def test_a_liquidation_on_the_other_side_has_another_limit(circuit: CircuitTester) -> None:
    for side in Side:
        assert demanded(circuit, replace(Message.liquidation(1, 0, side, 10), side=1 - side)) is None


MADE_UP = ["liquidation", "unwinding", "sizedRule", "ruled", "isUnsigned", "isOfFund", "unwound"]


@pytest.mark.parametrize("account", [0, 1])
@pytest.mark.parametrize("lie", MADE_UP)
def test_a_liquidation_cannot_be_made_up(circuit: CircuitTester, account: int, lie: str) -> None:
    told = inputs(replace(LIQUIDATION, account=account, size=0, max_fee_ppm=1), Account(owner=1))
    for outcome in ("liquidation", "unwinding"):
        assert not circuit.accepts_witness_with(told, {f"main.{lie}": 1, f"main.{outcome}": 1})


@pytest.mark.parametrize("account", [0, 1])
@pytest.mark.parametrize(
    "signal", ["ofFund", "isOfFund", "isUnsigned", "closes", "minimum", "bandPpm", "noKind"]
)
def test_who_and_what_it_is_cannot_be_lied_about(circuit: CircuitTester, account: int, signal: str) -> None:
    told = inputs(replace(LIQUIDATION, account=account), Account(owner=1))
    assert not circuit.accepts_witness_with(told, {f"main.{signal}": 123_456})


def near(value: int, limit: int) -> st.SearchStrategy[int]:
    return st.sampled_from(sorted({0, max(value - 1, 0), value, value + 1, limit}))


@given(
    message=st.builds(
        Message,
        account=st.just(1),
        key_epoch=st.sampled_from([0, EPOCH, EPOCH, EPOCH, EPOCH + 1, (1 << c.KEY_EPOCH_BITS) - 1]),
        nonce=near(NONCE + 1, (1 << c.NONCE_BITS) - 1),
        kind=st.sampled_from([0, 0, 0, 1, 2, 3]),
        market=st.sampled_from([0, 0, 0, 1, 2, 3, 4, 255]),
        side=st.integers(0, 1),
        expiry=near(NOW, LARGEST_TIME),
        max_fee_ppm=near(TAKER_PPM, (1 << c.PPM_BITS) - 1),
        price=near(800, c.RANK_MAX) | near(1200, c.RANK_MAX) | st.just(MARK),
        size=near(10, (1 << c.SIZE_BITS) - 1) | near(60, (1 << c.SIZE_BITS) - 1),
    ),
    key_epoch=st.sampled_from([EPOCH, EPOCH, EPOCH, 0, (1 << c.KEY_EPOCH_BITS) - 1]),
    nonce=st.sampled_from([0, NONCE, NONCE, NONCE, (1 << c.NONCE_BITS) - 1]),
    now=st.sampled_from([NOW, NOW, NOW, LARGEST_TIME]),
)
@settings(max_examples=200)
def test_a_message_is_taken_in_as_by_the_engine(
    circuit: CircuitTester, message: Message, key_epoch: int, nonce: int, now: int
) -> None:
    check(circuit, message, key_epoch, nonce, now)


@pytest.mark.parametrize(
    ("change", "placed"),
    [
        ({}, 1),
        ({"key_epoch": EPOCH - 1}, 0),
        ({"nonce": NONCE}, 0),
        ({"expiry": NOW - 1}, 0),
        ({"market": 1}, 0),
        ({"market": 2}, 0),
        ({"market": 4}, 0),
        ({"market": 3, "price": c.RANK_MAX}, 1),
        ({"price": 0}, 0),
        ({"size": 9}, 0),
        ({"size": 60}, 1),
        ({"size": 61}, 0),
        ({"max_fee_ppm": TAKER_PPM - 1}, 0),
        ({"price": 800}, 1),
        ({"price": 799}, 0),
        ({"price": 1_200}, 1),
        ({"price": 1_201}, 0),
        ({"kind": 1}, 0),
        ({"kind": 2}, 0),
        ({"kind": 3}, 0),
    ],
    ids=str,
)
def test_what_keeps_an_order_from_the_book(
    circuit: CircuitTester, change: dict[str, Any], placed: int
) -> None:
    assert check(circuit, replace(SOUND, **change))["placed"] == placed


@pytest.mark.parametrize(
    ("reduce_only", "ioc", "size", "placed"),
    [
        (True, True, 1, 1),
        (True, True, 0, 0),
        (True, True, 9, 1),
        (True, True, 10, 1),
        (True, True, 60, 1),
        (True, True, 61, 0),
        (True, False, 9, 0),
        (True, False, 10, 1),
        (False, True, 9, 0),
        (False, True, 10, 1),
        (False, False, 9, 0),
    ],
)
@pytest.mark.parametrize("markets", [MARKETS, WHILE_REDUCING], ids=["open", "reduce-only"])
def test_what_closes_a_position_at_once_may_be_of_a_single_lot(
    circuit: CircuitTester, markets: Sequence[Market], reduce_only: bool, ioc: bool, size: int, placed: int
) -> None:
    """With both flags."""
    told = inputs(replace(SOUND, reduce_only=reduce_only, ioc=ioc, size=size), KEYED, markets=markets)
    kept_out = markets == WHILE_REDUCING and not reduce_only
    assert circuit.accepts(told)
    assert circuit.witness(told)["placed"] == (0 if kept_out else placed)


@pytest.mark.parametrize("size", [0, 1, 9, 10])
def test_a_single_lot_is_taken_in_as_by_the_engine(circuit: CircuitTester, size: int) -> None:
    """Where there is nothing to meet; a flag alone is not enough."""
    assert check(circuit, replace(SOUND, ioc=True, reduce_only=True, size=size))["placed"] == int(size > 0)
    assert check(circuit, replace(SOUND, ioc=True, size=size))["placed"] == int(size == 10)


@pytest.mark.parametrize("flags", [{"reduce_only": True}, {"ioc": True}, {}], ids=str)
def test_no_order_closes_without_both_flags(circuit: CircuitTester, flags: dict[str, Any]) -> None:
    """All that follows from the lie is as it would be."""
    honest = inputs(replace(SOUND, size=9, **flags), KEYED)
    closing = inputs(replace(SOUND, size=9, reduce_only=True, ioc=True), KEYED)
    given = wires("take message kind market timestamp keyEpoch nonce takerPpm")
    assert [circuit.witness(told)["placed"] for told in (honest, closing)] == [0, 1]
    assert circuit.accepts_splice(closing, closing, given)
    assert not circuit.accepts_splice(honest, closing, given)
    for lie in ({"closes": 1}, {"closes": 1, "minimum": 1}, {"minimum": 1}):
        assert not circuit.accepts_witness_with(
            honest, {f"main.{name}": value for name, value in lie.items()}
        )


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("change", [{}, {"price": 0, "size": 0, "max_fee_ppm": 0}], ids=["terms", "no terms"])
def test_a_cancel_has_no_terms(circuit: CircuitTester, kind: int, change: dict[str, Any]) -> None:
    told = check(circuit, replace(SOUND, kind=kind, **change))
    assert told[NAMES[2 + kind]] == 1


@pytest.mark.parametrize(("kind", "taken"), [(0, None), (1, "cancel"), (2, "cancelAll")])
def test_a_halted_market_takes_cancels_and_no_orders(
    circuit: CircuitTester, kind: int, taken: str | None
) -> None:
    told = check(circuit, replace(SOUND, kind=kind, market=1))
    assert (told["placed"], told["cancel"], told["cancelAll"]) == tuple(
        int(name == taken) for name in ("placed", "cancel", "cancelAll")
    )


@pytest.mark.parametrize("lie", [{"tradable": 1}, {"tradable": 1, "admissible": 1, "placed": 1}])
def test_a_halt_cannot_be_lied_about(circuit: CircuitTester, lie: dict[str, int]) -> None:
    halted = inputs(replace(SOUND, market=1), Account(owner=1, key_epoch=EPOCH, nonce=NONCE))
    assert not circuit.accepts_witness_with(halted, {f"main.{name}": value for name, value in lie.items()})


@pytest.mark.parametrize("kind", range(3))
@pytest.mark.parametrize("flag", [False, True])
def test_a_market_that_reduces_takes_cancels_and_flagged_orders(
    circuit: CircuitTester, kind: int, flag: bool
) -> None:
    told = inputs(replace(SOUND, kind=kind, reduce_only=flag), KEYED, markets=WHILE_REDUCING)
    assert circuit.accepts(told)
    seen, taken = circuit.witness(told), ("placed", "cancel", "cancelAll")[kind]
    assert seen == dict.fromkeys(NAMES, 0) | {"authenticated": 1, "accepted": 1, taken: int(kind > 0 or flag)}


BAD_TERMS: list[dict[str, Any]] = [{"size": 9}, {"price": 0}, {"max_fee_ppm": 0}, {"price": 799}]


@pytest.mark.parametrize("change", [{}, *BAD_TERMS], ids=str)
def test_an_order_without_the_flag_is_dropped_as_by_the_engine(
    circuit: CircuitTester, change: dict[str, Any]
) -> None:
    assert check(circuit, replace(SOUND, **change), markets=WHILE_REDUCING)["placed"] == 0


@pytest.mark.parametrize("change", BAD_TERMS, ids=str)
def test_a_flag_alone_places_no_order(circuit: CircuitTester, change: dict[str, Any]) -> None:
    told = inputs(replace(SOUND, reduce_only=True, **change), KEYED, markets=WHILE_REDUCING)
    assert circuit.accepts(told)
    assert circuit.witness(told)["placed"] == 0


@pytest.mark.parametrize("side", Side)
def test_a_market_that_reduces_is_one_to_liquidate_in(circuit: CircuitTester, side: Side) -> None:
    for message in (Message.liquidation(1, 0, side, 10), Message.unwinding(0, side, 10, MARK)):
        honest, reducing = (inputs(message, KEYED, markets=markets) for markets in (MARKETS, WHILE_REDUCING))
        assert circuit.accepts(reducing)
        assert circuit.witness(reducing) == circuit.witness(honest)


@pytest.mark.parametrize(
    "lie", [{"growing": 0, "allowed": 1, "placed": 1}, {"allowed": 1, "placed": 1}, {"placed": 1}], ids=str
)
def test_a_market_that_reduces_cannot_be_lied_about(circuit: CircuitTester, lie: dict[str, int]) -> None:
    told = inputs(SOUND, KEYED, markets=WHILE_REDUCING)
    assert not circuit.accepts_witness_with(told, {f"main.{name}": value for name, value in lie.items()})


@pytest.mark.parametrize(
    "lie", [{"growing": 1, "allowed": 0, "placed": 0}, {"allowed": 0, "placed": 0}], ids=str
)
def test_no_order_is_kept_out_that_reduces(circuit: CircuitTester, lie: dict[str, int]) -> None:
    for told in (
        inputs(replace(SOUND, reduce_only=True), KEYED, markets=WHILE_REDUCING),
        inputs(SOUND, KEYED),
    ):
        assert circuit.accepts(told)
        assert not circuit.accepts_witness_with(told, {f"main.{name}": value for name, value in lie.items()})


def test_an_account_without_a_key_authenticates_nothing(circuit: CircuitTester) -> None:
    assert check(circuit, replace(SOUND, key_epoch=0), key_epoch=0)["authenticated"] == 0


@pytest.mark.parametrize("signal", NAMES)
def test_what_becomes_of_a_message_cannot_be_lied_about(circuit: CircuitTester, signal: str) -> None:
    replayed = inputs(replace(SOUND, nonce=0, key_epoch=1), Account(owner=1, key_epoch=2))
    assert circuit.witness(replayed) == dict.fromkeys(NAMES, 0)
    assert not circuit.accepts_witness_with(replayed, {f"main.{signal}": 1})


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("message.nonce", NONCE + 1 + (1 << c.NONCE_BITS)),
        ("message.expiry", NOW + (1 << c.TIME_BITS)),
        ("message.size", MARKETS[0].parameters.min_size + (1 << c.SIZE_BITS)),
        ("market.maxPosition", SOUND.size + (1 << c.SIZE_BITS)),
        ("message.maxFee", TAKER_PPM + (1 << c.PPM_BITS)),
        ("message.price", MARK + (1 << c.PRICE_BITS)),
        ("market.bandPpm", 1 << 42),
    ],
)
def test_no_difference_is_larger_than_its_fields_make_it(
    circuit: CircuitTester, path: str, first: int
) -> None:
    """Each comparison refuses by itself what would wrap around the field."""
    at_mark = {"market.mark": 1 << 10, "message.price": 1 << 10} if path == "market.bandPpm" else {}
    told = with_lies(inputs(SOUND, Account(owner=1, key_epoch=EPOCH, nonce=NONCE)), at_mark)
    assert circuit.accepts(with_lies(told, {path: first - 1}))
    assert circuit.rejects(with_lies(told, {path: first}))
