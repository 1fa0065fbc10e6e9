"""False verdicts: a good message is refused, or a good resting order is removed."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.engine import matching, messages
from sequencer.engine.events import CancelledAll, Dropped, MessageSequenced
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Verdict
from sequencer.model.message import Message
from sequencer.model.order import Order
from soundness.attacks.attack import APPLYING, Cheat, CircuitAttack, Scenario, around, replaced
from soundness.attacks.exchange import BUY, SELL, Exchange, resting

TAKER, MAKER = 2, 3


def _book() -> Exchange:
    orders = [
        resting(1, MAKER, SELL, 1_001, 5),
        resting(2, 1, SELL, 1_002, 5),
        resting(3, TAKER, BUY, 990, 5),
    ]
    return Exchange(orders=orders)


CROSSING = Scenario(_book, lambda exchange: exchange.buy(TAKER, 2, 1_001))
RESTING = Scenario(_book, lambda exchange: exchange.buy(TAKER, 2, 995))
MEETING = Scenario(_book, lambda exchange: exchange.buy(TAKER, 2, 1_002))
CANCEL = Scenario(_book, lambda exchange: exchange.cancel(TAKER, BUY, 990, 3))
CANCEL_ALL = Scenario(_book, lambda exchange: exchange.cancel_all(TAKER))


def _unkeyed(honest: Callable[..., Any], state: State, message: Message) -> Any:
    sequence = state.take_sequence()
    dropped = Dropped(sequence, Verdict.KEY_EPOCH, message.size)
    return [MessageSequenced(sequence, message, False), dropped]


def _refusing(verdict: Verdict) -> Cheat:
    """Drop the message before it meets the book; its nonce is consumed from `EXPIRED` on."""

    def refuse(
        honest: Callable[..., Any], state: State, sequence: int, message: Message, account: Account
    ) -> Any:
        if verdict is not Verdict.NONCE:
            state.put_account(message.account, replace(account, nonce=message.nonce))
        return [Dropped(sequence, verdict, message.size)]

    return replaced(around(messages, "_carry_out", refuse))


def _dropping(verdict: Verdict) -> Cheat:
    """Drop the order when it meets the head."""

    def drop(honest: Callable[..., Any], state: State, order: Order, *others: Any, outcomes: int) -> Any:
        return matching.dropped(order, verdict, state.book(order.market, 1 - order.side).head())

    return replaced(around(matching, "_micro_step", drop))


def _unrested(verdict: Verdict) -> Cheat:
    return replaced((matching, "_judge_rest", lambda state, order: verdict))


def _stale(verdict: Verdict) -> Cheat:
    """Remove the maker, as if it were no longer good."""

    def judge(state: State, head: Order) -> Verdict | None:
        return verdict if head.account == MAKER else None

    return replaced((matching, "judge_stale", judge))


def _judging(number: int, verdict: Verdict) -> Cheat:
    """Judge one party wrongly."""

    def judge(honest: Callable[..., Any], state: State, order: Order, *others: Any) -> Any:
        return verdict if order.account == number else honest(state, order, *others)

    return replaced(around(matching, "_judge_party", judge))


def _not_found(state: State, sequence: int, message: Message) -> Dropped:
    return Dropped(sequence, Verdict.NOT_FOUND, 0)


def _unheard(state: State, sequence: int, message: Message) -> CancelledAll:
    return CancelledAll(sequence, message.account)


def _attack(
    name: str, claim: str, scenario: Scenario, cheat: Cheat, where: tuple[str, ...] = ("Step",)
) -> CircuitAttack:
    return CircuitAttack(name, claim, "a verdict is computed, never claimed", scenario, where, cheat)


def _message(verdict: Verdict) -> CircuitAttack:
    name = verdict.name.lower().replace("_", "-")
    return _attack(f"refuse-by-a-false-{name}", "a good order is not refused", CROSSING, _refusing(verdict))


def _quiet(verdict: Verdict) -> CircuitAttack:
    name = verdict.name.lower().replace("_", "-")
    return _attack(
        f"keep-off-the-book-by-a-false-{name}",
        "a good order rests",
        RESTING,
        _unrested(verdict),
        ("SelectRows",),
    )


def _met(verdict: Verdict, cheat: Cheat) -> CircuitAttack:
    name = verdict.name.lower().replace("_", "-")
    return _attack(
        f"stop-a-taker-by-a-false-{name}", "a good order trades", CROSSING, cheat, ("OrderExchange",)
    )


def _maker(verdict: Verdict, cheat: Cheat) -> CircuitAttack:
    name = verdict.name.removeprefix("MAKER_").lower().replace("_", "-")
    claim = "a good resting order keeps its place in the queue"
    return _attack(f"remove-a-maker-by-a-false-{name}", claim, MEETING, cheat)


_OF_MAKER: Final = {
    Verdict.MAKER_REDUCE_ONLY: Verdict.REDUCE_ONLY,
    Verdict.MAKER_BOUNDS: Verdict.BOUNDS,
    Verdict.MAKER_MARGIN: Verdict.MARGIN,
}

ATTACKS = (
    _attack(
        "refuse-by-a-false-key-epoch",
        "a good order is not refused",
        CROSSING,
        replaced(around(APPLYING, "sequence_message", _unkeyed)),
    ),
    *map(
        _message,
        (
            Verdict.NONCE,
            Verdict.EXPIRED,
            Verdict.KIND,
            Verdict.MARKET,
            Verdict.BOUNDS,
            Verdict.MAX_FEE,
            Verdict.PRICE_BAND,
        ),
    ),
    *map(
        _quiet,
        (Verdict.IOC_REMAINDER, Verdict.REDUCE_ONLY, Verdict.BOOK_FULL, Verdict.BOUNDS, Verdict.MARGIN),
    ),
    _met(Verdict.FILL_LIMIT, replaced((c, "MAX_OUTCOMES", 0))),
    _met(Verdict.POST_ONLY, _dropping(Verdict.POST_ONLY)),
    _met(Verdict.SELF_TRADE, _dropping(Verdict.SELF_TRADE)),
    *(_met(v, _judging(TAKER, v)) for v in (Verdict.REDUCE_ONLY, Verdict.BOUNDS, Verdict.MARGIN)),
    *(_maker(v, _stale(v)) for v in (Verdict.MAKER_EXPIRED, Verdict.MAKER_CANCELLED, Verdict.MAKER_FEE)),
    *(_maker(v, _judging(MAKER, cause)) for v, cause in _OF_MAKER.items()),
    _attack(
        "refuse-a-cancel",
        "an owner's cancel takes the order out of the book",
        CANCEL,
        replaced((messages, "cancel_order", _not_found)),
        ("OrderExchange",),
    ),
    _attack(
        "ignore-a-cancel-all",
        "a cancel-all makes every older order dead",
        CANCEL_ALL,
        replaced((messages, "cancel_all", _unheard)),
        ("Batch", "StoreAccounts"),
    ),
)
