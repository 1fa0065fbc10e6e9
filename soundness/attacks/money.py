"""Money: fees, payments and positions move as the fills say, and nothing is made or lost on the way."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import sealed
from sequencer.batch.draft import Draft
from sequencer.batch.signals import Inputs
from sequencer.engine import matching
from sequencer.engine.events import StepEvent
from sequencer.engine.state import State
from sequencer.model.account import Account
from sequencer.model.constants import DEFAULT_KEY, FIELD_MODULUS, PPM_UNIT
from sequencer.model.order import Order
from sequencer.state.record import Signal
from soundness.attacks.attack import STATE, Cheat, CircuitAttack, Scenario, around, in_slot, replaced
from soundness.attacks.exchange import BUY, FEES, RICH, SELL, Exchange, resting, trader

TAKER, MAKER = 2, 3
FEE: Final = "fee = ceil(notional x rate / 10^6), at the party's tier"
PAID: Final = "the buyer pays what the seller receives, at the maker's price"


def _market_maker(**fields: Any) -> Exchange:
    """Give the taker tier 1 and the maker tier 0, which earns a rebate."""
    accounts = {TAKER: trader(TAKER, tier=1), MAKER: trader(MAKER, tier=0)}
    return Exchange(accounts, [resting(1, MAKER, SELL, 1_001, 900)], tiers=FEES)


FILL = Scenario(_market_maker, lambda exchange: exchange.buy(TAKER, 703, 1_003))


def _fees(fee: Callable[[int, int], int]) -> Cheat:
    return replaced((matching, "fee_ceil", fee))


def _rounded_down(notional: int, rate_ppm: int) -> int:
    return notional * rate_ppm // PPM_UNIT


def _for_nothing(notional: int, rate_ppm: int) -> int:
    return 0


def _larger_rebate(notional: int, rate_ppm: int) -> int:
    honest = -(-notional * rate_ppm // PPM_UNIT)
    return honest - 1 if rate_ppm < 0 else honest


def _wrapped(notional: int, rate_ppm: int) -> int:
    """Solve fee x 10^6 = notional x rate + 1 in the field: the remainder is small, the fee is not."""
    if rate_ppm < 0:
        return -(-notional * rate_ppm // PPM_UNIT)
    return (notional * rate_ppm + 1) * pow(PPM_UNIT, -1, FIELD_MODULUS) % FIELD_MODULUS


def _tiers(taker: int, maker: int) -> Cheat:
    """Charge the parties by other tiers."""

    def trade(honest: Callable[..., StepEvent], state: State, order: Order, head: Order) -> StepEvent:
        charged, true = {TAKER: taker, MAKER: maker}, {TAKER: 1, MAKER: 0}
        with replaced(
            around(
                State,
                "account",
                lambda read, state, number: replace(read(state, number), tier=charged[number]),
            )
        )():
            event = honest(state, order, head)
        for number, tier in true.items():
            state.put_account(number, replace(state.account(number), tier=tier))
        return event

    return replaced(around(matching, "_trade", trade))


def _filling(lie: Callable[[Account, Order, int, int, int], tuple[int, int, int]]) -> Cheat:
    """Fill another (quantity, notional, fee)."""

    def after_fill(honest: Callable[..., Account], account: Account, order: Order, *amounts: int) -> Account:
        return honest(account, order, *lie(account, order, *amounts))

    return replaced(around(matching, "_after_fill", after_fill))


def _overfill(honest: Callable[..., StepEvent], state: State, order: Order, head: Order) -> StepEvent:
    """Sell the taker more than the maker's order has left: as many lots as the taker asks for."""
    huge = replace(head, remaining=order.remaining)
    state.book(head.market, head.side).put(huge)
    owner = state.account(head.account)
    notional = (huge.remaining - head.remaining) * head.price
    state.put_account(head.account, replace(owner, open_notional=owner.open_notional + notional))
    return honest(state, order, huge)


def _underfill(honest: Callable[..., StepEvent], state: State, order: Order, head: Order) -> StepEvent:
    """Fill one lot less than both orders allow."""
    return honest(state, replace(order, remaining=order.remaining - 1), head)


def _collecting(change: int) -> Cheat:
    return replaced(
        around(State, "collect_fees", lambda honest, state, amount: honest(state, amount + change))
    )


def _no_interest(*arguments: Any) -> None:
    return None


def _keep_notional(honest: Callable[..., None], state: State, head: Order, quantity: int) -> None:
    """Let the maker's open notional stay as it was."""
    before = state.account(head.account).open_notional
    honest(state, head, quantity)
    state.put_account(head.account, replace(state.account(head.account), open_notional=before))


def _disabled(**fields: Signal) -> Cheat:
    """Let two accounts trade that are in no tree, whose slots are not enabled and hold this."""

    def lie(honest: Callable[[Draft], Inputs], draft: Draft) -> Inputs:
        inputs = honest(draft) | {"accountEnabled": [0] * draft.size.accounts}
        for slot in range(len(draft.accounts)):
            inputs = in_slot(inputs, slot, **fields)
        return inputs

    return replaced(around(sealed, "account_inputs", lie))


