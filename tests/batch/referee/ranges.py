"""The range of every input: what the circuit's range checks must establish before anything is compared."""

from typing import Any

from sequencer.model.constants import FIELD_MODULUS
from tests.batch.referee.signals import Inputs, require

# Bits of each unsigned signal; what is missing here is any field element.
BITS = {
    "timestamp": 40,
    "firstSequence": 40,
    "feePool": 62,
    "requestsBegin": 62,
    "batchNumber": 62,
    "feeMaker": 20,
    "feeTaker": 20,
    "oracleMaxAge": 40,
    "oracleTime": 40,
    "oraclePrice": 32,
    "marketKind": 4,
    "marketStatus": 4,
    "marketMark": 32,
    "marketsOracleTime": 40,
    "marketBidOrders": 9,
    "marketAskOrders": 9,
    "marketOpenInterest": 48,
    "marketQuotePerTickLot": 20,
    "marketInitialPpm": 20,
    "marketMaintenancePpm": 20,
    "marketBandPpm": 20,
    "marketMinSize": 48,
    "marketMaxPosition": 48,
    "marketMaxMovePpm": 20,
    "marketHaltSeconds": 20,
    "marketLiquidationFeePpm": 20,
    "marketInterestPpm": 14,
    "marketOpenInterestLower": 40,
    "marketOpenInterestUpper": 40,
    "marketVolatilityFactor": 10,
    "marketAddonMaxPpm": 20,
    "marketAddonStepPpm": 20,
    "marketTierPpm": 20,
    "marketCongestionPpm": 20,
    "marketSettleSeconds": 20,
    "insuranceFloor": 62,
    "marketSampledMark": 32,
    "marketVolatility": 20,
    "marketVolatilityAddon": 20,
    "marketOpenInterestAddon": 20,
    "marketCongestionAddon": 20,
    "marketTier": 20,
    "marketFundSince": 40,
    "venueCongestedUntil": 40,
    "venueRestrictedUntil": 40,
    "sampleBefore": 40,
    "sampleAfter": 40,
    "marketVolatilityAfter": 20,
    "marketOpenInterestAddonAfter": 20,
    "marketTierStep": 68,
    "marketHaltedUntil": 40,
    "marketReducedUntil": 40,
    "marketUnitRest": 230,
    "premiumWeight": 80,
    "premiumPeriod": 40,
    "oraclePeriod": 40,
    "accountId": 20,
    "accountOwner": 160,
    "accountNonce": 48,
    "accountKeyEpoch": 16,
    "accountTier": 2,
    "accountDeadBelow": 40,
    "accountOrders": 7,
    "accountOpenNotional": 61,
    "pageIndex": 12,
    "rowMarket": 2,
    "rowRank": 33,
    "rowSequence": 40,
    "rowAccount": 20,
    "rowExpiry": 40,
    "rowMaxFee": 20,
    "rowRemaining": 48,
    "requestKind": 4,
    "requestAccount": 20,
    "requestAmount": 64,
    "requestOwner": 160,
    "stepAccount": 20,
    "stepKeyEpoch": 16,
    "stepNonce": 48,
    "stepKind": 2,
    "stepMarket": 8,
    "stepSide": 1,
    "stepExpiry": 40,
    "stepMaxFee": 20,
    "stepPrice": 32,
    "stepSize": 48,
    "stepTarget": 40,
    "stepRowRemaining": 48,
    "stepOwnBefore": 54,
    "shortfallIndex": 87,
}
BITS |= {f"page{half}{name}": bits for half in ("Old", "New") for name, bits in (("Market", 2), ("Side", 1))}
BITS |= {f"page{half}{name}": 73 for half in ("Old", "New") for name in ("Low", "High")}
BITS |= {f"page{half}Word": 201 for half in ("Old", "New")}
FLAGS = (
    "oracleSigner accountEnabled pageEnabled pageWas pageIs pageFront pageFull pageOldRow pageNewRow rowUsed "
    "rowSentinel rowGhost rowReduceOnly rowPage requestEnabled requestSlot signatureSlot signatureBit "
    "stepTake stepIoc stepPostOnly stepReduceOnly stepTakerSlot stepOwnerSlot stepRow stepRowSentinel "
    "stepRowReduceOnly venueRestricted venueUninsured"
)
BITS |= dict.fromkeys(FLAGS.split(), 1)


def check_ranges(inputs: Inputs) -> None:
    for name, value in inputs.items():
        _check(name, value, 1 << BITS[name] if name in BITS else FIELD_MODULUS)


def _check(name: str, value: Any, limit: int) -> None:
    if isinstance(value, int):
        require(0 <= value < limit, f"{name} is in its range")
    else:
        for each in value:
            _check(name, each, limit)
