"""One micro-step (claim 5), carried out from the inputs alone; every verdict is computed."""

from dataclasses import dataclass, field

from sequencer.crypto import poseidon
from sequencer.model.codes import Verdict
from sequencer.model.words import to_field
from tests.batch.referee.funding import count_fill
from tests.batch.referee.margin import fee, judge, margin_excess, traded
from tests.batch.referee.rows import Row
from tests.batch.referee.signals import Inputs, require, selected, zero
from tests.batch.referee.tables import MarketSlot, Slot

MESSAGE = (
    "Account",
    "KeyEpoch",
    "Nonce",
    "Kind",
    "Market",
    "Side",
    "Ioc",
    "PostOnly",
    "ReduceOnly",
    "Expiry",
    "MaxFee",
    "Price",
    "Size",
    "Target",
)
_OF_MAKER = {
    Verdict.REDUCE_ONLY: Verdict.MAKER_REDUCE_ONLY,
    Verdict.BOUNDS: Verdict.MAKER_BOUNDS,
    Verdict.MARGIN: Verdict.MAKER_MARGIN,
}


@dataclass
class Taken:
    """A message of the log."""

    hash: int
    slot: int
    authenticated: bool


@dataclass
class Progress:
    """What the micro-steps change as they go."""

    inputs: Inputs
    slots: list[Slot]
    markets: list[MarketSlot]
    rows: list[Row | None]
    fee_pool: int
    next_sequence: int
    taken: list[Taken] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    goes_on: bool = False
    remaining: int = 0
    outcomes: int = 0
    fund_next: bool = False
    turns: int = 1
    fund_trade: tuple[int, int] | None = None


