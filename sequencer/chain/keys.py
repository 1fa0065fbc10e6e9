"""Trading keys: derived from a signature of the L1 wallet, so that a wallet is all a trader must keep."""

from typing import Any, Final

from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from sequencer.crypto import SUBGROUP_ORDER
from sequencer.model import constants as c

STATEMENT: Final = "Create my Proofbook trading key. Whoever holds this signature can trade for my account."


def typed_data(owner: str, key_epoch: int, chain_id: int, rollup: str) -> dict[str, Any]:
    """Return the EIP-712 document that a wallet signs to create a trading key.

    Parameters
    ----------
    owner
        Address of the wallet.
    key_epoch
        Of the key: 1 for the first, one more at each rotation, so that each epoch has a key of its own.
    chain_id, rollup
        Chain and address of the rollup contract: a key is good for one deployment only.
    """
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "TradingKey": [
                {"name": "statement", "type": "string"},
                {"name": "owner", "type": "address"},
                {"name": "keyEpoch", "type": "uint16"},
            ],
        },
        "primaryType": "TradingKey",
        "domain": {
            "name": "Proofbook",
            "version": str(c.PROTOCOL_VERSION),
            "chainId": chain_id,
            "verifyingContract": rollup,
        },
        "message": {"statement": STATEMENT, "owner": owner, "keyEpoch": key_epoch},
    }


def trading_secret(wallet: LocalAccount, key_epoch: int, chain_id: int, rollup: str) -> int:
    """Return the secret trading key of a wallet, in [1, l).

    Wallets sign deterministically (RFC 6979), so the same wallet always derives the same key.
    """
    document = typed_data(wallet.address, key_epoch, chain_id, rollup)
    signature = bytes(wallet.sign_typed_data(full_message=document).signature)
    return 1 + int.from_bytes(keccak(signature), "big") % (SUBGROUP_ORDER - 1)
