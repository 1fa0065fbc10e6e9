"""A signer over HTTP: large integers are text, and every failure has one form and a stable code."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sequencer.crypto import verify
from sequencer.model.oracle import OracleReport
from sequencer.oracle.signer import ReportSigner
from sequencer.oracle.wire import ReportBody
from tests.oracle.servers import get, serving
from tests.oracle.venue import TIME, Board, open_signer
from tests.strategies import DOMAIN

PERIOD = 4
GRID = TIME - TIME % PERIOD


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportSigner]:
    board = Board({GRID: "10.00", GRID - 2 * PERIOD: "0.0001"}, clock=GRID + PERIOD - 1)
    with open_signer(tmp_path_factory.mktemp("signer"), board, period_seconds=PERIOD) as signer:
        yield signer


@pytest.fixture(scope="module")
def url(signer: ReportSigner) -> Iterator[str]:
    with serving(signer) as url:
        yield url


def test_a_report_is_told_with_its_large_integers_as_text(url: str, signer: ReportSigner) -> None:
    answer = get(url, f"/v1/reports/{GRID}")
    told = answer.json()
    assert answer.status_code == 200
    assert (told["signer"], told["time"], told["domain"]) == (0, GRID, str(DOMAIN))
    assert told["prices"] == ["1000", "0", "0", "0"]
    r8x, r8y, s = map(int, told["signature"])
    report = OracleReport(0, GRID, (1_000, 0, 0, 0), (r8x, r8y, s))
    assert verify(signer.key, report.hash(DOMAIN), report.signature)


def test_the_latest_report_is_that_of_the_newest_time_on_the_grid(url: str) -> None:
    assert get(url, "/v1/reports/latest").json() == get(url, f"/v1/reports/{GRID}").json()


def test_a_body_says_its_report(signer: ReportSigner) -> None:
    report = signer.report(GRID)
    told = ReportBody.of(report, DOMAIN).model_dump_json()
    assert ReportBody.model_validate_json(told).report() == report


def test_the_key_is_told_as_the_file_of_a_change_wants_it(url: str, signer: ReportSigner) -> None:
    assert get(url, "/v1/key").json() == {
        "signer": 0,
        "key": [f"{signer.key.x:#066x}", f"{signer.key.y:#066x}"],
        "domain": str(DOMAIN),
        "period_seconds": PERIOD,
    }


def test_health_needs_no_price(url: str) -> None:
    assert get(url, "/health").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/reports/soon", 400, "bad_time"),
        ("/v1/reports/-4", 400, "bad_time"),
        ("/v1/reports/1e9", 400, "bad_time"),
        ("/v1/reports/%D9%A3", 400, "bad_time"),
        (f"/v1/reports/{1 << 40}", 400, "bad_time"),
        (f"/v1/reports/{'4' * 5_000}", 400, "bad_time"),
        (f"/v1/reports/{GRID + 1}", 400, "off_grid"),
        (f"/v1/reports/{GRID + PERIOD}", 425, "future_time"),
        (f"/v1/reports/{GRID - PERIOD}", 503, "no_price"),
        (f"/v1/reports/{GRID - 2 * PERIOD}", 503, "price_out_of_range"),
        ("/v1/nothing", 404, "not_found"),
    ],
)
def test_a_refusal_has_its_status_and_its_code(url: str, path: str, status: int, code: str) -> None:
    answer = get(url, path)
    told = answer.json()
    assert (answer.status_code, told["error"]["code"]) == (status, code)
    assert set(told) == {"error"}
    assert set(told["error"]) == {"code", "message"}


def test_a_journal_that_fails_is_a_failure_of_the_server_in_the_same_form(tmp_path: Path) -> None:
    signer = open_signer(tmp_path, Board())
    with serving(signer) as url:
        signer.close()
        answer = get(url, f"/v1/reports/{TIME}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
