"""What L1 restricts: as it says, from the next batch to its end, in its markets and in no others."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

from msgspec.structs import replace

from sequencer.batch import sealed
from sequencer.batch.signals import Inputs
from sequencer.engine import epoch, messages
from sequencer.engine import requests as processing
from sequencer.engine.events import RequestProcessed
from sequencer.engine.state import State
from sequencer.model import constants as c
from sequencer.model import venue as words
from sequencer.model.account import Account
from sequencer.model.codes import MarketStatus, RequestKind, RequestStatus, Verdict
from sequencer.model.market import Market
from sequencer.model.message import Message
from sequencer.model.request import Outcome, Request
from sequencer.model.venue import NO_RESTRICTIONS, Venue
from soundness.attacks.attack import (
    APPLYING,
    STATE,
    Cheat,
    CircuitAttack,
    Rule,
    Scenario,
    Tamper,
    around,
    at_seal,
    replaced,
)
from soundness.attacks.exchange import PLAIN, RICH, SELL, Exchange, resting, trader
from soundness.attacks.schedules import packed
from tests.strategies import START

FUND, LONG, BUYER, MAKER = range(4)
TIME: Final = START + 1
SAYS: Final = "a request of kind 5 replaces the first 84 bits of the venue word, from the next batch on"
WORD: Final = "the venue word changes by requests of kind 5 and by the insurance floor"
LASTS: Final = "the markets of the mask are reduce-only in batches before restricted_until, and no others"
TAKES: Final = "REDUCE_ONLY: an order without the flag, in a market that takes only orders that reduce"
READING: Final = "the fields of the venue word are in range"
ROOT: Final = "the venue word is the one under the old root"
KINDS: Final = "kinds are 1 to 6"

# ---- Two markets with an ask each; the lowest bit of the mask is the first market's.

FIRST, SECOND = 0b01, 0b10
RESTRICTED: Final = Venue(TIME - 60, FIRST, TIME + 1)
SAID: Final = Venue(TIME + 3_600, SECOND, TIME + 60)
"""What L1 says in the batch."""


def _asks(venue: Venue = NO_RESTRICTIONS, lots: int = 0) -> Callable[[], Exchange]:
    """Prepare asks under restrictions, and a buyer short of so many lots; the batch is at `TIME`."""

    def prepare() -> Exchange:
        accounts = {
            FUND: Account(owner=c.INSURANCE_OWNER, collateral=RICH),
            LONG: trader(LONG, positions=(lots, 0, 0, 0)),
            BUYER: trader(BUYER, positions=(-lots, 0, 0, 0)),
        }
        orders = [resting(1, MAKER, SELL, 1_001, 5), resting(2, MAKER, SELL, 2_001, 5, market=1)]
        return Exchange(accounts, orders, markets=(PLAIN, replace(PLAIN, mark=2_000)), venue=venue)

    return prepare


def _buying(**fields: Any) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.buy(BUYER, 2, 1_001, **fields)


def _buying_both(exchange: Exchange) -> None:
    exchange.buy(BUYER, 2, 1_001)
    exchange.buy(BUYER, 2, 2_001, market=1)


def _saying(exchange: Exchange) -> None:
    exchange.restrict(SAID)
    exchange.buy(BUYER, 2, 2_001, market=1)


SPOKEN = Scenario(_asks(RESTRICTED), _saying)
DURING = Scenario(_asks(RESTRICTED), _buying_both)
REDUCING = Scenario(_asks(RESTRICTED, 50), _buying(reduce_only=True))
OVER = Scenario(_asks(replace(RESTRICTED, restricted_until=TIME)), _buying())
FREE = Scenario(_asks(), _buying())
DEPOSITED = Scenario(_asks(), lambda exchange: exchange.deposit(BUYER, 5_000))
INSURED = Scenario(_asks(RESTRICTED), lambda exchange: exchange.deposit(FUND, 5_000))
REGISTERED = Scenario(_asks(), lambda exchange: exchange.register(BUYER, 2))
BESIDES = Scenario(_asks(replace(RESTRICTED, restricted_markets=SECOND)), _buying())
UNINSURED = Scenario(_asks(replace(RESTRICTED, uninsured=True)), _buying())


# ---- What a request says.


def _processing(lie: Callable[[Callable[..., RequestProcessed], State, Request], RequestProcessed]) -> Cheat:
    return replaced(around(APPLYING, "process_request", lie))


def _leaving(lie: Callable[[Venue, Request], Venue]) -> Cheat:
    """Let a request leave another venue: by the one that it left honestly."""

    def process(honest: Callable[..., RequestProcessed], state: State, request: Request) -> RequestProcessed:
        event = honest(state, request)
        state.put_venue(lie(state.venue, request))
        return event

    return _processing(process)


def _hearing(**fields: Any) -> Cheat:
    """Take L1 to have said something else."""
    return _leaving(lambda venue, request: replace(venue, **fields))


def _at_once(honest: Callable[..., RequestProcessed], state: State, request: Request) -> RequestProcessed:
    """Let a restriction hold in the batch that consumes it."""
    event = honest(state, request)
    for slot in range(2):
        if state.venue.restricts(slot, state.timestamp):
            state.put_market(slot, replace(state.market(slot), status=MarketStatus.REDUCE_ONLY))
    return event


def _as_restriction(
    honest: Callable[..., RequestProcessed], state: State, request: Request
) -> RequestProcessed:
    """Take a deposit for a restriction, which lifts all others."""
    taken = replace(request, kind=RequestKind.RESTRICT, amount=0)
    return replace(honest(state, taken), request=request)


def _raided(honest: Callable[..., RequestProcessed], state: State, request: Request) -> RequestProcessed:
    """Pay the insurance fund's collateral to whoever restricts a market."""
    event, fund = honest(state, request), state.account(FUND)
    state.put_account(FUND, replace(fund, collateral=0))
    return replace(event, outcome=Outcome(RequestStatus.DONE, fund.collateral))


