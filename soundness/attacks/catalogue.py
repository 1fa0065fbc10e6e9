"""Every attack, by topic."""

from typing import Final

from soundness.attacks import priority, signatures
from soundness.attacks.attack import CircuitAttack

CIRCUIT_ATTACKS: Final[tuple[CircuitAttack, ...]] = (
    *priority.ATTACKS,
    *signatures.ATTACKS,
)
