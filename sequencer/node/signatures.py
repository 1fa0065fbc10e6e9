"""Verifying the signatures of many messages at once, beside the loop."""

import asyncio
from collections.abc import Sequence
from typing import Final

from sequencer.crypto import verify_many
from sequencer.engine.admission import require_signature
from sequencer.engine.state import State
from sequencer.engine.wellformed import check_message, check_signature
from sequencer.model.errors import ProofbookError
from sequencer.model.message import SignedMessage

_Item = tuple[tuple[int, int], int, tuple[int, int, int]]
# So many take less time than handing them to a thread.
_INLINE_MAX: Final = 2


async def checked(state: State, messages: Sequence[SignedMessage]) -> list[ProofbookError | None]:
    """Return why each message is refused whatever the state it meets, None where its signature is good.

    The key is that of the account now; should it change, the message's key epoch no longer fits.
    """
    refusals: list[ProofbookError | None] = []
    items: list[_Item] = []
    for signed in messages:
        try:
            check_message(signed.message)
            check_signature(signed.signature)
        except ProofbookError as error:
            refusals.append(error)
            continue
        refusals.append(None)
        account = state.account(signed.message.account)
        items.append((account.key, signed.message.hash(state.domain), signed.signature))
    verdicts = iter(await _verified(items))
    for place, refusal in enumerate(refusals):
        if refusal is None:
            refusals[place] = _refusal(messages[place], next(verdicts))
    return refusals


async def _verified(items: Sequence[_Item]) -> list[bool]:
    if len(items) <= _INLINE_MAX:
        return verify_many(items)
    return await asyncio.to_thread(verify_many, items)


def _refusal(signed: SignedMessage, is_good: bool) -> ProofbookError | None:
    try:
        require_signature(signed.message, is_good)
    except ProofbookError as error:
        return error
    return None
