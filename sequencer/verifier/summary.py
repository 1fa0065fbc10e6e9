"""What a verified rollup holds and owes, in a few figures."""

from dataclasses import dataclass

from sequencer.model import constants as c
from sequencer.model.codes import MarketStatus, RequestKind
from sequencer.model.market import Market
from sequencer.verifier.errors import ConservationError
from sequencer.verifier.follower import Checkpoint


@dataclass(frozen=True, slots=True)
class MarketSummary:
    """A live market: its slot, mark in ticks, open interest in lots, and margin rates in force.

    Attributes
    ----------
    status : str
        What it takes, by the name of a `MarketStatus`.
    settled : bool
        Whether its mark stands still and its positions are as good as cash.
    congestion_addon_ppm : int
        Part of the initial rate.
    tier_ppm : int
        By how much the initial rate of a position grows with its size.
    fund_since : int
        Seconds; since when the insurance fund has had a position there, 0 without one or in a settled market.
    """

    slot: int
    status: str
    settled: bool
    mark: int
    open_interest: int
    initial_ppm: int
    maintenance_ppm: int
    congestion_addon_ppm: int
    tier_ppm: int
    fund_since: int


@dataclass(frozen=True, slots=True)
class Restrictions:
    """What L1 restricted last.

    Attributes
    ----------
    congested_until : int
        Seconds; in batches before then new risk needs more margin. 0 if never reported.
    markets : tuple of int
        Slots that take only what reduces a position in batches before `restricted_until`.
    restricted_until : int
        Seconds, 0 if no market ever was.
    waiting : bool
        Whether it is in the queue: it holds from the batch after the one that consumes it.
    """

    congested_until: int
    markets: tuple[int, ...]
    restricted_until: int
    waiting: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of a verified state; money in quote units.

    Attributes
    ----------
    timestamp : int
        Seconds; of the last batch, 0 before the first.
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
    pending_insurance : int
        What the insurance fund was paid and no batch has credited: the exchange's, but in nobody's equity.
    vault_balance : int
        Deposits less payments.
    frozen : bool
        Whether the exchange has stopped for ever.
    exits_paid : int
        What exits and the fee pool were paid since, part of what was owed.
    """

    block: int
    batch_number: int
    timestamp: int
    state_root: int
    exit_root: int
    accounts: int
    markets: tuple[MarketSummary, ...]
    restrictions: Restrictions
    pending_requests: int
    equities: int
    below_zero: int
    fee_pool: int
    rounding: int
    claimable: int
    pending_deposits: int
    pending_insurance: int
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
        what rounding has left and what is on its way into the insurance fund.
    """
    summary = _summary(checkpoint)
    covered = summary.owed + summary.pending_insurance - summary.below_zero + summary.rounding
    if summary.vault_balance + summary.exits_paid != covered or summary.rounding < 0:
        raise ConservationError(
            f"at batch {summary.batch_number} the vault holds {summary.vault_balance},"
            f" {summary.owed} is owed, {summary.pending_insurance} is on its way into the insurance fund,"
            f" accounts are {summary.below_zero} below zero and rounding has left {summary.rounding}"
        )
    return summary


def _summary(checkpoint: Checkpoint) -> Summary:
    replica, state = checkpoint.replica, checkpoint.replica.state
    equities = [state.equity(account) for account in state.accounts]
    markets = [Market.from_words(words) for words in state.markets]
    restrictions = replica.last_restrictions
    return Summary(
        block=checkpoint.block.number,
        batch_number=replica.batch_number,
        timestamp=replica.timestamp,
        state_root=replica.state_root,
        exit_root=state.exit_root(),
        accounts=len(state.accounts) - 1,
        markets=tuple(_market(slot, market) for slot, market in enumerate(markets) if market.exists),
        restrictions=Restrictions(
            restrictions.congested_until,
            tuple(slot for slot in range(c.MARKETS) if restrictions.restricted_markets >> slot & 1),
            restrictions.restricted_until,
            waiting=any(request.kind == RequestKind.RESTRICT for request in replica.pending),
        ),
        pending_requests=len(replica.pending),
        equities=sum(equity for equity in equities if equity > 0),
        below_zero=-sum(equity for equity in equities if equity < 0),
        fee_pool=state.fee_pool,
        rounding=state.rounding(),
        claimable=sum(replica.claimable.values()),
        pending_deposits=replica.pending_deposits,
        pending_insurance=replica.pending_insurance,
        vault_balance=replica.vault_balance,
        frozen=replica.frozen,
        exits_paid=replica.exits_paid,
    )


def _market(slot: int, market: Market) -> MarketSummary:
    live = not market.is_settled
    return MarketSummary(
        slot=slot,
        status=MarketStatus(market.status).name.lower(),
        settled=not live,
        mark=market.mark,
        open_interest=market.open_interest,
        initial_ppm=market.initial_ppm,
        maintenance_ppm=market.maintenance_ppm,
        congestion_addon_ppm=live * market.congestion_addon_ppm,
        tier_ppm=live * market.tier_ppm,
        fund_since=live * market.fund_since,
    )
