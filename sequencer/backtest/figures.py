"""What is measured: one record an epoch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EpochFigures:
    """What happened in an epoch and how things stood at its end; money in quote units.

    Attributes
    ----------
    time : int
        Seconds.
    index, mark : int
        Ticks: the recorded price, and what the oracle made of it.
    halted, reduce_only, settled : bool
        Whether the market took no orders, only those that reduce, or only these at a mark that stands still;
        a settled one counts as reduce-only too.
    uninsured : bool
        Whether the insurance fund had been below its floor when the epoch opened.
    initial_ppm, maintenance_ppm : int
        Margin rates in force.
    spread_ppm : int or None
        At the end, None where a side of the book was empty.
    volume : int
        Notional of all trades, those of liquidations included.
    cancelled : int
        Liquidations that cancelled an account's orders.
    book_fills, book_volume : int
        Trades of liquidations, and their notional.
    takeovers, taken_volume : int
        What the insurance fund took, at the mark.
    unwinding_fills, unwound_lots : int
        Trades by which the insurance fund reduced its position, and their lots.
    waiting : int
        Accounts that the venue had to leave below their maintenance margin, the most at a time.
    fund_equity, fund_position : int
        Of the insurance fund, the position in signed lots.
    funding : int
        What longs owed shorts for the time before the epoch, signed, rounded down.
    rate_ppm : int
        Funding rate of 8 hours that holds from the epoch on, signed.
    charged : int
        What the winning side was charged when the epoch ended.
    funding_pool : int
        Signed: what some have paid less what others have been paid.
    accounts_below_zero : int
        Accounts of negative equity at the end, the fund left out.
    account_shortfall : int
        What these accounts lack together.
    margin_held : int
        Initial margin of all accounts' positions, the fund left out.
    loss, loss_margin : int
        What positions lost by the move of the mark into this epoch, and the initial margin of those who lost,
        at the mark before.
    """

    time: int
    index: int
    mark: int
    halted: bool
    reduce_only: bool
    settled: bool
    uninsured: bool
    initial_ppm: int
    maintenance_ppm: int
    messages: int
    trades: int
    volume: int
    spread_ppm: int | None
    open_interest: int
    cancelled: int
    book_fills: int
    book_volume: int
    takeovers: int
    taken_volume: int
    unwinding_fills: int
    unwound_lots: int
    waiting: int
    fund_equity: int
    fund_position: int
    funding: int
    rate_ppm: int
    charged: int
    funding_pool: int
    accounts_below_zero: int
    account_shortfall: int
    margin_held: int
    loss: int
    loss_margin: int

    @property
    def fund_shortfall(self) -> int:
        """What the insurance fund lacks."""
        return max(-self.fund_equity, 0)

    @property
    def uncovered(self) -> int:
        """What the accounts above zero could not be paid if all positions were closed at the mark."""
        return max(self.account_shortfall - self.fund_equity, 0)
