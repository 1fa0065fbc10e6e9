"""What an operator's dashboard shows is what the node counts."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from sequencer.model.codes import Side
from sequencer.service.metrics import Metrics
from tests.conftest import ROOT
from tests.node.venue import Trader, create, running

pytestmark = pytest.mark.anyio


async def test_messages_and_trades_are_counted_as_they_are_published(tmp_path: Path) -> None:
    ada, bob = Trader(1), Trader(2)
    async with running(create(tmp_path)) as node:
        metrics = Metrics(node)
        await node.submit([ada.order(Side.SELL, 500), bob.order(Side.BUY, 200), bob.order(Side.BUY, 100)])
        shown = generate_latest(metrics.registry).decode()
    assert 'proofbook_messages_total{verdict="accepted"} 3.0' in shown
    assert 'proofbook_trades_total{market="BTC-USD"} 2.0' in shown
    assert "proofbook_acknowledgement_seconds_count 1.0" in shown
    assert 'proofbook_open_interest_lots{market="BTC-USD"} 300.0' in shown


async def test_the_dashboard_asks_for_nothing_that_the_node_does_not_have(tmp_path: Path) -> None:
    dashboard = json.loads((ROOT / "docs/operations/grafana.json").read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"proofbook_[a-z_]+", target["expr"])
    }
    async with running(create(tmp_path)) as node:
        shown = generate_latest(Metrics(node).registry).decode()
    kinds = re.findall(r"^# TYPE (proofbook_\w+)", shown, re.MULTILINE)
    assert asked
    for name in asked:
        assert any(name in (kind, f"{kind}_bucket") for kind in kinds), name
