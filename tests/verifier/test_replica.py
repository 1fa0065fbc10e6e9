"""Beyond the proof: what the verifier would still refuse if a forged proof passed."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from prover.proof import Points
from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.chain.queue import queue_hash
from sequencer.chain.watcher import FreezeLog, FreezeReason
from sequencer.engine.commands import OpenEpoch
from sequencer.model import constants as c
from sequencer.model.codes import MessageKind, RequestKind, Side
from sequencer.model.header import BatchHeader
from sequencer.model.message import Message
from sequencer.model.request import Request
from sequencer.model.venue import NO_RESTRICTIONS, Venue
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import PERPETUAL, configuration
from sequencer.state.genesis import genesis
from sequencer.state.ledger import Ledger
from sequencer.verifier import errors
from sequencer.verifier.batch import FinalBatch
from sequencer.verifier.follower import Checkpoint
from sequencer.verifier.genesis import replica_of_genesis
from sequencer.verifier.reader import Block
from sequencer.verifier.replica import Identity, Replica
from sequencer.verifier.summary import Restrictions, summarize

IDENTITY = Identity(31337, "0x" + "11" * 20)
VERIFIER = "0x" + "22" * 20
TIME, PRICE, DEPOSIT = 1_584_008_280, 700_000, 5_000_000
OWNER = 0xA11CE
REQUESTS = (
    Request(RequestKind.DEPOSIT, 1, OWNER, DEPOSIT),
    Request(RequestKind.WITHDRAW, 1, OWNER, DEPOSIT // 5),
)
OUTCOME_OF_WITHDRAWAL = c.HEADER_WORDS + 1
ANY_PROOF = Points((1, 2), ((1, 2), (3, 4)), (1, 2))


def ledger_of_genesis() -> Ledger:
    return genesis(configuration(OracleSigners(1).keys), IDENTITY.domain())


def at_genesis(ledger: Ledger) -> Replica:
    roots = ledger.roots()
    logged = {
        "domain": ledger.domain,
        "configurationHash": ledger.configuration.hash(),
        "verifier": VERIFIER,
        "stateRoot": roots.state,
        "exitRoot": roots.exit,
        "markets": [market.words() for market in ledger.markets],
    }
    return replica_of_genesis(IDENTITY, logged)


@pytest.fixture
def replica() -> Replica:
    """The genesis with both requests in the queue."""
    made = at_genesis(ledger_of_genesis())
    for index, request in enumerate(REQUESTS):
        made.queue(index, request, queue_hash(made.queue_hash, request))
    return made


@pytest.fixture(scope="module")
def batch() -> SealedBatch:
    """The first batch: the deposit and the withdrawal."""
    return builder_with(REQUESTS).seal()


def builder_with(requests: tuple[Request, ...]) -> BatchBuilder:
    """The first batch with these requests, still open."""
    ledger = ledger_of_genesis()
    opening = OpenEpoch(TIME, OracleSigners(1).round(ledger.domain, TIME, PRICE))
    builder = BatchBuilder(ledger, ledger.state(), batch_size("small"), opening)
    for request in requests:
        assert builder.add_request(request) is not None
    return builder


def final(words: tuple[int, ...]) -> FinalBatch:
    """The words as a batch whose log agrees with them."""
    header = BatchHeader.from_words(words)
    logged = {
        "batchNumber": header.batch_number,
        "stateRoot": header.new_state_root,
        "exitRoot": header.new_exit_root,
        "epochHash": header.epoch_hash,
        "logRoot": header.log_root,
        "firstSequence": header.first_sequence,
        "messages": header.messages,
        "timestamp": header.timestamp,
    }
    return FinalBatch(words, 0, ANY_PROOF, logged, TIME)


def forged(*_: object) -> bool:
    """The check of somebody who knows the key's secret: every proof holds."""
    return True


