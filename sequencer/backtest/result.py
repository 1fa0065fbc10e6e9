"""A run and what it shows in the end."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Final

from sequencer.backtest.figures import EpochFigures
from sequencer.backtest.settings import Settings
from sequencer.backtest.simulation import Simulation
from sequencer.backtest.summary import Summary, summarize
from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.model.funding import unsettled_of_all
from sequencer.replay.bars import Bar
from sequencer.replay.checks import Check
from sequencer.replay.terms import MARKET

FUND: Final = "insurance fund"


@dataclass(frozen=True, slots=True)
class Group:
    """All participants of a kind at the last mark; money in quote units.

    Attributes
    ----------
    liquidated : int
        Accounts that lost lots to the book or to the fund.
    """

    kind: str
    accounts: int
    deposited: int
    withdrawn: int
    equity: int
    liquidated: int

    @property
    def profit(self) -> int:
        """What they have won together."""
        return self.equity + self.withdrawn - self.deposited


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """Everything that one run shows."""

    settings: Settings
    bars: Sequence[Bar]
    epochs: Sequence[EpochFigures]
    summary: Summary
    groups: Sequence[Group]
    checks: Sequence[Check]

    def to_json(self) -> dict[str, Any]:
        """Return the figures for programs."""
        return self.outcome() | {
            "epochs": [
                asdict(epoch) | {"fund_shortfall": epoch.fund_shortfall, "uncovered": epoch.uncovered}
                for epoch in self.epochs
            ],
        }

    def outcome(self) -> dict[str, Any]:
        """Return the figures for programs, without those of each epoch."""
        return {
            "settings": self.settings.to_json(),
            "summary": asdict(self.summary),
            "participants": [asdict(group) | {"profit": group.profit} for group in self.groups],
            "checks": [asdict(check) for check in self.checks],
        }


def conclude(simulation: Simulation, bars: Sequence[Bar], epochs: Sequence[EpochFigures]) -> BacktestResult:
    """Return what a run that is over came to."""
    return BacktestResult(
        settings=simulation.settings,
        bars=bars,
        epochs=epochs,
        summary=summarize(epochs, len(simulation.meter.liquidated)),
        groups=_groups(simulation),
        checks=_checks(simulation, len(epochs)),
    )


def _groups(simulation: Simulation) -> list[Group]:
    """Return the kinds in the order of their accounts, the fund last."""
    kinds = groupby(simulation.participants, key=lambda participant: participant.kind)
    groups = [_group(simulation, kind, [one.account for one in members]) for kind, members in kinds]
    return [*groups, _group(simulation, FUND, [c.INSURANCE_ACCOUNT])]


def _group(simulation: Simulation, kind: str, accounts: Sequence[int]) -> Group:
    venue = simulation.venue
    return Group(
        kind=kind,
        accounts=len(accounts),
        deposited=sum(venue.deposited[account] for account in accounts),
        withdrawn=sum(venue.withdrawn[account] for account in accounts),
        equity=sum(health(venue.state.account(account), venue.state.markets).equity for account in accounts),
        liquidated=len(simulation.meter.liquidated.intersection(accounts)),
    )


def _checks(simulation: Simulation, epochs: int) -> list[Check]:
    """Return what `require_conserved` saw after every epoch, with the figures of the last."""
    venue = simulation.venue
    state, accounts = venue.state, venue.state.accounts.values()
    collateral = sum(account.collateral for account in accounts)
    deposited, withdrawn = venue.deposited.total(), venue.withdrawn.total()
    owed = unsettled_of_all(accounts, state.markets)
    longs = sum(max(account.positions[MARKET], 0) for account in accounts)
    return [
        Check(
            f"money was conserved to the unit in each of {epochs} epochs: accounts + fee pool +"
            " funding pool = deposits - withdrawals",
            f"{collateral} + {state.fee_pool} + {state.funding_pool} = {deposited} - {withdrawn}",
            collateral + state.fee_pool + state.funding_pool == venue.net_deposits,
        ),
        Check(
            f"the funding pool was not short in any of {epochs} epochs: funding pool + what accounts owe it"
            " is not negative",
            f"{state.funding_pool} + {owed} = {state.funding_pool + owed}",
            state.funding_pool + owed >= 0,
        ),
        Check(
            f"long and short positions balanced in each of {epochs} epochs, and the open interest was theirs",
            f"{longs} lots long, open interest {state.market(MARKET).open_interest}",
            longs == state.market(MARKET).open_interest,
        ),
    ]
