"""The genesis of an exchange can be had again as long as there are its configuration and L1."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from sequencer.cli.main import main
from sequencer.model.config import Configuration
from sequencer.snapshot.files import newest_snapshot
from sequencer.snapshot.snapshot import Snapshot
from sequencer.state.genesis import genesis
from tests.cli.change_files import written
from tests.cli.conftest import Venue
from tests.cli.venue_files import venue_text, write_venue

Init = Callable[[Configuration], tuple[int, str]]


@pytest.fixture
def init(venue: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Init:
    """`proofbook serve init` with a configuration; its exit code and what it says."""
    write_venue(tmp_path, venue_text(venue.rollup.address, venue.chain.chain_id, venue.chain.url))

    def initialized(configuration: Configuration) -> tuple[int, str]:
        (tmp_path / "genesis.toml").write_text(written(configuration))
        with pytest.raises(SystemExit) as end:
            main(f"serve init --config {tmp_path}/venue.toml --configuration {tmp_path}/genesis.toml".split())
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out + said.err

    return initialized


def test_a_node_of_another_chain_than_the_venues_is_refused(venue: Venue, init: Init, tmp_path: Path) -> None:
    write_venue(tmp_path, venue_text(venue.rollup.address, venue.chain.chain_id + 1, venue.chain.url))
    code, said = init(venue.state.configuration)
    assert code
    assert f"is of chain {venue.chain.chain_id}" in said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("has_begun", [False, True])
def test_another_configuration_than_the_first_is_refused(
    venue: Venue, init: Init, tmp_path: Path, has_begun: bool
) -> None:
    if has_begun:
        venue.submit(venue.batch())
    other = replace(venue.state.configuration, oracle_max_age_seconds=46)
    code, said = init(other)
    assert code
    assert "did not begin with this configuration" in said
    assert not (tmp_path / "data").exists()


def test_the_genesis_is_written_before_the_first_batch_and_again_after_it(
    venue: Venue, init: Init, tmp_path: Path
) -> None:
    terms = venue.state.configuration
    expected = Snapshot.of(genesis(terms, venue.rollup.domain))
    snapshots = tmp_path / "data" / "snapshots"
    for _ in range(2):
        code, said = init(terms)
        assert code == 0, said
        assert newest_snapshot(snapshots) == expected
        (written_file,) = snapshots.iterdir()
        written_file.unlink()
        venue.submit(venue.batch())
    assert venue.rollup.batch_count >= 2
