"""What the logs and calldata of one rollup add up to, checked as they come."""

from collections.abc import Sequence

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from msgspec import Struct, field
from msgspec.structs import replace

from sequencer.chain.queue import queue_hash as chained
from sequencer.chain.watcher import FreezeLog
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.request import Request
from sequencer.model.venue import NO_RESTRICTIONS, Venue
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
from sequencer.verifier.errors import BatchWordsError, ExitError, ExitRootError, LogError


class Identity(Struct, frozen=True):
    """Which rollup: chain id, and the contract's address with its checksum."""

    chain_id: int
    rollup: str

    def domain(self) -> int:
        """Return what messages are signed for, as the contract computes it."""
        types = ("uint256", "uint256", "address")
        text = encode(types, (c.PROTOCOL_VERSION, self.chain_id, self.rollup))
        return int.from_bytes(keccak(text), "big") % c.FIELD_MODULUS


class Replica(Struct):
    """The published state after the last batch, and what L1 itself keeps beside it.

    Attributes
    ----------
    configuration_hash, verifier : int
        What the next batch is under: the hash of its fees, oracle signers, market parameters, margin
        schedules and insurance floor, and the address that checks its proof.
    restrictions : Venue
        What the next batch is under of what L1 restricts; of the insurance fund it says nothing.
    pending : tuple of Request
        Queued and not consumed, in queue order; those refunded after a freeze stay in their places.
    queue_hash : int
        Chained hash over all requests, as receipts name it.
    deposits, paid : int
        Token units that ever came into and left the vault.
    claimable : dict of int to int
        Token units that batches have paid and nobody has claimed, by owner.
    frozen : bool
        Whether the exchange has stopped for ever: its accounts leave by their exits.
    refunded : frozenset of int
        Places of the requests that went back to their owners.
    exits_paid : int
        What was paid, in token units, for equities and the fee pool.
    """

    identity: Identity
    configuration_hash: int
    verifier: str
    state: PublishedState
    state_root: int
    batch_number: int = 0
    next_sequence: int = c.FIRST_SEQUENCE
    timestamp: int = 0
    pending: tuple[Request, ...] = ()
    queue_hash: int = 0
    deposits: int = 0
    paid: int = 0
    claimable: dict[int, int] = field(default_factory=dict)
    frozen: bool = False
    refunded: frozenset[int] = frozenset()
    exits_paid: int = 0
    restrictions: Venue = NO_RESTRICTIONS

    @property
    def request_count(self) -> int:
        """Requests ever queued."""
        return self.state.requests_consumed + len(self.pending)

    @property
    def vault_balance(self) -> int:
        """Token units that the vault must hold."""
        return self.deposits - self.paid

    @property
    def pending_deposits(self) -> int:
        """Token units of the deposits that wait in the queue, and belong to their owners."""
        places = enumerate(self.pending, start=self.state.requests_consumed)
        return sum(_refundable(request) for place, request in places if place not in self.refunded)

    @property
    def pending_insurance(self) -> int:
        """Token units that the insurance fund was paid and no batch has credited; nobody gets them back."""
        return sum(_deposited(request) - _refundable(request) for request in self.pending)

    @property
    def last_restrictions(self) -> Venue:
        """What L1 restricted last, consumed or not."""
        asked = [request for request in self.pending if request.kind == RequestKind.RESTRICT]
        return Venue.from_word(asked[-1].data[0]) if asked else self.restrictions

    def copy(self) -> "Replica":
        """Return an independent replica."""
        return replace(self, state=self.state.copy(), claimable=self.claimable.copy())

    def queue(self, index: int, request: Request, queue_hash: int) -> None:
        """Append a request to the queue.

        Raises
        ------
        LogError
            If one before it is missing, or the hash is not that of the queue with it.
        """
        self._require_live(f"request {index}")
        if index != self.request_count:
            raise LogError(f"the log of request {index} follows that of request {self.request_count - 1}")
        self.queue_hash = chained(self.queue_hash, request)
        if queue_hash != self.queue_hash:
            raise LogError(
                f"the queue with request {index} has the hash {self.queue_hash:#x}, not the logged"
            )
        self.pending = (*self.pending, request)
        self.deposits += _deposited(request)

    def claim(self, owner: int, amount: int) -> None:
        """Pay an owner; LogError if it is paid anything but all that batches left it."""
        owed = self.claimable.pop(owner, 0)
        if amount != owed:
            raise LogError(f"{owner:#042x} was paid {amount}, batches left it {owed}")
        self.paid += amount

    def freeze(self, told: FreezeLog) -> None:
        """Stop for ever; LogError if what is frozen is not what stands here."""
        self._require_live("the freeze")
        pot = self.vault_balance - sum(self.claimable.values()) - self.pending_deposits
        stands = (self.state.exit_root(), self.batch_number, pot)
        if (told.exit_root, told.batch_count, told.exit_pot) != stands:
            raise LogError(f"the freeze is of {told}, not of batch {self.batch_number} and a pot of {pot}")
        self.frozen = True

    def check_exit(self, account: int, owner: int, claim: int) -> None:
        """Refuse an exit of anything but an account's whole equity, for its owner; ExitError."""
        known = account in self.state.accounts
        if not known or (owner, claim) != (self.state.owner(account), self.state.equity(account)):
            raise ExitError(f"account {account} left with {claim} for {owner:#042x}: that is not its own")

    def pay_exit(self, claim: int, amount: int) -> None:
        """Pay for an equity, or for the fee pool, as much as the pot has for it; ExitError if it is more."""
        if not self.frozen or amount > claim:
            raise ExitError(f"{amount} was paid for a claim of {claim}")
        self.paid += amount
        self.exits_paid += amount

    def refund(self, index: int, amount: int) -> None:
        """Give an unconsumed request back; LogError if it is none, or not with what was deposited."""
        place = index - self.state.requests_consumed
        waits = self.frozen and 0 <= place < len(self.pending) and index not in self.refunded
        if not waits or amount != _refundable(self.pending[place]):
            raise LogError(f"request {index} was refunded with {amount}, which it did not wait for")
        self.refunded |= {index}
        self.paid += amount

    def finalize(self, batch: FinalBatch, check: ProofCheck) -> None:
        """Check the next batch and write it.

        Raises
        ------
        FindingError
            Whatever does not hold. The replica is to be thrown away then.
        """
        number = self.batch_number + 1
        self._require_live(f"batch {number}")
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

    def _require_live(self, what: str) -> None:
        if self.frozen:
            raise LogError(f"the log of {what} comes after that of a freeze")

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
            match request.kind:
                case RequestKind.CHANGE:
                    self.configuration_hash = request.data[0]
                    self.verifier = address_of(request.data[1])
                case RequestKind.RESTRICT:
                    self.restrictions = Venue.from_word(request.data[0])
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


def address_of(word: int) -> str:
    """Return the address in a word, with its checksum."""
    return to_checksum_address(f"{word:#042x}")


def _deposited(request: Request) -> int:
    """Return the token units that came with a request."""
    return request.amount if request.kind == RequestKind.DEPOSIT else 0


def _refundable(request: Request) -> int:
    """Return the token units that its owner gets back if no batch consumes it; nobody owns the fund."""
    return 0 if request.account == c.INSURANCE_ACCOUNT else _deposited(request)
