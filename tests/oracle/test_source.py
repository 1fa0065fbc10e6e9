"""An HTTP source takes a positive number that is in time, and nothing else."""

from decimal import Decimal

import pytest

from sequencer.oracle import errors
from sequencer.oracle.source import ANSWER_BYTES_MAX, HttpSource
from tests.oracle.servers import answering, gone, silent

NOW = 1_600_000_000
PATH = ("data", 0, "price")


def source(url: str, *path: str | int, now: int = NOW) -> HttpSource:
    return HttpSource(url, path or PATH, timeout_seconds=5, late_seconds=5, now=lambda: now)


@pytest.mark.parametrize("number", ["7278.61", '"7278.61"', "7.27861e3"])
def test_a_number_or_its_text_is_read_without_loss(number: str) -> None:
    with answering(f'{{"data": [{{"price": {number}}}]}}'.encode()) as url:
        assert source(url).price(NOW) == Decimal("7278.61")


@pytest.mark.parametrize(
    "body",
    [
        "not JSON",
        "",
        "[" * 100_000,
        '{"data": []}',
        '{"data": {"0": {"price": 1}}}',
        '{"data": "123"}',
        *(
            f'{{"data": [{{"price": {price}}}]}}'
            for price in ("0", "-1", "NaN", "Infinity", "true", "null", "[1]", '""', '"NaN"', '"1_0"', "1e99")
        ),
    ],
)
def test_anything_but_a_positive_number_is_refused(body: str) -> None:
    with answering(body.encode()[:ANSWER_BYTES_MAX]) as url, pytest.raises(errors.MalformedPriceError):
        source(url).price(NOW)


def test_a_text_has_no_inside() -> None:
    with answering(b'"7"') as url, pytest.raises(errors.MalformedPriceError):
        source(url, 0).price(NOW)


def test_a_long_answer_is_not_read_to_its_end() -> None:
    with (
        answering(b" " * (ANSWER_BYTES_MAX + 1) + b"7") as url,
        pytest.raises(errors.MalformedPriceError, match="more than"),
    ):
        source(url).price(NOW)


@pytest.mark.parametrize("status", [301, 404, 500])
def test_a_failure_is_no_price(status: int) -> None:
    with (
        answering(b"7", status, {"Location": "/elsewhere"}) as url,
        pytest.raises(errors.SourceUnreachableError, match=str(status)),
    ):
        source(url).price(NOW)


def test_nobody_at_the_address_is_no_price_and_the_address_is_kept_secret() -> None:
    url = gone()
    with pytest.raises(errors.SourceUnreachableError) as refused:
        source(f"{url}/?key=hidden").price(NOW)
    assert "hidden" not in str(refused.value)


def test_a_source_that_never_answers_is_given_up() -> None:
    with silent() as url, pytest.raises(errors.SourceUnreachableError):
        HttpSource(url, (), timeout_seconds=1, late_seconds=5, now=lambda: NOW).price(NOW)


def test_the_price_of_now_is_not_signed_for_a_second_that_is_gone() -> None:
    with answering(b'{"data": [{"price": 7}]}') as url:
        assert source(url, now=NOW + 5).price(NOW) == 7
        with pytest.raises(errors.LatePriceError):
            source(url, now=NOW + 6).price(NOW)


def test_an_answer_that_comes_too_late_is_refused() -> None:
    clock = iter([NOW, NOW + 6])
    with answering(b"7") as url, pytest.raises(errors.LatePriceError):
        HttpSource(url, (), timeout_seconds=5, late_seconds=5, now=lambda: next(clock)).price(NOW)
