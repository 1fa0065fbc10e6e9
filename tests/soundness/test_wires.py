"""What the constraints leave open is found, and in our circuits it is explained."""

from functools import cache

import pytest
from click.testing import CliRunner

from prover import open_prover
from prover.circuit import EXIT, PRAGMA, Circuit
from prover.compile import CompiledCircuit, compile_circuit
from prover.witness import Inputs, WitnessCalculator
from sequencer.batch.sealed import SealedBatch
from soundness.hints.scenarios import exits
from soundness.templates import Template, every_template
from soundness.wires import command
from soundness.wires.explained import Explained, Explanation, matches, read_explained, stale
from soundness.wires.free import free_in, free_wires, honest_batches
from soundness.wires.names import kind, kinds, read_wires
from soundness.wires.unique import Determinacy, determinacy, template_determinacy

UNBOUND_HINT = """
template Planted() {
    signal input enabled;
    signal input a;
    signal output b;

    signal half <-- a / 2;
    enabled * (2 * half - a) === 0;
    b <== enabled * a;
}
"""
TWO_ROOTS = """
template Planted() {
    signal input a;
    signal output b;

    signal sign <-- a == 0 ? -1 : 1;
    sign * sign === 1;
    b <== a * a;
}
"""
BITS = """
template Planted() {
    signal input a;
    signal output bits[3];

    var sum = 0;
    for (var i = 0; i < 3; i++) {
        bits[i] <-- (a >> i) & 1;
        sum += (1 << i) * bits[i];
        %s
    }
    sum === a;
}
"""
BOOLEAN = "bits[i] * (bits[i] - 1) === 0;"
QUOTIENT = """
template Planted() {
    signal input a;
    signal input b;
    signal output c;

    signal quotient <-- a / b;
    quotient * b === a;
    c <== quotient * quotient;
}
"""
FLAGS = ("accountEnabled", "pageEnabled", "rowUsed", "requestEnabled", "stepTake", "pageWas", "pageIs")


def planted(source: str) -> CompiledCircuit:
    return compile_circuit(Circuit("test-Planted", PRAGMA + source, "Planted", {}, optimization="--O1"))


def free(source: str, inputs: Inputs) -> list[str]:
    compiled = planted(source)
    names = read_wires(compiled).names
    wires = free_wires(compiled, WitnessCalculator(compiled).calculate(inputs))
    return kinds(names[wire] for wire in wires)


# ---- What is planted is found.


def test_a_hint_that_no_constraint_binds_is_free() -> None:
    assert free(UNBOUND_HINT, {"enabled": 0, "a": 6}) == ["a", "half"]
    assert free(UNBOUND_HINT, {"enabled": 1, "a": 6}) == []


def test_a_hint_with_a_second_root_is_free() -> None:
    assert free(TWO_ROOTS, {"a": 3}) == ["a", "sign"]


def test_bits_are_undetermined_if_they_need_not_be_boolean() -> None:
    assert determinacy(planted(BITS % ""), []) == Determinacy(3, 0, 0, [], ["bits"])
    assert determinacy(planted(BITS % ("if (i < 2) {" + BOOLEAN + "}")), []).open == ["bits"]
    assert determinacy(planted(BITS % BOOLEAN), []) == Determinacy(3, 3, 0, [], [])


def test_a_quotient_is_undetermined_unless_its_divisor_is_trusted() -> None:
    trusted = Explanation(("quotient",), "b is never 0")
    assert determinacy(planted(QUOTIENT), []).open == ["c", "quotient"]
    assert determinacy(planted(QUOTIENT), [trusted]) == Determinacy(1, 1, 0, ["quotient"], [])


# ---- The table of explanations.


def test_a_kind_is_a_name_without_what_tells_equal_parts_apart() -> None:
    assert kind("main.same[3].IsEqual_4_101[0].isz.inv") == "same.IsEqual.isz.inv"
    assert kind("main.path[0][3]") == "path"
    assert kind("main.record_2_words") == "record_2_words"


def test_an_explanation_that_explains_nothing_is_stale() -> None:
    explanations = [Explanation(("*.inv", "*.half"), "of no effect")]
    assert matches(explanations, "book.IsZero.inv")
    assert not matches(explanations, "book.inverse")
    assert stale(explanations, ["book.IsZero.inv"]) == ["*.half"]


# ---- The command.


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Explained:
    """One honest batch, one template, and the entries of the committed table that they need."""
    one_template = [template for template in every_template() if template.name == "TimesCofactor"]
    monkeypatch.setattr(command, "honest_batches", lambda size: honest_batches(size)[:1])
    monkeypatch.setattr(command, "every_template", lambda: one_template)
    return Explained(read_explained().free, (Explanation(("*MontgomeryDouble.lamda",), "v is not 0"),))


def complaints(monkeypatch: pytest.MonkeyPatch, tables: Explained) -> tuple[int, list[str]]:
    monkeypatch.setattr(command, "read_explained", lambda: tables)
    result = CliRunner().invoke(command.main)
    return result.exit_code, result.stderr.splitlines()


def test_the_command_is_content_where_all_is_explained(
    monkeypatch: pytest.MonkeyPatch, tables: Explained
) -> None:
    assert complaints(monkeypatch, tables) == (0, [])


def test_the_command_refuses_what_is_unexplained(monkeypatch: pytest.MonkeyPatch, tables: Explained) -> None:
    status, lines = complaints(monkeypatch, Explained((), ()))
    assert status == 1
    assert "unexplained free wire: steps.step.IsZero.inv" in lines
    assert "undetermined wire of TimesCofactor: MontgomeryDouble.lamda" in lines


def test_the_command_refuses_an_explanation_of_nothing(
    monkeypatch: pytest.MonkeyPatch, tables: Explained
) -> None:
    needless = Explanation(("*.nowhere",), "never was")
    status, lines = complaints(monkeypatch, Explained((*tables.free, needless), (*tables.trusted, needless)))
    assert status == 1
    assert lines == [f"stale explanation: nothing {part} is called *.nowhere" for part in ("free", "trusted")]


# ---- Our circuits.


@pytest.fixture(scope="module")
def batches() -> list[SealedBatch]:
    return honest_batches("small")


def test_the_batches_use_slots_of_every_table_and_leave_others_empty(batches: list[SealedBatch]) -> None:
    for flag in FLAGS:
        met = {value for batch in batches for value in slots(batch, flag)}
        assert met == {0, 1}, flag


def slots(batch: SealedBatch, flag: str) -> list[int]:
    values = batch.inputs[flag]
    assert isinstance(values, list)
    return [value for value in values if isinstance(value, int)]


def test_every_free_wire_of_a_batch_is_explained(batches: list[SealedBatch]) -> None:
    explained = read_explained().free
    free = free_in(open_prover("small", "native"), (batch.inputs for batch in batches))
    assert [wire for wire in free if not matches(explained, wire)] == []
    assert stale(explained, free) == []


def test_no_wire_of_an_exit_is_free() -> None:
    assert free_in(open_prover(EXIT, "native"), exits().values()) == []


@cache
def determined(name: str) -> Determinacy:
    template = next(template for template in every_template() if template.name == name)
    return template_determinacy(template, read_explained().trusted)


@pytest.mark.parametrize("template", every_template(), ids=lambda template: template.name)
def test_the_inputs_of_a_template_determine_its_wires(template: Template) -> None:
    found = determined(template.name)
    assert found.open == []
    assert found.determined_outputs == found.outputs


def test_nothing_is_trusted_in_vain() -> None:
    trusted = [kind for template in every_template() for kind in determined(template.name).trusted]
    assert stale(read_explained().trusted, trusted) == []
