"""A batch whose commands are complete: what its tables are filled from."""

from collections.abc import Mapping

from msgspec import Struct

from sequencer.batch.plan import BatchPlan
from sequencer.batch.sizes import BatchSize
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.events import Event, MessageSequenced, RequestProcessed, Rested, ShortfallCharged
from sequencer.engine.state import State
from sequencer.model.account import Account
from sequencer.model.market import Market
from sequencer.model.message import SignedMessage
from sequencer.model.order import Order
from sequencer.state.ledger import Counters, Ledger, LedgerChange
from sequencer.state.pages import Group
from sequencer.state.roots import chain_log, log_root

Place = tuple[Group, int]
"""Where an order stands: its (market, side) and its key."""


class Draft(Struct, frozen=True):
    """A complete batch: the ledger before it, the engine's state after it, and what happened between.

    Attributes
    ----------
    opened : tuple of Market
        The markets once the batch was opened: its accounts are settled at their indices.
    messages : tuple of SignedMessage
        The signed ones in sequence order, so neither one that L1 forced nor a liquidation.
    """

    size: BatchSize
    ledger: Ledger
    state: State
    opening: OpenEpoch
    opened: tuple[Market, ...]
    messages: tuple[SignedMessage, ...]
    events: tuple[Event, ...]
    plan: BatchPlan

    @property
    def accounts(self) -> list[int]:
        """The ids of the account slots, increasing."""
        return sorted(self.plan.footprint.accounts)

    def after(self, number: int) -> Account:
        """Return an account as the batch leaves it, the charge of a shortfall not yet settled."""
        return self.state.accounts.get(number, Account())

    @property
    def shortfall(self) -> ShortfallCharged | None:
        """The charge with which the batch ends, if there is one."""
        return next((event for event in self.events if isinstance(event, ShortfallCharged)), None)

    @property
    def sequenced(self) -> list[MessageSequenced]:
        """The messages as the engine sequenced them."""
        return [event for event in self.events if isinstance(event, MessageSequenced)]

    @property
    def processed(self) -> list[RequestProcessed]:
        """The L1 requests as the engine processed them."""
        return [event for event in self.events if isinstance(event, RequestProcessed)]

    def placed(self) -> Mapping[Place, Order]:
        """Return the orders that came to rest in this batch, as they rested."""
        orders = (event.order for event in self.events if isinstance(event, Rested))
        return {((order.market, order.side), order.key): order for order in orders}

    def log_leaves(self) -> list[int]:
        """Return the hash of each message, in sequence order."""
        return [event.message.hash(self.ledger.domain) for event in self.sequenced]

    def change(self) -> LedgerChange:
        """Return what the batch writes to the ledger."""
        before, state = self.ledger.counters, self.state
        accounts = {number: self.after(number) for number in self.accounts}
        return LedgerChange(
            accounts={n: after for n, after in accounts.items() if after != self.ledger.account(n)},
            markets=tuple(state.markets),
            pages=self.plan.changed_pages(),
            counters=Counters(
                batch_number=before.batch_number + 1,
                timestamp=state.timestamp,
                fee_pool=state.fee_pool,
                funding_pool=state.funding_pool,
                requests_consumed=state.requests_consumed,
                next_sequence=state.next_sequence,
                log_head=chain_log(before.log_head, log_root(self.log_leaves())),
                configuration_hash=state.configuration_hash,
                premiums=state.premiums,
                period=state.period,
                venue=state.venue,
            ),
            configuration=None if state.configuration == self.ledger.configuration else state.configuration,
        )
