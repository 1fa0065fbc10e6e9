"""The file of a venue: every key is documented, and what cannot be is refused by name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from prover.artifacts import PROJECT_ROOT
from sequencer.cli.venue_config import VenueConfig, VenueConfigError, read_venue
from sequencer.service.settings import ServiceSettings
from tests.cli.venue_files import venue_text, write_venue
from tests.node.venue import ROLLUP

TEXT = venue_text(ROLLUP.lower(), 31337, "http://127.0.0.1:8545")
LISTEN = 'listen = "127.0.0.1:8080"\n'


def test_what_a_file_says_is_what_node_and_settler_are_told(tmp_path: Path) -> None:
    config = read_venue(write_venue(tmp_path, TEXT))
    assert (config.venue.rollup, config.venue.chain_id) == (ROLLUP, 31337)
    assert config.directories.data == tmp_path / "data"
    assert config.service_settings == ServiceSettings()


def test_proxies_are_told_by_their_addresses(tmp_path: Path) -> None:
    proxies = 'trusted_proxies = ["10.0.0.7", "2001:DB8:0:0::1"]\n'
    config = read_venue(write_venue(tmp_path, TEXT.replace(LISTEN, LISTEN + proxies)))
    assert config.service_settings.trusted_proxies == ("10.0.0.7", "2001:db8::1")


@pytest.mark.parametrize(
    ("said", "wrong", "key"),
    [
        (LISTEN, LISTEN + 'trusted_proxies = "10.0.0.7"\n', "api.trusted_proxies"),
        (LISTEN, LISTEN + 'trusted_proxies = ["proxy.local"]\n', "api.trusted_proxies.0"),
        (LISTEN, LISTEN + 'trusted_proxies = ["10.0.0.0/8"]\n', "api.trusted_proxies.0"),
        (LISTEN, LISTEN + "trusted_proxies = [10]\n", "api.trusted_proxies.0"),
        (LISTEN, LISTEN + f"trusted_proxies = {['10.0.0.7'] * 101}\n", "api.trusted_proxies"),
        ("chain_id = 31337\n", "", "venue.chain_id"),
        ("chain_id = 31337\n", 'chain_id = "31337"\n', "venue.chain_id"),
        ("chain_id = 31337\n", "chain_id = 0\n", "venue.chain_id"),
        ("chain_id = 31337\n", "chain_id = 9223372036854775808\n", "venue.chain_id"),
        (ROLLUP.lower(), "0x1234", "venue.rollup"),
        ("[metrics]", "unknown = 1\n[metrics]", "api.unknown"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_the_name_of_its_key(
    tmp_path: Path, said: str, wrong: str, key: str
) -> None:
    assert TEXT.count(said) == 1
    with pytest.raises(VenueConfigError, match=re.escape(f"venue.toml: {key}: ")):
        read_venue(write_venue(tmp_path, TEXT.replace(said, wrong)))


def test_every_key_is_in_the_guide_and_the_guide_has_no_other() -> None:
    guide = (PROJECT_ROOT / "docs" / "operations" / "SERVING.md").read_text()
    rows = [line.split("|")[1] for line in guide.splitlines() if line.startswith(("| `", "| `[["))]
    told = {key for row in rows for key in _keys_of(row)}
    assert told >= set(_keys(VenueConfig))
    tables = tuple(f"{name}." for name in VenueConfig.model_fields)
    assert {key for key in told if key.startswith(tables)} == set(_keys(VenueConfig))


def _keys_of(row: str) -> list[str]:
    """The keys that a row of the guide is about; of a list of tables, each key after the list's name."""
    first, *others = re.findall(r"`([^`]+)`", row)
    if first.startswith("[["):
        return [f"{first.strip('[]')}.{name}" for name in others]
    return [first, *others]


def _keys(table: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in table.model_fields.items():
        kinds = (field.annotation, *getattr(field.annotation, "__args__", ()))
        inner = next((each for each in kinds if isinstance(each, type) and issubclass(each, BaseModel)), None)
        yield from [prefix + name] if inner is None else _keys(inner, f"{prefix}{name}.")
