"""A signer gives one report a time, for ever, and none before its time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sequencer.crypto import verify
from sequencer.model import constants as c
from sequencer.oracle import errors
from sequencer.oracle.signer import ReportSigner
from tests.oracle.venue import TIME, Board, open_signer
from tests.strategies import DOMAIN, oracle_secret


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def signer(tmp_path: Path, board: Board) -> Iterator[ReportSigner]:
    with open_signer(tmp_path, board) as signer:
        yield signer


def test_a_report_is_signed_for_the_domain_and_prices_the_live_markets_only(signer: ReportSigner) -> None:
    report = signer.report(TIME)
    assert (report.signer, report.time, report.prices) == (0, TIME, (1_000, 0, 0, 0))
    assert verify(signer.key, report.hash(DOMAIN), report.signature)


def test_what_was_signed_stays_though_the_price_changes(signer: ReportSigner, board: Board) -> None:
    first = signer.report(TIME)
    board.prices = {TIME: "11.00"}
    assert signer.report(TIME) == first


def test_what_was_signed_stays_after_a_restart(tmp_path: Path, board: Board) -> None:
    with open_signer(tmp_path, board) as signer:
        first = signer.report(TIME)
    with open_signer(tmp_path, Board({TIME: "11.00"})) as signer:
        assert signer.report(TIME) == first


def test_what_was_signed_is_given_out_again_without_a_source_or_a_right_clock(
    signer: ReportSigner, board: Board
) -> None:
    first = signer.report(TIME)
    board.prices, board.clock = {}, 0
    assert signer.report(TIME) == first


def test_a_time_that_has_not_come_is_not_signed(signer: ReportSigner, board: Board) -> None:
    board.prices = {TIME: "10.00", TIME + 1: "10.00"}
    with pytest.raises(errors.FutureTimeError):
        signer.report(TIME + 1)
    board.clock = TIME + 1
    assert signer.report(TIME + 1).time == TIME + 1


def test_only_times_of_the_grid_are_signed(tmp_path: Path) -> None:
    on_grid = TIME - TIME % 60
    board = Board({on_grid: "10.00", on_grid + 1: "10.00"}, clock=on_grid + 59)
    with open_signer(tmp_path, board, period_seconds=60) as signer:
        with pytest.raises(errors.OffGridError):
            signer.report(on_grid + 1)
        assert signer.latest().time == on_grid


@pytest.mark.parametrize("time", [-1, 1 << c.TIME_BITS])
def test_what_is_no_time_is_refused(signer: ReportSigner, time: int) -> None:
    with pytest.raises(errors.BadTimeError):
        signer.report(time)


def test_a_failing_source_leaves_the_time_unsigned(signer: ReportSigner, board: Board) -> None:
    board.prices = {}
    with pytest.raises(errors.NoPriceError):
        signer.report(TIME)
    board.prices = {TIME: "12.00"}
    assert signer.report(TIME).prices[0] == 1_200


@pytest.mark.parametrize(
    ("price", "ticks"),
    [("10.004", 1_000), ("10.005", 1_000), ("10.015", 1_002), ("0.0051", 1), ("42949672.95", (1 << 32) - 1)],
)
def test_a_price_is_rounded_half_even_to_ticks(
    signer: ReportSigner, board: Board, price: str, ticks: int
) -> None:
    board.prices = {TIME: price}
    assert signer.report(TIME).prices[0] == ticks


@pytest.mark.parametrize("price", ["0.005", "0.0001", "42949672.955", "1e30"])
def test_a_price_below_a_tick_or_beyond_32_bits_is_refused(
    signer: ReportSigner, board: Board, price: str
) -> None:
    board.prices = {TIME: price}
    with pytest.raises(errors.PriceRangeError):
        signer.report(TIME)


def test_two_processes_cannot_sign_with_one_journal(tmp_path: Path, signer: ReportSigner) -> None:
    with pytest.raises(errors.JournalLockedError):
        open_signer(tmp_path, Board())


@pytest.mark.parametrize("other", [{"domain": DOMAIN + 1}, {"secret": oracle_secret(1)}])
def test_a_journal_serves_one_key_and_one_domain(tmp_path: Path, other: dict[str, int]) -> None:
    open_signer(tmp_path, Board()).close()
    with pytest.raises(errors.ForeignJournalError):
        open_signer(tmp_path, Board(), **other)


def test_a_torn_tail_costs_only_what_was_never_given_out(tmp_path: Path) -> None:
    """Cut anywhere in the last record, the journal opens and keeps every one before it."""
    board = Board({TIME: "10.00", TIME + 1: "20.00"}, clock=TIME + 1)
    with open_signer(tmp_path, board) as signer:
        first = signer.report(TIME)
        (log,) = (tmp_path / "journal-0").glob("*.log")
        before = log.stat().st_size
        signer.report(TIME + 1)
        after = log.stat().st_size
    whole = log.read_bytes()
    board.prices = {TIME: "30.00", TIME + 1: "40.00"}
    log.write_bytes(whole[: (before + after) // 2])
    with open_signer(tmp_path, board) as signer:
        assert signer.report(TIME) == first
        assert signer.report(TIME + 1).prices[0] == 4_000


def test_a_damaged_journal_signs_nothing(tmp_path: Path) -> None:
    with open_signer(tmp_path, Board()) as signer:
        signer.report(TIME)
        (log,) = (tmp_path / "journal-0").glob("*.log")
    damaged = bytearray(log.read_bytes())
    damaged[-1] ^= 1
    log.write_bytes(damaged)
    with pytest.raises(errors.JournalCorruptedError):
        open_signer(tmp_path, Board())


def test_a_journal_that_cannot_be_made_is_not_taken_for_damaged(tmp_path: Path) -> None:
    (tmp_path / "journal-0").write_text("a file")
    with pytest.raises(errors.JournalUnavailableError):
        open_signer(tmp_path, Board())
