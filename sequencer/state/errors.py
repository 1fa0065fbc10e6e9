"""Why an account has no exit."""

from sequencer.model.errors import ProofbookError


class NoAccountError(ProofbookError):
    """No deposit ever opened the account."""

    code = "no_account"
    cure = "look up the account of the owner's address in the rollup"


class InsuranceFundExitError(ProofbookError):
    """The insurance fund belongs to nobody: it backs the other accounts."""

    code = "insurance_fund_exit"
    cure = "name an account that an owner has opened"
