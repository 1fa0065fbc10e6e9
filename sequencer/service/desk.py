"""What all routes share: the venue, who may do how much, and how signed messages reach the sequencer."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from sequencer.model.errors import ProofbookError
from sequencer.model.message import SignedMessage
from sequencer.node.answers import Answer
from sequencer.service import errors
from sequencer.service.auth import Authority, Session
from sequencer.service.clock import Clock
from sequencer.service.limits import Allowance, Limiter
from sequencer.service.settings import ServiceSettings
from sequencer.service.venue import Venue
from sequencer.service.wire.messages import SignedBody, SignedCancel, SignedOrder, to_signed
from sequencer.service.wire.numbers import Markets, Units
from sequencer.service.wire.orders import MessageResult

_Result = TypeVar("_Result")
Outcome = Answer | ProofbookError
Results = tuple[list[MessageResult | ProofbookError], Allowance]


class Desk:
    """The venue as its customers meet it."""

    def __init__(self, venue: Venue, settings: ServiceSettings, clock: Clock) -> None:
        self.venue, self.settings, self.clock = venue, settings, clock
        self.markets = Markets(
            Units.of(listing.symbol, listing.slot, listing.tick_size, listing.lot_size)
            for listing in venue.info.listings
        )
        self.authority = Authority(venue.info.domain, settings)
        self.reads = Limiter(settings.reads, settings.buckets_max)
        self.address_messages = Limiter(settings.address_messages, settings.buckets_max)
        self.account_messages = Limiter(settings.account_messages, settings.buckets_max)
        self._under_way: set[asyncio.Task[Any]] = set()

    def session(self, authorization: str | None) -> Session:
        """Return who shows a token in a header.

        Raises
        ------
        TokenMissingError, TokenInvalidError, TokenExpiredError
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise errors.TokenMissingError("there is no bearer token")
        return self.session_of(token)

    def session_of(self, token: str) -> Session:
        """Return what a token stands for; TokenInvalidError, TokenExpiredError."""
        session = self.authority.session(token, self.clock.wall_ms())
        if not self.is_current(session):
            raise errors.TokenInvalidError(f"account {session.account} has another key by now")
        return session

    def is_current(self, session: Session) -> bool:
        """Tell whether a token still stands for its account: its time, and the account's key."""
        account = self.venue.state().account(session.account)
        return self.clock.wall_ms() < session.expires_ms and account.key_epoch == session.key_epoch

    async def submit(self, client: str, bodies: Sequence[SignedBody]) -> Results:
        """Return what became of each message, and what is left to the first one's account.

        A caller that is cancelled leaves the messages to the node: they may be sequenced all the same.

        Raises
        ------
        RateLimitedError, NodeError
            Nothing was sequenced then.
        """
        return await asyncio.shield(self.begin(client, bodies))

    def begin(self, client: str, bodies: Sequence[SignedBody]) -> asyncio.Task[Results]:
        """Return the task that does what `submit` does; the first that begins is sequenced first.

        Raises
        ------
        RateLimitedError
        """
        self._require(client, bodies)
        signed = [self._signed(body) for body in bodies]
        return self._begun(self._submitted(bodies, signed))

    async def replace(self, client: str, cancel: SignedCancel, order: SignedOrder) -> Results:
        """Return what became of a cancel, and of the order that is to follow only if that removed its order.

        Raises
        ------
        WireError, RateLimitedError, NodeError
            Nothing was sequenced then.
        """
        bodies = (cancel, order)
        self._require(client, bodies)
        pair = [to_signed(body, self.markets) for body in bodies]
        return await asyncio.shield(self._begun(self._replaced(bodies, pair[0], pair[1])))

    async def arm(self, client: str, cancel_all: SignedMessage, fire_at_ms: int) -> Allowance:
        """Have a cancel-all kept for later; its errors are those of the venue, and RateLimitedError."""
        allowance = self.address_messages.take(client, 1, self.clock.seconds())
        await asyncio.shield(self._begun(self.venue.arm(cancel_all, fire_at_ms)))
        return allowance

    async def disarm(self, account: int) -> None:
        """Have no cancel-all kept any more."""
        await asyncio.shield(self._begun(self.venue.disarm(account)))

    def _require(self, client: str, bodies: Sequence[SignedBody]) -> None:
        now = self.clock.seconds()
        self.address_messages.take(client, len(bodies), now)
        for account, count in _counted(body.account for body in bodies):
            self.account_messages.require(account, count, now)

    def _signed(self, body: SignedBody) -> SignedMessage | ProofbookError:
        try:
            return to_signed(body, self.markets)
        except ProofbookError as error:
            return error

    async def _submitted(
        self, bodies: Sequence[SignedBody], signed: Sequence[SignedMessage | ProofbookError]
    ) -> Results:
        understood = [each for each in signed if isinstance(each, SignedMessage)]
        outcomes = iter(await self.venue.submit(understood) if understood else ())
        merged = [next(outcomes) if isinstance(each, SignedMessage) else each for each in signed]
        return self._told(bodies, merged)

    async def _replaced(
        self, bodies: Sequence[SignedBody], cancel: SignedMessage, order: SignedMessage
    ) -> Results:
        return self._told(bodies, await self.venue.replace(cancel, order))

    def _told(self, bodies: Sequence[SignedBody], outcomes: Sequence[Outcome]) -> Results:
        """Charge the accounts that have signed: a forger must not use up what is another's."""
        now = self.clock.seconds()
        taken = (each.record.account for each in outcomes if isinstance(each, Answer) and not each.repeated)
        for account, count in _counted(taken):
            self.account_messages.charge(account, count, now)
        allowance = self.account_messages.allowance(bodies[0].account, now)
        return [self._result(outcome) for outcome in outcomes], allowance

    def _result(self, outcome: Outcome) -> MessageResult | ProofbookError:
        if isinstance(outcome, ProofbookError):
            return outcome
        return MessageResult.answering(
            outcome.record, outcome.order, outcome.receipt, self.markets, repeated=outcome.repeated
        )

    def _begun(self, work: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task


def _counted(accounts: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Return accounts, and how often each comes."""
    counts: dict[int, int] = {}
    for account in accounts:
        counts[account] = counts.get(account, 0) + 1
    return counts.items()
