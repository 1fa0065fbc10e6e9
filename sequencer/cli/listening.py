"""The socket at which a command's server listens."""

import socket


def open_listening(host: str, port: int, backlog: int | None = None) -> socket.socket:
    """Return a socket that listens at an address of IPv4 or IPv6; OSError if it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=backlog)
