"""The rules: what follows from what is stored and what the chain shows. No function here does anything."""

from dataclasses import dataclass

from sequencer.state.record import BatchRecord
from sequencer.store.life import BatchLife, BatchState, Inclusion
from sequencer.submitter.errors import (
    BatchRefusedError,
    FinalityBrokenError,
    StateForkedError,
    SubmitterError,
)
from sequencer.submitter.policy import Fees, Policy
from sequencer.submitter.view import BatchView


@dataclass(frozen=True, slots=True)
class Prove:
    """Make the proof."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Sign a transaction, store it, send it."""

    nonce: int
    fees: Fees
    cancels: bool


@dataclass(frozen=True, slots=True)
class Resend:
    """Send the bytes of the last transaction again."""


@dataclass(frozen=True, slots=True)
class NoteMined:
    """Store where the batch was mined, and the proof that it came with where this ledger did not send it."""

    inclusion: Inclusion
    proof: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Unwind:
    """Undo the batch and all after it."""

    cause: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again later."""

    cause: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Raise this error: no later step could help."""

    error: type[SubmitterError]
    cause: str


Action = Prove | Sign | Resend | NoteMined | Unwind | Wait | Stop


def review(life: BatchLife, canonical_hash: bytes, height: int, confirmations: int) -> BatchLife:
    """Return the life of a mined batch as the chain shows it now.

    Parameters
    ----------
    canonical_hash
        Of the block that now stands at the height of the batch's block.
    height
        Number of the newest block.

    Raises
    ------
    FinalityBrokenError
        If the batch was final and its block is gone.
    """
    assert life.inclusion is not None, "a mined batch is in a block"
    if canonical_hash != life.inclusion.block_hash:
        if life.state is BatchState.FINAL:
            raise FinalityBrokenError(f"batch {life.number} was final in block {life.inclusion.block_number}")
        return life.taken_back(height)
    depth = height - life.inclusion.block_number + 1
    if life.state is BatchState.MINED and depth >= confirmations:
        return life.final()
    return life


def decide(life: BatchLife, record: BatchRecord, view: BatchView, policy: Policy) -> Action:
    """Return what the first batch that is not mined needs now."""
    if view.batch_count >= life.number:
        return _landed(life, record, view)
    if view.batch_count < life.number - 1:
        return Wait("the node does not show the batch before yet")
    if view.state_root != record.old_state_root:
        return Stop(
            StateForkedError, f"the contract's state before batch {life.number} is {view.state_root:#x}"
        )
    cause = _void_cause(life, record, view, policy)
    if cause is not None:
        return _withdraw(life, view, policy, cause)
    if view.missing_since is not None:
        return Wait("a request that the batch consumes is not in the chain at present")
    if life.state < BatchState.PROVEN:
        return Prove()
    return _deliver(life, view, policy)


def _landed(life: BatchLife, record: BatchRecord, view: BatchView) -> Action:
    """Take what the contract has for this batch if it is, whoever sent it: a ledger that is lost may have."""
    if view.inclusion is not None:
        return NoteMined(view.inclusion)
    if view.landing is None:
        return Wait("the node does not show the batch's transaction yet")
    found, built = view.landing.commitment, record.commitment
    if (found, view.landing.words) != (built, record.contract_words):
        return Stop(
            StateForkedError,
            f"batch {life.number} of the contract has the commitment {found:#x}, the one here {built:#x}",
        )
    return NoteMined(view.landing.inclusion, view.landing.proof)


def _void_cause(life: BatchLife, record: BatchRecord, view: BatchView, policy: Policy) -> str | None:
    """Return why the batch is given up, if so. A cancellation that was sent is not taken back."""
    since = view.missing_since
    if since is not None and view.head.number - since >= policy.confirmations:
        return f"a request that it consumes is not in the chain since block {since}"
    if view.head.timestamp > record.timestamp + view.max_age:
        return f"the contract takes no batch that is more than {view.max_age} seconds old"
    if any(sent.cancels for sent in life.sent):
        return "it was cancelled"
    return None


def _withdraw(life: BatchLife, view: BatchView, policy: Policy, cause: str) -> Action:
    """Unwind the batch, but not before every transaction that carries it is dead for good."""
    if not life.sent and life.is_rebuilt:
        # What the lost ledger may have sent has this nonce: one batch was on its way at a time.
        fees = policy.offer(view.head.base_fee)
        return Sign(view.nonce, fees, cancels=True) if fees else Wait("the base fee is above the cap")
    if not life.sent or view.buried_nonce > life.sent[-1].nonce:
        return Unwind(cause)
    if view.nonce > life.sent[-1].nonce:
        return Wait("the nonce of the void batch is used up, but not yet for good")
    return _replace(life, view, policy, cancels=True)


def _deliver(life: BatchLife, view: BatchView, policy: Policy) -> Action:
    if life.sent and view.nonce <= life.sent[-1].nonce:
        return _replace(life, view, policy, cancels=False)
    if len({sent.nonce for sent in life.sent}) >= policy.attempts:
        return Stop(BatchRefusedError, f"{policy.attempts} transactions of batch {life.number} failed")
    fees = policy.offer(view.head.base_fee)
    return Sign(view.nonce, fees, cancels=False) if fees else Wait("the base fee is above the cap")


def _replace(life: BatchLife, view: BatchView, policy: Policy, *, cancels: bool) -> Action:
    """Keep one transaction of the nonce on its way: a dearer one if the last is slow or of the wrong kind."""
    last = life.sent[-1]
    is_slow = view.head.number - last.height >= policy.bump_after_blocks
    fees = policy.raised(last, view.head.base_fee)
    if fees is not None and (is_slow or last.cancels is not cancels):
        return Sign(last.nonce, fees, cancels)
    if last.cancels is not cancels:
        return Wait("the base fee is above the cap")
    if not view.is_known:
        return Resend()
    return Wait("a transaction of the batch is on its way")
