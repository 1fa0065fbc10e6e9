"""What a batch publishes, from the naive exchange alone: roots, words and the public inputs c, r, y.

Written from docs/spec/state.md and data.md with its own packing; of the sequencer only the fences of the book
pages are taken, since the proof accepts any cut that tiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from eth_utils.crypto import keccak

from sequencer.batch.sizes import BatchSize
from sequencer.crypto import FIELD_MODULUS, SparseTree, poseidon
from sequencer.engine.commands import OpenEpoch
from sequencer.engine.events import (
    BookExhausted,
    Dropped,
    Event,
    Filled,
    MakerRemoved,
    MessageSequenced,
    RequestProcessed,
)
from sequencer.model.account import Account
from sequencer.model.market import Market, MarketParameters
from sequencer.model.order import Order
from sequencer.model.schedule import MarginSchedule
from sequencer.state.layout import PageLayout
from tests.engine.naive_liquidation import is_unsigned
from tests.engine.naive_state import SELL, Exchange
from tests.engine.naive_trade import crosses

Slot = int | None
_DEFAULT = Account()


class PageError(Exception):
    """The pages do not hold the orders of the naive book."""


@dataclass(frozen=True)
class Published:
    """What the contract sees of one batch, and the root under which the next one starts."""

    state_root: int
    exit_root: int
    words: tuple[int, ...]
    public: tuple[int, int, int]


@dataclass
class Publisher:
    """Follows a naive exchange from batch to batch."""

    exchange: Exchange
    size: BatchSize
    number: int = 0
    log_head: int = 0
    accounts: dict[int, Account] = field(default_factory=dict)
    markets: list[Market] = field(default_factory=list)
    fee_pool: int = 0
    funding_pool: int = 0
    requests: int = 0
    first_sequence: int = 0
    state_root: int = 0

    def begin(self, layout: PageLayout) -> None:
        """Take the exchange as it stands for the state before the next batch."""
        self.accounts, self.markets = self.exchange.seen_accounts(), self.exchange.seen_markets()
        self.fee_pool, self.funding_pool = self.exchange.fee_pool, self.exchange.funding_pool % FIELD_MODULUS
        self.requests = self.exchange.requests_consumed
        self.first_sequence = self.exchange.next_sequence
        self.state_root = poseidon((self._exit_root(), self._book_root(layout)))

    def publish(self, opening: OpenEpoch, events: Sequence[Event], layout: PageLayout) -> Published:
        """Return what a batch publishes, and begin the next one."""
        before, old_accounts, old_markets = self.state_root, self.accounts, self.markets
        first_request, first_sequence = self.requests, self.first_sequence
        messages = [event.message for event in events if isinstance(event, MessageSequenced)]
        requests = [event for event in events if isinstance(event, RequestProcessed)]
        log = SparseTree(3)
        log.set_many([(place, message.hash(self.exchange.domain)) for place, message in enumerate(messages)])
        self.log_head, self.number = poseidon((self.log_head, log.root)), self.number + 1
        self.begin(layout)

        queue: list[Slot] = [word for event in requests for word in event.request.words()]
        outcomes: list[Slot] = [event.outcome.status | event.outcome.paid << 4 for event in requests]
        body = _padded(queue, 3 * self.size.requests) + _padded(outcomes, self.size.requests)
        touched = sorted(_touched(events))
        records: list[Slot] = []
        for number in touched:
            old, new = (_words(all_.get(number, _DEFAULT)) for all_ in (old_accounts, self.accounts))
            records += _record(number, 1, old, new)
        account_heads = sum(head is not None for head in records[::8])
        body += _padded(records, 8 * self.size.accounts)
        market_slots = [
            slot
            for place, (old, new) in enumerate(zip(old_markets, self.markets, strict=True))
            for slot in _record(place, 2, _market_words(old), _market_words(new))
        ]
        market_heads = sum(head is not None for head in market_slots[::6])
        body += market_slots
        count = 14 + sum(slot is not None for slot in body)
        exit_root = self._exit_root()
        signed = poseidon([report.word() | report.signer << 168 for report in opening.reports])
        header: list[Slot] = [
            self.exchange.domain,
            self._configuration_hash(),
            self.number,
            before,
            self.state_root,
            exit_root,
            opening.timestamp,
            poseidon((opening.timestamp, signed, self.requests)),
            first_sequence,
            log.root,
            first_request,
            len(requests) | len(messages) << 16 | account_heads << 32 | market_heads << 48 | count << 64,
            self.fee_pool,
            self.funding_pool,
        ]
        words = [slot for slot in header + body if slot is not None]
        return Published(self.state_root, exit_root, tuple(words), _public(header + body, words))

    def _exit_root(self) -> int:
        tree = SparseTree(10)
        tree.set_many([(number, _leaf(account)) for number, account in self.accounts.items()])
        markets = poseidon([_market_leaf(market) for market in self.markets])
        return poseidon((tree.root, markets, poseidon((self.fee_pool, self.funding_pool, self.requests))))

    def _book_root(self, layout: PageLayout) -> int:
        tree = SparseTree(6)
        held = []
        for index, page in layout.items():
            side = self.exchange.side(*page.group)
            orders = [order for order in side if page.low <= _key(order) < page.high]
            if len(orders) > 15 or (page.group in held and not orders):
                raise PageError(f"page {index} holds {len(orders)} orders")
            held += [page.group] * (not orders)
            words = [_order_word(order) for order in orders]
            header = page.market | page.side << 8 | page.low << 9 | page.high << 82
            tree.set(index, poseidon([header, *words, *[0] * (15 - len(words))]))
        counters = self.log_head, self.first_sequence, self._premium_root(), self._venue_word()
        return poseidon((tree.root, *counters))

    def _premium_root(self) -> int:
        words = []
        for premium in self.exchange.premiums:
            signed = premium.excess, premium.weight, premium.rate_ppm
            words += [value % FIELD_MODULUS for value in signed]
        return poseidon((*words, self.exchange.period))

    def _venue_word(self) -> int:
        venue = self.exchange.venue
        word = venue.congested_until | venue.restricted_markets << 40 | venue.restricted_until << 44
        return word | int(venue.uninsured) << 84

    def _configuration_hash(self) -> int:
        configuration = self.exchange.configuration
        fees = 0
        for place, tier in enumerate(configuration.tiers):
            fees |= (tier.maker_ppm + 2**19 | tier.taker_ppm << 20) << 40 * place
        keys = [coordinate for key in configuration.oracle_keys for coordinate in key]
        fixed = [_parameter_word(market) for market in configuration.markets]
        fixed += [0] * (4 - len(fixed))
        margins = [_schedule_word(schedule) for schedule in configuration.schedules]
        margins += [0] * (4 - len(margins))
        first = poseidon((fees, configuration.oracle_max_age_seconds, *keys, *fixed))
        return poseidon((first, *margins, configuration.insurance_floor))


def _touched(events: Sequence[Event]) -> set[int]:
    """Return the accounts of requests, of messages, of every head that an order crossed, and the fund's."""
    touched = set()
    limit = None
    for event in events:
        if isinstance(event, RequestProcessed):
            touched.add(event.request.account)
        elif isinstance(event, MessageSequenced):
            limit = event.message
            touched |= {limit.account, 0} if is_unsigned(limit) else {limit.account}
        elif isinstance(event, Filled | MakerRemoved | Dropped | BookExhausted) and event.head is not None:
            assert limit is not None
            if crosses(limit, event.head):
                touched.add(event.head.account)
    return touched


