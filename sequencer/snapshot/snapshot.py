"""A snapshot's content, and its bytes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, TypeVar

from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.config import Configuration
from sequencer.model.market import Market
from sequencer.state.layout import PageLayout
from sequencer.state.ledger import Counters, Ledger, engine_state
from sequencer.state.pages import Page
from sequencer.store import state_codec as codec
from sequencer.store.bytestream import ByteReader, ByteWriter

_MAGIC: Final = b"PBSNAP2\n"
_DIGEST_BYTES: Final = 32
_COUNT_BYTES: Final = 8

_Leaf = TypeVar("_Leaf")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a journal closed the batch of a snapshot, and what it said before that no ledger has.

    Attributes
    ----------
    entry : int
        Number of the entry that closed the batch; 0 for the genesis, and where it is not known.
    unwindings : int
        How many times the journal had undone batches by then. Of the messages of those none waits any more.
    armed : tuple of bytes
        The journal's entries of the cancel-alls that were kept then, by account.
    """

    entry: int = 0
    unwindings: int = 0
    armed: tuple[bytes, ...] = ()


NOWHERE: Final = Place()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the ledger holds as of one batch, without its trees.

    Attributes
    ----------
    batch : int
        The last batch in it; 0 is the genesis.
    place : Place
        In the journal.
    configuration : Configuration
        That of the batch.
    state_root : int
        As the ledger had it; nothing here is hashed again.
    """

    batch: int
    place: Place
    configuration: Configuration
    domain: int
    accounts: Mapping[int, Account]
    markets: tuple[Market, ...]
    pages: Mapping[int, Page]
    counters: Counters
    state_root: int

    @classmethod
    def of(cls, ledger: Ledger, place: Place = NOWHERE) -> "Snapshot":
        """Return the snapshot of a ledger as it stands."""
        return cls(
            batch=ledger.counters.batch_number,
            place=place,
            configuration=ledger.configuration,
            domain=ledger.domain,
            accounts=dict(ledger.accounts),
            markets=ledger.markets,
            pages=dict(ledger.layout),
            counters=ledger.counters,
            state_root=ledger.roots().state,
        )

    def ledger(self) -> Ledger:
        """Return the ledger with its trees."""
        return Ledger(self.configuration, self.domain, self.accounts, self.markets, self.pages, self.counters)

    def is_within(self, entry: int) -> bool:
        """Whether its place is known to be that entry of the journal or one before it."""
        return self.batch == 0 or 0 < self.place.entry <= entry

    def state(self) -> State:
        """Return a fresh engine state that starts where the snapshot stands."""
        return engine_state(
            self.configuration, self.domain, self.accounts, self.markets, self.pages, self.counters
        )

    def layout(self) -> PageLayout:
        """Return the pages by index and by key."""
        return PageLayout(self.pages)


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return a snapshot as bytes; a digest over all of them ends them."""
    writer = ByteWriter()
    writer.unsigned(snapshot.place.entry, _COUNT_BYTES)
    writer.unsigned(snapshot.place.unwindings, _COUNT_BYTES)
    writer.unsigned(len(snapshot.place.armed), _COUNT_BYTES)
    for entry in snapshot.place.armed:
        writer.blob(entry)
    writer.blob(codec.encode_deployment(snapshot.configuration, snapshot.domain))
    writer.blob(codec.encode_counters(snapshot.counters, snapshot.state_root))
    _write_leaves(writer, snapshot.accounts, codec.encode_account)
    _write_leaves(writer, dict(enumerate(snapshot.markets)), codec.encode_market)
    _write_leaves(writer, snapshot.pages, codec.encode_page)
    content = _MAGIC + writer.bytes()
    return content + _digest(content)


def decode_snapshot(data: bytes) -> Snapshot:
    """Return the snapshot of its bytes; ValueError if they are not one."""
    content, digest = data[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    if not content.startswith(_MAGIC) or digest != _digest(content):
        raise ValueError("the bytes are not those of a snapshot")
    reader = ByteReader(content[len(_MAGIC) :])
    place = Place(reader.unsigned(_COUNT_BYTES), reader.unsigned(_COUNT_BYTES), _read_blobs(reader))
    configuration, domain = codec.decode_deployment(reader.blob())
    counters, state_root = codec.decode_counters(reader.blob())
    accounts = _read_leaves(reader, codec.decode_account)
    markets = _read_leaves(reader, codec.decode_market)
    pages = _read_leaves(reader, codec.decode_page)
    reader.end()
    if list(markets) != list(range(c.MARKETS)):
        raise ValueError(f"{len(markets)} markets do not fill {c.MARKETS} slots")
    return Snapshot(
        batch=counters.batch_number,
        place=place,
        configuration=configuration,
        domain=domain,
        accounts=accounts,
        markets=tuple(markets.values()),
        pages=pages,
        counters=counters,
        state_root=state_root,
    )


def _write_leaves(writer: ByteWriter, leaves: Mapping[int, _Leaf], encode: Callable[[_Leaf], bytes]) -> None:
    writer.unsigned(len(leaves), _COUNT_BYTES)
    for number, leaf in leaves.items():
        writer.unsigned(number, _COUNT_BYTES)
        writer.blob(encode(leaf))


def _read_leaves(reader: ByteReader, decode: Callable[[bytes], _Leaf]) -> dict[int, _Leaf]:
    count = reader.unsigned(_COUNT_BYTES)
    return {reader.unsigned(_COUNT_BYTES): decode(reader.blob()) for _ in range(count)}


def _read_blobs(reader: ByteReader) -> tuple[bytes, ...]:
    return tuple(reader.blob() for _ in range(reader.unsigned(_COUNT_BYTES)))


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=_DIGEST_BYTES).digest()
