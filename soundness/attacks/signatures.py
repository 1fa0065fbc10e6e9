"""Signatures: nothing is done in a trader's name that he has not signed, with the current key, once."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import sealed
from sequencer.batch import signatures as signing
from sequencer.batch.draft import Draft
from sequencer.batch.signals import Inputs
from sequencer.crypto import SUBGROUP_ORDER
from sequencer.engine import messages
from sequencer.engine.events import MessageSequenced
from sequencer.engine.state import State
from sequencer.model.account import Account
from sequencer.model.codes import MessageKind
from sequencer.model.message import Message, SignedMessage
from soundness.attacks.attack import APPLYING, Cheat, CircuitAttack, Rule, Scenario, around, replaced
from soundness.attacks.exchange import BUY, SELL, Exchange, resting, signed_by, trader
from tests.strategies import START, trader_secret

SIGNED: Final = "each message of the current key epoch is signed by its account's key"
ONCE: Final = "a nonce is above the account's nonce, which becomes it"
SIGNATURE: Final = ("SignatureBatch", "MessageOwners")
VICTIM, THIEF = 1, 2


def _asks() -> Exchange:
    return Exchange(orders=[resting(1, 3, SELL, 1_001, 9), resting(2, VICTIM, BUY, 900, 9)])


def _victim_buys(exchange: Exchange) -> None:
    exchange.buy(VICTIM, 2, 1_001, expiry=START + 1_000)


ORDER = Scenario(_asks, _victim_buys)


def _forged(signed: Callable[[Message], SignedMessage]) -> Cheat:
    """Sign in the owner's place."""
    return replaced((Exchange, "sequenced", lambda exchange, honest: signed(honest.message)))


def _altered(**fields: Any) -> Cheat:
    """Put a message with other fields under the signature that the owner made."""
    return replaced((Exchange, "sequenced", lambda exchange, honest: altered(honest, **fields)))


def altered(honest: SignedMessage, **fields: Any) -> SignedMessage:
    """Return another message with the signature of an honest one."""
    return replace(honest, message=replace(honest.message, **fields))


# ---- One attack a signed field.

_FIELDS: Final[dict[str, Any]] = {
    "nonce": 7,
    "kind": MessageKind.CANCEL_ALL,
    "market": 1,
    "side": SELL,
    "ioc": True,
    "post_only": True,
    "reduce_only": True,
    "expiry": START + 2_000,
    "max_fee_ppm": 2_000,
    "price": 1_500,
    "size": 3,
    "target": 1,
}


def _one_key_for_two() -> Exchange:
    """Give the thief's account the victim's key: only the account's number tells their messages apart."""
    thief = replace(trader(THIEF), key=trader(VICTIM).key)
    return Exchange({THIEF: thief}, [resting(1, 3, SELL, 1_001, 9)])


def _same_key_again() -> Exchange:
    """Let the victim register the same key once more: only the epoch tells old messages from new ones."""
    return Exchange({VICTIM: trader(VICTIM, key_epoch=2)}, [resting(1, 3, SELL, 1_001, 9)])


def _victim_buys_by_first_key(exchange: Exchange) -> None:
    message = Message(VICTIM, 1, 1, price=1_001, size=2, max_fee_ppm=1_000)
    exchange.submit(signed_by(trader_secret(VICTIM), message))


def _field_attack(field: str, value: Any) -> CircuitAttack:
    name = field.replace("_ppm", "").replace("_", "-")
    claim = f"a message does what its owner signed: {name}"
    return CircuitAttack(
        f"change-the-signed-{name}", claim, SIGNED, ORDER, SIGNATURE, _altered(**{field: value})
    )


# ---- Keys.


def _rotate_and_buy(exchange: Exchange) -> None:
    exchange.register(VICTIM, 2)
    exchange.buy(VICTIM, 2, 1_001)


def _rotate_and_use_first_epoch(exchange: Exchange) -> None:
    exchange.register(VICTIM, 2)
    exchange.buy(VICTIM, 2, 1_001, key_epoch=1)


