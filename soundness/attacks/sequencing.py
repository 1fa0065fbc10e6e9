"""The log and the steps: every logged message is carried out, whole, in its order, and no other is."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import sealed, steps
from sequencer.batch.builder import BatchBuilder
from sequencer.batch.draft import Draft
from sequencer.batch.occupancy import Occupancy
from sequencer.batch.signals import Inputs
from sequencer.batch.trace import MicroStep
from sequencer.engine import matching, messages
from sequencer.engine.events import MessageSequenced, StepEvent
from sequencer.engine.state import State
from sequencer.model.message import Message
from sequencer.state.record import Signal
from soundness.attacks.attack import APPLYING, Cheat, CircuitAttack, Scenario, around, replaced
from soundness.attacks.exchange import SELL, Exchange, resting

TAKER, MAKER, OTHER = 2, 3, 1
STEPS: Final = "each micro-step is the one of matching.md"
LOG: Final = "log_root is the root over the messages in sequence order"


def _three_asks() -> Exchange:
    return Exchange(orders=[resting(i, MAKER, SELL, 1_000 + i, 2) for i in range(1, 4)])


def _sweep(exchange: Exchange) -> None:
    exchange.buy(TAKER, 5, 1_003)


def _sweep_and_follow(exchange: Exchange) -> None:
    _sweep(exchange)
    exchange.buy(OTHER, 1, 1_003)


def _two(exchange: Exchange) -> None:
    exchange.buy(TAKER, 1, 990)
    exchange.buy(OTHER, 1, 990)


def _five(exchange: Exchange) -> None:
    for price in range(990, 994):
        exchange.buy(TAKER, 1, price)


SWEEP = Scenario(_three_asks, _sweep)
SWEEP_AND_FOLLOW = Scenario(_three_asks, _sweep_and_follow)
TWO = Scenario(_three_asks, _two)
FOUR = Scenario(_three_asks, _five)


def _first_fill_only(state: State, sequence: int, message: Message) -> list[StepEvent]:
    """Forget an order after its first fill."""
    honest = matching.match_order(state, sequence, replace(message, size=2, ioc=True))
    return honest[:1]


def _one_lot_less(
    honest: Callable[..., list[StepEvent]], state: State, sequence: int, message: Message
) -> Any:
    """Stop one lot before the last order is filled."""
    last = message.account == OTHER and message.size == 3
    return honest(state, sequence, replace(message, size=2) if last else message)


def _after_an_idle_step(honest: Callable[..., Inputs], draft: Draft, *others: Any) -> Inputs:
    """Make the last order end with the last step, by an idle step after the first message."""

    def delayed(made: list[MicroStep]) -> list[MicroStep]:
        return [*made[:4], MicroStep(made[0].message, takes=False), *made[4:]]

    with traced(delayed)():
        inputs = honest(draft, *others)
    return inputs | {name: _nobody_at(4, inputs[name]) for name in ("stepTakerSlot", "stepOwnerSlot")}


def _nobody_at(step: int, slots: Signal) -> Signal:
    assert isinstance(slots, list)
    return [[0] * len(slot) if i == step else slot for i, slot in enumerate(slots)]


def _fill_every_step(exchange: Exchange) -> None:
    exchange.buy(TAKER, 4, 1_010)
    exchange.buy(OTHER, 1, 1_010)
    exchange.buy(OTHER, 3, 1_010)


def _ten_asks() -> Exchange:
    return Exchange(orders=[resting(i, MAKER, SELL, 1_000 + i) for i in range(1, 11)])


def traced(lie: Callable[[list[MicroStep]], list[MicroStep]]) -> Cheat:
    """Show the circuit other micro-steps than the engine made."""
    return replaced(around(steps, "trace", lambda honest, events: lie(list(honest(events)))))


def _with_pause(made: list[MicroStep]) -> list[MicroStep]:
    """Do nothing for one step, in the middle of an order."""
    return [made[0], MicroStep(made[0].message, takes=False), *made[1:]]


def _with_other_pause(made: list[MicroStep]) -> list[MicroStep]:
    """Do nothing for one step, in the name of another message."""
    return [*made, MicroStep(replace(made[0].message, price=1), takes=False)]


def _interrupted(made: list[MicroStep]) -> list[MicroStep]:
    """Let the next message go first while an order is half done."""
    return [made[0], made[-1], *made[1:-1]]


def _grown(made: list[MicroStep]) -> list[MicroStep]:
    """Let an order go on under a price that was not signed."""
    return [made[0], *(replace(step, message=replace(step.message, price=1_100)) for step in made[1:])]


def _reordered(made: list[MicroStep]) -> list[MicroStep]:
    return made[::-1]


def _negative(honest: Callable[..., Inputs], *arguments: Any) -> Inputs:
    """Let an order ask for -1 lots."""
    inputs = honest(*arguments)
    sizes = inputs["stepSize"]
    assert isinstance(sizes, list)
    return inputs | {"stepSize": [-1, *sizes[1:]]}


def _unexecuted(honest: Callable[..., Any], state: State, message: Message) -> Any:
    """Log the last message and carry nothing out."""
    if message.account == OTHER:
        return [MessageSequenced(state.take_sequence(), message, False)]
    return honest(state, message)


def _fewer_messages(honest: Callable[[Draft], Inputs], draft: Draft) -> Inputs:
    """Sign as many messages as there is room for."""
    short = [event for event in draft.events if not isinstance(event, MessageSequenced)]
    first = draft.sequenced[: draft.size.messages]
    cut = replace(draft, messages=draft.messages[: draft.size.messages], events=(*short, *first))
    return honest(cut)


def _one_more(honest: Callable[[BatchBuilder], Any], builder: BatchBuilder) -> Any:
    """Add a fifth message before sealing."""
    signed = builder._messages[0]
    builder.add_message(signed)
    return honest(builder)


def _leaves(lie: Callable[[list[int]], list[int]]) -> Cheat:
    """Publish another log."""
    return replaced(around(Draft, "log_leaves", lambda honest, draft: lie(honest(draft))))


def _attack(name: str, claim: str, rule: str, scenario: Scenario, cheat: Cheat, *where: str) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where, cheat)


ATTACKS = (
    _attack(
        "abandon-a-carried-order",
        "an order goes on until it is done",
        "nothing is carried out of the batch",
        SWEEP,
        replaced((messages, "match_order", _first_fill_only)),
        "Step",
    ),
    _attack(
        "abandon-an-order-at-the-end-of-the-batch",
        "an order goes on until it is done",
        "nothing is carried out of the batch",
        Scenario(_ten_asks, _fill_every_step),
        replaced(
            around(messages, "match_order", _one_lot_less),
            around(sealed, "step_inputs", _after_an_idle_step),
        ),
        "Steps",
    ),
    _attack(
        "pause-an-order",
        "an order is done before anything else happens",
        "a carried order goes on at once",
        SWEEP,
        traced(_with_pause),
        "Step",
    ),
    _attack(
        "interrupt-an-order",
        "an order is done before the next begins",
        "no message is taken while an order is carried",
        SWEEP_AND_FOLLOW,
        traced(_interrupted),
        "Step",
    ),
    _attack(
        "idle-in-the-name-of-another-message",
        "a step that takes no message repeats the last",
        STEPS,
        TWO,
        traced(_with_other_pause),
        "Step",
    ),
    _attack(
        "go-on-at-another-price",
        "an order has one limit price to its end",
        STEPS,
        SWEEP,
        traced(_grown),
        "Step",
    ),
    _attack(
        "carry-out-in-another-order",
        "messages are carried out in the order of the log",
        STEPS,
        TWO,
        traced(_reordered),
        "SelectRows",
    ),
    _attack(
        "order-a-negative-size",
        "a size is a number of lots",
        "every field is in its range",
        TWO,
        replaced(around(sealed, "step_inputs", _negative)),
        "MessageWords",
    ),
    _attack(
        "log-a-message-without-carrying-it-out",
        "every logged message is carried out",
        STEPS,
        TWO,
        replaced(around(APPLYING, "sequence_message", _unexecuted)),
        "Batch",
    ),
    _attack(
        "take-more-messages-than-the-log-holds",
        "every message is in the log",
        "a batch takes at most K messages",
        FOUR,
        replaced(
            around(BatchBuilder, "seal", _one_more),
            (Occupancy, "fits", lambda occupancy, size: True),
            around(sealed, "signature_inputs", _fewer_messages),
        ),
        "Compaction",
    ),
    _attack(
        "log-another-message",
        "the log holds what was carried out",
        LOG,
        TWO,
        _leaves(lambda x: [x[0], x[0]]),
        "Batch",
    ),
    _attack(
        "log-in-another-order",
        "the log has the order of execution",
        LOG,
        TWO,
        _leaves(lambda x: x[::-1]),
        "Batch",
    ),
    _attack(
        "leave-a-message-out-of-the-log",
        "every message is in the log",
        LOG,
        TWO,
        _leaves(lambda x: x[:1]),
        "Batch",
    ),
    _attack(
        "log-a-message-too-many", "nothing else is in the log", LOG, TWO, _leaves(lambda x: [*x, 7]), "Batch"
    ),
)
