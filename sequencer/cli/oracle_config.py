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
from sequencer.replay.prices import ReplaySource

_DECIMAL: Final = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_LISTEN: Final = re.compile(r"(?P<host>[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):(?P<port>[0-9]{1,5})")
_SECONDS_MAX: Final = 86_400


class OracleConfigError(ProofbookError):
    """A file is no configuration of a signer."""

    code = "oracle_config"
    cure = "write it as in docs/operations/ORACLE.md"


def _text(told: object) -> str:
    if not isinstance(told, str) or not told:
        raise ValueError("must be a text")
    return told


def _path(told: object) -> Path:
    return Path(_text(told))


def _tick_size(told: object) -> Decimal:
    """Read decimal text; a number of TOML would have come over a float."""
    text = _text(told)
    if not _DECIMAL.fullmatch(text) or not Decimal(text):
        raise ValueError("must be the text of a positive decimal number")
    return Decimal(text)


def _domain(told: object) -> int:
    domain = read_element(_text(told))
    if domain is None:
        raise ValueError("must be the text of a hexadecimal (0x) or decimal number")
    return domain


def _listen(told: object) -> tuple[str, int]:
    match = _LISTEN.fullmatch(_text(told))
    if not match or int(match["port"]) > 65_535:
        raise ValueError("must be host:port")
    return match["host"].strip("[]"), int(match["port"])


def _url(told: object) -> str:
    text = _text(told)
    if not text.startswith(("https://", "http://")):
        raise ValueError("must begin with https:// or http://")
    return text


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ReplayTable(_Table):
    """Prices of recorded bars."""

    kind: Literal["replay"]
    bars: Annotated[Path, BeforeValidator(_path)]
    minutes: int = Field(ge=1)
    seed: int

    def source(self, signer: int, folder: Path) -> PriceSource:
        """Return what the table describes."""
        return ReplaySource(read_bars(folder / self.bars, self.minutes), self.seed, signer)


class HttpTable(_Table):
    """A price that a server tells."""

    kind: Literal["http"]
    url: Annotated[str, BeforeValidator(_url)]
    path: list[str | int]
    timeout_seconds: int = Field(default=2, ge=1, le=_SECONDS_MAX)
    late_seconds: int = Field(default=5, ge=1, le=_SECONDS_MAX)

    def source(self, signer: int, folder: Path) -> PriceSource:
        """Return what the table describes; it is the same for every signer."""
        del signer, folder
        return HttpSource(self.url, self.path, self.timeout_seconds, self.late_seconds)


class MarketTable(_Table):
    """A live market."""

    tick_size: Annotated[Decimal, BeforeValidator(_tick_size)]
    source: Annotated[ReplayTable | HttpTable, Field(discriminator="kind")]


class SignerConfig(_Table):
    """All that a signer is told, but for the password of its keystore."""

    signer: int = Field(ge=0, lt=c.ORACLE_SIGNERS)
    keystore: Annotated[Path, BeforeValidator(_path)]
    journal: Annotated[Path, BeforeValidator(_path)]
    listen: Annotated[tuple[str, int], BeforeValidator(_listen)]
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
