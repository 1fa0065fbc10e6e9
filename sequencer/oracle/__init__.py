"""Oracle signers, and the client that collects a round of their reports."""
