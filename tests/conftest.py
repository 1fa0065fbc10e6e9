"""What all tests share: how Hypothesis searches, and a place for contracts that are wrong."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Examples are never timed: on a busy machine a slow example says nothing about the exchange.
settings.register_profile(
    "dev", deadline=None, derandomize=False, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("dev"), database=None)
settings.register_profile("thorough", settings.get_profile("dev"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))

ROOT = Path(__file__).resolve().parents[1]


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
