"""Proving jobs: a durable queue, and workers on any machine (docs/operations/PROVING.md)."""
