"""An exchange on a local chain whose verifier believes everything: all but the proofs is real."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from eth_account.signers.local import LocalAccount
from msgspec.structs import replace

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.chain.anvil import LocalChain, local_chain
from sequencer.chain.artifacts import verifier
from sequencer.chain.client import BatchSubmission, ProofPoints, RollupClient, TokenClient
from sequencer.chain.deploy import RollupTerms, deploy
from sequencer.chain.timelock import Timelock
from sequencer.chain.watcher import Watcher
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.state import State
from sequencer.model.config import Configuration, FeeTier
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import configuration
from sequencer.replay.traders import wallet
from sequencer.state.genesis import genesis
from sequencer.state.ledger import Ledger
from tests.cli.change_files import written

PRICE = 700_000
GOVERNOR = wallet("governor")
Use = Callable[[LocalAccount], None]
FUNDS = 10_000_000_000
NO_PROOF: ProofPoints = ((0, 0), ((0, 0), (0, 0)), (0, 0))
CREDULOUS = """pragma solidity ^0.8.28;
contract Groth16Verifier {
    function verifyProof(uint256[2] calldata, uint256[2][2] calldata, uint256[2] calldata, uint[3] calldata)
        external
        pure
        returns (bool)
    {
        return true;
    }
}"""


@dataclass
class Venue:
    """The chain, the operator's ledger, and users with tokens of which the rollup may take none yet."""

    chain: LocalChain
    operator: LocalAccount
    token: TokenClient
    rollup: RollupClient
    oracle: OracleSigners
    ledger: Ledger
    state: State

    def user(self, name: str) -> LocalAccount:
        """A new wallet with gas and dollars."""
        owner = wallet(name)
        self.chain.fund(owner.address, 10**19)
        self.token.mint(owner, owner.address, FUNDS)
        return owner

    def serve(self) -> None:
        """Consume the whole queue, in as many batches as that takes, and make each final."""
        while self.state.requests_consumed < self.rollup.request_count:
            self.submit(self.batch())

    def batch(self) -> SealedBatch:
        """The next batch: as many requests as it takes."""
        time = max(self.chain.time, self.state.timestamp + 1)
        reports = self.oracle.round(self.ledger.domain, time, PRICE)
        opening = OpenEpoch(time, reports, configuration=Timelock(self.rollup).due(self.state))
        builder = BatchBuilder(self.ledger, self.state, batch_size("small"), opening)
        for request in Watcher(self.rollup).requests(self.state.requests_consumed):
            if builder.add_request(request) is None:
                break
        return builder.seal()

    def submit(self, batch: SealedBatch) -> None:
        """Make a batch final."""
        self.rollup.submit_batch(self.operator, BatchSubmission.of(batch, NO_PROOF))


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    with local_chain(1_584_008_000) as chain:
        operator, oracle = wallet("operator"), OracleSigners(1)
        for payer in (operator, GOVERNOR):
            chain.fund(payer.address, 10**19)
        terms, credulous = configuration(oracle.keys), verifier(CREDULOUS)
        rules = RollupTerms(
            wallet("receipt signer").address, batch_size("small").sure_requests, governor=GOVERNOR.address
        )
        contracts = deploy(chain, operator, credulous, credulous, terms, rules)
        rollup = RollupClient(chain, contracts.rollup)
        ledger = genesis(terms, rollup.domain)
        token = TokenClient(chain, contracts.token)
        yield Venue(chain, operator, token, rollup, oracle, ledger, ledger.state())


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Whose wallet is in the environment."""
    return lambda owner: monkeypatch.setenv("PROOFBOOK_WALLET_KEY", owner.key.hex())


@pytest.fixture
def timelock(venue: Venue, use: Use) -> Iterator[Timelock]:
    """Nothing is announced before a test nor after it; the wallet is the governor's."""
    timelock = Timelock(venue.rollup)
    use(GOVERNOR)
    yield timelock
    if timelock.pending_change:
        timelock.cancel_change(GOVERNOR)


@pytest.fixture
def wanted(venue: Venue) -> Configuration:
    """Cheaper for takers, stricter with oracles, positions and the fund, with margins that rise sooner."""
    tiers = (FeeTier(-50, 350), FeeTier(-50, 250), FeeTier(-100, 200), FeeTier(-100, 150))
    (market,), (schedule,) = venue.state.configuration.markets, venue.state.configuration.schedules
    market = replace(market, initial_ppm=200_000, band_ppm=150_000, max_position=5_000, interest_ppm=300)
    schedule = replace(schedule, open_interest_lower=1_000, open_interest_upper=3_000, addon_step_ppm=500)
    schedule = replace(schedule, tier_ppm=70_000, congestion_ppm=8_000, settle_seconds=90_000)
    keys = venue.state.configuration.oracle_keys
    return Configuration(tiers, keys, 45, (market,), (schedule,), insurance_floor=2_000_000)


@pytest.fixture
def file(tmp_path: Path, wanted: Configuration) -> str:
    """Says the wanted configuration."""
    (tmp_path / "change.toml").write_text(written(wanted))
    return str(tmp_path / "change.toml")
