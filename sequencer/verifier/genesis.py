"""The start: an empty exchange, and markets within their bounds."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from eth_utils.address import to_checksum_address

from sequencer.crypto import SparseTree, poseidon
from sequencer.model import constants as c
from sequencer.model.codes import MarketKind, MarketStatus, Side
from sequencer.model.market import Market, MarketParameters
from sequencer.model.premium import NO_PREMIUMS, premium_root
from sequencer.model.venue import NO_RESTRICTIONS, Venue
from sequencer.state.pages import Page
from sequencer.state.published import PublishedState
from sequencer.state.roots import book_root
from sequencer.verifier.errors import GenesisFindingError
from sequencer.verifier.replica import Identity, Replica

UNINSURED: Final = Venue(uninsured=True)


def replica_of_genesis(identity: Identity, logged: Mapping[str, Any]) -> Replica:
    """Return the replica before the first batch.

    Parameters
    ----------
    logged
        Arguments of the `Genesis` log. What they must be is computed from the markets alone.

    Raises
    ------
    GenesisFindingError
        If there is anything else in the state than empty markets, or a market breaks a bound.
    """
    markets = [tuple(words) for words in logged["markets"]]
    for slot, words in enumerate(markets):
        _check_market(slot, words)
    state = PublishedState(markets)
    exit_root = state.exit_root()
    # With a floor for the insurance fund a venue begins below it; the hash of the configuration hides which.
    starts = [
        poseidon((exit_root, _empty_book_root(markets, venue))) for venue in (NO_RESTRICTIONS, UNINSURED)
    ]
    state_root = starts[logged["stateRoot"] == starts[1]]
    computed = {"domain": identity.domain(), "exitRoot": exit_root, "stateRoot": state_root}
    for name, value in computed.items():
        if logged[name] != value:
            raise GenesisFindingError(f"the genesis has {name} {logged[name]:#x}, not {value:#x}")
    verifier = to_checksum_address(logged["verifier"])
    return Replica(identity, logged["configurationHash"], verifier, state, state_root)


def _check_market(slot: int, words: Sequence[int]) -> None:
    """Refuse what `sequencer.state.genesis` would not have made."""
    if not any(words):
        return
    parameters = MarketParameters.from_word(words[3])
    fresh = Market(MarketKind.PERPETUAL, MarketStatus.OPEN, parameters=parameters)
    try:
        parameters.check()
    except ValueError as error:
        raise GenesisFindingError(f"market {slot}: {error}") from error
    if tuple(words) != fresh.words():
        raise GenesisFindingError(f"market {slot} does not start as a market without trades")


def _empty_book_root(markets: Sequence[Sequence[int]], venue: Venue) -> int:
    pages = SparseTree(c.PAGE_DEPTH)
    live = [slot for slot, words in enumerate(markets) if any(words)]
    pages.set_many([(2 * slot + side, Page(slot, side).leaf()) for slot in live for side in Side])
    return book_root(pages.root, 0, c.FIRST_SEQUENCE, premium_root(NO_PREMIUMS, 0), venue.word())
