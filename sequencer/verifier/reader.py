"""All that the verifier sees of the world: one rollup, through a node that may be slow, limited, or lie."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple, function_signature_to_4byte_selector
from eth_utils.address import to_checksum_address
from eth_utils.conversions import to_bytes
from msgspec import Struct

from prover.proof import Points
from sequencer.chain.brake import Brake
from sequencer.chain.client import RollupClient, TokenClient
from sequencer.chain.connection import Connection
from sequencer.chain.errors import ChainUnreachableError
from sequencer.chain.logs import Log, LogReader, Page
from sequencer.model.venue import Venue
from sequencer.verifier.batch import FinalBatch
from sequencer.verifier.errors import IndirectBatchError, LogError
from sequencer.verifier.replica import Identity

READERS: Final = 8
ATTEMPTS: Final = 4
PAUSE_SECONDS: Final = 0.5
"""Before the second attempt; each further one waits twice as long."""


class Block(Struct, frozen=True):
    """A block by number and hash; its time in seconds."""

    number: int
    hash: str
    time: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the contract says of itself at a block.

    Attributes
    ----------
    restrictions : Venue
        What its brake asked for last.
    tokens : int
        Its balance by the token's own account.
    """

    state_root: int
    exit_root: int
    configuration_hash: int
    verifier: str
    batch_count: int
    request_count: int
    requests_consumed: int
    fee_pool: int
    vault_balance: int
    pending_deposits: int
    total_claimable: int
    restrictions: Venue
    tokens: int


class RollupReader:
    """One rollup behind one node."""

    def __init__(self, connection: Connection, address: str) -> None:
        self.rollup = RollupClient(connection, address)
        self._connection = connection
        self._logs = LogReader(connection, self.rollup.artifact, self.rollup.address)
        (submit,) = (entry for entry in self.rollup.artifact.abi if entry.get("name") == "submitBatch")
        self._types = [collapse_if_tuple(item) for item in submit["inputs"]]
        self._selector = function_signature_to_4byte_selector(f"submitBatch({','.join(self._types)})")

    @property
    def identity(self) -> Identity:
        """The chain and the contract that are read."""
        return Identity(self._connection.chain_id, self.rollup.address)

    def head(self, confirmations: int) -> Block | None:
        """Return the newest block with so many on top, if there is one."""
        number = int(self._ask("eth_blockNumber"), 16) - confirmations
        return self.block(number) if number >= 0 else None

    def block(self, number: int) -> Block | None:
        """Return a block of the chain as it is now; None if it is not that long."""
        header = self._ask("eth_getBlockByNumber", hex(number), False)
        return header and Block(number, header["hash"], int(header["timestamp"], 16))

    def pages(self, begin: int, end: int) -> Iterator[Page]:
        """Yield the logs of the blocks from `begin` to `end`, both included; errors as `LogReader.pages`."""
        return self._logs.pages(begin, end)

    @contextmanager
    def batches(self, logs: Sequence[Log]) -> Iterator[Iterator[FinalBatch]]:
        """Read the batches of the `BatchFinalized` logs, some at once: most of it is waiting for the node.

        The iterator within raises as `batch`.
        """
        readers = ThreadPoolExecutor(READERS)
        try:
            yield readers.map(self.batch, [log for log in logs if log.event == "BatchFinalized"])
        finally:
            readers.shutdown(cancel_futures=True)

    def batch(self, log: Log) -> FinalBatch:
        """Return the batch of a `BatchFinalized` log, with what its transaction carries.

        Raises
        ------
        IndirectBatchError
            If the transaction calls another contract or function.
        LogError
            If there is no such transaction in the log's block, or its data is no call of `submitBatch`.
        """
        number = log.arguments["batchNumber"]
        transaction = self._ask("eth_getTransactionByHash", log.transaction_hash)
        block = self.block(log.block_number)
        if transaction is None or block is None or transaction["blockHash"] != log.block_hash:
            raise LogError(f"the transaction of batch {number}, {log.transaction_hash}, is not in its block")
        words, commitment, proof = self._arguments(number, transaction)
        return FinalBatch(words, commitment, Points.from_contract(*proof), dict(log.arguments), block.time)

    def holdings(self, block: int) -> Holdings:
        """Return what the contract's storage says at a block."""

        def read(function: str) -> int:
            return int(self.rollup.read(function, block=block))

        token = TokenClient(self._connection, self.rollup.read("token", block=block))
        return Holdings(
            state_root=read("stateRoot"),
            exit_root=read("exitRoot"),
            configuration_hash=read("configurationHash"),
            verifier=to_checksum_address(self.rollup.read("verifier", block=block)),
            batch_count=read("batchCount"),
            request_count=read("requestCount"),
            requests_consumed=read("requestsConsumed"),
            fee_pool=read("feePool"),
            vault_balance=read("vaultBalance"),
            pending_deposits=read("pendingDeposits"),
            total_claimable=read("totalClaimable"),
            restrictions=Brake(self.rollup).restrictions(block),
            tokens=int(token.read("balanceOf", self.rollup.address, block=block)),
        )

    def _arguments(self, number: int, transaction: Mapping[str, Any]) -> Any:
        data = to_bytes(hexstr=transaction["input"])
        direct = (transaction["to"] or "").lower() == self.rollup.address.lower()
        if not direct or data[: len(self._selector)] != self._selector:
            raise IndirectBatchError(f"batch {number} came through {transaction['to']}")
        try:
            return decode(self._types, data[len(self._selector) :])
        except DecodingError as error:
            raise LogError(f"the calldata of batch {number} is no call of submitBatch: {error}") from error

    def _ask(self, method: str, *parameters: object) -> Any:
        """Ask the node, again if it does not answer; it may only be busy."""
        for attempt in range(ATTEMPTS - 1):
            try:
                return self._connection.request(method, parameters)
            except ChainUnreachableError:
                time.sleep(PAUSE_SECONDS * 2**attempt)
        return self._connection.request(method, parameters)
