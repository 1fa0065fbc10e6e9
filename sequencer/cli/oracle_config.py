"""The file that `proofbook oracle serve` reads: every key is here and in docs/operations/ORACLE.md."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sequencer.cli.numbers import read_element
from sequencer.model import constants as c
from sequencer.model.errors import ProofbookError
from sequencer.oracle.signer import ReportSigner
from sequencer.oracle.source import HttpSource, PriceSource, QuotedMarket
from sequencer.replay.bars import read_bars
from sequencer.replay.prices import EndlessSource, ReplaySource

_DECIMAL: Final = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_LISTEN: Final = re.compile(r"(?P<host>[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):(?P<port>[0-9]{1,5})")
_SECONDS_MAX: Final = 86_400


class OracleConfigError(ProofbookError):
    """A file is no configuration of a signer."""

    code = "oracle_config"
    cure = "write it as in docs/operations/ORACLE.md"


def read_text(told: object) -> str:
    """Return a text that is not empty; ValueError otherwise."""
    if not isinstance(told, str) or not told:
        raise ValueError("must be a text")
    return told


def read_path(told: object) -> Path:
    """Return a path; ValueError if it is no text."""
    return Path(read_text(told))


def read_decimal(told: object) -> Decimal:
    """Return a positive decimal from its text: a number of TOML would have come over a float."""
    text = read_text(told)
    if not _DECIMAL.fullmatch(text) or not Decimal(text):
        raise ValueError("must be the text of a positive decimal number")
    return Decimal(text)


def _domain(told: object) -> int:
    domain = read_element(read_text(told))
    if domain is None:
        raise ValueError("must be the text of a hexadecimal (0x) or decimal number")
    return domain


def read_listen(told: object) -> tuple[str, int]:
    """Return host and port of "host:port"; ValueError otherwise."""
    match = _LISTEN.fullmatch(read_text(told))
    if not match or int(match["port"]) > 65_535:
        raise ValueError("must be host:port")
    return match["host"].strip("[]"), int(match["port"])


def read_url(told: object) -> str:
    """Return an address of HTTP; ValueError otherwise."""
    text = read_text(told)
    if not text.startswith(("https://", "http://")):
        raise ValueError("must begin with https:// or http://")
    return text


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ReplayTable(_Table):
    """Prices of recorded bars, told at their own time or, with `start`, from then on without end."""

    kind: Literal["replay"]
    bars: Annotated[Path, BeforeValidator(read_path)]
    minutes: int = Field(ge=1)
    seed: int
    start: int | None = Field(default=None, ge=0, lt=1 << c.TIME_BITS)

    def source(self, signer: int, folder: Path) -> PriceSource:
        """Return what the table describes."""
        bars = read_bars(folder / self.bars, self.minutes)
        recorded = ReplaySource(bars, self.seed, signer)
        return recorded if self.start is None else EndlessSource(recorded, bars[0].open_time, self.start)


class HttpTable(_Table):
    """A price that a server tells."""

    kind: Literal["http"]
    url: Annotated[str, BeforeValidator(read_url)]
    path: list[str | int]
    timeout_seconds: int = Field(default=2, ge=1, le=_SECONDS_MAX)
    late_seconds: int = Field(default=5, ge=1, le=_SECONDS_MAX)

    def source(self, signer: int, folder: Path) -> PriceSource:
        """Return what the table describes; it is the same for every signer."""
        del signer, folder
        return HttpSource(self.url, self.path, self.timeout_seconds, self.late_seconds)


class MarketTable(_Table):
    """A live market."""

    tick_size: Annotated[Decimal, BeforeValidator(read_decimal)]
    source: Annotated[ReplayTable | HttpTable, Field(discriminator="kind")]


class SignerConfig(_Table):
    """All that a signer is told, but for the password of its keystore."""

    signer: int = Field(ge=0, lt=c.ORACLE_SIGNERS)
    keystore: Annotated[Path, BeforeValidator(read_path)]
    journal: Annotated[Path, BeforeValidator(read_path)]
    listen: Annotated[tuple[str, int], BeforeValidator(read_listen)]
    period_seconds: int = Field(ge=1, le=_SECONDS_MAX)
    domain: Annotated[int, BeforeValidator(_domain), Field(lt=c.FIELD_MODULUS)]
    markets: list[MarketTable] = Field(min_length=1, max_length=c.MARKETS)

    def open_signer(self, secret: int, folder: Path) -> ReportSigner:
        """Return the signer, with its journal open; paths are seen from a folder."""
        markets = [
            QuotedMarket(market.tick_size, market.source.source(self.signer, folder))
            for market in self.markets
        ]
        journal = folder / self.journal
        return ReportSigner(secret, self.signer, self.domain, self.period_seconds, markets, journal)


def read_config(path: Path) -> SignerConfig:
    """Return the configuration that a TOML file says.

    Raises
    ------
    OracleConfigError
        If the file is no TOML, lacks a key, has one that there is not, or a value that cannot be.
    """
    try:
        with path.open("rb") as file:
            return SignerConfig.model_validate(tomllib.load(file))
    except ValidationError as error:
        (first, *_) = error.errors(include_url=False, include_input=False)
        raise OracleConfigError(f"{path}: {_place(first['loc'])}{first['msg']}") from error
    except ValueError as error:
        raise OracleConfigError(f"{path}: {error}") from error


def _place(location: tuple[Any, ...]) -> str:
    return f"{'.'.join(map(str, location))}: " if location else ""
