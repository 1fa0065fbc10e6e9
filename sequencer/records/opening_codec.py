"""The opening of a batch as bytes: time, oracle reports, and the configuration where one takes effect."""

from typing import Final

from sequencer.engine.commands import OpenEpoch
from sequencer.model import constants as c
from sequencer.model.config import CONFIGURATION_WORDS, Configuration
from sequencer.model.oracle import OracleReport
from sequencer.store.bytestream import ByteReader, ByteWriter

_COUNT_BYTES: Final = 1
_TIME_BYTES: Final = 5
_PRICE_BYTES: Final = 4


def write_opening(writer: ByteWriter, opening: OpenEpoch) -> None:
    """Append the opening of a batch; OverflowError if a field does not fit its width."""
    writer.unsigned(opening.timestamp, _TIME_BYTES)
    writer.unsigned(len(opening.reports), _COUNT_BYTES)
    for report in opening.reports:
        _write_report(writer, report)
    writer.unsigned(opening.configuration is not None, _COUNT_BYTES)
    if opening.configuration is not None:
        for word in opening.configuration.words():
            writer.word(word)


def read_opening(reader: ByteReader) -> OpenEpoch:
    """Read what `write_opening` wrote; ValueError if nothing does so."""
    return OpenEpoch(
        timestamp=reader.unsigned(_TIME_BYTES),
        reports=tuple(_read_report(reader) for _ in range(_read_count(reader, c.ORACLE_SIGNERS))),
        configuration=_read_configuration(reader) if _read_count(reader, 1) else None,
    )


def _write_report(writer: ByteWriter, report: OracleReport) -> None:
    writer.unsigned(report.signer, _COUNT_BYTES)
    writer.unsigned(report.time, _TIME_BYTES)
    writer.unsigned(len(report.prices), _COUNT_BYTES)
    for price in report.prices:
        writer.unsigned(price, _PRICE_BYTES)
    for part in report.signature:
        writer.word(part)


def _read_report(reader: ByteReader) -> OracleReport:
    return OracleReport(
        signer=_read_count(reader, c.ORACLE_SIGNERS - 1),
        time=reader.unsigned(_TIME_BYTES),
        prices=tuple(reader.unsigned(_PRICE_BYTES) for _ in range(_read_count(reader, c.MARKETS))),
        signature=(reader.word(), reader.word(), reader.word()),
    )


def _read_configuration(reader: ByteReader) -> Configuration:
    return Configuration.from_words([reader.word() for _ in range(CONFIGURATION_WORDS)])


def _read_count(reader: ByteReader, most: int) -> int:
    count = reader.unsigned(_COUNT_BYTES)
    if count > most:
        raise ValueError(f"{count} is more than {most}")
    return count
