"""A ledger that is lost is made anew from the journal, and takes what L1 has of it for what it is."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hexbytes import HexBytes

from sequencer.chain.errors import NodeRefusedError
from sequencer.records.entries import Closed, Consumed, JournalEntry, Opened, Sequenced
from sequencer.settler.errors import JournalBehindError
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchLife, BatchState, SignedTransaction
from sequencer.submitter.errors import StateForkedError
from sequencer.submitter.policy import Fees
from sequencer.submitter.reader import ChainReader
from sequencer.submitter.sender import ChainSender
from tests.settler.farm import LocalFarm
from tests.settler.journals import follow, read, write
from tests.settler.venue import TRADE, Venue, drive

HOURS = 2 * 3_600
STATES = (BatchState.SEQUENCED, BatchState.PROVEN, BatchState.SUBMITTED, BatchState.MINED, BatchState.FINAL)
LOST = (("ledger",), ("ledger", "settlement"))


def lose(venue: Venue, *names: str) -> None:
    """Remove parts of the data directory; the farm loses its jobs too."""
    for name in names:
        shutil.rmtree(venue.directories.data / name)
    venue.farm = LocalFarm(venue.proofs)


def lives(venue: Venue) -> list[BatchLife]:
    with LedgerStore.open(venue.directories.ledger) as store:
        return store.outbox.lives()


def settled_to(venue: Venue, state: BatchState) -> None:
    """Two closed batches, the first of them final, the second as far as a state."""
    for number in (1, 2):
        venue.trade(*TRADE)
        with venue.settler() as running:
            if number == 1:
                venue.carry(running, 1)
            elif state is BatchState.SEQUENCED:
                drive(running, venue.mine, lambda: running.batch == 2)
            else:
                venue.automine(state is not BatchState.SUBMITTED)
                venue.carry(running, 2, state)


def require_final(venue: Venue, last: int) -> None:
    """All batches are final, and L1 has the ledger and the engine's state."""
    with LedgerStore.open(venue.directories.ledger) as store:
        assert [life.state for life in store.outbox.lives()] == [BatchState.FINAL] * last
        assert store.load().roots() == venue.ledger.roots()
    assert venue.rollup.batch_count == last
    assert venue.rollup.state_root == venue.ledger.roots().state
    assert venue.confirmed_by_log == venue.watcher.requests()


def jobs_of(venue: Venue, *numbers: int) -> set[str]:
    with LedgerStore.open(venue.directories.ledger) as store:
        return {f"small-{store.record(number).inputs['y']}" for number in numbers}


@pytest.mark.parametrize("lost", LOST, ids="+".join)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name.lower())
def test_a_lost_ledger_is_made_anew_whatever_l1_has_of_it(
    venue: Venue, state: BatchState, lost: tuple[str, ...]
) -> None:
    nonce = venue.nonce
    settled_to(venue, state)
    said = venue.progress
    lose(venue, *lost)
    venue.automine(True)
    with venue.settler() as running:
        follow(running)
        venue.carry(running, 2)
        venue.trade(*TRADE)
        venue.carry(running, 3)
    require_final(venue, 3)
    assert venue.nonce == nonce + 3
    landed = (1, 2) if state >= BatchState.MINED else (1,)
    assert not jobs_of(venue, *landed) & set(venue.farm.priorities)
    assert [life.is_rebuilt for life in lives(venue)] == [True, True, False]
    if "settlement" not in lost:
        assert venue.progress[: len(said)] == said
        assert all([len(venue.states(1)) == 4, venue.states(2).count(BatchState.FINAL) == 1])


def test_what_was_adopted_names_the_transaction_that_brought_it(venue: Venue) -> None:
    settled_to(venue, BatchState.FINAL)
    before = [life.inclusion for life in lives(venue)]
    proofs = [life.proof for life in lives(venue)]
    lose(venue, "ledger")
    with venue.settler() as running:
        drive(running, venue.mine, lambda: len(lives_of(running)) == 2)
    after = lives(venue)
    assert [life.inclusion for life in after] == before
    assert [life.proof for life in after] == proofs
    assert not any(life.sent for life in after)


