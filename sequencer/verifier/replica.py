"""What the logs and calldata of one rollup add up to, checked as they come."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.request import Request
from sequencer.state.published import PublishedState
from sequencer.verifier.batch import (
    Expected,
    FinalBatch,
    ProofCheck,
    check_log,
    check_proof,
    check_succession,
    check_time,
    full_stream,
    read_header,
    read_outcomes,
)
from sequencer.verifier.errors import BatchWordsError, ExitRootError, LogError


@dataclass(frozen=True, slots=True)
class Identity:
    """Which rollup: chain id, and the contract's address with its checksum."""

    chain_id: int
    rollup: str

    def domain(self) -> int:
        """Return what messages are signed for, as the contract computes it."""
        types = ("uint256", "uint256", "address")
        text = encode(types, (c.PROTOCOL_VERSION, self.chain_id, self.rollup))
        return int.from_bytes(keccak(text), "big") % c.FIELD_MODULUS


@dataclass(slots=True)
class Replica:
    """The published state after the last batch, and what L1 itself keeps beside it.

    Attributes
    ----------
    pending : tuple of Request
        Queued and not consumed, in queue order.
    deposits, claimed : int
        Token units that ever came into and left the vault.
    claimable : dict of int to int
        Token units that batches have paid and nobody has claimed, by owner.
    """

    identity: Identity
    configuration_hash: int
    state: PublishedState
    state_root: int
    batch_number: int = 0
    next_sequence: int = c.FIRST_SEQUENCE
    timestamp: int = 0
    pending: tuple[Request, ...] = ()
    deposits: int = 0
    claimed: int = 0
    claimable: dict[int, int] = field(default_factory=dict)

    @property
    def request_count(self) -> int:
        """Requests ever queued."""
        return self.state.requests_consumed + len(self.pending)

    @property
    def vault_balance(self) -> int:
        """Token units that the vault must hold."""
        return self.deposits - self.claimed

    @property
    def pending_deposits(self) -> int:
        """Token units of the deposits that wait in the queue."""
        return sum(request.amount for request in self.pending if request.kind == RequestKind.DEPOSIT)

    def copy(self) -> "Replica":
        """Return an independent replica."""
        return Replica(
            identity=self.identity,
            configuration_hash=self.configuration_hash,
            state=self.state.copy(),
            state_root=self.state_root,
            batch_number=self.batch_number,
            next_sequence=self.next_sequence,
            timestamp=self.timestamp,
            pending=self.pending,
            deposits=self.deposits,
            claimed=self.claimed,
            claimable=self.claimable.copy(),
        )

    def queue(self, index: int, request: Request) -> None:
        """Append a request to the queue; LogError if one before it is missing."""
        if index != self.request_count:
            raise LogError(f"the log of request {index} follows that of request {self.request_count - 1}")
        self.pending = (*self.pending, request)
        if request.kind == RequestKind.DEPOSIT:
            self.deposits += request.amount

    def claim(self, owner: int, amount: int) -> None:
        """Pay an owner; LogError if it is paid anything but all that batches left it."""
        owed = self.claimable.pop(owner, 0)
        if amount != owed:
            raise LogError(f"{owner:#042x} was paid {amount}, batches left it {owed}")
        self.claimed += amount

    def finalize(self, batch: FinalBatch, check: ProofCheck) -> None:
        """Check the next batch and write it.

        Raises
        ------
        FindingError
            Whatever does not hold. The replica is to be thrown away then.
        """
        number = self.batch_number + 1
        if batch.logged["batchNumber"] != number:
            raise LogError(
                f"the log of batch {batch.logged['batchNumber']} stands where batch {number} belongs"
            )
        header = read_header(batch)
        check_succession(header, self._expected())
        check_time(header, self.timestamp, batch.block_time)
        check_log(header, batch.logged)
        if header.requests > len(self.pending):
            raise LogError(
                f"batch {number} consumes {header.requests} requests, {len(self.pending)} are in the logs"
            )
        consumed = self.pending[: header.requests]
        check_proof(number, batch, full_stream(header, batch, consumed), check)
        self._settle(batch, consumed)
        self._write(batch, header.new_exit_root)
        self.state_root, self.timestamp = header.new_state_root, header.timestamp
        self.batch_number, self.next_sequence = number, self.next_sequence + header.messages

    def _expected(self) -> Expected:
        return Expected(
            domain=self.identity.domain(),
            configuration_hash=self.configuration_hash,
            batch_number=self.batch_number + 1,
            old_state_root=self.state_root,
            first_sequence=self.next_sequence,
            requests_begin=self.state.requests_consumed,
        )

    def _settle(self, batch: FinalBatch, consumed: Sequence[Request]) -> None:
        for request, outcome in zip(consumed, read_outcomes(batch, consumed), strict=True):
            if outcome.paid:
                self.claimable[request.owner] = self.claimable.get(request.owner, 0) + outcome.paid
        self.pending = self.pending[len(consumed) :]

    def _write(self, batch: FinalBatch, published: int) -> None:
        try:
            self.state.apply(batch.words)
        except ValueError as error:
            raise BatchWordsError(str(error)) from error
        rebuilt = self.state.exit_root()
        if rebuilt != published:
            raise ExitRootError(
                f"batch {batch.logged['batchNumber']} publishes the exit root {published:#x},"
                f" its records give {rebuilt:#x}"
            )