_SCALARS: Final = ("Owner", "Collateral", "Settled", "Nonce", "KeyEpoch", "Tier", "Orders", "OpenNotional")
_NOTHING: Final[dict[str, Signal]] = {
    **{f"account{name}": 0 for name in _SCALARS},
    "accountKey": list(DEFAULT_KEY),
}


def _attack(
    name: str, claim: str, rule: str, cheat: Cheat, *where: str, scenario: Scenario = FILL
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where, cheat)


ATTACKS = (
    _attack(
        "mint-by-rounding",
        "a fee is never rounded in the payer's favour",
        FEE,
        _fees(_rounded_down),
        "FeeCeil",
    ),
    _attack("charge-no-fee", "fees are charged", FEE, _fees(_for_nothing), "FeeCeil"),
    _attack(
        "charge-a-higher-fee",
        "no fee is higher than its rate",
        FEE,
        _fees(lambda notional, rate_ppm: 1 - (-notional * rate_ppm // PPM_UNIT)),
        "FeeCeil",
    ),
    _attack(
        "pay-a-larger-rebate", "no rebate is larger than its rate", FEE, _fees(_larger_rebate), "FeeCeil"
    ),
    _attack(
        "mint-by-a-negative-fee",
        "a taker is not paid for trading",
        FEE,
        replaced(
            (matching, "fee_ceil", lambda notional, rate_ppm: -1_000_000),
            (State, "collect_fees", _no_interest),
        ),
        "FeeCeil",
    ),
    _attack(
        "mint-by-wrap-around",
        "a fee is a small number, not any solution modulo p",
        FEE,
        replaced(
            (matching, "fee_ceil", _wrapped), (matching, "judge_fill", lambda *arguments, **named: None)
        ),
        "PartyAfter",
    ),
    _attack("charge-the-taker-by-another-tier", "a taker pays its tier's rate", FEE, _tiers(3, 0), "FeeCeil"),
    _attack("reward-the-maker-by-another-tier", "a maker pays its tier's rate", FEE, _tiers(1, 2), "FeeCeil"),
    _attack(
        "fill-at-the-takers-price",
        "a taker gets the maker's price, not its own limit",
        PAID,
        _filling(lambda account, order, quantity, notional, fee: (quantity, notional + 2 * quantity, fee)),
        *STATE,
    ),
    _attack(
        "pay-the-seller-more-than-the-buyer-pays",
        "a trade makes no money",
        PAID,
        _filling(
            lambda account, order, quantity, notional, fee: (quantity, notional + 1_000 * order.side, fee)
        ),
        *STATE,
    ),
    _attack(
        "give-the-buyer-more-lots-than-the-seller-gives",
        "positions of a market sum to zero",
        "the buyer gets the lots that the seller gives",
        replaced(
            around(
                matching,
                "_after_fill",
                lambda honest, account, order, quantity, *others: honest(
                    account, order, quantity + 2 * (order.side == BUY), *others
                ),
            )
        ),
        *STATE,
    ),
    _attack(
        "reverse-a-fill",
        "the buyer buys and the seller sells",
        PAID,
        _filling(lambda account, order, quantity, notional, fee: (-quantity, -notional, fee)),
        *STATE,
    ),
    _attack(
        "overfill-a-maker",
        "no order is filled beyond its size",
        "a fill is min(q, maker's remaining)",
        replaced(around(matching, "_trade", _overfill)),
        "FeeCeil",
        scenario=Scenario(_market_maker, lambda exchange: exchange.buy(TAKER, 950, 1_003)),
    ),
    _attack(
        "underfill-a-taker",
        "a fill takes all that both orders allow",
        "a fill is min(q, maker's remaining)",
        replaced(around(matching, "_trade", _underfill)),
        "OrderExchange",
        "FeeCeil",
    ),
    _attack(
        "overstate-the-fee-pool",
        "the fee pool holds the fees that were paid",
        "both fees go to the fee pool",
        _collecting(1_000_000),
        *STATE,
    ),
    _attack(
        "understate-the-fee-pool",
        "the fee pool holds the fees that were paid",
        "both fees go to the fee pool",
        _collecting(-1),
        *STATE,
    ),
    _attack(
        "misstate-the-open-interest",
        "open interest is the sum of the long sizes",
        "open interest moves by half of the change of the sizes",
        replaced((matching, "_count_open_interest", _no_interest)),
        *STATE,
    ),
    _attack(
        "keep-the-margin-of-a-filled-order",
        "a fill frees the margin that was reserved for it",
        "a fill lowers the maker's ON by quantity x price x qptl",
        replaced(around(matching, "_reduce_maker", _keep_notional)),
        *STATE,
    ),
    _attack(
        "mint-by-a-disabled-slot",
        "only accounts of the tree trade",
        "a slot that is not enabled holds nothing",
        _disabled(accountCollateral=1_000 * RICH, accountSettled=1_000 * RICH),
        "LoadAccounts",
    ),
    _attack(
        "trade-from-a-disabled-slot",
        "only accounts of the tree trade",
        "a slot that is not enabled has an id that no message can name",
        _disabled(**_NOTHING),
        "Step",
    ),
)
