"""Why the submitter stops; a failure that time can cure is waited for and never gets here."""

from sequencer.chain.errors import ChainError, ContractRevertedError


class SubmitterError(ChainError):
    """A batch cannot go on its way without a decision."""


class BatchRefusedError(SubmitterError):
    """The contract refuses a batch that continues its own state.

    Attributes
    ----------
    revert : ContractRevertedError, optional
        What the contract says; none if the transaction failed only when it was mined.
    """

    code = "batch_refused"
    cure = "this is a defect of the sequencer, the prover or the deployment; keep the ledger, it shows where"

    def __init__(self, message: str, revert: ContractRevertedError | None = None) -> None:
        super().__init__(message)
        self.revert = revert


class TransactionRefusedError(SubmitterError):
    """The operator cannot pay for a transaction."""

    code = "transaction_refused"
    cure = "send the operator's address some of the chain's own coin, and start again"


class StateForkedError(SubmitterError):
    """The contract stands on a state that this ledger never had."""

    code = "state_forked"
    cure = "another sequencer has used the operator's key, or this is not the journal of L1's batches"


class FinalityBrokenError(SubmitterError):
    """A reorganisation took back a batch that was final."""

    code = "finality_broken"
    cure = (
        "ask for more confirmations before a batch counts as final; then remove the ledger: it is made anew"
    )


class BatchUnwoundError(SubmitterError):
    """A batch and those after it were undone; their messages wait in the store to be sequenced again.

    Attributes
    ----------
    number : int
        The first batch that is undone.
    cause : str
        Why it was.
    """

    code = "batch_unwound"
    cure = "load the ledger again and sequence the returned messages on the queue as it is now"

    def __init__(self, number: int, cause: str) -> None:
        super().__init__(f"batch {number} and all after it are undone: {cause}")
        self.number, self.cause = number, cause