def lives_of(running: object) -> list[BatchLife]:
    """The final batches of an open ledger."""
    store: LedgerStore = running._store  # type: ignore[attr-defined]
    return [life for life in store.outbox.lives() if life.state is BatchState.FINAL]


def test_a_settler_that_stops_again_and_again_while_it_rebuilds_gets_there(venue: Venue) -> None:
    nonce = venue.nonce
    settled_to(venue, BatchState.MINED)
    lose(venue, "ledger", "settlement")
    for _ in range(12):
        with venue.settler() as running:
            running.step()
    with venue.settler() as running:
        venue.carry(running, 2)
    require_final(venue, 2)
    assert venue.nonce == nonce + 2
    assert all(life.is_rebuilt for life in lives(venue))


def test_an_old_copy_of_the_ledger_catches_up_with_l1(venue: Venue, tmp_path: Path) -> None:
    nonce = venue.nonce
    venue.trade(*TRADE)
    with venue.settler() as running:
        venue.carry(running, 1)
    shutil.copytree(venue.directories.ledger, tmp_path / "copy")
    venue.trade(*TRADE)
    venue.trade(*TRADE)
    with venue.settler() as running:
        venue.carry(running, 3)
    lose(venue, "ledger")
    (tmp_path / "copy").rename(venue.directories.ledger)
    venue.trade(*TRADE)
    with venue.settler() as running:
        venue.carry(running, 4)
    require_final(venue, 4)
    assert venue.nonce == nonce + 4
    assert [len(life.sent) for life in lives(venue)] == [1, 0, 0, 1]


def test_an_adopted_batch_that_is_taken_back_is_sent_again_with_the_proof_that_it_had(venue: Venue) -> None:
    venue.trade(*TRADE)
    with venue.settler() as running:
        venue.carry(running, 1)
        venue.trade(*TRADE)
        before = venue.height
        venue.carry(running, 2, BatchState.MINED)
    lose(venue, "ledger")
    with venue.settler() as running:
        drive(running, lambda: None, lambda: running.batch == 2)
        follow(running)
        venue.reorganise(before)
        assert venue.rollup.batch_count == 1
        venue.carry(running, 2)
    require_final(venue, 2)
    assert not venue.farm.priorities
    assert [len(life.sent) for life in lives(venue)] == [0, 1]
    way = ["PROVEN", "SUBMITTED", "MINED", "PROVEN", "SUBMITTED", "MINED", "FINAL"]
    assert [state.name for state in venue.states(2)] == way


def test_what_the_lost_ledger_has_sent_and_what_the_new_one_sends_have_one_nonce(venue: Venue) -> None:
    nonce = venue.nonce
    settled_to(venue, BatchState.SUBMITTED)
    (old,) = lives(venue)[1].sent
    lose(venue, "ledger")
    with venue.settler() as running:
        drive(running, lambda: None, lambda: venue.states(2) == 2 * [BatchState.PROVEN, BatchState.SUBMITTED])
        dearer = replaced(venue, old)
        venue.carry(running, 2)
    require_final(venue, 2)
    assert venue.nonce == nonce + 2
    life = lives(venue)[1]
    assert {sent.nonce for sent in life.sent} == {old.nonce}
    assert life.inclusion is not None
    assert life.inclusion.transaction_hash == dearer not in {sent.hash for sent in life.sent}


def replaced(venue: Venue, old: SignedTransaction) -> bytes:
    """The hash of a dearer transaction of the lost ledger, which comes from another node's pool."""
    waiting = venue.chain.request("eth_getTransactionByHash", ["0x" + old.hash.hex()])
    reader, sender = (
        ChainReader(venue.rollup, venue.operator.address),
        ChainSender(venue.rollup, venue.operator),
    )
    fees = Fees(2 * old.max_fee, 2 * old.priority_fee)
    dearer = sender.sign_batch(bytes(HexBytes(waiting["input"])), old.nonce, fees, reader.block())
    venue.send_raw(dearer.raw)
    return dearer.hash


