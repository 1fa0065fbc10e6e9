"""The ledger as of one batch in one file: where whoever follows the journal may begin."""
