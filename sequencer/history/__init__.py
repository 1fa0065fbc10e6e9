"""What happened, for those who ask: orders, fills, trades, candles; it follows from the journal alone."""
