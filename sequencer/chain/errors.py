"""What can go wrong between the sequencer and L1; one class a cause."""

from collections.abc import Mapping

from sequencer.model.errors import ProofbookError


class ChainError(ProofbookError):
    """A failure of the chain, or of the way to it."""


class LocalChainError(ChainError):
    """The local chain did not start."""

    code = "local_chain"
    cure = "run `make setup`, which installs anvil, and try again"


class ChainUnreachableError(ChainError):
    """Nothing answers at the chain's address."""

    code = "chain_unreachable"
    cure = "check that the node runs and that its address is right"


class NodeRefusedError(ChainError):
    """The node answers a request with an error of its own, not of a contract."""

    code = "node_refused"
    cure = "read what the node says; a sender needs the chain's own coin to pay for gas"


class ForeignLogError(ChainError):
    """A log is none of the contract's events: contract, interface and node do not belong together."""

    code = "foreign_log"
    cure = "check the address, and that this checkout is the release that the contract was deployed from"


class WrongChainError(ChainError):
    """A node is of another chain than the venue."""

    code = "wrong_chain"
    cure = "name a node of the venue's chain, or correct venue.chain_id"


class NotARollupError(ChainError):
    """The contract at an address is no rollup, or there is none."""

    code = "not_a_rollup"
    cure = "check the address, and that the node is one of the right chain"


class ContractBuildError(ChainError):
    """A contract could not be compiled, or its build output is not there."""

    code = "contract_build"
    cure = "run `tools/forge build` and correct what it reports"


class ContractRevertedError(ChainError):
    """A contract refused a call.

    Attributes
    ----------
    name : str
        The custom error's name, as in `contracts/src/interfaces`.
    arguments : mapping of str to object
        The error's arguments by name.
    """

    code = "contract_reverted"
    cure = "the comment of this error in contracts/src/interfaces says when it is thrown"

    def __init__(self, name: str, arguments: Mapping[str, object]) -> None:
        listed = ", ".join(f"{key}={_short(value)}" for key, value in arguments.items())
        super().__init__(f"the contract reverted with {name}({listed})")
        self.name = name
        self.arguments = dict(arguments)


def _short(value: object) -> str:
    """Return field elements in hexadecimal, all else as it is."""
    return f"{value:#x}" if isinstance(value, int) and value >= 1 << 64 else str(value)


class NoTradingKeyError(ChainError):
    """An account that has never registered a trading key cannot send messages."""

    code = "no_trading_key"
    cure = "register one first with `proofbook request register`"


class UnknownRequestError(ChainError):
    """No such request was ever queued."""

    code = "unknown_request"
    cure = "requests are counted from 0: check the number and the rollup's address"


class RequestLogMissingError(ChainError):
    """A request left the queue, and the logs that were read do not say how."""

    code = "request_log_missing"
    cure = "read from the rollup's deployment on with --from-block; if that is done, ask another node"


class NoGenesisError(ChainError):
    """The log of the deployment is not among the blocks that were read."""

    code = "no_genesis"
    cure = "give --from-block the block of the deployment or an earlier one, and a node with old logs"


class UnannouncedChangeError(ChainError):
    """Nobody can know the configuration of a change: no announcement that was read has its words."""

    code = "unannounced_change"
    cure = "read from the rollup's deployment on; if that is done, no batch can follow this change: leave"


class ReceiptUnanswerableError(ChainError):
    """A receipt promises a message that its batch does not hold."""

    code = "receipt_unanswerable"
    cure = "nothing cures it: the receipt's holder can freeze the exchange; find out how it was issued"
