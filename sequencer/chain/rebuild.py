"""Money and positions rebuilt from L1 alone: what anyone can do without the operator (docs/spec/data.md)."""

from sequencer.chain.errors import RebuildError
from sequencer.chain.watcher import Watcher
from sequencer.state.published import PublishedState


def rebuild(watcher: Watcher) -> PublishedState:
    """Rebuild accounts and markets from logs and calldata, and check every root on the way.

    Raises
    ------
    RebuildError
        If the data of a batch gives another exit root than the contract stored.
    """
    genesis = watcher.genesis()
    state = PublishedState(markets=[list(words) for words in genesis.markets])
    _require_root(state, genesis.exit_root, "the genesis")
    for batch in watcher.batches():
        state.apply(batch.words)
        _require_root(state, batch.exit_root, f"batch {batch.batch_number}")
    return state


def _require_root(state: PublishedState, published: int, what: str) -> None:
    rebuilt = state.exit_root()
    if rebuilt != published:
        raise RebuildError(f"{what} rebuilds the exit root {rebuilt:#x}, not {published:#x}")
