"""What calldata says of a leaf: a head and the words that changed, or nothing."""

import itertools
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from prover.witness import Nested
from sequencer.batch.records import account_record, market_record
from sequencer.batch.stream import StreamSlot
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.market import MarketParameters
from sequencer.model.words import to_field
from tests.circuits.harness import CircuitTester
from tests.strategies import PARAMETERS, funded_account, open_market

MARKET = open_market(PARAMETERS[0])
ACCOUNT = replace(funded_account(9, -77), positions=(5, -6, 0, 1), indices=(7, -8, 0, 0))
WORDS = [7, 8, 9, 10, 11]


@pytest.fixture(scope="module")
def market() -> CircuitTester:
    return CircuitTester("Record", (c.MARKET_RECORD_WORDS - 1, c.RECORD_TAG_MARKET))


@pytest.fixture(scope="module")
def account() -> CircuitTester:
    return CircuitTester("Record", (c.ACCOUNT_RECORD_WORDS - 1, c.RECORD_TAG_ACCOUNT))


def inputs(number: int, before: Sequence[int], after: Sequence[int]) -> dict[str, Nested]:
    return {"id": number, "before": before, "after": after}


def outputs(record: Sequence[StreamSlot]) -> dict[str, list[int]]:
    return {"word": [slot or 0 for slot in record], "present": [int(slot is not None) for slot in record]}


def account_words(account: Account) -> list[int]:
    return [account.owner, to_field(account.collateral), *account.position_words(), account.trading_leaf()]


@pytest.mark.parametrize("mark", [0, 5])
@pytest.mark.parametrize("indices", [(0, 0), (5, -5), (0, 5)])
@pytest.mark.parametrize("interest", [0, 5])
@pytest.mark.parametrize("parameters", PARAMETERS[:2])
def test_a_market_record_is_that_of_the_sequencer(
    market: CircuitTester, mark: int, indices: tuple[int, int], interest: int, parameters: MarketParameters
) -> None:
    moved = replace(MARKET, mark=MARKET.mark + mark, long_index=indices[0], short_index=indices[1])
    after = replace(moved, open_interest=interest, parameters=parameters)
    words = [each.words() for each in (MARKET, after)]
    assert market.accepts(inputs(3, *words))
    assert market.witness(inputs(3, *words)) == outputs(market_record(3, MARKET, after))


@pytest.mark.parametrize("number", [0, 1, (1 << c.ACCOUNT_BITS) - 1])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ACCOUNT, ACCOUNT),
        (ACCOUNT, replace(ACCOUNT, collateral=-78)),
        (ACCOUNT, replace(ACCOUNT, positions=(5, 0, 0, 2), indices=(7, 0, 0, -1), nonce=1)),
        (ACCOUNT, replace(ACCOUNT, indices=(7, 8, 0, 0))),
        (ACCOUNT, replace(ACCOUNT, positions=(-5, 6, 1, -1), collateral=0, nonce=1, owner=1)),
        (Account(), ACCOUNT),
    ],
)
def test_an_account_record_is_that_of_the_sequencer(
    account: CircuitTester, number: int, before: Account, after: Account
) -> None:
    words = inputs(number, account_words(before), account_words(after))
    assert account.accepts(words)
    assert account.witness(words) == outputs(account_record(number, before, after))


def test_a_word_that_changes_to_0_is_present(market: CircuitTester) -> None:
    head = 3 | 1 << c.RECORD_BITMAP_AT | c.RECORD_TAG_MARKET << c.RECORD_TAG_AT
    assert market.witness(inputs(3, WORDS, [0, *WORDS[1:]])) == {
        "word": [head, 0, 0, 0, 0, 0],
        "present": [1, 1, 0, 0, 0, 0],
    }


@pytest.mark.parametrize("changed", list(itertools.product((0, 1), repeat=5)))
@pytest.mark.parametrize("place", range(c.MARKET_RECORD_WORDS))
def test_presence_is_no_hint(market: CircuitTester, changed: tuple[int, ...], place: int) -> None:
    """Neither can a change be kept back, nor can a record be made up."""
    honest = inputs(3, WORDS, [word + flag for word, flag in zip(WORDS, changed, strict=True)])
    present = market.witness(honest)["present"]
    assert isinstance(present, list)
    flag = present[place]
    assert isinstance(flag, int)
    assert not market.accepts_witness_with(honest, {f"main.present[{place}]": 1 - flag})
    assert not market.accepts_witness_with(
        honest, {f"main.present[{place}]": 1 - flag, f"main.word[{place}]": 0}
    )


@pytest.mark.parametrize("place", range(c.MARKET_RECORD_WORDS))
def test_a_word_of_a_record_cannot_be_lied_about(market: CircuitTester, place: int) -> None:
    for after in ([9, 9, 8, 9, 10], WORDS):
        assert not market.accepts_witness_with(inputs(3, WORDS, after), {f"main.word[{place}]": 1})
