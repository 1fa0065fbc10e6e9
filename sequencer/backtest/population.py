"""Who takes part in a backtest: how many of each kind, and what chance makes of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from sequencer.backtest.agents.agent import Agent
from sequencer.backtest.agents.arbitrageur import Arbitrageur
from sequencer.backtest.agents.leveraged import Leveraged
from sequencer.backtest.agents.maker import Maker
from sequencer.backtest.agents.squeezer import Squeezer
from sequencer.backtest.agents.straddler import Straddler
from sequencer.model.codes import Side
from sequencer.model.constants import FIRST_ACCOUNT, PPM_UNIT
from sequencer.replay.takers import Noise
from sequencer.replay.terms import LOTS_PER_BITCOIN, QUOTE_PER_DOLLAR

LONGS: Final = 80
SHORTS: Final = 50
ARBITRAGEURS: Final = 3
NOISE: Final = 8
_NEVER_STOPS: Final = PPM_UNIT
# First rung in bitcoin, half spread, and the range of a minute that is too much: the boldest is the dearest.
_MAKERS: Final = (
    (2, 100, 15_000),
    (2, 200, 20_000),
    (3, 300, 30_000),
    (3, 500, 45_000),
    (4, 700, 70_000),
    (4, 1_000, 120_000),
)


@dataclass(frozen=True, slots=True)
class Participant:
    """An account and who acts for it.

    Attributes
    ----------
    kind : str
        What it is called in reports.
    deposit : int
        Quote units.
    chance : float
        Of acting in an epoch.
    agent : Agent or None
        None where the agent of another account acts for it.
    """

    account: int
    kind: str
    deposit: int
    chance: float
    agent: Agent | None


def population(seed: int, leverage: int) -> list[Participant]:
    """Return everybody, in the order of their accounts.

    Parameters
    ----------
    leverage
        What the leveraged traders take at most.
    """
    random = Random(f"proofbook backtest population of seed {seed}")
    everybody: list[Participant] = []

    def join(kind: str, dollars: int, chance: float, agent: Agent | None) -> None:
        account = FIRST_ACCOUNT + len(everybody)
        everybody.append(Participant(account, kind, dollars * QUOTE_PER_DOLLAR, chance, agent))

    for bitcoin, spread_ppm, panic_ppm in _MAKERS:
        maker = Maker(bitcoin * LOTS_PER_BITCOIN, spread_ppm, leverage=4, panic_ppm=panic_ppm)
        join("maker", 400_000, 0.9, maker)
    for kind, side, number in (("long", Side.BUY, LONGS), ("short", Side.SELL, SHORTS)):
        for dollars, agent in _leveraged(random, side, number, leverage):
            join(kind, dollars, 0.5, agent)
    for index in range(ARBITRAGEURS):
        deep_ppm = 12_000 + 8_000 * index
        join("arbitrageur", 300_000, 0.8, Arbitrageur(5 * LOTS_PER_BITCOIN, 1_500, deep_ppm, leverage=3))
    for _ in range(NOISE):
        join("noise", 25_000, 0.3, Noise(size=LOTS_PER_BITCOIN // 2, leverage=3))
    join("squeezer", 200_000, 1.0, Squeezer(10 * LOTS_PER_BITCOIN, 4_000, 30_000, leverage=4))
    partner = FIRST_ACCOUNT + len(everybody) + 1
    join("straddler", 50_000, 1.0, Straddler(partner, trigger_ppm=20_000))
    join("straddler", 50_000, 1.0, None)
    return everybody


def _leveraged(random: Random, side: Side, number: int, leverage: int) -> Iterator[tuple[int, Leveraged]]:
    """Yield deposits in dollars, small ones more often, and traders, half of whom have a stop."""
    for _ in range(number):
        dollars = round(2_000 * 40 ** random.random())
        leverage_ppm = random.randint(leverage * PPM_UNIT // 2, leverage * PPM_UNIT)
        patience = 1 - 0.2 * 0.02 ** random.random()
        stop_ppm = random.randint(200_000, 500_000) if random.random() < 0.5 else _NEVER_STOPS
        target_ppm = random.randint(200_000, 2_000_000)
        deposit = dollars * QUOTE_PER_DOLLAR
        yield dollars, Leveraged(side, leverage_ppm, patience, stop_ppm, target_ppm, deposit)