def test_the_honest_batch_is_written(replica: Replica, batch: SealedBatch) -> None:
    replica.finalize(final(tuple(batch.contract_words)), forged)
    assert replica.state_root == batch.new_roots.state
    assert replica.claimable == {OWNER: DEPOSIT // 5}
    assert summarize(Checkpoint(Block(1, "0x", TIME), replica)).owed == DEPOSIT


TIGHTER = replace(PERPETUAL, initial_ppm=200_000, max_position=1_000)
CHANGED = replace(configuration(OracleSigners(1).keys), markets=(TIGHTER,))
CHANGE = Request(RequestKind.CHANGE, 0, c.INSURANCE_OWNER, data=(CHANGED.hash(), int(VERIFIER, 16)))


@pytest.fixture(scope="module")
def changed() -> tuple[SealedBatch, SealedBatch]:
    """The batch that consumes a change of market parameters, and the first one under them."""
    ledger = ledger_of_genesis()
    state = ledger.state()
    batches: list[SealedBatch] = []
    for time, requests in ((TIME, (*REQUESTS, CHANGE)), (TIME + 60, ())):
        terms = CHANGED if batches else None
        opening = OpenEpoch(time, OracleSigners(1).round(ledger.domain, time, PRICE), terms)
        builder = BatchBuilder(ledger, state, batch_size("small"), opening)
        for request in requests:
            assert builder.add_request(request) is not None
        batches.append(builder.seal())
    first, second = batches
    return first, second


def after_change(changed: tuple[SealedBatch, SealedBatch]) -> Replica:
    """The replica after the batch that consumes the change."""
    replica = at_genesis(ledger_of_genesis())
    for index, request in enumerate((*REQUESTS, CHANGE)):
        replica.queue(index, request, queue_hash(replica.queue_hash, request))
    replica.finalize(final(tuple(changed[0].contract_words)), forged)
    return replica


def test_other_market_parameters_are_followed_from_the_batch_after_their_change(
    changed: tuple[SealedBatch, SealedBatch],
) -> None:
    replica = after_change(changed)
    assert replica.configuration_hash == CHANGED.hash()
    assert replica.state.markets[0][3] == PERPETUAL.word()
    replica.finalize(final(tuple(changed[1].contract_words)), forged)
    assert replica.state.markets[0][3] == TIGHTER.word()
    assert replica.state.exit_root() == changed[1].new_roots.exit


def without_parameters(words: tuple[int, ...]) -> tuple[int, ...]:
    """The batch's last record, of the market, without its last word: w3 after w0 to w2."""
    counts, head = words[c.HEADER_COUNTS], len(words) - 5
    shorter = list(words[:-1])
    shorter[c.HEADER_COUNTS] = counts - (1 << c.COUNTS_WORDS_AT)
    shorter[head] -= 1 << c.RECORD_BITMAP_AT + 3
    return tuple(shorter)


@pytest.mark.parametrize(
    "lie",
    [
        lambda words: (*words[:-1], words[-1] + 1),
        lambda words: (*words[:-1], PERPETUAL.word()),
        without_parameters,
    ],
    ids=["another bound", "those of before", "not told"],
)
def test_a_batch_that_hides_its_market_s_parameters_is_found(
    changed: tuple[SealedBatch, SealedBatch], lie: Callable[[tuple[int, ...]], tuple[int, ...]]
) -> None:
    words = tuple(changed[1].contract_words)
    assert words[-1] == TIGHTER.word()
    with pytest.raises(errors.ExitRootError, match="its records give"):
        after_change(changed).finalize(final(lie(words)), forged)


FORCED = tuple(
    Request(RequestKind.MESSAGE, 1, OWNER, data=message.words())
    for message in (
        Message(1, 1, 1, side=1, price=PRICE, size=50),
        Message.liquidation(1, 0, Side.SELL, 50),
        Message(1, 1, 2, kind=MessageKind.CANCEL_ALL),
    )
)
ORDER_AND_LIQUIDATION = pytest.mark.parametrize("forced", [FORCED, FORCED[1:]], ids=["order", "liquidation"])


def with_forced(messages: tuple[Request, ...] = FORCED) -> Replica:
    """The genesis with both requests and then messages in the queue."""
    made = at_genesis(ledger_of_genesis())
    for index, request in enumerate((*REQUESTS, *messages)):
        made.queue(index, request, queue_hash(made.queue_hash, request))
    return made


@ORDER_AND_LIQUIDATION
def test_a_batch_that_ends_in_a_forced_message_is_written(forced: tuple[Request, ...]) -> None:
    builder, replica = builder_with((*REQUESTS, forced[0])), with_forced(forced)
    assert builder.add_request(forced[1]) is None
    sealed = builder.seal()

    replica.finalize(final(tuple(sealed.contract_words)), forged)

    assert replica.state_root == sealed.new_roots.state
    assert (replica.pending, replica.pending_deposits) == (forced[1:], 0)
    assert replica.next_sequence == c.FIRST_SEQUENCE + 1
    assert replica.claimable == {OWNER: DEPOSIT // 5}
    summary = summarize(Checkpoint(Block(1, "0x", TIME), replica))
    assert (summary.pending_requests, summary.owed) == (len(forced) - 1, DEPOSIT)


@ORDER_AND_LIQUIDATION
def test_a_request_without_an_amount_is_paid_nothing(forced: tuple[Request, ...]) -> None:
    sealed, replica = builder_with((*REQUESTS, forced[0])).seal(), with_forced(forced)
    pay_one = altered(c.HEADER_WORDS + len(REQUESTS), lambda word: word + (1 << c.OUTCOME_PAID_AT))
    with pytest.raises(errors.OutcomeError, match="pays 1 for a request of 0"):
        replica.finalize(final(pay_one(tuple(sealed.contract_words))), forged)


def test_forced_requests_that_no_batch_consumed_go_back_without_tokens() -> None:
    replica = with_forced()
    replica.freeze(frozen_at(replica.state.exit_root(), 0, 0))
    for index in range(len(REQUESTS), len(REQUESTS) + len(FORCED)):
        replica.refund(index, 0)
        with pytest.raises(errors.LogError, match=f"request {index} was refunded"):
            replica.refund(index, 0)
    assert replica.pending_deposits == replica.vault_balance == DEPOSIT


def queued(replica: Replica, *requests: Request) -> Replica:
    """The replica with more requests in the queue."""
    for request in requests:
        replica.queue(replica.request_count, request, queue_hash(replica.queue_hash, request))
    return replica


def restriction(venue: Venue) -> Request:
    """What the brake queues."""
    return Request(RequestKind.RESTRICT, c.INSURANCE_ACCOUNT, c.INSURANCE_OWNER, data=(venue.word(), 0))


PAYMENT = Request(RequestKind.DEPOSIT, c.INSURANCE_ACCOUNT, c.INSURANCE_OWNER, 70)
EARLIER = Venue(restricted_markets=0b1001, restricted_until=TIME + 600)
LATER = replace(EARLIER, congested_until=TIME + 3_600)


def test_restrictions_are_followed_from_the_queue_into_force() -> None:
    requests = (PAYMENT, restriction(EARLIER), restriction(LATER))
    replica = queued(at_genesis(ledger_of_genesis()), *requests)
    assert (replica.restrictions, replica.last_restrictions) == (NO_RESTRICTIONS, LATER)
    waiting = summarize(Checkpoint(Block(1, "0x", TIME), replica)).restrictions
    assert waiting == Restrictions(TIME + 3_600, (0, 3), TIME + 600, waiting=True)

    sealed = builder_with(requests[:2]).seal()
    replica.finalize(final(tuple(sealed.contract_words)), forged)

    assert replica.state_root == sealed.new_roots.state
    assert (replica.restrictions, replica.last_restrictions) == (EARLIER, LATER)
    assert replica.copy().restrictions == EARLIER
    sealed = builder_with(requests).seal()
    replica = queued(at_genesis(ledger_of_genesis()), *requests)
    replica.finalize(final(tuple(sealed.contract_words)), forged)
    assert (replica.restrictions, replica.last_restrictions) == (LATER, LATER)
    assert not summarize(Checkpoint(Block(1, "0x", TIME), replica)).restrictions.waiting


def test_what_the_insurance_fund_is_paid_is_no_pending_deposit() -> None:
    replica = queued(at_genesis(ledger_of_genesis()), *REQUESTS, PAYMENT, PAYMENT)
    assert (replica.pending_deposits, replica.pending_insurance) == (DEPOSIT, 140)
    summary = summarize(Checkpoint(Block(1, "0x", TIME), replica))
    assert (summary.pending_deposits, summary.pending_insurance) == (DEPOSIT, 140)
    assert summary.vault_balance == summary.owed + 140 == DEPOSIT + 140

    replica.finalize(final(tuple(builder_with((*REQUESTS, PAYMENT)).seal().contract_words)), forged)

    summary = summarize(Checkpoint(Block(1, "0x", TIME), replica))
    assert replica.state.equity(c.INSURANCE_ACCOUNT) == 70
    assert (summary.pending_deposits, summary.pending_insurance) == (0, 70)
    assert summary.vault_balance == summary.owed + 70 == DEPOSIT + 140


def test_what_the_insurance_fund_was_paid_stays_in_the_pot_of_a_freeze() -> None:
    replica = queued(at_genesis(ledger_of_genesis()), REQUESTS[0], PAYMENT)
    with pytest.raises(errors.LogError, match="a pot of 70"):
        replica.freeze(frozen_at(replica.state.exit_root(), 0, 0))
    replica.freeze(frozen_at(replica.state.exit_root(), 0, 70))
    with pytest.raises(errors.LogError, match="request 1 was refunded with 70"):
        replica.refund(1, 70)
    replica.refund(1, 0)
    replica.refund(0, DEPOSIT)
    assert (replica.pending_deposits, replica.pending_insurance, replica.vault_balance) == (0, 70, 70)
    summarize(Checkpoint(Block(1, "0x", TIME), replica))


def altered(place: int, change: Callable[[int], int]) -> Callable[[tuple[int, ...]], tuple[int, ...]]:
    def applied(words: tuple[int, ...]) -> tuple[int, ...]:
        changed = list(words)
        changed[place] = change(changed[place])
        return tuple(changed)

    return applied


ONE_MARKET_RECORD = 1 << c.COUNTS_MARKETS_AT


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (
            altered(OUTCOME_OF_WITHDRAWAL, lambda word: word + (DEPOSIT << c.OUTCOME_PAID_AT)),
            errors.OutcomeError,
            "for a request of 1000000",
        ),
        (altered(-1, lambda word: word + 1), errors.ExitRootError, "its records give"),
        (altered(c.HEADER_COUNTS, lambda word: word + 1), errors.LogError, "consumes 3 requests, 2 are"),
        (
            altered(c.HEADER_COUNTS, lambda word: word + ONE_MARKET_RECORD),
            errors.BatchWordsError,
            "broken record",
        ),
        (
            altered(c.HEADER_COUNTS, lambda word: word - ONE_MARKET_RECORD),
            errors.BatchWordsError,
            "words after its last record",
        ),
        (altered(c.HEADER_CONFIG_HASH, lambda word: word + 1), errors.SuccessionError, "configuration hash"),
        (altered(c.HEADER_FIRST_SEQUENCE, lambda word: word + 1), errors.SuccessionError, "first sequence"),
        (altered(c.HEADER_REQUESTS_BEGIN, lambda word: word + 1), errors.SuccessionError, "requests begin"),
        (
            altered(c.HEADER_TIMESTAMP, lambda word: word - 3601),
            errors.SuccessionError,
            "3601 seconds behind",
        ),
        (altered(c.HEADER_TIMESTAMP, lambda word: word + 61), errors.SuccessionError, "-61 seconds behind"),
    ],
)
def test_a_forged_proof_is_not_enough(
    replica: Replica,
    batch: SealedBatch,
    change: Callable[[tuple[int, ...]], tuple[int, ...]],
    error: type[errors.FindingError],
    says: str,
) -> None:
    with pytest.raises(error, match=says):
        replica.finalize(final(change(tuple(batch.contract_words))), forged)


