"""What the roots commit to: account tree, markets, book pages, log."""
