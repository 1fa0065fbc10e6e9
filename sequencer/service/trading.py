"""Routes that take signed messages. They decode bodies themselves: this is the hot path."""

from typing import Final

from fastapi import APIRouter
from msgspec.json import Decoder
from starlette.requests import Request
from starlette.responses import Response

from sequencer.model.errors import ProofbookError
from sequencer.service.desk import Desk
from sequencer.service.gate import MESSAGES_PATH
from sequencer.service.http import answer, caller, decoded, results, tell
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


def trading_router(desk: Desk, schemas: Schemas) -> APIRouter:
    """Return the routes that take orders and cancels."""
    router = APIRouter(prefix=MESSAGES_PATH, tags=["trading"])

    @router.post("", **schemas.route(MessageResult, body=SignedOrder))
    async def place(request: Request) -> Response:
        """Place an order."""
        return await _one(desk, request, decoded(_ORDER, await request.body()))

    @router.post("/cancel", **schemas.route(MessageResult, body=SignedCancel))
    async def cancel(request: Request) -> Response:
        """Cancel an order."""
        return await _one(desk, request, decoded(_CANCEL, await request.body()))

    @router.post("/cancel-all", **schemas.route(MessageResult, body=SignedCancelAll))
    async def cancel_all(request: Request) -> Response:
        """Cancel all older orders of an account."""
        return await _one(desk, request, decoded(_CANCEL_ALL, await request.body()))

    @router.post("/replace", **schemas.route(ResultsBody, body=ReplaceRequest))
    async def replace(request: Request) -> Response:
        """Cancel an order and, only if it was there, place another."""
        body = decoded(_REPLACE, await request.body())
        items, allowance = await desk.replace(caller(request), body.cancel, body.order)
        tell(request, allowance)
        return answer(results(items))

    @router.post("/batch", **schemas.route(ResultsBody, body=BatchRequest))
    async def batch(request: Request) -> Response:
        """Send messages in their order; each has its own result."""
        body = decoded(_BATCH, await request.body())
        items, allowance = await desk.submit(caller(request), body.messages)
        tell(request, allowance)
        return answer(results(items))

    return router


async def _one(desk: Desk, request: Request, body: SignedBody) -> Response:
    (result,), allowance = await desk.submit(caller(request), (body,))
    tell(request, allowance)
    if isinstance(result, ProofbookError):
        raise result
    return answer(result)
