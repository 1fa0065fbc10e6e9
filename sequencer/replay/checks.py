"""What must hold at the end of a replay; each statement is checked against L1."""

from collections.abc import Sequence
from dataclasses import dataclass

from sequencer.model import constants as c
from sequencer.replay.errors import ReplayCheckError
from sequencer.replay.settlement import Settlement
from sequencer.replay.terms import MARKET
from sequencer.replay.traders import Trader
from sequencer.state.ledger import Ledger
from sequencer.store.ledger_store import LedgerStore
from sequencer.verifier.verify import verify


@dataclass(frozen=True, slots=True)
class Check:
    """A statement about the whole replay, and the figures that prove or refute it."""

    statement: str
    figures: str
    holds: bool


def final_checks(settlement: Settlement, ledger: Ledger, traders: Sequence[Trader], paid: int) -> list[Check]:
    """Compare ledger and chain.

    Parameters
    ----------
    paid
        Quote units that the contract has paid out in claims.
    """
    rollup = settlement.rollup
    roots = ledger.roots()
    collateral = sum(account.collateral for account in ledger.accounts.values())
    fee_pool, funding_pool = ledger.counters.fee_pool, ledger.counters.funding_pool
    unclaimed = rollup.total_claimable
    deposits = sum(trader.deposit for trader in traders)
    vault = settlement.token.balance(rollup.address)
    sizes = sum(account.positions[MARKET] for account in ledger.accounts.values())
    verified = verify(settlement.chain, rollup.address).replica
    return [
        Check(
            "the chain's state root is the ledger's",
            f"{roots.state:#066x}, batch {rollup.batch_count}",
            rollup.state_root == roots.state and rollup.batch_count == ledger.counters.batch_number,
        ),
        Check(
            "money is conserved to the unit: accounts + fee pool + funding pool + claims = deposits",
            f"{collateral} + {fee_pool} + {funding_pool} + {unclaimed + paid} = {deposits}",
            collateral + fee_pool + funding_pool + unclaimed + paid == deposits,
        ),
        Check(
            "the contract holds every unit that it owes",
            f"balance {vault} = accounts {collateral} + fee pool {fee_pool} + funding pool {funding_pool}"
            f" + unclaimed {unclaimed}",
            vault == rollup.vault_balance == collateral + fee_pool + funding_pool + unclaimed,
        ),
        Check("long and short positions balance", f"sum of sizes {sizes}", sizes == 0),
        Check(
            "every batch verifies from L1 logs and calldata alone, which rebuild the ledger's exit root",
            f"{verified.state.exit_root():#066x}, {len(verified.state.accounts)} accounts",
            verified.state.exit_root() == roots.exit and verified.state_root == roots.state,
        ),
    ]


def receipt_check(settlement: Settlement, store: LedgerStore) -> Check:
    """Hold the operator to every receipt that it gave, as the contract would."""
    receipts = settlement.receipts
    given, answerable = len(receipts), receipts.count_answerable(store, settlement.rollup)
    messages = settlement.rollup.next_sequence - c.FIRST_SEQUENCE
    return Check(
        "every message has a receipt that the operator can answer for",
        f"{answerable} of {given} receipts, {messages} messages",
        answerable == given == messages,
    )


def require_all(checks: Sequence[Check]) -> None:
    """Refuse a replay of which a statement does not hold.

    Raises
    ------
    ReplayCheckError
        Naming the statements.
    """
    broken = [f"{check.statement} ({check.figures})" for check in checks if not check.holds]
    if broken:
        raise ReplayCheckError("it does not hold that " + "; nor that ".join(broken))
