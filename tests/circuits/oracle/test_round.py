"""One oracle round: three different signers, one fresh time, prices of live markets only."""

import statistics
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.witness import Nested
from sequencer.crypto import BASE8, FIELD_MODULUS, eighth, montgomery, poseidon, public_key, sign
from sequencer.model import constants as c
from sequencer.model.oracle import OracleReport
from tests.circuits.harness import CircuitTester
from tests.strategies import DOMAIN, START, configuration, oracle_secret

NOW = START + 100
TIME = START + 95
MAX_AGE = 60
LIVE = (1, 1, 0, 1)
PRICES = ((1_000, 7, 0, 55), (1_010, 6, 0, 54), (990, 9, 0, 55))
KEYS = tuple(public_key(oracle_secret(signer)) for signer in range(c.ORACLE_SIGNERS))
HIGHEST = (1 << c.PRICE_BITS) - 1
ALIAS = 1 << c.PRICE_BITS


# The round as the batch has it: each report is checked with the key that the round selects for it.
SIGNED_ROUND = """
pragma circom 2.2.0;
include "circuits/oracle/round.circom";
include "circuits/signature/signatures.circom";
template SignedRound() {
    signal input domain;
    signal input timestamp;
    signal input maxAge;
    signal input oracleKey[5][2];
    signal input live[4];
    signal input previousTime;
    signal input time;
    signal input price[3][4];
    signal input signer[3][5];
    signal input q[3][2];
    signal input s[3];
    signal output mark[4];
    signal output oracleHash;
    component round = OracleRound();
    round.domain <== domain;
    round.timestamp <== timestamp;
    round.maxAge <== maxAge;
    round.oracleKey <== oracleKey;
    round.live <== live;
    round.previousTime <== previousTime;
    round.time <== time;
    round.price <== price;
    round.signer <== signer;
    mark <== round.mark;
    oracleHash <== round.oracleHash;
    component signatures = Signatures(0, 3, 3);
    signatures.owner <== [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
    signatures.key <== round.key;
    signatures.message <== round.message;
    signatures.q <== q;
    signatures.s <== s;
}
"""


@pytest.fixture(scope="module")
def oracle() -> CircuitTester:
    return CircuitTester(SIGNED_ROUND)


@pytest.fixture(scope="module")
def unsigned_round() -> CircuitTester:
    return CircuitTester("OracleRound")


def one_hot(signer: int) -> list[int]:
    return [int(place == signer) for place in range(c.ORACLE_SIGNERS)]


def word_of(time: int, prices: Sequence[int]) -> int:
    """The word of a report, of any integers: what a liar would have to find a signature of."""
    word = time + sum(price << c.TIME_BITS + c.PRICE_BITS * slot for slot, price in enumerate(prices))
    return word % FIELD_MODULUS


def round_inputs(
    time: int = TIME,
    prices: Sequence[Sequence[int]] = PRICES,
    signers: Sequence[int] = (0, 2, 4),
    *,
    domain: int = DOMAIN,
    tag: int = c.ORACLE_TAG,
    **lies: Nested,
) -> dict[str, Nested]:
    """A round whose reports are all signed, and lies about it that leave the signatures."""
    signatures = [
        sign(oracle_secret(signer), poseidon((domain, tag, word_of(time, row))))
        for signer, row in zip(signers, prices, strict=True)
    ]
    honest: dict[str, Nested] = {
        "domain": DOMAIN,
        "timestamp": NOW,
        "maxAge": MAX_AGE,
        "oracleKey": KEYS,
        "live": LIVE,
        "previousTime": START,
        "time": time,
        "price": prices,
        "signer": [one_hot(signer) for signer in signers],
        "q": [montgomery(eighth(*signature[:2])) for signature in signatures],
        "s": [signature[2] for signature in signatures],
    }
    return honest | lies


def with_price(slot: int, price: int) -> list[list[int]]:
    """Every report says `price` for one market."""
    return [[price if place == slot else other for place, other in enumerate(row)] for row in PRICES]


def check(circuit: CircuitTester, time: int, prices: Sequence[Sequence[int]], signers: Sequence[int]) -> None:
    inputs = round_inputs(time, prices, signers)
    reports = [OracleReport(signer, time, tuple(row)) for signer, row in zip(signers, prices, strict=True)]
    assert circuit.accepts(inputs)
    assert circuit.witness(inputs) == {
        "mark": [statistics.median(column) for column in zip(*prices, strict=True)],
        "oracleHash": poseidon([report.signer_word() for report in reports]),
    }


def test_the_keys_are_those_of_the_configuration() -> None:
    assert configuration().oracle_keys == KEYS


