"""Hashing and verifying many messages at once, beside the loop."""

import asyncio
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from sequencer.crypto import verify_many
from sequencer.engine.admission import require_signature
from sequencer.engine.state import State
from sequencer.engine.wellformed import check_message, check_signature
from sequencer.model.errors import ProofbookError
from sequencer.model.message import SignedMessage, message_hashes

# So many take less time than handing them to a thread.
_INLINE_MAX: Final = 2


class Verified(Struct, frozen=True, gc=False):
    """A message whose signature is good, and what was signed."""

    signed: SignedMessage
    hash: int


async def verified(state: State, messages: Sequence[SignedMessage]) -> list[Verified | ProofbookError]:
    """Return each message with its hash, or why it is refused whatever the state it meets.

    The key is that of the account now; should it change, the message's key epoch no longer fits.
    """
    formed = [_form_error(signed) or signed for signed in messages]
    well = [signed for signed in formed if isinstance(signed, SignedMessage)]
    keys = [state.account(signed.message.account).key for signed in well]
    if len(well) <= _INLINE_MAX:
        verdicts = iter(_verify(state.domain, well, keys))
    else:
        verdicts = iter(await asyncio.to_thread(_verify, state.domain, well, keys))
    return [next(verdicts) if isinstance(each, SignedMessage) else each for each in formed]


def _form_error(signed: SignedMessage) -> ProofbookError | None:
    try:
        check_message(signed.message)
        check_signature(signed.signature)
    except ProofbookError as error:
        return error
    return None


def _verify(
    domain: int, messages: Sequence[SignedMessage], keys: Sequence[tuple[int, int]]
) -> list[Verified | ProofbookError]:
    hashes = message_hashes([signed.message for signed in messages], domain)
    signatures = [signed.signature for signed in messages]
    goods = verify_many(list(zip(keys, hashes, signatures, strict=True)))
    return [_verdict(*each) for each in zip(messages, hashes, goods, strict=True)]


def _verdict(signed: SignedMessage, message_hash: int, is_good: bool) -> Verified | ProofbookError:
    try:
        require_signature(signed.message, is_good)
    except ProofbookError as error:
        return error
    return Verified(signed, message_hash)
