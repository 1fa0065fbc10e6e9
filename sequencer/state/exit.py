"""An account's exit: what it claims under the exit root, and what proves it (docs/spec/exit.md)."""

from typing import NamedTuple

from sequencer.model import constants as c
from sequencer.model.words import to_field
from sequencer.state.errors import InsuranceFundExitError, NoAccountError
from sequencer.state.published import PublishedState
from sequencer.state.record import Signal


class ExitClaim(NamedTuple):
    """What a proof of an exit says, in the order of the circuit's public inputs.

    Attributes
    ----------
    exit_root : int
        Of the state that the claim is about.
    account, owner : int
        Who leaves: the account's id and the L1 address that it belongs to.
    equity : int
        Quote units, below 2^64; 0 for an account that is worth less than nothing.
    """

    exit_root: int
    account: int
    owner: int
    equity: int


def exit_claim(state: PublishedState, account: int) -> ExitClaim:
    """Return what an account can claim.

    Raises
    ------
    NoAccountError
        If nobody ever opened the account.
    InsuranceFundExitError
        If it is the insurance fund.
    """
    owner = state.accounts.get(account, [0])[0]
    if owner == 0:
        raise NoAccountError(f"account {account} does not exist")
    if account == c.INSURANCE_ACCOUNT:
        raise InsuranceFundExitError(f"account {account} is the insurance fund")
    return ExitClaim(state.exit_root(), account, owner, max(0, state.equity(account)))


def exit_inputs(state: PublishedState, account: int) -> dict[str, Signal]:
    """Return every input of the exit circuit by name; errors as `exit_claim`."""
    claim = exit_claim(state, account)
    price, longs, shorts, parameters, risk_words = zip(*state.markets, strict=True)
    return {
        "exitRoot": claim.exit_root,
        "account": account,
        "owner": claim.owner,
        "equity": claim.equity,
        "collateral": to_field(state.collateral(account)),
        "position": [to_field(size) for size in state.positions(account)],
        "index": [to_field(index) for index in state.indices(account)],
        "settled": to_field(state.collateral(account) - state.charge(account)),
        "tradingLeaf": state.accounts[account][-1],
        "path": [list(children) for children in state.account_tree().path(account)],
        "priceWord": list(price),
        "longIndex": list(longs),
        "shortIndex": list(shorts),
        "parameterWord": list(parameters),
        "riskWord": list(risk_words),
        "globals": state.globals(),
    }
