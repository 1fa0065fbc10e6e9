"""Routes that take signed messages: the hot path, which FastAPI only describes."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.json import Decoder

from sequencer.service.desk import Desk
from sequencer.service.gate import MESSAGES_PATH, Handler, Told
from sequencer.service.http import decoded, results
from sequencer.service.openapi import Schemas
from sequencer.service.wire.messages import (
    BatchRequest,
    ReplaceRequest,
    SignedBody,
    SignedCancel,
    SignedCancelAll,
    SignedOrder,
)
from sequencer.service.wire.orders import MessageResult, ResultsBody

_ORDER: Final = Decoder(SignedOrder)
_CANCEL: Final = Decoder(SignedCancel)
_CANCEL_ALL: Final = Decoder(SignedCancelAll)
_REPLACE: Final = Decoder(ReplaceRequest)
_BATCH: Final = Decoder(BatchRequest)


def trading_routes(desk: Desk, schemas: Schemas) -> dict[str, Handler]:
    """Return what answers POST on the paths that take orders and cancels."""
    routes: dict[str, Handler] = {}

    def post(path: str, answer: Any, body: Any) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            routes[MESSAGES_PATH + path] = handler
            schemas.post(MESSAGES_PATH + path, "trading", handler, answer, body)
            return handler

        return add

    @post("", MessageResult, SignedOrder)
    async def place(client: str, body: bytes) -> Told:
        """Place an order."""
        return await _one(desk, client, decoded(_ORDER, body))

    @post("/cancel", MessageResult, SignedCancel)
    async def cancel(client: str, body: bytes) -> Told:
        """Cancel an order."""
        return await _one(desk, client, decoded(_CANCEL, body))

    @post("/cancel-all", MessageResult, SignedCancelAll)
    async def cancel_all(client: str, body: bytes) -> Told:
        """Cancel all older orders of an account."""
        return await _one(desk, client, decoded(_CANCEL_ALL, body))

    @post("/replace", ResultsBody, ReplaceRequest)
    async def replace(client: str, body: bytes) -> Told:
        """Cancel an order and, only if it was there, place another."""
        pair = decoded(_REPLACE, body)
        items, allowance = await desk.replace(client, pair.cancel, pair.order)
        return results(items), allowance

    @post("/batch", ResultsBody, BatchRequest)
    async def batch(client: str, body: bytes) -> Told:
        """Send messages in their order; each has its own result."""
        items, allowance = await desk.submit(client, decoded(_BATCH, body).messages)
        return results(items), allowance

    return routes


async def _one(desk: Desk, client: str, body: SignedBody) -> Told:
    (result,), allowance = await desk.submit(client, (body,))
    return result, allowance
