"""L1 requests: each is carried out once, in order, for its own account, to the unit."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import sealed
from sequencer.crypto import public_key
from sequencer.engine import requests as processing
from sequencer.engine.events import RequestProcessed
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import RequestKind, RequestStatus
from sequencer.model.request import Outcome, Request
from soundness.attacks.attack import APPLYING, STATE, Cheat, CircuitAttack, Scenario, around, replaced
from soundness.attacks.exchange import SELL, Exchange, resting, trader
from tests.strategies import owner_of, trader_secret

OWNER, THIEF, NEWCOMER = 1, 2, 9
APPLIED: Final = "each queue entry is applied, in order, to its account"


def _exchange() -> Exchange:
    return Exchange()


def _deposit(exchange: Exchange) -> None:
    exchange.deposit(OWNER, 5_000)
    exchange.deposit(THIEF, 1)


def _withdraw(exchange: Exchange) -> None:
    exchange.withdraw(OWNER, 5_000)
    exchange.deposit(THIEF, 1)


def _register(exchange: Exchange) -> None:
    exchange.register(OWNER, 2)
    exchange.deposit(THIEF, 1)


def _with_position() -> Exchange:
    """Let the owner's equity of 15,000 be bound by a position (10,000) and an order (1,000)."""
    accounts = {
        OWNER: trader(OWNER, 15_000 - 100_000, positions=(100, 0, 0, 0)),
        4: trader(4, positions=(-100, 0, 0, 0)),
    }
    return Exchange(accounts, [resting(1, OWNER, SELL, 1_000, 10)])


def _nearly_full() -> Exchange:
    return Exchange({OWNER: trader(OWNER, c.COLLATERAL_BOUND - 2)})


def _last_epoch() -> Exchange:
    return Exchange({OWNER: trader(OWNER, key_epoch=(1 << c.KEY_EPOCH_BITS) - 1)})


DEPOSIT = Scenario(_exchange, _deposit)
WITHDRAW = Scenario(_exchange, _withdraw)
WITHDRAW_BOUND = Scenario(_with_position, _withdraw)
WITHDRAW_ALL = Scenario(_with_position, lambda exchange: exchange.withdraw(OWNER, 1_000_000))
REGISTER = Scenario(_exchange, _register)
ARRIVE = Scenario(_exchange, lambda exchange: exchange.deposit(NEWCOMER, 5_000))
OVERFLOW = Scenario(_nearly_full, lambda exchange: exchange.deposit(OWNER, 5_000))
EXHAUSTED = Scenario(_last_epoch, lambda exchange: exchange.register(OWNER, 1))


def _processing(lie: Callable[[Callable[[State, Request], RequestProcessed], State, Request], Any]) -> Cheat:
    """Process requests otherwise; what the batch shows of the queue stays true."""
    return replaced(around(APPLYING, "process_request", lie))


def _as_if(**fields: Any) -> Cheat:
    """Process the owner's requests as if they said something else."""

    def process(honest: Callable[..., RequestProcessed], state: State, request: Request) -> RequestProcessed:
        if request.account != OWNER:
            return honest(state, request)
        return replace(honest(state, replace(request, **fields)), request=request, free=0)

    return _processing(process)


def _skipped(honest: Callable[..., RequestProcessed], state: State, request: Request) -> RequestProcessed:
    """Count the owner's request, and do nothing."""
    if request.account != OWNER:
        return honest(state, request)
    state.count_request()
    return RequestProcessed(request, Outcome(RequestStatus.DONE), 0)


def _twice(honest: Callable[..., RequestProcessed], state: State, request: Request) -> RequestProcessed:
    """Carry the owner's request out twice; pay and count it once."""
    event = honest(state, request)
    if request.account == OWNER:
        honest(state, request)
        state._assign("_requests_consumed", state.requests_consumed - 1)
    return event


def _to_thief(honest: Callable[..., RequestProcessed], state: State, request: Request) -> RequestProcessed:
    """Apply the owner's request to the thief's account."""
    if request.account != OWNER:
        return honest(state, request)
    event = honest(state, replace(request, account=THIEF, owner=owner_of(THIEF)))
    return replace(event, request=request)


def _outcome(edit: Callable[[Outcome], Outcome]) -> Cheat:
    def process(honest: Callable[..., RequestProcessed], state: State, request: Request) -> RequestProcessed:
        event = honest(state, request)
        return replace(event, outcome=edit(event.outcome)) if request.account == OWNER else event

    return _processing(process)


def _paying(extra: int) -> Callable[..., tuple[Account, Outcome]]:
    """Pay and debit another amount than is due."""

    def withdraw(account: Account, amount: int, free: int) -> tuple[Account, Outcome]:
        paid = min(amount, max(free, 0)) + extra
        return replace(account, collateral=account.collateral - paid), Outcome(RequestStatus.DONE, paid)

    return withdraw


