"""The operator is killed in a batch: traders freeze and leave with what the last final batch says."""

from prover.circuit import EXIT
from prover.prover import open_prover
from sequencer.chain.hatch import ExitHatch
from sequencer.chain.watcher import FreezeReason
from sequencer.model.codes import Side
from sequencer.state.exit import exit_claim, exit_inputs
from sequencer.verifier.summary import summarize
from sequencer.verifier.verify import verify
from tests.chain.refusals import refusal
from tests.e2e.exchange import DEPOSIT, MAKER, TAKER, small_exchange

DAY_SECONDS = 86_400
LATE_DEPOSIT = 1_000_000


def test_traders_leave_without_the_operator() -> None:
    with small_exchange(open_prover("small", "native")) as exchange:
        hatch, chain, token, rollup = (
            ExitHatch(exchange.rollup),
            exchange.chain,
            exchange.token,
            exchange.rollup,
        )
        stranger, maker, taker = exchange.stranger, exchange.owners[MAKER], exchange.owners[TAKER]
        exchange.onboard()
        batch = exchange.batch((MAKER, Side.SELL), (TAKER, Side.BUY))
        exchange.submit(batch, exchange.prove(batch))
        assert rollup.exit_root == batch.new_roots.exit
        # Killed in the next batch: what it acknowledged there is lost, what is final is not.
        exchange.batch((MAKER, Side.BUY), (TAKER, Side.SELL))
        token.mint(taker, taker.address, LATE_DEPOSIT)
        token.approve(taker, rollup.address, LATE_DEPOSIT)
        rollup.deposit(taker, LATE_DEPOSIT)

        assert refusal(lambda: hatch.freeze(stranger)) == "OperatorOnTime"
        chain.advance(chain.time + 4 * DAY_SECONDS)
        hatch.freeze(stranger)

        frozen = exchange.watcher.freeze()
        assert frozen is not None
        assert frozen.reason is FreezeReason.REQUEST_OVERDUE
        assert (frozen.exit_root, frozen.batch_count) == (batch.new_roots.exit, 1)
        assert frozen.exit_pot == hatch.pot == len(exchange.owners) * DEPOSIT

        state, prover = verify(chain, rollup.address).replica.state, open_prover(EXIT, "native")
        claims = {account: exit_claim(state, account) for account in exchange.owners}
        assert sum(claim.equity for claim in claims.values()) + state.fee_pool == frozen.exit_pot
        proof = prover.prove(exit_inputs(state, MAKER)).points.to_contract()
        greedy = claims[MAKER]._replace(equity=claims[MAKER].equity + 1)
        assert refusal(lambda: hatch.exit(stranger, greedy, proof)) == "InvalidExitProof"
        hatch.exit(stranger, claims[MAKER], proof)
        assert refusal(lambda: hatch.exit(maker, claims[MAKER], proof)) == "ExitTaken"
        assert refusal(lambda: hatch.pay_exit(stranger, MAKER)) == "TooEarly"

        refund_index = rollup.requests_consumed
        hatch.refund(stranger, refund_index)
        assert token.balance(taker.address) == LATE_DEPOSIT
        assert hatch.wei_owed(taker.address) == rollup.request_fee
        hatch.collect_wei(stranger, taker.address)

        chain.advance(hatch.window_end + 1)
        hatch.pay_exit(stranger, MAKER)
        assert token.balance(maker.address) == claims[MAKER].equity
        late = prover.prove(exit_inputs(state, TAKER)).points.to_contract()
        hatch.exit(taker, claims[TAKER], late)
        assert token.balance(taker.address) == LATE_DEPOSIT + claims[TAKER].equity

        chain.advance(hatch.late_end + 1)
        hatch.pay_fee_pool(stranger)
        assert token.balance(exchange.operator.address) == state.fee_pool > 0
        assert token.balance(rollup.address) == rollup.vault_balance == 0
        assert summarize(verify(chain, rollup.address)).exits_paid == frozen.exit_pot
