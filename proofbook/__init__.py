"""Proofbook for traders: the client of the exchange's API."""
