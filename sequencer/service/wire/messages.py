"""Signed messages as bodies, and as the protocol has them."""

from typing import Annotated, Final

from msgspec import Meta

from sequencer.model import constants as c
from sequencer.model.codes import MessageKind
from sequencer.model.message import Message, SignedMessage
from sequencer.service.wire.numbers import Markets, field_element
from sequencer.service.wire.scalars import (
    Account,
    FieldText,
    KeyEpoch,
    Milliseconds,
    Nonce,
    Ppm,
    PriceText,
    Request,
    Seconds,
    Sequence,
    SideText,
    SignatureText,
    SizeText,
    Symbol,
    side_of,
    side_text,
)

MESSAGES_MAX: Final = 100


class SignedOrder(Request, frozen=True, kw_only=True, tag_field="type", tag="order", omit_defaults=True):
    """An order under its account's signature; the nonce is the client's name for it."""

    account: Account
    key_epoch: KeyEpoch
    nonce: Nonce
    market: Symbol
    side: SideText
    price: PriceText
    size: SizeText
    max_fee_ppm: Ppm
    signature: SignatureText
    ioc: bool = False
    post_only: bool = False
    reduce_only: bool = False
    expiry: Seconds = c.NEVER_EXPIRES


class SignedCancel(Request, frozen=True, kw_only=True, tag_field="type", tag="cancel", omit_defaults=True):
    """A cancel; `target` is the sequence of the order that rests in `market` on `side` at `price`."""

    account: Account
    key_epoch: KeyEpoch
    nonce: Nonce
    market: Symbol
    side: SideText
    price: PriceText
    target: Sequence
    signature: SignatureText
    expiry: Seconds = c.NEVER_EXPIRES


class SignedCancelAll(
    Request, frozen=True, kw_only=True, tag_field="type", tag="cancel_all", omit_defaults=True
):
    """A cancel of all older orders of the account, in all markets."""

    account: Account
    key_epoch: KeyEpoch
    nonce: Nonce
    signature: SignatureText
    expiry: Seconds = c.NEVER_EXPIRES


SignedBody = SignedOrder | SignedCancel | SignedCancelAll
MessageList = Annotated[list[SignedBody], Meta(min_length=1, max_length=MESSAGES_MAX)]


class ReplaceRequest(Request, frozen=True, kw_only=True):
    """A cancel, and an order that is sequenced only if the cancel removed its order."""

    cancel: SignedCancel
    order: SignedOrder


class BatchRequest(Request, frozen=True, kw_only=True):
    """Messages in the order in which they are to be sequenced."""

    messages: MessageList


class ChallengeRequest(Request, frozen=True, kw_only=True):
    """Whose key is to sign."""

    account: Account


class TokenRequest(Request, frozen=True, kw_only=True):
    """A challenge with the signature of the account's key."""

    account: Account
    challenge: FieldText
    signature: SignatureText


class DeadManRequest(Request, frozen=True, kw_only=True):
    """A cancel-all that is to be sequenced at a time, unless another takes its place before."""

    cancel_all: SignedCancelAll
    fire_at_ms: Milliseconds


def signature_of(text: SignatureText) -> tuple[int, int, int]:
    """Return the parts of a signature; MalformedNumberError, NumberRangeError."""
    r8x, r8y, s = text
    return field_element(r8x), field_element(r8y), field_element(s)


def signature_text(signature: tuple[int, int, int]) -> SignatureText:
    """Return a signature as bodies have it."""
    r8x, r8y, s = signature
    return str(r8x), str(r8y), str(s)


def to_signed(body: SignedBody, markets: Markets) -> SignedMessage:
    """Return the message that a body says; whether it is signed is still to be checked.

    Raises
    ------
    WireError
        If a number or the market means nothing.
    """
    return SignedMessage(_message(body, markets), signature_of(body.signature))


def from_signed(signed: SignedMessage, markets: Markets) -> SignedBody:
    """Return the body that says a message; the inverse of `to_signed`.

    Raises
    ------
    ValueError
        If nobody signs such a message.
    """
    message, signature = signed.message, signature_text(signed.signature)
    if message.kind == MessageKind.CANCEL_ALL:
        return SignedCancelAll(
            account=message.account,
            key_epoch=message.key_epoch,
            nonce=message.nonce,
            signature=signature,
            expiry=message.expiry,
        )
    units = markets.of_slot(message.market)
    if message.kind == MessageKind.CANCEL:
        return SignedCancel(
            account=message.account,
            key_epoch=message.key_epoch,
            nonce=message.nonce,
            market=units.symbol,
            side=side_text(message.side),
            price=units.price(message.price),
            target=message.target,
            signature=signature,
            expiry=message.expiry,
        )
    if message.kind != MessageKind.ORDER:
        raise ValueError(f"nobody signs a message of kind {message.kind}")
    return SignedOrder(
        account=message.account,
        key_epoch=message.key_epoch,
        nonce=message.nonce,
        market=units.symbol,
        side=side_text(message.side),
        price=units.price(message.price),
        size=units.size(message.size),
        max_fee_ppm=message.max_fee_ppm,
        signature=signature,
        ioc=message.ioc,
        post_only=message.post_only,
        reduce_only=message.reduce_only,
        expiry=message.expiry,
    )


def _message(body: SignedBody, markets: Markets) -> Message:
    match body:
        case SignedOrder():
            units = markets.named(body.market)
            return Message(
                account=body.account,
                key_epoch=body.key_epoch,
                nonce=body.nonce,
                market=units.slot,
                side=side_of(body.side),
                ioc=body.ioc,
                post_only=body.post_only,
                reduce_only=body.reduce_only,
                expiry=body.expiry,
                max_fee_ppm=body.max_fee_ppm,
                price=units.ticks(body.price),
                size=units.lots(body.size),
            )
        case SignedCancel():
            units = markets.named(body.market)
            return Message(
                account=body.account,
                key_epoch=body.key_epoch,
                nonce=body.nonce,
                kind=MessageKind.CANCEL,
                market=units.slot,
                side=side_of(body.side),
                expiry=body.expiry,
                price=units.ticks(body.price),
                target=body.target,
            )
        case SignedCancelAll():
            return Message(
                account=body.account,
                key_epoch=body.key_epoch,
                nonce=body.nonce,
                kind=MessageKind.CANCEL_ALL,
                expiry=body.expiry,
            )