def _key_bits(venue: Venue, request: Request) -> Venue:
    return venue.restricted_by(request.data[0] & (1 << c.VENUE_UNINSURED_AT) - 1)


def _of_no_kind(exchange: Exchange, request: Request) -> Request:
    return replace(request, kind=7)


# ---- What it does.


def _restricting(lie: Callable[[Venue, int, int], bool]) -> Cheat:
    """Restrict otherwise: by the venue, the slot and the time of the batch."""
    return replaced((Venue, "restricts", lie))


def _judging(lie: Callable[..., Verdict | None]) -> Cheat:
    """Judge the terms of an order otherwise."""
    return replaced(around(messages, "judge_order", lie))


def as_if_open(honest: Callable[..., Verdict | None], order: Message, market: Market, ppm: int) -> Any:
    """Judge an order as if its market took all."""
    return honest(order, replace(market, status=MarketStatus.OPEN), ppm)


def _as_if_unflagged(honest: Callable[..., Verdict | None], order: Message, *others: Any) -> Any:
    return honest(replace(order, reduce_only=False), *others)


def _ending(**fields: Any) -> Cheat:
    """End the batch with other restrictions."""
    return at_seal(lambda state: state.put_venue(replace(state.venue, **fields)))


def _status(status: MarketStatus) -> Cheat:
    """Leave the first market in another status."""
    return at_seal(lambda state: state.put_market(0, replace(state.market(0), status=status)))


# ---- The word of the state.


def opening_with(other: Venue) -> tuple[Rule, ...]:
    """Return the rules that open the batch with another venue than the last one left."""

    def accrue(honest: Callable[[State, int], None], state: State, round_time: int) -> None:
        state.put_venue(other)
        honest(state, round_time)

    return (
        around(epoch, "_accrue", accrue),
        around(sealed, "venue_inputs", lambda honest, venue: honest(other)),
    )


def _second_of_the_first(inputs: Inputs) -> Inputs:
    """Restrict the first market twice instead of the second one, which is the same mask."""
    return {**inputs, "venueRestricted": [2, 0, 0, 0]}


def _modulo_p(inputs: Inputs) -> Inputs:
    """Take a second from the end of congestion, and add it to the last bit modulo p."""
    until = inputs["venueCongestedUntil"]
    assert isinstance(until, int)
    bit = pow(1 << c.VENUE_UNINSURED_AT, -1, c.FIELD_MODULUS)
    return {**inputs, "venueCongestedUntil": until - 1, "venueUninsured": bit}


def _attack(
    name: str,
    claim: str,
    rule: str,
    scenario: Scenario,
    cheat: Cheat,
    *where: str,
    tamper: Tamper = dict,
) -> CircuitAttack:
    return CircuitAttack(name, claim, rule, scenario, where or ("Batch",), cheat, tamper)


def _heard(name: str, **fields: Any) -> CircuitAttack:
    return _attack(name, "a restriction is taken as L1 says it", SAYS, SPOKEN, _hearing(**fields))


def _found(name: str, scenario: Scenario, other: Venue) -> CircuitAttack:
    claim = "a batch opens with the restrictions that the last one left"
    return _attack(f"find-{name}", claim, ROOT, scenario, replaced(*opening_with(other)))


def _read(name: str, scenario: Scenario, other: Venue | None = None, tamper: Tamper = dict) -> CircuitAttack:
    """Return the attack that reads the same word otherwise."""
    cheat = replaced(*opening_with(other), (words, "pack", packed)) if other else nullcontext
    claim = "the venue word has one reading"
    return _attack(f"read-{name}", claim, READING, scenario, cheat, "LoadedVenue", tamper=tamper)


_ITS_TIME: Final = "a restriction holds from its batch to its end"
_ITS_MARKETS: Final = "a restriction is of its markets"
_NOBODY: Final = "L1 alone restricts"

