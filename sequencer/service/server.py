"""Serving the application: one process, one loop, and an end that clients are told of."""

import asyncio
import socket
from typing import Final

import uvicorn
from fastapi import FastAPI

from sequencer.service.protocols import http_protocol, stream_protocol
from sequencer.service.settings import ServiceSettings
from sequencer.service.stream import Hub

STREAM_BYTES_MAX: Final = 64 << 10
_KEEP_ALIVE_SECONDS: Final = 60
_PING_SECONDS: Final = 20.0
_DRAIN_SECONDS: Final = 0.1


def server(app: FastAPI) -> uvicorn.Server:
    """Return a server of what `create_app` made, not yet started.

    Its `serve` serves until SIGTERM, SIGINT or `should_exit`; requests under way are answered first.
    """
    chosen: ServiceSettings = app.state.settings
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=http_protocol(chosen),
        ws=stream_protocol(chosen),
        ws_max_size=STREAM_BYTES_MAX,
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=_PING_SECONDS,
        ws_per_message_deflate=False,
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(chosen.trusted_proxies),
        forwarded_allow_ips=list(chosen.trusted_proxies),
        limit_concurrency=chosen.connections_max,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=chosen.drain_seconds,
    )
    hub: Hub = app.state.hub
    return _Server(config, hub)


class _Server(uvicorn.Server):
    """Ends streams with a reason of their own before connections are closed."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain the streams, then everything else."""
        self._hub.drain()
        # The streams' tasks put their last words into the sockets before those are closed.
        await asyncio.sleep(_DRAIN_SECONDS)
        await super().shutdown(sockets)