def test_a_copy_is_independent(replica: Replica, batch: SealedBatch) -> None:
    before = replica.state.exit_root()
    replica.copy().finalize(final(tuple(batch.contract_words)), forged)
    assert (replica.state.exit_root(), replica.batch_number, replica.claimable) == (before, 0, {})
    assert list(replica.state.accounts) == [c.INSURANCE_ACCOUNT]


def test_money_that_the_vault_does_not_hold_is_a_finding(replica: Replica, batch: SealedBatch) -> None:
    replica.finalize(final(tuple(batch.contract_words)), forged)
    replica.deposits -= 1
    with pytest.raises(errors.ConservationError, match="the vault holds 4999999, 5000000 is owed"):
        summarize(Checkpoint(Block(1, "0x", TIME), replica))


def test_a_venue_with_a_floor_for_its_fund_begins_below_it() -> None:
    terms = replace(configuration(OracleSigners(1).keys), insurance_floor=1)
    ledger = genesis(terms, IDENTITY.domain())
    assert ledger.counters.venue.uninsured
    assert at_genesis(ledger).state_root == ledger.roots().state != ledger_of_genesis().roots().state


def test_a_genesis_with_a_restriction_is_refused() -> None:
    ledger = ledger_of_genesis()
    ledger.counters = replace(ledger.counters, venue=EARLIER)
    with pytest.raises(errors.GenesisFindingError, match="the genesis has stateRoot"):
        at_genesis(ledger)


