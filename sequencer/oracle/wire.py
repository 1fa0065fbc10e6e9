"""Reports and refusals as JSON; what an integer of JSON may not hold is decimal text."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from sequencer.model import constants as c
from sequencer.model.oracle import OracleReport

REPORTS_PATH: Final = "/v1/reports"
_Decimal = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,77})$")]
_Coordinate = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ReportBody(_Body):
    """A report and what it was signed for."""

    domain: _Decimal
    signer: int = Field(ge=0, lt=c.ORACLE_SIGNERS)
    time: int = Field(ge=0, lt=1 << c.TIME_BITS)
    prices: list[_Decimal] = Field(min_length=c.MARKETS, max_length=c.MARKETS)
    signature: tuple[_Decimal, _Decimal, _Decimal]

    @classmethod
    def of(cls, report: OracleReport, domain: int) -> "ReportBody":
        """Return the body that says a report."""
        r8x, r8y, s = report.signature
        return cls(
            domain=str(domain),
            signer=report.signer,
            time=report.time,
            prices=[str(price) for price in report.prices],
            signature=(str(r8x), str(r8y), str(s)),
        )

    def report(self) -> OracleReport:
        """Return what the body says; the ranges of prices and signature are still to be checked."""
        r8x, r8y, s = self.signature
        prices = tuple(int(price) for price in self.prices)
        return OracleReport(self.signer, self.time, prices, (int(r8x), int(r8y), int(s)))


class KeyBody(_Body):
    """Who a signer is: what the configuration has under its index, and for which rollup it signs."""

    signer: int
    key: tuple[_Coordinate, _Coordinate]
    domain: _Decimal
    period_seconds: int


class Refusal(_Body):
    """Why there is no answer: a stable code for programs, a sentence for people."""

    code: str
    message: str


class RefusalBody(_Body):
    """The one form of every failure."""

    error: Refusal


def key_text(key: tuple[int, int]) -> tuple[str, str]:
    """Return a public key as the file of a change has it."""
    x, y = key
    return f"{x:#066x}", f"{y:#066x}"
