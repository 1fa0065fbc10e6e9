"""Trying attacks: each must be refused where its rule stands, and its honest twin must be accepted."""

from dataclasses import dataclass

from prover import Prover, open_prover
from prover.errors import WitnessRejectedError
from sequencer.batch.signals import Inputs
from soundness.attacks.attack import CircuitAttack, ExitAttack, Leaving, Scenario
from soundness.attacks.place import CircuitMap, Place


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an attack.

    Attributes
    ----------
    rejected_by : str
        `circuit`, `contract`, or `nobody`.
    where : str
        The constraint that broke, or the contract's error.
    surprise : str or None
        What is not as it must be.
    """

    rejected_by: str
    where: str
    surprise: str | None = None


class CircuitTrial:
    """Puts batches to the compiled small circuit, or exits to another."""

    def __init__(self, prover: Prover | None = None) -> None:
        self._prover = prover or open_prover("small", "native")
        self._map = CircuitMap(self._prover)
        self._honest: dict[Scenario | Leaving, Inputs] = {}

    def honest(self, scenario: Scenario | Leaving) -> Inputs:
        """Return the inputs of a scenario played honestly, which the circuit accepts.

        Raises
        ------
        WitnessRejectedError
            If it does not: then no attack of this scenario would prove anything.
        """
        if scenario not in self._honest:
            inputs = scenario.honest()
            self._prover.check(inputs)
            self._honest[scenario] = inputs
        return self._honest[scenario]

    def verdict(self, attack: CircuitAttack | ExitAttack) -> Verdict:
        """Try one attack."""
        inputs = attack.inputs()
        if inputs == self.honest(attack.scenario):
            return Verdict("nobody", "", "the cheat changed nothing")
        place = self.refusal(inputs)
        if place is None:
            return Verdict("nobody", "", "ACCEPTED")
        if not place.binds:
            return Verdict("nobody", str(place), "refused by no constraint")
        expected = place.template in attack.rejected_in
        surprise = (
            None if expected else f"refused in {place.template}, not in {' or '.join(attack.rejected_in)}"
        )
        return Verdict("circuit", str(place), surprise)

    def refusal(self, inputs: Inputs) -> Place | None:
        """Return where the circuit refuses these inputs, None if it accepts them."""
        try:
            self._prover.check(inputs)
        except WitnessRejectedError as rejection:
            return self._map.place(rejection)
        return None
