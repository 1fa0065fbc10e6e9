"""The exchange end to end on recorded market data: traders, L1, batches, proofs, transcript and report."""
