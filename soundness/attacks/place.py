"""Where a circuit refuses: the template and the constraint that broke."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prover import Prover
from prover.artifacts import PROJECT_ROOT
from prover.errors import WitnessRejectedError
from prover.sources import include_graph

_TEMPLATE = re.compile(r"^\s*template\s+(\w+)\s*\(", re.MULTILINE)
_CIRCUITS: Final = PROJECT_ROOT / "circuits"


@dataclass(frozen=True, slots=True)
class Place:
    """A statement of a template of the exchange; gadgets of circuits/lib and circomlib are passed over.

    Attributes
    ----------
    binds : bool
        Whether a constraint broke: an `assert` is nothing that a prover could not leave out.
    """

    template: str
    line: int
    statement: str
    binds: bool

    def __str__(self) -> str:
        return f"{self.template}:{self.line}  {self.statement}"


class CircuitMap:
    """The templates of one circuit and the files that define them."""

    def __init__(self, prover: Prover) -> None:
        paths = include_graph(PROJECT_ROOT, prover.circuit.main_source())
        self._files = {name: path for path in paths for name in _TEMPLATE.findall(path.read_text())}

    def place(self, rejection: WitnessRejectedError) -> Place:
        """Return the innermost place of a rejection that lies in a template of the exchange."""
        binds = bool(rejection.trace) and not self._statement(*rejection.trace[0]).startswith("assert")
        for template, line in rejection.trace:
            if not _is_gadget(self._files[template]):
                return Place(template, line, self._statement(template, line), binds)
        return Place("(none)", 0, str(rejection), binds)

    def _statement(self, template: str, line: int) -> str:
        return self._files[template].read_text().splitlines()[line - 1].strip()


def _is_gadget(path: Path) -> bool:
    return not path.is_relative_to(_CIRCUITS) or path.is_relative_to(_CIRCUITS / "lib")
