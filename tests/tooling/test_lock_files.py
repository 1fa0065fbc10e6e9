"""A fresh machine must be able to install from the lock files alone."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PUBLIC_HOSTS = {
    "package-lock.json": {"registry.npmjs.org"},
    "uv.lock": {"files.pythonhosted.org", "pypi.org"},
    "native/Cargo.lock": {"github.com"},
}
RESOLVED = {
    "package-lock.json": r'"resolved": "https?://([^/"]+)',
    "uv.lock": r'(?:url|registry) = "https?://([^/"]+)',
    "native/Cargo.lock": r'source = "registry\+https?://([^/"]+)',
}


@pytest.mark.parametrize("lock_file", PUBLIC_HOSTS)
def test_a_lock_file_names_public_registries_only(lock_file: str) -> None:
    hosts = set(re.findall(RESOLVED[lock_file], (ROOT / lock_file).read_text()))
    assert hosts == PUBLIC_HOSTS[lock_file]


def test_node_packages_are_pinned_to_one_version() -> None:
    dependencies = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert [
        name for name, version in dependencies.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)
    ] == []
