"""From a start to the head of the chain, page by page, through reorganisations."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Final

from sequencer.chain.errors import NoGenesisError
from sequencer.chain.logs import Log, Page
from sequencer.chain.watcher import freeze_log, queued_request
from sequencer.verifier.batch import FinalBatch, ProofCheck
from sequencer.verifier.errors import (
    FindingError,
    HeadError,
    LogError,
    UnstableChainError,
    shown,
)
from sequencer.verifier.genesis import replica_of_genesis
from sequencer.verifier.reader import Block, RollupReader
from sequencer.verifier.replica import Replica

SNAPSHOTS: Final = 64
"""Pages to go back when the chain reorganises, before it is read from the start again."""


RESTARTS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A verified replica, and the last block that it has read.

    The replica is never changed: the next page works on a copy.
    """

    block: Block
    replica: Replica


@dataclass(frozen=True, slots=True)
class Advance:
    """A page that was verified: where it led, and how many batches it had."""

    checkpoint: Checkpoint
    batches: int


class Follower:
    """Verifies a rollup from a checkpoint, or from its deployment, up to the head of the chain.

    Parameters
    ----------
    check_of
        Gives the verification of proofs under the key of a verifier, by the verifier's address.
    from_block
        Where to look for the deployment.
    start
        Where to go on.
    """

    def __init__(
        self,
        reader: RollupReader,
        check_of: Callable[[str], ProofCheck],
        from_block: int = 0,
        start: Checkpoint | None = None,
    ) -> None:
        self._reader, self._check_of, self._from_block = reader, check_of, from_block
        self._trail = deque([start] if start else [], maxlen=SNAPSHOTS)

    @property
    def checkpoint(self) -> Checkpoint:
        """Where the verifier stands.

        Raises
        ------
        NoGenesisError
            If the deployment has not been found.
        """
        if not self._trail:
            raise NoGenesisError(
                f"no deployment of {self._reader.rollup.address} from block {self._from_block} on"
            )
        return self._trail[-1]

    def advance(self, confirmations: int = 0) -> Iterator[Advance]:
        """Read and verify up to the head, and yield what each page brought.

        Raises
        ------
        FindingError
            If anything read does not hold. The follower stays at its last checkpoint.
        UnstableChainError
            If the chain reorganises again and again before its head is reached.
        """
        for _ in range(RESTARTS_MAX):
            self._go_back()
            head = self._reader.head(confirmations)
            if head is None or (yield from self._advance_to(head)):
                return
        raise UnstableChainError(f"the chain changed {RESTARTS_MAX} times while it was read")

    def _advance_to(self, head: Block) -> Generator[Advance, None, bool]:
        """Verify page by page; return whether the chain was still the same at the end."""
        begin = self._trail[-1].block.number + 1 if self._trail else self._from_block
        for page in self._reader.pages(begin, head.number):
            end = self._reader.block(page.end)
            try:
                replica, batches = self._applied(page)
            except FindingError:
                if self._changed(head):
                    return False
                raise
            if end is None or self._changed(head):
                return False
            if replica is not None:
                self._trail.append(Checkpoint(end, replica))
                yield Advance(self.checkpoint, batches)
        return True

    def check_head(self) -> None:
        """Compare the contract's own storage with what its logs and calldata add up to; HeadError."""
        block, replica = self.checkpoint.block, self.checkpoint.replica
        held = self._reader.holdings(block.number)
        rebuilt = {
            "state_root": replica.state_root,
            "exit_root": replica.state.exit_root(),
            "configuration_hash": replica.configuration_hash,
            "batch_count": replica.batch_number,
            "request_count": replica.request_count,
            "requests_consumed": replica.state.requests_consumed,
            "fee_pool": replica.state.fee_pool,
            "vault_balance": replica.vault_balance,
            "pending_deposits": replica.pending_deposits,
            "total_claimable": sum(replica.claimable.values()),
        }
        if held.verifier != replica.verifier:
            raise HeadError(f"the contract trusts {held.verifier}, its logs give {replica.verifier}")
        for name, value in rebuilt.items():
            if getattr(held, name) != value:
                what = f"{name.replace('_', ' ')} at block {block.number}"
                found = shown(getattr(held, name))
                raise HeadError(f"the contract's {what} is {found}, its logs give {shown(value)}")
        if held.restrictions != replica.last_restrictions:
            raise HeadError(
                f"the brake asks for {held.restrictions}, the queue for {replica.last_restrictions}"
            )
        if held.tokens < replica.vault_balance:
            raise HeadError(f"the vault holds {held.tokens} of the {replica.vault_balance} that it must")

    def _go_back(self) -> None:
        """Drop every checkpoint that the chain no longer has."""
        while self._trail and not self._stands(self._trail[-1].block):
            self._trail.pop()

    def _stands(self, block: Block) -> bool:
        now = self._reader.block(block.number)
        return now is not None and now.hash == block.hash

    def _changed(self, head: Block) -> bool:
        """Tell whether what was read may be of two chains: the head is gone, or what we stand on is."""
        return not self._stands(head) or bool(self._trail and not self._stands(self._trail[-1].block))

    def _applied(self, page: Page) -> tuple[Replica | None, int]:
        """Return the replica after a page, None before the deployment, and how many batches it had."""
        replica = self._trail[-1].replica if self._trail else None
        if not page.logs:
            return replica, 0
        before = replica.batch_number if replica else 0
        replica = replica and replica.copy()
        with self._reader.batches(page.logs) as batches:
            for log in page.logs:
                replica = self._apply(replica, log, batches)
        return replica, replica.batch_number - before if replica else 0

    def _apply(self, replica: Replica | None, log: Log, batches: Iterator[FinalBatch]) -> Replica:
        if log.event == "Genesis":
            if replica is not None:
                raise LogError("there is a second log of the deployment")
            return replica_of_genesis(self._reader.identity, log.arguments)
        if replica is None:
            raise NoGenesisError(
                f"block {log.block_number} has the log {log.event} before that of the deployment"
            )
        told = log.arguments
        match log.event:
            case "RequestQueued":
                replica.queue(told["index"], queued_request(log), told["queueHash"])
            case "BatchFinalized":
                replica.finalize(next(batches), self._check_of(replica.verifier))
            case "Claimed":
                replica.claim(int(told["owner"], 16), told["amount"])
            case "Frozen":
                replica.freeze(freeze_log(log))
            case "ExitRegistered":
                replica.check_exit(told["account"], int(told["owner"], 16), told["claim"])
            case "ExitPaid":
                replica.check_exit(told["account"], int(told["owner"], 16), told["claim"])
                replica.pay_exit(told["claim"], told["amount"])
            case "FeePoolSettled":
                replica.pay_exit(replica.state.fee_pool, told["amount"])
            case "RequestRefunded":
                replica.refund(told["index"], told["amount"])
        return replica
