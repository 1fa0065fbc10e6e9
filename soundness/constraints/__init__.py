"""How many constraints every template has: a change shows its price, or a dropped check."""
