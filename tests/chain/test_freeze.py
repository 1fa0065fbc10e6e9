"""Freezing through the clients, on a chain of its own: no operator, no proofs."""

from collections.abc import Iterator

import pytest

from sequencer.chain.hatch import ExitHatch
from sequencer.chain.watcher import FreezeLog, FreezeReason
from sequencer.crypto import public_key
from sequencer.state.exit import ExitClaim
from tests.chain.conftest import Deployed, deployment
from tests.chain.refusals import refusal

DAY_SECONDS = 86_400
NO_PROOF = ((0, 0), ((0, 0), (0, 0)), (0, 0))


@pytest.fixture
def deployed() -> Iterator[Deployed]:
    with deployment() as fresh:
        yield fresh


def test_a_request_that_nobody_serves_freezes_the_exchange_and_comes_back(deployed: Deployed) -> None:
    hatch, rollup, token = ExitHatch(deployed.rollup), deployed.rollup, deployed.token
    ann, ben = deployed.owner("ann", 1_000), deployed.owner("ben")
    rollup.deposit(ann, 400)
    rollup.register_key(ben, public_key(5))
    assert refusal(lambda: hatch.freeze(ben)) == "OperatorOnTime"
    assert deployed.watcher.freeze() is None
    assert rollup.frozen_at == hatch.pot == 0

    deployed.chain.advance(deployed.chain.time + 3 * DAY_SECONDS)
    hatch.freeze(ben)

    assert deployed.watcher.freeze() == FreezeLog(FreezeReason.REQUEST_OVERDUE, rollup.exit_root, 0, 0)
    assert refusal(lambda: rollup.deposit(ann, 400)) == "IsFrozen"
    hatch.refund(ben, 0)
    hatch.refund(ben, 1)
    assert token.balance(ann.address) == 1_000
    assert rollup.vault_balance == 0
    assert [hatch.wei_owed(owner.address) for owner in (ann, ben)] == [rollup.request_fee] * 2
    before = deployed.chain.web3.eth.get_balance(ann.address)
    hatch.collect_wei(ben, ann.address)
    assert deployed.chain.web3.eth.get_balance(ann.address) == before + rollup.request_fee
    assert refusal(lambda: hatch.refund(ben, 0)) == "NotRefundable"


def test_silence_freezes_the_exchange(deployed: Deployed) -> None:
    hatch, eve = ExitHatch(deployed.rollup), deployed.owner("eve")
    claim = ExitClaim(deployed.rollup.exit_root, 0, int(eve.address, 16), 100)
    assert refusal(lambda: hatch.exit(eve, claim, NO_PROOF)) == "NotFrozen"
    deployed.chain.advance(deployed.chain.time + 7 * DAY_SECONDS + 1)
    hatch.freeze(eve)
    frozen = deployed.watcher.freeze()
    assert frozen is not None
    assert frozen.reason is FreezeReason.OPERATOR_SILENT
    assert refusal(lambda: hatch.exit(eve, claim, NO_PROOF)) == "InsuranceFundStays"
    assert refusal(lambda: hatch.pay_exit(eve, 1)) == "TooEarly"
    assert refusal(lambda: hatch.pay_fee_pool(eve)) == "TooEarly"
    deployed.chain.advance(hatch.window_end + 1)
    assert refusal(lambda: hatch.pay_exit(eve, 1)) == "NoExitToPay"
    assert hatch.claims == 0


def test_fees_are_the_operator_s_once_requests_are_consumed(deployed: Deployed) -> None:
    ann = deployed.owner("ann", 1_000)
    deployed.rollup.deposit(ann, 400)
    assert refusal(lambda: deployed.rollup.collect_fees(ann)) == "NoFeesEarned"
