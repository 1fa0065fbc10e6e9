"""The parameters of markets: those of the configuration, within bounds that no configuration may leave."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import records
from sequencer.batch.signals import Inputs
from sequencer.batch.stream import StreamSlot
from sequencer.engine import matching
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.market import MarketParameters
from sequencer.model.schedule import STATIC
from soundness.attacks.attack import STATE, Cheat, CircuitAttack, Scenario, Tamper, around, at_seal, replaced
from soundness.attacks.configuration import HASH, using
from soundness.attacks.exchange import PLAIN, SELL, Exchange, resting, trader

TAKER, MAKER = 2, 3
OLD: Final = PLAIN.parameters
NEW: Final = replace(OLD, initial_ppm=200_000, max_position=500)
BOUNDS: Final = "the parameters of a live market keep their bounds"
UNIT: Final = "quote_per_tick_lot is the lowest field of the word before"
STAYS: Final = "a market's unit stays, for positions are counted in it"
LIVE: Final = "parameters are 0 exactly where there is no market"
RECORD: Final = "words changed are present, no others"
PARAMETER_WORD, RISK_WORD = 3, 4
"""Of a market's record."""


def _with(parameters: MarketParameters) -> Callable[[Configuration], Configuration]:
    return lambda terms: replace(terms, markets=(parameters,))


def _with_rebates_above_the_liquidation_fee(terms: Configuration) -> Configuration:
    markets = (replace(OLD, liquidation_fee_ppm=99),)
    return replace(terms, tiers=(FeeTier(-100, 100),) * c.TIERS, markets=markets)


def _book() -> Exchange:
    return Exchange(orders=[resting(1, MAKER, SELL, 1_001, 5)])


def _changed() -> Exchange:
    """Let the batch before consume a change to `NEW`."""
    exchange = _book()
    exchange.change(_with(NEW)(exchange.state.configuration))
    return exchange


def _lowered() -> Exchange:
    """Let a change lower the largest position below the taker's."""
    accounts = {
        TAKER: trader(TAKER, positions=(600, 0, 0, 0)),
        4: trader(4, positions=(-600, 0, 0, 0)),
    }
    exchange = Exchange(accounts, [resting(1, MAKER, SELL, 1_000, 10)])
    exchange.change(_with(NEW)(exchange.state.configuration))
    return exchange


def _buy(exchange: Exchange) -> None:
    exchange.buy(TAKER, 2, 1_001)


TRADE = Scenario(_book, _buy)
CHANGED = Scenario(_changed, _buy)
LOWERED = Scenario(_lowered, _buy)


def enacting(lie: Callable[[Configuration], Configuration]) -> Cheat:
    """Return the cheat that enacts a configuration which nobody checks; its hash is published."""

    def opened(honest: Callable[[Exchange], None], exchange: Exchange) -> None:
        with replaced((Exchange, "open", honest))():
            exchange.change(lie(exchange.state.configuration))
        honest(exchange)

    return replaced(
        around(Exchange, "open", opened),
        (Configuration, "check", lambda terms: None),
        (Configuration, "check_follows", lambda terms, markets: None),
    )


def keeping_old(honest: Callable[[Exchange], None], exchange: Exchange) -> None:
    """Open a batch as if there had been no change."""
    exchange.enacted = None
    exchange.state.require_configuration(exchange.state.configuration.hash())
    honest(exchange)


def _keep_old_word(state: State) -> None:
    state.put_market(0, replace(state.market(0), parameters=OLD))


def _solved_rest(inputs: Inputs) -> Inputs:
    """Solve word = unit + 2^20 x rest in the field."""
    words, units = inputs["marketParameterWord"], inputs["marketQuotePerTickLot"]
    assert isinstance(words, list)
    assert isinstance(units, list)
    shift = pow(1 << c.MARKET_INITIAL_AT, -1, c.FIELD_MODULUS)
    rests = [(word - unit) * shift % c.FIELD_MODULUS for word, unit in zip(words, units, strict=True)]
    return {**inputs, "marketUnitRest": rests}


def recorded(lie: Callable[[list[StreamSlot]], list[StreamSlot]]) -> Cheat:
    """Return the cheat that writes another record of the first market; the counts fit the lie."""

    def record(honest: Callable[..., list[StreamSlot]], slot: int, *markets: Any) -> list[StreamSlot]:
        slots = honest(slot, *markets)
        return lie(slots) if slot == 0 else slots

    return replaced(around(records, "market_record", record))


def without_word(place: int) -> Callable[[list[StreamSlot]], list[StreamSlot]]:
    """Return the lie that leaves a word out of a record, bitmap included."""

    def lie(slots: list[StreamSlot]) -> list[StreamSlot]:
        head, *words = slots
        assert head is not None
        assert words[place] is not None
        words[place] = None
        return [head & ~(1 << (c.RECORD_BITMAP_AT + place)), *words]

    return lie


