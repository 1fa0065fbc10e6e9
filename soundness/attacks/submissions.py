"""Attacks on the contract: everything but the batch that was proven, and batches of another queue."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from sequencer.chain.client import BatchSubmission
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.request import Request
from sequencer.model.venue import Venue
from soundness.attacks.chain import ContractAttack, Queue, Stage
from tests.e2e.exchange import MAKER, submission

HOUR_SECONDS: Final = 3_600


def _sending(edit: Callable[[BatchSubmission], BatchSubmission]) -> Callable[[Stage], None]:
    return lambda stage: stage.submit(edit(stage.honest()))


def _with_word(place: int, edit: Callable[[int], int]) -> Callable[[Stage], None]:
    """Send another word."""

    def changed(batch: BatchSubmission) -> BatchSubmission:
        return replace(batch, words=[edit(w) if i == place else w for i, w in enumerate(batch.words)])

    return _sending(changed)


def _with_balance(stage: Stage) -> None:
    """Send the maker's balance a unit larger."""
    honest = stage.honest()
    place = list(honest.words).index(stage.batch.change.accounts[MAKER].collateral)
    _with_word(place, lambda word: word + 1)(stage)


def _words(edit: Callable[[list[int]], list[int]]) -> Callable[[Stage], None]:
    return _sending(lambda batch: replace(batch, words=edit(list(batch.words))))


def _too_late(stage: Stage) -> None:
    batch = stage.honest()
    stage.exchange.chain.advance(stage.batch.change.counters.timestamp + HOUR_SECONDS + 1)
    stage.submit(batch)


def _too_early(stage: Stage) -> None:
    stage.submit(submission(stage.batch, stage.proof))


def _by_a_stranger(stage: Stage) -> None:
    stage.exchange.rollup.submit_batch(stage.exchange.stranger, stage.honest())


def _again_under_next_number(stage: Stage) -> None:
    _with_word(c.HEADER_BATCH_NUMBER, lambda word: word + 1)(stage)


def _believing(edit: Callable[[Queue], Queue]) -> Callable[[Stage], None]:
    """Prove and send a batch that is honest but for what it takes for the queue."""
    return lambda stage: stage.submit(stage.believing(edit))


def _inflated(queue: Queue) -> Queue:
    return [replace(each, amount=10 * each.amount) for each in queue]


def _with_swapped_keys(queue: Queue) -> Queue:
    """Let the two owners' keys change places."""
    keys = iter([each.data for each in queue if each.kind == RequestKind.REGISTER_KEY][::-1])
    return [
        replace(each, data=next(keys)) if each.kind == RequestKind.REGISTER_KEY else each for each in queue
    ]


def _with_restriction(queue: Queue) -> Queue:
    """Take the last request for a restriction of all markets."""
    everything = Venue(restricted_markets=(1 << c.MARKETS) - 1, restricted_until=(1 << c.TIME_BITS) - 1)
    data = (everything.restrictions(), 0)
    return [*queue[:-1], Request(RequestKind.RESTRICT, c.INSURANCE_ACCOUNT, c.INSURANCE_OWNER, data=data)]


def _attack(
    name: str, claim: str, rule: str, error: str, act: Callable[[Stage], None], *, replays: bool = False
) -> ContractAttack:
    return ContractAttack(name, claim, rule, error, act, replays)


_HEADER: Final = (
    ("state-root", c.HEADER_NEW_STATE_ROOT),
    ("exit-root", c.HEADER_NEW_EXIT_ROOT),
    ("epoch-hash", c.HEADER_EPOCH_HASH),
    ("log-root", c.HEADER_LOG_ROOT),
    ("fee-pool", c.HEADER_FEE_POOL),
    ("funding-pool", c.HEADER_FUNDING_POOL),
)
_SUCCESSION: Final = (
    ("of-another-domain", c.HEADER_DOMAIN, "WrongDomain"),
    ("of-another-configuration", c.HEADER_CONFIG_HASH, "WrongConfigurationHash"),
    ("that-skips-a-number", c.HEADER_BATCH_NUMBER, "WrongBatchNumber"),
    ("on-another-state", c.HEADER_OLD_STATE_ROOT, "WrongOldStateRoot"),
    ("that-skips-a-sequence", c.HEADER_FIRST_SEQUENCE, "WrongFirstSequence"),
    ("that-skips-a-request", c.HEADER_REQUESTS_BEGIN, "WrongRequestsBegin"),
)
BOUND: Final = "r is the hash of c and of the contract's own words, y their polynomial at r"

