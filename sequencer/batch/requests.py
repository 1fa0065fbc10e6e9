"""Signals of the L1 requests."""

from sequencer.batch.draft import Draft
from sequencer.batch.signals import Inputs, one_hot, padded
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
        "requestData": [list(request.data) for request in requests] + [[0, 0]] * unused,
        "requestSlot": [one_hot(draft.size.accounts, place) for place in places],
        "requestFree": padded((to_field(event.free) for event in events), count),
    }
