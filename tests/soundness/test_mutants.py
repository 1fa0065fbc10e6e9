"""Every mutant of the circuits is dead or explained, and the record of it is true."""

from soundness.mutants.command import CIRCUITS, chosen, disagreements
from soundness.mutants.results import Results, complaints, read_equivalents, subjects

SAMPLE = 16
SEED = 0


def test_the_record_accounts_for_every_mutant() -> None:
    found = list(complaints(subjects(CIRCUITS), Results.read(), read_equivalents()))
    assert found == [], "run `python -m soundness mutants`, then write the missing tests"


def test_recorded_mutants_still_die() -> None:
    results = Results.read()
    assert disagreements(chosen(subjects(CIRCUITS), results, SAMPLE, SEED), results) == []
