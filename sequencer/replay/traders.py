"""The eight traders: wallets, trading keys, deposits, and how each of them trades."""

from dataclasses import dataclass

from eth_account import Account as Wallets
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from msgspec.structs import replace

from sequencer.chain.keys import trading_secret
from sequencer.crypto import public_key, sign
from sequencer.model import constants as c
from sequencer.model.message import Message, SignedMessage
from sequencer.replay.makers import MarketMaker
from sequencer.replay.strategy import Strategy
from sequencer.replay.takers import Contrarian, DipBuyer, Hedger, Momentum, Noise
from sequencer.replay.terms import MAX_FEE_PPM, QUOTE_PER_DOLLAR

KEY_EPOCH = 1
"""Each trader registers one key."""


@dataclass(slots=True)
class Trader:
    """A customer of the exchange.

    Attributes
    ----------
    account : int
        Account id, assigned by L1 in the order of the deposits.
    wallet : LocalAccount
        L1 key; owns the account.
    secret : int
        Trading key, derived from a signature of the wallet.
    deposit : int
        Quote units paid in at the start.
    """

    name: str
    style: str
    account: int
    wallet: LocalAccount
    deposit: int
    strategy: Strategy
    secret: int = 0

    @property
    def key(self) -> tuple[int, int]:
        """The public trading key."""
        return public_key(self.secret)

    def derive_key(self, chain_id: int, rollup: str) -> None:
        """Derive the trading key for one deployment."""
        self.secret = trading_secret(self.wallet, KEY_EPOCH, chain_id, rollup)

    def sign(self, message: Message, nonce: int, domain: int) -> SignedMessage:
        """Complete a message of the strategy and sign it."""
        complete = replace(message, key_epoch=KEY_EPOCH, nonce=nonce, max_fee_ppm=MAX_FEE_PPM)
        return SignedMessage(complete, sign(self.secret, complete.hash(domain)))


@dataclass(frozen=True, slots=True)
class _Profile:
    name: str
    style: str
    deposit_dollars: int
    strategy: Strategy


def _profiles() -> list[_Profile]:
    return [
        _Profile("Ada", "market maker", 250_000, MarketMaker(size=30_000, spread_ppm=500, leverage=4)),
        _Profile("Bruno", "market maker", 200_000, MarketMaker(size=24_000, spread_ppm=700, leverage=4)),
        _Profile("Chiara", "market maker", 150_000, MarketMaker(size=18_000, spread_ppm=1_000, leverage=4)),
        _Profile("Dmitri", "momentum", 100_000, Momentum(size=20_000, leverage=3)),
        _Profile("Elena", "contrarian", 120_000, Contrarian(size=24_000, leverage=3)),
        _Profile("Farid", "miner, hedges", 150_000, Hedger(size=12_000, leverage=2)),
        _Profile("Grace", "buys the dip", 80_000, DipBuyer(size=20_000, leverage=3)),
        _Profile("Hugo", "noise", 60_000, Noise(size=10_000, leverage=3)),
    ]


def eight_traders(seed: int) -> list[Trader]:
    """Return the traders in the order in which they deposit; wallets follow from the seed."""
    return [
        Trader(
            name=profile.name,
            style=profile.style,
            account=account,
            wallet=wallet(f"{profile.name} of seed {seed}"),
            deposit=profile.deposit_dollars * QUOTE_PER_DOLLAR,
            strategy=profile.strategy,
        )
        for account, profile in enumerate(_profiles(), start=c.FIRST_ACCOUNT)
    ]


def wallet(name: str) -> LocalAccount:
    """Return the demonstration wallet of a name: anyone can recompute its key."""
    account: LocalAccount = Wallets.from_key(keccak(text=f"proofbook replay wallet {name}"))
    return account
