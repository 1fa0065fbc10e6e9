"""A micro-step does what the engine does, whatever the verdict."""

import pytest

from sequencer.model.codes import Verdict
from tests.circuits.harness import CircuitTester
from tests.circuits.step.micro_steps import ACCOUNTS, ROWS, STEPS, OpenBatch, expected_state, state_of, walk
from tests.circuits.step.scenarios import SCENARIOS, Scenario, outcomes_of
from tests.engine.venue import ENGINE, Setting, Venue


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("Step", (ACCOUNTS, ROWS))


def venue_of(scenario: Scenario) -> Venue:
    venue = Setting(ENGINE)(scenario.book, **scenario.setting)
    scenario.before(venue)
    return venue


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_micro_steps_leave_what_the_engine_leaves(circuit: CircuitTester, scenario: Scenario) -> None:
    venue = venue_of(scenario)
    batch = OpenBatch(venue)
    assert outcomes_of(scenario.act(batch.venue)) == scenario.outcomes
    sealed = batch.seal()
    last = walk(circuit, sealed.inputs)[STEPS - 1]
    after = state_of(circuit.witness(last))
    expected = expected_state(sealed, venue.state)
    assert {name: after[name] for name in expected} == expected


def test_every_verdict_has_a_scenario() -> None:
    assert {verdict for scenario in SCENARIOS for verdict in scenario.outcomes} == set(Verdict)
