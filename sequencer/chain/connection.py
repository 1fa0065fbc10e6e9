"""A JSON-RPC connection that signs transactions itself and turns reverts into typed errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import requests
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import HTTPProvider, Web3
from web3.contract.contract import Contract, ContractConstructor, ContractFunction
from web3.exceptions import ContractCustomError, ContractLogicError, Web3RPCError
from web3.types import RPCEndpoint, RPCResponse, TxParams, Wei

from sequencer.chain.artifacts import ContractArtifact
from sequencer.chain.errors import (
    ChainUnreachableError,
    ContractRevertedError,
    NodeRefusedError,
    WrongChainError,
)
from sequencer.chain.reverts import decode_revert

TIMEOUT_SECONDS: Final = 30.0

_CHAIN_ID: Final = RPCEndpoint("eth_chainId")
_GAS_MARGIN_NUMERATOR: Final = 6
_GAS_MARGIN_DENOMINATOR: Final = 5


def gas_limit(estimate: int) -> int:
    """Return the gas to send with a call that needed so much after the block before its own.

    What others do in the contract may come between, and a word that the call would have left as it was may
    have to be written in its own block, whose time is another.
    """
    return estimate * _GAS_MARGIN_NUMERATOR // _GAS_MARGIN_DENOMINATOR


@dataclass(frozen=True, slots=True)
class Transaction:
    """A mined transaction.

    Attributes
    ----------
    hash : HexBytes
        32 bytes.
    gas : int
        Gas used.
    calldata_bytes : int
        Length of its input.
    """

    hash: HexBytes
    gas: int
    calldata_bytes: int


class _Provider(HTTPProvider):
    """HTTP, with our error where nothing answers, or not in time, or not in JSON.

    A node that has not shown that it is of the wanted chain is asked for nothing else.
    """

    def __init__(self, url: str, timeout_seconds: float, chain_id: int | None) -> None:
        super().__init__(url, {"timeout": timeout_seconds}, exception_retry_configuration=None)
        self._unshown = chain_id

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        if self._unshown is not None:
            self._require(self._unshown)
        return self._answer(method, params)

    def _require(self, chain_id: int) -> None:
        answer = self._answer(_CHAIN_ID, [])
        if "error" in answer:
            raise NodeRefusedError(f"{self.endpoint_uri} refused {_CHAIN_ID}: {answer['error']}")
        found = int(answer["result"], 16)
        if found != chain_id:
            raise WrongChainError(f"{self.endpoint_uri} is of chain {found}, the venue of chain {chain_id}")
        self._unshown = None

    def _answer(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        try:
            return super().make_request(method, params)
        except (requests.RequestException, ValueError) as error:
            raise ChainUnreachableError(f"{self.endpoint_uri} does not answer {method}") from error


class Connection:
    """One node.

    Parameters
    ----------
    url
        Where it answers JSON-RPC over HTTP.
    timeout_seconds
        How long a request may take.
    chain_id
        The node's chain, any if None; whatever asks a node of another chain raises WrongChainError.
    """

    def __init__(
        self, url: str, timeout_seconds: float = TIMEOUT_SECONDS, chain_id: int | None = None
    ) -> None:
        self.url = url
        self.web3 = Web3(_Provider(url, timeout_seconds, chain_id))

    @property
    def chain_id(self) -> int:
        """The chain's id (EIP-155)."""
        return int(self.request(_CHAIN_ID, []), 16)

    @property
    def block_number(self) -> int:
        """Number of the newest block."""
        return int(self.request("eth_blockNumber", []), 16)

    def request(self, method: str, parameters: Sequence[object]) -> Any:
        """Return the node's answer to one JSON-RPC request.

        Raises
        ------
        ChainUnreachableError
            If there is no answer.
        NodeRefusedError
            If the answer is an error.
        """
        answer = self.web3.provider.make_request(RPCEndpoint(method), list(parameters))
        if "error" in answer:
            raise NodeRefusedError(f"{self.url} refused {method}: {answer['error']}")
        return answer["result"]

    def contract(self, artifact: ContractArtifact, address: str) -> Contract:
        """Return web3's view of a deployed contract."""
        return self.web3.eth.contract(address=Web3.to_checksum_address(address), abi=artifact.abi)

    def code(self, address: str) -> bytes:
        """Return the code at an address, empty if there is no contract."""
        return bytes.fromhex(self.request("eth_getCode", [address, "latest"]).removeprefix("0x"))

    def deploy(self, sender: LocalAccount, artifact: ContractArtifact, *arguments: object) -> ChecksumAddress:
        """Create a contract and return its address.

        Raises
        ------
        ContractRevertedError
            If its constructor refuses the arguments.
        """
        factory = self.web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
        transaction = self.transact(sender, factory.constructor(*arguments), artifact.errors)
        address = self.web3.eth.get_transaction_receipt(transaction.hash)["contractAddress"]
        assert address is not None, "a transaction that created a contract names it"
        return address

    def estimate(self, call: TxParams, errors: Sequence[Any], block_hash: bytes) -> int:
        """Return the gas that a call needs after one block.

        Raises
        ------
        ContractRevertedError
            If the contract refuses the call.
        NodeRefusedError
            If the node does not have the block, or the sender cannot pay.
        """
        try:
            return self.web3.eth.estimate_gas(call, HexBytes(block_hash))
        except (ContractCustomError, ContractLogicError) as error:
            raise decode_revert(errors, error) from error
        except Web3RPCError as error:
            raise NodeRefusedError(f"{self.url} refused an estimate: {error.message}") from error

    def transact(
        self,
        sender: LocalAccount,
        call: ContractFunction | ContractConstructor,
        errors: Sequence[Any],
        wei: int = 0,
    ) -> Transaction:
        """Send a call and wait until it is mined.

        Parameters
        ----------
        errors
            The custom errors that the call may revert with: entries of ABIs.
        wei
            What is sent with the call.

        Raises
        ------
        ContractRevertedError
            If the contract refuses the call; then nothing was sent.
        NodeRefusedError
            If the sender cannot pay, for one.
        """
        try:
            unsigned = call.build_transaction(
                {
                    "from": sender.address,
                    "value": Wei(wei),
                    "nonce": self.web3.eth.get_transaction_count(sender.address),
                    "chainId": self.web3.eth.chain_id,
                }
            )
            unsigned["gas"] = gas_limit(unsigned["gas"])
            signed = sender.sign_transaction(cast(dict[str, Any], unsigned))
            hash_ = self.web3.eth.send_raw_transaction(signed.raw_transaction)
        except (ContractCustomError, ContractLogicError) as error:
            raise decode_revert(errors, error) from error
        except Web3RPCError as error:
            raise NodeRefusedError(f"{self.url} refused a transaction: {error.message}") from error
        receipt = self.web3.eth.wait_for_transaction_receipt(hash_, poll_latency=0.01)
        if receipt["status"] != 1:
            raise ContractRevertedError("unknown", {"transaction": hash_.to_0x_hex()})
        data = unsigned["data"]
        size = len(data) if isinstance(data, bytes) else len(data) // 2 - 1
        return Transaction(hash_, receipt["gasUsed"], size)
