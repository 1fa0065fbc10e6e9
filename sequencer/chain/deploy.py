"""Putting the contracts on a chain."""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress

from sequencer.chain.artifacts import ContractArtifact, contract
from sequencer.chain.connection import Connection
from sequencer.model import constants as c
from sequencer.model.config import Configuration
from sequencer.model.market import MarketParameters
from sequencer.state.genesis import genesis


@dataclass(frozen=True, slots=True)
class Contracts:
    """Addresses of one deployment."""

    token: ChecksumAddress
    verifier: ChecksumAddress
    rollup: ChecksumAddress


def deploy(
    connection: Connection,
    operator: LocalAccount,
    verifier: ContractArtifact,
    configuration: Configuration,
    markets: Sequence[MarketParameters],
) -> Contracts:
    """Deploy a demo token, the verifier, and the rollup over both; the operator pays.

    Raises
    ------
    ContractRevertedError
        If the rollup refuses its parameters.
    ValueError
        If the configuration or a market breaks a bound.
    """
    # No root depends on the domain, which is known only once the rollup has its address.
    start = genesis(configuration, 0, markets)
    roots = start.roots()
    token_address = connection.deploy(operator, contract("DemoDollar"))
    verifier_address = connection.deploy(operator, verifier)
    deployment = (
        token_address,
        verifier_address,
        operator.address,
        c.VAULT_CAP,
        configuration.hash(),
        roots.state,
        roots.exit,
        [market.words() for market in start.markets],
    )
    rollup_address = connection.deploy(operator, contract("Rollup"), deployment)
    return Contracts(token_address, verifier_address, rollup_address)
