"""The harness tells honest witnesses from lies, and constraints from assertions."""

import pytest

from prover.errors import WitnessInputError
from tests.circuits.harness import CircuitTester

DIVISION = """
template Divide() {
    signal input a[2];
    signal input b;
    signal output quotient[2];
    signal inverse <-- 1 / b;
    inverse * b === 1;
    for (var i = 0; i < 2; i++) quotient[i] <== a[i] * inverse;
}
"""
BUSES = """
bus Point() {
    signal x;
    signal y[2];
}
template Sum() {
    input Point() one;
    input Point() many[2];
    signal output sum;
    var total = one.x + one.y[0] + one.y[1];
    for (var i = 0; i < 2; i++) total += many[i].x + many[i].y[0] + many[i].y[1];
    sum <== total;
}
"""
UNBOUND = """
template Unbound() {
    signal input a;
    signal output half <-- a / 2;
    signal square <== a * a;
    assert(a < 10);
}
"""


def test_outputs_come_in_the_shape_of_the_signals() -> None:
    assert CircuitTester(DIVISION).witness({"a": [6, 8], "b": 2}) == {"quotient": [3, 4]}


def test_inputs_that_break_a_constraint_are_rejected() -> None:
    circuit = CircuitTester(DIVISION)
    assert circuit.accepts({"a": [6, 8], "b": 2})
    assert not circuit.accepts({"a": [6, 8], "b": 0})
    assert circuit.rejects({"a": [6, 8], "b": 0})


def test_a_rejection_that_rests_on_an_assert_does_not_count() -> None:
    circuit = CircuitTester(UNBOUND)
    assert not circuit.accepts({"a": 10})
    with pytest.raises(AssertionError, match="a prover is free to leave out"):
        circuit.rejects({"a": 10})


def test_an_overwritten_wire_is_caught_only_where_a_constraint_binds_it() -> None:
    assert not CircuitTester(DIVISION).accepts_witness_with({"a": [6, 8], "b": 2}, {"main.inverse": 5})
    assert CircuitTester(UNBOUND).accepts_witness_with({"a": 4}, {"main.half": 99})


def test_a_misspelt_input_is_an_error_and_not_a_rejection() -> None:
    with pytest.raises(WitnessInputError, match="no input 'c'"):
        CircuitTester(DIVISION).rejects({"a": [6, 8], "c": 2})


def test_a_bus_is_given_as_a_mapping() -> None:
    circuit = CircuitTester(BUSES)
    assert circuit.witness(
        {"one": {"x": 5, "y": [1, 2]}, "many": [{"x": 7, "y": [3, 4]}, {"x": 8, "y": [5, 6]}]}
    ) == {"sum": 5 + 1 + 2 + 7 + 3 + 4 + 8 + 5 + 6}


def test_a_template_is_found_by_its_name() -> None:
    with pytest.raises(LookupError, match="no file below circuits"):
        CircuitTester("NoSuchTemplate")
