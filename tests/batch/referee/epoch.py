"""The oracle round with the funding that came due (claim 2) and the L1 requests (claim 3)."""

from sequencer.crypto import poseidon
from sequencer.model import constants as c
from sequencer.model.words import to_field
from tests.batch.referee.funding import accrue, begin_period
from tests.batch.referee.margin import free_collateral
from tests.batch.referee.schedule import estimate_volatility, raise_margins
from tests.batch.referee.signals import Inputs, prefix, require, selected, zero
from tests.batch.referee.tables import FUND, MarketSlot, Slot
from tests.batch.referee.venue import Venue, status


def oracle_round(inputs: Inputs, markets: list[MarketSlot]) -> tuple[int, list[tuple[tuple[int, int], int]]]:
    """Move indices, rates, marks, then margins; the oracle hash, each report's key and message."""
    time, timestamp = inputs["oracleTime"], inputs["timestamp"]
    require(0 <= timestamp - time <= inputs["oracleMaxAge"], "the round is fresh")
    require(time > inputs["marketsOracleTime"], "the round is newer than the last")
    signers = [selected(one_hot, "oracle signer") for one_hot in inputs["oracleSigner"]]
    require(len(signers) == 3 and signers[0] < signers[1] < signers[2], "three signers, increasing")
    words, reports = [], []
    for report, signer in enumerate(signers):
        word = time
        for slot, price in enumerate(inputs["oraclePrice"][report]):
            word |= price << 40 + 32 * slot
            require((price > 0) == markets[slot].live, "live markets are priced, and no others")
        message = poseidon((inputs["domain"], 1 << 200, word))
        x, y = inputs["oracleKey"][signer]
        reports.append(((x, y), message))
        words.append(word | signer << 168)
    accrue(markets, time)
    begin_period(inputs, markets)
    sampling = estimate_volatility(inputs, markets)
    for slot, market in enumerate(markets):
        if market.live:
            median = sorted(prices[slot] for prices in inputs["oraclePrice"])[1]
            mark = market.mark if market.settled else median
            if market.mark > 0 and abs(mark - market.mark) * 10**6 > market.max_move * market.mark:
                market.halted_until = timestamp + market.halt_seconds
            market.mark, market.oracle_time = mark, time
            market.status = status(inputs, slot, market)
    raise_margins(inputs, markets, sampling)
    return poseidon(words), reports


def requests(
    inputs: Inputs, slots: list[Slot], markets: list[MarketSlot], venue: Venue
) -> tuple[list[int], int]:
    """Apply the queue; the outcome words, and deposits less payments."""
    names = ("Kind", "Account", "Amount", "Owner", "Data", "Slot", "Free")
    count = prefix(inputs["requestEnabled"], "requests")
    outcomes, inflow = [], 0
    for place in range(len(inputs["requestKind"])):
        kind, account, amount, owner, data, selector, free = (
            inputs[f"request{name}"][place] for name in names
        )
        if place >= count:
            zero((kind, account, amount, owner, data, selector, free), "an unused request")
            continue
        slot = slots[selected(selector, "request account")]
        require(slot.enabled and slot.id == account, "the request's account is in its slot")
        if not slot.owner:
            slot.owner = owner
        require(slot.owner == owner != 0, "the request is the owner's")
        expected = free_collateral(slot, markets) if kind == 3 else 0
        require(free == to_field(expected), "free is the floor of the margin excess")
        status = paid = 0
        if kind == 1 and slot.collateral + amount <= (1 << 62) - 1:
            slot.collateral += amount
            inflow += amount
        elif kind == 1:
            status, paid = 1, amount
        elif kind == 2 and slot.key_epoch < 65535:
            slot.key, slot.key_epoch = (data[0], data[1]), slot.key_epoch + 1
        elif kind == 2:
            status = 1
        elif kind == 4:
            require(place == count - 1, "a forced message is the last request")
        elif kind == 5:
            venue.restrictions = data[0]
        elif kind != 6:
            require(kind == 3, "the request has a known kind")
            paid = min(amount, max(0, expected))
            slot.collateral -= paid
            inflow -= paid
        outcomes.append(status | paid << 4)
    return outcomes, inflow


def forced_hash(inputs: Inputs) -> int | None:
    """The hash of the message that the last request forces, if it forces one."""
    last = sum(inputs["requestEnabled"]) - 1
    if last < 0 or inputs["requestKind"][last] != 4:
        return None
    return poseidon((inputs["domain"], *inputs["requestData"][last]))


def forces_the_fund(inputs: Inputs) -> bool:
    """Whether the message that the last request forces is of the insurance fund."""
    last = sum(inputs["requestEnabled"]) - 1
    return bool(last >= 0 and inputs["requestKind"][last] == 4 and inputs["requestAccount"][last] == FUND)


def queue_words(inputs: Inputs) -> list[int]:
    words = []
    for place in range(sum(inputs["requestEnabled"])):
        head = inputs["requestKind"][place] | inputs["requestAccount"][place] << 4
        head |= inputs["requestAmount"][place] << 24 | inputs["requestOwner"][place] << 88
        words += [head, *inputs["requestData"][place]]
    return words


def configuration_hash(inputs: Inputs, markets: list[MarketSlot]) -> int:
    makers, takers = inputs["feeMaker"], inputs["feeTaker"]
    require(min(makers) - (1 << 19) + min(takers) >= 0, "every taker rate covers every rebate")
    for market in markets:
        covered = min(makers) - (1 << 19) + market.liquidation_fee >= 0
        require(covered or not market.live, "every liquidation fee covers every rebate")
    fees = 0
    for tier in range(c.TIERS):
        fees |= inputs["feeMaker"][tier] << 40 * tier | inputs["feeTaker"][tier] << 40 * tier + 20
    keys = [coordinate for key in inputs["oracleKey"] for coordinate in key]
    words = [market.parameter_word() for market in markets]
    terms = poseidon((fees, inputs["oracleMaxAge"], *keys, *words))
    schedules = [market.schedule_word() for market in markets]
    return poseidon((terms, *schedules, inputs["insuranceFloor"]))
