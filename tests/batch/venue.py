"""One exchange and its open batch, driven by plain orders; each batch that it seals is put to the referee."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from sequencer.batch.builder import BatchBuilder
from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import batch_size
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.events import Event
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MessageKind, RequestKind, Side
from sequencer.model.config import FeeTier
from sequencer.model.market import Market, MarketParameters
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.premium import Premium
from sequencer.model.request import Request
from sequencer.model.schedule import STATIC, MarginSchedule
from sequencer.model.venue import NO_RESTRICTIONS
from sequencer.model.venue import Venue as Restrictions
from tests import strategies as s
from tests.batch.fixtures import ledger_of
from tests.batch.referee import check

RICH = 1_000_000_000
PLAIN = MarketParameters(1, 100_000, 50_000, 500_000, min_size=1, max_position=1_000)
BUY, SELL = Side.BUY, Side.SELL

Resting = tuple[int, Side, int]
"""An order of one lot at genesis: account, side, price."""


class Venue:
    """Rich traders and an insurance fund, in the first seconds of a funding period.

    What the fund holds, it has held since `START`.

    Parameters
    ----------
    collateral
        Of the accounts that are not rich; the fund has none unless it is told.
    positions
        Lots in the first markets, which sum to zero in each.
    resting
        Orders of one lot; the first has sequence 1.
    orders_a_page
        How bids and asks are cut into pages at genesis.
    rate_ppm
        Of funding in the first markets.
    schedule
        Of the first markets' margins.
    restrictions, insurance_floor
        What holds in all markets, and what the fund is judged by.
    parameters
        Fields of theirs that are not those of `PLAIN`.
    """

    def __init__(
        self,
        resting: Sequence[Resting] = (),
        *,
        size: str = "reference",
        orders_a_page: int | tuple[int, int] = c.PAGE_ORDERS,
        markets: int = 1,
        collateral: Mapping[int, int] = MappingProxyType({}),
        positions: Mapping[int, tuple[int, ...]] = MappingProxyType({}),
        rate_ppm: int = 0,
        schedule: MarginSchedule = STATIC,
        restrictions: Restrictions = NO_RESTRICTIONS,
        insurance_floor: int = 0,
        **parameters: int,
    ) -> None:
        orders = [_order(place + 1, *terms) for place, terms in enumerate(resting)]
        accounts = {
            account: s.funded_account(account, collateral.get(account, RICH)) for account in range(1, 10)
        }
        fund = collateral.get(c.INSURANCE_ACCOUNT, 0)
        accounts[c.INSURANCE_ACCOUNT] = Account(owner=c.INSURANCE_OWNER, collateral=fund)
        for account, sizes in positions.items():
            padded = (*sizes, *(0,) * (c.MARKETS - len(sizes)))
            accounts[account] = replace(accounts[account], positions=padded)
        slots = [s.open_market(replace(PLAIN, **parameters))] * markets
        slots += [Market()] * (c.MARKETS - markets)
        for slot in range(markets):
            longs = sum(max(account.positions[slot], 0) for account in accounts.values())
            since = s.START if accounts[c.INSURANCE_ACCOUNT].positions[slot] else 0
            slots[slot] = replace(slots[slot], open_interest=longs, fund_since=since)
        accounts, slots = s.with_orders(accounts, slots, orders)
        terms = s.configuration_of(slots, (schedule,) * markets)
        configuration = replace(terms, tiers=(FeeTier(0, 0),) * c.TIERS, insurance_floor=insurance_floor)
        self.state = State(
            configuration,
            s.DOMAIN,
            accounts,
            slots,
            orders,
            premiums=[Premium(rate_ppm=rate_ppm)] * markets + [Premium()] * (c.MARKETS - markets),
            period=s.START // c.FUNDING_SECONDS,
            next_sequence=len(orders) + 1,
            timestamp=s.START,
            venue=restrictions,
        )
        self.size = batch_size(size)
        a_page = orders_a_page if isinstance(orders_a_page, tuple) else (orders_a_page, orders_a_page)
        self.ledger = ledger_of(self.state, a_page)
        self.open()

    def open(self, seconds: int = 1, mark: int = s.MARK) -> None:
        """Open the next batch, so much later than the last."""
        timestamp = self.state.timestamp + seconds
        prices = tuple(mark if market.exists else 0 for market in self.state.markets)
        opening = OpenEpoch(timestamp, s.signed_round(timestamp, prices))
        self.builder = BatchBuilder(self.ledger, self.state, self.size, opening)

    def buy(self, account: int, size: int, price: int, **fields: Any) -> list[Event] | None:
        return self.send(account, side=BUY, size=size, price=price, **fields)

    def sell(self, account: int, size: int, price: int, **fields: Any) -> list[Event] | None:
        return self.send(account, side=SELL, size=size, price=price, **fields)

    def cancel(self, account: int, side: Side, price: int, target: int) -> list[Event] | None:
        return self.send(account, kind=MessageKind.CANCEL, side=side, price=price, target=target)

    def send(self, account: int, **fields: Any) -> list[Event] | None:
        """The events of a message but the `MessageSequenced`; None if the batch is full."""
        nonce = self.state.account(account).nonce + 1
        message = Message(**{"account": account, "key_epoch": 1, "nonce": nonce} | fields)
        events = self.builder.add_message(s.signed_message(message))
        return events[1:] if events is not None else None

    def liquidate(self, account: int, side: Side, size: int, market: int = 0) -> list[Event] | None:
        """The events of a liquidation but the `MessageSequenced`; None if the batch is full."""
        events = self.builder.add_unsigned(Message.liquidation(account, market, side, size))
        return events[1:] if events is not None else None

    def deposit(self, account: int, amount: int) -> list[Event] | None:
        return self.builder.add_request(
            Request(RequestKind.DEPOSIT, account, s.owner_of(account), amount=amount)
        )

    def restrict(self, restrictions: Restrictions) -> list[Event] | None:
        return self.builder.add_request(s.restriction(restrictions))

    def withdraw(self, account: int, amount: int) -> list[Event] | None:
        return self.builder.add_request(
            Request(RequestKind.WITHDRAW, account, s.owner_of(account), amount=amount)
        )

    def force(self, account: int, **fields: Any) -> list[Event] | None:
        """The events of a message that L1 demands; None if the batch takes no more requests."""
        nonce = self.state.account(account).nonce + 1
        message = Message(**{"account": account, "key_epoch": 1, "nonce": nonce} | fields)
        return self.builder.add_request(s.forced(message))

    def seal(self) -> SealedBatch:
        """The sealed batch, which the referee accepts and after which ledger and engine agree."""
        batch = self.builder.seal()
        assert check(batch.inputs).new_state_root == batch.new_roots.state == self.ledger.roots().state
        assert self.ledger.state() == self.state
        return batch

    def seal_inputs(self) -> dict[str, Any]:
        """The circuit's inputs of the sealed batch."""
        return dict(self.seal().inputs)


def asks(prices: Sequence[int], account: int = 1) -> list[Resting]:
    return [(account, SELL, price) for price in prices]


def bids(prices: Sequence[int], account: int = 1) -> list[Resting]:
    return [(account, BUY, price) for price in prices]


def _order(sequence: int, account: int, side: Side, price: int) -> Order:
    return Order(
        market=0,
        side=side,
        price=price,
        sequence=sequence,
        account=account,
        remaining=1,
        expiry=c.NEVER_EXPIRES,
        max_fee_ppm=0,
        reduce_only=False,
    )
