"""Orders and cancels."""

from collections.abc import Sequence

from msgspec.structs import replace

from proofbook.client.account_data import AccountData
from proofbook.client.delivery import Outcome
from proofbook.client.errors import ClientError, NotAnOrderError, TooManyMessagesError
from proofbook.client.link import Link
from proofbook.client.nonces import NonceClock
from proofbook.client.outbox import Draft, Outbox
from proofbook.client.receipts import ReceiptChecker
from proofbook.client.results import MessageResult, Order, Replaced
from proofbook.client.terms import NEVER_EXPIRES, CancelAll, CancelOrder, NewOrder, Number, Terms, unsigned
from sequencer.model.message import SignedMessage
from sequencer.service.wire.account import DeadManBody
from sequencer.service.wire.messages import MESSAGES_MAX, DeadManRequest, SignedCancelAll, from_signed
from sequencer.service.wire.scalars import SideText


class Trading(AccountData):
    """Signs messages with the account's key and sends each until it has its one answer.

    A message that was sequenced has a result, also where the order was rejected: its `order` says why. One
    that was not is an error that names its nonce: RefusedError if it never will be; ConnectionFailedError,
    RateLimitedError and UnavailableError if it may have been on the way, which `message(nonce)` tells.
    """

    def __init__(self, link: Link, nonces: NonceClock, receipts: ReceiptChecker | None) -> None:
        super().__init__(link)
        self._nonces = nonces
        self._outbox = Outbox(link, nonces, receipts)

    async def place(
        self,
        market: str,
        side: SideText,
        size: Number,
        price: Number,
        *,
        ioc: bool = False,
        post_only: bool = False,
        reduce_only: bool = False,
        expiry: int = NEVER_EXPIRES,
        max_fee_ppm: int | None = None,
        nonce: int | None = None,
    ) -> MessageResult:
        """Place an order; the parameters are those of `NewOrder`."""
        terms = NewOrder(market, side, size, price, ioc, post_only, reduce_only, expiry, max_fee_ppm, nonce)
        return await self._one(terms)

    async def cancel(self, order: Order | int) -> MessageResult:
        """Cancel an order, or the one with a nonce; the verdict is "not_found" if it had ended."""
        return await self._one(CancelOrder(await self._order(order)))

    async def cancel_all(self) -> MessageResult:
        """Cancel all older orders of the account, in all markets."""
        return await self._one(CancelAll())

    async def replace(
        self,
        order: Order | int,
        size: Number,
        price: Number,
        *,
        ioc: bool = False,
        post_only: bool = False,
        reduce_only: bool = False,
        expiry: int = NEVER_EXPIRES,
        max_fee_ppm: int | None = None,
    ) -> Replaced:
        """Cancel an order and place one of another price or size on its side, without a moment between.

        Raises
        ------
        RefusedError
            With code "not_replaced" if the old order had ended: nothing is placed. With another code if the
            old order was cancelled and the new one refused.
        """
        old = await self._order(order)
        new = NewOrder(old.market, old.side, size, price, ioc, post_only, reduce_only, expiry, max_fee_ppm)
        drafts = [await self._draft(terms) for terms in (CancelOrder(old), new)]
        cancelled, placed = await self._outbox.send(drafts, is_replacement=True)
        return Replaced(_result(cancelled), _result(placed))

    async def batch(self, messages: Sequence[Terms]) -> list[Outcome]:
        """Send up to 100 messages in their order; return what became of each, errors among the results."""
        if len(messages) > MESSAGES_MAX:
            raise TooManyMessagesError(f"{len(messages)}, at most {MESSAGES_MAX} go together")
        if not messages:
            return []
        return await self._outbox.send([await self._draft(terms) for terms in messages])

    def next_nonce(self) -> int:
        """Return a nonce for the next order, for who writes it down before sending."""
        return self._nonces.next()

    async def arm_dead_man(self, seconds: float) -> DeadManBody:
        """Have all orders cancelled after some time, unless this is called again or `disarm_dead_man` before.

        `dead_man` does it as long as a `with` block runs.
        """
        key, terms = self._link.key, await self._link.terms()
        milliseconds = round(seconds * 1_000)
        # Larger than the nonces of all messages until then, which it would refuse otherwise.
        nonce = self._nonces.ahead(milliseconds)
        message = replace(
            unsigned(CancelAll(), key.account, key.key_epoch, terms.markets, terms.max_fee_ppm), nonce=nonce
        )
        signed = from_signed(SignedMessage(message, key.sign(message.hash(terms.domain))), terms.markets)
        assert isinstance(signed, SignedCancelAll), "a cancel-all has the body of one"
        asked = DeadManRequest(cancel_all=signed, fire_at_ms=await self.time_ms() + milliseconds)
        return await self._link.ask_private("PUT", "/account/dead-man", DeadManBody, body=asked)

    async def disarm_dead_man(self) -> None:
        """Have no orders cancelled any more."""
        await self._link.ask_private("DELETE", "/account/dead-man", DeadManBody)

    async def armed_dead_man(self) -> DeadManBody:
        """Return when all orders are to be cancelled, if they are."""
        return await self._link.ask_private("GET", "/account/dead-man", DeadManBody)

    async def close(self) -> None:
        """Send no more; close the connections. What is under way may be sequenced all the same."""
        await self._outbox.close()
        await self._link.close()

    async def _one(self, terms: Terms) -> MessageResult:
        (outcome,) = await self._outbox.send([await self._draft(terms)])
        return _result(outcome)

    async def _draft(self, terms: Terms) -> Draft:
        key, market = self._link.key, _market_of(terms)
        venue = await self._link.terms(needed_market=market)
        message = unsigned(terms, key.account, key.key_epoch, venue.markets, venue.max_fee_ppm)
        return Draft(message, terms.nonce)

    async def _order(self, order: Order | int) -> Order:
        if isinstance(order, Order):
            return order
        state = await self.message(order)
        if state.order is None:
            raise NotAnOrderError(f"{order} is the nonce of a {state.kind}")
        return state.order


def _result(outcome: Outcome) -> MessageResult:
    if isinstance(outcome, ClientError):
        raise outcome
    return outcome


def _market_of(terms: Terms) -> str | None:
    match terms:
        case NewOrder():
            return terms.market
        case CancelOrder():
            return terms.order.market
        case CancelAll():
            return None
