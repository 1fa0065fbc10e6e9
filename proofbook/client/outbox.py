"""Messages on their way: signed in one order, sent in that order, and again until there is an answer."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec import Struct
from msgspec.structs import replace

from proofbook.client.delivery import Delivery, Outcome
from proofbook.client.errors import ClosedError
from proofbook.client.link import Link, VenueTerms
from proofbook.client.nonces import NonceClock
from proofbook.client.receipts import ReceiptChecker
from sequencer.chain.receipts import ReceiptDomain
from sequencer.model.message import Message, SignedMessage
from sequencer.service.wire.messages import MESSAGES_MAX


class Draft(Struct, frozen=True):
    """A message without signature; its nonce is chosen when it is signed, unless it is given."""

    message: Message
    nonce: int | None = None


@dataclass(slots=True)
class _Parcel:
    """Messages of one call; those of a replacement go alone, on a route of their own."""

    drafts: Sequence[Draft]
    is_replacement: bool
    answered: "asyncio.Future[list[Outcome]]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Outbox:
    """Sends one request at a time; what waits meanwhile goes together in the next.

    Nonces must arrive in their order, and requests of two connections may overtake each other.
    """

    def __init__(self, link: Link, nonces: NonceClock, receipts: ReceiptChecker | None) -> None:
        self._link, self._nonces, self._receipts = link, nonces, receipts
        self._waiting: deque[_Parcel] = deque()
        self._group: list[_Parcel] = []
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    async def send(self, drafts: Sequence[Draft], *, is_replacement: bool = False) -> list[Outcome]:
        """Return what became of each message.

        Cancelled before its messages are signed, nothing is sent; later, they may be sequenced all the same.
        """
        if self._closed:
            raise ClosedError("the outbox is closed")
        parcel = _Parcel(drafts, is_replacement)
        self._waiting.append(parcel)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await parcel.answered

    async def close(self) -> None:
        """Send no more; who waits is told."""
        self._closed = True
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        _fail((*self._group, *self._waiting), ClosedError("the client was closed"))
        self._waiting.clear()

    async def _work(self) -> None:
        while self._waiting:
            self._group = self._next_group()
            try:
                await self._carry(self._group)
            except Exception as error:
                # Whoever waits must learn of it, whatever it is.
                _fail(self._group, error)

    def _next_group(self) -> list[_Parcel]:
        group = [self._waiting.popleft()]
        size = len(group[0].drafts)
        while self._waiting and not group[0].is_replacement:
            following = self._waiting[0]
            size += len(following.drafts)
            if following.is_replacement or size > MESSAGES_MAX:
                break
            group.append(self._waiting.popleft())
        return group

    async def _carry(self, group: Sequence[_Parcel]) -> None:
        terms = await self._link.terms()
        asked = [parcel for parcel in group if not parcel.answered.done()]
        if not asked:
            return
        signed = [self._signed(draft, terms) for parcel in asked for draft in parcel.drafts]
        delivery = Delivery(self._link, terms, self._checker(terms))
        outcomes = iter(await delivery.deliver(signed, is_replacement=asked[0].is_replacement))
        for parcel in asked:
            mine = [next(outcomes) for _ in parcel.drafts]
            if not parcel.answered.done():
                parcel.answered.set_result(mine)

    def _checker(self, terms: VenueTerms) -> ReceiptChecker:
        if self._receipts is None:
            self._receipts = ReceiptChecker(ReceiptDomain(terms.chain_id, terms.rollup), terms.receipt_signer)
        return self._receipts

    def _signed(self, draft: Draft, terms: VenueTerms) -> SignedMessage:
        nonce = self._nonces.next() if draft.nonce is None else draft.nonce
        self._nonces.pass_over(nonce)
        message = replace(draft.message, nonce=nonce)
        return SignedMessage(message, self._link.key.sign(message.hash(terms.domain)))


def _fail(parcels: Sequence[_Parcel], error: Exception) -> None:
    for parcel in parcels:
        if not parcel.answered.done():
            parcel.answered.set_exception(error)
