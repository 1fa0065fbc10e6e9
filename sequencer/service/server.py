"""Serving the application: one process, one loop, and an end that clients are told of."""

import asyncio
import logging
import resource
import socket
from typing import Final

import uvicorn
from fastapi import FastAPI
from msgspec.structs import replace

from sequencer.service.floods import LATE_MAX, guarded
from sequencer.service.settings import ServiceSettings
from sequencer.service.stream import Hub

STREAM_BYTES_MAX: Final = 64 << 10
FILES_KEPT: Final = 1_500
"""Open files that no connection takes: LevelDB alone may want a thousand."""
_CONNECTIONS_MIN: Final = 16
_LOG: Final = logging.getLogger(__name__)
_DRAIN_SECONDS: Final = 0.1


def server(app: FastAPI) -> uvicorn.Server:
    """Return a server of what `create_app` made, not yet started.

    Its `serve` serves until SIGTERM, SIGINT or `should_exit`; requests under way are answered first.
    The process may have as many files open then as its connections need, or the fewer connections.
    """
    chosen = within_files(app.state.settings)
    http, stream = guarded(chosen)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=http,
        ws=stream,
        ws_max_size=STREAM_BYTES_MAX,
        ws_ping_interval=chosen.ping_seconds,
        ws_ping_timeout=chosen.ping_seconds,
        ws_per_message_deflate=False,
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=bool(chosen.trusted_proxies),
        forwarded_allow_ips=list(chosen.trusted_proxies),
        timeout_keep_alive=chosen.keep_alive_seconds,
        timeout_graceful_shutdown=chosen.drain_seconds,
    )
    hub: Hub = app.state.hub
    return _Server(config, hub)


def within_files(settings: ServiceSettings) -> ServiceSettings:
    """Allow as many files as are needed, and return settings with no more connections than that leaves."""
    needed = settings.connections_max + LATE_MAX + FILES_KEPT
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return settings
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed == needed:
        return settings
    connections = max(allowed - LATE_MAX - FILES_KEPT, _CONNECTIONS_MIN)
    _LOG.warning("%d files may be open: %d connections at most", allowed, connections)
    return replace(settings, connections_max=connections)


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
