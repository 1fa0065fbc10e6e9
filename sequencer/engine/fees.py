"""Trading fees."""

from sequencer.model.constants import PPM_UNIT


def fee_ceil(notional: int, rate_ppm: int) -> int:
    """Return the fee of a fill in quote units, rounded up: the party, not the venue, loses the fraction.

    A negative rate is a rebate, which is rounded up as well, towards zero.
    """
    return -(-notional * rate_ppm // PPM_UNIT)
