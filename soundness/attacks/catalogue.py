"""Every attack, by topic."""

from typing import Final

from soundness.attacks import (
    accounts,
    censorship,
    configuration,
    forced,
    halts,
    liquidations,
    margin,
    money,
    oracle,
    orders,
    pages,
    parameters,
    priority,
    requests,
    rows,
    sequencing,
    signatures,
    stream,
    submissions,
    verdicts,
)
from soundness.attacks.attack import CircuitAttack
from soundness.attacks.chain import ContractAttack

CIRCUIT_ATTACKS: Final[tuple[CircuitAttack, ...]] = (
    *priority.ATTACKS,
    *orders.ATTACKS,
    *pages.ATTACKS,
    *rows.ATTACKS,
    *signatures.ATTACKS,
    *sequencing.ATTACKS,
    *verdicts.ATTACKS,
    *censorship.ATTACKS,
    *margin.ATTACKS,
    *liquidations.ATTACKS,
    *money.ATTACKS,
    *oracle.ATTACKS,
    *halts.ATTACKS,
    *configuration.ATTACKS,
    *parameters.ATTACKS,
    *requests.ATTACKS,
    *forced.ATTACKS,
    *accounts.ATTACKS,
    *stream.ATTACKS,
)
"""Batches that the circuit must refuse."""

CONTRACT_ATTACKS: Final[tuple[ContractAttack, ...]] = submissions.ATTACKS
"""Submissions that the contract must refuse: what the circuit cannot know."""

ATTACKS: Final[tuple[CircuitAttack | ContractAttack, ...]] = (*CIRCUIT_ATTACKS, *CONTRACT_ATTACKS)
