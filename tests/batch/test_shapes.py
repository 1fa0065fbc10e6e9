"""The input signals are those of docs/spec/batch.md: names, shapes and ranges."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.batch.sizes import SIZES_FILE, BatchSize, batch_size
from sequencer.model.constants import FIELD_MODULUS
from tests.batch.fixtures import random_batch, trading
from tests.batch.referee import check

SPEC = Path(__file__).resolve().parents[2] / "docs" / "spec" / "batch.md"


def expected_shapes(size: BatchSize) -> dict[str, tuple[int, ...]]:
    t, a, j, o = size.steps, size.accounts, size.pages, size.rows
    k, r = size.messages, size.requests
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(("c", "r", "y"), ())
    header = "domain batchNumber timestamp firstSequence logHead feePool fundingPool requestsBegin"
    header += " accountRoot pageRoot shortfallIndex premiumPeriod oraclePeriod sampleBefore sampleAfter"
    header += " marketsOracleTime venueCongestedUntil venueRestrictedUntil venueUninsured insuranceFloor"
    shapes |= dict.fromkeys(header.split(), ())
    shapes |= {"feeMaker": (4,), "feeTaker": (4,), "oracleMaxAge": (), "oracleKey": (5, 2)}
    shapes |= {"oracleTime": (), "oraclePrice": (3, 4), "oracleSigner": (3, 5)}
    markets = "Kind Status Mark BidOrders AskOrders HaltedUntil LongIndex ShortIndex OpenInterest"
    markets += " ReducedUntil"
    markets += " QuotePerTickLot InitialPpm MaintenancePpm BandPpm MinSize MaxPosition MaxMovePpm HaltSeconds"
    markets += " LiquidationFeePpm InterestPpm ParameterWord UnitRest OpenInterestLower OpenInterestUpper"
    markets += " VolatilityFactor AddonMaxPpm AddonStepPpm SampledMark Volatility VolatilityAddon"
    markets += " OpenInterestAddon Return VolatilityAfter OpenInterestAddonAfter"
    markets += " TierPpm CongestionPpm SettleSeconds CongestionAddon Tier FundSince TierStep"
    shapes |= {f"market{name}": (4,) for name in markets.split()}
    shapes["venueRestricted"] = (4,)
    shapes |= {f"premium{name}": (4,) for name in ("Excess", "Weight", "Rate", "Ppm")}
    accounts = "Enabled Id Owner Collateral Settled Nonce KeyEpoch Tier DeadBelow Orders OpenNotional"
    shapes |= {f"account{name}": (a,) for name in accounts.split()}
    shapes |= {"accountPosition": (a, 4), "accountIndex": (a, 4), "accountKey": (a, 2), "accountCrown": (16,)}
    shapes |= {"accountPath": (a, 8, 4), "pageCrown": (16,), "pagePath": (j, 4, 4)}
    shapes |= {f"page{name}": (j,) for name in ("Enabled", "Index", "Was", "Is", "Front", "Full")}
    for half in ("pageOld", "pageNew"):
        shapes |= {f"{half}{name}": (j,) for name in ("Market", "Side", "Low", "High")}
        shapes |= {f"{half}{name}": (j, 15) for name in ("Word", "Row")}
    rows = "Used Sentinel Ghost Market Rank Sequence Account Expiry MaxFee ReduceOnly Remaining"
    shapes |= {f"row{name}": (o,) for name in rows.split()} | {"rowPage": (o, j)}
    shapes |= {f"request{name}": (r,) for name in ("Enabled", "Kind", "Account", "Amount", "Owner", "Free")}
    shapes |= {"requestData": (r, 2), "requestSlot": (r, a)}
    shapes |= {"signatureSlot": (k, a), "signatureQ": (k + 3, 2), "signatureS": (k + 3,)}
    if size.signatures == "batched":
        scalars = {"signatureBit": 252, "signatureQuotient": 2, "signatureCarry": 2}
        shapes |= {name: (a + 4, width) for name, width in scalars.items()}
    steps = (
        "Take Account KeyEpoch Nonce Kind Market Side Ioc PostOnly ReduceOnly Expiry MaxFee Price Size Target"
    )
    steps += " RowSentinel RowRank RowSequence RowAccount RowExpiry RowMaxFee RowReduceOnly"
    steps += " RowRemaining OwnBefore TakerFee MakerFee Quote"
    shapes |= {f"step{name}": (t,) for name in steps.split()}
    return shapes | {"stepTakerSlot": (t, a), "stepOwnerSlot": (t, a), "stepRow": (t, o)}


def shape(signal: Any) -> tuple[int, ...]:
    if isinstance(signal, int):
        assert 0 <= signal < FIELD_MODULUS
        return ()
    (inner,) = {shape(each) for each in signal}
    return (len(signal), *inner)


@pytest.mark.parametrize("name", ["small", "reference"])
@pytest.mark.parametrize("seed", range(3))
def test_every_input_has_its_name_and_shape(name: str, seed: int) -> None:
    inputs = random_batch(seed, name).inputs
    assert {signal: shape(value) for signal, value in inputs.items()} == expected_shapes(batch_size(name))


def test_signatures_one_by_one_need_no_scalars() -> None:
    size = replace(batch_size("small"), signatures="single")
    inputs = next(trading(3, size)).inputs
    check(inputs)
    assert {signal: shape(value) for signal, value in inputs.items()} == expected_shapes(size)
    assert expected_shapes(batch_size("small")).keys() - inputs.keys() == {
        "signatureBit",
        "signatureQuotient",
        "signatureCarry",
    }


def test_every_input_stands_in_the_specification() -> None:
    text = SPEC.read_text()
    named = {name for name in expected_shapes(batch_size("small")) if not name.startswith("pageNew")}
    assert {name for name in named if f"`{name}" not in text} == set()


def test_the_sizes_are_those_of_the_circuits() -> None:
    assert SIZES_FILE.is_file()
    assert batch_size("reference") == BatchSize("reference", 32, 8, 6, 48, 32, 16, "batched")
    with pytest.raises(KeyError):
        batch_size("gigantic")
