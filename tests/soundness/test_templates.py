"""The table that every part of the soundness harness walks: no template of ours may be missing from it."""

from pathlib import Path

import pytest

from prover.errors import CircuitSourceError
from prover.sources import template_files
from soundness import templates
from soundness.errors import TemplateTableError
from soundness.templates import every_template


def test_every_template_below_circuits_is_in_the_table() -> None:
    assert {template.name for template in every_template()} == set(template_files(templates.CIRCUITS))


@pytest.mark.parametrize(
    ("listed", "complaint"),
    [
        ("", "the templates, in the table and below circuits/ differ: Once"),
        ("Once = { n = 2, m = 3 }\nTwice = {}", "templates, .* differ: Twice"),
        ("Once = { n = 2 }", "parameters of Once, in order, .* differ: m"),
        ("Once = { m = 3, n = 2 }", "parameters of Once, in order, .* differ: the order"),
    ],
)
def test_a_table_that_differs_from_the_sources_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: str, complaint: str
) -> None:
    (tmp_path / "once.circom").write_text("// template Never() {}\ntemplate Once(n, m) {}\n")
    table = tmp_path / "templates.toml"
    table.write_text(listed)
    monkeypatch.setattr(templates, "CIRCUITS", tmp_path)
    monkeypatch.setattr(templates, "TABLE_FILE", table)
    with pytest.raises(TemplateTableError, match=complaint):
        every_template()


def test_one_name_stands_for_one_template(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / f"{name}.circom").write_text("template Twice() {}\n")
    with pytest.raises(CircuitSourceError, match=r"also defined by first\.circom"):
        template_files(tmp_path)
