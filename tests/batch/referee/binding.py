"""Conservation, roots and the data stream (claim 7)."""

from dataclasses import dataclass

from eth_utils.crypto import keccak

from sequencer.crypto import FIELD_MODULUS, SparseTree, poseidon
from sequencer.model.words import from_field, to_field
from tests.batch.referee.epoch import queue_words
from tests.batch.referee.signals import Inputs, require
from tests.batch.referee.step import Taken
from tests.batch.referee.tables import MarketSlot, Slot


@dataclass(frozen=True)
class Published:
    """Everything below the state root."""

    account_root: int
    market_leaves: list[int]
    fee_pool: int
    funding_pool: int
    requests_consumed: int
    page_root: int
    log_head: int
    next_sequence: int
    premium_words: list[int]
    venue_word: int

    def exit_root(self) -> int:
        globals_node = poseidon((self.fee_pool, to_field(self.funding_pool), self.requests_consumed))
        return poseidon((self.account_root, poseidon(self.market_leaves), globals_node))

    def state_root(self) -> int:
        premium_root = poseidon(self.premium_words)
        held = (self.page_root, self.log_head, self.next_sequence, premium_root, self.venue_word)
        book_root = poseidon(held)
        return poseidon((self.exit_root(), book_root))


def conservation(inputs: Inputs, slots: list[Slot], pools: int, inflow: int) -> None:
    collateral = sum(slot.collateral for slot in slots)
    before = sum(from_field(element) for element in inputs["accountCollateral"])
    pools_before = inputs["feePool"] + from_field(inputs["fundingPool"])
    require(
        collateral + pools == before + pools_before + inflow,
        "collateral and pools move by deposits and payments only",
    )
    for market in range(4):
        moved = sum(slot.positions[market] for slot in slots)
        moved -= sum(from_field(positions[market]) for positions in inputs["accountPosition"])
        require(moved == 0, "positions move by zero in sum")


def log_root(taken: list[Taken]) -> int:
    tree = SparseTree(3)
    for place, message in enumerate(taken):
        tree.set(place, message.hash)
    return tree.root


def body(
    inputs: Inputs, outcomes: list[int], slots: list[Slot], markets: list[MarketSlot]
) -> list[int | None]:
    """The stream behind the header; None where a slot is absent."""
    queue, requests = queue_words(inputs), len(inputs["requestKind"])
    stream: list[int | None] = [*queue, *[None] * (3 * requests - len(queue))]
    stream += [*outcomes, *[None] * (requests - len(outcomes))]
    for slot in slots:
        stream += _record(slot.id, 1, slot.before, slot.words())
    for place, market in enumerate(markets):
        stream += _record(place, 2, market.before, market.words())
    return stream


def counts(inputs: Inputs, body: list[int | None], requests: int, messages: int) -> int:
    """The header word that tells how many of each there are."""
    records = body[4 * len(inputs["requestKind"]) :]
    accounts, markets = records[:-24], records[-24:]
    word = requests | messages << 16
    word |= sum(head is not None for head in accounts[::8]) << 32
    word |= sum(head is not None for head in markets[::6]) << 48
    return word | 14 + sum(slot is not None for slot in body) << 64


def _record(number: int, tag: int, before: list[int], after: list[int]) -> list[int | None]:
    changed = [new if new != old else None for old, new in zip(before, after, strict=True)]
    bitmap = sum(1 << bit for bit, word in enumerate(changed) if word is not None)
    return [number | bitmap << 20 | tag << 32 if bitmap else None, *changed]


def bound(inputs: Inputs, slots: list[int | None]) -> None:
    """Claim 7: c binds the slots and their flags, y the words at the contract's r."""
    flags = [slot is not None for slot in slots[14:]]
    packed = [
        sum(1 << bit for bit, flag in enumerate(flags[start : start + 250]) if flag)
        for start in range(0, len(flags), 250)
    ]
    words = [slot or 0 for slot in slots] + packed
    words += [0] * (-len(words) % 15)
    c = 0
    for link in range(0, len(words), 15):
        c = poseidon((c, *words[link : link + 15]))
    require(inputs["c"] == c, "c binds the stream")
    present = [slot for slot in slots if slot is not None]
    digest = keccak(b"".join(word.to_bytes(32, "big") for word in present))
    r = int.from_bytes(keccak(c.to_bytes(32, "big") + digest), "big") % FIELD_MODULUS
    require(inputs["r"] == r, "r is the contract's")
    y = sum(word * pow(r, power, FIELD_MODULUS) for power, word in enumerate(present))
    require(inputs["y"] == y % FIELD_MODULUS, "y sums the present words")
