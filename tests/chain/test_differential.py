"""Contract and Python are one: the same words, hashes and roots for thousands of inputs and every edge."""

from collections.abc import Iterator, Sequence
from random import Random

import pytest
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from prover.proof import Points
from sequencer.batch.sizes import batch_size
from sequencer.batch.stream import Stream, challenge, evaluate
from sequencer.chain.anvil import CHAIN_ID, local_chain
from sequencer.chain.queue import QueueHashes
from sequencer.chain.receipts import Receipt, ReceiptAnswer
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.header import BatchHeader
from sequencer.model.request import Request
from sequencer.model.words import pack
from sequencer.state.record import BatchRecord
from sequencer.state.roots import log_root
from sequencer.verifier.batch import FinalBatch, full_stream, read_outcomes
from sequencer.verifier.errors import OutcomeError
from sequencer.verifier.replica import Identity
from tests.chain.conftest import GENESIS_TIME, deployed_on
from tests.chain.elements import elements, number, words
from tests.chain.library_harness import LibraryHarness, deployed_harness

QUEUES = (0, 1, 2, 16, 300, 600, 1_200)
STREAMS = 2_000
STREAM_WORDS = 60
HEADERS = 2_000
OUTCOMES = 4_000
LOGS = (1, 2, 4, 5, 15, 16, 17, 48, 63, 64, *[64] * 24)
CHUNK = 500


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LibraryHarness]:
    with deployed_harness(tmp_path_factory.mktemp("harness")) as harness:
        yield harness


@pytest.mark.parametrize("length", QUEUES)
def test_the_queue_has_the_same_hashes_and_stands_in_the_same_gap(
    harness: LibraryHarness, length: int
) -> None:
    chance = Random(length)
    requests = [request(chance) for _ in range(length)]
    queue = [word for each in requests for word in each.words()]
    body = elements(chance, chance.randrange(1 + STREAM_WORDS))
    header = elements(chance, c.HEADER_WORDS)
    header[c.HEADER_COUNTS] = (c.HEADER_WORDS + len(queue) + len(body)) << c.COUNTS_WORDS_AT
    stream = Stream((*header, *queue, *body), length)

    hashes, assembled = harness.call("queue", [as_pushed(each) for each in requests], stream.contract_words)

    expected = QueueHashes()
    expected.extend(requests)
    assert hashes == [expected.at(end) for end in range(1, 1 + length)]
    assert assembled == stream.words
    sent = final_batch(stream.contract_words)
    assert full_stream(BatchHeader.from_words(header), sent, requests) == assembled


def test_a_stream_is_bound_at_the_same_point_to_the_same_value(harness: LibraryHarness) -> None:
    chance = Random(1)
    size = batch_size("reference")
    requests = (c.REQUEST_WORDS + 1) * size.requests
    records = c.ACCOUNT_RECORD_WORDS * size.accounts + c.MARKET_RECORD_WORDS * c.MARKETS
    longest = c.HEADER_WORDS + requests + records
    largest = c.FIELD_MODULUS - 1
    streams = [[], [0], [largest], [0] * longest, [largest] * longest, elements(chance, longest)]
    streams += [elements(chance, chance.randrange(1 + STREAM_WORDS)) for _ in range(STREAMS)]
    commitments = [0, largest, *elements(chance, len(streams) - 2)]
    for start in range(0, len(streams), CHUNK):
        part = slice(start, start + CHUNK)
        answer = harness.call("bind", commitments[part], streams[part])
        points = [challenge(*pair) for pair in zip(commitments[part], streams[part], strict=True)]
        values = [evaluate(*pair) for pair in zip(streams[part], points, strict=True)]
        assert answer == [points, values]


def test_the_longest_stream_that_a_header_can_count_is_bound_alike(harness: LibraryHarness) -> None:
    length = (1 << c.COUNT_BITS) - 1
    hashes = (keccak(encode(("uint256", "uint256"), (7, place))) for place in range(length))
    stream = [int.from_bytes(digest, "big") % c.FIELD_MODULUS for digest in hashes]
    r = challenge(7, stream)
    assert harness.call("bindHashes", 7, length) == [r, evaluate(stream, r)]


def test_a_header_is_read_alike_and_leaves_the_same_digest(harness: LibraryHarness) -> None:
    chance = Random(2)
    streams = [[word] * c.HEADER_WORDS for word in (0, c.FIELD_MODULUS - 1, (1 << 256) - 1)]
    streams += [words(chance, c.HEADER_WORDS + chance.randrange(3)) for _ in range(HEADERS)]
    answers = [
        answer
        for start in range(0, len(streams), CHUNK)
        for answer in zip(*harness.call("decodeHeaders", streams[start : start + CHUNK]), strict=True)
    ]
    for stream, (decoded, digest) in zip(streams, answers, strict=True):
        header = BatchHeader.from_words(stream)
        assert tuple(decoded) == (
            header.domain,
            header.configuration_hash,
            header.batch_number,
            header.old_state_root,
            header.new_state_root,
            header.new_exit_root,
            header.timestamp,
            header.epoch_hash,
            header.first_sequence,
            header.log_root,
            header.requests_begin,
            header.requests,
            header.messages,
            header.words,
            header.fee_pool,
        )
        answer = ReceiptAnswer(1, header.log_root, header.first_sequence, header.epoch_hash, 0, ())
        assert answer.batch_digest() == digest


