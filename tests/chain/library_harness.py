"""The contract's libraries on a local chain, called on many inputs at once (contracts/test/utils)."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from web3.contract import Contract

from sequencer.chain.anvil import local_chain
from sequencer.chain.artifacts import PROJECT_ROOT, ContractArtifact
from sequencer.replay.traders import wallet
from tests.chain.conftest import GENESIS_TIME

NAME = "LibraryHarness"
# No block would hold such a call; it is never mined.
GAS = 1 << 40


class LibraryHarness:
    """The deployed harness."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def call(self, function: str, *arguments: object) -> Any:
        """What a function answers; what it writes is forgotten."""
        return self._contract.get_function_by_name(function)(*arguments).call({"gas": GAS})


@contextmanager
def deployed_harness(build: Path) -> Iterator[LibraryHarness]:
    """Compile the harness into an empty folder, with the settings of the contracts, and deploy it."""
    source = f"contracts/test/utils/{NAME}.sol"
    folders = ("--out", str(build / "out"), "--cache-path", str(build / "cache"))
    subprocess.run(
        ["tools/forge", "build", source, *folders], cwd=PROJECT_ROOT, check=True, capture_output=True
    )
    output = json.loads((build / "out" / f"{NAME}.sol" / f"{NAME}.json").read_text())
    artifact = ContractArtifact(output["abi"], output["bytecode"]["object"])
    with local_chain(GENESIS_TIME) as chain:
        operator = wallet("operator")
        chain.fund(operator.address, 10**19)
        yield LibraryHarness(chain.contract(artifact, chain.deploy(operator, artifact)))
