"""What can be wrong with a backtest's input, and the check that it makes of itself after every epoch."""

from sequencer.model.errors import ProofbookError
from sequencer.replay.errors import ReplayCheckError


class SettingsError(ProofbookError):
    """No market can have these parameters."""

    code = "backtest_settings"
    cure = "choose other values; docs/operations/BACKTEST.md lists what each may be"


class SweepError(ProofbookError):
    """A sweep names no setting, or gives it no usable values."""

    code = "sweep"
    cure = "write KEY=V1,V2,... with a key of docs/operations/BACKTEST.md and whole numbers, each key once"


class ConservationError(ReplayCheckError):
    """Money, lots or open interest came from nowhere."""

    code = "conservation"
    cure = "this is a defect of Proofbook; the same file, seed and settings show it again"
