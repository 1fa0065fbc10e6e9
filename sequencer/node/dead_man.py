"""Dead-man switches: cancel-alls that traders have signed ahead, and the times from which they count."""

from typing import Final

from sequencer.model.codes import MessageKind
from sequencer.model.errors import ProofbookError
from sequencer.model.message import SignedMessage
from sequencer.node.errors import DeadManError
from sequencer.node.machine import Machine
from sequencer.node.signatures import Verified
from sequencer.records.entries import Armed

_AHEAD_MAX_MS: Final = 7 * 86_400_000


class DeadManSwitches:
    """The switches that a machine keeps: the operator holds no key, so it can only send what was signed."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def check(
        self, signed: SignedMessage, fire_at_ms: int, now_ms: int, verdict: Verified | ProofbookError
    ) -> None:
        """Refuse a switch that could not be sequenced when its time comes.

        Parameters
        ----------
        verdict
            On its signature.

        Raises
        ------
        DeadManError, MalformedFieldError, BadSignatureError
        """
        message, account = signed.message, self._machine.state.account(signed.message.account)
        if isinstance(verdict, ProofbookError):
            raise verdict
        if message.kind != MessageKind.CANCEL_ALL:
            raise DeadManError(f"the message is of kind {message.kind}, no cancel-all")
        if not now_ms < fire_at_ms <= now_ms + _AHEAD_MAX_MS:
            raise DeadManError(f"fire_at_ms {fire_at_ms} is not within a week from {now_ms}")
        if message.nonce <= account.nonce or message.key_epoch != account.key_epoch:
            raise DeadManError(f"nonce {message.nonce} or key epoch {message.key_epoch} is used up")

    def due(self, now_ms: int) -> list[Armed]:
        """Return those whose time has come."""
        return [armed for armed in self._machine.armed.values() if armed.fire_at_ms <= now_ms]
