"""The key with which an account trades."""

from dataclasses import dataclass, field
from typing import Self

from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from sequencer.chain.keys import trading_secret
from sequencer.crypto import PublicKey, Signature, public_key, sign


@dataclass(frozen=True, slots=True)
class TradingKey:
    """A trading key, good for one account of one exchange; it can trade, but not withdraw to anyone else.

    Attributes
    ----------
    account : int
        Its number, as L1 assigned it.
    key_epoch : int
        1 for the account's first key, one more at each registration.
    chain_id : int
        Of the rollup's chain.
    rollup : str
        Address of the rollup contract.
    secret : int
        In [1, l).
    """

    account: int
    key_epoch: int
    chain_id: int
    rollup: str
    secret: int = field(repr=False)

    @classmethod
    def from_wallet(
        cls, wallet: LocalAccount, account: int, chain_id: int, rollup: str, key_epoch: int = 1
    ) -> Self:
        """Return the key that follows from a signature of the wallet (EIP-712); always the same one.

        Signed is a document that names chain and rollup: take both from a source that you trust.
        """
        address = to_checksum_address(rollup)
        secret = trading_secret(wallet, key_epoch, chain_id, address)
        return cls(account, key_epoch, chain_id, address, secret)

    @property
    def public(self) -> PublicKey:
        """The public key, which L1 registers."""
        return public_key(self.secret)

    def sign(self, element: int) -> Signature:
        """Return the key's signature of a field element."""
        return sign(self.secret, element)