def _words(account: Account) -> list[int]:
    packed = account.nonce | account.key_epoch << 48 | account.tier << 64
    packed |= account.dead_below << 68 | account.orders << 108
    trading = poseidon((*account.key, packed, account.open_notional))
    held = [index * 2**64 + size for size, index in zip(account.positions, account.indices, strict=True)]
    signed = (account.collateral, *held)
    return [account.owner, *(value % FIELD_MODULUS for value in signed), trading]


def _leaf(account: Account) -> int:
    *exit_words, trading = _words(account)
    return poseidon((poseidon(exit_words), trading)) if account.owner else 0


def _market_words(market: Market) -> list[int]:
    price = market.kind | market.status << 4 | market.mark << 8 | market.oracle_time << 40
    price |= market.bid_orders << 80 | market.ask_orders << 96
    price |= market.halted_until << 112 | market.reduced_until << 152
    indices = (index % FIELD_MODULUS for index in (market.long_index, market.short_index))
    risk = market.open_interest | market.sampled_mark << 48 | market.volatility_ppm << 80
    risk |= market.volatility_addon_ppm << 100 | market.open_interest_addon_ppm << 120
    risk |= market.congestion_addon_ppm << 140 | market.tier_ppm << 160 | market.fund_since << 180
    return [price, *indices, _parameter_word(market.parameters), risk]


def _market_leaf(market: Market) -> int:
    return poseidon(_market_words(market)) if market.kind else 0


def _parameter_word(terms: MarketParameters) -> int:
    word = terms.quote_per_tick_lot | terms.initial_ppm << 20 | terms.maintenance_ppm << 40
    word |= terms.band_ppm << 60 | terms.min_size << 80 | terms.max_position << 128
    word |= terms.max_move_ppm << 176 | terms.halt_seconds << 196
    return word | terms.liquidation_fee_ppm << 216 | terms.interest_ppm << 236


def _schedule_word(terms: MarginSchedule) -> int:
    word = terms.open_interest_lower | terms.volatility_factor << 40 | terms.addon_max_ppm << 50
    word |= terms.addon_step_ppm << 70 | terms.tier_ppm << 90 | terms.congestion_ppm << 110
    return word | terms.settle_seconds << 130 | terms.open_interest_upper << 150


def _key(order: Order) -> int:
    rank = order.price if order.side == SELL else 2**32 - 1 - order.price
    return rank << 40 | order.sequence


def _order_word(order: Order) -> int:
    word = order.remaining | int(order.reduce_only) << 48 | order.account << 49
    return word | order.expiry << 69 | order.max_fee_ppm << 109 | _key(order) << 129


def _record(number: int, tag: int, before: list[int], after: list[int]) -> list[Slot]:
    changed: list[Slot] = [new if new != old else None for old, new in zip(before, after, strict=True)]
    bitmap = sum(1 << bit for bit, word in enumerate(changed) if word is not None)
    return [number | bitmap << 20 | tag << 32 if bitmap else None, *changed]


def _padded(slots: list[Slot], length: int) -> list[Slot]:
    return slots + [None] * (length - len(slots))


def _public(slots: Sequence[Slot], words: Sequence[int]) -> tuple[int, int, int]:
    flags = [slot is not None for slot in slots[14:]]
    starts = range(0, len(flags), 250)
    packed = [sum(flag << bit for bit, flag in enumerate(flags[at : at + 250])) for at in starts]
    chained = [slot or 0 for slot in slots] + packed
    c = 0
    for at in range(0, len(chained), 15):
        link = chained[at : at + 15]
        c = poseidon((c, *link, *[0] * (15 - len(link))))
    digest = keccak(b"".join(word.to_bytes(32, "big") for word in words))
    r = int.from_bytes(keccak(c.to_bytes(32, "big") + digest), "big") % FIELD_MODULUS
    y = sum(word * pow(r, power, FIELD_MODULUS) for power, word in enumerate(words)) % FIELD_MODULUS
    return c, r, y
