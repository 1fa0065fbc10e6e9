"""Nothing is created and nothing is lost: what must hold after every epoch, to the unit."""

from sequencer.backtest.errors import ConservationError
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.funding import unsettled_of_all


def require_conserved(state: State, net_deposits: int) -> None:
    """Compare money with what was paid in, and the positions of each market with each other.

    Parameters
    ----------
    net_deposits
        Deposits less withdrawals, quote units.

    Raises
    ------
    ConservationError
        Naming the sum that is wrong, and by how much.
    """
    collateral = sum(account.collateral for account in state.accounts.values())
    if collateral + state.fee_pool + state.funding_pool != net_deposits:
        raise ConservationError(
            f"at {state.timestamp}, collateral {collateral}, fee pool {state.fee_pool}"
            f" and funding pool {state.funding_pool} are not the {net_deposits} paid in"
        )
    _require_covered(state)
    for slot in range(c.MARKETS):
        _require_balanced(state, slot)


def _require_covered(state: State) -> None:
    owed = unsettled_of_all(state.accounts.values(), state.markets)
    if state.funding_pool + owed < 0:
        raise ConservationError(
            f"at {state.timestamp}, the funding pool {state.funding_pool} and the {owed} owed to it are short"
        )


def _require_balanced(state: State, slot: int) -> None:
    sizes = [account.positions[slot] for account in state.accounts.values()]
    longs = sum(size for size in sizes if size > 0)
    if sum(sizes):
        raise ConservationError(f"at {state.timestamp}, the sizes of market {slot} sum to {sum(sizes)}")
    if longs != state.market(slot).open_interest:
        raise ConservationError(
            f"at {state.timestamp}, the longs of market {slot} are {longs} lots,"
            f" its open interest is {state.market(slot).open_interest}"
        )
