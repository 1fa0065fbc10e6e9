"""When the node cannot take a message, its sender is told to come again, and then gets one answer."""

from pathlib import Path

from msgspec.structs import replace

from sequencer.model.codes import Side
from sequencer.node.policy import NodePolicy
from sequencer.service.settings import Rate, ServiceSettings
from tests.node.venue import PRICE, Trader
from tests.service.exchange import ROOMY, SETTINGS, serving

ONE_MESSAGE = replace(ROOMY, messages=1)


def test_a_message_whose_answer_is_late_is_sequenced_once(tmp_path: Path) -> None:
    impatient = ServiceSettings(drain_seconds=2, answer_seconds=0.3, account_messages=Rate(0.001, 5))
    ada = Trader(1)
    with serving(tmp_path, impatient, size=ONE_MESSAGE) as exchange:
        exchange.send(ada.order(Side.SELL, 10))
        order = ada.order(Side.SELL, 20, PRICE + 1)
        # The batch is full, and until the clock moves there is no other.
        late = exchange.post(order)
        assert (late.status_code, late.json()["error"]["code"]) == (504, "answer_timeout")
        exchange.time.pass_seconds(2)
        token = exchange.token(1)
        while len(exchange.get("account/orders", token)["items"]) == 1:
            exchange.time.pass_seconds(1)
        again = exchange.post(order)
        answer = again.json()
        assert (answer["sequence"], answer["verdict"], answer["repeated"]) == (2, "accepted", True)
        # It was charged when it was sequenced, though nobody waited for the answer any more.
        assert again.headers["ratelimit-remaining"] == "3"
        assert [each["sequence"] for each in exchange.get("account/orders", token)["items"]] == [2, 1]


def test_when_too_many_batches_wait_for_their_proofs_no_message_is_taken(tmp_path: Path) -> None:
    with serving(tmp_path, SETTINGS, policy=NodePolicy(batch_seconds=1, unproven_max=0)) as exchange:
        ada = Trader(1)
        exchange.send(ada.order(Side.SELL, 10))
        exchange.time.pass_seconds(3)
        while exchange.get("status")["closed_batch"] == 0:
            exchange.time.pass_seconds(1)
        refused = exchange.post(ada.order(Side.SELL, 10))
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "settlement_behind")
        assert refused.headers["retry-after"] == "1"
        status = exchange.get("status")
        assert not status["ready"]
        assert "settlement_behind" in status["causes"]