ATTACKS = (
    # ---- What L1 says is taken, from the next batch on.
    _attack(
        "swallow-a-restriction",
        "a restriction is taken as L1 says it",
        SAYS,
        SPOKEN,
        _leaving(lambda venue, request: RESTRICTED),
    ),
    _heard("restrict-another-market-than-was-said", restricted_markets=FIRST),
    _heard("restrict-a-market-more", restricted_markets=FIRST | SECOND),
    _heard("end-a-restriction-a-second-early", restricted_until=SAID.restricted_until - 1),
    _heard("end-a-restriction-a-second-late", restricted_until=SAID.restricted_until + 1),
    _heard("swallow-a-report-of-congestion", congested_until=RESTRICTED.congested_until),
    _heard("prolong-a-report-of-congestion", congested_until=SAID.congested_until + 1),
    _attack("restrict-at-once", _ITS_TIME, SAYS, SPOKEN, _processing(_at_once), "Step"),
    _attack(
        "take-a-deposit-for-a-restriction",
        "a request is of its kind",
        SAYS,
        INSURED,
        _processing(_as_restriction),
        *STATE,
    ),
    _attack("invent-a-restriction", _NOBODY, SAYS, DEPOSITED, _leaving(lambda venue, request: SAID)),
    _attack("read-a-key-as-a-restriction", _NOBODY, SAYS, REGISTERED, _leaving(_key_bits)),
    _attack(
        "raid-the-insurance-fund-by-a-restriction",
        "a restriction moves no money",
        SAYS,
        SPOKEN,
        _processing(_raided),
        *STATE,
    ),
    _attack(
        "consume-a-request-of-no-kind",
        "a request is of a kind",
        KINDS,
        DEPOSITED,
        replaced((Exchange, "queued", _of_no_kind), (processing, "check_request", lambda request: None)),
        "ProcessRequest",
    ),
    # ---- The word changes by nothing else.
    _attack("restrict-a-market-oneself", _NOBODY, WORD, FREE, _ending(restricted_markets=FIRST)),
    _attack("prolong-a-restriction", _NOBODY, WORD, DURING, _ending(restricted_until=TIME + 60)),
    _attack("lift-a-restriction", _NOBODY, WORD, DURING, _ending(restricted_markets=0)),
    _attack("report-congestion-oneself", _NOBODY, WORD, FREE, _ending(congested_until=TIME + 60)),
    _attack("forget-a-report-of-congestion", _NOBODY, WORD, DURING, _ending(congested_until=0)),
    # ---- It holds in its markets, until its end.
    _attack(
        "end-a-restriction-before-its-time",
        _ITS_TIME,
        LASTS,
        DURING,
        _restricting(lambda venue, slot, now: slot == 0 and now + 1 < venue.restricted_until),
        "Step",
    ),
    _attack(
        "keep-a-restriction-after-its-time",
        _ITS_TIME,
        LASTS,
        OVER,
        _restricting(lambda venue, slot, now: slot == 0 and now <= venue.restricted_until),
        "Step",
    ),
    _attack(
        "restrict-the-other-market",
        _ITS_MARKETS,
        LASTS,
        DURING,
        _restricting(lambda venue, slot, now: slot == 1),
        "Step",
    ),
    _attack(
        "restrict-both-markets",
        _ITS_MARKETS,
        LASTS,
        DURING,
        _restricting(lambda venue, slot, now: slot < 2),
        "Step",
    ),
    _attack(
        "take-an-order-that-is-not-flagged-in-a-restricted-market",
        "a restricted market takes orders that are flagged",
        TAKES,
        DURING,
        _judging(as_if_open),
        "Step",
    ),
    _attack(
        "refuse-an-order-that-is-flagged-in-a-restricted-market",
        "a restricted market lets positions be reduced",
        TAKES,
        REDUCING,
        _judging(_as_if_unflagged),
        "Step",
    ),
    _attack(
        "hide-that-a-market-is-restricted",
        "who reads L1 sees what a market takes",
        LASTS,
        DURING,
        _status(MarketStatus.OPEN),
    ),
    _attack(
        "publish-that-an-open-market-is-restricted",
        "who reads L1 sees what a market takes",
        LASTS,
        FREE,
        _status(MarketStatus.REDUCE_ONLY),
    ),
    # ---- It is the word of the state, read in one way.
    _found("another-mask", DURING, replace(RESTRICTED, restricted_markets=0)),
    _found("another-end-of-a-restriction", DURING, replace(RESTRICTED, restricted_until=TIME)),
    _found("another-end-of-congestion", DURING, replace(RESTRICTED, congested_until=TIME + 60)),
    _read(
        "the-mask-as-an-end-of-congestion",
        DURING,
        replace(
            RESTRICTED, congested_until=RESTRICTED.congested_until + (1 << c.TIME_BITS), restricted_markets=0
        ),
    ),
    _read(
        "the-uninsured-bit-as-an-end-of-a-restriction",
        UNINSURED,
        replace(
            RESTRICTED,
            restricted_until=RESTRICTED.restricted_until + (1 << c.TIME_BITS),
            restricted_markets=FIRST,
        ),
    ),
    _read("the-second-market-as-twice-the-first", BESIDES, tamper=_second_of_the_first),
    _read("an-end-of-congestion-modulo-p", DURING, tamper=_modulo_p),
)
