"""What the service is compared with: `python -m bench.load.baseline DATA PORT`.

The bare endpoint: FastAPI, a pydantic model of the same JSON, uvicorn with uvloop and httptools, one process.
It validates an order and answers with a small JSON. It checks no signature, matches nothing and stores
nothing; DATA stays empty. Cancels come to the same endpoint, by the path that the service has for them.
"""

import asyncio
import json
import sys
from typing import Final, Literal

import uvicorn
import uvloop
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from sequencer.cli.listening import open_listening

_HOST: Final = "127.0.0.1"
_BACKLOG: Final = 4_096
_PAUSE_SECONDS: Final = 0.01


class MessageModel(BaseModel):
    """An order, or a cancel with its `target`."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["order", "cancel", "cancel_all"]
    account: int = Field(ge=0)
    key_epoch: int = Field(ge=0)
    nonce: int = Field(ge=0)
    market: str = Field(default="", max_length=32)
    side: Literal["buy", "sell"] = "buy"
    price: str = Field(default="0", pattern=r"^(0|[1-9][0-9]*)(\.[0-9]+)?$", max_length=48)
    size: str = Field(default="0", pattern=r"^(0|[1-9][0-9]*)(\.[0-9]+)?$", max_length=48)
    target: int = Field(default=0, ge=0)
    max_fee_ppm: int = Field(default=0, ge=0)
    ioc: bool = False
    post_only: bool = False
    reduce_only: bool = False
    expiry: int = Field(default=0, ge=0)
    signature: tuple[str, str, str]


class BatchModel(BaseModel):
    """Messages in their order."""

    messages: list[MessageModel] = Field(min_length=1, max_length=100)


class TakenModel(BaseModel):
    """The small answer to a message."""

    account: int
    nonce: int
    verdict: Literal["accepted"] = "accepted"


class ResultsModel(BaseModel):
    """One answer a message."""

    results: list[TakenModel]


app = FastAPI()


@app.post("/v1/orders")
@app.post("/v1/orders/cancel")
async def take(message: MessageModel) -> TakenModel:
    """Take one message."""
    return TakenModel(account=message.account, nonce=message.nonce)


@app.post("/v1/orders/batch")
async def take_all(batch: BatchModel) -> ResultsModel:
    """Take up to 100 messages."""
    taken = [TakenModel(account=each.account, nonce=each.nonce) for each in batch.messages]
    return ResultsModel(results=taken)


async def serve(port: int) -> None:
    """Serve until SIGTERM."""
    config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="warning", access_log=False)
    serving = uvicorn.Server(config)
    with open_listening(_HOST, port, _BACKLOG) as listening:
        telling = asyncio.create_task(_tell(serving, listening.getsockname()[1]))
        await serving.serve(sockets=[listening])
        await telling


async def _tell(serving: uvicorn.Server, port: int) -> None:
    while not serving.started:
        await asyncio.sleep(_PAUSE_SECONDS)
    print(json.dumps({"port": port}), flush=True)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[2])))
