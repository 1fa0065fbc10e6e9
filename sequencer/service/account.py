"""Routes of one account: the token says of which."""

import asyncio
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Path
from msgspec.json import Decoder
from starlette.requests import Request
from starlette.responses import Response

from sequencer.model import constants as c
from sequencer.service.auth import Session
from sequencer.service.desk import Desk
from sequencer.service.errors import ForeignAccountError, NotFoundError
from sequencer.service.http import answer, caller, decoded, tell
from sequencer.service.openapi import Schemas
from sequencer.service.public import Before, Limit, page
from sequencer.service.stream import Hub
from sequencer.service.wire.account import (
    AccountBody,
    ChallengeBody,
    DeadManBody,
    OpenOrdersBody,
    TokenBody,
    TransferBody,
)
from sequencer.service.wire.market import Page
from sequencer.service.wire.messages import (
    ChallengeRequest,
    DeadManRequest,
    TokenRequest,
    signature_of,
    to_signed,
)
from sequencer.service.wire.numbers import field_element
from sequencer.service.wire.orders import FillBody, MessageState, OrderBody

Nonce = Annotated[int, Path(ge=0, lt=1 << c.NONCE_BITS)]

_CHALLENGE: Final = Decoder(ChallengeRequest)
_TOKEN: Final = Decoder(TokenRequest)
_DEAD_MAN: Final = Decoder(DeadManRequest)
_ROWS: Final = 100


def account_router(desk: Desk, hub: Hub, schemas: Schemas) -> APIRouter:
    """Return the routes that give tokens, and those that need one."""
    router = APIRouter(prefix="/v1", tags=["account"])
    _add_token_routes(router, desk, schemas)
    _add_state_routes(router, desk, schemas)
    _add_history_routes(router, desk, schemas)
    _add_dead_man_routes(router, desk, hub, schemas)
    return router


def _add_token_routes(router: APIRouter, desk: Desk, schemas: Schemas) -> None:
    @router.post("/auth/challenge", **schemas.route(ChallengeBody, body=ChallengeRequest))
    async def challenge(request: Request) -> Response:
        """Return what the account's key is to sign."""
        body = decoded(_CHALLENGE, await request.body())
        value, expires_ms = desk.authority.challenge(body.account, desk.clock.wall_ms())
        return answer(ChallengeBody(challenge=str(value), expires_ms=expires_ms))

    @router.post("/auth/token", **schemas.route(TokenBody, body=TokenRequest))
    async def token(request: Request) -> Response:
        """Return a token for a signed challenge."""
        body = decoded(_TOKEN, await request.body())
        text, expires_ms = desk.authority.token(
            body.account,
            desk.venue.state().account(body.account),
            field_element(body.challenge),
            signature_of(body.signature),
            desk.clock.wall_ms(),
        )
        return answer(TokenBody(token=text, expires_ms=expires_ms))


def _add_state_routes(router: APIRouter, desk: Desk, schemas: Schemas) -> None:
    venue = desk.venue

    @router.get("/account", **schemas.route(AccountBody, private=True))
    async def account(request: Request) -> Response:
        """Return balances, margins and positions."""
        session = _session(desk, request)
        # What was read may be ahead of the disk: it is told when the disk has it.
        entry, now_ms = venue.status().entry, desk.clock.wall_ms()
        body = AccountBody.of(session.account, venue.state(), desk.markets, entry=entry, time_ms=now_ms)
        await venue.barrier()
        return answer(body)

    @router.get("/account/orders", **schemas.route(OpenOrdersBody, private=True))
    async def open_orders(request: Request) -> Response:
        """Return the orders that rest, newest first."""
        found = venue.projector.open_orders(_session(desk, request).account)
        return answer(OpenOrdersBody(items=[OrderBody.of(order, desk.markets) for order in found]))


def _add_history_routes(router: APIRouter, desk: Desk, schemas: Schemas) -> None:
    history, markets = desk.venue.history, desk.markets

    @router.get("/account/orders/history", **schemas.route(Page[OrderBody], private=True))
    async def orders(request: Request, limit: Limit = _ROWS, before: Before = None) -> Response:
        """Return all orders, newest first."""
        account = _session(desk, request).account
        return await page(
            partial(history.orders, account, before, limit), partial(OrderBody.of, markets=markets)
        )

    @router.get("/account/orders/{nonce}", **schemas.route(MessageState, private=True))
    async def message(request: Request, nonce: Nonce) -> Response:
        """Return what became of the message with a nonce."""
        account = _session(desk, request).account
        return await asyncio.to_thread(_message, desk, account, nonce)

    @router.get("/account/fills", **schemas.route(Page[FillBody], private=True))
    async def fills(request: Request, limit: Limit = _ROWS, before: Before = None) -> Response:
        """Return the account's fills, newest first."""
        account = _session(desk, request).account
        return await page(
            partial(history.fills, account, before, limit), partial(FillBody.of, markets=markets)
        )

    @router.get("/account/transfers", **schemas.route(Page[TransferBody], private=True))
    async def transfers(request: Request, limit: Limit = _ROWS, before: Before = None) -> Response:
        """Return the account's requests of L1, newest first."""
        account = _session(desk, request).account
        return await page(partial(history.transfers, account, before, limit), TransferBody.of)


def _add_dead_man_routes(router: APIRouter, desk: Desk, hub: Hub, schemas: Schemas) -> None:
    path, description = "/account/dead-man", schemas.route(DeadManBody, private=True)

    @router.get(path, **description)
    async def armed(request: Request) -> Response:
        """Return the cancel-all that is kept."""
        return await _dead_man(desk, _session(desk, request).account)

    @router.put(path, **schemas.route(DeadManBody, body=DeadManRequest, private=True))
    async def arm(request: Request) -> Response:
        """Keep a cancel-all, in the place of the one that was kept."""
        session, body = _session(desk, request), decoded(_DEAD_MAN, await request.body())
        if body.cancel_all.account != session.account:
            raise ForeignAccountError(f"the token is of account {session.account}")
        signed = to_signed(body.cancel_all, desk.markets)
        tell(request.scope, await desk.arm(caller(request.scope), signed, body.fire_at_ms))
        hub.watch_switch(session.account)
        return await _dead_man(desk, session.account)

    @router.delete(path, **description)
    async def disarm(request: Request) -> Response:
        """Keep no cancel-all any more."""
        session = _session(desk, request)
        await desk.disarm(session.account)
        return await _dead_man(desk, session.account)


def _session(desk: Desk, request: Request) -> Session:
    return desk.session(request.headers.get("authorization"))


def _message(desk: Desk, account: int, nonce: int) -> Response:
    record = desk.venue.history.message(account, nonce)
    if record is None:
        raise NotFoundError(f"account {account} has sent no message with nonce {nonce}")
    order = desk.venue.history.order(account, nonce)
    body = OrderBody.of(order, desk.markets) if order is not None else None
    return answer(MessageState.of(record, body))


async def _dead_man(desk: Desk, account: int) -> Response:
    armed = desk.venue.armed(account)
    body = DeadManBody(
        nonce=armed.signed.message.nonce if armed is not None else None,
        fire_at_ms=armed.fire_at_ms if armed is not None else None,
    )
    await desk.venue.barrier()
    return answer(body)
