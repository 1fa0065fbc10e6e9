"""Deployments and markets that would be unsafe are refused."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from sequencer.crypto import is_valid_key, poseidon
from sequencer.model import constants as c
from sequencer.model.config import CONFIGURATION_WORDS, Configuration, FeeTier
from sequencer.model.market import MarketParameters, live_markets
from sequencer.model.schedule import STATIC, MarginSchedule
from tests.strategies import PARAMETERS, SCHEDULES, configuration

SOUND = configuration()
MARKET = PARAMETERS[0]
FLOOR_AT = CONFIGURATION_WORDS - 1
SCHEDULES_AT = FLOOR_AT - c.MARKETS
MARKETS_AT = SCHEDULES_AT - c.MARKETS
SCHEDULE = MarginSchedule(10, 20, 25, 50_000, 5_000, 60_000, 70_000, 3_600)
PARAMETER_FAULTS = [
    {"min_size": 0},
    {"min_size": 61},
    {"quote_per_tick_lot": 0},
    {"quote_per_tick_lot": 1 << 20},
    {"maintenance_ppm": 0},
    {"maintenance_ppm": 100_001},
    {"initial_ppm": 1 << 20},
    {"band_ppm": 0},
    {"band_ppm": 1 << 20},
    {"max_position": 1 << 28},
    {"max_move_ppm": 0},
    {"max_move_ppm": 1 << 20},
    {"halt_seconds": 0},
    {"halt_seconds": 1 << 20},
    {"liquidation_fee_ppm": -1},
    {"liquidation_fee_ppm": 1 << 20},
    {"interest_ppm": -1},
    {"interest_ppm": 1 << 14},
]


def tiers(*changed: FeeTier) -> Configuration:
    return replace(SOUND, tiers=(*changed, *SOUND.tiers[len(changed) :]))


def of_markets(*markets: MarketParameters) -> Configuration:
    return replace(SOUND, markets=markets, schedules=(STATIC,) * len(markets))


def test_the_configurations_of_the_tests_are_sound() -> None:
    SOUND.check()
    for parameters in PARAMETERS:
        parameters.check()


@pytest.mark.parametrize("faults", PARAMETER_FAULTS, ids=str)
def test_unsafe_market_parameters_are_refused(faults: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must"):
        replace(PARAMETERS[0], **faults).check()


def test_the_largest_position_keeps_notional_in_range() -> None:
    largest = replace(PARAMETERS[0], quote_per_tick_lot=1, max_position=1 << 28)
    largest.check()
    with pytest.raises(ValueError, match=r"2\^60"):
        replace(largest, max_position=(1 << 28) + 1).check()


@pytest.mark.parametrize(
    "unsafe",
    [
        tiers(FeeTier(501, 500)),
        tiers(FeeTier(0, 1 << 19)),
        tiers(FeeTier(-101, 500)),
        tiers(FeeTier(0, -1)),
        tiers(FeeTier(-100, 99)),
        replace(SOUND, tiers=SOUND.tiers[:3]),
        replace(SOUND, oracle_keys=SOUND.oracle_keys[:4]),
    ],
)
def test_a_fee_schedule_under_which_a_trade_costs_the_venue_is_refused(unsafe: Configuration) -> None:
    with pytest.raises(ValueError, match=r"tier|rebate"):
        unsafe.check()


@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_the_liquidation_fee_of_each_market_covers_the_largest_rebate(slot: int) -> None:
    """The largest rebate may be of any tier."""

    def charging(fee: int) -> Configuration:
        fees = (fee if place == slot else fee + 1 for place in range(c.MARKETS))
        markets = (replace(MARKET, liquidation_fee_ppm=each) for each in fees)
        return replace(of_markets(*markets), tiers=tiers(FeeTier(0, 500), FeeTier(-100, 500)).tiers)

    charging(100).check()
    with pytest.raises(ValueError, match="liquidation_fee_ppm must cover the largest rebate"):
        charging(99).check()


def test_a_liquidation_may_be_free_where_no_maker_gets_a_rebate() -> None:
    free = replace(MARKET, liquidation_fee_ppm=0)
    replace(tiers(*[FeeTier(0, 500)] * c.TIERS), markets=(free,)).check()
    replace(tiers(*[FeeTier(1, 500)] * c.TIERS), markets=(free,)).check()


@pytest.mark.parametrize("bad", [(1, 1), (0, 1), (0, c.FIELD_MODULUS - 1)])
def test_an_oracle_key_that_no_batch_could_hold_is_refused(bad: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="oracle key"):
        replace(SOUND, oracle_keys=(bad, *SOUND.oracle_keys[1:])).check()


@pytest.mark.parametrize(
    "other",
    [
        tiers(FeeTier(-99, 500)),
        tiers(FeeTier(-100, 501)),
        replace(SOUND, oracle_max_age_seconds=61),
        replace(SOUND, oracle_keys=SOUND.oracle_keys[::-1]),
        of_markets(PARAMETERS[1]),
        of_markets(*PARAMETERS[:2]),
        of_markets(),
        *(
            replace(SOUND, markets=(replace(MARKET, **{field.name: getattr(MARKET, field.name) + 1}),))
            for field in fields(MARKET)
        ),
        *(
            replace(
                SOUND,
                schedules=(replace(SCHEDULES[0], **{field.name: getattr(SCHEDULES[0], field.name) + 1}),),
            )
            for field in fields(MarginSchedule)
        ),
        replace(SOUND, insurance_floor=1),
    ],
)
def test_the_configuration_hash_covers_fees_keys_age_markets_schedules_and_floor(
    other: Configuration,
) -> None:
    assert other.hash() != SOUND.hash()


def test_the_hash_of_the_first_words_stands_beside_schedules_and_floor() -> None:
    told = replace(SOUND, schedules=(SCHEDULE,), insurance_floor=9)
    words = told.words()
    assert told.hash() == poseidon((poseidon(words[:16]), *words[16:]))
    assert words[16:] == (SCHEDULE.word(), 0, 0, 0, 9)


@pytest.mark.parametrize("floor", [-1, c.COLLATERAL_BOUND])
def test_a_floor_that_no_fund_could_reach_is_refused(floor: int) -> None:
    replace(SOUND, insurance_floor=c.COLLATERAL_BOUND - 1).check()
    with pytest.raises(ValueError, match="insurance_floor"):
        replace(SOUND, insurance_floor=floor).check()


def test_a_market_that_is_unsafe_makes_its_configuration_unsafe() -> None:
    unsafe = replace(PARAMETERS[1], min_size=0)
    with pytest.raises(ValueError, match="min_size"):
        of_markets(MARKET, unsafe).check()


def test_a_schedule_that_is_unsafe_makes_its_configuration_unsafe() -> None:
    """The margin of the second market leaves its schedule no room, that of the first would."""
    dear = replace(PARAMETERS[1], initial_ppm=950_001)
    sound = replace(of_markets(MARKET, dear), schedules=(SCHEDULE, STATIC))
    sound.check()
    with pytest.raises(ValueError, match="addon_max_ppm"):
        replace(sound, schedules=(STATIC, SCHEDULE)).check()


@pytest.mark.parametrize("schedules", [(), (STATIC,) * 2])
def test_each_market_has_one_schedule(schedules: tuple[MarginSchedule, ...]) -> None:
    with pytest.raises(ValueError, match=f"{len(schedules)} schedules for 1 markets"):
        replace(SOUND, schedules=schedules).check()


def test_there_are_no_more_markets_than_slots() -> None:
    of_markets(*PARAMETERS).check()
    with pytest.raises(ValueError, match="5 markets do not fit 4 slots"):
        of_markets(*PARAMETERS, MARKET).check()


@pytest.mark.parametrize("age", [0, 60, (1 << c.TIME_BITS) - 1])
@pytest.mark.parametrize("markets", range(c.MARKETS + 1))
def test_a_configuration_comes_back_from_its_words(age: int, markets: int) -> None:
    schedules = (SCHEDULE, STATIC, SCHEDULE, STATIC)[:markets]
    told = replace(
        of_markets(*PARAMETERS[:markets]),
        oracle_max_age_seconds=age,
        schedules=schedules,
        insurance_floor=age,
    )
    assert Configuration.from_words(told.words()) == told


def test_the_words_of_markets_and_of_schedules_come_one_a_slot_before_the_floor() -> None:
    words = replace(of_markets(*PARAMETERS[:2]), schedules=(STATIC, SCHEDULE)).words()
    assert words[MARKETS_AT:SCHEDULES_AT] == (PARAMETERS[0].word(), PARAMETERS[1].word(), 0, 0)
    assert words[SCHEDULES_AT:FLOOR_AT] == (STATIC.word(), SCHEDULE.word(), 0, 0)
    assert live_markets(words[MARKETS_AT:SCHEDULES_AT]) == PARAMETERS[:2]
    assert live_markets((0,) * c.MARKETS) == ()


@given(st.data())
def test_parameters_come_back_from_their_word(data: st.DataObject) -> None:
    widths = (c.PPM_BITS,) * 4 + (c.SIZE_BITS,) * 2 + (c.PPM_BITS, c.HALT_BITS, c.PPM_BITS, c.INTEREST_BITS)
    told = MarketParameters(*(data.draw(st.integers(0, (1 << bits) - 1)) for bits in widths))
    assert MarketParameters.from_word(told.word()) == told


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({0: SOUND.fee_word() + (1 << 8 * c.PPM_BITS)}, "bits beyond"),
        ({0: 0}, "rebate"),
        ({1: 1 << c.TIME_BITS}, "age"),
        ({2: SOUND.words()[2] + 1}, "key"),
        ({MARKETS_AT: MARKET.word() + (1 << c.MARKET_PARAMETER_BITS)}, "bits beyond"),
        ({MARKETS_AT: replace(MARKET, min_size=MARKET.max_position + 1).word()}, "min_size"),
        ({MARKETS_AT: replace(MARKET, liquidation_fee_ppm=99).word()}, "rebate"),
        ({MARKETS_AT: 0, MARKETS_AT + 1: MARKET.word()}, "liquidation_fee_ppm"),
        ({SCHEDULES_AT: STATIC.word() + (1 << 190)}, "bits beyond"),
        ({SCHEDULES_AT: replace(SCHEDULE, addon_max_ppm=900_001).word()}, "addon_max_ppm"),
        ({SCHEDULES_AT: 0}, "open_interest"),
        ({SCHEDULES_AT + 1: STATIC.word()}, "bits beyond"),
        ({FLOOR_AT: c.COLLATERAL_BOUND}, "insurance_floor"),
    ],
    ids=[
        "bits beyond the fees",
        "fees that lose money",
        "age",
        "key",
        "bits beyond the parameters",
        "unsafe parameters",
        "a liquidation fee below the largest rebate",
        "a market after an empty slot",
        "bits beyond the schedule",
        "an unsafe schedule",
        "no schedule",
        "a schedule without a market",
        "a floor out of range",
    ],
)
def test_words_of_no_configuration_are_refused(changes: dict[int, int], cause: str) -> None:
    words = list(SOUND.words())
    for place, word in changes.items():
        words[place] = word
    with pytest.raises(ValueError, match=cause):
        Configuration.from_words(words)


def test_a_configuration_has_all_its_words() -> None:
    assert CONFIGURATION_WORDS == 21
    with pytest.raises(ValueError, match="20 words"):
        Configuration.from_words(SOUND.words()[1:])


def test_all_of_a_market_but_its_unit_may_change() -> None:
    assert len(SOUND.markets) == 1
    changed = MarketParameters(MARKET.quote_per_tick_lot, 1, 1, 1, 1, 1)
    replace(SOUND, markets=(changed,)).check_follows(SOUND.markets)


@pytest.mark.parametrize(
    ("markets", "cause"),
    [
        (PARAMETERS[:1], "the number of markets is 2 for ever, not 1"),
        (PARAMETERS[:3], "the number of markets is 2 for ever, not 3"),
        (PARAMETERS[1::-1], "quote_per_tick_lot of market 0 is 100 for ever, not 40"),
        ((MARKET, replace(PARAMETERS[1], quote_per_tick_lot=8)), "market 1 is 40 for ever, not 8"),
    ],
    ids=["closes one", "opens one", "swaps two", "another unit"],
)
def test_no_configuration_of_other_markets_follows(markets: tuple[MarketParameters, ...], cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        replace(SOUND, markets=markets).check_follows(PARAMETERS[:2])


def test_nobody_knows_the_secret_of_the_default_key() -> None:
    """It is eight times the point that the seed hashes to, with the smaller y."""
    p = c.FIELD_MODULUS
    x = int.from_bytes(sha256(c.DEFAULT_KEY_SEED).digest(), "big") % p
    point = (x, _smaller_y(x))
    for _ in range(3):
        point = _double(point)
    assert point == c.DEFAULT_KEY
    assert is_valid_key(*c.DEFAULT_KEY)


A, D = 168700, 168696


def _smaller_y(x: int) -> int:
    """Solve a x^2 + y^2 = 1 + d x^2 y^2."""
    p = c.FIELD_MODULUS
    square = (1 - A * x * x) * pow(1 - D * x * x, -1, p) % p
    y = _square_root(square)
    return min(y, p - y)


def _square_root(square: int) -> int:
    """Cipolla's algorithm: p - 1 has too many factors 2 for a shorter one."""
    p = c.FIELD_MODULUS
    a = next(a for a in range(1, p) if pow(a * a - square, (p - 1) // 2, p) == p - 1)
    omega = (a * a - square) % p
    result, base, exponent = (1, 0), (a, 1), (p + 1) // 2

    def times(u: tuple[int, int], v: tuple[int, int]) -> tuple[int, int]:
        return (u[0] * v[0] + omega * u[1] * v[1]) % p, (u[0] * v[1] + u[1] * v[0]) % p

    while exponent:
        if exponent & 1:
            result = times(result, base)
        base, exponent = times(base, base), exponent >> 1
    root, rest = result
    assert rest == 0
    assert root * root % p == square
    return root


def _double(point: tuple[int, int]) -> tuple[int, int]:
    p = c.FIELD_MODULUS
    x, y = point
    product = D * x * x * y * y
    return (
        2 * x * y * pow(1 + product, -1, p) % p,
        (y * y - A * x * x) * pow(1 - product, -1, p) % p,
    )
