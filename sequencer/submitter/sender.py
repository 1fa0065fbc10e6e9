"""What the operator writes to the chain."""

from functools import cached_property
from typing import Final

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3.types import TxParams

from sequencer.chain.client import RollupClient
from sequencer.chain.connection import gas_limit
from sequencer.chain.errors import NodeRefusedError
from sequencer.store.life import SignedTransaction
from sequencer.submitter.errors import TransactionRefusedError
from sequencer.submitter.policy import Fees
from sequencer.submitter.view import Block

_TRANSFER_GAS: Final = 21_000

# All else that nodes say to a transaction passes, or the next view of the chain shows what is true of it: a
# used nonce, a transaction that they have already, a replacement that pays too little, a full pool.
_FATAL: Final = "insufficient funds"


class ChainSender:
    """Signs and sends the operator's transactions."""

    def __init__(self, rollup: RollupClient, operator: LocalAccount) -> None:
        self._rollup, self._operator = rollup, operator
        self._connection = rollup.connection

    def sign_batch(self, data: bytes, nonce: int, fees: Fees, head: Block) -> SignedTransaction:
        """Return the transaction that carries a batch.

        Raises
        ------
        ContractRevertedError
            If the contract refuses the batch after the block `head`.
        """
        call: TxParams = {"from": self._operator.address, "to": self._rollup.address, "data": HexBytes(data)}
        gas = gas_limit(self._connection.estimate(call, self._rollup.errors, head.hash))
        return self._sign(self._rollup.address, data, gas, nonce, fees, head, cancels=False)

    def sign_cancellation(self, nonce: int, fees: Fees, head: Block) -> SignedTransaction:
        """Return a transaction of the operator to itself."""
        return self._sign(self._operator.address, b"", _TRANSFER_GAS, nonce, fees, head, cancels=True)

    def send(self, transaction: SignedTransaction) -> None:
        """Hand a transaction to the node; doing it twice is harmless.

        Raises
        ------
        TransactionRefusedError
            If the operator cannot pay for it.
        NodeRefusedError
            If the node declines it for another reason.
        """
        try:
            self._connection.request("eth_sendRawTransaction", ["0x" + transaction.raw.hex()])
        except NodeRefusedError as error:
            if _FATAL in error.message.casefold():
                raise TransactionRefusedError(error.message) from error
            raise

    def _sign(
        self,
        to: ChecksumAddress,
        data: bytes,
        gas: int,
        nonce: int,
        fees: Fees,
        head: Block,
        *,
        cancels: bool,
    ) -> SignedTransaction:
        signed = self._operator.sign_transaction(
            {
                "chainId": self._id,
                "type": 2,
                "to": to,
                "value": 0,
                "data": HexBytes(data),
                "gas": gas,
                "nonce": nonce,
                "maxFeePerGas": fees.max_fee,
                "maxPriorityFeePerGas": fees.priority_fee,
            }
        )
        return SignedTransaction(
            raw=bytes(signed.raw_transaction),
            hash=bytes(signed.hash),
            nonce=nonce,
            max_fee=fees.max_fee,
            priority_fee=fees.priority_fee,
            height=head.number,
            cancels=cancels,
        )

    @cached_property
    def _id(self) -> int:
        return self._connection.chain_id
