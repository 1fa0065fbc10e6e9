"""All targets."""

from tests.fuzz import answers, chain, logs, messages, settings
from tests.fuzz.target import Target

TARGETS: tuple[Target, ...] = (
    *messages.TARGETS,
    *logs.TARGETS,
    *answers.TARGETS,
    *chain.TARGETS,
    *settings.TARGETS,
)
