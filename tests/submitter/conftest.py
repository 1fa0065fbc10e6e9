"""One chain for all tests of a file: each test begins where both traders have deposited."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from prover.prover import Prover, open_prover
from sequencer.chain.anvil import local_chain
from tests.e2e.exchange import ONBOARDING_SECONDS, START
from tests.submitter.desk import Desk, ProofFile


@pytest.fixture(scope="session")
def prover() -> Prover:
    return open_prover("small", "native")


@pytest.fixture(scope="session")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> ProofFile:
    return ProofFile(tmp_path_factory.mktemp("proofs"))


@pytest.fixture
def desk(prover: Prover, proofs: ProofFile, tmp_path: Path) -> Iterator[Desk]:
    with local_chain(START - ONBOARDING_SECONDS) as chain:
        desk = Desk(chain, proofs, prover, tmp_path / "ledger")
        desk.onboard()
        desk.mine()
        yield desk
