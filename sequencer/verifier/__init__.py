"""The independent verifier: everybody's money and positions from L1 alone, every batch checked again."""
