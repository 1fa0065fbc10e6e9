"""What a verified rollup holds and owes, in a few figures."""

from dataclasses import dataclass

from sequencer.model.market import Market
from sequencer.verifier.errors import ConservationError
from sequencer.verifier.follower import Checkpoint


@dataclass(frozen=True, slots=True)
class MarketSummary:
    """A live market: its slot, mark in ticks, open interest in lots, and margin rates in force."""

    slot: int
    mark: int
    open_interest: int
    initial_ppm: int
    maintenance_ppm: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of a verified state; money in quote units.

    Attributes
    ----------
    accounts : int
        Those with an owner, without the insurance fund.
    pending_requests : int
        Queued and not consumed.
    equities : int
        Sum of the positive equities at the last marks: what accounts could take out.
    below_zero : int
        Sum of the negative ones, as a positive number: what accounts owe and cannot be made to pay.
    rounding : int
        What rounding funding up has left: the funding pool and all that accounts owe to it.
    vault_balance : int
        Deposits less payments.
    frozen : bool
        Whether the exchange has stopped for ever.
    exits_paid : int
        What exits and the fee pool were paid since, part of what was owed.
    """

    block: int
    batch_number: int
    state_root: int
    exit_root: int
    accounts: int
    markets: tuple[MarketSummary, ...]
    pending_requests: int
    equities: int
    below_zero: int
    fee_pool: int
    rounding: int
    claimable: int
    pending_deposits: int
    vault_balance: int
    frozen: bool
    exits_paid: int

    @property
    def owed(self) -> int:
        """All that the vault may be asked for, and what it has paid of it to exits."""
        return self.equities + self.fee_pool + self.claimable + self.pending_deposits


def summarize(checkpoint: Checkpoint) -> Summary:
    """Return the figures of a checkpoint.

    Raises
    ------
    ConservationError
        If the vault does not hold, to the unit, what is owed less what accounts below zero owe and more by
        what rounding has left.
    """
    summary = _summary(checkpoint)
    covered = summary.owed - summary.below_zero + summary.rounding
    if summary.vault_balance + summary.exits_paid != covered or summary.rounding < 0:
        raise ConservationError(
            f"at batch {summary.batch_number} the vault holds {summary.vault_balance},"
            f" {summary.owed} is owed, accounts are {summary.below_zero} below zero"
            f" and rounding has left {summary.rounding}"
        )
    return summary


def _summary(checkpoint: Checkpoint) -> Summary:
    replica, state = checkpoint.replica, checkpoint.replica.state
    equities = [state.equity(account) for account in state.accounts]
    markets = [Market.from_words(words) for words in state.markets]
    return Summary(
        block=checkpoint.block.number,
        batch_number=replica.batch_number,
        state_root=replica.state_root,
        exit_root=state.exit_root(),
        accounts=len(state.accounts) - 1,
        markets=tuple(
            MarketSummary(slot, market.mark, market.open_interest, market.initial_ppm, market.maintenance_ppm)
            for slot, market in enumerate(markets)
            if market.exists
        ),
        pending_requests=len(replica.pending),
        equities=sum(equity for equity in equities if equity > 0),
        below_zero=-sum(equity for equity in equities if equity < 0),
        fee_pool=state.fee_pool,
        rounding=state.rounding(),
        claimable=sum(replica.claimable.values()),
        pending_deposits=replica.pending_deposits,
        vault_balance=replica.vault_balance,
        frozen=replica.frozen,
        exits_paid=replica.exits_paid,
    )
