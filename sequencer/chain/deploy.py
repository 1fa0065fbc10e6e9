"""Putting the contracts on a chain."""

from dataclasses import dataclass
from typing import Final

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from web3.constants import ADDRESS_ZERO

from sequencer.chain.artifacts import ContractArtifact, contract
from sequencer.chain.connection import Connection
from sequencer.model import constants as c
from sequencer.model.config import Configuration
from sequencer.state.genesis import genesis

DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class RollupTerms:
    """What a rollup asks of its users and of its operator, in wei and seconds; nothing of it ever changes.

    Attributes
    ----------
    receipt_signer : str
        Address whose signature makes a receipt.
    requests_per_batch : int
        Requests that surely fit one batch of the circuit.
    challenge_bond : int
        More than the gas of an answer costs.
    governor : str
        Address that may announce changes; with the zero address, nothing ever changes.
    """

    receipt_signer: str
    requests_per_batch: int
    governor: str = ADDRESS_ZERO
    request_fee: int = 10**14
    challenge_bond: int = 5 * 10**16
    request_deadline: int = 3 * DAY_SECONDS
    service_time: int = 60
    patience: int = 3_600
    silence: int = 7 * DAY_SECONDS
    exit_window: int = 14 * DAY_SECONDS
    late_window: int = 365 * DAY_SECONDS
    answer_period: int = 2 * DAY_SECONDS
    change_delay: int = 7 * DAY_SECONDS

    def periods(self) -> tuple[int, ...]:
        """Return the spans of time in the contract's order."""
        return (
            self.request_deadline,
            self.service_time,
            self.patience,
            self.silence,
            self.exit_window,
            self.late_window,
            self.answer_period,
            self.change_delay,
        )


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
    exit_verifier: ContractArtifact,
    configuration: Configuration,
    terms: RollupTerms,
) -> Contracts:
    """Deploy a demo token, the verifiers, the hash of logs, and the rollup over them; the operator pays.

    Raises
    ------
    ContractRevertedError
        If the rollup refuses its parameters.
    ValueError
        If the configuration breaks a rule.
    """
    # No root depends on the domain, which is known only once the rollup has its address.
    start = genesis(configuration, 0)
    roots = start.roots()
    token_address = connection.deploy(operator, contract("DemoDollar"))
    verifier_address = connection.deploy(operator, verifier)
    deployment = (
        token_address,
        verifier_address,
        connection.deploy(operator, exit_verifier),
        connection.deploy(operator, contract("Poseidon")),
        operator.address,
        terms.governor,
        terms.receipt_signer,
        c.VAULT_CAP,
        terms.request_fee,
        terms.challenge_bond,
        terms.requests_per_batch,
        terms.periods(),
        configuration.hash(),
        roots.state,
        roots.exit,
        [market.words() for market in start.markets],
    )
    rollup_address = connection.deploy(operator, contract("Rollup"), deployment)
    return Contracts(token_address, verifier_address, rollup_address)
