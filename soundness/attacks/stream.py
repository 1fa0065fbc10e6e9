"""The data stream: L1 learns every change of money and positions, as it is, once."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import records, sealed
from sequencer.batch.signals import Inputs
from sequencer.batch.sizes import batch_size
from sequencer.batch.stream import Stream, StreamSlot, challenge, evaluate
from sequencer.model import constants as c
from sequencer.model.account import Account
from soundness.attacks.attack import Cheat, CircuitAttack, Scenario, Tamper, around, replaced
from soundness.attacks.exchange import SELL, Exchange, resting

TAKER, MAKER, DEPOSITOR = 2, 3, 1
BOUND: Final = "the stream is that of the new state"
Words = list[int]


def _book() -> Exchange:
    return Exchange(orders=[resting(1, MAKER, SELL, 1_001, 5)])


def _busy(exchange: Exchange) -> None:
    exchange.deposit(DEPOSITOR, 5_000)
    exchange.buy(TAKER, 2, 1_001)


BUSY = Scenario(_book, _busy)


def _header(place: int, change: int = 1) -> Cheat:
    """Publish another header word."""

    def lie(slots: list[StreamSlot]) -> None:
        word = slots[place]
        assert word is not None
        slots[place] = word + change

    return _slots(lie)


def _slots(edit: Callable[[list[StreamSlot]], None]) -> Cheat:
    """Publish other slots; c, r and y are those of the lie."""

    def build(honest: Callable[..., Stream], *arguments: Any) -> Stream:
        stream = honest(*arguments)
        slots = list(stream.slots)
        edit(slots)
        return replace(stream, slots=tuple(slots))

    return replaced(around(sealed, "build_stream", build))


def _records(lie: Callable[[int, list[StreamSlot]], list[StreamSlot]]) -> Cheat:
    """Write other account records; the counts and everything else fit the lie."""

    def record(
        honest: Callable[..., list[StreamSlot]], number: int, before: Account, after: Account
    ) -> list[StreamSlot]:
        return lie(number, honest(number, before, after))

    return replaced(around(records, "account_record", record))


def _of_taker(lie: Callable[[list[StreamSlot]], list[StreamSlot]]) -> Cheat:
    return _records(lambda number, slots: lie(slots) if number == TAKER else slots)


def _hidden(slots: list[StreamSlot]) -> list[StreamSlot]:
    return [None] * len(slots)


def _without(place: int) -> Callable[[list[StreamSlot]], list[StreamSlot]]:
    """Leave one word of a record out, bitmap included."""

    def lie(slots: list[StreamSlot]) -> list[StreamSlot]:
        head, *words = slots
        assert head is not None
        words[place] = None
        return [head & ~(1 << (c.RECORD_BITMAP_AT + place)), *words]

    return lie


def _with(place: int, word: int) -> Callable[[list[StreamSlot]], list[StreamSlot]]:
    """Publish a word, bitmap included, although it did not change."""

    def lie(slots: list[StreamSlot]) -> list[StreamSlot]:
        head, *words = slots
        assert head is not None
        words[place] = word
        return [head | 1 << (c.RECORD_BITMAP_AT + place), *words]

    return lie


def _changed(place: int) -> Callable[[list[StreamSlot]], list[StreamSlot]]:
    def lie(slots: list[StreamSlot]) -> list[StreamSlot]:
        word = slots[place]
        assert word is not None
        return [word + 1 if i == place else slot for i, slot in enumerate(slots)]

    return lie


def _swapped_records(slots: list[StreamSlot]) -> None:
    """Publish the record of the second account as the first."""
    at, width = c.HEADER_WORDS + batch_size("small").requests * (c.REQUEST_WORDS + 1), c.ACCOUNT_RECORD_WORDS
    first, second = slice(at, at + width), slice(at + width, at + 2 * width)
    slots[first], slots[second] = slots[second], slots[first]


def _market_hidden(honest: Callable[..., list[StreamSlot]], *arguments: Any) -> list[StreamSlot]:
    return [None] * c.MARKET_RECORD_WORDS


def _evaluating(lie: Callable[[Words], Words]) -> Tamper:
    """Keep c, and evaluate other words at the challenge that they give."""

    def tamper(inputs: Inputs) -> Inputs:
        words = lie(list(BUSY.sealed().words))
        commitment = inputs["c"]
        assert isinstance(commitment, int)
        r = challenge(commitment, words)
        return {**inputs, "r": r, "y": evaluate(words, r)}

    return tamper


def _attack(name: str, claim: str, cheat: Cheat, *where: str, rule: str = BOUND) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, BUSY, where or ("Batch",), cheat)


def _other_words(name: str, claim: str, lie: Callable[[Words], Words]) -> CircuitAttack:
    rule = "y is the polynomial of the committed slots at r"
    return CircuitAttack(name, claim, rule, BUSY, ("Batch",), tamper=_evaluating(lie))


COLLATERAL: Final = 1
_HEADER: Final = {
    "configuration-hash": c.HEADER_CONFIG_HASH,
    "old-state-root": c.HEADER_OLD_STATE_ROOT,
    "new-state-root": c.HEADER_NEW_STATE_ROOT,
    "exit-root": c.HEADER_NEW_EXIT_ROOT,
    "timestamp": c.HEADER_TIMESTAMP,
    "epoch-hash": c.HEADER_EPOCH_HASH,
    "first-sequence": c.HEADER_FIRST_SEQUENCE,
    "log-root": c.HEADER_LOG_ROOT,
    "requests-begin": c.HEADER_REQUESTS_BEGIN,
    "fee-pool": c.HEADER_FEE_POOL,
    "funding-pool": c.HEADER_FUNDING_POOL,
}
_COUNTS: Final = {
    "requests": 0,
    "messages": c.COUNTS_MESSAGES_AT,
    "account-records": c.COUNTS_ACCOUNTS_AT,
    "market-records": c.COUNTS_MARKETS_AT,
    "words": c.COUNTS_WORDS_AT,
}

ATTACKS = (
    *(
        _attack(f"publish-another-{name}", f"L1 learns the {name.replace('-', ' ')}", _header(place))
        for name, place in _HEADER.items()
    ),
    *(
        _attack(
            f"miscount-the-{name}",
            f"the {name.replace('-', ' ')} are counted",
            _header(c.HEADER_COUNTS, 1 << at),
        )
        for name, at in _COUNTS.items()
    ),
    _attack("hide-a-changed-account", "every change of money is published", _of_taker(_hidden)),
    _attack("hide-a-changed-balance", "every change of money is published", _of_taker(_without(COLLATERAL))),
    _attack("publish-another-balance", "what is published is so", _of_taker(_changed(1 + COLLATERAL))),
    _attack("publish-a-record-as-anothers", "a record is its account's", _of_taker(_changed(0))),
    _attack(
        "publish-a-word-that-did-not-change",
        "a stream has one form",
        _of_taker(_with(0, 0)),
        rule="words changed are present, no others",
    ),
    _attack(
        "publish-a-present-zero",
        "a stream has one form",
        _of_taker(_with(5, 0)),
        rule="words changed are present, no others",
    ),
    _attack("publish-accounts-in-another-order", "a stream has one form", _slots(_swapped_records)),
    _attack(
        "hide-a-changed-market",
        "every change of a market is published",
        replaced(around(records, "market_record", _market_hidden)),
    ),
    _other_words(
        "evaluate-another-stream-for-one-c",
        "one commitment has one stream",
        lambda words: [words[0] + 1, *words[1:]],
    ),
    _other_words("evaluate-trailing-words", "a stream has one length", lambda words: [*words, 7]),
    _other_words("evaluate-a-word-less", "a stream has one length", lambda words: words[:-1]),
    _other_words(
        "evaluate-swapped-words", "words have one order", lambda words: [*words[:-2], words[-1], words[-2]]
    ),
)