def test_a_genesis_with_somebody_s_money_is_refused() -> None:
    ledger = ledger_of_genesis()
    logged = {
        "domain": ledger.domain,
        "configurationHash": 0,
        "stateRoot": ledger.roots().state,
        "exitRoot": ledger.roots().exit + 1,
        "markets": [market.words() for market in ledger.markets],
    }
    with pytest.raises(errors.GenesisFindingError, match="the genesis has exitRoot"):
        replica_of_genesis(IDENTITY, logged)
    with pytest.raises(errors.GenesisFindingError, match="the genesis has domain"):
        replica_of_genesis(replace(IDENTITY, chain_id=1), logged)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((17, 0, 0, replace(PERPETUAL, max_position=1 << 47).word(), 0), "max_position x 2\\^32"),
        ((17 + (1 << c.MARKET_MARK_AT), 0, 0, PERPETUAL.word(), 0), "without trades"),
        ((17, 1, 0, PERPETUAL.word(), 0), "without trades"),
        ((17, 0, 1, PERPETUAL.word(), 0), "without trades"),
        ((17, 0, 0, PERPETUAL.word(), 1), "without trades"),
        ((17, 0, 0, PERPETUAL.word(), 1 << c.RISK_VOLATILITY_ADDON_AT), "without trades"),
        ((17, 0, 0, PERPETUAL.word() + (1 << c.MARKET_PARAMETER_BITS), 0), "without trades"),
    ],
)
def test_a_market_that_is_not_fresh_and_sound_is_refused(words: tuple[int, ...], says: str) -> None:
    logged = {"markets": [words, *[(0,) * c.MARKET_WORDS] * (c.MARKETS - 1)]}
    with pytest.raises(errors.GenesisFindingError, match=says):
        replica_of_genesis(IDENTITY, logged)


