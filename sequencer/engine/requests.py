"""L1 requests: each is consumed in queue order, whatever its outcome."""

from msgspec.structs import replace

from sequencer.engine.errors import WrongOwnerError
from sequencer.engine.events import RequestProcessed
from sequencer.engine.margin import free_collateral
from sequencer.engine.state import State
from sequencer.engine.wellformed import check_request
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import RequestKind, RequestStatus
from sequencer.model.request import Outcome, Request


def process_request(state: State, request: Request) -> RequestProcessed:
    """Consume the next request of the queue; an account that does not exist is created first.

    Raises
    ------
    MalformedFieldError, WrongOwnerError
        If the contract cannot have queued the request.
    """
    check_request(request)
    account = state.account(request.account)
    if not account.exists:
        account = Account(owner=request.owner)
    elif account.owner != request.owner:
        raise WrongOwnerError(f"account {request.account} is owned by {account.owner}, not {request.owner}")

    free = 0
    match request.kind:
        case RequestKind.DEPOSIT:
            account, outcome = _deposit(account, request.amount)
        case RequestKind.REGISTER_KEY:
            account, outcome = _register_key(account, request.data)
        case RequestKind.MESSAGE:
            if request.account == c.INSURANCE_ACCOUNT:
                state.grant_turn()
            outcome = Outcome(RequestStatus.DONE)
        case RequestKind.RESTRICT:
            state.put_venue(state.venue.restricted_by(request.data[0]))
            outcome = Outcome(RequestStatus.DONE)
        case RequestKind.CHANGE:
            state.require_configuration(request.data[0])
            outcome = Outcome(RequestStatus.DONE)
        case _:
            free = free_collateral(account, state.markets)
            account, outcome = _withdraw(account, request.amount, free)
    state.put_account(request.account, account)
    if request.account == c.INSURANCE_ACCOUNT:
        state.show_fund()
    state.count_request()
    return RequestProcessed(request, outcome, free)


def _deposit(account: Account, amount: int) -> tuple[Account, Outcome]:
    """Add to the collateral, or refund what would leave its range."""
    collateral = account.collateral + amount
    if collateral >= c.COLLATERAL_BOUND:
        return account, Outcome(RequestStatus.REFUSED, amount)
    return replace(account, collateral=collateral), Outcome(RequestStatus.DONE)


def _register_key(account: Account, key: tuple[int, int]) -> tuple[Account, Outcome]:
    """Change the key and count its epoch, as long as epochs last."""
    epoch = account.key_epoch + 1
    if epoch == 1 << c.KEY_EPOCH_BITS:
        return account, Outcome(RequestStatus.REFUSED)
    return replace(account, key=key, key_epoch=epoch), Outcome(RequestStatus.DONE)


def _withdraw(account: Account, amount: int, free: int) -> tuple[Account, Outcome]:
    """Pay out what is asked, but no more than is free."""
    paid = min(amount, max(free, 0))
    collateral = account.collateral - paid
    assert collateral >= -c.COLLATERAL_BOUND, "free collateral never exceeds equity"
    return replace(account, collateral=collateral), Outcome(RequestStatus.DONE, paid)
