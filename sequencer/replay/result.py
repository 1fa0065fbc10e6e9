"""What a replay came to."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sequencer.engine.margin import health
from sequencer.engine.state import State
from sequencer.replay.checks import Check
from sequencer.replay.history import History, Trade
from sequencer.replay.terms import MARKET
from sequencer.replay.traders import Trader


@dataclass(frozen=True, slots=True)
class TraderResult:
    """One trader's day; money in quote units, the position in lots.

    Attributes
    ----------
    equity : int
        What the account is worth at the last mark, and what was withdrawn from it.
    fees : int
        Paid, less rebates.
    """

    name: str
    style: str
    account: int
    deposit: int
    equity: int
    profit: int
    fees: int
    trades: int
    position: int


@dataclass(frozen=True, slots=True)
class WithdrawalResult:
    """The withdrawal at the end; quote units.

    Attributes
    ----------
    equity : int
        What the account was worth when it asked.
    paid : int
        What its wallet received on L1.
    """

    name: str
    account: int
    batch_number: int
    equity: int
    paid: int


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Everything that a replay shows in the end."""

    history: History
    traders: Sequence[TraderResult]
    withdrawal: WithdrawalResult
    checks: Sequence[Check]

    def to_json(self) -> dict[str, Any]:
        """Return the figures for programs; roots in hexadecimal, all else as it is."""
        return {
            "batches": [
                {**asdict(figures), "state_root": f"{figures.state_root:#066x}"}
                for figures in self.history.batches
            ],
            "traders": [asdict(result) for result in self.traders],
            "withdrawal": asdict(self.withdrawal),
            "outcomes": dict(self.history.outcomes),
            "checks": [asdict(check) for check in self.checks],
        }


def trader_results(
    state: State, traders: Sequence[Trader], trades: Sequence[Trade], withdrawal: WithdrawalResult
) -> list[TraderResult]:
    """Return each trader's result at the last mark."""
    return [_result(state, trader, trades, withdrawal) for trader in traders]


def _result(
    state: State, trader: Trader, trades: Sequence[Trade], withdrawal: WithdrawalResult
) -> TraderResult:
    account = state.account(trader.account)
    paid = withdrawal.paid if withdrawal.account == trader.account else 0
    equity = health(account, state.markets).equity + paid
    taken = [trade for trade in trades if trade.taker == trader.account]
    made = [trade for trade in trades if trade.maker == trader.account]
    return TraderResult(
        name=trader.name,
        style=trader.style,
        account=trader.account,
        deposit=trader.deposit,
        equity=equity,
        profit=equity - trader.deposit,
        fees=sum(trade.taker_fee for trade in taken) + sum(trade.maker_fee for trade in made),
        trades=len(taken) + len(made),
        position=account.positions[MARKET],
    )
