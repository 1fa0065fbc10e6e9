"""Each operator takes one thing from a template."""

from pathlib import Path

import pytest

from soundness.mutants.mutant import Mutant, mutants_of


def mutants(folder: Path, body: str, parameters: str = "") -> list[Mutant]:
    (folder / "t.circom").write_text(f"template T({parameters}) {{\n{body}\n}}\n")
    return [mutant for _, found in mutants_of(folder, "t.circom") for mutant in found]


def changes(folder: Path, operator: str, body: str, parameters: str = "") -> list[str]:
    """Return the mutated bodies."""
    text = f"template T({parameters}) {{\n{body}\n}}\n"
    found = [each for each in mutants(folder, body, parameters) if each.operator == operator]
    return [each.apply(text).partition("{\n")[2].removesuffix("\n}\n") for each in found]


@pytest.mark.parametrize(
    ("operator", "body", "mutated"),
    [
        ("drop constraint", "a * b === 0;", [""]),
        ("drop sum", "chosen.sum === 1;", [""]),
        ("drop check", "Bool()(a);", [""]),
        ("drop check", "signal used <== EnabledPrefix(3)(a);", [""]),
        ("drop check", "Market() before[4];", []),
        ("drop check", "item[i] = Row(3);", []),
        ("unconstrain", "a <== b * c;", ["a <-- b * c;"]),
        ("unconstrain", "r.x <== b;", ["r.x <-- b;"]),
        (
            "unconstrain",
            "signal a <== IsZero()(b);\nc <== a;",
            [
                "signal a_free <== IsZero()(b); signal a; a <-- a_free;\nc <== a;",
                "signal a <== IsZero()(b);\nc <-- a;",
            ],
        ),
        ("widen", "Range(8)(a);", ["Range(8 + 1)(a);"]),
        ("widen", "StrictlyIncreasing(n, B() + 1)(a, b);", ["StrictlyIncreasing(n, B() + 1 + 1)(a, b);"]),
        ("widen", "signal x[n] <== Num2Bits(n)(a);", ["signal x[n + 1] <== Num2Bits(n + 1)(a);"]),
        ("negate", "c <== a * (1 - b[2 * i]);", ["c <== a * (b[2 * i]);"]),
        ("negate", "a[i] * b === 0;", ["(1 - a[i]) * b === 0;"]),
        ("negate", "r.c <== Choose()(a, f(b, 1), d);", ["r.c <== Choose()(a, d, f(b, 1));"]),
        ("flip sign", "c <== a[i + 1] - b;", ["c <== a[i + 1] + b;"]),
        ("flip sign", "total += a;", ["total -= a;"]),
        ("flip sign", "r.sign <== -sign;", ["r.sign <== sign;"]),
        ("flip sign", "c <== a * (1 - b);", []),
        ("shift constant", "c[1] <== a + 2;", ["c[1] <== a + 3;"]),
        ("shift constant", "c <== a * UNIT();", ["c <== a * (UNIT() + 1);"]),
        ("shift constant", "Range(8)(a);", []),
        ("shift constant", "var half = n \\ 2;", []),
    ],
)
def test_an_operator_changes_what_it_names(
    tmp_path: Path, operator: str, body: str, mutated: list[str]
) -> None:
    assert changes(tmp_path, operator, body, "n") == mutated


def test_an_output_of_a_component_in_a_loop_gets_a_signal_of_its_own(tmp_path: Path) -> None:
    body = "signal output a[n];\nfor (var i = 0; i < n; i++) { a[i] <== IsZero()(i); }"
    assert changes(tmp_path, "unconstrain", body, "n") == [
        "signal output a[n]; signal a_free[n];\n"
        "for (var i = 0; i < n; i++) { a_free[i] <== IsZero()(i); a[i] <-- a_free[i]; }"
    ]


def test_an_input_of_a_component_in_a_loop_gets_a_signal_of_its_own(tmp_path: Path) -> None:
    body = "signal x;\nfor (var i = 0; i < 2; i++) { r.y[i] <== IsZero()(x); }"
    assert changes(tmp_path, "unconstrain", body) == [
        "signal r_y_free[64]; signal x;\n"
        "for (var i = 0; i < 2; i++) { r_y_free[i] <== IsZero()(x); r.y[i] <-- r_y_free[i]; }"
    ]


def test_a_mutant_keeps_its_name_when_other_statements_change(tmp_path: Path) -> None:
    before = {each.name for each in mutants(tmp_path, "a * b === 0;\nBool()(a);")}
    after = {
        each.name
        for each in mutants(tmp_path, "// why\nc <== a;\n\na * b\n  === 0;\nRange(3)(b);\nBool()(a);")
    }
    assert before < after


def test_equal_statements_have_mutants_of_different_names(tmp_path: Path) -> None:
    names = [each.name for each in mutants(tmp_path, "Bool()(a);\nBool()(a);")]
    assert len(set(names)) == len(names) == 2


@pytest.mark.parametrize(
    ("body", "copies"),
    [
        ("a <== b;", 1),
        ("a <== r[2 * i].x[i];", 1),
        ("a <== 0;", 1),
        ("a <== b * c;", 0),
        ("var b = 0;\na <== b;", 0),
    ],
)
def test_a_copy_is_told_from_a_computation(tmp_path: Path, body: str, copies: int) -> None:
    assert sum(each.frees_copy for each in mutants(tmp_path, body)) == copies
