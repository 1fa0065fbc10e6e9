"""One venue for each test, where both traders have deposited; proofs are made once for all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from prover.prover import Prover, open_prover
from sequencer.chain.anvil import local_chain
from tests.e2e.exchange import ONBOARDING_SECONDS, START
from tests.settler.venue import Venue
from tests.submitter.desk import ProofFile


@pytest.fixture(scope="session")
def prover() -> Prover:
    return open_prover("small", "native")


@pytest.fixture(scope="session")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> ProofFile:
    return ProofFile(tmp_path_factory.mktemp("proofs"))


@pytest.fixture
def venue(prover: Prover, proofs: ProofFile, tmp_path: Path) -> Iterator[Venue]:
    with local_chain(START - ONBOARDING_SECONDS) as chain:
        venue = Venue(chain, proofs, prover, tmp_path / "data")
        venue.onboard()
        venue.mine()
        yield venue
