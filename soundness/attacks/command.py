"""`python -m soundness attacks`: try every attack and print who refused it."""

import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

import click

from prover import open_prover
from prover.circuit import EXIT
from soundness.attacks.attack import CircuitAttack, ExitAttack
from soundness.attacks.catalogue import ATTACKS, CIRCUIT_ATTACKS, CONTRACT_ATTACKS, EXIT_ATTACKS
from soundness.attacks.chain import ContractAttack, contract_trial
from soundness.attacks.trial import CircuitTrial, Verdict

Attack = CircuitAttack | ExitAttack | ContractAttack
_A = TypeVar("_A", CircuitAttack, ExitAttack, ContractAttack)


@click.command(name="attacks")
@click.option("--only", metavar="NAME", multiple=True, help="Only this attack; may be repeated.")
def main(only: tuple[str, ...]) -> None:
    """Try every attack of a cheating engine; exit 1 if one is not refused where its rule stands."""
    unknown = set(only) - {attack.name for attack in ATTACKS}
    if unknown:
        raise click.BadParameter(f"there is no attack {', '.join(sorted(unknown))}", param_hint="--only")
    tried = surprises = 0
    verdicts = _verdicts(
        _chosen(CIRCUIT_ATTACKS, only), _chosen(EXIT_ATTACKS, only), _chosen(CONTRACT_ATTACKS, only)
    )
    for attack, verdict in verdicts:
        click.echo(f"{attack.name:<46} {attack.claim:<82} {verdict.rejected_by:<8} {verdict.where}")
        tried += 1
        if verdict.surprise:
            surprises += 1
            click.secho(f"  SURPRISE: {verdict.surprise}", fg="red")
    click.echo(f"{tried} attacks, {tried - surprises} refused as they must be, {surprises} surprises")
    sys.exit(bool(surprises))


def _chosen(attacks: Sequence[_A], only: Sequence[str]) -> list[_A]:
    return [attack for attack in attacks if not only or attack.name in only]


def _verdicts(
    circuit: Sequence[CircuitAttack], leaving: Sequence[ExitAttack], contract: Sequence[ContractAttack]
) -> Iterator[tuple[Attack, Verdict]]:
    if circuit:
        batches = CircuitTrial()
        yield from ((attack, batches.verdict(attack)) for attack in circuit)
    if leaving:
        exits = CircuitTrial(open_prover(EXIT, "native"))
        yield from ((attack, exits.verdict(attack)) for attack in leaving)
    if contract:
        with contract_trial() as submissions:
            yield from ((attack, submissions.verdict(attack)) for attack in contract)
