"""The book of a batch: pages are in the tree, rows are their orders, and what is left is what remains."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from sequencer.batch.sizes import BatchSize
from sequencer.crypto import SparseTree
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.model.order import Order
from sequencer.state.pages import Page
from tests.batch.fixtures import trading
from tests.circuits.book.case import (
    BookCase,
    Half,
    PageCase,
    ghost_row,
    half,
    order_row,
    row_table,
    sentinel_row,
)
from tests.circuits.book.lies import Tables, with_lies
from tests.circuits.harness import CircuitTester

PAGES, ROWS = 4, 16
FIRST_SEQUENCE = 10
BIDS, ASKS = (0, int(Side.BUY)), (0, int(Side.SELL))
BID_PAGE, NEAR_PAGE, NEW_PAGE, FAR_PAGE = range(PAGES)


def ask(price: int, sequence: int, remaining: int = 5) -> Order:
    return Order(0, Side.SELL, price, sequence, 1, remaining, c.NEVER_EXPIRES, 500, False)


# Asks 1 and 2 stand in the near page, 3 and 4 beyond FENCE in the far one; one bid stands alone.
FIRST, SECOND, THIRD, FOURTH = ask(1001, 1), ask(1002, 2), ask(1003, 3), ask(1004, 4)
BID = replace(ask(990, 5), side=Side.BUY)
FENCE = THIRD.key
NEAR = Page(*ASKS, 0, FENCE, (FIRST, SECOND))
FAR = Page(*ASKS, FENCE, c.REACH_END, (THIRD, FOURTH))
BID_SIDE = Page(*BIDS, orders=(BID,))
UNTOUCHED = {0: Page(3, Side.BUY), 7: Page(3, Side.SELL)}
# A buyer takes ask 1 and 3 lots of ask 2; asks 10 and 11 rest, one a page; a cancel finds no bid of its key.
LEFT = replace(SECOND, remaining=2)
RESTED_NEAR, RESTED_FAR = ask(1002, 10), ask(1009, 11)
CUT = RESTED_NEAR.key
FIRST_ROW = order_row(FIRST, final=0)
SECOND_ROW = order_row(SECOND, final=2, page=NEAR_PAGE)
NEAR_ROW = order_row(RESTED_NEAR, final=5, page=NEW_PAGE, is_new=True)
FAR_ROW = order_row(RESTED_FAR, final=5, page=FAR_PAGE, is_new=True)
ASK_SENTINEL = sentinel_row(ASKS, FENCE)
BID_SENTINEL = sentinel_row(BIDS, 0)
BID_ROW = order_row(BID, final=5, page=BID_PAGE)
GHOST_ROW = ghost_row(BIDS, BID.key + 1, BID_PAGE)
HONEST = BookCase(
    FIRST_SEQUENCE,
    pages=(
        PageCase(1, half(BID_SIDE), half(BID_SIDE)),
        # The near page is split: its second half goes to a free index.
        PageCase(2, half(NEAR), half(replace(NEAR, high=CUT, orders=(LEFT,))), front=1),
        PageCase(4, None, half(Page(*ASKS, CUT, FENCE, (RESTED_NEAR,)))),
        PageCase(
            9,
            half(FAR, [THIRD, FOURTH]),
            half(replace(FAR, orders=(THIRD, FOURTH, RESTED_FAR)), [THIRD, FOURTH]),
            full=0,
        ),
    ),
    rows=(
        BID_SENTINEL,
        BID_ROW,
        GHOST_ROW,
        FIRST_ROW,
        SECOND_ROW,
        NEAR_ROW,
        ASK_SENTINEL,
        FAR_ROW,
    ),
    others=UNTOUCHED,
)


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("StoreBook", (PAGES, ROWS))


def test_a_batch_fills_rests_passes_and_splits(circuit: CircuitTester) -> None:
    inputs = HONEST.inputs(PAGES, ROWS)
    assert circuit.accepts(inputs)
    assert circuit.witness(inputs) == {"rootAfter": HONEST.root_after()}


def test_a_batch_that_loads_no_page_leaves_the_tree(circuit: CircuitTester) -> None:
    nothing = BookCase(FIRST_SEQUENCE, (), (), UNTOUCHED)
    assert circuit.witness(nothing.inputs(PAGES, ROWS)) == {"rootAfter": nothing.root_after()}


def test_an_emptied_page_gives_its_range_to_its_neighbour(circuit: CircuitTester) -> None:
    moved = [order_row(order, final=5, page=1) for order in (THIRD, FOURTH)]
    case = BookCase(
        FIRST_SEQUENCE,
        (
            PageCase(2, half(NEAR), None, front=1),
            PageCase(9, half(FAR), half(replace(FAR, low=0)), front=1),
        ),
        (FIRST_ROW, order_row(SECOND, final=0), *moved, sentinel_row(ASKS, c.REACH_END)),
        UNTOUCHED,
    )
    assert circuit.witness(case.inputs(PAGES, ROWS)) == {"rootAfter": case.root_after()}


def test_batches_of_the_engine_are_stored(circuit: CircuitTester) -> None:
    size = BatchSize("book", steps=8, accounts=4, pages=PAGES, rows=ROWS, messages=4, requests=2)
    for seed in range(6):
        for _, batch in zip(range(3), trading(seed, size), strict=False):
            inputs = inputs_of(batch.inputs)
            # What the last step leaves is known from the pages: a row remains where its page has it.
            inputs["finalRemaining"] = finals(inputs)
            assert circuit.witness(inputs) == {"rootAfter": batch.new_roots.page}


def inputs_of(batch: Tables) -> Tables:
    """The inputs of `StoreBook` from those of a batch, all remainders as they were."""
    names = {"rank": "Rank", "sequence": "Sequence", "account": "Account", "expiry": "Expiry"}
    names |= {"market": "Market", "sentinel": "Sentinel", "maxFee": "MaxFee", "reduceOnly": "ReduceOnly"}
    fields = [{f: batch[f"row{name}"][o] for f, name in names.items()} for o in range(ROWS)]
    entry = {"used": "Used", "ghost": "Ghost", "remaining": "Remaining", "page": "Page"}
    page = {
        "enabled": "Enabled",
        "index": "Index",
        "was": "Was",
        "is": "Is",
        "full": "Full",
        "front": "Front",
    }
    halves = {"market": "Market", "side": "Side", "low": "Low", "high": "High", "word": "Word", "row": "Row"}
    return {
        "firstSequence": batch["firstSequence"],
        "rootBefore": batch["pageRoot"],
        "entry": [{f: batch[f"page{name}"][j] for f, name in page.items()} for j in range(PAGES)],
        "crown": batch["pageCrown"],
        "path": batch["pagePath"],
        "before": [{f: batch[f"pageOld{name}"][j] for f, name in halves.items()} for j in range(PAGES)],
        "after": [{f: batch[f"pageNew{name}"][j] for f, name in halves.items()} for j in range(PAGES)],
        "row": [
            {f: batch[f"row{name}"][o] for f, name in entry.items()} | {"fields": fields[o]}
            for o in range(ROWS)
        ],
        "key": [each["rank"] << c.SEQUENCE_BITS | each["sequence"] for each in fields],
        "rows": row_table(fields, batch["rowUsed"]),
    }


def finals(inputs: Tables) -> list[int]:
    left = {
        (page["market"], page["side"], word >> c.ORDER_KEY_AT): word & (1 << c.SIZE_BITS) - 1
        for page in inputs["after"]
        for word in page["word"]
        if word
    }
    return [
        1
        if row["fields"]["sentinel"]
        else left.get((row["fields"]["market"], o // (ROWS // 2), inputs["key"][o]), 0)
        for o, row in enumerate(inputs["row"])
    ]


def hidden_in_its_own_page() -> BookCase:
    """The best ask counts as one with a row but has none: its new word cancels the tag of new orders."""
    tag = (c.TAG_ROW - c.TAG_NEW - NEAR_PAGE) << (c.ORDER_WORD_BITS + 1)
    near = HONEST.pages[NEAR_PAGE].new
    assert near is not None
    words = ((FIRST.word() + tag) % c.FIELD_MODULUS, LEFT.word())
    return HONEST.with_row(FIRST_ROW).with_page(NEAR_PAGE, new=replace(near, words=words, rows=(1, 1)))


def stored_in_another_page() -> BookCase:
    """A remainder names the page that answers for it, and stands in another one."""
    near, far = (HONEST.pages[slot].new for slot in (NEAR_PAGE, FAR_PAGE))
    assert near is not None
    assert far is not None
    tag = (NEAR_PAGE - FAR_PAGE) << (c.ORDER_WORD_BITS + 1)
    word = (LEFT.word() + tag) % c.FIELD_MODULUS
    case = HONEST.with_page(NEAR_PAGE, new=replace(near, words=(), rows=()))
    return case.with_page(FAR_PAGE, new=replace(far, words=(*far.words, word), rows=(*far.rows, 1)))


def dropped_while_passing() -> BookCase:
    far = half(replace(FAR, orders=(THIRD, RESTED_FAR)), [THIRD])
    return HONEST.with_page(FAR_PAGE, new=far)


def doubled_while_passing() -> BookCase:
    far = half(replace(FAR, orders=(THIRD, THIRD, FOURTH, RESTED_FAR)), [THIRD, FOURTH])
    return HONEST.with_page(FAR_PAGE, new=far)


def swapped_between_pages() -> BookCase:
    """Of two pages that orders pass, each ends with the orders of the other."""
    other = Page(1, Side.SELL, orders=(replace(FOURTH, market=1, price=1005),))
    pages = (
        PageCase(1, half(FAR, FAR.orders), half(replace(FAR, orders=other.orders), other.orders), full=0),
        PageCase(2, half(other, other.orders), half(replace(other, orders=FAR.orders), FAR.orders), full=0),
    )
    return BookCase(FIRST_SEQUENCE, pages, (), {0: replace(NEAR, orders=())})


def loaded_from_nowhere() -> BookCase:
    return HONEST.with_row(FIRST_ROW, order_row(ask(1000, 7), final=0), FIRST_ROW)


def loaded_with_more_lots() -> BookCase:
    return HONEST.with_row(FIRST_ROW, replace(FIRST_ROW, remaining=6))


def loaded_as_another_account() -> BookCase:
    return HONEST.with_row(FIRST_ROW, replace(FIRST_ROW, fields=FIRST_ROW.fields | {"account": 2}))


def left_with_fewer_lots() -> BookCase:
    return HONEST.with_row(SECOND_ROW, replace(SECOND_ROW, final=1))


def filled_and_still_there() -> BookCase:
    return HONEST.with_row(SECOND_ROW, replace(SECOND_ROW, final=0, page=None))


def left_outside_its_page() -> BookCase:
    """The new ask rests in the far page, which does not answer for it."""
    far = half(replace(FAR, orders=(THIRD, FOURTH, RESTED_NEAR, RESTED_FAR)), [THIRD, FOURTH])
    case = HONEST.with_page(FAR_PAGE, new=far).with_page(NEW_PAGE, new=half(Page(*ASKS, CUT, FENCE)))
    return case.with_row(NEAR_ROW, replace(NEAR_ROW, page=FAR_PAGE))


def order_between_two_runs() -> BookCase:
    """The second ask claims the page of the new one behind it: its run would start before its fence."""
    new, near = (HONEST.pages[slot].new for slot in (NEW_PAGE, NEAR_PAGE))
    assert new is not None
    assert near is not None
    words = (LEFT.word(), RESTED_NEAR.word())
    case = HONEST.with_page(NEAR_PAGE, new=replace(near, words=(), rows=()))
    case = case.with_page(NEW_PAGE, new=replace(new, words=words, rows=(1, 1)))
    return case.with_row(SECOND_ROW, replace(SECOND_ROW, page=NEW_PAGE))


def rows_of_two_pages_in_one() -> BookCase:
    """The new ask claims the page before its own: the run of that page would end behind its fence."""
    near, new = (HONEST.pages[slot].new for slot in (NEAR_PAGE, NEW_PAGE))
    assert near is not None
    assert new is not None
    words = (LEFT.word(), RESTED_NEAR.word())
    case = HONEST.with_page(NEW_PAGE, new=replace(new, words=(), rows=()))
    case = case.with_page(NEAR_PAGE, new=replace(near, words=words, rows=(1, 1)))
    return case.with_row(NEAR_ROW, replace(NEAR_ROW, page=NEAR_PAGE))


def rested_in_the_other_side() -> BookCase:
    bids = half(replace(BID_SIDE, orders=(BID, RESTED_NEAR)))
    case = HONEST.with_page(BID_PAGE, new=bids).with_page(NEW_PAGE, new=half(Page(*ASKS, CUT, FENCE)))
    return case.with_row(NEAR_ROW, replace(NEAR_ROW, page=BID_PAGE))


def ghost_of_a_resting_order() -> BookCase:
    """A cancel of the bid is told that it does not rest: the bid passes."""
    case = HONEST.with_row(BID_ROW).with_row(GHOST_ROW, ghost_row(BIDS, BID.key, BID_PAGE))
    return case.with_page(BID_PAGE, old=half(BID_SIDE, [BID]), new=half(BID_SIDE, [BID]), full=0)


def one_near_page() -> BookCase:
    """The near page is not split: the slot of its second half loads an index without a page."""
    near = half(replace(NEAR, orders=(LEFT, RESTED_NEAR)))
    case = HONEST.with_page(NEAR_PAGE, new=near).with_page(NEW_PAGE, new=None)
    return case.with_row(NEAR_ROW, replace(NEAR_ROW, page=NEAR_PAGE))


def ghost_in_a_page_that_is_not_there() -> BookCase:
    """An index without a page claims to answer for every bid."""
    case = one_near_page().with_row(BID_ROW)
    case = case.with_row(GHOST_ROW, ghost_row(BIDS, BID.key, NEW_PAGE))
    case = case.with_page(BID_PAGE, old=half(BID_SIDE, [BID]), new=half(BID_SIDE, [BID]), full=0)
    return case.with_page(NEW_PAGE, told=Half(*BIDS, 0, c.REACH_END))


def reach_beyond_the_front() -> BookCase:
    """The far asks pass unseen before the sentinel."""
    far_row, sentinel = FAR_ROW, sentinel_row(ASKS, c.REACH_END)
    return HONEST.with_row(ASK_SENTINEL).with_row(far_row, far_row, sentinel)


def no_sentinel() -> BookCase:
    return HONEST.with_row(ASK_SENTINEL).with_page(NEAR_PAGE, front=0)


def fences_with_a_gap() -> BookCase:
    """Nobody answers for the keys between the two halves of the near page."""
    new = HONEST.pages[NEW_PAGE].new
    assert new is not None
    return HONEST.with_page(NEW_PAGE, new=replace(new, low=CUT, high=FENCE - 1))


def page_from_nowhere() -> BookCase:
    """A second page answers for the same keys as the near one."""
    pages = (*HONEST.pages[:3], PageCase(5, None, half(Page(*ASKS, 0, FENCE))))
    return replace(HONEST, pages=pages, rows=HONEST.rows[:-1], others=UNTOUCHED | {9: FAR})


def page_loaded_twice() -> BookCase:
    """The far page is written, read back and written again."""
    first = half(FAR, FAR.orders)
    pages = (PageCase(9, first, first, full=0), HONEST.pages[FAR_PAGE])
    far_row = replace(FAR_ROW, page=1)
    return BookCase(FIRST_SEQUENCE, pages, (sentinel_row(ASKS, 0), far_row), UNTOUCHED | {2: NEAR})


def gap_between_slots() -> BookCase:
    pages = (HONEST.pages[BID_PAGE], PageCase(2, None, None, 0, enabled=0), HONEST.pages[FAR_PAGE])
    rows = (BID_SENTINEL, BID_ROW, sentinel_row(ASKS, 0), replace(FAR_ROW, page=2))
    return BookCase(FIRST_SEQUENCE, pages, rows, UNTOUCHED | {2: NEAR})


ATTACKS: tuple[Callable[[], BookCase], ...] = (
    hidden_in_its_own_page,
    stored_in_another_page,
    dropped_while_passing,
    doubled_while_passing,
    swapped_between_pages,
    loaded_from_nowhere,
    loaded_with_more_lots,
    loaded_as_another_account,
    left_with_fewer_lots,
    filled_and_still_there,
    left_outside_its_page,
    rested_in_the_other_side,
    ghost_of_a_resting_order,
    ghost_in_a_page_that_is_not_there,
    order_between_two_runs,
    rows_of_two_pages_in_one,
    reach_beyond_the_front,
    no_sentinel,
    fences_with_a_gap,
    page_from_nowhere,
    page_loaded_twice,
    gap_between_slots,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_forged_book_is_rejected(circuit: CircuitTester, attack: Callable[[], BookCase]) -> None:
    assert circuit.rejects(attack().inputs(PAGES, ROWS))


def test_the_cases_of_the_attacks_are_sound_but_for_the_lie(circuit: CircuitTester) -> None:
    """The page may be loaded once, the slots may follow without a gap, and a page need not be split."""
    once = page_loaded_twice()
    once = replace(once, pages=once.pages[1:], rows=(once.rows[0], replace(FAR_ROW, page=0)))
    assert circuit.accepts(once.inputs(PAGES, ROWS))
    close = gap_between_slots()
    close = replace(close, pages=close.pages[::2], rows=(*close.rows[:3], replace(FAR_ROW, page=1)))
    assert circuit.accepts(close.inputs(PAGES, ROWS))
    assert circuit.accepts(one_near_page().inputs(PAGES, ROWS))


@pytest.mark.parametrize("slot", range(PAGES))
def test_a_page_of_another_tree_is_rejected(circuit: CircuitTester, slot: int) -> None:
    inputs = HONEST.inputs(PAGES, ROWS)
    for level, node in ((0, 0), (c.PAGE_DEPTH - c.CROWN_LEVELS - 1, 3)):
        assert circuit.rejects(with_lies(inputs, {f"path.{slot}.{level}.{node}": 1}))
    assert circuit.rejects(with_lies(inputs, {f"entry.{slot}.index": 4095}))


def test_the_root_before_is_the_one_that_the_paths_open(circuit: CircuitTester) -> None:
    inputs = HONEST.inputs(PAGES, ROWS)
    assert circuit.rejects(with_lies(inputs, {"rootBefore": SparseTree(c.PAGE_DEPTH).root}))
    assert circuit.rejects(with_lies(inputs, {"entry.3.index": 1 << 12}))
    assert not circuit.accepts_witness_with(inputs, {"main.rootAfter": inputs["rootBefore"]})
