"""Differential fuzzing: engine, naive exchange, referee of the claims and circuit agree on what is public.

A sequence is made of one seed. It starts on a hostile state and trades on what it sees there; whatever one of
the four says differently is a disagreement, which is shrunk before it is shown.
"""
