"""Signals of the signatures: those of the messages in log order, then those of the oracle's three reports."""

from collections.abc import Sequence

from sequencer.batch.combination import Signed, coefficients, scalars
from sequencer.batch.draft import Draft
from sequencer.batch.signals import Inputs, one_hot
from sequencer.batch.stream import chain
from sequencer.crypto import BASE8, eighth, montgomery
from sequencer.model import constants as c
from sequencer.state.record import Signal

UNSIGNED = (*BASE8, 1)
"""The signature of a slot that signs nothing: 1 Base8 = R8."""


def signature_inputs(draft: Draft) -> Inputs:
    """Return the messages' slots and what the check of all signatures needs."""
    numbers, size = draft.accounts, draft.size
    slots = _message_slots(draft) + _oracle_slots(draft)
    keys = [draft.after(number).key for number in numbers]
    keys += [c.DEFAULT_KEY] * (size.accounts - len(numbers)) + _oracle_keys(draft)
    check = signature_hints(slots)
    if size.signatures == "batched":
        check |= combination_hints(keys, slots)
    owners = [slot.owner for slot in slots[: size.messages]]
    return {
        "signatureSlot": [one_hot(size.accounts, owner) for owner in owners],
        **{f"signature{name[0].upper()}{name[1:]}": signal for name, signal in check.items()},
    }


def signature_hints(slots: Sequence[Signed]) -> Inputs:
    """Return q, the Q with 8 Q = R8 in Montgomery form, and s of each slot."""
    return {
        "q": [list(montgomery(eighth(*slot.signature[:2]))) for slot in slots],
        "s": [slot.signature[2] for slot in slots],
    }


def combination_hints(keys: Sequence[tuple[int, int]], slots: Sequence[Signed]) -> Inputs:
    """Return bit, quotient and carry of each key's scalar and, last, of the base point's."""
    challenges = [slot.challenge(keys) for slot in slots]
    words = [word for slot, h in zip(slots, challenges, strict=True) for word in (h, slot.signature[2])]
    seed = chain(words + [coordinate for key in keys for coordinate in key])
    rows = scalars(coefficients(seed, len(slots)), slots, challenges, len(keys))
    hints: dict[str, Signal] = {
        "bit": [row.bits for row in rows],
        "quotient": [row.quotient for row in rows],
        "carry": [row.carries for row in rows],
    }
    return hints


def _message_slots(draft: Draft) -> list[Signed]:
    """Return a slot a message; a liquidation or one of another key epoch or from L1 signs nothing."""
    place = {number: slot for slot, number in enumerate(draft.accounts)}
    signatures = iter(draft.messages)
    slots = []
    for event in draft.sequenced:
        owner, signature = None, UNSIGNED
        if event.is_signed:
            signed = next(signatures)
            if event.authenticated:
                owner, signature = place[event.message.account], signed.signature
        slots.append(Signed(owner, event.message.hash(draft.ledger.domain), signature))
    return slots + [Signed(None, 0, UNSIGNED)] * (draft.size.messages - len(slots))


def _oracle_slots(draft: Draft) -> list[Signed]:
    first = draft.size.accounts
    return [
        Signed(first + place, report.hash(draft.ledger.domain), report.signature)
        for place, report in enumerate(draft.opening.reports)
    ]


def _oracle_keys(draft: Draft) -> list[tuple[int, int]]:
    keys = draft.state.configuration.oracle_keys
    return [keys[report.signer] for report in draft.opening.reports]