def frozen_at(exit_root: int, batch_count: int, exit_pot: int) -> FreezeLog:
    return FreezeLog(FreezeReason.OPERATOR_SILENT, exit_root, batch_count, exit_pot)


@pytest.fixture
def frozen(replica: Replica, batch: SealedBatch) -> Replica:
    """After the batch, with one more deposit in the queue, and stopped."""
    replica.finalize(final(tuple(batch.contract_words)), forged)
    late = Request(RequestKind.DEPOSIT, 1, OWNER, 7)
    replica.queue(2, late, queue_hash(replica.queue_hash, late))
    replica.freeze(frozen_at(replica.state.exit_root(), 1, DEPOSIT - DEPOSIT // 5))
    return replica


def test_a_frozen_rollup_pays_exits_claims_and_refunds(frozen: Replica) -> None:
    equity = frozen.state.equity(1)
    frozen.check_exit(1, OWNER, equity)
    frozen.pay_exit(equity, equity)
    frozen.claim(OWNER, DEPOSIT // 5)
    frozen.refund(2, 7)
    assert frozen.vault_balance == frozen.pending_deposits == 0
    summary = summarize(Checkpoint(Block(1, "0x", TIME), frozen))
    assert (summary.frozen, summary.exits_paid) == (True, DEPOSIT - DEPOSIT // 5)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda rollup: rollup.check_exit(1, OWNER, 1), errors.ExitError, "not its own"),
        (lambda rollup: rollup.check_exit(1, OWNER + 1, 4_000_000), errors.ExitError, "not its own"),
        (lambda rollup: rollup.check_exit(2, OWNER, 4_000_000), errors.ExitError, "not its own"),
        (lambda rollup: rollup.pay_exit(4, 5), errors.ExitError, "5 was paid for a claim of 4"),
        (lambda rollup: rollup.refund(2, 8), errors.LogError, "request 2 was refunded with 8"),
        (lambda rollup: rollup.refund(1, 0), errors.LogError, "request 1 was refunded"),
        (lambda rollup: (rollup.refund(2, 7), rollup.refund(2, 7)), errors.LogError, "request 2"),
        (lambda rollup: rollup.queue(3, REQUESTS[0], 0), errors.LogError, "after that of a freeze"),
        (lambda rollup: rollup.freeze(frozen_at(0, 1, 0)), errors.LogError, "after that of a freeze"),
    ],
)
def test_a_frozen_rollup_does_nothing_else(
    frozen: Replica, change: Callable[[Replica], object], error: type[errors.FindingError], says: str
) -> None:
    with pytest.raises(error, match=says):
        change(frozen)


def test_a_freeze_of_another_state_is_refused(replica: Replica) -> None:
    root = replica.state.exit_root()
    for told in ((root + 1, 0, 0), (root, 1, 0), (root, 0, 1)):
        with pytest.raises(errors.LogError, match="the freeze is of "):
            replica.freeze(frozen_at(*told))
    replica.freeze(frozen_at(root, 0, 0))


def test_before_a_freeze_nothing_is_refunded(replica: Replica) -> None:
    with pytest.raises(errors.LogError, match="request 0 was refunded"):
        replica.refund(0, DEPOSIT)
    with pytest.raises(errors.ExitError):
        replica.pay_exit(1, 1)


def test_a_request_that_the_queue_s_hash_does_not_cover_is_refused(replica: Replica) -> None:
    with pytest.raises(errors.LogError, match="the queue with request 2 has the hash"):
        replica.queue(2, REQUESTS[0], replica.queue_hash)
