"""What can be wrong with a replay's input, and the checks that it makes of itself."""

from sequencer.model.errors import ProofbookError


class BarsError(ProofbookError):
    """The file of bars cannot be used."""

    code = "bars"
    cure = "give a CSV file with the header open_time,open,high,low,close,volume and one row a minute"


class ReplayCheckError(ProofbookError):
    """A statement that must hold at the end of a replay does not."""

    code = "replay_check"
    cure = "this is a defect of Proofbook; keep the ledger and the report, they show where"


class SignerProcessError(ProofbookError):
    """An oracle signer of the replay did not start."""

    code = "signer_process"
    cure = "run `make setup` and try again; `proofbook oracle serve` starts one signer alone"
