"""What an operator watches, for Prometheus: on an address of its own, never on that of the traders."""

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sequencer.engine.margin import health
from sequencer.history.types import BatchProgress, Projection
from sequencer.model import constants as c
from sequencer.node.node import Node
from sequencer.store.life import BatchState

_LATENCY_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_BATCH_SECONDS: Final = (1, 5, 10, 20, 60, 120, 300, 600, 1_800, 3_600)
_MILLISECONDS: Final = 1_000
_AWAITED: Final = {BatchState.PROVEN: "proven", BatchState.FINAL: "final"}


class Metrics:
    """Counts what a node publishes, and reads how it is when it is asked."""

    def __init__(self, node: Node) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_NodeState(node))
        self._messages = Counter(
            "proofbook_messages", "Messages sequenced, by verdict.", ("verdict",), registry=self.registry
        )
        self._latency = Histogram(
            "proofbook_acknowledgement_seconds",
            "From a message's receipt to its durable acknowledgement.",
            buckets=_LATENCY_SECONDS,
            registry=self.registry,
        )
        self._trades = Counter("proofbook_trades", "Trades, by market.", ("market",), registry=self.registry)
        self._batches = Histogram(
            "proofbook_batch_seconds",
            "From a batch's closing until it is proven, and until it is final.",
            ("state",),
            buckets=_BATCH_SECONDS,
            registry=self.registry,
        )
        self._closed_ms: dict[int, int] = {}
        self._names = {listing.slot: listing.symbol for listing in node.info.listings}
        node.observe(self._latency.observe)
        node.listen(self._count)

    def serve(self, host: str, port: int) -> None:
        """Answer scrapes in a thread until the process ends."""
        start_http_server(port, host, self.registry)

    def _count(self, projection: Projection) -> None:
        if projection.answer is not None:
            self._messages.labels(projection.answer.verdict).inc()
        for trade in projection.trades:
            self._trades.labels(self._names[trade.market]).inc()
        for progress in projection.progress:
            self._time(progress)

    def _time(self, progress: BatchProgress) -> None:
        if progress.state is BatchState.SEQUENCED:
            self._closed_ms[progress.number] = progress.updated_ms
        closed_ms = self._closed_ms.get(progress.number)
        if progress.state in _AWAITED and closed_ms is not None:
            seconds = (progress.updated_ms - closed_ms) / _MILLISECONDS
            self._batches.labels(_AWAITED[progress.state]).observe(seconds)
        if progress.state is BatchState.FINAL:
            self._closed_ms.pop(progress.number, None)


class _NodeState(Collector):
    """Gauges that are read when somebody asks."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def collect(self) -> Iterable[Metric]:
        """Yield the node's figures."""
        status, state = self._node.status(), self._node.state()
        fund = health(state.account(c.INSURANCE_ACCOUNT), state.markets)
        yield _gauge("ready", "1 if messages are taken.", int(status.is_ready))
        yield _gauge("entry", "The last durable journal entry.", status.entry)
        yield _gauge("waiting_messages", "Messages that wait to be sequenced.", status.waiting)
        yield _gauge("closed_batch", "The last closed batch.", status.closed_batch)
        yield _gauge("unproven_batches", "Closed and not proven.", status.closed_batch - status.proven_batch)
        yield _gauge(
            "unfinal_batches",
            "Closed and not final: how far L1 lags.",
            status.closed_batch - status.final_batch,
        )
        yield _gauge("insurance_fund_units", "Equity of the insurance fund, quote units.", fund.equity)
        yield _gauge("fee_pool_units", "Fees collected, quote units.", state.fee_pool)
        marks = _family("mark_ticks", "Mark, by market.")
        interest = _family("open_interest_lots", "Open interest, by market.")
        ages = _family("oracle_time_seconds", "Time of the last round, by market.")
        for listing in self._node.info.listings:
            market = state.market(listing.slot)
            marks.add_metric((listing.symbol,), market.mark)
            interest.add_metric((listing.symbol,), market.open_interest)
            ages.add_metric((listing.symbol,), market.oracle_time)
        yield from (marks, interest, ages)


def _gauge(name: str, text: str, value: int) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"proofbook_{name}", text, value)


def _family(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"proofbook_{name}", text, labels=("market",))
