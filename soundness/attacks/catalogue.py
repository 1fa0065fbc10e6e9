"""Every attack, by topic."""

from typing import Final

from soundness.attacks import (
    accounts,
    censorship,
    configuration,
    congestion,
    exits,
    forced,
    fund_times,
    funding,
    halts,
    in_force,
    insurance_floor,
    liquidations,
    margin,
    money,
    open_interest,
    oracle,
    orders,
    pages,
    parameters,
    premium,
    priority,
    reduce_only,
    requests,
    restrictions,
    rows,
    schedules,
    sequencing,
    settled,
    signatures,
    stream,
    submissions,
    tiers,
    verdicts,
    volatility,
)
from soundness.attacks.attack import CircuitAttack, ExitAttack
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
    *volatility.ATTACKS,
    *open_interest.ATTACKS,
    *congestion.ATTACKS,
    *tiers.ATTACKS,
    *in_force.ATTACKS,
    *schedules.ATTACKS,
    *liquidations.ATTACKS,
    *funding.ATTACKS,
    *premium.ATTACKS,
    *money.ATTACKS,
    *oracle.ATTACKS,
    *halts.ATTACKS,
    *reduce_only.ATTACKS,
    *restrictions.ATTACKS,
    *insurance_floor.ATTACKS,
    *settled.ATTACKS,
    *fund_times.ATTACKS,
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

EXIT_ATTACKS: Final[tuple[ExitAttack, ...]] = exits.ATTACKS
"""Exits that the exit's circuit must refuse."""

ATTACKS: Final[tuple[CircuitAttack | ExitAttack | ContractAttack, ...]] = (
    *CIRCUIT_ATTACKS,
    *EXIT_ATTACKS,
    *CONTRACT_ATTACKS,
)
