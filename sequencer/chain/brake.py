"""What L1 restricts: anyone reports that batches are late, the operator restricts markets."""

from collections.abc import Iterable

from eth_account.signers.local import LocalAccount

from sequencer.chain.artifacts import contract
from sequencer.chain.client import ContractClient, RollupClient
from sequencer.chain.connection import Transaction
from sequencer.model.venue import Venue


class Brake(ContractClient):
    """The brake of a rollup."""

    def __init__(self, rollup: RollupClient) -> None:
        super().__init__(rollup.connection, contract("Brake"), rollup.brake)
        # To restrict is to queue a request, which the rollup may refuse.
        self.errors = [*self.errors, *rollup.errors]
        self.rollup = rollup

    def report_congestion(self, sender: LocalAccount) -> Transaction:
        """Report that no batch came for half an hour, and pay the fee of a request."""
        return self.send(sender, "reportCongestion", wei=self.rollup.request_fee)

    def restrict(self, operator: LocalAccount, markets: Iterable[int], seconds: int) -> Transaction:
        """Have markets take only orders that reduce for so many seconds, and pay the fee of a request.

        Parameters
        ----------
        markets
            Their slots; while a restriction holds, its markets among them.
        """
        mask = sum(1 << slot for slot in set(markets))
        return self.send(operator, "restrict", mask, seconds, wei=self.rollup.request_fee)

    def restrictions(self, block: int | None = None) -> Venue:
        """Return what L1 said last, consumed by a batch or not; of the insurance fund it says nothing."""
        return Venue(
            congested_until=int(self.read("congestedUntil", block=block)),
            restricted_markets=int(self.read("restrictedMarkets", block=block)),
            restricted_until=int(self.read("restrictedUntil", block=block)),
        )
