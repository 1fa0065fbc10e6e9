"""The bounds of the service: one place for all of them."""

from dataclasses import dataclass

from msgspec import Struct


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: holds `burst`, and fills by `per_second`."""

    per_second: float
    burst: int


class ServiceSettings(Struct, frozen=True):
    """What an operator may set.

    Attributes
    ----------
    reads, address_messages, account_messages : Rate
        Requests and messages of one client address, and messages of one account.
    operations : Rate
        Of one stream; it may send four frames for each, parts of messages and pings among them.
    buckets_max : int
        Addresses, and accounts, that are told apart at once.
    connections_max, connections_per_address : int
        Of everybody, fewer where not as many files may be open; of one address. A stream is a connection.
    streams_per_address, channels_max : int
        Streams of one address; channels of one stream.
    queue_max, queue_bytes_max : int
        Pushes, and bytes of them, that wait for one stream; who is further behind is dropped.
    head_bytes_max : int
        Of a request's line and headers, and of what stands between the parts of its body.
    pipeline_max : int
        Requests of one connection that wait for the answer to another.
    parts_max : int
        Frames of one message.
    challenge_ms, token_ms : int
        How long they are good.
    tokens_max, tokens_per_account : int
        Kept at once.
    body_seconds, answer_seconds : float
        Time for a body to arrive, and for an answer to be there.
    request_seconds : float
        Time for a request from its first byte to the last of its answer, for its client to read that, for the
        handshake of a stream, and for a stream to take its end.
    keep_alive_seconds : int
        How long a connection may be silent between two requests.
    ping_seconds : float
        Between two pings of a stream, and for the answer to one.
    heartbeat_seconds : float
        Of silence on a stream.
    drain_seconds : int
        Time for requests under way when the server stops.
    trusted_proxies : tuple of str
        Addresses whose X-Forwarded-For is believed, and whose connections are not counted.
    """

    reads: Rate = Rate(per_second=20.0, burst=200)
    address_messages: Rate = Rate(per_second=2_000.0, burst=10_000)
    account_messages: Rate = Rate(per_second=500.0, burst=2_000)
    operations: Rate = Rate(per_second=100.0, burst=500)
    buckets_max: int = 100_000
    connections_max: int = 5_000
    connections_per_address: int = 200
    streams_per_address: int = 20
    channels_max: int = 50
    queue_max: int = 10_000
    queue_bytes_max: int = 4 << 20
    head_bytes_max: int = 64 << 10
    pipeline_max: int = 16
    parts_max: int = 1_024
    challenge_ms: int = 60_000
    token_ms: int = 900_000
    tokens_max: int = 100_000
    tokens_per_account: int = 16
    body_seconds: float = 5.0
    answer_seconds: float = 10.0
    request_seconds: float = 20.0
    keep_alive_seconds: int = 60
    ping_seconds: float = 20.0
    heartbeat_seconds: float = 10.0
    drain_seconds: int = 10
    trusted_proxies: tuple[str, ...] = ()
