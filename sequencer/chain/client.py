"""The contracts as Python objects: one method a function of `IRollup` and of the token."""

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_account.signers.local import LocalAccount
from eth_typing import BlockNumber, ChecksumAddress
from hexbytes import HexBytes
from msgspec import Struct
from web3 import Web3
from web3.contract.contract import Contract
from web3.exceptions import Web3RPCError
from web3.types import BlockIdentifier

from sequencer.batch.sealed import SealedBatch
from sequencer.chain.artifacts import ContractArtifact, contract
from sequencer.chain.connection import Connection, Transaction
from sequencer.chain.errors import NodeRefusedError
from sequencer.model.codes import Side
from sequencer.model.message import Message

ProofPoints = tuple[tuple[int, int], tuple[tuple[int, int], tuple[int, int]], tuple[int, int]]
"""A Groth16 proof as the contract takes it: a, b, c; imaginary parts stand first in b (EIP-197)."""


class BatchSubmission(Struct, frozen=True):
    """What the operator sends to make a batch final.

    Attributes
    ----------
    words : sequence of int
        The data stream without the queue words, which the contract takes from its storage.
    commitment : int
        The circuit's commitment c to the whole stream.
    proof : ProofPoints
        For the public inputs c, r, y.
    """

    words: Sequence[int]
    commitment: int
    proof: ProofPoints

    @classmethod
    def of(cls, batch: SealedBatch, proof: ProofPoints) -> "BatchSubmission":
        """Return what makes a sealed batch final."""
        return cls(batch.contract_words, batch.c, proof)

    def arguments(self) -> tuple[list[int], int, ProofPoints]:
        """Return the arguments of `submitBatch`."""
        return list(self.words), self.commitment, self.proof


class ContractClient:
    """A deployed contract, its interface and the node that has it."""

    def __init__(self, connection: Connection, artifact: ContractArtifact, address: str) -> None:
        self.connection = connection
        self.artifact = artifact
        self.errors = artifact.errors
        self.contract: Contract = connection.contract(artifact, address)

    @property
    def address(self) -> ChecksumAddress:
        """Where the contract is."""
        return self.contract.address

    def read(self, function: str, *arguments: object, block: int | None = None) -> Any:
        """Return what a view function says at a block, at the newest one if none is named."""
        at: BlockIdentifier = "latest" if block is None else BlockNumber(block)
        call = self.contract.get_function_by_name(function)(*arguments)
        try:
            return call.call(block_identifier=at)
        except Web3RPCError as error:
            raise NodeRefusedError(f"{self.connection.url} refused {function}: {error.message}") from error

    def read_at(self, block_hash: bytes, function: str, *arguments: object) -> Any:
        """Return what a view function says at one block, whatever the node thinks is the latest.

        Raises
        ------
        NodeRefusedError
            If the node does not have the block, or the block does not have the contract.
        """
        call = {"to": self.address, "data": self.contract.encode_abi(function, arguments)}
        place = {"blockHash": HexBytes(block_hash).to_0x_hex()}
        answer = HexBytes(self.connection.request("eth_call", [call, place]))
        outputs = self.contract.get_function_by_name(function).abi["outputs"]
        try:
            values = decode([output["type"] for output in outputs], answer)
        except DecodingError as error:
            raise NodeRefusedError(f"{self.connection.url} has no {function} in block {place}") from error
        return values[0] if len(values) == 1 else values

    def send(self, sender: LocalAccount, function: str, *arguments: object, wei: int = 0) -> Transaction:
        """Call a function in a transaction of its own; ContractRevertedError if it refuses."""
        call = self.contract.get_function_by_name(function)(*arguments)
        return self.connection.transact(sender, call, self.errors, wei)


class TokenClient(ContractClient):
    """The ERC-20 of deposits; amounts are its units, 1e-6 of a dollar."""

    def __init__(self, connection: Connection, address: str) -> None:
        super().__init__(connection, contract("DemoDollar"), address)

    def mint(self, sender: LocalAccount, owner: str, amount: int) -> Transaction:
        """Create demo dollars out of nothing."""
        return self.send(sender, "mint", Web3.to_checksum_address(owner), amount)

    def approve(self, owner: LocalAccount, spender: str, amount: int) -> Transaction:
        """Let a spender take up to `amount`."""
        return self.send(owner, "approve", Web3.to_checksum_address(spender), amount)

    def allowance(self, owner: str, spender: str) -> int:
        """Return what a spender may still take."""
        return int(self.read("allowance", Web3.to_checksum_address(owner), Web3.to_checksum_address(spender)))

    def balance(self, owner: str) -> int:
        """Return what an address holds."""
        return int(self.read("balanceOf", Web3.to_checksum_address(owner)))