@given(
    time=st.integers(NOW - MAX_AGE, NOW),
    prices=st.lists(
        st.tuples(st.integers(1, HIGHEST), st.integers(1, 9), st.just(0), st.integers(1, HIGHEST)),
        min_size=c.ORACLE_QUORUM,
        max_size=c.ORACLE_QUORUM,
    ),
    signers=st.sets(st.integers(0, c.ORACLE_SIGNERS - 1), min_size=3, max_size=3).map(sorted),
)
@settings(max_examples=10)
def test_a_round_sets_the_medians_and_its_hash(
    oracle: CircuitTester, time: int, prices: list[tuple[int, ...]], signers: list[int]
) -> None:
    check(oracle, time, prices, signers)


@pytest.mark.parametrize("signers", [(0, 1, 2), (2, 3, 4), (0, 1, 4), (0, 3, 4)])
def test_any_three_signers_do(oracle: CircuitTester, signers: tuple[int, ...]) -> None:
    check(oracle, TIME, PRICES, signers)


def test_the_lowest_and_the_highest_price_do(oracle: CircuitTester) -> None:
    check(oracle, TIME, [(1, HIGHEST, 0, HIGHEST), (1, 1, 0, HIGHEST), (1, 1, 0, HIGHEST)], (0, 2, 4))


# ---- Time


@pytest.mark.parametrize("time", [NOW, NOW - MAX_AGE])
def test_a_round_may_be_as_new_as_the_batch_and_as_old_as_the_limit(oracle: CircuitTester, time: int) -> None:
    assert oracle.accepts(round_inputs(time))


def test_a_round_of_the_future_is_rejected(oracle: CircuitTester) -> None:
    assert oracle.rejects(round_inputs(NOW + 1))


def test_a_round_that_is_too_old_is_rejected(oracle: CircuitTester) -> None:
    assert oracle.rejects(round_inputs(NOW - MAX_AGE - 1))


@pytest.mark.parametrize("behind", [0, 1])
def test_a_round_that_is_not_newer_than_the_last_one_is_rejected(oracle: CircuitTester, behind: int) -> None:
    assert oracle.rejects(round_inputs(previousTime=TIME + behind))


def test_the_next_second_is_newer(oracle: CircuitTester) -> None:
    assert oracle.accepts(round_inputs(previousTime=TIME - 1))


@pytest.mark.parametrize(("last", "fits"), [(0, True), (TIME - 1, True), (TIME, False)])
def test_without_a_market_any_earlier_round_is_the_last(oracle: CircuitTester, last: int, fits: bool) -> None:
    """No leaf says when it was, and nothing depends on it."""
    nothing = [[0] * c.MARKETS] * c.ORACLE_QUORUM
    told = round_inputs(prices=nothing, live=nothing[0], previousTime=last)
    assert oracle.accepts(told) == fits
    assert oracle.rejects(told) != fits


def test_the_largest_time_is_accepted_and_no_larger_one(oracle: CircuitTester) -> None:
    last = (1 << c.TIME_BITS) - 1
    assert oracle.accepts(round_inputs(last, timestamp=last, previousTime=last - 5))
    assert oracle.rejects(round_inputs(last + 1, timestamp=last + 1, previousTime=last - 5))


def test_the_last_round_has_a_time_of_40_bits(oracle: CircuitTester) -> None:
    """Neither one before the first second nor a fraction of one, and none that is later than this one."""
    for previous, fits in ((0, True), (-1, False), (-2, False), (pow(2, -1, FIELD_MODULUS), False)):
        told = round_inputs(previousTime=previous)
        assert oracle.accepts(told) == fits
        assert oracle.rejects(told) != fits


def test_times_are_compared_within_40_bits(oracle: CircuitTester) -> None:
    """A difference that wraps around the field is refused like the first one that is too large."""
    beyond = 1 << c.TIME_BITS
    assert oracle.accepts(round_inputs(maxAge=beyond - 1 + NOW - TIME))
    assert oracle.rejects(round_inputs(maxAge=beyond + NOW - TIME))
    assert oracle.accepts(round_inputs(timestamp=beyond - 1 + TIME, maxAge=beyond))
    assert oracle.rejects(round_inputs(timestamp=beyond + TIME, maxAge=beyond))


def test_one_word_is_not_read_as_another_time(oracle: CircuitTester) -> None:
    """2^40 seconds more and one tick less: the same signed word."""
    prices = with_price(0, 1_000)
    assert word_of(TIME + (1 << c.TIME_BITS), with_price(0, 999)[0]) == word_of(TIME, prices[0])
    later: dict[str, Nested] = {"time": TIME + (1 << c.TIME_BITS), "price": with_price(0, 999)}
    future = NOW + (1 << c.TIME_BITS)
    assert oracle.rejects(round_inputs(prices=prices, timestamp=future, previousTime=START) | later)


# ---- Prices


@pytest.mark.parametrize("slot", [0, 1, 3])
def test_a_live_market_without_a_price_is_rejected(oracle: CircuitTester, slot: int) -> None:
    assert oracle.accepts(round_inputs(prices=with_price(slot, 1)))
    assert oracle.rejects(round_inputs(prices=with_price(slot, 0)))


def test_a_price_without_a_market_is_rejected(oracle: CircuitTester) -> None:
    assert oracle.rejects(round_inputs(prices=with_price(2, 1)))


