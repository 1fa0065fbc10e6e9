"""Messages, requests and oracle rounds that aim at what stands in the book and at the bounds of the rules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from random import Random
from typing import Any

from msgspec.structs import replace

from sequencer.crypto import public_key
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.margin import free_collateral, health
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import MarketStatus, MessageKind, RequestKind, Side
from sequencer.model.config import Configuration
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.order import Order
from sequencer.model.request import Request
from sequencer.model.venue import Venue
from soundness.fuzz.changes import ENOUGH_FEE_PPM, alternatives
from tests.strategies import change, insurance, owner_of, restriction, signed_report, trader_secret

NEWCOMERS = (77, (1 << c.ACCOUNT_BITS) - 1)
SIZE_MAX = (1 << c.SIZE_BITS) - 1
PAID_LATER = 1 << 40
PAUSE_SHARE = 0.1
SAMPLE_SHARE = 0.3
SETTLING_SHARE = 0.2
SUPERVISION_SHARE = 0.15
CLOSING_SHARE = 0.6
UNWINDING_SHARE = 0.1
FORCED_SHARE = 0.15
FORCED_UNWINDING_SHARE = 0.2


@dataclass(frozen=True)
class Others:
    """Streams on which nothing else that a seed draws depends.

    Attributes
    ----------
    pauses : Random
        Where the stream of rounds pauses until the next funding period, or until the next sample.
    supervisors : Random
        What L1 restricts, who pays into the insurance fund, when markets settle, and who closes there.
    """

    pauses: Random
    supervisors: Random


@dataclass
class Traders:
    """Everybody who acts in a sequence.

    Attributes
    ----------
    others : Others
        Streams of their own.
    state : State
        What they see; the generator applies each command to it.
    actors : sequence of int
        Their accounts.
    configurations : mapping of int to Configuration
        What changes choose from, by hash.
    """

    random: Random
    others: Others
    state: State
    actors: Sequence[int]
    configurations: Mapping[int, Configuration] = field(init=False)

    def __post_init__(self) -> None:
        self.configurations = {each.hash(): each for each in alternatives(self.state.configuration)}

    def opening(self) -> OpenEpoch:
        """Return a round in which the signers may disagree, and after which the mark may have moved far."""
        random, state = self.random, self.state
        timestamp = state.timestamp + random.choice((1, 1, 2, 20))
        timestamp = self._when_something_settles(timestamp + self._pause())
        last = max(market.oracle_time for market in state.markets)
        time = random.randint(max(last + 1, timestamp - 10), timestamp)
        far = random.choice((0, 0, 25, 3))
        signers = sorted(random.sample(range(c.ORACLE_SIGNERS), c.ORACLE_QUORUM))
        reports = (
            signed_report(signer, time, tuple(self._price(market, far) for market in state.markets))
            for signer in signers
        )
        return OpenEpoch(timestamp, tuple(reports), self.configurations[state.configuration_hash])

    def _pause(self) -> int:
        drawn = self.others.pauses.random()
        if drawn < PAUSE_SHARE:
            return c.FUNDING_SECONDS
        return c.SAMPLE_SECONDS if drawn < SAMPLE_SHARE else 0

    def _when_something_settles(self, timestamp: int) -> int:
        """Return the time, or the last one at which a market does not settle, or the first when it does."""
        random = self.others.supervisors
        schedules = self.configurations[self.state.configuration_hash].schedules
        ends = [
            market.fund_since + schedule.settle_seconds
            for market, schedule in zip(self.state.markets, schedules, strict=False)
            if market.fund_since > c.SETTLED_SINCE
        ]
        if not ends or random.random() >= SETTLING_SHARE:
            return timestamp
        return max(timestamp, random.choice(ends) + random.randint(0, 1))

    def request(self, is_first: bool) -> Request:
        """Return an L1 request: mostly of an actor, at the bounds of what can be paid in and out.

        Only the first of a batch may be a change: it surely fits, and the next opening depends on it.
        """
        if self.others.supervisors.random() < SUPERVISION_SHARE:
            return self._supervision()
        random = self.random
        number = random.choice(NEWCOMERS) if random.random() < 0.1 else random.choice(self.actors)
        account = self.state.account(number)
        owner = owner_of(number)
        kind = random.choice((RequestKind.DEPOSIT, RequestKind.WITHDRAW, RequestKind.WITHDRAW))
        # Rotating keys often would stop trading; an account without a key, or at its last one, trades little.
        last_epoch = (1 << c.KEY_EPOCH_BITS) - 1
        if random.random() < (0.1 if 0 < account.key_epoch < last_epoch else 0.6):
            key = public_key(trader_secret(number, min(account.key_epoch + 1, last_epoch)))
            return Request(RequestKind.REGISTER_KEY, number, owner, data=key)
        if is_first and random.random() < 0.1:
            return change(random.choice(list(self.configurations)))
        if kind == RequestKind.DEPOSIT:
            # A short is paid interest later: as much must have room.
            kept = PAID_LATER if min(account.positions) < 0 else 0
            room = max(0, c.COLLATERAL_BOUND - 1 - kept - account.collateral)
            amounts = (0, 1, 100_000, min(room, (1 << c.AMOUNT_BITS) - 2) + random.randint(0, 1))
        else:
            free = free_collateral(account, self.state.markets)
            near = max(0, free + random.randint(-1, 1))
            amounts = (near, near, 10_000, (1 << c.AMOUNT_BITS) - 1)
        return Request(kind, number, owner, random.choice(amounts))

    def _supervision(self) -> Request:
        """Restrict some markets for some time, or pay what the insurance fund lacks."""
        random, state = self.others.supervisors, self.state
        if random.random() < 0.5:
            times = [state.timestamp + random.choice((-1, 0, 1, 20, 1_000)) for _ in range(2)]
            return restriction(Venue(times[0], random.randrange(1 << c.MARKETS), times[1]))
        equity = health(state.account(c.INSURANCE_ACCOUNT), state.markets).equity
        lacks = max(0, state.configuration.insurance_floor - equity + random.randint(-1, 1))
        return insurance(min(random.choice((0, 1, lacks, lacks)), c.COLLATERAL_BOUND))

    def message(self) -> Message:
        """Return a message of an actor, seldom one that never gets to the book; or what nobody signs."""
        random, state = self.random, self.state
        closing = self._closing()
        if closing is not None:
            return closing
        due = [number for number in sorted(state.accounts) if self._is_due(number)]
        if random.random() < (0.4 if due else 0.03):
            anyone = c.INSURANCE_ACCOUNT, *self.actors
            return self._liquidation(random.choice(due if due and random.random() < 0.95 else anyone))
        if random.random() < (0.2 if any(state.account(c.INSURANCE_ACCOUNT).positions) else 0.01):
            return self._unwinding()
        number = random.choice(NEWCOMERS) if random.random() < 0.02 else random.choice(self.actors)
        account = state.account(number)
        message = Message(
            account=number,
            key_epoch=account.key_epoch,
            nonce=account.nonce + random.choice((1, 1, 7)),
            market=self._market(),
            side=random.randint(0, 1),
            expiry=random.choice((c.NEVER_EXPIRES, c.NEVER_EXPIRES, state.timestamp, state.timestamp + 1)),
            max_fee_ppm=ENOUGH_FEE_PPM,
        )
        kinds = (MessageKind.ORDER, MessageKind.CANCEL, MessageKind.CANCEL_ALL, 3)
        (kind,) = random.choices(kinds, (83, 12, 4, 1))
        if kind == MessageKind.ORDER and message.market < c.MARKETS:
            message = self._order(message, account, state.market(message.market))
        elif kind == MessageKind.CANCEL and message.market < c.MARKETS:
            message = self._cancel(message)
        else:
            message = replace(message, kind=kind)
        return self._spoilt(message, account) if random.random() < 0.08 else message

    def forced(self) -> Message | None:
        """Return what L1 forces as the first message of a batch; mostly nothing, and sometimes to unwind."""
        held = [slot for slot, lots in enumerate(self.state.account(c.INSURANCE_ACCOUNT).positions) if lots]
        if held and self.others.supervisors.random() < FORCED_UNWINDING_SHARE:
            return self._unwinding_of_all(self.others.supervisors.choice(held))
        forced = self.message() if self.random.random() < FORCED_SHARE else None
        # The fund has no owner who could ask for anything else.
        return forced if forced is not None and (forced.account or forced.is_unwinding) else None

    def _closing(self) -> Message | None:
        """Unwind all that the fund holds, or close a position in a settled market, at its mark if it may."""
        random, state = self.others.supervisors, self.state
        held = [slot for slot, lots in enumerate(state.account(c.INSURANCE_ACCOUNT).positions) if lots]
        if held and random.random() < UNWINDING_SHARE:
            return self._unwinding_of_all(random.choice(held))
        slots = [slot for slot, market in enumerate(state.markets) if market.status == MarketStatus.SETTLED]
        if not slots or random.random() >= CLOSING_SHARE:
            return None
        slot = random.choice(slots)
        everyone = (c.INSURANCE_ACCOUNT, *self.actors)
        holders = [number for number in everyone if state.account(number).positions[slot]]
        if not holders:
            return None
        number, mark = random.choice(holders), state.market(slot).mark
        account = state.account(number)
        position = account.positions[slot]
        side, size = Side.SELL if position > 0 else Side.BUY, abs(position)
        if number == c.INSURANCE_ACCOUNT:
            return self._unwinding_of_all(slot)
        if self._is_due(number):
            return Message.liquidation(number, slot, side, size)
        return Message(
            account=number,
            key_epoch=account.key_epoch,
            nonce=account.nonce + 1,
            market=slot,
            side=side,
            reduce_only=True,
            expiry=c.NEVER_EXPIRES,
            max_fee_ppm=ENOUGH_FEE_PPM,
            price=mark,
            size=size,
        )

    def _unwinding_of_all(self, slot: int) -> Message:
        market = self.state.market(slot)
        position = self.state.account(c.INSURANCE_ACCOUNT).positions[slot]
        away = market.mark * market.liquidation_fee_ppm // c.PPM_UNIT
        side = Side.SELL if position > 0 else Side.BUY
        price = market.mark - away if position > 0 else min(market.mark + away, c.RANK_MAX)
        return Message.unwinding(slot, side, abs(position), price)

    def _is_due(self, account: int) -> bool:
        equity, _, maintenance = health(self.state.account(account), self.state.markets)
        return account != c.INSURANCE_ACCOUNT and equity * c.PPM_UNIT < maintenance

    def _liquidation(self, number: int) -> Message:
        """Liquidate as many lots as are due, as the next maker has or as there are; or one more or less."""
        random, state = self.random, self.state
        account = state.account(number)
        live = [slot for slot, market in enumerate(state.markets) if market.exists]
        slot = random.choice([slot for slot in live if account.positions[slot]] or live)
        market, position = state.market(slot), account.positions[slot]
        side = Side.SELL if position > 0 else Side.BUY
        side = side if random.random() < 0.95 else side.opposite
        equity, _, maintenance = health(account, state.markets)
        excess = maintenance - equity * c.PPM_UNIT
        due = -(-excess // (market.value(1) * market.maintenance_ppm))
        of_next = [order.remaining for order in islice(state.book(slot, side.opposite), 1)]
        size = random.choice((due, due, abs(position), *of_next)) + random.choice((0, 0, 0, 1, -1))
        largest = market.parameters.max_position + random.choice((0, 0, 0, 0, 1))
        most = min(abs(position) + random.choice((0, 0, 0, 0, 1, 1, SIZE_MAX)), largest)
        message = Message.liquidation(number, slot, side, min(max(size, 0), most))
        return self._spoilt_unsigned(message) if random.random() < 0.08 else message

    def _unwinding(self) -> Message:
        """Trade the fund's position away, at the end of what it may pay or where the next order stands."""
        random, state = self.random, self.state
        positions = state.account(c.INSURANCE_ACCOUNT).positions
        live = [slot for slot, market in enumerate(state.markets) if market.exists]
        slot = random.choice([slot for slot in live if positions[slot]] or live)
        market, lots = state.market(slot), abs(positions[slot])
        side = Side.SELL if positions[slot] > 0 else Side.BUY
        away = market.mark * market.liquidation_fee_ppm // c.PPM_UNIT + random.randint(0, 1)
        best = [order.price for order in islice(state.book(slot, side.opposite), 1)]
        limit = market.mark + (1 - 2 * side) * away
        price = random.choice((limit, limit, limit, market.mark, *best))
        size = random.choice((lots, lots, 1, lots + 1, random.randint(0, lots)))
        side = side if random.random() < 0.8 else side.opposite
        message = Message.unwinding(slot, side, size, min(max(price, 0), c.RANK_MAX))
        return self._spoilt_unsigned(message) if random.random() < 0.05 else message

    def _spoilt_unsigned(self, message: Message) -> Message:
        """Trade on no market, or have a value that would need a signature."""
        changes: tuple[dict[str, Any], ...] = (
            {"market": c.MARKETS - 1},
            {"market": c.MARKETS},
            {"price": message.price ^ 1},
            {"key_epoch": 1},
            {"nonce": 1},
            {"expiry": c.NEVER_EXPIRES},
            {"max_fee_ppm": ENOUGH_FEE_PPM},
            {"target": 1},
            {"ioc": True},
        )
        return replace(message, **self.random.choice(changes))

    def _price(self, market: Market, far: int) -> int:
        if not market.exists:
            return 0
        # Where the mark stands still, the price may have gone anywhere.
        far = self.others.supervisors.choice((1, 1, far)) if market.status == MarketStatus.SETTLED else far
        step = market.mark // far if far else 0
        return min(max(1, market.mark + self.random.randint(-step, step)), c.RANK_MAX)

    def _market(self) -> int:
        if self.random.random() < 0.03:
            return self.random.choice((c.MARKETS - 1, c.MARKETS, 255))
        live = [slot for slot, market in enumerate(self.state.markets) if market.exists]
        return self.random.choice((0, *live))

    def _spoilt(self, message: Message, account: Account) -> Message:
        match self.random.randrange(4):
            case 0:
                return replace(message, key_epoch=self.random.randint(0, min(account.key_epoch + 1, 9)))
            case 1:
                return replace(message, nonce=max(0, account.nonce - self.random.randint(0, 1)))
            case 2:
                return replace(message, expiry=self.state.timestamp - self.random.randint(0, 1))
            case _:
                fee = self.state.configuration.tiers[account.tier].taker_ppm
                return replace(message, max_fee_ppm=fee - self.random.randint(0, 1))

    def _cancel(self, message: Message) -> Message:
        book = self.state.book(message.market, message.side)
        own = [order for order in book if order.account == message.account]
        message = replace(message, kind=MessageKind.CANCEL)
        if own and self.random.random() < 0.8:
            order = self.random.choice(own)
            wrong = self.random.random() < 0.1
            return replace(message, price=order.price + wrong, target=order.sequence)
        others = [order for order in islice(book, 12) if order.account != message.account]
        if others and self.random.random() < 0.5:
            order = self.random.choice(others)
            return replace(message, price=order.price, target=order.sequence)
        mark = self.state.market(message.market).mark
        return replace(message, price=mark, target=self.random.randint(0, self.state.next_sequence))

    def _order(self, message: Message, account: Account, market: Market) -> Message:
        random = self.random
        opposite = list(islice(self.state.book(message.market, 1 - message.side), 8))
        own = list(islice(self.state.book(message.market, message.side), 30))
        position = account.positions[message.market]
        ways: list[Callable[[], Message]] = [
            lambda: self._anywhere(message, market),
            lambda: self._at_a_bound(message, market),
        ]
        ways += [lambda: self._anywhere(message, market)] * (0 if own and opposite else 3)
        ways += [lambda: self._take(message, opposite)] * 7 if opposite else []
        ways += [lambda: self._join(message, own)] * 4 if own else []
        ways += [lambda: self._turn(message, market, position)] * 3 if position else []
        order = random.choice(ways)()
        if random.random() < 0.25:
            flag = random.choice(("ioc", "post_only", "reduce_only"))
            order = replace(order, **{flag: True})
        if market.is_reduce_only and random.random() < 0.7:
            order = replace(self._turn(message, market, position) if position else order, reduce_only=True)
        return replace(
            order,
            price=min(max(order.price, 0), c.RANK_MAX),
            size=min(max(order.size, 0), SIZE_MAX),
        )

    def _take(self, message: Message, opposite: Sequence[Order]) -> Message:
        """Cross the first orders of the other side: exactly, or by one lot or tick too few or too many."""
        count = self.random.choice((1, 1, 2, 3, 5, len(opposite)))
        lots = list(accumulate(order.remaining for order in opposite))
        last = min(count, len(opposite)) - 1
        return replace(
            message,
            price=opposite[last].price + self.random.choice((0, 0, 0, 1, -1)),
            size=lots[last] + self.random.choice((0, 0, 0, 1, -1)),
        )

    def _join(self, message: Message, own: Sequence[Order]) -> Message:
        """Stand beside an order of the own side, one tick before it or behind it."""
        order = self.random.choice(own)
        return replace(
            message,
            price=order.price + self.random.choice((0, 0, 1, -1)),
            size=self.random.randint(1, 12),
        )

    def _turn(self, message: Message, market: Market, position: int) -> Message:
        """Close a position exactly, almost, or through zero; or grow it to the largest one and beyond."""
        closing = Side.SELL if position > 0 else Side.BUY
        if self.random.random() < 0.3:
            room = market.parameters.max_position - abs(position)
            side, size = closing.opposite, max(0, room + self.random.randint(0, 1))
        else:
            side, size = closing, abs(position) + self.random.choice((-1, 0, 0, 1))
        away = self.random.choice((-5, -1, 1, 5)) if side == Side.BUY else self.random.choice((5, 1, -1, -5))
        is_reducing = self.random.random() < 0.6
        # Less than an order's smallest size can be closed, but may not rest.
        is_remainder = size < market.parameters.min_size and self.others.supervisors.random() < 0.9
        return replace(
            message,
            side=side,
            size=size,
            price=market.mark + away,
            reduce_only=is_reducing or is_remainder,
            ioc=is_remainder,
        )

    def _at_a_bound(self, message: Message, market: Market) -> Message:
        """Choose a price at an end of the band and a size at an end of what is allowed; or one beyond."""
        parameters, random = market.parameters, self.random
        band = market.mark * parameters.band_ppm // c.PPM_UNIT + random.randint(0, 1)
        prices = (market.mark + band, market.mark - band, 0, c.RANK_MAX, market.mark)
        sizes = (
            parameters.min_size - random.randint(0, 1),
            parameters.max_position + random.randint(0, 1),
            0,
            SIZE_MAX,
        )
        return replace(message, price=random.choice(prices), size=random.choice(sizes))

    def _anywhere(self, message: Message, market: Market) -> Message:
        away = self.random.randint(-4, 8) * (1 - 2 * message.side)
        largest = max(market.parameters.max_position // self.random.choice((1, 3, 30)), 1)
        size = self.random.randint(market.parameters.min_size, market.parameters.min_size + largest)
        return replace(message, price=market.mark - away, size=size)
