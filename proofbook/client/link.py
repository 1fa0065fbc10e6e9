"""What all parts of a client share: the way to the exchange, what it trades, and the key with its token."""

import asyncio
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from eth_utils.address import to_checksum_address

from proofbook.client.errors import MalformedAnswerError, NoKeyError, TokenRefusedError, WrongVenueError
from proofbook.client.keys import TradingKey
from proofbook.client.results import Market
from proofbook.client.retries import RetryPolicy
from proofbook.client.transport import Method, Query, Transport
from sequencer.service.wire.account import ChallengeBody, TokenBody
from sequencer.service.wire.challenge import challenge_hash
from sequencer.service.wire.errors import WireError
from sequencer.service.wire.market import FeeTierBody, StatusBody
from sequencer.service.wire.messages import ChallengeRequest, TokenRequest, signature_text
from sequencer.service.wire.numbers import Markets, Units, field_element
from sequencer.service.wire.scalars import Body

_Kind = TypeVar("_Kind")
_CHALLENGE_USED: Final = "challenge_used"


class MarketList(Body, frozen=True, kw_only=True):
    """All markets, and the fees of each tier."""

    markets: list[Market]
    fees: list[FeeTierBody]


@dataclass(frozen=True, slots=True)
class VenueTerms:
    """What a signature needs of the exchange.

    Attributes
    ----------
    domain : int
        What messages are signed for.
    max_fee_ppm : int
        Highest taker fee rate of the tiers.
    """

    chain_id: int
    rollup: str
    domain: int
    receipt_signer: str
    markets: Markets
    max_fee_ppm: int

    @classmethod
    def of(cls, status: StatusBody, listed: MarketList) -> Self:
        """Return the terms that the exchange tells; MalformedAnswerError if they mean nothing."""
        try:
            return cls(
                chain_id=status.chain_id,
                rollup=to_checksum_address(status.rollup),
                domain=field_element(status.domain),
                receipt_signer=to_checksum_address(status.receipt_signer),
                markets=Markets(
                    Units.of(each.symbol, each.slot, each.tick_size, each.lot_size) for each in listed.markets
                ),
                max_fee_ppm=max((tier.taker_ppm for tier in listed.fees), default=0),
            )
        except (ValueError, WireError) as error:
            raise MalformedAnswerError(f"the exchange's terms: {error}") from error


class Link:
    """The way to one exchange, for one account or for nobody in particular."""

    def __init__(self, url: str, key: TradingKey | None, retries: RetryPolicy) -> None:
        self.url, self.retries, self._key = url.rstrip("/"), retries, key
        self._transport = Transport(url, retries)
        self._terms: VenueTerms | None = None
        self._token: str | None = None
        self._terms_lock, self._token_lock = asyncio.Lock(), asyncio.Lock()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    @property
    def key(self) -> TradingKey:
        """The trading key; NoKeyError without one."""
        if self._key is None:
            raise NoKeyError("the client has no trading key")
        return self._key

    async def ask(
        self, method: Method, path: str, kind: type[_Kind], *, query: Query | None = None, body: object = None
    ) -> _Kind:
        """Return the answer to a request that needs no token; its errors are those of `Transport.ask`."""
        return await self._transport.ask(method, path, kind, query=query, body=body)

    async def ask_private(
        self, method: Method, path: str, kind: type[_Kind], *, query: Query | None = None, body: object = None
    ) -> _Kind:
        """Return the answer to a request of the account; a token that has ended is replaced."""
        token = await self.token()
        try:
            return await self._transport.ask(method, path, kind, query=query, body=body, token=token)
        except TokenRefusedError:
            token = await self.token(instead_of=token)
        return await self._transport.ask(method, path, kind, query=query, body=body, token=token)

    async def terms(self, *, needed_market: str | None = None) -> VenueTerms:
        """Return what a signature needs of the exchange; asked again if it does not list a market yet.

        Raises
        ------
        WrongVenueError
            If the key is for another rollup.
        """
        async with self._terms_lock:
            if self._terms is None or not _lists(self._terms, needed_market):
                status = await self.ask("GET", "/status", StatusBody)
                self._terms = VenueTerms.of(status, await self.ask("GET", "/markets", MarketList))
            self._require_key_of(self._terms)
            return self._terms

    async def token(self, *, instead_of: str | None = None) -> str:
        """Return a token of the account, a new one if there is none or only `instead_of`."""
        async with self._token_lock:
            if self._token is None or self._token == instead_of:
                try:
                    self._token = await self._new_token()
                except TokenRefusedError as error:
                    # The answer to the first attempt was lost, and its challenge is used up.
                    if error.code != _CHALLENGE_USED:
                        raise
                    self._token = await self._new_token()
            return self._token

    async def _new_token(self) -> str:
        key, terms = self.key, await self.terms()
        asked = ChallengeRequest(account=key.account)
        challenge = (await self.ask("POST", "/auth/challenge", ChallengeBody, body=asked)).challenge
        try:
            hashed = challenge_hash(terms.domain, key.account, field_element(challenge))
        except WireError as error:
            raise MalformedAnswerError(f"the challenge: {error}") from error
        signature = signature_text(key.sign(hashed))
        signed = TokenRequest(account=key.account, challenge=challenge, signature=signature)
        return (await self.ask("POST", "/auth/token", TokenBody, body=signed)).token

    def _require_key_of(self, terms: VenueTerms) -> None:
        key = self._key
        if key is not None and (key.chain_id, key.rollup) != (terms.chain_id, terms.rollup):
            raise WrongVenueError(
                f"the key is for {key.rollup} on chain {key.chain_id}, "
                f"the exchange is {terms.rollup} on chain {terms.chain_id}"
            )


def _lists(terms: VenueTerms, market: str | None) -> bool:
    return market is None or any(units.symbol == market for units in terms.markets)


class Linked:
    """A part of a client."""

    def __init__(self, link: Link) -> None:
        self._link = link
