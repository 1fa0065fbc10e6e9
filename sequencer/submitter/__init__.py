"""Sealed batches on their way to L1: proven, sent, mined, final, whatever fails on the way.

What is durable when, who may crash where, what a reorganisation does: docs/spec/submitting.md. `transitions`
holds the rules as pure functions of what is stored and what the chain shows; `reader` and `sender` are the
chain; `submitter` is the loop; `inbox` says which requests count; `resequencing` rebuilds what was undone.
"""
