"""How the sequencer collects a round: it asks every signer and believes none."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import httpx
from pydantic import ValidationError

from sequencer.crypto import FIELD_MODULUS, verify
from sequencer.model import constants as c
from sequencer.model.oracle import OracleReport
from sequencer.oracle import errors
from sequencer.oracle.quorum import nearest_quorum
from sequencer.oracle.wire import REPORTS_PATH, RefusalBody, ReportBody

ANSWER_BYTES_MAX: Final = 4_096
TIMEOUT_SECONDS: Final = 3.0
_CODE: Final = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Failure:
    """An endpoint that gave no report that counts, and why."""

    endpoint: str
    error: errors.EndpointError


@dataclass(frozen=True, slots=True)
class Round:
    """A quorum for the batch, by increasing signer, and the endpoints that had nothing for it."""

    reports: tuple[OracleReport, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class RoundCollector:
    """Asks signers for their reports of a time.

    Attributes
    ----------
    endpoints : sequence of str
        Addresses, in any order, as many as there are: a report says itself whose it is.
    keys : sequence of (int, int)
        The signers' public keys, by their index in the configuration.
    domain : int
        What reports must be signed for.
    live_markets : int
        How many slots hold a market; those are the first.
    timeout_seconds : float
        Within which an endpoint must have answered completely.
    """

    endpoints: Sequence[str]
    keys: Sequence[tuple[int, int]]
    domain: int
    live_markets: int
    timeout_seconds: float = TIMEOUT_SECONDS

    def collect(self, time: int) -> Round:
        """Return the round of a time.

        Raises
        ------
        NoQuorumError
            If fewer signers than a batch needs gave a valid report.
        """
        answers = asyncio.run(self._ask_all(time))
        failures = [answer for answer in answers if isinstance(answer, Failure)]
        valid: dict[int, list[tuple[str, OracleReport]]] = defaultdict(list)
        for endpoint, answer in zip(self.endpoints, answers, strict=True):
            if isinstance(answer, OracleReport):
                valid[answer.signer].append((endpoint, answer))
        reports = []
        for signer, told in valid.items():
            if len({report.prices for _, report in told}) == 1:
                reports.append(told[0][1])
            else:
                failures += [Failure(endpoint, _equivocation(signer, time)) for endpoint, _ in told]
        if len(reports) < c.ORACLE_QUORUM:
            causes = "; ".join(f"{failure.endpoint}: {failure.error.code}" for failure in failures)
            raise errors.NoQuorumError(
                f"{len(reports)} signers reported for {time} ({causes or 'no others'})"
            )
        return Round(nearest_quorum(reports, self.live_markets), tuple(failures))

    async def _ask_all(self, time: int) -> list[OracleReport | Failure]:
        async with httpx.AsyncClient(timeout=self.timeout_seconds, trust_env=False) as client:
            return await asyncio.gather(*(self._ask(client, endpoint, time) for endpoint in self.endpoints))

    async def _ask(self, client: httpx.AsyncClient, endpoint: str, time: int) -> OracleReport | Failure:
        """Return the report of one endpoint; its failure is its own."""
        try:
            async with asyncio.timeout(self.timeout_seconds):
                body = await _fetched(client, f"{endpoint.rstrip('/')}{REPORTS_PATH}/{time}")
            return self._checked(body, time)
        except errors.EndpointError as error:
            return Failure(endpoint, error)
        except (TimeoutError, httpx.TimeoutException):
            text = f"no complete answer within {self.timeout_seconds:g} seconds"
            return Failure(endpoint, errors.SignerSilentError(text))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Failure(endpoint, errors.SignerUnreachableError(type(error).__name__))

    def _checked(self, body: bytes, time: int) -> OracleReport:
        """Return what a body says, if the engine will take it.

        Raises
        ------
        EndpointError
        """
        try:
            told = ReportBody.model_validate_json(body)
        except ValidationError as error:
            raise errors.MalformedAnswerError(f"{error.error_count()} things are no report's") from error
        report = told.report()
        if report.time != time:
            raise errors.WrongRoundError(f"the report is of {report.time}, not {time}")
        if int(told.domain) != self.domain:
            raise errors.WrongDomainError(f"the report is for {told.domain}, not {self.domain}")
        for slot, price in enumerate(report.prices):
            low, high = (1, 1 << c.PRICE_BITS) if slot < self.live_markets else (0, 1)
            if not low <= price < high:
                raise errors.WrongPricesError(f"the price in slot {slot} is {price}")
        if max(report.signature) >= FIELD_MODULUS:
            raise errors.MalformedAnswerError("the signature has parts that are no field elements")
        if not verify(self.keys[report.signer], report.hash(self.domain), report.signature):
            raise errors.WrongKeyError(f"signer {report.signer} has not signed this")
        return report


async def _fetched(client: httpx.AsyncClient, url: str) -> bytes:
    """Return the body of a successful answer; never more of it is read than a report could have."""
    body = bytearray()
    # Raw parts: what is compressed could be long where it came in short.
    async with client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response:
        if response.is_redirect:
            raise errors.RedirectError(f"it answers with status {response.status_code}")
        async for part in response.aiter_raw():
            body += part
            if len(body) > ANSWER_BYTES_MAX:
                raise errors.OversizedAnswerError(f"it answers more than {ANSWER_BYTES_MAX} bytes")
    if response.status_code != httpx.codes.OK:
        raise errors.SignerRefusedError(f"status {response.status_code}, {_code(bytes(body))}")
    return bytes(body)


def _code(body: bytes) -> str:
    """Return the code of a refusal, if it looks like one: it will be shown."""
    try:
        code = RefusalBody.model_validate_json(body).error.code
    except ValidationError:
        return "without a code"
    return code if _CODE.fullmatch(code) else "without a code"


def _equivocation(signer: int, time: int) -> errors.EquivocationError:
    return errors.EquivocationError(f"signer {signer} has signed two reports of {time}")
