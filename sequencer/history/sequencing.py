"""What one sequenced message did: its order, its fills, what it cancelled, and the answer to it."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from sequencer.engine.events import (
    BookExhausted,
    Cancelled,
    CancelledAll,
    Dropped,
    Event,
    Filled,
    MakerRemoved,
    MessageSequenced,
    Rested,
    TakenOver,
)
from sequencer.history.draft import ProjectionDraft
from sequencer.history.types import Fill, MessageRecord, OrderRecord, OrderStatus, Role, Trade
from sequencer.model import constants as c
from sequencer.model.codes import MessageKind, Verdict
from sequencer.model.message import Message

LIQUIDATION: Final = "liquidation"
"""Why orders ended that a liquidation cancelled."""

_NAMES: Final = {int(verdict): verdict.name.lower() for verdict in Verdict}
_ACCEPTED: Final = Verdict.ACCEPTED
_ORDER: Final = MessageKind.ORDER
_RESTING: Final = OrderStatus.RESTING
_TRADE_BITS: Final = 8


def name_of(verdict: Verdict) -> str:
    """Return how records call a verdict."""
    return _NAMES[int(verdict)]


class Sequencing:
    """Reads the events of one message into a draft.

    Parameters
    ----------
    message_hash
        0 where nobody signed it.
    """

    __slots__ = (
        "_cancelled",
        "_draft",
        "_fills",
        "_hash",
        "_is_unsigned",
        "_message",
        "_order",
        "_received_ms",
        "_sequence",
        "_verdict",
    )

    def __init__(
        self, draft: ProjectionDraft, sequenced: MessageSequenced, message_hash: int, received_ms: int
    ) -> None:
        self._draft = draft
        self._message, self._sequence = sequenced.message, sequenced.sequence
        self._hash, self._received_ms = message_hash, received_ms
        self._verdict = _ACCEPTED
        self._cancelled: tuple[int, ...] = ()
        self._fills, self._is_unsigned = 0, self._message.is_unsigned
        self._order = self._new_order() if self._message.kind == _ORDER else None

    def read(self, steps: Iterable[Event]) -> None:
        """Take all events of the message: one a micro-step."""
        touched = self._draft.touched
        touched.add(self._message.account)
        if self._is_unsigned:
            touched.add(c.INSURANCE_ACCOUNT)
        for event in steps:
            self._step(event)
        if self._order is not None:
            self._draft.put_order(self._ended(self._order))
            self._draft.placed = self._sequence

    def answer(self) -> MessageRecord:
        """Return what the message came to; for signed messages, once it is read."""
        message, update = self._message, self._draft.update
        return MessageRecord(
            account=message.account,
            nonce=message.nonce,
            kind=message.kind,
            message_hash=self._hash,
            sequence=self._sequence,
            batch=update.batch,
            received_ms=self._received_ms,
            entry=update.number,
            verdict=name_of(_ACCEPTED if self._fills else self._verdict),
            cancelled=self._cancelled,
        )

    def _step(self, event: Event) -> None:
        match event:
            case Rested() | BookExhausted():
                pass
            case Cancelled(order=order):
                self._verdict = Verdict.CANCELLED
                if self._draft.end_if_live(order.sequence, OrderStatus.CANCELLED, name_of(Verdict.CANCELLED)):
                    self._cancelled += (order.sequence,)
            case Filled():
                self._trade(event)
            case Dropped(verdict=verdict):
                self._verdict = verdict
            case MakerRemoved(head=head, verdict=verdict):
                self._draft.touched.add(head.account)
                self._draft.end_if_live(head.sequence, OrderStatus.CANCELLED, name_of(verdict))
            case CancelledAll(account=account):
                self._verdict = Verdict.CANCELLED
                reason = LIQUIDATION if self._is_unsigned else name_of(Verdict.CANCELLED)
                self._cancelled += self._draft.end_all(account, reason)
            case TakenOver():
                self._take_over(event)
            case _:
                raise AssertionError(f"{event} is no micro-step")

    def _trade(self, event: Filled) -> None:
        draft, head, lots, side = self._draft, event.head, event.quantity, self._message.side
        maker = draft.fill_order(head.sequence, lots, event.maker_fee)
        per_tick_lot = draft.update.markets[head.market].parameters.quote_per_tick_lot
        taker = self._fill(head.market, side, lots, head.price, lots * head.price * per_tick_lot)
        if self._order is not None:
            self._order = draft.filled(self._order, lots, head.price, event.taker_fee)
            order_sequence, nonce = self._sequence, self._message.nonce
        else:
            order_sequence = nonce = 0
        draft.fills += (
            replace(taker, fee=event.taker_fee, order_sequence=order_sequence, nonce=nonce),
            replace(
                taker,
                account=maker.account,
                side=maker.side,
                fee=event.maker_fee,
                role=Role.MAKER,
                order_sequence=maker.sequence,
                nonce=maker.nonce,
            ),
        )
        made = Trade(
            market=head.market,
            price=head.price,
            size=lots,
            side=side,
            trade=taker.trade,
            liquidation=self._is_unsigned,
            batch=draft.update.batch,
            time_ms=draft.time_ms,
            entry=draft.update.number,
        )
        draft.trades += (made,)

    def _take_over(self, event: TakenOver) -> None:
        given = self._fill(event.market, event.side, event.quantity, 0, event.quote)
        taken = replace(given, account=c.INSURANCE_ACCOUNT, side=1 - event.side, role=Role.FUND)
        self._draft.fills += (given, taken)

    def _fill(self, market: int, side: int, lots: int, price: int, value: int) -> Fill:
        """Return the part of the message's account in its next trade, without fee and order."""
        draft = self._draft
        trade = self._sequence << _TRADE_BITS | self._fills
        self._fills += 1
        return Fill(
            account=self._message.account,
            market=market,
            side=side,
            price=price,
            size=lots,
            value=value,
            fee=0,
            role=_role_of(self._message),
            trade=trade,
            order_sequence=0,
            nonce=0,
            batch=draft.update.batch,
            time_ms=draft.time_ms,
            entry=draft.update.number,
        )

    def _new_order(self) -> OrderRecord:
        message, draft = self._message, self._draft
        return OrderRecord(
            account=message.account,
            nonce=message.nonce,
            sequence=self._sequence,
            batch=draft.update.batch,
            market=message.market,
            side=message.side,
            price=message.price,
            size=message.size,
            ioc=message.ioc,
            post_only=message.post_only,
            reduce_only=message.reduce_only,
            expiry=message.expiry,
            max_fee_ppm=message.max_fee_ppm,
            message_hash=self._hash,
            received_ms=self._received_ms,
            updated_ms=draft.time_ms,
            entry=draft.update.number,
            status=_RESTING,
        )

    def _ended(self, order: OrderRecord) -> OrderRecord:
        """Return the order as the message leaves it."""
        verdict = self._verdict
        if verdict is _ACCEPTED:
            return order
        was_refused = order.filled == 0 and verdict is not Verdict.IOC_REMAINDER
        status = OrderStatus.REJECTED if was_refused else OrderStatus.CANCELLED
        return replace(order, status=status, reason=name_of(verdict))


def _role_of(message: Message) -> Role:
    if not message.is_unsigned:
        return Role.TAKER
    return Role.LIQUIDATED if message.is_liquidation else Role.FUND