def _without_debit(account: Account, amount: int, free: int) -> tuple[Account, Outcome]:
    return account, Outcome(RequestStatus.DONE, min(amount, max(free, 0)))


def _without_payment(account: Account, amount: int, free: int) -> tuple[Account, Outcome]:
    paid = min(amount, max(free, 0))
    return replace(account, collateral=account.collateral - paid), Outcome(RequestStatus.DONE)


def _refunded(account: Account, amount: int) -> tuple[Account, Outcome]:
    return account, Outcome(RequestStatus.REFUSED, amount)


def _refunded_and_kept(account: Account, amount: int) -> tuple[Account, Outcome]:
    return replace(account, collateral=account.collateral + amount), Outcome(RequestStatus.REFUSED, amount)


def _never_refused(account: Account, amount: int) -> tuple[Account, Outcome]:
    return replace(account, collateral=account.collateral + amount), Outcome(RequestStatus.DONE)


def _created(lie: Callable[[Account], Account]) -> Cheat:
    """Change the account of a newcomer when it is created."""

    def process(honest: Callable[..., RequestProcessed], state: State, request: Request) -> RequestProcessed:
        event = honest(state, request)
        state.put_account(request.account, lie(state.account(request.account)))
        return event

    return _processing(process)


def _other_key(account: Account, key: tuple[int, int]) -> tuple[Account, Outcome]:
    stolen = public_key(trader_secret(THIEF))
    return replace(account, key=stolen, key_epoch=account.key_epoch + 1), Outcome(RequestStatus.DONE)


def _same_epoch(account: Account, key: tuple[int, int]) -> tuple[Account, Outcome]:
    return replace(account, key=key), Outcome(RequestStatus.DONE)


def _refused_key(account: Account, key: tuple[int, int]) -> tuple[Account, Outcome]:
    return account, Outcome(RequestStatus.REFUSED)


def _first_epoch_again(account: Account, key: tuple[int, int]) -> tuple[Account, Outcome]:
    return replace(account, key=key, key_epoch=0), Outcome(RequestStatus.DONE)


def _for_thief(exchange: Exchange, request: Request) -> Request:
    """Let the thief ask for the owner's money."""
    return replace(request, owner=owner_of(THIEF)) if request.account == OWNER else request


def _whoever_asks(
    honest: Callable[..., RequestProcessed], state: State, request: Request
) -> RequestProcessed:
    """Process a request without looking at its owner."""
    true = replace(request, owner=owner_of(request.account))
    return replace(honest(state, true), request=request)


def _free(lie: Callable[[int], int]) -> Cheat:
    """Claim another free amount."""
    return replaced(
        around(processing, "free_collateral", lambda honest, account, markets: lie(honest(account, markets)))
    )


def _reversed_queue(honest: Callable[..., Any], draft: Any, *others: Any) -> Any:
    stream = honest(draft, *others)
    first, second = c.HEADER_WORDS, c.HEADER_WORDS + c.REQUEST_WORDS
    slots = list(stream.slots)
    slots[first:second], slots[second : second + 3] = slots[second : second + 3], slots[first:second]
    return replace(stream, slots=tuple(slots))


def _attack(
    name: str, claim: str, scenario: Scenario, cheat: Cheat, *where: str, rule: str = APPLIED
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where or STATE, cheat)


def _swapped(name: str, lie: Callable[..., Any]) -> Cheat:
    return replaced((processing, name, lie))