def with_word(place: int, word: int) -> Callable[[list[StreamSlot]], list[StreamSlot]]:
    """Return the lie that puts another word into a record, bitmap included."""

    def lie(slots: list[StreamSlot]) -> list[StreamSlot]:
        head, *words = slots
        assert head is not None
        words[place] = word
        return [head | 1 << (c.RECORD_BITMAP_AT + place), *words]

    return lie


def _attack(
    name: str,
    claim: str,
    cheat: Cheat,
    *where: str,
    rule: str = HASH,
    scenario: Scenario = TRADE,
    tamper: Tamper = dict,
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where or ("Batch",), cheat, tamper)


_THEIRS: Final = "a market's parameters are those that the contract holds"
_BROKEN: Final = {
    "a-maintenance-above-the-initial-margin": replace(OLD, maintenance_ppm=OLD.initial_ppm + 1),
    "no-maintenance-margin": replace(OLD, maintenance_ppm=0),
    "a-smallest-size-of-0": replace(OLD, min_size=0),
    "a-smallest-size-beyond-the-largest-position": replace(OLD, min_size=OLD.max_position + 1),
    "positions-beyond-all-bounds": replace(OLD, max_position=(1 << 28) + 1),
}

ATTACKS = (
    _attack(
        "trade-at-lower-margin-rates", _THEIRS, replaced(*using(_with(replace(OLD, initial_ppm=50_000))))
    ),
    _attack(
        "trade-up-to-a-larger-position",
        _THEIRS,
        replaced(*using(_with(replace(OLD, max_position=1_000_000)))),
    ),
    _attack(
        "trade-in-a-wider-band",
        _THEIRS,
        replaced(*using(_with(replace(OLD, band_ppm=(1 << c.PPM_BITS) - 1)))),
    ),
    _attack(
        "keep-the-old-parameters-after-a-change",
        "a change holds from the next batch on",
        replaced(around(Exchange, "open", keeping_old)),
        scenario=CHANGED,
    ),
    _attack(
        "keep-the-old-parameters-in-the-leaf",
        "a change holds from the next batch on",
        at_seal(_keep_old_word),
        *STATE,
        rule="the new leaf has the configuration's word",
        scenario=CHANGED,
    ),
    _attack(
        "change-the-unit-of-a-market",
        STAYS,
        enacting(_with(replace(OLD, quote_per_tick_lot=2))),
        "UnitOf",
        rule=UNIT,
    ),
    _attack(
        "solve-for-another-unit-of-a-market",
        STAYS,
        enacting(_with(replace(OLD, quote_per_tick_lot=2))),
        "UnitOf",
        rule=UNIT,
        tamper=_solved_rest,
    ),
    *(
        _attack(
            f"enact-{name}",
            "no configuration breaks the arithmetic of margins",
            enacting(_with(parameters)),
            "LoadedParameters",
            rule=BOUNDS,
        )
        for name, parameters in _BROKEN.items()
    ),
    _attack(
        "enact-a-rebate-above-a-taker-fee",
        "no trade takes from the fee pool",
        enacting(lambda terms: replace(terms, tiers=(FeeTier(-200, 300), *[FeeTier(0, 199)] * 3))),
        "FeeSchedule",
        rule="the lowest taker rate covers the largest rebate",
    ),
    _attack(
        "enact-a-rebate-above-a-liquidation-fee",
        "no liquidation through the book takes from the insurance fund",
        enacting(_with_rebates_above_the_liquidation_fee),
        "Configuration",
        rule="the liquidation fee of each live market covers the largest rebate",
    ),
    _attack(
        "open-a-market-by-a-change",
        "markets are created at genesis",
        enacting(lambda terms: replace(terms, markets=(OLD, OLD), schedules=(STATIC, STATIC))),
        "LoadedParameters",
        rule=LIVE,
    ),
    _attack(
        "close-a-market-by-a-change",
        "a market stays",
        enacting(lambda terms: replace(terms, markets=(), schedules=())),
        "LoadedParameters",
        rule=LIVE,
    ),
    _attack(
        "grow-a-position-that-a-change-left-too-large",
        "a position beyond the largest one only shrinks",
        replaced((matching, "judge_fill", lambda *arguments, **named: None)),
        "OrderExchange",
        rule="BOUNDS: |x'| <= max_position, or the fill reduces",
        scenario=LOWERED,
    ),
    _attack(
        "hide-changed-parameters",
        "every change of a market is published",
        recorded(without_word(PARAMETER_WORD)),
        rule=RECORD,
        scenario=CHANGED,
    ),
    _attack(
        "publish-other-parameters",
        "what is published is so",
        recorded(with_word(PARAMETER_WORD, replace(NEW, initial_ppm=OLD.initial_ppm).word())),
        rule=RECORD,
        scenario=CHANGED,
    ),
    _attack(
        "publish-parameters-that-did-not-change",
        "a stream has one form",
        recorded(with_word(PARAMETER_WORD, OLD.word())),
        rule=RECORD,
    ),
)
