"""The committed state and its roots."""

from typing import Any

import pytest
from msgspec.structs import replace

from sequencer.batch.sizes import batch_size
from sequencer.crypto.reference import poseidon
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.model.codes import Side
from sequencer.model.market import MarketParameters
from sequencer.model.premium import NO_PREMIUMS, Premium
from sequencer.model.venue import Venue
from sequencer.state.genesis import genesis
from sequencer.state.ledger import Counters, Ledger, LedgerChange
from sequencer.state.pages import Page
from sequencer.state.roots import chain_log, log_root
from tests import strategies
from tests.batch.fixtures import ledger_of, sealed_batch

MARKETS = strategies.PARAMETERS[:2]


def start(markets: tuple[MarketParameters, ...] = MARKETS) -> Ledger:
    return genesis(strategies.configuration(markets), strategies.DOMAIN)


def tree_root(leaves: dict[int, int], depth: int) -> int:
    """The root of a quaternary tree, by definition."""
    empty = 0
    for _ in range(depth):
        parents = {index // 4 for index in leaves}
        leaves = {
            parent: poseidon([leaves.get(4 * parent + child, empty) for child in range(4)])
            for parent in parents
        }
        empty = poseidon([empty] * 4)
    return leaves.get(0, empty)


def test_the_genesis_root_is_that_of_the_specification() -> None:
    ledger = start()
    insurance = Account(owner=1)
    accounts = tree_root({0: insurance.leaf()}, c.ACCOUNT_DEPTH)
    markets = poseidon([market.leaf() for market in ledger.markets])
    exit_root = poseidon((accounts, markets, poseidon((0, 0, 0))))
    pages = tree_root({2 * m + side: Page(m, side).leaf() for m in range(2) for side in Side}, c.PAGE_DEPTH)
    book_root = poseidon((pages, 0, 1, poseidon([0] * 13), 0))
    assert ledger.roots().exit == exit_root
    assert ledger.roots().state == poseidon((exit_root, book_root))


@pytest.mark.parametrize(("floor", "uninsured"), [(0, False), (1, True), (c.COLLATERAL_BOUND - 1, True)])
def test_the_fund_of_genesis_is_below_any_floor(floor: int, uninsured: bool) -> None:
    ledger = genesis(strategies.configuration(insurance_floor=floor), strategies.DOMAIN)
    assert ledger.counters.venue == Venue(uninsured=uninsured)


def test_genesis_has_an_empty_page_for_each_side_of_each_market() -> None:
    layout = start().layout
    assert {index: (page.market, page.side, page.orders) for index, page in layout.items()} == {
        0: (0, 0, ()),
        1: (0, 1, ()),
        2: (1, 0, ()),
        3: (1, 1, ()),
    }


@pytest.mark.parametrize(
    ("markets", "rule"),
    [
        ((replace(MARKETS[0], min_size=0),), "min_size"),
        ((replace(MARKETS[0], maintenance_ppm=200_000),), "margin rates"),
        ((MARKETS[0],) * 5, "do not fit"),
    ],
)
def test_genesis_refuses_markets_out_of_bounds(markets: tuple[MarketParameters, ...], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        start(markets)


def test_genesis_refuses_fees_that_lose_money() -> None:
    tiers = strategies.CONFIGURATION_TIERS
    rebate = replace(strategies.configuration(), tiers=(replace(tiers[0], maker_ppm=-500), *tiers[1:]))
    with pytest.raises(ValueError, match="rebate"):
        genesis(rebate, strategies.DOMAIN)


def test_a_change_gives_the_roots_that_were_foretold() -> None:
    ledger = start()
    change = LedgerChange(
        accounts={3: Account(owner=9, collateral=-5), 900_000: Account(owner=8)},
        markets=(replace(ledger.markets[0], mark=7), *ledger.markets[1:]),
        pages={0: Page(0, 0, 0, 50), 77: Page(0, 0, 50, c.REACH_END)},
        counters=Counters(
            batch_number=1,
            timestamp=10,
            fee_pool=20,
            funding_pool=-30,
            requests_consumed=40,
            next_sequence=50,
            log_head=60,
            configuration_hash=70,
        ),
    )
    before, foretold = ledger.roots(), ledger.roots_after(change)
    assert ledger.roots() == before
    ledger.apply(change)
    assert ledger.roots() == foretold != before
    assert ledger.account(3).collateral == -5
    assert ledger.state().funding_pool == -30
    assert ledger.account(4) == Account()


@pytest.mark.parametrize("seed", range(4))
def test_a_ledger_moved_by_batches_is_the_ledger_built_at_once(seed: int) -> None:
    state, size = strategies.genesis(accounts=6, resting=10), batch_size("reference")
    moved = ledger_of(state)
    for commands in strategies.batches(seed, 5, accounts=6, resting=10, messages=32, steps=32):
        sealed_batch(moved, state, size, commands)
    built = Ledger(
        moved.configuration, moved.domain, moved.accounts, moved.markets, moved.layout, moved.counters
    )
    assert built.roots() == moved.roots()
    assert built.state() == moved.state() == state


def test_every_counter_of_the_globals_is_under_the_exit_root() -> None:
    ledger = start()
    roots = {ledger.roots().exit}
    changed: list[dict[str, Any]] = [{"fee_pool": 1}, {"funding_pool": 1}, {"requests_consumed": 1}]
    for fields in changed:
        counters = replace(ledger.counters, **fields)
        change = LedgerChange(accounts={}, markets=ledger.markets, pages={}, counters=counters)
        roots.add(ledger.roots_after(change).exit)
    assert len(roots) == 4


def test_every_counter_of_the_book_is_under_the_state_root_and_not_under_the_exit_root() -> None:
    ledger = start()
    premium = (NO_PREMIUMS[0], Premium(rate_ppm=-1), *NO_PREMIUMS[2:])
    counters = [
        replace(ledger.counters, log_head=1),
        replace(ledger.counters, next_sequence=2),
        replace(ledger.counters, premiums=premium),
        replace(ledger.counters, period=1),
        replace(ledger.counters, venue=Venue(congested_until=1)),
        replace(ledger.counters, venue=Venue(restricted_markets=1)),
        replace(ledger.counters, venue=Venue(restricted_until=1)),
        replace(ledger.counters, venue=Venue(uninsured=True)),
    ]
    changes = [LedgerChange({}, ledger.markets, {}, each) for each in counters]
    roots = [ledger.roots(), *map(ledger.roots_after, changes)]
    assert len({each.exit for each in roots}) == 1
    assert len({each.state for each in roots}) == len(roots)


def test_a_state_has_the_premiums_of_its_ledger() -> None:
    ledger = start()
    premiums = (Premium(-3, 4, -5), *NO_PREMIUMS[1:])
    counters = replace(ledger.counters, premiums=premiums, period=6)
    ledger.apply(LedgerChange({}, ledger.markets, {}, counters))
    assert (ledger.state().premiums, ledger.state().period) == (premiums, 6)


def test_a_state_has_the_restrictions_of_its_ledger() -> None:
    ledger = start()
    venue = Venue(congested_until=1, restricted_markets=2, restricted_until=3, uninsured=True)
    ledger.apply(LedgerChange({}, ledger.markets, {}, replace(ledger.counters, venue=venue)))
    assert ledger.state().venue == venue
    assert ledger.roots().book == poseidon(
        (ledger.roots().page, 0, 1, poseidon([0] * 13), 1 + (2 << 40) + (3 << 44) + (1 << 84))
    )


def test_the_log_commits_to_every_message_in_its_order() -> None:
    assert log_root([]) == tree_root({}, c.LOG_DEPTH)
    assert log_root([5, 6, 7]) == tree_root({0: 5, 1: 6, 2: 7}, c.LOG_DEPTH)
    assert log_root([5, 6]) != log_root([6, 5])
    assert chain_log(1, 2) == poseidon((1, 2))
