"""Accounts and markets: nothing in a leaf changes but by a command, and every change is published."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import sealed
from sequencer.batch.draft import Draft
from sequencer.batch.signals import Inputs
from sequencer.engine.state import State
from soundness.attacks.attack import STATE, Cheat, CircuitAttack, Scenario, around, at_seal, in_slot, replaced
from soundness.attacks.exchange import FEES, PLAIN, RICH, SELL, Exchange, resting, trader
from tests.strategies import owner_of

TAKER, MAKER, BYSTANDER = 2, 3, 4
LEAVES: Final = "the new leaves are what the commands make of the old ones"
LOADED: Final = "each enabled account is in its tree under the old root, once"


def _book() -> Exchange:
    return Exchange(
        {BYSTANDER: trader(BYSTANDER, dead_below=1)},
        [resting(1, MAKER, SELL, 1_001, 5)],
        markets=(PLAIN, PLAIN),
        tiers=FEES,
    )


def _trade(exchange: Exchange) -> None:
    exchange.buy(TAKER, 2, 1_001)
    exchange.buy(BYSTANDER, 2, 990)


TRADE = Scenario(_book, _trade)


def _account(number: int = BYSTANDER, **fields: Any) -> Cheat:
    """Edit an account of the batch."""
    return at_seal(lambda state: state.put_account(number, replace(state.account(number), **fields)))


def _market(**fields: Any) -> Cheat:
    """Edit the market."""
    return at_seal(lambda state: state.put_market(0, replace(state.market(0), **fields)))


def _scalar(name: str, change: int) -> Cheat:
    """Edit a counter of the state."""
    return at_seal(lambda state: state._assign(name, getattr(state, name) + change))


def _rich_friend(state: State) -> None:
    """Move the bystander's money to the maker: nothing is minted."""
    friend, victim = state.account(MAKER), state.account(BYSTANDER)
    state.put_account(MAKER, replace(friend, collateral=friend.collateral + victim.collateral))
    state.put_account(BYSTANDER, replace(victim, collateral=0))


def _moved_position(state: State) -> None:
    """Move the taker's position to the bystander."""
    taker, bystander = state.account(TAKER), state.account(BYSTANDER)
    state.put_account(TAKER, replace(taker, positions=bystander.positions))
    state.put_account(BYSTANDER, replace(bystander, positions=taker.positions))


def _swapped(state: State) -> None:
    """Let two accounts change places in the tree."""
    taker, bystander = state.account(TAKER), state.account(BYSTANDER)
    state.put_account(TAKER, bystander)
    state.put_account(BYSTANDER, taker)


# ---- Loading.


def _not_in_the_tree(honest: Callable[[Draft], Inputs], draft: Draft) -> Inputs:
    """Load a bystander who is richer than the leaf says."""
    slot = draft.accounts.index(BYSTANDER)
    return in_slot(honest(draft), slot, accountCollateral=2 * RICH, accountSettled=2 * RICH)


def _twice(draft: Draft) -> list[int]:
    """Give the taker a second slot."""
    numbers = sorted(draft.plan.footprint.accounts)
    return sorted([*numbers, TAKER])


def _unsorted(draft: Draft) -> list[int]:
    return sorted(draft.plan.footprint.accounts, reverse=True)


def _attack(
    name: str, claim: str, cheat: Cheat, *where: str, rule: str = LEAVES, scenario: Scenario = TRADE
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where or STATE, cheat)


ATTACKS = (
    _attack(
        "edit-a-balance",
        "a balance changes by fills, deposits and withdrawals",
        _account(collateral=2 * RICH),
    ),
    _attack("move-a-balance", "nobody's money is moved to another", at_seal(_rich_friend)),
    _attack("edit-a-position", "a position changes by fills", _account(positions=(50, 0, 0, 0))),
    _attack("move-a-position", "nobody's position is moved to another", at_seal(_moved_position)),
    _attack(
        "hold-a-market-that-does-not-exist",
        "there are positions of live markets only",
        _account(positions=(0, 0, 5, 0)),
    ),
    _attack(
        "hold-a-market-twice",
        "an account has one position a market",
        _account(positions=(2, 2, 0, 0)),
    ),
    _attack(
        "set-a-settlement-index",
        "there is a settlement index of a position only",
        _account(positions=(1 << 64, 0, 0, 0)),
    ),
    _attack("swap-two-leaves", "an account stays at its id", at_seal(_swapped)),
    _attack("change-an-owner", "an account keeps its owner", _account(owner=owner_of(TAKER))),
    _attack(
        "abolish-an-account",
        "an account never ceases to exist",
        at_seal(lambda state: state._accounts.pop(BYSTANDER)),
    ),
    _attack("change-a-tier", "a fee tier is not changed by a batch", _account(tier=3)),
    _attack("replace-a-key", "a key changes by its owner's request", _account(key=trader(TAKER).key)),
    _attack("change-a-key-epoch", "an epoch changes by its owner's request", _account(key_epoch=2)),
    _attack("reset-a-nonce", "a nonce never falls", _account(TAKER, nonce=0)),
    _attack("lower-the-watermark", "cancelled orders stay dead", _account(dead_below=0)),
    _attack("raise-the-watermark", "an order is cancelled by its owner only", _account(dead_below=2)),
    _attack("miscount-an-accounts-orders", "an account's orders are counted", _account(orders=0)),
    _attack("free-the-margin-of-open-orders", "open orders are covered", _account(open_notional=0)),
    _attack("miscount-a-sides-orders", "a side's orders are counted", _market(bid_orders=0)),
    _attack("edit-the-mark", "a mark changes by oracle rounds", _market(mark=1_100)),
    _attack("edit-the-oracle-time", "an oracle round counts once", _market(oracle_time=0)),
    _attack("close-a-market", "a market stays open", _market(status=0)),
    _attack("abolish-a-market", "a market stays", _market(kind=0)),
    _attack(
        "edit-the-margin-rates",
        "a market's parameters are the configuration's",
        _market(parameters=replace(PLAIN.parameters, initial_ppm=50_000)),
    ),
    _attack(
        "edit-the-largest-position",
        "a market's parameters are the configuration's",
        _market(parameters=replace(PLAIN.parameters, max_position=1_000_000)),
    ),
    _attack("take-from-the-fee-pool", "the fee pool changes by fees", _scalar("_fee_pool", -1)),
    _attack("fill-the-funding-pool", "the funding pool changes by charges", _scalar("_funding_pool", 5)),
    _attack("count-a-request-too-many", "no request is skipped", _scalar("_requests_consumed", 1)),
    _attack("leave-a-gap-in-the-sequence", "sequences follow each other", _scalar("_next_sequence", 1)),
    _attack("use-a-sequence-again", "a sequence is given once", _scalar("_next_sequence", -1)),
    _attack(
        "load-an-account-that-is-richer",
        "an account is the one of the state",
        replaced(around(sealed, "account_inputs", _not_in_the_tree)),
        "StoreAccounts",
        rule=LOADED,
    ),
    _attack(
        "touch-an-account-twice",
        "an account is read and written once",
        replaced((Draft, "accounts", property(_twice))),
        "LoadAccounts",
        rule="ids strictly increase",
    ),
    _attack(
        "load-accounts-in-another-order",
        "an account is read and written once",
        replaced((Draft, "accounts", property(_unsorted))),
        "LoadAccounts",
        rule="ids strictly increase",
    ),
)
