"""A sequenced message: its verdict, and what it does when none stops it."""

from msgspec.structs import replace

from sequencer.engine.cancelling import cancel_all, cancel_order
from sequencer.engine.events import Dropped, Event, MessageSequenced, StepEvent
from sequencer.engine.liquidation import liquidate
from sequencer.engine.matching import match_order
from sequencer.engine.state import State
from sequencer.engine.terms import judge_order
from sequencer.engine.unwinding import unwind
from sequencer.engine.wellformed import check_message
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MessageKind, Verdict
from sequencer.model.message import Message


def sequence_message(state: State, message: Message, forced: bool = False) -> list[Event]:
    """Give a message the next sequence and carry it out; whatever stops it is a verdict.

    Parameters
    ----------
    forced
        Whether it comes from the queue of L1 instead of its sender.

    Raises
    ------
    MalformedFieldError
        If a field does not fit its width: such a message cannot have been signed, nor stand in the log.
    """
    check_message(message)
    sequence = state.take_sequence()
    state.settle(message.account)
    if message.account == c.INSURANCE_ACCOUNT or message.is_unsigned:
        state.show_fund()
    if message.is_unsigned:
        state.settle(c.INSURANCE_ACCOUNT)
        carry_out = liquidate if message.is_liquidation else unwind
        return [MessageSequenced(sequence, message, False, forced), *carry_out(state, sequence, message)]
    account = state.account(message.account)
    authenticated = message.key_epoch != 0 and message.key_epoch == account.key_epoch
    steps = _carry_out(state, sequence, message, account) if authenticated else None
    return [
        MessageSequenced(sequence, message, authenticated, forced),
        *(steps or [_dropped(sequence, message, Verdict.KEY_EPOCH)]),
    ]


def _carry_out(state: State, sequence: int, message: Message, account: Account) -> list[StepEvent]:
    """Return the events of an authenticated message; its nonce is consumed, whatever follows."""
    if message.nonce <= account.nonce:
        return [_dropped(sequence, message, Verdict.NONCE)]
    state.put_account(message.account, replace(account, nonce=message.nonce))
    if message.expiry < state.timestamp:
        return [_dropped(sequence, message, Verdict.EXPIRED)]
    if message.kind == MessageKind.CANCEL_ALL:
        return [cancel_all(state, sequence, message)]
    if message.kind not in (MessageKind.ORDER, MessageKind.CANCEL):
        return [_dropped(sequence, message, Verdict.KIND)]
    if message.market >= c.MARKETS or not state.market(message.market).exists:
        return [_dropped(sequence, message, Verdict.MARKET)]
    if message.kind == MessageKind.CANCEL:
        return [cancel_order(state, sequence, message)]
    taker_ppm = state.configuration.tiers[account.tier].taker_ppm
    verdict = judge_order(message, state.market(message.market), taker_ppm)
    if verdict is not None:
        return [_dropped(sequence, message, verdict)]
    return match_order(state, sequence, message)


def _dropped(sequence: int, message: Message, verdict: Verdict) -> Dropped:
    return Dropped(sequence, verdict, message.size if message.kind == MessageKind.ORDER else 0)
