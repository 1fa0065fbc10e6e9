"""Signals of the L1 requests and of the signatures."""

from sequencer.batch.draft import Draft
from sequencer.batch.signals import Inputs, one_hot, padded
from sequencer.crypto import BASE8
from sequencer.model.words import to_field


def request_inputs(draft: Draft) -> Inputs:
    """Return the queue entries that the batch consumes, in queue order."""
    events, count = draft.processed, draft.size.requests
    requests = [event.request for event in events]
    unused = count - len(requests)
    slots = {number: slot for slot, number in enumerate(draft.accounts)}
    places = [slots[request.account] for request in requests] + [None] * unused
    return {
        "requestEnabled": padded((1 for _ in requests), count),
        "requestKind": padded((int(request.kind) for request in requests), count),
        "requestAccount": padded((request.account for request in requests), count),
        "requestAmount": padded((request.amount for request in requests), count),
        "requestOwner": padded((request.owner for request in requests), count),
        "requestKey": [list(request.key) for request in requests] + [[0, 0]] * unused,
        "requestSlot": [one_hot(draft.size.accounts, place) for place in places],
        "requestFree": padded((to_field(event.free) for event in events), count),
    }


def signature_inputs(draft: Draft) -> Inputs:
    """Return the signatures in log order; a message of another key epoch needs none."""
    slots = {number: slot for slot, number in enumerate(draft.accounts)}
    places: list[int | None] = [None] * draft.size.messages
    points, scalars = [list(BASE8)] * draft.size.messages, [0] * draft.size.messages
    for place, (signed, event) in enumerate(zip(draft.messages, draft.sequenced, strict=True)):
        if event.authenticated:
            places[place] = slots[signed.message.account]
            points[place], scalars[place] = list(signed.signature[:2]), signed.signature[2]
    return {
        "signatureSlot": [one_hot(draft.size.accounts, place) for place in places],
        "signatureR8": points,
        "signatureS": scalars,
    }
