"""Small venues of a few accounts, whose book is what a test says."""

from random import Random

from msgspec.structs import replace

from sequencer.backtest.settings import Settings
from sequencer.backtest.venue import Venue
from sequencer.engine.events import Event, Rested
from sequencer.model.codes import Side
from sequencer.model.message import Message
from sequencer.replay.strategy import View
from sequencer.replay.terms import MARKET, QUOTE_PER_DOLLAR

MARK = 600_000
START = 1_584_008_280
RICH = 1_000_000
MAKER, TRADER, PARTNER = 1, 2, 3


def venue(**dollars: int) -> Venue:
    """A venue at a mark of about 6,000 dollars, and what each account pays in."""
    made = Venue(Settings(1))
    made.open_epoch(START, MARK)
    for account, name in ((MAKER, "maker"), (TRADER, "trader"), (PARTNER, "partner")):
        made.enrol(account, dollars.get(name, RICH) * QUOTE_PER_DOLLAR)
    return made


def move(at: Venue, price: int) -> None:
    """Open the next epoch at another price."""
    at.open_epoch(at.state.timestamp + 15, price)


def view(at: Venue, number: int, *, price: int = MARK, last_price: int = 0, range_ppm: int = 0) -> View:
    """What an account's agent sees."""
    return View(at.state, number, at.state.timestamp, price, last_price or price, range_ppm, Random(1))


def rest(at: Venue, side: Side, price: int, lots: int, account: int = MAKER) -> None:
    """Let an order rest in the book."""
    events = at.send(order(account, side, price, lots, post_only=True))
    assert isinstance(events[-1], Rested)


def trade(at: Venue, side: Side, price: int, lots: int, account: int = TRADER) -> list[Event]:
    """Let an account trade a size with the maker at a price."""
    rest(at, side.opposite, price, lots)
    return list(at.send(order(account, side, price, lots, ioc=True)))


def raise_margins(at: Venue, ppm: int) -> None:
    """Let volatility add so much to both margin rates, until the next epoch."""
    market = at.state.market(MARKET)
    at.state.put_market(MARKET, replace(market, volatility_addon_ppm=ppm))


def raise_tier(at: Venue, ppm: int) -> None:
    """Let the initial margin rise with a position's size by so much, until the next epoch."""
    at.state.put_market(MARKET, replace(at.state.market(MARKET), tier_ppm=ppm))


def order(account: int, side: Side, price: int, lots: int, **flags: bool) -> Message:
    message = Message(account, 0, 0, market=MARKET, side=side, price=price, size=lots)
    return replace(message, **flags)
