"""The trial itself: a lie that is believed, or refused for another reason, does not pass for refused."""

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from prover import open_prover
from soundness.attacks.attack import CircuitAttack, Scenario, replaced
from soundness.attacks.catalogue import CIRCUIT_ATTACKS
from soundness.attacks.command import main
from soundness.attacks.exchange import Exchange
from soundness.attacks.trial import CircuitTrial

KNOWN = next(attack for attack in CIRCUIT_ATTACKS if attack.name == "skip-a-deposit")
DEPOSIT = Scenario(Exchange, lambda exchange: exchange.deposit(1, 5))


@pytest.fixture(scope="module")
def trial() -> CircuitTrial:
    return CircuitTrial(open_prover("small", "native"))


def test_an_attack_that_the_circuit_believes_is_a_surprise(trial: CircuitTrial) -> None:
    another_deposit = replaced((Exchange, "queued", lambda exchange, request: replace(request, amount=7)))
    attack = CircuitAttack("none", "", "", DEPOSIT, ("Batch",), another_deposit)
    assert trial.verdict(attack).surprise == "ACCEPTED"


def test_an_attack_that_lies_about_nothing_is_a_surprise(trial: CircuitTrial) -> None:
    attack = CircuitAttack("none", "", "", DEPOSIT, ("Batch",))
    assert trial.verdict(attack).surprise == "the cheat changed nothing"


def test_an_attack_that_fails_elsewhere_is_a_surprise(trial: CircuitTrial) -> None:
    verdict = trial.verdict(replace(KNOWN, rejected_in=("Median",)))
    assert verdict.surprise == "refused in StoreAccounts, not in Median"


def test_the_command_tells_who_refused_an_attack() -> None:
    result = CliRunner().invoke(main, ["--only", KNOWN.name])
    assert result.exit_code == 0
    assert KNOWN.claim in result.output
    assert "circuit  StoreAccounts" in result.output


def test_the_command_fails_on_a_surprise(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = replace(KNOWN, rejected_in=("Median",))
    monkeypatch.setattr("soundness.attacks.command.CIRCUIT_ATTACKS", (elsewhere,))
    result = CliRunner().invoke(main, ["--only", KNOWN.name])
    assert result.exit_code == 1
    assert "SURPRISE" in result.output


def test_the_command_knows_its_attacks() -> None:
    result = CliRunner().invoke(main, ["--only", "steal-the-moon"])
    assert result.exit_code == 2
    assert "steal-the-moon" in result.output