@pytest.mark.parametrize("report", range(c.ORACLE_QUORUM))
def test_one_report_without_a_price_is_rejected(oracle: CircuitTester, report: int) -> None:
    prices = [[0, *row[1:]] if place == report else list(row) for place, row in enumerate(PRICES)]
    assert oracle.rejects(round_inputs(prices=prices))


def test_a_price_beyond_32_bits_is_rejected(oracle: CircuitTester) -> None:
    assert oracle.rejects(round_inputs(prices=with_price(3, ALIAS)))
    assert oracle.rejects(round_inputs(prices=with_price(3, -1)))


def test_one_word_is_not_read_as_other_prices(oracle: CircuitTester) -> None:
    """2^32 ticks more in market 0 and one less in market 1: the same signed words."""
    read = [[row[0] + ALIAS, row[1] - 1, *row[2:]] for row in PRICES]
    assert [word_of(TIME, row) for row in read] == [word_of(TIME, row) for row in PRICES]
    assert oracle.rejects(round_inputs(price=read))


@pytest.mark.parametrize("slot", range(c.MARKETS))
def test_a_mark_cannot_be_lied_about(oracle: CircuitTester, slot: int) -> None:
    assert not oracle.accepts_witness_with(round_inputs(), {f"main.mark[{slot}]": 2})


def test_the_hash_cannot_be_lied_about(oracle: CircuitTester) -> None:
    assert not oracle.accepts_witness_with(round_inputs(), {"main.oracleHash": 2})


# ---- Signers


@pytest.mark.parametrize("signers", [(0, 0, 1), (0, 2, 2), (3, 3, 3), (2, 1, 3), (0, 4, 1)])
def test_a_signer_counts_once_and_in_order(oracle: CircuitTester, signers: tuple[int, ...]) -> None:
    assert oracle.rejects(round_inputs(signers=signers))


@pytest.mark.parametrize("report", range(c.ORACLE_QUORUM))
def test_a_report_under_another_signer_is_rejected(oracle: CircuitTester, report: int) -> None:
    claimed: Nested = [one_hot(place) for place in (0, 2, 4)]
    signers = [[1, 2, 4], [0, 3, 4], [0, 2, 3]][report]
    assert oracle.rejects(round_inputs(signers=signers, signer=claimed))


@pytest.mark.parametrize("report", range(c.ORACLE_QUORUM))
def test_a_report_of_nobody_is_rejected(oracle: CircuitTester, report: int) -> None:
    nobody: Nested = [one_hot(-1 if place == report else 2 * place) for place in range(c.ORACLE_QUORUM)]
    assert oracle.rejects(round_inputs(signer=nobody))


@pytest.mark.parametrize("mixture", [[1, 1, 0, 0, 0], [2, -1, 0, 0, 0]])
def test_a_mixture_of_keys_is_nobodys_key(oracle: CircuitTester, mixture: list[int]) -> None:
    """The second key is such that the mixture has a secret that one person knows."""
    first, second = mixture[:2]
    mixed = public_key(oracle_secret(0))
    share = pow(second, -1, FIELD_MODULUS)
    other = [(want - first * have) * share % FIELD_MODULUS for want, have in zip(mixed, BASE8, strict=True)]
    keys: Nested = [BASE8, other, *KEYS[2:]]
    assert oracle.rejects(round_inputs(oracleKey=keys, signer=[mixture, one_hot(2), one_hot(4)]))


# ---- Signatures


def test_what_is_to_be_signed_is_each_report_by_its_signers_key(unsigned_round: CircuitTester) -> None:
    """The caller checks these signatures together with the messages'."""
    inputs = {name: value for name, value in round_inputs().items() if name not in ("q", "s")}
    reports = [OracleReport(signer, TIME, row) for signer, row in zip((0, 2, 4), PRICES, strict=True)]
    assert unsigned_round.accepts(inputs)
    outputs = unsigned_round.witness(inputs)
    assert outputs["key"] == [list(KEYS[signer]) for signer in (0, 2, 4)]
    assert outputs["message"] == [report.hash(DOMAIN) for report in reports]
    for name in ("key[0][0]", "key[2][1]", "message[1]"):
        assert not unsigned_round.accepts_witness_with(inputs, {f"main.{name}": 5})


def test_a_report_for_another_deployment_is_rejected(oracle: CircuitTester) -> None:
    assert oracle.rejects(round_inputs(domain=DOMAIN + 1))


def test_a_signed_message_is_no_report(oracle: CircuitTester) -> None:
    assert oracle.rejects(round_inputs(tag=0))


def test_other_prices_than_the_signed_ones_are_rejected(oracle: CircuitTester) -> None:
    assert oracle.rejects(round_inputs(price=with_price(0, 1_001)))


def test_another_time_than_the_signed_one_is_rejected(oracle: CircuitTester) -> None:
    assert oracle.rejects(round_inputs() | {"time": TIME - 1})
