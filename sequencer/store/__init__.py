"""The ledger on disk: LevelDB, one atomic and durable write a batch."""
