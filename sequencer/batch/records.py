"""The words of the data stream: header, queue, outcomes, and what changed in accounts and markets."""

from collections.abc import Sequence

from sequencer.batch.draft import Draft
from sequencer.batch.epoch import epoch_hash
from sequencer.batch.stream import Stream, StreamSlot
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.market import Market
from sequencer.model.words import pack, to_field
from sequencer.state.ledger import LedgerChange
from sequencer.state.roots import Roots, log_root


def build_stream(draft: Draft, change: LedgerChange, old: Roots, new: Roots) -> Stream:
    """Return all slots of a batch, between the roots `old` and `new`."""
    size, state, ledger = draft.size, draft.state, draft.ledger
    queue = [word for event in draft.processed for word in event.request.words()]
    outcomes = [event.outcome.word() for event in draft.processed]
    accounts = [account_record(n, ledger.account(n), draft.after(n)) for n in draft.accounts]
    markets = [
        market_record(slot, before, after)
        for slot, (before, after) in enumerate(zip(ledger.markets, state.markets, strict=True))
    ]
    body = [
        *absent_after(queue, c.REQUEST_WORDS * size.requests),
        *absent_after(outcomes, size.requests),
        *absent_after(flat(accounts), c.ACCOUNT_RECORD_WORDS * size.accounts),
        *flat(markets),
    ]
    counts = pack(
        (
            (len(draft.processed), 0, c.COUNT_BITS),
            (len(draft.sequenced), c.COUNTS_MESSAGES_AT, c.COUNT_BITS),
            (_records(accounts), c.COUNTS_ACCOUNTS_AT, c.COUNT_BITS),
            (_records(markets), c.COUNTS_MARKETS_AT, c.COUNT_BITS),
            (c.HEADER_WORDS + sum(s is not None for s in body), c.COUNTS_WORDS_AT, c.COUNT_BITS),
        )
    )
    header = header_words(draft, change, old, new, counts)
    return Stream((*header, *body), len(draft.processed))


def header_words(draft: Draft, change: LedgerChange, old: Roots, new: Roots, counts: int) -> list[int]:
    """Return the words that the contract checks against its own state, and the pools."""
    before, after = draft.ledger.counters, change.counters
    words = {
        c.HEADER_DOMAIN: draft.ledger.domain,
        c.HEADER_CONFIG_HASH: before.configuration_hash,
        c.HEADER_BATCH_NUMBER: after.batch_number,
        c.HEADER_OLD_STATE_ROOT: old.state,
        c.HEADER_NEW_STATE_ROOT: new.state,
        c.HEADER_NEW_EXIT_ROOT: new.exit,
        c.HEADER_TIMESTAMP: after.timestamp,
        c.HEADER_EPOCH_HASH: epoch_hash(draft.opening, after.requests_consumed),
        c.HEADER_FIRST_SEQUENCE: before.next_sequence,
        c.HEADER_LOG_ROOT: log_root(draft.log_leaves()),
        c.HEADER_REQUESTS_BEGIN: before.requests_consumed,
        c.HEADER_COUNTS: counts,
        c.HEADER_FEE_POOL: after.fee_pool,
        c.HEADER_FUNDING_POOL: to_field(after.funding_pool),
    }
    return [words[place] for place in range(c.HEADER_WORDS)]


def account_record(number: int, before: Account, after: Account) -> list[StreamSlot]:
    """Head and changed words of one account; all absent if nothing changed."""
    return _record(number, c.RECORD_TAG_ACCOUNT, _account_words(before), _account_words(after))


def market_record(slot: int, before: Market, after: Market) -> list[StreamSlot]:
    """Head and changed words of one market; all absent if nothing changed."""
    return _record(slot, c.RECORD_TAG_MARKET, before.words(), after.words())


def flat(records: Sequence[Sequence[StreamSlot]]) -> list[StreamSlot]:
    """Return the slots of all records, one after the other."""
    return [slot for record in records for slot in record]


def absent_after(slots: Sequence[StreamSlot], length: int) -> list[StreamSlot]:
    """Return the slots, then absent ones."""
    return [*slots, *[None] * (length - len(slots))]


def _account_words(account: Account) -> tuple[int, ...]:
    exit_words = (account.owner, to_field(account.collateral), *account.position_words())
    return (*exit_words, account.trading_leaf())


def _record(number: int, tag: int, before: Sequence[int], after: Sequence[int]) -> list[StreamSlot]:
    changed = [new if new != old else None for old, new in zip(before, after, strict=True)]
    bitmap = sum((word is not None) << place for place, word in enumerate(changed))
    if not bitmap:
        return [None, *changed]
    return [number | bitmap << c.RECORD_BITMAP_AT | tag << c.RECORD_TAG_AT, *changed]


def _records(records: Sequence[Sequence[StreamSlot]]) -> int:
    return sum(record[0] is not None for record in records)
