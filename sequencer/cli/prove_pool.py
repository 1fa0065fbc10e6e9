"""`proofbook prove pool`: a Ray cluster as workers; Ray is loaded only here."""

import signal

import click

from prover.farm.client import FarmClient
from prover.farm.errors import ClusterError
from prover.farm.proving import prove_named
from sequencer.cli.prove_options import chosen_sizes, worker_options


@click.command()
@worker_options
@click.option("--ray", "cluster", required=True, help="HOST:PORT of the head, or `local` for this machine.")
@click.option("--places", type=click.IntRange(1, 1_000), required=True, help="How many jobs run at once.")
@click.option(
    "--processors",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    help="How many of a machine's a job takes.",
)
def pool(
    url: str,
    token: str,
    sizes: tuple[str, ...],
    backend: str,
    name: str,
    job_seconds: int,
    cluster: str,
    places: int,
    processors: int,
) -> None:
    """Prove jobs of a queue on a Ray cluster until SIGTERM or SIGINT, which give the jobs under way back.

    Each machine of the cluster has this release, and the circuits and keys in its cache.
    """
    try:
        from prover.farm.ray_pool import RayEngine, RayPool, connect
    except ModuleNotFoundError as error:
        raise ClusterError("Ray is not installed here: it is the extra `ray` of this package") from error
    source, chosen = FarmClient(url, token), chosen_sizes(sizes)
    connect(cluster)
    engine = RayEngine(prove_named(backend), processors)
    runners = RayPool(source, engine, name, chosen, click.echo, places, job_seconds)
    # Ray has set its own.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: runners.stop())
    click.echo(f"{name} works for {url} on {cluster}: {', '.join(chosen)}, {backend}")
    runners.run()