def test_an_outcome_is_read_alike_or_refused_by_both(harness: LibraryHarness) -> None:
    chance = Random(3)
    cases = [outcome(chance) for _ in range(OUTCOMES)]
    answers = harness.call("decodeOutcomes", *map(list, zip(*cases, strict=True)))
    assert answers == [read_outcome(word, amount) for word, amount in cases]
    assert 0 < answers.count([]) < OUTCOMES


def test_every_message_of_a_log_leads_to_the_same_root(harness: LibraryHarness) -> None:
    chance = Random(5)
    for length in LOGS:
        leaves: list[int] = []
        while len(leaves) < length:
            leaf = 1 + number(chance, c.FIELD_MODULUS - 1)
            leaves += [leaf] * (leaf not in leaves)
        record = log_record(tuple(leaves))
        answers = [ReceiptAnswer.of(receipt_of(leaf), record) for leaf in leaves]
        places, paths = [answer.place for answer in answers], [answer.path for answer in answers]
        assert harness.call("logRoots", leaves, places, paths) == [log_root(leaves)] * len(leaves)


@pytest.mark.parametrize("chain_id", [1, CHAIN_ID, 1 << 32, (1 << 53) - 1])
def test_messages_are_signed_for_the_same_domain(chain_id: int) -> None:
    with local_chain(GENESIS_TIME) as chain:
        chain.request("anvil_setChainId", [chain_id])
        for _ in range(2):
            rollup = deployed_on(chain).rollup
            assert rollup.domain == Identity(chain_id, rollup.address).domain()


def request(chance: Random) -> Request:
    """Any request that the contract can queue: two kinds have no words beside the head."""
    kind = chance.choice(list(RequestKind))
    head = pack(
        (
            (kind, 0, c.KIND_BITS),
            (number(chance, 1 << c.ACCOUNT_BITS), c.REQUEST_ACCOUNT_AT, c.ACCOUNT_BITS),
            (number(chance, 1 << c.AMOUNT_BITS), c.REQUEST_AMOUNT_AT, c.AMOUNT_BITS),
            (number(chance, 1 << c.OWNER_BITS), c.REQUEST_OWNER_AT, c.OWNER_BITS),
        )
    )
    beside = (0, 0) if kind in (RequestKind.DEPOSIT, RequestKind.WITHDRAW) else elements(chance, 2)
    return Request.from_words(head, *beside)


def as_pushed(request: Request) -> tuple[object, ...]:
    """A request as the contract's inbox hands it to its queue."""
    owner = to_checksum_address(f"0x{request.owner:040x}")
    return request.kind, request.account, owner, request.amount, *request.words()[1:]


def outcome(chance: Random) -> tuple[int, int]:
    """An outcome word and the amount of its request: often close to each other, at times far out of range."""
    amount = number(chance, 1 << c.AMOUNT_BITS)
    paid = chance.choice([amount + chance.choice((-1, 0, 1)), number(chance, 1 << 252)])
    return chance.randrange(1 << c.STATUS_BITS) | max(0, paid) << c.OUTCOME_PAID_AT, amount


def read_outcome(word: int, amount: int) -> list[int]:
    """Status and payment as the verifier reads them; nothing if it refuses."""
    batch = final_batch([*[0] * c.HEADER_WORDS, word])
    try:
        (read,) = read_outcomes(batch, [Request(RequestKind.WITHDRAW, 1, 1, amount)])
    except OutcomeError:
        return []
    assert read.word() == word
    return [read.status, read.paid]


def final_batch(contract_words: Sequence[int]) -> FinalBatch:
    """A batch of which only the words matter."""
    points = Points((0, 0), ((0, 0), (0, 0)), (0, 0))
    return FinalBatch(tuple(contract_words), 0, points, {"batchNumber": 0}, 0)


def log_record(leaves: tuple[int, ...]) -> BatchRecord:
    """A batch of which only the log matters."""
    return BatchRecord(1, "reference", 0, {}, (0,) * c.HEADER_WORDS, leaves, (), ())


def receipt_of(message_hash: int) -> Receipt:
    """A receipt of which only the message matters."""
    return Receipt(1, 1, message_hash, 0, 0, 0, 0)
