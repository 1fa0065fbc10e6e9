"""`proofbook prove work`: one worker, which proves in a child process."""

import signal

import click

from prover.farm.child import ChildEngine
from prover.farm.client import FarmClient
from prover.farm.proving import prove_named
from prover.farm.worker import Worker
from prover.prover import open_prover
from sequencer.cli.progress import StepProgress
from sequencer.cli.prove_options import chosen_sizes, worker_options


@click.command()
@worker_options
def work(url: str, token: str, sizes: tuple[str, ...], backend: str, name: str, job_seconds: int) -> None:
    """Prove jobs of a queue until SIGTERM or SIGINT, which give the job under way back.

    Circuits and keys that are not in the cache are built first. A queue that does not answer is asked again.
    """
    source, chosen = FarmClient(url, token), chosen_sizes(sizes)
    for size in chosen:
        open_prover(size, backend, StepProgress()).prepare()
    worker = Worker(source, ChildEngine(prove_named(backend)), name, chosen, click.echo, job_seconds)
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: worker.stop())
    click.echo(f"{name} works for {url}: {', '.join(chosen)}, {backend}")
    worker.run()