ATTACKS = (
    _attack("skip-a-deposit", "a deposit is credited", DEPOSIT, _processing(_skipped)),
    _attack("resize-a-deposit", "a deposit is credited in full", DEPOSIT, _as_if(amount=4_999)),
    _attack("inflate-a-deposit", "no more is credited than was deposited", DEPOSIT, _as_if(amount=500_000)),
    _attack("credit-a-deposit-to-another", "a deposit is its owner's", DEPOSIT, _processing(_to_thief)),
    _attack("credit-a-deposit-twice", "a deposit is credited once", DEPOSIT, _processing(_twice)),
    _attack("refund-a-good-deposit", "a deposit is credited", DEPOSIT, _swapped("_deposit", _refunded)),
    _attack(
        "credit-and-refund-a-deposit",
        "a refund is not credited as well",
        OVERFLOW,
        _swapped("_deposit", _refunded_and_kept),
        rule="a deposit beyond 2^62 - 1 is refused",
    ),
    _attack(
        "deposit-beyond-the-bound",
        "collateral stays below 2^62",
        OVERFLOW,
        _swapped("_deposit", _never_refused),
        rule="a deposit beyond 2^62 - 1 is refused",
    ),
    _attack(
        "take-a-deposit-for-a-withdrawal",
        "a request is of its kind",
        DEPOSIT,
        _as_if(kind=RequestKind.WITHDRAW),
    ),
    _attack("withdraw-twice", "a withdrawal is debited once", WITHDRAW, _processing(_twice)),
    _attack("withdraw-from-another", "a withdrawal is its owner's", WITHDRAW, _processing(_to_thief)),
    _attack(
        "withdraw-for-another-owner",
        "an account's owner alone withdraws",
        WITHDRAW,
        replaced((Exchange, "queued", _for_thief), around(APPLYING, "process_request", _whoever_asks)),
        "ProcessRequest",
        rule="an account keeps its owner",
    ),
    _attack(
        "withdraw-without-a-debit", "what is paid is debited", WITHDRAW, _swapped("_withdraw", _without_debit)
    ),
    _attack(
        "debit-without-paying", "what is debited is paid", WITHDRAW, _swapped("_withdraw", _without_payment)
    ),
    _attack(
        "withdraw-more-than-margin-allows",
        "margin cannot be withdrawn",
        WITHDRAW_ALL,
        _swapped("_withdraw", _paying(1)),
        rule="paid = min(amount, free)",
    ),
    _attack(
        "withdraw-more-than-was-asked",
        "no more is paid than was asked",
        WITHDRAW,
        _swapped("_withdraw", _paying(1)),
        rule="paid = min(amount, free)",
    ),
    _attack(
        "pay-less-than-is-due",
        "what is free and asked is paid",
        WITHDRAW,
        _swapped("_withdraw", _paying(-1)),
        rule="paid = min(amount, free)",
    ),
    _attack(
        "understate-what-is-free",
        "what is free can be withdrawn",
        WITHDRAW_BOUND,
        _free(lambda free: 0),
        "ProcessRequest",
        rule="free = floor((E x 10^6 - HM - rate_max x ON) / 10^6)",
    ),
    _attack(
        "overstate-what-is-free",
        "margin cannot be withdrawn",
        WITHDRAW_ALL,
        _free(lambda free: free + 1),
        "ProcessRequest",
        rule="free = floor((E x 10^6 - HM - rate_max x ON) / 10^6)",
    ),
    _attack(
        "overstate-by-wrap-around",
        "margin cannot be withdrawn",
        WITHDRAW_ALL,
        _free(lambda free: (free * c.PPM_UNIT - 1) * pow(c.PPM_UNIT, -1, c.FIELD_MODULUS) % c.FIELD_MODULUS),
        "ProcessRequest",
        rule="free lies in [-2^68, 2^68)",
    ),
    _attack(
        "misreport-a-payment",
        "L1 is told what was paid",
        WITHDRAW,
        _outcome(lambda outcome: replace(outcome, paid=outcome.paid + 1)),
        rule="the outcome word is computed",
    ),
    _attack(
        "misreport-a-status",
        "L1 is told what became of a request",
        DEPOSIT,
        _outcome(lambda outcome: replace(outcome, status=RequestStatus.REFUSED)),
        rule="the outcome word is computed",
    ),
    _attack("register-a-key-for-another", "a key is its owner's", REGISTER, _processing(_to_thief)),
    _attack(
        "register-another-key",
        "the key that was registered counts",
        REGISTER,
        _swapped("_register_key", _other_key),
    ),
    _attack("refuse-a-key", "an owner can change the key", REGISTER, _swapped("_register_key", _refused_key)),
    _attack(
        "rotate-without-an-epoch",
        "what the old key signed is void",
        REGISTER,
        _swapped("_register_key", _same_epoch),
        rule="key and key_epoch + 1",
    ),
    _attack(
        "wrap-the-key-epoch",
        "an epoch does not come back",
        EXHAUSTED,
        _swapped("_register_key", _first_epoch_again),
        rule="refused once the epoch is 65535",
    ),
    _attack(
        "create-an-account-with-money",
        "an account starts with nothing",
        ARRIVE,
        _created(lambda account: replace(account, collateral=account.collateral + 7)),
        rule="a new account has the request's owner, the default key, epoch 0 and tier 0",
    ),
    _attack(
        "create-an-account-for-another-owner",
        "an account is its creator's",
        ARRIVE,
        _created(lambda account: replace(account, owner=owner_of(THIEF))),
        rule="a new account has the request's owner, the default key, epoch 0 and tier 0",
    ),
    _attack(
        "create-an-account-in-a-better-tier",
        "everybody starts in tier 0",
        ARRIVE,
        _created(lambda account: replace(account, tier=3)),
        rule="a new account has the request's owner, the default key, epoch 0 and tier 0",
    ),
    _attack(
        "create-an-account-with-a-key",
        "an account has no key until one is registered",
        ARRIVE,
        _created(lambda account: replace(account, key=trader(THIEF).key, key_epoch=1)),
        rule="a new account has the request's owner, the default key, epoch 0 and tier 0",
    ),
    _attack(
        "reorder-the-queue-of-requests",
        "requests are consumed in their order",
        DEPOSIT,
        replaced(around(sealed, "build_stream", _reversed_queue)),
        "Batch",
    ),
)
