"""Carrying signed messages to the exchange until each has its answer, and checking the answers."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec.structs import replace

from proofbook.client import errors
from proofbook.client.link import Link, VenueTerms
from proofbook.client.receipts import ReceiptChecker
from proofbook.client.results import MessageResult
from sequencer.chain.receipts import SignedReceipt
from sequencer.model.message import SignedMessage
from sequencer.node import errors as node
from sequencer.service.wire.messages import (
    BatchRequest,
    ReplaceRequest,
    SignedBody,
    SignedCancel,
    SignedOrder,
    from_signed,
)
from sequencer.service.wire.orders import ResultsBody
from sequencer.service.wire.scalars import Body, Refusal

Outcome = MessageResult | errors.ClientError
"""The answer to a message, or why there is none."""

_PASSING: Final = frozenset(
    each.code
    for each in (node.NotReadyError, node.OverloadedError, node.SettlementBehindError, node.StoppingError)
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The way of signed messages through one client.

    Attributes
    ----------
    receipts : ReceiptChecker
        Judges the receipt of each answer.
    """

    link: Link
    terms: VenueTerms
    receipts: ReceiptChecker

    async def deliver(self, signed: Sequence[SignedMessage], *, is_replacement: bool) -> list[Outcome]:
        """Return what became of each message; the same messages are sent again while the cause may pass.

        A replacement is sent again as a whole.
        """
        retries, begin, attempt = self.link.retries, time.monotonic(), 0
        outcomes: dict[int, Outcome] = {}
        places: Sequence[int] = range(len(signed))
        while True:
            attempt += 1
            asked = [signed[place] for place in places]
            try:
                answers = await self._once(asked, is_replacement)
            except errors.ClientError as error:
                # What may pass was tried long enough.
                answers = [error.about(each.message.nonce) for each in asked]
                retries = replace(retries, attempts_max=0)
            outcomes.update(zip(places, answers, strict=True))
            passing = [place for place, outcome in outcomes.items() if _may_pass(outcome)]
            pause = retries.pause(attempt)
            is_late = time.monotonic() - begin + pause > retries.patience_seconds
            if not passing or is_late or attempt >= retries.attempts_max:
                return [outcomes[place] for place in range(len(signed))]
            places = range(len(signed)) if is_replacement else passing
            await asyncio.sleep(pause)

    async def _once(self, signed: Sequence[SignedMessage], is_replacement: bool) -> list[Outcome]:
        bodies = [from_signed(each, self.terms.markets) for each in signed]
        path, body = _pair(bodies) if is_replacement else ("/orders/batch", BatchRequest(messages=bodies))
        raw = (await self.link.ask("POST", path, ResultsBody, body=body)).results
        if len(raw) != len(signed):
            raise errors.MalformedAnswerError(f"{len(raw)} results for {len(signed)} messages")
        # In a thread: a checker may ask L1.
        return await asyncio.to_thread(self._judge, signed, raw)

    def _judge(self, signed: Sequence[SignedMessage], raw: Sequence[msgspec.Raw]) -> list[Outcome]:
        return [self._judged(each, result) for each, result in zip(signed, raw, strict=True)]

    def _judged(self, signed: SignedMessage, raw: msgspec.Raw) -> Outcome:
        """Return an answer whose receipt is good, else the error."""
        try:
            result = _decoded(raw)
            self._check(result, signed)
            return result
        except errors.ClientError as error:
            return error.about(signed.message.nonce)

    def _check(self, result: MessageResult, signed: SignedMessage) -> None:
        message, receipt = signed.message, _receipt(result)
        self.receipts.check(
            receipt, message.hash(self.terms.domain), account=message.account, nonce=message.nonce
        )
        promised = (receipt.receipt.batch_number, receipt.receipt.sequence)
        if promised != (result.batch, result.sequence):
            raise errors.BrokenPromiseError(
                f"the answer says batch {result.batch}, sequence {result.sequence}, its receipt {promised}",
                receipt,
            )


class _Peek(Body, frozen=True, kw_only=True):
    error: Refusal | None = None


def _decoded(raw: msgspec.Raw) -> MessageResult:
    try:
        refusal = msgspec.json.decode(raw, type=_Peek).error
        if refusal is None:
            return msgspec.json.decode(raw, type=MessageResult)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise errors.MalformedAnswerError(str(error)) from error
    raise (errors.UnavailableError if refusal.code in _PASSING else errors.RefusedError)(refusal)


def _receipt(result: MessageResult) -> SignedReceipt:
    try:
        return result.receipt.receipt()
    except ValueError as error:
        raise errors.MalformedAnswerError(f"the receipt: {error}") from error


def _pair(bodies: Sequence[SignedBody]) -> tuple[str, ReplaceRequest]:
    cancel, order = bodies
    assert isinstance(cancel, SignedCancel), "a replacement begins with a cancel"
    assert isinstance(order, SignedOrder), "a replacement ends with an order"
    return "/orders/replace", ReplaceRequest(cancel=cancel, order=order)


def _may_pass(outcome: Outcome) -> bool:
    """Whether a message is worth sending again: the node stopped, or began to wait, amid a batch."""
    return isinstance(outcome, errors.UnavailableError) and outcome.code in _PASSING
