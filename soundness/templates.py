"""The templates below `circuits/`, each with the parameters at which the harness looks at it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prover.artifacts import PROJECT_ROOT
from prover.circuit import Circuit, Optimization
from prover.sources import template_files, templates_in
from soundness.errors import TemplateTableError

TABLE_FILE: Final = Path(__file__).with_name("templates.toml")
CIRCUITS: Final = PROJECT_ROOT / "circuits"


@dataclass(frozen=True, slots=True)
class Template:
    """A template of ours.

    Attributes
    ----------
    name : str
        As circom knows it.
    parameters : dict of str to int
        By name, in the template's order.
    file : Path
        Where it is defined.
    """

    name: str
    parameters: dict[str, int]
    file: Path

    def circuit(self, optimization: Optimization = "--O1") -> Circuit:
        """Return the circuit whose main component is the template; a bus may be an input of it."""
        source = f'include "{self.file.relative_to(PROJECT_ROOT)}";'
        return Circuit(f"test-{self.name}", source, self.name, self.parameters, optimization=optimization)


def every_template() -> list[Template]:
    """Return all templates below `circuits/`, in the table's order.

    Raises
    ------
    TemplateTableError
        If the table leaves a template out, or tells of one or of a parameter that is not there.
    """
    table: dict[str, dict[str, int]] = tomllib.loads(TABLE_FILE.read_text())
    files = template_files(CIRCUITS)
    _require_equal("templates", set(table), set(files))
    for name, parameters in table.items():
        declared = templates_in(files[name].read_text())[name]
        _require_equal(f"parameters of {name}, in order", tuple(parameters), declared)
    return [Template(name, parameters, files[name]) for name, parameters in table.items()]


def _require_equal(what: str, listed: set[str] | tuple[str, ...], there: set[str] | tuple[str, ...]) -> None:
    if listed != there:
        difference = ", ".join(sorted(set(listed) ^ set(there))) or "the order"
        raise TemplateTableError(
            f"the {what}, in the table and below circuits/ differ: {difference}",
            "correct the table",
            TABLE_FILE,
        )
