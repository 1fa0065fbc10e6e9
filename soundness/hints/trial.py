"""What the circuit makes of a lie."""

import re
from enum import Enum

from prover import Prover
from prover.artifacts import PROJECT_ROOT
from prover.errors import WitnessRejectedError
from prover.sources import include_graph, templates_in
from soundness.attacks.combination import with_scalars
from soundness.hints.inputs import Inputs, with_value
from soundness.hints.lies import Lie

_SCALARS = ("signatureBit", "signatureQuotient", "signatureCarry")
_BINDING = re.compile(r"\s*[cy]\s*===")


class Outcome(Enum):
    """What became of a lie.

    REFUSED: a constraint refuses it. PUBLISHED: every constraint holds but the two that bind the data stream:
    the lie can be proven with another c and y, so that it stands in words that the contract sees. FREE: it is
    accepted with the same c, r and y. ASSERTED: only an `assert` refuses it, which binds no prover.
    """

    REFUSED = "refused"
    PUBLISHED = "published"
    FREE = "free"
    ASSERTED = "asserted"


class Judge:
    """Tries lies on one circuit."""

    def __init__(self, prover: Prover) -> None:
        self._prover = prover
        main = prover.circuit.main_source()
        texts = [main, *(path.read_text() for path in include_graph(PROJECT_ROOT, main))]
        self._texts = {template: text for text in texts for template in templates_in(text)}

    def outcome(self, inputs: Inputs, lie: Lie) -> Outcome:
        """Return what the circuit makes of the inputs with this lie in them.

        A lie that the check of the signatures refuses is told again with the scalars that fit it.
        """
        lied = with_value(inputs, lie.name, lie.place, lie.value)
        rejection = self._rejection(lied)
        if rejection is not None and lie.name not in _SCALARS and _by_signatures(rejection):
            rejection = self._rejection(with_scalars(lied))
        return Outcome.FREE if rejection is None else self._refusal(rejection)

    def _rejection(self, inputs: Inputs) -> WitnessRejectedError | None:
        try:
            self._prover.check(inputs)
        except WitnessRejectedError as rejection:
            return rejection
        return None

    def _refusal(self, rejection: WitnessRejectedError) -> Outcome:
        if not rejection.trace:
            return Outcome.REFUSED
        template, line = rejection.trace[0]
        statement = self._statement(template, line)
        if template == self._prover.circuit.template and _BINDING.match(statement):
            return Outcome.PUBLISHED
        return Outcome.REFUSED if "===" in statement or "<==" in statement else Outcome.ASSERTED

    def _statement(self, template: str, line: int) -> str:
        """Return the statement on a template's line; circom gives no file, but no two define one template."""
        lines = self._texts[template].splitlines(keepends=True)[line - 1 :]
        return "".join(lines).partition(";")[0]


def _by_signatures(rejection: WitnessRejectedError) -> bool:
    return any(template == "SignatureBatch" for template, _ in rejection.trace)
