"""What an attack is: an honest scenario, a cheat that replaces rules, and where it must fail."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final
from unittest.mock import patch

from msgspec import Struct

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.signals import Inputs
from sequencer.engine.state import State
from sequencer.state.exit import exit_inputs
from sequencer.state.published import PublishedState
from sequencer.state.record import Signal
from soundness.attacks.combination import with_scalars
from soundness.attacks.exchange import Exchange

APPLYING: Final = import_module("sequencer.engine.apply")
"""The module; the package has its function under the same name."""

STATE: Final = ("StoreAccounts", "Batch")
"""Where a state that the commands do not make is refused."""

Cheat = Callable[[], AbstractContextManager[object]]
"""Makes the context in which the engine and the builder cheat."""

Tamper = Callable[[Inputs], Inputs]
"""Changes hints of a sealed batch."""

Rule = tuple[object, str, object]
"""An attribute of a module or class of the exchange, by owner and name, and what stands in its place."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A batch of an exchange: how the exchange came to be, and what happens in the batch."""

    prepare: Callable[[], Exchange]
    play: Callable[[Exchange], None]

    def sealed(self, cheat: Cheat = nullcontext) -> SealedBatch:
        """Return the batch; everything before it is honest."""
        exchange = self.prepare()
        with cheat():
            exchange.open()
            self.play(exchange)
            return exchange.seal()

    def honest(self) -> Inputs:
        """Return the inputs of the honest batch."""
        return self.sealed().inputs


@dataclass(frozen=True, slots=True)
class Leaving:
    """An exit: the state that is left, and who leaves."""

    prepare: Callable[[], PublishedState]
    account: int

    def honest(self) -> Inputs:
        """Return the inputs of the honest exit."""
        return exit_inputs(self.prepare(), self.account)


class CircuitAttack(Struct, frozen=True):
    """A malicious batch that the circuit must refuse.

    Attributes
    ----------
    claim
        What the exchange promises and a believed lie would break.
    rule
        The rule that the engine breaks.
    rejected_in
        The templates, any of them, in which the first broken constraint must lie.
    """

    name: str
    claim: str
    rule: str
    scenario: Scenario
    rejected_in: tuple[str, ...]
    cheat: Cheat = nullcontext
    tamper: Tamper = dict

    def inputs(self) -> Inputs:
        """Return the malicious batch's inputs."""
        return with_scalars(self.tamper(self.scenario.sealed(self.cheat).inputs))


@dataclass(frozen=True, slots=True)
class ExitAttack:
    """A malicious exit that the exit's circuit must refuse; attributes as of `CircuitAttack`."""

    name: str
    claim: str
    rule: str
    scenario: Leaving
    rejected_in: tuple[str, ...]
    tamper: Tamper

    def inputs(self) -> Inputs:
        """Return the malicious exit's inputs."""
        return self.tamper(self.scenario.honest())


def in_slot(inputs: Inputs, slot: int, **values: Signal) -> Inputs:
    """Return the inputs with other values in one slot of these signals."""
    changed = dict(inputs)
    for name, value in values.items():
        signal = inputs[name]
        assert isinstance(signal, list)
        changed[name] = [*signal[:slot], value, *signal[slot + 1 :]]
    return changed


def replaced(*rules: Rule) -> Cheat:
    """Return the cheat that puts others in the place of these rules."""

    @contextmanager
    def cheating() -> Iterator[None]:
        with ExitStack() as stack:
            for owner, name, lie in rules:
                stack.enter_context(patch.object(owner, name, lie))
            yield

    return cheating


def around(owner: Any, name: str, lie: Callable[..., Any]) -> Rule:
    """Return the rule that calls `lie(honest, *arguments)` where the honest function was called."""
    honest = getattr(owner, name)

    def lying(*arguments: Any, **named: Any) -> Any:
        return lie(honest, *arguments, **named)

    return owner, name, lying


def at_seal(edit: Callable[[State], object]) -> Cheat:
    """Return the cheat that edits the engine's state when all commands are done."""

    def sealing(honest: Callable[[BatchBuilder], SealedBatch], builder: BatchBuilder) -> SealedBatch:
        edit(builder._state)
        return honest(builder)

    return replaced(around(BatchBuilder, "seal", sealing))
