"""Mutants of the circuits: a constraint that no test misses is a constraint that nobody checks."""
