"""Every attack of the catalogue is refused where its rule stands, and only because of its lie."""

import pytest

from soundness.attacks.attack import CircuitAttack
from soundness.attacks.catalogue import CIRCUIT_ATTACKS
from soundness.attacks.trial import CircuitTrial


@pytest.fixture(scope="module")
def trial() -> CircuitTrial:
    return CircuitTrial()


def test_every_attack_has_a_name_of_its_own() -> None:
    assert len({attack.name for attack in CIRCUIT_ATTACKS}) == len(CIRCUIT_ATTACKS)


@pytest.mark.parametrize("attack", CIRCUIT_ATTACKS, ids=lambda attack: attack.name)
def test_the_attack_is_refused(trial: CircuitTrial, attack: CircuitAttack) -> None:
    verdict = trial.verdict(attack)
    assert verdict.surprise is None, verdict
    assert verdict.rejected_by == "circuit"
