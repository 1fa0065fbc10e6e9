"""The scalars of the signature check, solved anew for inputs that were lied about.

They are functions of everything that the check absorbs, so a prover who lies about a key or a message fills
them in last. Without that an attack would be refused for stale scalars, not for its lie.
"""

from typing import Final

from sequencer.batch.combination import Signed
from sequencer.batch.signals import Inputs
from sequencer.batch.signatures import combination_hints
from sequencer.crypto import FIELD_MODULUS as P
from sequencer.crypto.reference.babyjubjub import Point, multiply
from sequencer.model import constants as c
from sequencer.model.codes import RequestKind
from sequencer.model.message import Message
from sequencer.model.oracle import OracleReport
from sequencer.state.record import Signal

_FIELDS: Final = (
    "account",
    "keyEpoch",
    "nonce",
    "kind",
    "market",
    "side",
    "ioc",
    "postOnly",
    "reduceOnly",
    "expiry",
    "maxFee",
    "price",
    "size",
    "target",
)


def with_scalars(inputs: Inputs) -> Inputs:
    """Return the inputs with bits, quotients and carries that fit their keys, messages and signatures.

    Inputs for which there are none, because a key, a point or a field is none, stay as they are.
    """
    try:
        hints = combination_hints(_keys(inputs), _slots(inputs))
    except ValueError:
        return inputs
    return inputs | {f"signature{name.capitalize()}": hint for name, hint in hints.items()}


def _keys(inputs: Inputs) -> list[tuple[int, int]]:
    """Return the keys of the account slots as requests leave them, then those of the oracle's signers."""
    keys = _rows(inputs["accountKey"])
    epochs = _numbers(inputs["accountKeyEpoch"])
    exhausted = (1 << c.KEY_EPOCH_BITS) - 1
    requests = zip(
        _numbers(inputs["requestEnabled"]),
        _numbers(inputs["requestKind"]),
        _rows(inputs["requestSlot"]),
        _rows(inputs["requestData"]),
        strict=True,
    )
    for enabled, kind, slot, key in requests:
        if enabled and kind == RequestKind.REGISTER_KEY and (place := _place(slot)) is not None:
            if epochs[place] < exhausted:
                keys[place] = key
            epochs[place] += 1
    oracle = _rows(inputs["oracleKey"])
    keys += [oracle[signer] for signer in _signers(inputs)]
    return [(x, y) for x, y in keys]


def _slots(inputs: Inputs) -> list[Signed]:
    owners = [_place(slot) for slot in _rows(inputs["signatureSlot"])]
    accounts = len(_numbers(inputs["accountId"]))
    owners += [accounts + place for place in range(len(_signers(inputs)))]
    signatures = zip(_rows(inputs["signatureQ"]), _numbers(inputs["signatureS"]), strict=True)
    return [
        Signed(owner, message, (*_eightfold(*q), s))
        for owner, message, (q, s) in zip(owners, _messages(inputs, accounts), signatures, strict=True)
    ]


def _messages(inputs: Inputs, accounts: int) -> list[int]:
    """Return what each slot signs: the messages that steps take, then the reports."""
    domain = inputs["domain"]
    assert isinstance(domain, int)
    fields = [_numbers(inputs[f"step{name[0].upper()}{name[1:]}"]) for name in _FIELDS]
    taken = [
        Message(*values).hash(domain)
        for take, *values in zip(_numbers(inputs["stepTake"]), *fields, strict=True)
        if take == 1
    ]
    time = inputs["oracleTime"]
    assert isinstance(time, int)
    reports = [
        OracleReport(signer, time, tuple(prices), (0, 0, 0)).hash(domain)
        for signer, prices in zip(_signers(inputs), _rows(inputs["oraclePrice"]), strict=True)
    ]
    places = len(_rows(inputs["signatureSlot"]))
    return taken + [0] * (places - len(taken)) + reports


def _signers(inputs: Inputs) -> list[int]:
    return [_place(signer) or 0 for signer in _rows(inputs["oracleSigner"])]


def _place(one_hot: list[int]) -> int | None:
    return one_hot.index(1) if 1 in one_hot else None


def _eightfold(u: int, v: int) -> tuple[int, int]:
    """Return 8 Q for a Q in Montgomery form."""
    return multiply(8, Point(u * pow(v, -1, P) % P, (u - 1) * pow(u + 1, -1, P) % P)).affine()


def _numbers(signal: Signal) -> list[int]:
    assert not isinstance(signal, int)
    return [number % P for number in signal if isinstance(number, int)]


def _rows(signal: Signal) -> list[list[int]]:
    assert not isinstance(signal, int)
    return [_numbers(row) for row in signal]
