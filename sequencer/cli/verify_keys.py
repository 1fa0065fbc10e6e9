"""`proofbook circuit verify-keys`: anyone gets the operator's keys from the sources and the named seed."""

import click
from eth_utils.address import is_address

from prover.artifacts import ArtifactStore
from prover.circuit import EXIT, circuit_of
from prover.errors import KeysDifferError
from prover.reproduce import differing, rebuilt
from prover.setup import DEVELOPMENT_SEED
from sequencer.chain.client import RollupClient
from sequencer.chain.connection import Connection
from sequencer.chain.key_check import (
    CODEHASH,
    TABLE_FILE,
    deployed_codehash,
    key_hashes,
    read_table,
    write_table,
)
from sequencer.cli.progress import StepProgress


@click.command("verify-keys")
@click.option("--size", required=True, help="Size of the batch circuit, or `exit`.")
@click.option("--rpc", help="Node of the chain whose verifier is compared.")
@click.option("--rollup", help="Address of the rollup that asks that verifier.")
@click.option(
    "--write",
    is_flag=True,
    help=f"Put hashes and verification key into circuits/{TABLE_FILE.name} and beside it.",
)
def verify_keys(size: str, rpc: str | None, rollup: str | None, write: bool) -> None:
    """Build the development keys of a batch size, or of the exit circuit, anew and compare them.

    Nothing that is cached is used. The hashes are compared with the committed ones, with the files in the
    cache, and with the verifier of a rollup if one is named.
    """
    if (rpc is None) != (rollup is None):
        raise click.UsageError("--rpc and --rollup go together.")
    if rollup is not None and not is_address(rollup):
        raise click.BadParameter(f"{rollup!r} is no address.", param_hint="--rollup")
    cache = ArtifactStore()
    with rebuilt(circuit_of(size), StepProgress()) as fresh:
        hashes = key_hashes(fresh.keys, fresh.store)
        cached = fresh.cached(cache)
        if write:
            write_table(size, hashes, fresh.keys)
    _show(fresh.compiled.circuit.name, hashes)
    findings = _compare(f"circuits/{TABLE_FILE.name}", hashes, read_table().get(size, {}))
    findings += _compare(f"the cache {cache.root}", hashes, cached)
    if rpc is not None and rollup is not None:
        deployed = deployed_codehash(RollupClient(Connection(rpc), rollup), exits=size == EXIT)
        findings += _compare(f"the verifier of {rollup}", hashes, {CODEHASH: deployed})
    if findings:
        raise KeysDifferError(
            "; ".join(findings), "whatever differs was made from other sources, another seed, or is corrupt"
        )


def _show(name: str, hashes: dict[str, str]) -> None:
    click.echo(f'{name}, from the sources and the seed "{DEVELOPMENT_SEED.decode()}":')
    for file, digest in hashes.items():
        click.echo(f"  {file:<16}  {digest}")


def _compare(where: str, expected: dict[str, str], actual: dict[str, str]) -> list[str]:
    """Say how the hashes at one place compare; return what is to be complained of."""
    wrong = differing(expected, actual)
    verdict = f"other {', '.join(wrong)}" if wrong else "the same" if actual else "does not have this circuit"
    click.echo(f"  [{'!!' if wrong else 'ok' if actual else '--'}] {where}: {verdict}")
    return [f"{where} has another {', '.join(wrong)}"] if wrong else []
