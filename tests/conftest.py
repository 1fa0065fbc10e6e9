"""What all tests share: how Hypothesis searches, how often processes are killed, contracts that are wrong."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.chaos.nursery import Nursery, nursery

# Examples are never timed: on a busy machine a slow example says nothing about the exchange.
settings.register_profile(
    "dev", deadline=None, derandomize=False, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("dev"), database=None)
settings.register_profile("thorough", settings.get_profile("dev"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kills", type=int, default=12, help="how often a test kills a process at a random moment"
    )


@pytest.fixture(scope="session")
def kills(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--kills"))


@pytest.fixture(scope="session", name="nursery")
def shared_nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Where processes come from that are killed."""
    with nursery(tmp_path_factory.mktemp("nursery")) as opened:
        yield opened


@pytest.fixture
def foundry_project(tmp_path: Path) -> Path:
    """An empty project under the repository's own settings of Foundry and halmos."""
    settings = (ROOT / "foundry.toml").read_text()
    assert "./tools/solc" in settings
    (tmp_path / "foundry.toml").write_text(settings.replace("./tools/solc", str(ROOT / "tools/solc")))
    (tmp_path / "halmos.toml").write_text((ROOT / "halmos.toml").read_text())
    for folder in ("src", "test/symbolic"):
        (tmp_path / "contracts" / folder).mkdir(parents=True)
    return tmp_path