class RollupClient(ContractClient):
    """The rollup contract."""

    def __init__(self, connection: Connection, address: str) -> None:
        rollup, token = contract("Rollup"), contract("DemoDollar")
        super().__init__(connection, rollup, address)
        # A deposit passes on what the token says when it refuses.
        self.errors = [*rollup.errors, *token.errors]

    def deposit(self, owner: LocalAccount, amount: int) -> Transaction:
        """Move tokens that `owner` has approved into the vault, and queue their credit."""
        return self.send(owner, "deposit", amount, wei=self.request_fee)

    def register_key(self, owner: LocalAccount, key: tuple[int, int]) -> Transaction:
        """Queue the owner's first or next trading key."""
        return self.send(owner, "registerKey", *key, wei=self.request_fee)

    def withdraw(self, owner: LocalAccount, amount: int) -> Transaction:
        """Queue a withdrawal of at most `amount`."""
        return self.send(owner, "withdraw", amount, wei=self.request_fee)

    def force_message(self, owner: LocalAccount, message: Message) -> Transaction:
        """Queue a message of the owner's account; the transaction stands in place of its signature."""
        return self.send(owner, "forceMessage", *message.words(), wei=self.request_fee)

    def liquidate(self, sender: LocalAccount, owner: str, market: int, side: Side, size: int) -> Transaction:
        """Queue the liquidation of `size` lots of an owner's account, which trades on `side`."""
        terms = (Web3.to_checksum_address(owner), market, side == Side.SELL, size)
        return self.send(sender, "liquidate", *terms, wei=self.request_fee)

    def insure(self, payer: LocalAccount, amount: int) -> Transaction:
        """Move tokens that `payer` has approved into the vault, and queue their credit to the fund."""
        return self.send(payer, "insure", amount, wei=self.request_fee)

    def unwind(self, sender: LocalAccount, market: int, side: Side, size: int, price: int) -> Transaction:
        """Queue the unwinding of `size` lots of the insurance fund, which trades on `side` up to `price`."""
        return self.send(sender, "unwind", market, side == Side.SELL, price, size, wei=self.request_fee)

    def submit_batch(self, operator: LocalAccount, batch: BatchSubmission) -> Transaction:
        """Make the next batch final."""
        return self.send(operator, "submitBatch", *batch.arguments())

    def submission_data(self, batch: BatchSubmission) -> bytes:
        """Return the calldata of `submit_batch`."""
        return bytes(HexBytes(self.contract.encode_abi("submitBatch", batch.arguments())))

    def submission(self, data: bytes) -> BatchSubmission:
        """Return the batch of the calldata of `submit_batch`; ValueError if it is of another call."""
        function, arguments = self.contract.decode_function_input(HexBytes(data))
        if function.fn_name != "submitBatch":
            raise ValueError(f"the calldata is of {function.fn_name}")
        proof = arguments["proof"]
        return BatchSubmission(
            arguments["words"], arguments["commitment"], (proof["a"], proof["b"], proof["c"])
        )

    def claim(self, sender: LocalAccount, owner: str) -> Transaction:
        """Pay an owner all that is owed to it."""
        return self.send(sender, "claim", Web3.to_checksum_address(owner))

    def collect_fees(self, sender: LocalAccount) -> Transaction:
        """Send the operator the fees of the requests that were consumed."""
        return self.send(sender, "collectFees")

    @property
    def request_fee(self) -> int:
        """Wei that each request costs."""
        return int(self.read("requestFee"))

    @property
    def frozen_at(self) -> int:
        """When the rollup froze; 0 while it is live."""
        return int(self.read("frozenAt"))

    @property
    def verifier(self) -> ChecksumAddress:
        """Where the verifier of the batch circuit is."""
        return Web3.to_checksum_address(self.read("verifier"))

    @property
    def timelock(self) -> ChecksumAddress:
        """Where changes are announced and wait."""
        return Web3.to_checksum_address(self.read("timelock"))

    @property
    def brake(self) -> ChecksumAddress:
        """Where restrictions come from."""
        return Web3.to_checksum_address(self.read("brake"))

    @property
    def poseidon(self) -> ChecksumAddress:
        """Where the hash of logs is."""
        return Web3.to_checksum_address(self.read("poseidon"))

    @property
    def exit_verifier(self) -> ChecksumAddress:
        """Where the verifier of exits is."""
        return Web3.to_checksum_address(self.read("exitVerifier"))

    @property
    def domain(self) -> int:
        """What messages are signed for."""
        return int(self.read("domain"))

    @property
    def configuration_hash(self) -> int:
        """Hash of the configuration that the contract accepts batches for."""
        return int(self.read("configurationHash"))

    @property
    def state_root(self) -> int:
        """Root of the state after the last batch."""
        return int(self.read("stateRoot"))

    @property
    def exit_root(self) -> int:
        """Root of money and positions after the last batch."""
        return int(self.read("exitRoot"))

    @property
    def batch_count(self) -> int:
        """Number of final batches."""
        return int(self.read("batchCount"))

    @property
    def next_sequence(self) -> int:
        """Sequence of the first message of the next batch."""
        return int(self.read("nextSequence"))

    @property
    def request_count(self) -> int:
        """Number of requests ever queued."""
        return int(self.read("requestCount"))

    def queue_hash_at(self, end: int) -> int:
        """Return the chained hash over the first `end` requests."""
        return int(self.read("queueHashAt", end))

    def batch_digest(self, number: int) -> bytes:
        """Return what the contract keeps of a final batch."""
        return bytes(self.read("batchDigest", number))

    @property
    def requests_consumed(self) -> int:
        """Number of requests that batches have consumed."""
        return int(self.read("requestsConsumed"))

    @property
    def vault_balance(self) -> int:
        """Deposits minus payments, in token units."""
        return int(self.read("vaultBalance"))

    @property
    def total_claimable(self) -> int:
        """Sum of all that owners may claim, in token units."""
        return int(self.read("totalClaimable"))

    def account_of(self, owner: str) -> int:
        """Return an owner's account id, 0 if it has none."""
        return int(self.read("accountOf", Web3.to_checksum_address(owner)))

    def claimable(self, owner: str) -> int:
        """Return what an owner may claim."""
        return int(self.read("claimable", Web3.to_checksum_address(owner)))