def _accept_any_epoch(honest: Callable[..., Any], state: State, message: Message) -> Any:
    """Carry a message out as if its key epoch were current."""
    account = state.account(message.account)
    state.put_account(message.account, replace(account, key_epoch=message.key_epoch))
    events = honest(state, message)
    state.put_account(message.account, replace(state.account(message.account), key_epoch=account.key_epoch))
    return events


def _accept_epoch_zero(honest: Callable[..., Any], state: State, message: Message) -> Any:
    sequence, account = state.take_sequence(), state.account(message.account)
    steps = messages._carry_out(state, sequence, message, account)
    return [MessageSequenced(sequence, message, True), *steps]


def _without_signature(honest: Callable[[Draft], Inputs], draft: Draft) -> Inputs:
    """Claim that no message needs a signature."""
    events = tuple(
        replace(event, authenticated=False) if isinstance(event, MessageSequenced) else event
        for event in draft.events
    )
    return honest(replace(draft, events=events))


def _with_key_of_thief(honest: Callable[[Draft], Inputs], draft: Draft) -> Inputs:
    """Check each message against the thief's key."""
    return honest(replace(draft, messages=tuple(altered(each, account=THIEF) for each in draft.messages)))


def _thief_takes_part(exchange: Exchange) -> None:
    _victim_buys(exchange)
    exchange.buy(THIEF, 1, 990)


def _nobody_has_a_key() -> Exchange:
    account = Account(owner=trader(VICTIM).owner, collateral=trader(VICTIM).collateral)
    return Exchange({VICTIM: account}, [resting(1, 3, SELL, 1_001, 9)])


def _malleated(honest: SignedMessage) -> SignedMessage:
    x, y, scalar = honest.signature
    return replace(honest, signature=(x, y, scalar + SUBGROUP_ORDER))


def _moved_point(honest: Callable[..., tuple[int, int]], point: tuple[int, int]) -> tuple[int, int]:
    u, v = honest(point)
    return u, v + 1


# ---- Replays.


def _twice(exchange: Exchange) -> None:
    _victim_buys(exchange)
    exchange.submit(exchange.received[0])


def _bought_before() -> Exchange:
    exchange = _asks()
    exchange.open()
    _victim_buys(exchange)
    exchange.seal()
    return exchange


def _again(exchange: Exchange) -> None:
    exchange.submit(exchange.received[0])


def _forget_nonce(
    honest: Callable[..., Any], state: State, sequence: int, message: Message, account: Account
) -> Any:
    return honest(state, sequence, message, replace(account, nonce=-1))


def _keep_nonce(honest: Callable[..., Any], state: State, message: Message) -> Any:
    """Let the account keep its nonce, so that the message can be used again."""
    nonce = state.account(message.account).nonce
    events = honest(state, message)
    state.put_account(message.account, replace(state.account(message.account), nonce=nonce))
    return events


def _raise_nonce(honest: Callable[..., Any], state: State, message: Message) -> Any:
    """Burn nonces that the owner has not used."""
    events = honest(state, message)
    account = state.account(message.account)
    state.put_account(message.account, replace(account, nonce=account.nonce + 1_000))
    return events


_NONCE: Final[Rule] = around(messages, "_carry_out", _forget_nonce)


def _sequencing(lie: Callable[..., Any]) -> Cheat:
    return replaced(around(APPLYING, "sequence_message", lie))


