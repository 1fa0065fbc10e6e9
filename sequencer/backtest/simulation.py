"""One run: every recorded price is an epoch, in which everybody acts once and the venue does its duty."""

from collections import deque
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from sequencer.backtest.agents.agent import Action
from sequencer.backtest.conservation import require_conserved
from sequencer.backtest.figures import EpochFigures
from sequencer.backtest.meter import Meter
from sequencer.backtest.operator import reduce_risk
from sequencer.backtest.population import Participant, population
from sequencer.backtest.settings import Settings
from sequencer.backtest.venue import Venue
from sequencer.model.constants import PPM_UNIT
from sequencer.model.request import Request
from sequencer.replay.bars import BAR_SECONDS, MOMENTS, Bar
from sequencer.replay.strategy import View, as_taken

# The venue's turn among those of the participants.
_DUTY: Final = None


class Simulation:
    """The venue, its participants and what is measured of them.

    Attributes
    ----------
    index : int
        The recorded price of the epoch, in ticks.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.venue = Venue(settings)
        self.participants = population(settings.seed, settings.leverage)
        self.meter = Meter(self.venue.state)
        self.index = 0
        self._turns = Random(f"proofbook backtest turns of seed {settings.seed}")
        self._randoms = {
            one.account: Random(f"proofbook backtest agent {one.account} of seed {settings.seed}")
            for one in self.participants
        }
        self._seen: dict[int, int] = {}
        # The prices of a minute, from one end to the other.
        self._recent: deque[int] = deque(maxlen=MOMENTS + 1)

    def run(self, bars: Sequence[Bar]) -> Iterator[EpochFigures]:
        """Trade every bar; yield the figures of each epoch once it has been found to conserve everything.

        Raises
        ------
        ConservationError
            If it has not.
        """
        for number, bar in enumerate(bars):
            for moment, price in enumerate(bar.path()):
                self._open(bar.open_time + moment * BAR_SECONDS // MOMENTS, price)
                if number == moment == 0:
                    self._enrol()
                self._act()
                self.meter.hear_end(self.venue.close_epoch())
                require_conserved(self.venue.state, self.venue.net_deposits)
                yield self.meter.closed(price)

    def _open(self, time: int, price: int) -> None:
        self.index = price
        self._recent.append(price)
        self.venue.open_epoch(time, price)
        self.meter.opened()

    def _enrol(self) -> None:
        if insured := self.settings.insured():
            self.venue.insure(insured)
        for participant in self.participants:
            self.venue.enrol(participant.account, participant.deposit)

    def _act(self) -> None:
        """Let those act whom chance picks, in an order of chance, the venue among them and once more last."""
        acting: list[Participant | None] = [
            one for one in self.participants if one.agent and self._turns.random() < one.chance
        ]
        acting.append(_DUTY)
        self._turns.shuffle(acting)
        for participant in [*acting, _DUTY]:
            if participant is None:
                self._reduce_risk()
            else:
                self._decide(participant)

    def _reduce_risk(self) -> None:
        for events in reduce_risk(self.venue):
            self.meter.hear(events)
        self.meter.reduced()

    def _decide(self, participant: Participant) -> None:
        assert participant.agent is not None, "only those with an agent act"
        for action in participant.agent.decide(self._view(participant)):
            self._carry_out(action)
        self._seen[participant.account] = self.index

    def _carry_out(self, action: Action) -> None:
        """Pass an action to the venue, as far as the market takes it."""
        if isinstance(action, Request):
            self.venue.request(action)
        elif message := as_taken(action, self.venue.state):
            self.meter.hear(self.venue.send(message))

    def _view(self, participant: Participant) -> View:
        return View(
            state=self.venue.state,
            number=participant.account,
            time=self.venue.state.timestamp,
            price=self.index,
            last_price=self._seen.get(participant.account, self.index),
            range_ppm=(max(self._recent) - min(self._recent)) * PPM_UNIT // self.index,
            random=self._randoms[participant.account],
        )
