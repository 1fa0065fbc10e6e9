"""What a run came to, in a few figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from sequencer.backtest.figures import EpochFigures
from sequencer.model.constants import PPM_UNIT


@dataclass(frozen=True, slots=True)
class Summary:
    """Sums and extremes over all epochs; money in quote units.

    Attributes
    ----------
    halts, halted_epochs : int
        How often the market halted, and for how many epochs together.
    reduce_only_epochs : int
        For how many it took only orders that reduce, those in which it was settled among them.
    uninsured_times, uninsured_epochs : int
        How often the insurance fund fell below its floor, and for how many epochs the market felt it.
    settlements, settled_epochs : int
        How often the market settled, and for how many epochs together.
    spread_ppm : int or None
        Median over the epochs in which both sides had an order.
    one_sided_epochs : int
        Epochs that ended without a bid or without an ask.
    accounts_liquidated : int
        Accounts that lost lots to the book or to the fund.
    waiting_most, waiting_epochs : int
        Accounts that had to wait at a time, and epochs in which one did.
    fund_position_largest : int
        Signed lots.
    account_shortfall_largest, fund_shortfall_largest, uncovered_largest : int
        Of the ends of all epochs.
    uncovered_at : int or None
        Second of the largest uncovered shortfall.
    funding : int
        What longs owed shorts, signed.
    rate_highest_ppm, rate_lowest_ppm : int
        Funding rates of 8 hours, signed.
    charges, socialized_loss, socialized_loss_largest : int
        How often the winning side was charged what the fund lacked, how much in all, and the most at a time.
    socialized_loss_at : int or None
        Second of the largest charge.
    initial_highest_ppm, initial_mean_ppm, maintenance_highest_ppm, maintenance_mean_ppm : int
        Margin rates that were in force, means rounded down.
    margin_held : int
        Initial margin of all positions, mean over the epochs with a position.
    loss_largest, loss_margin : int
        What all positions together lost at worst from one mark to the next, and the initial margin of those
        who lost.
    margin_used_ppm : int
        The largest loss of an epoch per margin of those who lost: above 1,000,000 it exceeded their margin.
    """

    epochs: int
    messages: int
    trades: int
    volume: int
    halts: int
    halted_epochs: int
    reduce_only_epochs: int
    uninsured_times: int
    uninsured_epochs: int
    settlements: int
    settled_epochs: int
    spread_ppm: int | None
    one_sided_epochs: int
    cancelled: int
    book_fills: int
    book_volume: int
    takeovers: int
    taken_volume: int
    unwinding_fills: int
    unwound_lots: int
    accounts_liquidated: int
    waiting_most: int
    waiting_epochs: int
    fund_equity: int
    fund_equity_lowest: int
    fund_position: int
    fund_position_largest: int
    account_shortfall_largest: int
    fund_shortfall_largest: int
    uncovered: int
    uncovered_largest: int
    uncovered_at: int | None
    funding: int
    rate_highest_ppm: int
    rate_lowest_ppm: int
    charges: int
    socialized_loss: int
    socialized_loss_largest: int
    socialized_loss_at: int | None
    funding_pool: int
    funding_pool_lowest: int
    initial_highest_ppm: int
    initial_mean_ppm: int
    maintenance_highest_ppm: int
    maintenance_mean_ppm: int
    margin_held: int
    loss_largest: int
    loss_margin: int
    margin_used_ppm: int


def summarize(epochs: Sequence[EpochFigures], accounts_liquidated: int) -> Summary:
    """Return the summary of a run of at least one epoch."""
    last, worst = epochs[-1], max(epochs, key=lambda epoch: epoch.uncovered)
    costliest = max(epochs, key=lambda epoch: epoch.loss)
    dearest = max(epochs, key=lambda epoch: epoch.charged)
    spreads = [epoch.spread_ppm for epoch in epochs if epoch.spread_ppm is not None]
    held = [epoch.margin_held for epoch in epochs if epoch.margin_held]
    halted, settled = [epoch.halted for epoch in epochs], [epoch.settled for epoch in epochs]
    uninsured = [epoch.uninsured for epoch in epochs]
    return Summary(
        epochs=len(epochs),
        messages=sum(epoch.messages for epoch in epochs),
        trades=sum(epoch.trades for epoch in epochs),
        volume=sum(epoch.volume for epoch in epochs),
        halts=_times(halted),
        halted_epochs=sum(halted),
        reduce_only_epochs=sum(epoch.reduce_only for epoch in epochs),
        uninsured_times=_times(uninsured),
        uninsured_epochs=sum(uninsured),
        settlements=_times(settled),
        settled_epochs=sum(settled),
        spread_ppm=median_low(spreads) if spreads else None,
        one_sided_epochs=len(epochs) - len(spreads),
        cancelled=sum(epoch.cancelled for epoch in epochs),
        book_fills=sum(epoch.book_fills for epoch in epochs),
        book_volume=sum(epoch.book_volume for epoch in epochs),
        takeovers=sum(epoch.takeovers for epoch in epochs),
        taken_volume=sum(epoch.taken_volume for epoch in epochs),
        unwinding_fills=sum(epoch.unwinding_fills for epoch in epochs),
        unwound_lots=sum(epoch.unwound_lots for epoch in epochs),
        accounts_liquidated=accounts_liquidated,
        waiting_most=max(epoch.waiting for epoch in epochs),
        waiting_epochs=sum(epoch.waiting > 0 for epoch in epochs),
        fund_equity=last.fund_equity,
        fund_equity_lowest=min(epoch.fund_equity for epoch in epochs),
        fund_position=last.fund_position,
        fund_position_largest=max((epoch.fund_position for epoch in epochs), key=abs),
        account_shortfall_largest=max(epoch.account_shortfall for epoch in epochs),
        fund_shortfall_largest=max(epoch.fund_shortfall for epoch in epochs),
        uncovered=last.uncovered,
        uncovered_largest=worst.uncovered,
        uncovered_at=worst.time if worst.uncovered else None,
        funding=sum(epoch.funding for epoch in epochs),
        rate_highest_ppm=max(epoch.rate_ppm for epoch in epochs),
        rate_lowest_ppm=min(epoch.rate_ppm for epoch in epochs),
        charges=sum(epoch.charged > 0 for epoch in epochs),
        socialized_loss=sum(epoch.charged for epoch in epochs),
        socialized_loss_largest=dearest.charged,
        socialized_loss_at=dearest.time if dearest.charged else None,
        funding_pool=last.funding_pool,
        funding_pool_lowest=min(epoch.funding_pool for epoch in epochs),
        initial_highest_ppm=max(epoch.initial_ppm for epoch in epochs),
        initial_mean_ppm=sum(epoch.initial_ppm for epoch in epochs) // len(epochs),
        maintenance_highest_ppm=max(epoch.maintenance_ppm for epoch in epochs),
        maintenance_mean_ppm=sum(epoch.maintenance_ppm for epoch in epochs) // len(epochs),
        margin_held=sum(held) // max(len(held), 1),
        loss_largest=costliest.loss,
        loss_margin=costliest.loss_margin,
        margin_used_ppm=max(map(_margin_used_ppm, epochs)),
    )


def _times(held: Sequence[bool]) -> int:
    """Count the epochs of which something holds that did not hold of the one before."""
    return sum(now and not was for now, was in zip(held, [False, *held], strict=False))


def _margin_used_ppm(epoch: EpochFigures) -> int:
    return epoch.loss * PPM_UNIT // epoch.loss_margin if epoch.loss_margin else 0
