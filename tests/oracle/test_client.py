"""The sequencer collects a round from servers of which it believes none."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

from sequencer.crypto import FIELD_MODULUS
from sequencer.engine import apply
from sequencer.engine.commands import OpenEpoch
from sequencer.model.oracle import OracleReport
from sequencer.oracle import errors
from sequencer.oracle.client import ANSWER_BYTES_MAX, Round, RoundCollector
from sequencer.oracle.wire import ReportBody
from tests.oracle.servers import answering, gone, serving, silent
from tests.oracle.venue import TIME, Board, open_signer
from tests.strategies import DOMAIN, configuration, genesis, oracle_secret, signed_report

KEYS = configuration().oracle_keys
PRICES = ("10.00", "10.01", "10.02", "10.03", "10.04")
VECTOR = (1_000, 0, 0, 0)


def collect(*endpoints: str, timeout_seconds: float = 10) -> Round:
    return RoundCollector(endpoints, KEYS, DOMAIN, 1, timeout_seconds).collect(TIME)


def signers(collected: Round) -> list[int]:
    return [report.signer for report in collected.reports]


def cause(
    report: OracleReport | bytes, domain: int = DOMAIN, honest: Sequence[str] = ()
) -> errors.EndpointError:
    """Why an answer is not taken, beside those of three honest signers."""
    body = report if isinstance(report, bytes) else ReportBody.of(report, domain).model_dump_json().encode()
    with answering(body) as url:
        (failure,) = collect(*honest, url).failures
    assert failure.endpoint == url
    return failure.error


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Five signers who nearly agree, each a server of its own."""
    folder = tmp_path_factory.mktemp("signers")
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                serving(stack.enter_context(open_signer(folder, Board({TIME: price}), index)))
            )
            for index, price in enumerate(PRICES)
        ]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Open one more signer, as a test describes it."""
    with ExitStack() as stack:

        def served(index: int, price: str = "10.00", **unusual: int) -> str:
            signer = open_signer(tmp_path, Board({TIME: price}), index, **unusual)
            return stack.enter_context(serving(stack.enter_context(signer)))

        yield served


def test_a_collected_round_opens_a_batch(five: list[str]) -> None:
    collected = collect(*five)
    state = genesis()
    apply(state, OpenEpoch(TIME, collected.reports))
    assert state.market(0).mark == 1_002
    assert signers(collected) == [1, 2, 3]
    assert collected.failures == ()


def test_the_order_of_the_endpoints_changes_nothing(five: list[str]) -> None:
    assert collect(*five[::-1]).reports == collect(*five).reports


def test_who_lies_by_far_is_left_out(five: list[str], serve: Callable[..., str]) -> None:
    collected = collect(serve(0, "99999.00"), *five[1:])
    assert signers(collected) == [2, 3, 4]
    assert collected.failures == ()


def test_two_liars_of_five_leave_the_mark_among_the_honest_prices(
    five: list[str], serve: Callable[..., str]
) -> None:
    state = genesis()
    collected = collect(serve(0, "99999.00"), serve(1, "88888.00"), *five[2:])
    apply(state, OpenEpoch(TIME, collected.reports))
    assert 1_002 <= state.market(0).mark <= 1_004


def test_a_signer_with_another_key_does_not_count(five: list[str], serve: Callable[..., str]) -> None:
    collected = collect(serve(0, secret=oracle_secret(7)), *five[1:])
    (failure,) = collected.failures
    assert isinstance(failure.error, errors.WrongKeyError)
    assert signers(collected) == [1, 2, 3]


def test_a_signer_of_another_rollup_does_not_count(five: list[str], serve: Callable[..., str]) -> None:
    (failure,) = collect(serve(0, domain=DOMAIN + 1), *five[1:]).failures
    assert isinstance(failure.error, errors.WrongDomainError)


def test_a_report_of_another_rollup_does_not_pass_for_one_of_this(five: list[str]) -> None:
    foreign = signed_report(0, TIME, VECTOR, domain=DOMAIN + 1)
    assert isinstance(cause(foreign, DOMAIN, five[1:]), errors.WrongKeyError)


def test_a_report_of_another_round_is_not_taken(five: list[str]) -> None:
    old = signed_report(0, TIME - 1, VECTOR)
    assert isinstance(cause(old, honest=five[1:]), errors.WrongRoundError)
    assert isinstance(cause(replace(old, time=TIME), honest=five[1:]), errors.WrongKeyError)


@pytest.mark.parametrize("prices", [(0, 0, 0, 0), (1_000, 5, 0, 0), (1 << 32, 0, 0, 0)])
def test_prices_that_do_not_fit_the_markets_are_not_taken(five: list[str], prices: tuple[int, ...]) -> None:
    report = OracleReport(0, TIME, prices, signed_report(0, TIME, VECTOR).signature)
    assert isinstance(cause(report, honest=five[1:]), errors.WrongPricesError)


def test_a_signature_of_no_field_elements_is_not_taken(five: list[str]) -> None:
    report = replace(signed_report(0, TIME, VECTOR), signature=(1, 2, FIELD_MODULUS))
    assert isinstance(cause(report, honest=five[1:]), errors.MalformedAnswerError)


@pytest.mark.parametrize(
    "change",
    [
        {"signer": 5},
        {"signer": "0"},
        {"signer": True},
        {"time": float(TIME)},
        {"prices": [1_000, 0, 0, 0]},
        {"prices": ["1000", "0", "0"]},
        {"prices": ["01000", "0", "0", "0"]},
        {"prices": ["-1", "0", "0", "0"]},
        {"prices": ["9" * 79, "0", "0", "0"]},
        {"signature": ["1", "2"]},
        {"extra": 1},
        {"domain": None},
    ],
)
def test_only_the_exact_form_of_a_report_is_one(five: list[str], change: dict[str, object]) -> None:
    told = ReportBody.of(signed_report(0, TIME, VECTOR), DOMAIN).model_dump() | change
    assert isinstance(cause(json.dumps(told).encode(), honest=five[1:]), errors.MalformedAnswerError)


@pytest.mark.parametrize("body", [b"", b"garbage", b"\xff\xfe", b"[" * 4_000, b"{}", b"null"])
def test_garbage_is_not_taken(five: list[str], body: bytes) -> None:
    assert isinstance(cause(body, honest=five[1:]), errors.MalformedAnswerError)


@pytest.mark.parametrize("length", [ANSWER_BYTES_MAX + 1, 10_000_000])
def test_a_long_answer_is_not_read_to_its_end(five: list[str], length: int) -> None:
    assert isinstance(cause(b" " * length, honest=five[1:]), errors.OversizedAnswerError)


def test_a_redirect_is_not_followed(five: list[str]) -> None:
    with answering(b"", 302, {"Location": f"{five[0]}/v1/reports/{TIME}"}) as url:
        (failure,) = collect(url, *five[1:]).failures
    assert isinstance(failure.error, errors.RedirectError)


def test_the_code_of_a_refusal_is_passed_on_and_nothing_else(
    five: list[str], serve: Callable[..., str]
) -> None:
    other = RoundCollector([*five, gone()], KEYS, DOMAIN, 1, 10)
    with pytest.raises(errors.NoQuorumError, match="signer_refused"):
        other.collect(TIME - 1)
    with answering(b'{"error": {"code": "\\u001b[31m", "message": "shown"}}', 500) as url:
        (failure,) = collect(url, *five[1:]).failures
    assert failure.error.message == "status 500, without a code"


def test_who_is_gone_or_silent_costs_no_round(five: list[str]) -> None:
    with silent() as url:
        collected = collect(gone(), url, *five[2:], timeout_seconds=2)
    kinds = [type(failure.error) for failure in collected.failures]
    assert kinds == [errors.SignerUnreachableError, errors.SignerSilentError]
    assert signers(collected) == [2, 3, 4]


def test_what_is_no_address_is_unreachable(five: list[str]) -> None:
    collected = collect("nonsense", "http://[", *five)
    assert {type(failure.error) for failure in collected.failures} == {errors.SignerUnreachableError}


def test_fewer_than_three_are_no_round(five: list[str]) -> None:
    nobody = gone()
    with pytest.raises(errors.NoQuorumError, match=f"2 signers .*{nobody}: signer_unreachable"):
        collect(five[0], five[1], nobody)


def test_one_signer_counts_once_however_many_endpoints_it_has(five: list[str]) -> None:
    with pytest.raises(errors.NoQuorumError, match="2 signers"):
        collect(five[0], five[0], five[0], five[1])


def test_who_signs_two_reports_of_one_time_does_not_count(five: list[str]) -> None:
    """Endpoint against endpoint, it is caught, and neither report is taken."""
    two = signed_report(0, TIME, (1_001, 0, 0, 0))
    with answering(ReportBody.of(two, DOMAIN).model_dump_json().encode()) as url:
        collected = collect(url, *five)
    assert {failure.endpoint for failure in collected.failures} == {url, five[0]}
    assert all(isinstance(failure.error, errors.EquivocationError) for failure in collected.failures)
    assert 0 not in signers(collected)
