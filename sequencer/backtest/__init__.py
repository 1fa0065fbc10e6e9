"""The exchange under stress: the engine alone, seeded agents, real prices, and whether it stayed solvent."""
