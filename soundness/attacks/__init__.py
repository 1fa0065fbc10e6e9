"""Named attacks of a cheating engine, each with where it is refused: python -m soundness attacks."""
