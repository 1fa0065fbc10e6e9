"""Users and operator do what they like in any order, with real proofs; at the end everyone leaves.

The invariants of contracts/test, which take every proof for true, hold with the real verifiers as well.
"""

from random import Random

import pytest
from msgspec.structs import replace

from prover.circuit import EXIT
from prover.proof import Proof
from prover.prover import open_prover
from sequencer.batch.sealed import SealedBatch
from sequencer.chain.hatch import ExitHatch
from sequencer.chain.requests import Requester
from sequencer.model.codes import Side
from sequencer.replay.terms import MARKET
from sequencer.state.exit import exit_claim, exit_inputs
from sequencer.verifier.verify import verify
from tests.chain.refusals import refusal
from tests.e2e.exchange import DEPOSIT, LOTS, PRICE, SmallExchange, small_exchange, submission

ACTIONS = ("deposit", "withdraw", "force", "liquidate", "claim", "settle", "settle")
STEPS = 16
FOUR_DAYS_SECONDS = 4 * 86_400


class Session:
    """One exchange, and what must hold of it after every step."""

    def __init__(self, exchange: SmallExchange, random: Random) -> None:
        self.exchange, self.random = exchange, random
        self.rollup, self.token = exchange.rollup, exchange.token
        self.minted, self.consumed = len(exchange.owners) * DEPOSIT, 0
        self.users = [Requester(self.rollup, owner) for owner in exchange.owners.values()]

    def step(self, action: str) -> None:
        getattr(self, action)()
        self.check()

    def deposit(self) -> None:
        owner = self.random.choice(list(self.exchange.owners.values()))
        amount = self.random.randint(1, DEPOSIT)
        self.token.mint(owner, owner.address, amount)
        self.minted += amount
        Requester(self.rollup, owner).deposit(amount)

    def withdraw(self) -> None:
        self.random.choice(self.users).withdraw(self.random.choice((1, DEPOSIT // 3, 1 << 63)))

    def force(self) -> None:
        user = self.random.choice(self.users)
        terms = {"ioc": self.random.random() < 0.3, "reduce_only": self.random.random() < 0.3}
        order = replace(
            user.blank(), market=MARKET, side=self.side(), max_fee_ppm=500, price=PRICE, size=LOTS
        )
        user.force(replace(order, **terms))

    def liquidate(self) -> None:
        owner = self.random.choice(list(self.exchange.owners.values()))
        self.rollup.liquidate(self.exchange.stranger, owner.address, MARKET, self.side(), LOTS)

    def claim(self) -> None:
        for owner in self.exchange.owners.values():
            owed, held = self.rollup.claimable(owner.address), self.token.balance(owner.address)
            if owed:
                self.rollup.claim(self.exchange.stranger, owner.address)
            assert self.token.balance(owner.address) == held + owed

    def settle(self) -> None:
        orders = [(self.random.choice(list(self.exchange.owners)), self.side()) for _ in range(2)]
        batch = self.exchange.batch(*orders)
        proof = self.exchange.prove(batch)
        self.exchange.submit(batch, proof)
        assert (self.rollup.state_root, self.rollup.exit_root) == (
            batch.new_roots.state,
            batch.new_roots.exit,
        )
        assert self.refused(batch, proof) == "WrongBatchNumber"

    def refused(self, batch: SealedBatch, proof: Proof) -> str:
        """Why a batch is refused."""
        return refusal(lambda: self.rollup.submit_batch(self.exchange.operator, submission(batch, proof)))

    def side(self) -> Side:
        return self.random.choice(list(Side))

    def check(self) -> None:
        """Vault and wallets hold what was minted, the vault all that it owes; the queue never goes back."""
        wallets = sum(self.token.balance(owner.address) for owner in self.exchange.owners.values())
        vault = self.rollup.vault_balance
        assert self.token.balance(self.rollup.address) == vault == self.minted - wallets
        assert self.rollup.total_claimable + int(self.rollup.read("pendingDeposits")) <= vault
        assert self.consumed <= self.rollup.requests_consumed <= self.rollup.request_count
        self.consumed = self.rollup.requests_consumed

    def leave(self) -> None:
        """The operator stops with a request in the queue; refunds, claims, exits, and the fee pool last."""
        exchange, hatch, chain = self.exchange, ExitHatch(self.rollup), self.exchange.chain
        self.step("withdraw")
        chain.advance(chain.time + FOUR_DAYS_SECONDS)
        hatch.freeze(exchange.stranger)
        batch = exchange.batch()
        assert self.refused(batch, exchange.prove(batch)) == "IsFrozen"
        for index in range(self.rollup.requests_consumed, self.rollup.request_count):
            hatch.refund(exchange.stranger, index)
        self.step("claim")
        state, prover = verify(chain, self.rollup.address).replica.state, open_prover(EXIT, "native")
        leaving = [account for account in exchange.owners if exit_claim(state, account).equity]
        for account in leaving:
            inputs = prover.prove(exit_inputs(state, account)).points.to_contract()
            hatch.exit(exchange.stranger, exit_claim(state, account), inputs)
        chain.advance(hatch.window_end + 1)
        for account in leaving:
            held = self.token.balance(exchange.owners[account].address)
            hatch.pay_exit(exchange.stranger, account)
            paid = self.token.balance(exchange.owners[account].address) - held
            assert paid == exit_claim(state, account).equity
        chain.advance(hatch.late_end + 1)
        if state.fee_pool:
            hatch.pay_fee_pool(exchange.stranger)
        assert self.token.balance(exchange.operator.address) == state.fee_pool
        # What settling has rounded off is nobody's.
        assert self.token.balance(self.rollup.address) == self.rollup.vault_balance == state.rounding()


@pytest.mark.parametrize("seed", [1, 2])
def test_in_any_order_nothing_is_paid_twice_and_everyone_gets_out(seed: int) -> None:
    with small_exchange(open_prover("small", "native")) as exchange:
        session = Session(exchange, Random(seed))
        exchange.onboard()
        session.step("settle")
        for action in Random(seed).choices(ACTIONS, k=STEPS):
            session.step(action)
        session.leave()
