"""Place an order, see it rest, cancel it: `python examples/quick_start.py`, with the variables below set."""

import os
from decimal import Decimal

from eth_account import Account

from proofbook.client import Exchange, TradingKey


def main() -> None:
    """Trade once with the account and the wallet of the environment."""
    key = TradingKey.from_wallet(
        Account.from_key(os.environ["PROOFBOOK_WALLET_KEY"]),
        account=int(os.environ["PROOFBOOK_ACCOUNT"]),
        chain_id=int(os.environ["PROOFBOOK_CHAIN_ID"]),
        rollup=os.environ["PROOFBOOK_ROLLUP"],
    )
    with Exchange(os.environ["PROOFBOOK_URL"], key) as exchange:
        market = exchange.markets()[0]
        price = market.round_price(market.mark * Decimal("0.99"))
        placed = exchange.place(market.symbol, "buy", market.min_size, price, post_only=True)
        print(f"order {placed.nonce}: {placed.verdict}, sequence {placed.receipt.sequence}")
        print(f"open: {[f'{order.side} {order.size} at {order.price}' for order in exchange.open_orders()]}")
        print(f"equity: {exchange.account().equity}")
        print(f"cancelled: {exchange.cancel(placed.nonce).cancelled}")


if __name__ == "__main__":
    main()
