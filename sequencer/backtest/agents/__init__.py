"""Who trades in a backtest; each decides from what it sees of the exchange and of the recorded market."""
