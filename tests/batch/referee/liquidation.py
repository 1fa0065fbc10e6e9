"""The micro-steps of liquidations and unwindings, straight from docs/spec/liquidation.md."""

from sequencer.model.codes import Verdict
from tests.batch.referee.margin import in_bounds, measures, traded
from tests.batch.referee.rows import Row
from tests.batch.referee.signals import require
from tests.batch.referee.step import Step
from tests.batch.referee.tables import FUND, Slot

_UNUSED = ("KeyEpoch", "Nonce", "Expiry", "MaxFee", "Target", "Ioc", "PostOnly", "ReduceOnly")


def step_class(message: dict[str, int]) -> type[Step]:
    """Whose rules a message's steps follow: those of what nobody signs, or of everything else."""
    if message["Kind"] != 3 or any(map(message.get, _UNUSED)):
        return Step
    if message["Account"] == FUND:
        return UnwindingStep
    return LiquidationStep if message["Price"] == (0 if message["Side"] == 1 else 2**32 - 1) else Step


class UnsignedStep(Step):
    """A step that nobody signed for: what it may do follows from the state."""

    def _is_authenticated(self) -> bool:
        return False

    def _terms(self) -> Verdict | None:
        self._fund()
        m, markets = self.message["Market"], self.run.markets
        if m > 3 or not markets[m].live:
            return Verdict.MARKET
        if markets[m].status == 2:
            return Verdict.HALTED
        return None if 0 < self.message["Size"] <= markets[m].max_position else Verdict.BOUNDS

    def _taker_rate(self) -> int:
        return self.run.markets[self.message["Market"]].liquidation_rate

    def _stop(self, after: Slot, quantity: int) -> Verdict | None:
        if not self._reduces(quantity):
            return self._ends(Verdict.REDUCE_ONLY)
        in_range = in_bounds(after, self.run.markets, self.message["Market"], True)
        return None if in_range else self._ends(Verdict.BOUNDS)

    def _pay(self, fees: int) -> None:
        self._fund().collateral += fees

    def _note_fund_trade(self) -> None:
        self.run.fund_trade = self.message["Market"], self.message["Side"]

    def _fund(self) -> Slot:
        funds = [slot for slot in self.run.slots if slot.enabled and slot.id == FUND]
        require(len(funds) == 1, "what nobody signs needs the insurance fund")
        return funds[0]


class UnwindingStep(UnsignedStep):
    """The fund trades away what it holds, near the mark and as long as the batch has turns."""

    def _verdict(self) -> Verdict | None:
        verdict = self._terms()
        if verdict is not None:
            return verdict
        market = self.run.markets[self.message["Market"]]
        if abs(self.message["Price"] - market.mark) * 10**6 > market.liquidation_rate * market.mark:
            return Verdict.PRICE_BAND
        if not self.run.turns:
            return Verdict.NOT_DUE
        self.run.turns -= 1
        return None

    def _no_cross(self) -> Verdict:
        self._owned_by_the_taker()
        return self._ends(Verdict.IOC_REMAINDER)

    def _exchange(self, *pairs: tuple[Slot, Slot]) -> None:
        super()._exchange(*pairs)
        self._note_fund_trade()


class LiquidationStep(UnsignedStep):
    """An account loses risk against its will."""

    def _verdict(self) -> Verdict | None:
        verdict = self._terms()
        if verdict is not None or not self.taker.open_notional:
            return verdict
        if not self._is_liquidatable():
            return Verdict.NOT_DUE
        self.taker.dead_below, self.taker.open_notional = self.sequence, 0
        return Verdict.CANCELLED

    def _order(self) -> Verdict:
        return self._take_over() if self.run.fund_next else super()._order()

    def _no_cross(self) -> Verdict:
        self._owned_by_the_taker()
        return self._exhaust(self.run.remaining)

    def _meet_stale(self, head: Row, maker: Slot, verdict: Verdict) -> Verdict:
        if not self._is_liquidatable():
            return self._ends(Verdict.NOT_DUE)
        return self._drop_maker(head, maker, verdict)

    def _stop(self, after: Slot, quantity: int) -> Verdict | None:
        verdict = super()._stop(after, quantity)
        if verdict is not None:
            return verdict
        markets, m = self.run.markets, self.message["Market"]
        equity, _, maintenance = measures(self.taker, markets)
        equity_after, _, maintenance_after = measures(after, markets)
        if equity_after * maintenance < equity * maintenance_after:
            return self._exhaust(quantity)
        of_a_lot = markets[m].mark * markets[m].qptl * markets[m].maintenance_rate
        if (quantity - 1) * of_a_lot >= maintenance - equity * 10**6:
            return self._ends(Verdict.NOT_DUE)
        return None

    def _exhaust(self, lots: int) -> Verdict:
        """The book is at its end: the fund is next, if the account may be taken over at all."""
        equity, _, maintenance = measures(self.taker, self.run.markets)
        if not self._reduces(lots):
            return self._ends(Verdict.REDUCE_ONLY)
        if 2 * equity * 10**6 >= maintenance:
            return self._ends(Verdict.NOT_DUE)
        self.run.fund_next = True
        return Verdict.ACCEPTED

    def _take_over(self) -> Verdict:
        """All that is left goes to the fund, for what leaves the account its equity per margin."""
        run, m, lots, fund = self.run, self.message["Market"], self.run.remaining, self._fund()
        require(run.slots[self.owner] is fund, "the fund's step names the fund")
        run.fund_next = False
        if not self._reduces(lots):
            return self._ends(Verdict.REDUCE_ONLY)
        equity, _, maintenance = measures(self.taker, run.markets)
        unpaid = traded(self.taker, m, self.direction, lots, 0, 0)
        equity_unpaid, _, maintenance_after = measures(unpaid, run.markets)
        self.quote = self.direction * (equity_unpaid - equity * maintenance_after // maintenance)
        after = traded(self.taker, m, self.direction, lots, self.quote, 0)
        fund_after = traded(fund, m, -self.direction, lots, self.quote, 0)
        fund_reduces = self.direction * fund.positions[m] >= lots
        if not in_bounds(after, run.markets, m, True) or not in_bounds(
            fund_after, run.markets, m, fund_reduces
        ):
            return self._ends(Verdict.BOUNDS)
        self._exchange((self.taker, after), (fund, fund_after))
        self._note_fund_trade()
        return self._ends(Verdict.ACCEPTED)

    def _is_liquidatable(self) -> bool:
        equity, _, maintenance = measures(self.taker, self.run.markets)
        return equity * 10**6 < maintenance
