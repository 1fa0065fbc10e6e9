"""What the API says of messages, orders and fills."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Raw, json

from sequencer.chain.receipts import Receipt, SignedReceipt
from sequencer.history.types import Fill, MessageRecord, OrderRecord
from sequencer.model.codes import MessageKind
from sequencer.service.wire.numbers import Markets, field_text, quote_text
from sequencer.service.wire.scalars import Body, ErrorBody, FieldText, Refusal, SideText, side_text

_REFERENCES: Final = [{"$ref": f"#/components/schemas/{name}"} for name in ("MessageResult", "ErrorBody")]
KindText = Literal["order", "cancel", "cancel_all"]
_KINDS: Final[dict[int, KindText]] = {
    MessageKind.ORDER: "order",
    MessageKind.CANCEL: "cancel",
    MessageKind.CANCEL_ALL: "cancel_all",
}


class OrderBody(Body, frozen=True, kw_only=True):
    """An order as it is now; `filled_value` and `fee` are money, the fee negative where rebates were more."""

    account: int
    nonce: int
    sequence: int
    batch: int
    market: str
    side: SideText
    price: str
    size: str
    filled: str
    remaining: str
    filled_value: str
    fee: str
    ioc: bool
    post_only: bool
    reduce_only: bool
    expiry: int
    max_fee_ppm: int
    message_hash: FieldText
    status: Literal["resting", "filled", "cancelled", "expired", "rejected"]
    reason: str
    received_ms: int
    updated_ms: int
    entry: int

    @classmethod
    def of(cls, record: OrderRecord, markets: Markets) -> "OrderBody":
        """Return the body of an order."""
        units = markets.of_slot(record.market)
        return cls(
            account=record.account,
            nonce=record.nonce,
            sequence=record.sequence,
            batch=record.batch,
            market=units.symbol,
            side=side_text(record.side),
            price=units.price(record.price),
            size=units.size(record.size),
            filled=units.size(record.filled),
            remaining=units.size(record.remaining),
            filled_value=quote_text(record.filled_value * units.quote_per_tick_lot),
            fee=quote_text(record.fee),
            ioc=record.ioc,
            post_only=record.post_only,
            reduce_only=record.reduce_only,
            expiry=record.expiry,
            max_fee_ppm=record.max_fee_ppm,
            message_hash=field_text(record.message_hash),
            status=record.status.value,
            reason=record.reason,
            received_ms=record.received_ms,
            updated_ms=record.updated_ms,
            entry=record.entry,
        )


class FillBody(Body, frozen=True, kw_only=True):
    """One account's part in one trade; no price where the insurance fund took over."""

    account: int
    market: str
    side: SideText
    price: str | None
    size: str
    value: str
    fee: str
    role: Literal["maker", "taker", "liquidated", "fund"]
    trade: int
    order_sequence: int
    nonce: int
    batch: int
    time_ms: int
    entry: int

    @classmethod
    def of(cls, fill: Fill, markets: Markets) -> "FillBody":
        """Return the body of a fill."""
        units = markets.of_slot(fill.market)
        return cls(
            account=fill.account,
            market=units.symbol,
            side=side_text(fill.side),
            price=units.price(fill.price) if fill.price else None,
            size=units.size(fill.size),
            value=quote_text(fill.value),
            fee=quote_text(fill.fee),
            role=fill.role.value,
            trade=fill.trade,
            order_sequence=fill.order_sequence,
            nonce=fill.nonce,
            batch=fill.batch,
            time_ms=fill.time_ms,
            entry=fill.entry,
        )


class ReceiptBody(Body, frozen=True, kw_only=True):
    """The operator's promise of a message's place, as anyone may put it before the contract."""

    batch_number: int
    sequence: int
    message_hash: FieldText
    due_by: int
    epoch_hash: FieldText
    requests_end: int
    queue_hash: FieldText
    signature: str

    @classmethod
    def of(cls, signed: SignedReceipt) -> "ReceiptBody":
        """Return the body of a receipt."""
        receipt = signed.receipt
        return cls(
            batch_number=receipt.batch_number,
            sequence=receipt.sequence,
            message_hash=field_text(receipt.message_hash),
            due_by=receipt.due_by,
            epoch_hash=field_text(receipt.epoch_hash),
            requests_end=receipt.requests_end,
            queue_hash=field_text(receipt.queue_hash),
            signature=f"0x{signed.signature.hex()}",
        )

    def receipt(self) -> SignedReceipt:
        """Return what the body says; ValueError if its numbers are none."""
        receipt = Receipt(
            batch_number=self.batch_number,
            sequence=self.sequence,
            message_hash=int(self.message_hash),
            due_by=self.due_by,
            epoch_hash=int(self.epoch_hash),
            requests_end=self.requests_end,
            queue_hash=int(self.queue_hash),
        )
        return SignedReceipt(receipt, bytes.fromhex(self.signature.removeprefix("0x")))


class MessageState(Body, frozen=True, kw_only=True):
    """What a message came to; `order` as it is now."""

    account: int
    nonce: int
    kind: KindText
    sequence: int
    batch: int
    verdict: str
    received_ms: int
    cancelled: list[int]
    order: OrderBody | None = None

    @classmethod
    def of(cls, record: MessageRecord, order: OrderBody | None) -> "MessageState":
        """Return the body of what became of a message."""
        return cls(
            account=record.account,
            nonce=record.nonce,
            kind=_KINDS[record.kind],
            sequence=record.sequence,
            batch=record.batch,
            verdict=record.verdict,
            received_ms=record.received_ms,
            cancelled=list(record.cancelled),
            order=order,
        )


class MessageResult(MessageState, frozen=True, kw_only=True):
    """The one answer to a signed message; `repeated` if it had been given before."""

    repeated: bool
    receipt: ReceiptBody

    @classmethod
    def answering(
        cls,
        record: MessageRecord,
        order: OrderRecord | None,
        receipt: SignedReceipt,
        markets: Markets,
        *,
        repeated: bool,
    ) -> "MessageResult":
        """Return the body of an answer."""
        return cls(
            account=record.account,
            nonce=record.nonce,
            kind=_KINDS[record.kind],
            sequence=record.sequence,
            batch=record.batch,
            verdict=record.verdict,
            received_ms=record.received_ms,
            cancelled=list(record.cancelled),
            order=OrderBody.of(order, markets) if order is not None else None,
            repeated=repeated,
            receipt=ReceiptBody.of(receipt),
        )


class ResultsBody(Body, frozen=True, kw_only=True):
    """One result a message, in their order: a `MessageResult`, or an `ErrorBody` (see `decode_result`)."""

    results: Annotated[list[Raw], Meta(extra_json_schema={"items": {"anyOf": _REFERENCES}})]


def decode_result(body: bytes | Raw) -> MessageResult | ErrorBody:
    """Return the result that a body says, good or bad; DecodeError or UnicodeDecodeError if it is none."""
    if json.decode(body, type=_Peek).error is not None:
        return json.decode(body, type=ErrorBody)
    return json.decode(body, type=MessageResult)


class _Peek(Body, frozen=True, kw_only=True):
    error: Refusal | None = None
