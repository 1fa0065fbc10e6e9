"""Oracle rounds: marks are medians of three different signers' prices of one new, fresh round."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch.signals import Inputs
from sequencer.engine import epoch
from sequencer.engine.events import EpochOpened
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.oracle import OracleReport
from sequencer.model.words import to_field
from soundness.attacks.attack import (
    APPLYING,
    Cheat,
    CircuitAttack,
    Rule,
    Scenario,
    Tamper,
    around,
    at_seal,
    replaced,
)
from soundness.attacks.exchange import PLAIN, Exchange, signed_report_by
from tests.strategies import START, oracle_secret, signed_report

Reports = tuple[OracleReport, ...]

MEDIAN: Final = "the mark is the median of the three prices"
ROUND: Final = "three reports of one round, newer than the last, not newer than the batch, at most so old"
PRICES: Final = (1_000, 2_000, 0, 0)
MAX_AGE_SECONDS: Final = 60
ONE: Final = "the oracle time of all live markets is one, that of the last round"
EARLIER: Final = START - 60


class _Market(Exchange):
    """Two markets, whose prices the signers see differently."""

    def __init__(self) -> None:
        super().__init__(markets=(PLAIN, replace(PLAIN, mark=2_000)))

    def reports(self, timestamp: int) -> Reports:
        """Return a round in which each signer sees higher prices than the one before."""
        return tuple(_signed(i, timestamp, (1_000 + 20 * i * i, 2_000 + 30 * i * i, 0, 0)) for i in range(3))


ROUND_OF_THREE = Scenario(_Market, lambda exchange: exchange.buy(1, 1, 1_400))

_UNCHECKED: Final[tuple[Rule, ...]] = (
    (epoch, "_check_signers", lambda reports: None),
    (epoch, "_check_prices", lambda markets, report: None),
    (epoch, "_check_signature", lambda key, report, domain: None),
    (epoch, "_round_time", lambda markets, timestamp, reports, max_age: reports[0].time),
)


def _signed(signer: int, time: int, prices: tuple[int, ...] = PRICES, **named: Any) -> OracleReport:
    return signed_report(signer, time, prices, **named)


def _median(choose: Callable[[list[int]], int]) -> Cheat:
    return replaced((epoch, "_median", choose))


def _reporting(lie: Callable[[int], Reports]) -> Cheat:
    """Open the batch with other reports."""
    return replaced((_Market, "reports", lambda exchange, timestamp: lie(timestamp)), *_UNCHECKED)


def _third(lie: Callable[[int], OracleReport]) -> Cheat:
    """Replace the third report."""
    return _reporting(lambda time: (_signed(0, time), _signed(1, time), lie(time)))


def _all(prices: tuple[int, ...] = PRICES, age: int = 0, **named: Any) -> Cheat:
    return _reporting(lambda time: tuple(_signed(i, time - age, prices, **named) for i in range(3)))


def _swapped_marks(honest: Callable[..., EpochOpened], state: State, *others: Any) -> EpochOpened:
    event = honest(state, *others)
    first, second = state.market(0), state.market(1)
    state.put_market(0, replace(first, mark=second.mark))
    state.put_market(1, replace(second, mark=first.mark))
    return event


def _since_another_round(honest: Callable[[State, int], None], state: State, round_time: int) -> None:
    """Open the batch as if the last round had been a minute before."""
    for slot in range(2):
        state.put_market(slot, replace(state.market(slot), oracle_time=EARLIER))
    honest(state, round_time)


def _left_behind(state: State) -> None:
    """Leave the second market with the time of the last round."""
    state.put_market(1, replace(state.market(1), oracle_time=START))


def _reading_a_bid(inputs: Inputs) -> Inputs:
    """Read a bid more in each market, and a time so much earlier, which is the same word."""
    bids = inputs["marketBidOrders"]
    assert isinstance(bids, list)
    time = to_field(START - (1 << c.TIME_BITS))
    return {**inputs, "marketsOracleTime": time, "marketBidOrders": [1, 1, *bids[2:]]}


def _attack(
    name: str, claim: str, rule: str, cheat: Cheat, *where: str, tamper: Tamper = dict
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, ROUND_OF_THREE, where, cheat, tamper)


ATTACKS = (
    _attack("mark-above-the-median", "one signer cannot move the mark", MEDIAN, _median(max), "Batch"),
    _attack("mark-below-the-median", "one signer cannot move the mark", MEDIAN, _median(min), "Batch"),
    _attack("mark-at-the-mean", "the mark is the median", MEDIAN, _median(lambda p: sum(p) // 3), "Batch"),
    _attack(
        "mark-by-another-markets-price",
        "each market has its own price",
        MEDIAN,
        replaced(around(APPLYING, "open_epoch", _swapped_marks)),
        "Batch",
    ),
    _attack(
        "take-the-median-of-two-signers",
        "a mark takes three signers",
        "signers strictly increase",
        _third(lambda time: _signed(1, time)),
        "OracleRound",
    ),
    _attack(
        "let-one-signer-report-thrice",
        "a mark takes three signers",
        "signers strictly increase",
        _reporting(lambda time: (_signed(3, time),) * 3),
        "OracleRound",
    ),
    _attack(
        "report-with-a-key-of-ones-own",
        "only the signers of the configuration report",
        "three of five oracle keys signed",
        _third(lambda time: signed_report_by(oracle_secret(7), 2, time, PRICES)),
        "SignatureBatch",
    ),
    _attack(
        "misreport-a-price",
        "a report holds the prices that its signer signed",
        "three of five oracle keys signed",
        _third(lambda time: replace(_signed(2, time), prices=(900, 2_000, 0, 0))),
        "SignatureBatch",
    ),
    _attack(
        "use-reports-of-another-deployment",
        "a report is for one deployment",
        "the domain is under the signature",
        _all(domain=1),
        "SignatureBatch",
    ),
    _attack("use-a-stale-round", "marks are fresh", ROUND, _all(age=MAX_AGE_SECONDS + 1), "OracleRound"),
    _attack(
        "use-a-round-of-the-future", "a round is not newer than its batch", ROUND, _all(age=-1), "OracleRound"
    ),
    _attack("use-the-last-round-again", "each batch has a new round", ROUND, _all(age=1), "OracleRound"),
    _attack(
        "mix-two-rounds",
        "the three prices are of one moment",
        ROUND,
        _third(lambda time: replace(_signed(2, time - 1), time=time)),
        "SignatureBatch",
    ),
    _attack(
        "leave-a-price-out",
        "every live market has a price",
        "each price of a live market is at least 1",
        _all((1_000, 0, 0, 0)),
        "OracleRound",
    ),
    _attack(
        "price-a-slot-without-a-market",
        "a slot without a market has no mark",
        "prices of slots without a market are 0",
        _all((1_000, 2_000, 3, 0)),
        "OracleRound",
    ),
    _attack(
        "find-an-earlier-last-round",
        "a rate is for the time between two rounds",
        ONE,
        replaced(around(epoch, "_accrue", _since_another_round)),
        "Batch",
        tamper=lambda inputs: (
            inputs | {"marketsOracleTime": EARLIER, "sampleBefore": EARLIER // c.SAMPLE_SECONDS}
        ),
    ),
    _attack(
        "leave-a-market-behind-the-round",
        "every batch moves all markets",
        ONE,
        at_seal(_left_behind),
        "Batch",
    ),
    _attack(
        "read-a-last-round-as-a-bid",
        "the time of the last round has one reading",
        ONE,
        nullcontext,
        "OracleRound",
        tamper=_reading_a_bid,
    ),
)