ATTACKS = (
    *(
        _attack(
            f"send-another-{name}",
            f"L1 stores the {name.replace('-', ' ')} that was proven",
            BOUND,
            "InvalidProof",
            _with_word(place, lambda word: word ^ 1),
        )
        for name, place in _HEADER
    ),
    _attack(
        "send-another-balance",
        "L1 publishes the balances that were proven",
        BOUND,
        "InvalidProof",
        _with_balance,
    ),
    _attack(
        "invent-a-payment",
        "the contract pays what a batch proved",
        BOUND,
        "InvalidProof",
        _with_word(c.HEADER_WORDS, lambda word: word + (1_000_000 << c.OUTCOME_PAID_AT)),
    ),
    _attack(
        "refuse-a-deposit-on-l1",
        "an outcome is the proven one",
        BOUND,
        "InvalidProof",
        _with_word(c.HEADER_WORDS, lambda word: word + 1),
    ),
    _attack(
        "send-trailing-words",
        "a stream has one length",
        "the count of words is that of the stream",
        "WrongWordCount",
        _words(lambda words: [*words, 0]),
    ),
    _attack(
        "send-a-word-less",
        "a stream has one length",
        "the count of words is that of the stream",
        "WrongWordCount",
        _words(lambda words: words[:-1]),
    ),
    _attack(
        "send-swapped-words",
        "words have one order",
        BOUND,
        "InvalidProof",
        _words(lambda w: [*w[:-2], w[-1], w[-2]]),
    ),
    _attack(
        "send-another-count-of-messages",
        "sequences follow each other",
        BOUND,
        "InvalidProof",
        _with_word(c.HEADER_COUNTS, lambda word: word + (1 << c.COUNTS_MESSAGES_AT)),
    ),
    _attack(
        "settle-more-requests-than-are-queued",
        "no request is invented",
        "requests <= queued",
        "TooManyRequests",
        _with_word(c.HEADER_COUNTS, lambda word: word + 1),
    ),
    _attack(
        "settle-fewer-requests-than-were-proven",
        "the queue moves by what was proven",
        "the count of words is that of the stream",
        "WrongWordCount",
        _with_word(c.HEADER_COUNTS, lambda word: word - 1),
    ),
    _attack(
        "send-a-word-plus-p",
        "a word has one form",
        "words are below p",
        "WordNotInField",
        _with_word(c.HEADER_FEE_POOL, lambda word: word + c.FIELD_MODULUS),
    ),
    _attack(
        "send-another-commitment",
        "the words are the committed ones",
        BOUND,
        "InvalidProof",
        _sending(lambda batch: replace(batch, commitment=batch.commitment ^ 1)),
    ),
    _attack(
        "send-the-commitment-plus-p",
        "a commitment has one form",
        "c is below p",
        "CommitmentNotInField",
        _sending(lambda batch: replace(batch, commitment=batch.commitment + c.FIELD_MODULUS)),
    ),
    _attack(
        "send-a-proof-of-something-else",
        "a batch has a proof",
        "the verifier accepts (c, r, y)",
        "InvalidProof",
        _sending(lambda batch: replace(batch, proof=(batch.proof[2], batch.proof[1], batch.proof[0]))),
    ),
    *(
        _attack(
            f"submit-a-batch-{name}",
            "a batch continues the contract's own state",
            "header words against storage",
            error,
            _with_word(place, lambda word: word + 1),
        )
        for name, place, error in _SUCCESSION
    ),
    _attack(
        "submit-a-batch-twice",
        "a batch counts once",
        "batch number = count + 1",
        "WrongBatchNumber",
        _sending(lambda batch: batch),
        replays=True,
    ),
    _attack(
        "submit-a-batch-again-under-the-next-number",
        "a batch counts once",
        "the old state root is the contract's",
        "WrongOldStateRoot",
        _again_under_next_number,
        replays=True,
    ),
    _attack(
        "turn-the-clock-back",
        "time moves forwards",
        "timestamp > the last",
        "TimestampNotNewer",
        _with_word(c.HEADER_TIMESTAMP, lambda word: 0),
    ),
    _attack(
        "submit-a-stale-batch", "a batch is of its time", "at most an hour old", "StaleTimestamp", _too_late
    ),
    _attack(
        "submit-a-batch-of-the-future",
        "a batch is of its time",
        "at most a minute ahead",
        "FutureTimestamp",
        _too_early,
    ),
    _attack(
        "submit-as-a-stranger",
        "only the operator submits",
        "sender = operator",
        "NotOperator",
        _by_a_stranger,
    ),
    _attack(
        "prove-an-inflated-deposit",
        "no more is credited than was deposited",
        "queue words come from the contract's storage",
        "InvalidProof",
        _believing(_inflated),
    ),
    _attack(
        "prove-keys-that-nobody-registered",
        "an account's key is its owner's",
        "queue words come from the contract's storage",
        "InvalidProof",
        _believing(_with_swapped_keys),
    ),
    _attack(
        "prove-a-restriction-that-nobody-queued",
        "L1 alone restricts",
        "queue words come from the contract's storage",
        "InvalidProof",
        _believing(_with_restriction),
    ),
    _attack(
        "prove-a-reordered-queue",
        "requests are consumed in their order",
        "queue words come from the contract's storage",
        "InvalidProof",
        _believing(lambda queue: [queue[2], queue[3], queue[0], queue[1]]),
    ),
)
