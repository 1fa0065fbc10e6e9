"""The file of `proofbook serve`: every key is here and in docs/operations/SERVING.md."""

import ipaddress
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

from eth_utils.address import to_checksum_address
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from prover.backends import BACKENDS
from sequencer.batch.sizes import BatchSize, batch_size
from sequencer.chain.connection import Connection
from sequencer.cli.oracle_config import read_decimal, read_listen, read_path, read_text, read_url
from sequencer.model.errors import ProofbookError
from sequencer.node.listing import Listing
from sequencer.node.policy import NodePolicy
from sequencer.records.directories import Directories
from sequencer.service.settings import ServiceSettings
from sequencer.settler.settler import SNAPSHOT_EVERY
from sequencer.submitter.policy import GWEI, Policy

_SECONDS_MAX: Final = 86_400
_CHAIN_ID_MAX: Final = (1 << 63) - 1
# What holds where the file says nothing.
_NODE: Final = NodePolicy()
_SUBMITTER: Final = Policy()


class VenueConfigError(ProofbookError):
    """A file is no configuration of a venue."""

    code = "venue_config"
    cure = "write it as in docs/operations/SERVING.md"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _read_address(told: object) -> str:
    return to_checksum_address(read_text(told))


def _read_host(told: object) -> str:
    return str(ipaddress.ip_address(read_text(told)))


_Text = Annotated[str, BeforeValidator(read_text)]
_Url = Annotated[str, BeforeValidator(read_url)]
_Path = Annotated[Path, BeforeValidator(read_path)]
_Decimal = Annotated[Decimal, BeforeValidator(read_decimal)]
_Listen = Annotated[tuple[str, int], BeforeValidator(read_listen)]
_Address = Annotated[str, BeforeValidator(_read_address)]
_Host = Annotated[str, BeforeValidator(_read_host)]


class VenueTable(_Table):
    """Where the exchange is: on L1, and on this disk."""

    rollup: _Address
    chain_id: int = Field(ge=1, le=_CHAIN_ID_MAX)
    rpc: _Url
    size: _Text
    data: _Path
    configurations: _Path


class ListingTable(_Table):
    """A market's name and decimals; the slots are in the order of the tables."""

    symbol: str = Field(pattern=r"^[A-Z0-9]{1,12}-[A-Z0-9]{1,12}$")
    tick_size: _Decimal
    lot_size: _Decimal


class OracleTable(_Table):
    """The signers whom the node asks."""

    endpoints: list[_Url] = Field(min_length=1, max_length=100)
    period_seconds: int = Field(default=1, ge=1, le=_SECONDS_MAX)


class ApiTable(_Table):
    """Where traders connect, and who passes on what others send."""

    listen: _Listen
    trusted_proxies: list[_Host] = Field(default=[], max_length=100)


class MetricsTable(_Table):
    """Where Prometheus asks the node."""

    listen: _Listen


class NodeTable(_Table):
    """Bounds and intervals of the node (sequencer/node/policy.py)."""

    receipt_keystore: _Path
    batch_seconds: int = Field(default=_NODE.batch_seconds, ge=1, le=3_600)
    waiting_max: int = Field(default=_NODE.waiting_max, ge=1)
    group_max: int = Field(default=_NODE.group_max, ge=1)
    unproven_max: int = Field(default=_NODE.unproven_max, ge=0)
    recent_max: int = Field(default=_NODE.recent_max, ge=0)


class SettlerTable(_Table):
    """Who submits batches, and at what cost."""

    operator_keystore: _Path
    confirmations: int = Field(default=_SUBMITTER.confirmations, ge=1)
    fee_cap_gwei: int = Field(default=_SUBMITTER.fee_cap // GWEI, ge=1)
    priority_fee_gwei: int = Field(default=_SUBMITTER.priority_fee // GWEI, ge=1)
    snapshot_every: int = Field(default=SNAPSHOT_EVERY, ge=1)


class ProverTable(_Table):
    """The queue of proving jobs, and the workers of this machine."""

    listen: _Listen
    token_file: _Path
    backend: str = Field(default="native", pattern=f"^({'|'.join(BACKENDS)})$")
    workers: int = Field(default=1, ge=0, le=1_000)


class VenueConfig(_Table):
    """All that a venue is told, but for the password of its keystores."""

    venue: VenueTable
    listing: list[ListingTable] = Field(min_length=1)
    oracle: OracleTable
    api: ApiTable
    metrics: MetricsTable
    node: NodeTable
    settler: SettlerTable
    prover: ProverTable

    @property
    def directories(self) -> Directories:
        """Where the venue keeps what it has."""
        return Directories(self.venue.data)

    @property
    def size(self) -> BatchSize:
        """The batch circuit's size.

        Raises
        ------
        VenueConfigError
            If the circuits have no such size.
        """
        try:
            return batch_size(self.venue.size)
        except KeyError as error:
            raise VenueConfigError(f"the circuits have no size {self.venue.size}") from error

    @property
    def listings(self) -> tuple[Listing, ...]:
        """The markets by name."""
        return tuple(
            Listing(table.symbol, slot, table.tick_size, table.lot_size)
            for slot, table in enumerate(self.listing)
        )

    @property
    def node_policy(self) -> NodePolicy:
        """The node's bounds."""
        return NodePolicy(**self.node.model_dump(exclude={"receipt_keystore"}))

    @property
    def service_settings(self) -> ServiceSettings:
        """The service's bounds."""
        return ServiceSettings(trusted_proxies=tuple(self.api.trusted_proxies))

    @property
    def connection(self) -> Connection:
        """The way to L1, and to no other chain."""
        return Connection(self.venue.rpc, chain_id=self.venue.chain_id)

    @property
    def submitter_policy(self) -> Policy:
        """What a transaction may cost."""
        table = self.settler
        return Policy(
            confirmations=table.confirmations,
            fee_cap=table.fee_cap_gwei * GWEI,
            priority_fee=table.priority_fee_gwei * GWEI,
        )

    @property
    def queue_url(self) -> str:
        """Address of the queue of proving jobs."""
        host, port = self.prover.listen
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def read_venue(path: Path) -> VenueConfig:
    """Return the configuration that a TOML file says; its paths are seen from its own folder.

    Raises
    ------
    VenueConfigError
        If the file is no TOML, lacks a key, has one that there is not, or a value that cannot be.
    """
    try:
        with path.open("rb") as file:
            config = VenueConfig.model_validate(tomllib.load(file))
    except ValidationError as error:
        (first, *_) = error.errors(include_url=False, include_input=False)
        raise VenueConfigError(f"{path}: {_place(first['loc'])}{first['msg']}") from error
    except ValueError as error:
        raise VenueConfigError(f"{path}: {error}") from error
    return _seen_from(config, path.resolve().parent)


def _seen_from(config: VenueConfig, folder: Path) -> VenueConfig:
    """Return the configuration with its paths as this process can open them."""

    def moved(table: Any, *names: str) -> Any:
        return table.model_copy(update={name: folder / getattr(table, name) for name in names})

    return config.model_copy(
        update={
            "venue": moved(config.venue, "data", "configurations"),
            "node": moved(config.node, "receipt_keystore"),
            "settler": moved(config.settler, "operator_keystore"),
            "prover": moved(config.prover, "token_file"),
        }
    )


def _place(location: tuple[Any, ...]) -> str:
    return f"{'.'.join(map(str, location))}: " if location else ""
