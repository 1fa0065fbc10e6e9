"""Forced messages: what L1 demands is done first and as demanded; nothing else goes without a signature."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch.builder import BatchBuilder
from sequencer.engine import requests as processing
from sequencer.engine.commands import ProcessRequest
from sequencer.engine.events import Event, MessageSequenced
from sequencer.engine.messages import sequence_message
from sequencer.engine.state import State
from sequencer.model.codes import RequestKind, RequestStatus
from sequencer.model.message import Message
from sequencer.model.request import Outcome, Request
from soundness.attacks.attack import APPLYING, STATE, Cheat, CircuitAttack, Scenario, around, replaced
from soundness.attacks.exchange import BUY, SELL, Exchange, resting
from tests.strategies import forced, owner_of

VICTIM, THIEF, MAKER = 1, 2, 3
FIRST: Final = "a forced message is the first of the log"
LAST: Final = "a forced message is the last request of its batch"
WHERE: Final = ("ForcedMessage",)


def _asks() -> Exchange:
    return Exchange(orders=[resting(1, MAKER, SELL, 1_001, 5), resting(2, MAKER, SELL, 1_002, 5)])


def _victim_forces(exchange: Exchange) -> None:
    exchange.force(VICTIM, side=BUY, size=5, price=1_002)


def _victim_and_thief(exchange: Exchange) -> None:
    """Both want the better ask; the victim forces its order."""
    _victim_forces(exchange)
    exchange.buy(THIEF, 5, 1_002)


def _another_waits(request: Request) -> Scenario:
    """Queue a request behind the forced message: an honest operator leaves it for the next batch."""

    def play(exchange: Exchange) -> None:
        _victim_forces(exchange)
        exchange.builder.add_request(request)

    return Scenario(_asks, play)


ORDER = Scenario(_asks, _victim_forces)
RACE = Scenario(_asks, _victim_and_thief)


def _consuming(lie: Callable[[State, Request], list[Event]]) -> Cheat:
    """Do otherwise with what a request forces."""
    return replaced(around(APPLYING, "_consume", lambda honest, state, request: lie(state, request)))


def _swallowed(state: State, request: Request) -> list[Event]:
    return [processing.process_request(state, request)]


def _altered(state: State, request: Request) -> list[Event]:
    """Let the victim sell instead."""
    message = Message.from_words(*request.data)
    sold = sequence_message(state, replace(message, side=SELL, price=1_000), forced=True)
    return [processing.process_request(state, request), *sold]


def _overtaken() -> Cheat:
    """Let the thief's signed order go first, and the forced one behind it."""
    held: list[Message] = []

    def hold(state: State, request: Request) -> list[Event]:
        held.append(Message.from_words(*request.data))
        return [processing.process_request(state, request)]

    def overtake(honest: Callable[..., list[Event]], state: State, message: Message) -> list[Event]:
        return [*honest(state, message), *honest(state, held.pop(), forced=True)]

    return replaced(
        around(APPLYING, "_consume", lambda honest, state, request: hold(state, request)),
        around(APPLYING, "sequence_message", overtake),
    )


def _without_signature(honest: Callable[..., list[Event]], *arguments: Any) -> list[Event]:
    """Say that L1 demanded what nobody signed."""
    return [
        replace(event, forced=True) if isinstance(event, MessageSequenced) else event
        for event in honest(*arguments)
    ]


def _always_room(honest: Callable[..., Any], builder: BatchBuilder, request: Request) -> list[Event] | None:
    """Take a request behind a forced message."""
    return builder._add(ProcessRequest(request))


def _victim_buys(exchange: Exchange) -> None:
    exchange.deposit(THIEF, 1)
    exchange.buy(VICTIM, 5, 1_002)


def _seized(honest: Callable[..., Any], state: State, request: Request) -> Any:
    """Pay half of the collateral to whoever asks for a liquidation."""
    event, account = honest(state, request), state.account(request.account)
    half = account.collateral // 2
    state.put_account(request.account, replace(account, collateral=account.collateral - half))
    return replace(event, outcome=Outcome(RequestStatus.DONE, half))


def _ask_for_liquidation(exchange: Exchange) -> None:
    exchange.request(RequestKind.MESSAGE, VICTIM, data=Message.liquidation(VICTIM, 0, SELL, 1).words())


ATTACKS = (
    CircuitAttack(
        "swallow-a-forced-message",
        "what is forced is done",
        FIRST,
        ORDER,
        WHERE,
        _consuming(_swallowed),
    ),
    CircuitAttack(
        "alter-a-forced-message",
        "what is forced is done as demanded",
        FIRST,
        ORDER,
        WHERE,
        _consuming(_altered),
    ),
    CircuitAttack(
        "overtake-a-forced-message",
        "a forced order goes before the operator's choice",
        FIRST,
        RACE,
        WHERE,
        _overtaken(),
    ),
    CircuitAttack(
        "claim-that-a-message-was-forced",
        "only L1 stands for a signature",
        "each other message of the current key epoch is signed",
        Scenario(_asks, _victim_buys),
        ("MessageOwners",),
        replaced(around(APPLYING, "sequence_message", _without_signature)),
    ),
    CircuitAttack(
        "force-two-messages-in-a-batch",
        "one forced message a batch",
        LAST,
        _another_waits(forced(Message(THIEF, 1, 1, side=BUY, size=5, price=1_002, max_fee_ppm=1_000))),
        WHERE,
        replaced(around(BatchBuilder, "add_request", _always_room)),
    ),
    CircuitAttack(
        "request-behind-a-forced-message",
        "requests are applied before messages",
        LAST,
        _another_waits(Request(RequestKind.DEPOSIT, VICTIM, owner_of(VICTIM), 5)),
        WHERE,
        replaced(around(BatchBuilder, "add_request", _always_room)),
    ),
    CircuitAttack(
        "be-paid-for-a-liquidation",
        "nobody gains by asking for a liquidation",
        "a forced message is paid nothing",
        Scenario(_asks, _ask_for_liquidation),
        STATE,
        replaced(around(APPLYING, "process_request", _seized)),
    ),
)
