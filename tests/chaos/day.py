"""Two days of a node: on one everything happens that a journal can say, on the other some of it is undone."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from sequencer.batch.sizes import batch_size
from sequencer.model.codes import Side
from sequencer.model.errors import ProofbookError
from sequencer.model.message import SignedMessage
from sequencer.node.answers import Answer
from sequencer.node.errors import UnwoundError
from sequencer.node.node import Node
from sequencer.node.policy import NodePolicy
from sequencer.records.directories import Directories
from sequencer.records.entries import Confirmed, Progressed, Unwound
from sequencer.state.ledger import Ledger
from sequencer.store.ledger_store import LedgerStore
from sequencer.store.life import BatchState
from tests.chaos.roots import settled_roots
from tests.node import venue
from tests.node.venue import PRICE, START, Signers, Time, Trader, running, settle, until

SIZE = batch_size("reference")
POLICY = NodePolicy(batch_seconds=5)
ADA, BOB = 1, 2
LOTS, FALLEN, BID = 500, 651_000, 645_000
BOBS_DEPOSIT = 40_000_000
HOUR_MS = 3_600_000
ACKNOWLEDGED = "acknowledged"


def create(data: Path) -> Directories:
    """A venue in which Bob can be liquidated when the price falls."""
    directories = venue.create(data, accounts=1)
    settle(directories, *queue()[2:])
    return directories


def queue() -> list[Confirmed]:
    """Deposits and keys of both."""
    return [*venue.onboarding(1), *venue.onboarding(2, BOBS_DEPOSIT)[2:]]


def live(data: Path, restarts: int) -> None:
    """Live through the day, or what is left of it after some restarts, each an hour after the last."""
    asyncio.run(_live(data, restarts))


def live_or_refuse(data: Path, restarts: int) -> None:
    """Live through the day unless a typed error ends it."""
    with suppress(ProofbookError):
        live(data, restarts)


def take_back(data: Path, ledger: Ledger) -> None:
    """Let L1 take back the second batch: the settler's ledger has it no more, and its log says so."""
    directories, aside = Directories(data), data / "aside"
    settled_roots(directories, ledger, SIZE, aside)
    Directories(aside).ledger.rename(directories.ledger)
    shutil.rmtree(aside)
    with LedgerStore.open(directories.ledger) as store:
        store.rollback(1)
    settle(directories, Unwound(1, "a reorganisation"), *queue())


def live_after(data: Path, restarts: int) -> None:
    """Carry out what was undone, and trade on."""
    asyncio.run(_live_after(data, restarts))


def acknowledged(data: Path) -> list[list[int]]:
    """Account, nonce, sequence and hash of each message that was acknowledged, killed processes included."""
    path = data / ACKNOWLEDGED
    return [[int(word) for word in line.split()] for line in path.read_text().splitlines()]


async def _live(data: Path, restarts: int) -> None:
    directories, time, signers = Directories(data), _clock(restarts), Signers()
    ada, bob, requests = Trader(ADA), Trader(BOB), len(queue())
    async with running(directories, time, SIZE, POLICY, signers) as node:
        # After a death that left some requests in the open batch, the others come into the next one.
        await _until(node, lambda: node.state().requests_consumed == requests)
        await _send(data, node, ada.order(Side.SELL, LOTS), ada.order(Side.BUY, LOTS, BID))
        await _send(data, node, bob.order(Side.BUY, LOTS))
        far = ada.order(Side.SELL, 300, PRICE + 5)
        (resting,) = await _send(data, node, far)
        await _send(data, node, ada.cancel(far, resting.record.sequence), bob.order(Side.SELL, 10, PRICE + 9))
        await _arm(node, ada, time.now_ms + 4_000)
        await _arm(node, bob, time.now_ms + 24 * HOUR_MS)
        await node.disarm(BOB)
        signers.price = FALLEN
        await _pass(node, time)
        settle(directories, Progressed(1, BatchState.PROVEN))
        await _until(node, lambda: node.status().proven_batch >= 1)
        await _send(data, node, bob.order(Side.BUY, 10, BID - 100))
        await _pass(node, time)


async def _live_after(data: Path, restarts: int) -> None:
    directories, time = Directories(data), _clock(restarts)
    signers, ada = Signers(FALLEN), Trader(ADA, nonce=2_000)
    while True:
        try:
            async with running(directories, time, SIZE, POLICY, signers) as node:
                await _send(data, node, ada.order(Side.SELL, 20, FALLEN))
                await _pass(node, time)
                return
        except UnwoundError:
            continue


def _clock(restarts: int) -> Time:
    return Time(START * 1_000 + restarts * HOUR_MS)


async def _send(data: Path, node: Node, *messages: SignedMessage) -> Sequence[Answer]:
    """Send messages, none of which may be refused; write down that they are acknowledged."""
    answers = []
    for result in await node.submit(messages):
        if isinstance(result, ProofbookError):
            raise result
        answers.append(result)
        record = result.record
        with (data / ACKNOWLEDGED).open("a") as file:
            print(record.account, record.nonce, record.sequence, record.message_hash, file=file)
    return answers


async def _pass(node: Node, time: Time) -> None:
    """Let so much time pass that the next batch is opened, and the one before is on disk."""
    opened = node.state().timestamp
    time.pass_seconds(6)
    await _until(node, lambda: node.state().timestamp > opened and node.status().is_ready)
    await node.barrier()


async def _until(node: Node, holds: Callable[[], bool]) -> None:
    await until(lambda: holds() or node.failure is not None)
    if node.failure is not None:
        raise node.failure


async def _arm(node: Node, trader: Trader, fire_at_ms: int) -> None:
    """Keep a cancel-all, unless it has been sequenced before a restart."""
    try:
        await node.arm(trader.cancel_all(nonce=1_000), fire_at_ms)
    except ProofbookError as error:
        if error.code != "dead_man":
            raise
