"""Which reports of a round the batch takes."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, combinations

from sequencer.model import constants as c
from sequencer.model.oracle import OracleReport


def nearest_quorum(reports: Sequence[OracleReport], live_markets: int) -> tuple[OracleReport, ...]:
    """Return the quorum whose medians lie closest to the medians of all reports, by increasing signer.

    Closest in the market where it is worst, in proportion to the price. Of equals the one whose own reports
    lie closest, so that a signer who is far off is left out; then the one of the lower signers: the same
    reports give the same quorum.

    Whatever one signer of four or five says, the medians lie within the prices of the others. Two of five
    are held to that where there is one market; where there are more they can move the choice, but to no
    medians further from those of all five than the honest three's own.

    Parameters
    ----------
    reports
        At least a quorum, of different signers, of one time; a price in each live market.
    """
    ordered = sorted(reports, key=lambda report: report.signer)
    centres = [_median([report.prices[slot] for report in ordered]) for slot in range(live_markets)]

    def distances(chosen: tuple[OracleReport, ...]) -> tuple[Fraction, Fraction, list[int]]:
        marks = [_median([report.prices[slot] for report in chosen]) for slot in range(live_markets)]
        own = [_distances(report.prices, centres) for report in chosen]
        signers = [report.signer for report in chosen]
        return max(_distances(marks, centres)), sum(chain.from_iterable(own), Fraction()), signers

    return min(combinations(ordered, c.ORACLE_QUORUM), key=distances)


def _distances(prices: Sequence[int | Fraction], centres: Sequence[Fraction]) -> list[Fraction]:
    """Return how far prices lie from the centres, in proportion to these."""
    return [abs(price - centre) / centre for price, centre in zip(prices, centres, strict=False)]


def _median(prices: Sequence[int]) -> Fraction:
    """Return the middle price, or halfway between the two."""
    ordered = sorted(prices)
    return Fraction(ordered[len(ordered) // 2] + ordered[(len(ordered) - 1) // 2], 2)
