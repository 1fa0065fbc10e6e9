"""What L1 restricts: the brake through its client, with the words that the engine reads."""

from functools import partial

import pytest

from sequencer.chain.brake import Brake
from sequencer.chain.errors import ContractRevertedError
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.request import Request
from sequencer.model.venue import NO_RESTRICTIONS, Venue
from tests.chain.conftest import Deployed, deployed_on
from tests.chain.refusals import refusal

HALF_AN_HOUR, HOUR, DAY, PATIENCE = 1_800, 3_600, 86_400, 3_600


@pytest.fixture
def brake(deployed: Deployed) -> Brake:
    """The brake of a rollup of the test's own, which nothing restricts."""
    return Brake(deployed_on(deployed.chain).rollup)


def queued(brake: Brake) -> Request:
    """The newest request."""
    return Request.from_words(*brake.rollup.read("requestWords", brake.rollup.request_count - 1))


def restriction(venue: Venue) -> Request:
    """The request that says what L1 restricts."""
    return Request(
        RequestKind.RESTRICT, c.INSURANCE_ACCOUNT, c.INSURANCE_OWNER, data=(venue.restrictions(), 0)
    )


def test_nothing_is_restricted_at_first(brake: Brake) -> None:
    assert brake.restrictions() == NO_RESTRICTIONS


def test_the_operator_restricts_markets_and_the_engine_reads_which(deployed: Deployed, brake: Brake) -> None:
    brake.restrict(deployed.operator, (3, 0, 3), HOUR)
    said = Venue(restricted_markets=0b1001, restricted_until=deployed.chain.time + HOUR)
    assert queued(brake) == restriction(said)
    assert brake.restrictions() == said
    assert NO_RESTRICTIONS.restricted_by(queued(brake).data[0]) == said


def test_anyone_reports_that_batches_are_late_and_the_restriction_stays(
    deployed: Deployed, brake: Brake
) -> None:
    brake.restrict(deployed.operator, (1,), DAY)
    until = deployed.chain.time + DAY
    deployed.chain.advance(int(brake.rollup.read("deployedAt")) + HALF_AN_HOUR + 1)
    brake.report_congestion(deployed.owner("pia"))
    reported = deployed.chain.time + PATIENCE + HOUR
    said = Venue(reported, restricted_markets=0b10, restricted_until=until)
    assert queued(brake) == restriction(said)
    assert brake.restrictions() == said


def test_an_exchange_on_time_is_not_reported(deployed: Deployed, brake: Brake) -> None:
    with pytest.raises(ContractRevertedError) as refused:
        brake.report_congestion(deployed.owner("pia"))
    assert refused.value.name == "NotCongested"
    assert refused.value.arguments["least"] == HALF_AN_HOUR
    assert brake.rollup.request_count == 0


def test_the_operator_alone_restricts_and_takes_nothing_back(deployed: Deployed, brake: Brake) -> None:
    assert refusal(lambda: brake.restrict(deployed.owner("qi"), (0,), HOUR)) == "NotOperator"
    assert refusal(lambda: brake.restrict(deployed.operator, (), HOUR)) == "RestrictionOutOfRange"
    assert refusal(lambda: brake.restrict(deployed.operator, (4,), HOUR)) == "RestrictionOutOfRange"
    assert refusal(lambda: brake.restrict(deployed.operator, (0,), DAY + 1)) == "RestrictionOutOfRange"
    brake.restrict(deployed.operator, (0, 1), HOUR)
    assert refusal(lambda: brake.restrict(deployed.operator, (0,), DAY)) == "RestrictionWeaker"
    assert refusal(lambda: brake.restrict(deployed.operator, (0, 1), HOUR // 2)) == "RestrictionWeaker"
    until = brake.restrictions().restricted_until
    deployed.chain.advance(until)
    with pytest.raises(ContractRevertedError) as refused:
        brake.restrict(deployed.operator, (0, 1), HOUR)
    assert refused.value.name == "RestrictionTooSoon"
    assert refused.value.arguments == {"earliest": until + DAY}


def test_a_request_of_the_wrong_fee_is_refused_by_the_rollup_s_own_error(
    deployed: Deployed, brake: Brake
) -> None:
    assert refusal(lambda: brake.send(deployed.operator, "restrict", 1, HOUR)) == "WrongRequestFee"
    assert brake.restrictions() == NO_RESTRICTIONS


def test_nobody_reaches_the_queue_past_the_brake(deployed: Deployed, brake: Brake) -> None:
    fee = brake.rollup.request_fee
    assert (
        refusal(partial(brake.rollup.send, deployed.operator, "queueRestriction", 1, wei=fee)) == "NotBrake"
    )
