"""Why the harness cannot give a verdict: its own tables are wrong."""

from prover.errors import ProverError


class TemplateTableError(ProverError):
    """The table of templates and the circuits' sources differ."""

    code = "template_table"