def test_a_void_batch_that_the_lost_ledger_had_sent_is_cancelled_before_it_is_undone(venue: Venue) -> None:
    settled_to(venue, BatchState.SUBMITTED)
    (sent,) = lives(venue)[1].sent
    lose(venue, "ledger")
    venue.chain.request("anvil_dropTransaction", ["0x" + sent.hash.hex()])
    venue.automine(True)
    venue.chain.advance(venue.chain.time + HOURS)
    with venue.settler() as running:
        venue.settle_unwinding(running)
        assert venue.nonce == sent.nonce + 1
        with pytest.raises(NodeRefusedError, match="nonce too low"):
            venue.send_raw(sent.raw)
        messages = [entry.signed for entry in of_batch(venue, 2) if isinstance(entry, Sequenced)]
        venue.start_anew()
        rebuilt = venue.resequence_all(messages)
        venue.carry(running, 2)
    assert list(rebuilt.messages) == messages
    require_final(venue, 2)


def journal(venue: Venue) -> list[JournalEntry]:
    return read(venue.directories.journal)  # type: ignore[return-value]


def of_batch(venue: Venue, number: int) -> list[JournalEntry]:
    """What the journal has from a batch's opening to its closing."""
    entries = journal(venue)
    begin = next(
        at for at, entry in enumerate(entries) if isinstance(entry, Opened) and entry.batch == number
    )
    return entries[begin : entries.index(Closed(number)) + 1]


def replace_journal(venue: Venue, entries: Sequence[JournalEntry]) -> None:
    shutil.rmtree(venue.directories.journal)
    write(venue.directories.journal, entries)


@pytest.mark.parametrize("lost", LOST, ids="+".join)
def test_a_journal_with_another_content_than_l1_stops_the_settler(
    venue: Venue, lost: tuple[str, ...]
) -> None:
    settled_to(venue, BatchState.FINAL)
    with LedgerStore.open(venue.directories.ledger) as store:
        commitment = store.record(2).commitment
    entries = journal(venue)
    forged = max(at for at, entry in enumerate(entries) if isinstance(entry, Sequenced))
    replace_journal(venue, entries[:forged] + entries[forged + 1 :])
    lose(venue, *lost)
    said = f"batch 2 of the contract has the commitment {commitment:#x}, the one here 0x[0-9a-f]+"
    with venue.settler() as running, pytest.raises(StateForkedError, match=said):
        venue.carry(running, 3)
    assert [life.state for life in lives(venue)] == [BatchState.FINAL, BatchState.SEQUENCED]


@pytest.mark.parametrize(
    ("lost", "who"), [(LOST[0], "the settlement log"), (LOST[1], "L1")], ids=("settlement log", "L1")
)
def test_a_journal_that_lacks_a_batch_of_l1_stops_the_settler(
    venue: Venue, lost: tuple[str, ...], who: str
) -> None:
    settled_to(venue, BatchState.FINAL)
    entries = journal(venue)
    replace_journal(venue, entries[: entries.index(Closed(1)) + 1])
    lose(venue, *lost)
    said = f"the journal ends with batch 1, {who} has batch 2"
    with venue.settler() as running, pytest.raises(JournalBehindError, match=said):
        follow(running)


def test_a_journal_that_lacks_a_batch_of_the_ledger_stops_the_settler(venue: Venue) -> None:
    settled_to(venue, BatchState.PROVEN)
    entries = journal(venue)
    replace_journal(venue, entries[: entries.index(Closed(1)) + 1])
    with venue.settler() as running, pytest.raises(JournalBehindError, match="the ledger has batch 2"):
        follow(running)


def test_requests_that_batches_have_consumed_are_confirmed_before_l1_is_asked(venue: Venue) -> None:
    settled_to(venue, BatchState.FINAL)
    lose(venue, "settlement")
    with venue.settler():
        consumed = [entry.request for entry in journal(venue) if isinstance(entry, Consumed)]
        assert venue.confirmed_by_log == consumed == venue.watcher.requests()