class Step:
    """One micro-step."""

    def __init__(self, run: Progress, t: int, message: dict[str, int]) -> None:
        self.run, self.t, self.message = run, t, message
        selector = run.inputs["stepRow"][t]
        half = len(selector) // 2
        self.halves = selector[:half], selector[half:]
        self.used_rows: set[int] = set()
        self.fees = 0, 0
        self.quote = 0
        self.head: Row | None = None
        self.seen_remaining = 0
        self.own_before = 0

    @property
    def direction(self) -> int:
        """Of the lots that the message trades: +1 when it buys."""
        return 1 - 2 * self.message["Side"]

    def rest(self) -> None:
        """An idle step selects nothing."""
        slots = self.run.inputs["stepTakerSlot"][self.t], self.run.inputs["stepOwnerSlot"][self.t]
        zero((*slots, *self.halves), "an idle step")
        self._finish()

    def carry_out(self, take: bool) -> None:
        run, message = self.run, self.message
        place = selected(run.inputs["stepTakerSlot"][self.t], "taker")
        self.taker = run.slots[place]
        self.owner = selected(run.inputs["stepOwnerSlot"][self.t], "owner")
        require(self.taker.enabled and self.taker.id == message["Account"], "the taker is in its slot")
        if take:
            self._log(place)
            verdict = self._verdict()
            run.goes_on = verdict is None
            if verdict is not None:
                run.verdicts.append(verdict)
        if run.goes_on:
            run.verdicts.append(self._order())
        else:
            self._owned_by_the_taker()
        self._finish()

    def _owned_by_the_taker(self) -> None:
        owner = self.run.slots[self.owner]
        require(owner is self.taker, "what does not cross changes the orders of the message's account")

    def _log(self, place: int) -> None:
        run, message = self.run, self.message
        self.sequence = run.next_sequence
        run.next_sequence += 1
        digest = message_hash(run.inputs["domain"], message)
        run.taken.append(Taken(digest, place, self._is_authenticated()))
        run.remaining, run.outcomes = message["Size"], 0

    def _is_authenticated(self) -> bool:
        return self.message["KeyEpoch"] == self.taker.key_epoch != 0

    def _verdict(self) -> Verdict | None:
        """The verdict of the message, if the book has no say in it."""
        run, message, taker = self.run, self.message, self.taker
        if not self._is_authenticated():
            return Verdict.KEY_EPOCH
        if message["Nonce"] <= taker.nonce:
            return Verdict.NONCE
        taker.nonce = message["Nonce"]
        if message["Expiry"] < run.inputs["timestamp"]:
            return Verdict.EXPIRED
        if message["Kind"] == 2:
            taker.dead_below, taker.open_notional = self.sequence, 0
            return Verdict.CANCELLED
        if message["Kind"] == 3:
            return Verdict.KIND
        if message["Market"] > 3 or not run.markets[message["Market"]].live:
            return Verdict.MARKET
        return self._cancel() if message["Kind"] == 1 else self._terms()

    def _terms(self) -> Verdict | None:
        message, market = self.message, self.run.markets[self.message["Market"]]
        if market.status == 2:
            return Verdict.HALTED
        if market.status in (3, 4) and not message["ReduceOnly"]:
            return Verdict.REDUCE_ONLY
        least = 1 if message["ReduceOnly"] and message["Ioc"] else market.min_size
        if not message["Price"] or not least <= message["Size"] <= market.max_position:
            return Verdict.BOUNDS
        if self.run.inputs["feeTaker"][self.taker.tier] > message["MaxFee"]:
            return Verdict.MAX_FEE
        if abs(message["Price"] - market.mark) * 10**6 > market.band * market.mark:
            return Verdict.PRICE_BAND
        return None

    def _cancel(self) -> Verdict:
        message = self.message
        row = self._own_row(message["Side"])
        self._see(row)
        require(
            not row.sentinel and row.market == message["Market"], "a cancel selects an order of its market"
        )
        require(
            row.rank == rank(message["Side"], message["Price"]), "a cancel selects the order of its price"
        )
        require(row.sequence == message["Target"], "a cancel selects its target")
        if not row.remaining or row.account != message["Account"]:
            return Verdict.NOT_FOUND
        self._remove(row, self.taker)
        return Verdict.CANCELLED

    def _order(self) -> Verdict:
        """Meet the first live row of the opposite half."""
        run, message = self.run, self.message
        market, opposite = message["Market"], 1 - message["Side"]
        head = self._row(opposite)
        self._see(head)
        before = sum(
            row.remaining
            for row in run.rows[: head.place]
            if row and row.side == opposite and row.market == market
        )
        require(head.market == market, "the head is of the order's market")
        require(before == 0 and head.remaining > 0, "nothing live stands before the head")
        limit = rank(opposite, message["Price"])
        if head.rank > limit:
            return self._no_cross()
        require(not head.sentinel, "the reach ends behind the limit price")
        maker = run.slots[self.owner]
        require(maker.enabled and maker.id == head.account, "the maker is in its slot")
        if run.outcomes == 4:
            return self._ends(Verdict.FILL_LIMIT)
        stale = self._stale(head, maker)
        if stale is not None:
            return self._meet_stale(head, maker, stale)
        if message["PostOnly"]:
            return self._ends(Verdict.POST_ONLY)
        if maker.id == message["Account"]:
            return self._ends(Verdict.SELF_TRADE)
        return self._cross(head, maker)

    def _cross(self, head: Row, maker: Slot) -> Verdict:
        run, taker = self.run, self.taker
        market, direction = self.message["Market"], self.direction
        quantity = min(run.remaining, head.remaining)
        price = rank(head.side, head.rank)
        notional = quantity * price * run.markets[market].qptl
        taker_fee = fee(notional, self._taker_rate())
        maker_fee = fee(notional, run.inputs["feeMaker"][maker.tier] - (1 << 19))
        self.fees = taker_fee, maker_fee

        taker_after = traded(taker, market, direction, quantity, notional, taker_fee)
        stopped = self._stop(taker_after, quantity)
        if stopped is not None:
            return stopped
        maker_after = traded(maker, market, -direction, quantity, notional, maker_fee)
        reduces = direction * maker.positions[market] >= quantity
        must_reduce = bool(head.reduce_only) or run.markets[market].settled
        verdict = judge(maker, maker_after, run.markets, market, reduces, must_reduce)
        if verdict is not None:
            return self._drop_maker(head, maker, _OF_MAKER[verdict])

        self._exchange((taker, taker_after), (maker, maker_after))
        self._pay(taker_fee + maker_fee)
        count_fill(run.markets[market], quantity, price)
        head.remaining -= quantity
        maker.open_notional -= quantity * price * run.markets[market].qptl
        if not head.remaining:
            self._count(head.market, head.side, maker, -1)
        run.remaining -= quantity
        run.outcomes += 1
        run.goes_on = run.remaining > 0
        return Verdict.ACCEPTED

    def _taker_rate(self) -> int:
        rate: int = self.run.inputs["feeTaker"][self.taker.tier]
        return rate

    def _stop(self, after: Slot, quantity: int) -> Verdict | None:
        """The verdict on the taker, if it may not trade."""
        market = self.message["Market"]
        reduces, reduce_only = self._reduces(quantity), bool(self.message["ReduceOnly"])
        verdict = judge(self.taker, after, self.run.markets, market, reduces, reduce_only)
        return None if verdict is None else self._ends(verdict)

    def _reduces(self, quantity: int) -> bool:
        return -self.direction * self.taker.positions[self.message["Market"]] >= quantity

    def _exchange(self, *pairs: tuple[Slot, Slot]) -> None:
        """Both parties as the trade leaves them."""
        market = self.message["Market"]
        change = sum(abs(new.positions[market]) - abs(old.positions[market]) for old, new in pairs)
        require(change % 2 == 0, "open interest moves by whole lots")
        self.run.markets[market].open_interest += change // 2
        for slot, after in pairs:
            slot.positions, slot.collateral = after.positions, after.collateral

    def _pay(self, fees: int) -> None:
        self.run.fee_pool += fees

    def _meet_stale(self, head: Row, maker: Slot, verdict: Verdict) -> Verdict:
        return self._drop_maker(head, maker, verdict)

    def _stale(self, head: Row, maker: Slot) -> Verdict | None:
        if head.expiry < self.run.inputs["timestamp"]:
            return Verdict.MAKER_EXPIRED
        if head.sequence < maker.dead_below:
            return Verdict.MAKER_CANCELLED
        if self.run.inputs["feeMaker"][maker.tier] - (1 << 19) > head.max_fee:
            return Verdict.MAKER_FEE
        return None

    def _no_cross(self) -> Verdict:
        run, message, taker = self.run, self.message, self.taker
        self._owned_by_the_taker()
        side, market = message["Side"], run.markets[message["Market"]]
        notional = run.remaining * message["Price"] * market.qptl
        if message["Ioc"]:
            return self._ends(Verdict.IOC_REMAINDER)
        if message["ReduceOnly"] and not self._reduces(run.remaining):
            return self._ends(Verdict.REDUCE_ONLY)
        if taker.orders >= 64 or market.orders[side] >= 480:
            return self._ends(Verdict.BOOK_FULL)
        if taker.open_notional + notional >= 1 << 61:
            return self._ends(Verdict.BOUNDS)
        if margin_excess(taker, run.markets, notional) < 0:
            return self._ends(Verdict.MARGIN)
        row = self._own_row(side)
        expected = (
            message["Market"],
            rank(side, message["Price"]),
            run.next_sequence - 1,
            message["Account"],
            message["Expiry"],
            message["MaxFee"],
            message["ReduceOnly"],
        )
        placed = (row.market, row.rank, row.sequence, row.account, row.expiry, row.max_fee, row.reduce_only)
        require(placed == expected and not row.sentinel, "an order rests as its new row")
        require(row.remaining == 0, "a new row serves one message")
        row.remaining = run.remaining
        taker.open_notional += notional
        self._count(row.market, side, taker, 1)
        return self._ends(Verdict.ACCEPTED)

    def _drop_maker(self, head: Row, maker: Slot, verdict: Verdict) -> Verdict:
        self._remove(head, maker)
        self.run.outcomes += 1
        return verdict

    def _remove(self, row: Row, owner: Slot) -> None:
        if row.sequence >= owner.dead_below:
            price = rank(row.side, row.rank)
            owner.open_notional -= row.remaining * price * self.run.markets[row.market].qptl
        row.remaining = 0
        self._count(row.market, row.side, owner, -1)

    def _count(self, market: int, side: int, owner: Slot, change: int) -> None:
        owner.orders += change
        self.run.markets[market].orders[side] += change
        require(min(owner.orders, self.run.markets[market].orders[side]) >= 0, "counts stay positive")
        require(owner.open_notional >= 0, "open notional stays positive")

    def _ends(self, verdict: Verdict) -> Verdict:
        self.run.goes_on = False
        return verdict

    def _see(self, row: Row) -> None:
        self.head, self.seen_remaining = row, row.remaining

    def _own_row(self, side: int) -> Row:
        row = self._row(side)
        before = (other for other in self.run.rows[: row.place] if other and other.side == side)
        self.own_before = sum(other.remaining for other in before)
        return row

    def _row(self, side: int) -> Row:
        place = selected(self.halves[side], "row") + side * len(self.halves[0])
        self.used_rows.add(place)
        row = self.run.rows[place]
        require(row is not None, "a selected row is used")
        assert row is not None
        return row

    def _finish(self) -> None:
        """Whatever was not selected on the way is 0; the fields of the head are its row's."""
        inputs, t = self.run.inputs, self.t
        marked = {place for place, flag in enumerate(inputs["stepRow"][t]) if flag}
        require(marked == self.used_rows, "no row is selected that the step does not use")
        require(inputs["stepTakerFee"][t] == to_field(self.fees[0]), "the taker's fee")
        require(inputs["stepMakerFee"][t] == to_field(self.fees[1]), "the maker's fee")
        require(inputs["stepQuote"][t] == to_field(self.quote), "the quote of what the fund takes over")
        names = ("Sentinel", "Rank", "Sequence", "Account", "Expiry", "MaxFee", "ReduceOnly")
        given = tuple(inputs[f"stepRow{name}"][t] for name in names)
        head = self.head
        expected = (0,) * len(names)
        if head is not None:
            expected = (head.sentinel, head.rank, head.sequence, head.account, head.expiry)
            expected += (head.max_fee, head.reduce_only)
        require(given == expected, "the head's fields are those of its row")
        require(inputs["stepRowRemaining"][t] == self.seen_remaining, "what remains of the head")
        require(inputs["stepOwnBefore"][t] == self.own_before, "what remains before the own row")


def rank(side: int, price: int) -> int:
    return price if side == 1 else 2**32 - 1 - price


def message_hash(domain: int, message: dict[str, int]) -> int:
    at = {"Account": 0, "KeyEpoch": 20, "Nonce": 36, "Kind": 84, "Market": 86, "Side": 94, "Ioc": 95}
    at |= {"PostOnly": 96, "ReduceOnly": 97, "Expiry": 98, "MaxFee": 138}
    first = sum(message[name] << offset for name, offset in at.items())
    second = message["Price"] | message["Size"] << 32 | message["Target"] << 80
    return poseidon((domain, first, second))
