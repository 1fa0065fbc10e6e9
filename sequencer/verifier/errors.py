"""What the verifier finds, and why it cannot start; one class a cause."""

from sequencer.model.errors import ProofbookError


def shown(value: int) -> str:
    """Return field elements in hexadecimal, counts and amounts as they are."""
    return f"{value:#x}" if value >= 1 << 64 else str(value)


class VerifierError(ProofbookError):
    """The verifier stops."""


class FindingError(VerifierError):
    """What was read is not what an honest exchange and an honest node show."""

    cure = "ask another node; if it says the same, this rollup is not what it claims: do not use it"


class GenesisFindingError(FindingError):
    """The rollup does not start as an empty exchange with sound markets."""

    code = "genesis"


class SuccessionError(FindingError):
    """A batch does not continue what the one before left."""

    code = "succession"


class BatchProofError(FindingError):
    """A batch's proof does not hold for its words and the queue's."""

    code = "batch_proof"


class BatchWordsError(FindingError):
    """A batch's words are no data stream: of another length, beyond the field, or with a broken record."""

    code = "batch_words"


class OutcomeError(FindingError):
    """A batch pays a request more than it named."""

    code = "outcome"


class ExitRootError(FindingError):
    """Accounts and markets as published do not have the exit root that was published with them."""

    code = "exit_root"


class ExitError(FindingError):
    """An account left with another amount than it is worth, or was paid more than it claimed."""

    code = "exit"


class LogError(FindingError):
    """A log contradicts the calldata or the other logs, or is missing between them."""

    code = "log"


class ConservationError(FindingError):
    """The vault does not hold, to the unit, what accounts, fees, claims and waiting deposits add up to."""

    code = "conservation"


class HeadError(FindingError):
    """The contract's storage is not what its logs and calldata add up to."""

    code = "head"


class IndirectBatchError(VerifierError):
    """A batch was not sent straight to the rollup: its words are inside another contract's call."""

    code = "indirect_batch"
    cure = "the operator must send batches from an account without code; this verifier reads no others"


class ForeignContractError(VerifierError):
    """The code at the address is not this repository's contract."""

    code = "foreign_contract"
    cure = "check the address, and that this checkout is the release that the rollup was deployed from"


class UnknownVerifierError(VerifierError):
    """The rollup trusts a proof verifier that this repository does not know."""

    code = "unknown_verifier"
    cure = "use the release that the rollup was deployed from; no other key can be trusted"


class ExchangeLiveError(VerifierError):
    """There is no exit from an exchange that runs."""

    code = "exchange_live"
    cure = "withdraw by a request on L1; if that is not served by its deadline, run this again"


class UnstableChainError(VerifierError):
    """The chain changes whenever it is read."""

    code = "unstable_chain"
    cure = "stay behind the head with --confirmations, or ask another node"


class StateFileError(VerifierError):
    """The file to resume from cannot be used."""

    code = "state_file"
    cure = "run once with --from-scratch, which replaces the file"


class OtherRollupError(StateFileError):
    """The file is of another rollup or chain."""

    code = "other_rollup"
    cure = "name another file with --state, or replace this one by --from-scratch"


class ReorganisedError(StateFileError):
    """The chain no longer has the block at which the file ends."""

    code = "reorganised"
    cure = "run once with --from-scratch, which reads the chain again from the deployment"
