"""The soundness harness: python -m soundness."""
