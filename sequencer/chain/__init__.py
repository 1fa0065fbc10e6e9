"""The L1 side: contracts, clients, logs and trading keys."""
