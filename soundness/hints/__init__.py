"""Hint lies: every input of a circuit but the public ones is the prover's to choose, so each is lied about.

A lie must break a constraint, or be on the list of those that harm nobody (`allowed.py`), with its reason.
"""
