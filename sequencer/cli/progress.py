"""What long steps say while they run, on standard error."""

import sys

import click


class StepProgress:
    """Names each step when it starts and its seconds when it ends; on a terminal the line then makes room."""

    _ERASE = "\r\033[K"

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()

    def started(self, step: str) -> None:
        """Say that a step began."""
        click.echo(f"  {step} ... ", err=True, nl=False)

    def finished(self, step: str, seconds: float) -> None:
        """Say that it ended."""
        del step
        click.echo(self._ERASE if self._terminal else f"{seconds:.1f} s\n", err=True, nl=False)
