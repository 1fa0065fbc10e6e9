"""Domain words: accounts, markets, orders, messages, requests, and their packing into field words."""
