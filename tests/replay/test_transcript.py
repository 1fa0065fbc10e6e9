"""The transcript is a table that a person can read."""

import re
from dataclasses import replace

from sequencer.replay.checks import Check
from sequencer.replay.history import BatchFigures
from sequencer.replay.result import TraderResult, WithdrawalResult
from sequencer.replay.transcript import Transcript

BATCH = BatchFigures(
    number=3,
    minute=2,
    timestamp=1_584_008_340,
    requests=0,
    messages=27,
    trades=12,
    volume=99_232_400_000,
    mark=725_480,
    constraints=423_064,
    witness_seconds=2.44,
    proof_seconds=31.8,
    gas=321_435,
    calldata_bytes=1_892,
    state_root=0x2224033 << 228 | 0xD5CA1E,
)
TRADER = TraderResult(
    name="Ada",
    style="market maker",
    account=1,
    deposit=250_000_000_000,
    equity=249_984_700_000,
    profit=-15_300_000,
    fees=1_250_000,
    trades=12,
    position=-22_726,
)


def written(*batches: BatchFigures) -> list[str]:
    lines: list[str] = []
    transcript = Transcript(lines.append)
    transcript.batch_heading()
    for figures in batches:
        transcript.batch(figures)
    return lines


def test_a_batch_is_one_line_with_all_its_figures() -> None:
    assert re.split(" {2,}", written(BATCH)[1].strip()) == [
        *("3", "2", "27", "12", "99,232", "7,254.80"),
        *("423,064", "2.4 s", "31.8 s", "321,435", "1,892 B", "0x2224033..d5ca1e"),
    ]


def test_columns_stay_aligned_under_their_headings() -> None:
    heading, *lines = written(BATCH, replace(BATCH, number=120, minute=120, messages=5, gas=1_234_567))
    for name in ("messages", "mark", "constraints", "calldata"):
        end = heading.index(name) + len(name)
        assert all(line[end : end + 1] == " " and line[end - 1] != " " for line in lines), name


def test_a_batch_after_the_last_minute_has_no_minute() -> None:
    assert written(replace(BATCH, minute=0))[1].split()[1] == "-"


def test_a_trader_s_loss_and_short_position_have_a_sign() -> None:
    lines: list[str] = []
    Transcript(lines.append).traders([TRADER])
    assert lines[-1].split() == [
        *("Ada", "market", "maker", "250,000", "249,984.70", "-15.30", "1.25", "12", "-2.2726"),
    ]


def test_the_withdrawal_is_told_to_the_unit() -> None:
    lines: list[str] = []
    Transcript(lines.append).withdrawal(WithdrawalResult("Farid", 6, 5, 176_033_560_001, 145_687_263_495))
    assert lines[-1] == (
        "Farid withdrew 145,687.263495 demoUSD of an equity of 176,033.560001 in batch 5,"
        " and claimed the tokens on L1."
    )


def test_a_check_that_does_not_hold_stands_out() -> None:
    lines: list[str] = []
    Transcript(lines.append).checks([Check("one", "1 = 1", True), Check("two", "1 = 2", False)])
    assert lines[1:] == ["[ok] one", "     1 = 1", "[BROKEN] two", "     1 = 2"]
