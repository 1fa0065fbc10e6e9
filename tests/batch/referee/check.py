"""All claims of a batch, one after the other."""

from dataclasses import dataclass

from sequencer.crypto import poseidon
from sequencer.model.codes import Verdict
from sequencer.model.words import from_field, to_field
from tests.batch.referee import binding, epoch, funding, rows
from tests.batch.referee.binding import Published
from tests.batch.referee.ranges import check_ranges
from tests.batch.referee.signals import Inputs, require
from tests.batch.referee.signatures import check_signatures
from tests.batch.referee.steps import Steps
from tests.batch.referee.tables import (
    Slot,
    Write,
    empty_path,
    load_accounts,
    load_markets,
    write_leaves,
)
from tests.batch.referee.venue import load_venue, note_the_fund


@dataclass(frozen=True)
class Verified:
    """What the inputs prove.

    Attributes
    ----------
    verdicts : list of Verdict
        One a micro-step; a step that trades or rests is `ACCEPTED`.
    """

    new_state_root: int
    new_exit_root: int
    verdicts: list[Verdict]


def check(inputs: Inputs) -> Verified:
    """Accept the inputs of a batch.

    Raises
    ------
    RejectedError
        Naming the claim that does not hold.
    """
    check_ranges(inputs)
    slots, markets, venue = load_accounts(inputs), load_markets(inputs), load_venue(inputs)
    before = Published(
        account_root=inputs["accountRoot"],
        market_leaves=[market.leaf_before for market in markets],
        fee_pool=inputs["feePool"],
        funding_pool=from_field(inputs["fundingPool"]),
        requests_consumed=inputs["requestsBegin"],
        page_root=inputs["pageRoot"],
        log_head=inputs["logHead"],
        next_sequence=inputs["firstSequence"],
        premium_words=funding.premium_words(markets, inputs["premiumPeriod"]),
        venue_word=venue.word(),
    )
    oracle_hash, reports = epoch.oracle_round(inputs, markets)
    funding_pool = funding.settle(inputs, slots, markets, before.funding_pool)
    outcomes, inflow = epoch.requests(inputs, slots, markets, venue)
    pages, table = rows.load_pages(inputs), rows.load_rows(inputs)
    rows.check_front(inputs, table, pages)
    rows.check_loaded(inputs, table, pages)

    steps = Steps(inputs, slots, markets, table, before.fee_pool, before.next_sequence)
    steps.turns += epoch.forces_the_fund(inputs)
    steps.run()
    rows.check_left(table, pages)
    forced = epoch.forced_hash(inputs)
    if forced is not None:
        require(bool(steps.taken) and steps.taken[0].hash == forced, "a forced message is the first")
    check_signatures(inputs, slots, steps.taken, reports, unsigned=0 if forced is None else 1)
    funding.count_batch(markets, inputs["marketMark"])
    funding.leave(slots, markets)
    funding_pool = funding.charge_shortfall(inputs, slots, markets, steps.fund_trade, funding_pool)
    note_the_fund(inputs, slots, markets, venue, traded=steps.fund_trade is not None)
    binding.conservation(inputs, slots, steps.fee_pool + funding_pool, inflow)

    log_root = binding.log_root(steps.taken)
    after = Published(
        account_root=_write_accounts(inputs, slots),
        market_leaves=[market.leaf() for market in markets],
        fee_pool=steps.fee_pool,
        funding_pool=funding_pool,
        requests_consumed=before.requests_consumed + len(outcomes),
        page_root=rows.write_pages(inputs, pages),
        log_head=poseidon((before.log_head, log_root)),
        next_sequence=steps.next_sequence,
        premium_words=funding.premium_words(markets, inputs["oraclePeriod"]),
        venue_word=venue.word(),
    )
    body = binding.body(inputs, outcomes, slots, markets)
    header = [
        inputs["domain"],
        epoch.configuration_hash(inputs, markets),
        inputs["batchNumber"],
        before.state_root(),
        after.state_root(),
        after.exit_root(),
        inputs["timestamp"],
        poseidon((inputs["timestamp"], oracle_hash, after.requests_consumed)),
        inputs["firstSequence"],
        log_root,
        inputs["requestsBegin"],
        binding.counts(inputs, body, len(outcomes), len(steps.taken)),
        after.fee_pool,
        to_field(after.funding_pool),
    ]
    binding.bound(inputs, [*header, *body])
    return Verified(after.state_root(), after.exit_root(), steps.verdicts)


def _write_accounts(inputs: Inputs, slots: list[Slot]) -> int:
    """Claim 1: each account is in the tree; the new root."""
    writes = []
    for slot, path in zip(slots, inputs["accountPath"], strict=True):
        if slot.enabled:
            writes.append(Write(slot.id, path, slot.leaf_before, slot.leaf()))
        else:
            require(slot.words() == slot.before, "a disabled account slot stays as it is")
            empty_path(path)
    return write_leaves(inputs["accountRoot"], inputs["accountCrown"], writes, "account")
