"""Circom text is read as templates and statements."""

from soundness.mutants.source import Template, templates

TEXT = """
include "lib.circom";
function F() { return 3; }
bus B(n) { signal x[n]; }
template One(n, m) { // a comment; with a semicolon
    signal input a[n];  /* and { a brace */
    var H = n \\ 2;
    var total = 0;
    for (var i = 0; i < n; i++) {
        if (i > 0) { Bool()(a[i]); }
        total += a[i];
    }
    total === m;
}
template Two() { signal input a; a === 0; }
"""


def only(text: str) -> Template:
    (template,) = templates(text)
    return template


def test_every_template_is_found_and_nothing_else() -> None:
    assert [template.name for template in templates(TEXT)] == ["One", "Two"]


def test_statements_stand_in_order_where_the_text_has_them() -> None:
    first = templates(TEXT)[0]
    assert [statement.text for statement in first.statements] == [
        "signal input a[n]",
        "var H = n \\ 2",
        "var total = 0",
        "Bool()(a[i])",
        "total += a[i]",
        "total === m",
    ]
    assert all(TEXT[each.start : each.end] == each.text for each in first.statements)
    assert [each.looped for each in first.statements] == [False, False, False, True, True, False]


def test_sizes_are_what_the_compiler_computes() -> None:
    assert templates(TEXT)[0].sizes == {"n", "m", "i", "H"}


def test_a_digest_ignores_comments_and_white_space_and_nothing_else() -> None:
    text = "template T() { signal input a; a === 0; }"
    commented = "template T() {\n // why\n signal input a;\n a === 0; }"
    assert only(text).digest == only(commented).digest
    assert only(text).digest != only(text.replace("0", "1")).digest