ATTACKS = (
    *(_field_attack(field, value) for field, value in _FIELDS.items()),
    CircuitAttack(
        "change-the-signed-account",
        "a message acts for the account that is signed, even where two accounts share a key",
        SIGNED,
        Scenario(_one_key_for_two, _victim_buys),
        SIGNATURE,
        _altered(account=THIEF),
    ),
    CircuitAttack(
        "change-the-signed-key-epoch",
        "a message of an old epoch stays void, even if its key comes back",
        SIGNED,
        Scenario(_same_key_again, _victim_buys_by_first_key),
        SIGNATURE,
        _altered(key_epoch=2),
    ),
    CircuitAttack(
        "replay-a-message-of-another-domain",
        "what is signed for one deployment is void in every other",
        "the domain is under the signature",
        ORDER,
        SIGNATURE,
        _forged(lambda message: signed_by(trader_secret(VICTIM), message, domain=1)),
    ),
    CircuitAttack(
        "sign-with-anothers-key",
        "only the owner trades for an account",
        SIGNED,
        ORDER,
        SIGNATURE,
        _forged(lambda message: signed_by(trader_secret(THIEF), message)),
    ),
    CircuitAttack(
        "check-against-anothers-key",
        "only the owner trades for an account",
        "a message is checked against its own account's key",
        Scenario(_asks, _thief_takes_part),
        SIGNATURE,
        replaced(
            (Exchange, "sequenced", lambda exchange, honest: signed_by(trader_secret(THIEF), honest.message)),
            around(sealed, "signature_inputs", _with_key_of_thief),
        ),
    ),
    CircuitAttack(
        "leave-a-signature-out",
        "a message with an effect is signed",
        SIGNED,
        ORDER,
        SIGNATURE,
        replaced(around(sealed, "signature_inputs", _without_signature)),
    ),
    CircuitAttack(
        "use-the-old-key-after-rotation",
        "a rotated key is void at once",
        SIGNED,
        Scenario(_asks, _rotate_and_buy),
        SIGNATURE,
        _forged(lambda message: signed_by(trader_secret(VICTIM, 1), message)),
    ),
    CircuitAttack(
        "use-the-old-epoch-after-rotation",
        "a message of a rotated key is dropped",
        "KEY_EPOCH: the key epoch is not the account's",
        Scenario(_asks, _rotate_and_use_first_epoch),
        ("Step",),
        _sequencing(_accept_any_epoch),
    ),
    CircuitAttack(
        "trade-for-an-account-without-a-key",
        "nobody trades for an account before its owner registered a key",
        "KEY_EPOCH: the key epoch is 0",
        Scenario(_nobody_has_a_key, _victim_buys),
        ("Step",),
        _sequencing(_accept_epoch_zero),
    ),
    CircuitAttack(
        "malleate-a-signature",
        "a signature has one form",
        "S < l",
        ORDER,
        ("SignatureTerm",),
        replaced((Exchange, "sequenced", lambda exchange, honest: _malleated(honest))),
    ),
    CircuitAttack(
        "sign-with-a-point-off-the-curve",
        "a signature's point is on the curve",
        "R8 is on the curve",
        ORDER,
        ("TimesCofactor",),
        replaced(around(signing, "montgomery", _moved_point)),
    ),
    CircuitAttack(
        "replay-by-nonce",
        "a signed order is carried out once",
        ONCE,
        Scenario(_asks, _twice),
        ("Step",),
        replaced(_NONCE),
    ),
    CircuitAttack(
        "replay-in-a-later-batch",
        "a signed order is carried out once, whatever the batch",
        ONCE,
        Scenario(_bought_before, _again),
        ("Step",),
        replaced(_NONCE),
    ),
    CircuitAttack(
        "keep-a-nonce-for-later",
        "a sequenced message consumes its nonce",
        ONCE,
        ORDER,
        ("StoreAccounts", "Batch"),
        _sequencing(_keep_nonce),
    ),
    CircuitAttack(
        "burn-nonces",
        "only a signed message moves the nonce",
        ONCE,
        ORDER,
        ("StoreAccounts", "Batch"),
        _sequencing(_raise_nonce),
    ),
    CircuitAttack(
        "burn-a-nonce-by-a-stale-message",
        "a message of another key epoch, which needs no signature, changes nothing",
        "KEY_EPOCH: no nonce is consumed",
        Scenario(_asks, _rotate_and_use_first_epoch),
        ("StoreAccounts", "Batch"),
        _sequencing(_raise_nonce),
    ),
)
