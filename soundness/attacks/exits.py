"""Exits: who leaves is settled at the indices of the state that it leaves."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from sequencer.batch.signals import Inputs
from sequencer.model import constants as c
from sequencer.model.market import Market
from sequencer.model.words import to_field
from sequencer.state.published import PublishedState
from soundness.attacks.attack import ExitAttack, Leaving, in_slot
from soundness.attacks.exchange import MARK, PLAIN, RICH, trader
from tests.state.published import published

LEAVER, COUNTERPARTY = 1, 2
UNIT: Final = c.INDEX_UNIT
LOTS: Final = 100
OWED: Final = 851
"""Of 8.5 units a lot and a part of one."""
MARKET: Final = replace(PLAIN, long_index=9 * UNIT, short_index=-3 * UNIT, open_interest=LOTS)

CHARGE: Final = "who leaves pays the ceiling of |size| x (index of the side - index settled)"
ROOT: Final = "positions, their indices and those of the markets are under the exit root"
READING: Final = "a position's word has one size and one index"


def _state() -> PublishedState:
    """Return a state with a long that was settled half a unit and a bit after genesis."""
    accounts = {
        LEAVER: trader(LEAVER, positions=(LOTS, 0, 0, 0), indices=(UNIT // 2 - 1, 0, 0, 0)),
        COUNTERPARTY: trader(COUNTERPARTY, positions=(-LOTS, 0, 0, 0)),
    }
    return published(accounts, (MARKET, *[Market()] * (c.MARKETS - 1)))


EXIT: Final = Leaving(_state, LEAVER)


def _paying(charge: int) -> Callable[[Inputs], Inputs]:
    """Claim what the account is worth after another charge."""

    def tamper(inputs: Inputs) -> Inputs:
        settled = RICH - charge
        return inputs | {"settled": to_field(settled), "equity": to_field(settled + LOTS * MARK)}

    return tamper


def _with(charge: int = 0, **words: int) -> Callable[[Inputs], Inputs]:
    """Claim other words of the market or of the position, and the charge that they make."""
    return lambda inputs: in_slot(_paying(charge)(inputs), 0, **words)


def _attack(name: str, claim: str, rule: str, tamper: Callable[[Inputs], Inputs], *where: str) -> ExitAttack:
    return ExitAttack(name, claim, rule, EXIT, where, tamper)


ATTACKS = (
    _attack("leave-without-settling", "who leaves pays what it owes", CHARGE, _paying(0), "Settlement"),
    _attack(
        "leave-for-a-unit-more",
        "a charge is rounded against the account",
        CHARGE,
        _paying(OWED - 1),
        "Settlement",
    ),
    _attack("leave-for-a-unit-less", "nobody is cut short", CHARGE, _paying(OWED + 1), "Settlement"),
    _attack(
        "leave-for-a-fraction-modulo-p",
        "a charge is an integer",
        CHARGE,
        _paying((17 * LOTS * UNIT // 2 + LOTS) * pow(UNIT, -1, c.FIELD_MODULUS)),
        "Settlement",
    ),
    _attack(
        "leave-with-a-newer-index",
        "who leaves pays since it was settled",
        ROOT,
        _with(index=MARKET.long_index),
        "PathRoot",
    ),
    _attack(
        "leave-at-an-older-index",
        "who leaves pays up to the state that it leaves",
        ROOT,
        _with(longIndex=UNIT // 2 - 1),
        "Exit",
    ),
    _attack(
        "leave-at-the-other-sides-index",
        "a side pays its own index",
        ROOT,
        _with(-349, longIndex=to_field(MARKET.short_index), shortIndex=MARKET.long_index),
        "Exit",
    ),
    _attack(
        "leave-with-another-reading-of-a-position",
        "nobody has lots that are an index",
        READING,
        _with(position=LOTS + (1 << c.POSITION_INDEX_AT), index=UNIT // 2 - 2),
        "PositionSide",
    ),
)
