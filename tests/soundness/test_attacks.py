"""Every attack of the catalogue is refused where its rule stands, and only because of its lie."""

from collections.abc import Iterator

import pytest

from prover import open_prover
from prover.circuit import EXIT
from soundness.attacks.attack import CircuitAttack, ExitAttack
from soundness.attacks.catalogue import ATTACKS, CIRCUIT_ATTACKS, CONTRACT_ATTACKS, EXIT_ATTACKS
from soundness.attacks.chain import ContractAttack, ContractTrial, contract_trial
from soundness.attacks.trial import CircuitTrial

NAMES = [attack.name for attack in ATTACKS]


@pytest.fixture(scope="module")
def circuit() -> CircuitTrial:
    return CircuitTrial(open_prover("small", "native"))


@pytest.fixture(scope="module")
def leaving() -> CircuitTrial:
    return CircuitTrial(open_prover(EXIT, "native"))


@pytest.fixture(scope="module")
def contract() -> Iterator[ContractTrial]:
    with contract_trial(open_prover("small", "native")) as trial:
        yield trial


def test_the_catalogue_holds_many_attacks_each_with_a_name_of_its_own() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 700


def test_every_honest_batch_is_believed(circuit: CircuitTrial) -> None:
    for scenario in {attack.scenario for attack in CIRCUIT_ATTACKS}:
        assert circuit.honest(scenario)


@pytest.mark.parametrize("attack", CIRCUIT_ATTACKS, ids=lambda attack: attack.name)
def test_the_circuit_refuses(circuit: CircuitTrial, attack: CircuitAttack) -> None:
    verdict = circuit.verdict(attack)
    assert verdict.surprise is None, verdict
    assert verdict.rejected_by == "circuit"


def test_every_honest_exit_is_believed(leaving: CircuitTrial) -> None:
    for scenario in {attack.scenario for attack in EXIT_ATTACKS}:
        assert leaving.honest(scenario)


@pytest.mark.parametrize("attack", EXIT_ATTACKS, ids=lambda attack: attack.name)
def test_the_circuit_of_exits_refuses(leaving: CircuitTrial, attack: ExitAttack) -> None:
    verdict = leaving.verdict(attack)
    assert verdict.surprise is None, verdict
    assert verdict.rejected_by == "circuit"


def test_the_contract_takes_the_honest_batch(contract: ContractTrial) -> None:
    assert contract.accepts_the_honest_batch()


@pytest.mark.parametrize("attack", CONTRACT_ATTACKS, ids=lambda attack: attack.name)
def test_the_contract_refuses(contract: ContractTrial, attack: ContractAttack) -> None:
    verdict = contract.verdict(attack)
    assert verdict.surprise is None, verdict
    assert verdict.rejected_by == "contract"
