"""Before the first batch: the genesis that L1 published is the whole state."""

import pytest

from sequencer.chain.errors import RebuildError
from sequencer.chain.rebuild import rebuild
from sequencer.chain.watcher import GenesisLog, Watcher
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import PERPETUAL, configuration
from sequencer.state.genesis import genesis
from tests.chain.conftest import Deployed


def test_the_genesis_on_l1_is_the_ledger_s(deployed: Deployed) -> None:
    ledger = genesis(configuration(OracleSigners(1).keys), deployed.rollup.domain, [PERPETUAL])
    published = deployed.watcher.genesis()
    assert published.state_root == deployed.rollup.state_root == ledger.roots().state
    assert published.domain == deployed.rollup.domain
    assert published.configuration_hash == ledger.configuration.hash()
    assert rebuild(deployed.watcher).exit_root() == ledger.roots().exit


def test_published_data_that_gives_another_root_is_refused(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = deployed.watcher.genesis()
    tampered = ((honest.markets[0][0] + 1, *honest.markets[0][1:]), *honest.markets[1:])

    def lie(_: Watcher) -> GenesisLog:
        return GenesisLog(
            honest.domain, honest.configuration_hash, honest.state_root, honest.exit_root, tampered
        )

    monkeypatch.setattr(Watcher, "genesis", lie)
    with pytest.raises(RebuildError, match="the genesis rebuilds the exit root"):
        rebuild(deployed.watcher)
