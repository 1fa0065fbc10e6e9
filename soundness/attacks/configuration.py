"""The configuration: fees and oracle keys are those whose hash the contract knows; it alone changes them."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from sequencer.crypto import public_key
from sequencer.engine.events import RequestProcessed
from sequencer.engine.state import State
from sequencer.model.account import Account
from sequencer.model.codes import RequestStatus
from sequencer.model.config import Configuration, FeeTier
from sequencer.model.constants import INSURANCE_ACCOUNT, INSURANCE_OWNER, TIERS
from sequencer.model.oracle import OracleReport
from sequencer.model.request import Outcome, Request
from soundness.attacks.attack import APPLYING, STATE, CircuitAttack, Rule, Scenario, around, replaced
from soundness.attacks.exchange import FEES, SELL, Exchange, resting, signed_report_by
from tests.strategies import change

TAKER, MAKER = 2, 3
HASH: Final = "the configuration word is the hash of the fees, age, keys and parameters that were used"


def _book() -> Exchange:
    return Exchange(orders=[resting(1, MAKER, SELL, 1_001, 900)], tiers=FEES)


TRADE = Scenario(_book, lambda exchange: exchange.buy(TAKER, 700, 1_001))


def using(lie: Callable[[Configuration], Configuration]) -> tuple[Rule, ...]:
    """Use another configuration, and publish the hash of the true one."""

    def opened(honest: Callable[[Exchange], None], exchange: Exchange) -> None:
        false = lie(exchange.state.configuration)
        exchange.state.configure(false)
        exchange.state.require_configuration(false.hash())
        honest(exchange)

    return (around(Exchange, "open", opened),)


def _secret(signer: int) -> int:
    return 1_000 + signer


def _own_round(exchange: Exchange, timestamp: int) -> tuple[OracleReport, ...]:
    """Return a round of the operator's own oracles."""
    return tuple(signed_report_by(_secret(i), i, timestamp, (900, 0, 0, 0)) for i in range(3))


def _own_oracles(configuration: Configuration) -> Configuration:
    keys = tuple(public_key(_secret(signer)) for signer in range(len(configuration.oracle_keys)))
    return replace(configuration, oracle_keys=keys)


def _funded() -> Exchange:
    return Exchange({INSURANCE_ACCOUNT: Account(owner=INSURANCE_OWNER, collateral=1_000_000)})


def _change(exchange: Exchange) -> None:
    exchange.builder.add_request(change(exchange.state.configuration_hash))


def _raided(honest: Callable[..., RequestProcessed], state: State, request: Request) -> RequestProcessed:
    """Take the insurance fund's collateral with a change, whose request is the fund's."""
    event, fund = honest(state, request), state.account(request.account)
    state.put_account(request.account, replace(fund, collateral=0))
    return replace(event, outcome=Outcome(RequestStatus.DONE, fund.collateral))


ATTACKS = (
    CircuitAttack(
        "raid-the-insurance-fund-by-a-change",
        "a change moves no money",
        "each queue entry is applied, in order, to its account",
        Scenario(_funded, _change),
        STATE,
        replaced(around(APPLYING, "process_request", _raided)),
    ),
    CircuitAttack(
        "charge-by-another-fee-schedule",
        "fees are those that the contract holds",
        HASH,
        TRADE,
        ("Batch",),
        replaced(*using(lambda terms: replace(terms, tiers=(FeeTier(0, 1_000),) * TIERS))),
    ),
    CircuitAttack(
        "ask-oracles-of-ones-own",
        "the oracle set is that which the contract holds",
        HASH,
        TRADE,
        ("Batch",),
        replaced(*using(_own_oracles), (Exchange, "reports", _own_round)),
    ),
    CircuitAttack(
        "allow-rounds-of-any-age",
        "the largest age is that which the contract holds",
        HASH,
        TRADE,
        ("Batch",),
        replaced(*using(lambda terms: replace(terms, oracle_max_age_seconds=1_000_000))),
    ),
)
