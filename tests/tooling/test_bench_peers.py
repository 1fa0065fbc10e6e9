"""What is measured beside ours is the same work."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bench.circomlibjs import CIRCOMLIBJS, OURS, signed_message, verified
from bench.full_venue import write_accounts, write_orders
from bench.journal import ROOMY, write_journal
from bench.memory import HeldFigures, resident_bytes
from bench.order_flow import record_order_flow
from bench.peer_flow import PeerFlow, peer_flow
from bench.peers import PEERS, Peer, carried_out
from bench.resident import accounts
from sequencer.model import constants as c
from sequencer.model.codes import Side
from sequencer.node.recovery import recover
from sequencer.records.directories import Directories

BATCHES = 30
SIGNATURES = 3


@pytest.fixture(scope="module")
def flow() -> PeerFlow:
    return peer_flow(record_order_flow(BATCHES))


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_a_peer_makes_our_trades_and_ends_with_our_book(peer: Callable[[], Peer], flow: PeerFlow) -> None:
    assert flow.fills > 0
    assert carried_out(flow, peer()) > 0


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_a_peer_that_trades_less_is_not_measured(peer: Callable[[], Peer], flow: PeerFlow) -> None:
    with pytest.raises(AssertionError):
        carried_out(replace(flow, calls=flow.calls[:-1]), peer())


@pytest.mark.parametrize("verifier", [CIRCOMLIBJS, OURS], ids=["circomlibjs", "ours"])
def test_both_verifiers_take_our_signatures_and_refuse_one_that_is_not_good(
    verifier: tuple[str, ...],
) -> None:
    signed = [signed_message(number) for number in range(SIGNATURES)]
    assert verified(verifier, json.dumps(signed))
    with pytest.raises(AssertionError):
        verified(verifier, json.dumps([*signed[:-1], _of_another_message(signed[-1])]))


def test_a_journal_of_the_flow_leads_a_start_to_the_state_of_its_sequencer(tmp_path: Path) -> None:
    directories = Directories(tmp_path)
    state = write_journal(directories, record_order_flow(2, batch_messages=50).batches)
    recovered = recover(directories, ROOMY)
    recovered.history.close()
    recovered.writer.close()
    assert recovered.machine.state == state
    assert state.next_sequence == c.FIRST_SEQUENCE + 100


@pytest.mark.parametrize("rest", [True, False])
def test_a_full_venue_has_all_orders_that_the_rules_let_in_and_its_twin_none(
    tmp_path: Path, rest: bool
) -> None:
    write_orders(tmp_path, rest=rest)
    recovered = recover(Directories(tmp_path), ROOMY)
    recovered.history.close()
    recovered.writer.close()
    book = [len(recovered.machine.state.book(slot, side)) for slot in range(c.MARKETS) for side in Side]
    assert book == [c.SIDE_ORDERS_MAX if rest else 0] * len(book)


def test_a_crowded_venue_has_its_accounts(tmp_path: Path) -> None:
    crowd = accounts(20)
    write_accounts(tmp_path, crowd)
    recovered = recover(Directories(tmp_path), ROOMY)
    recovered.history.close()
    recovered.writer.close()
    assert crowd.items() <= dict(recovered.machine.state.accounts).items()


def test_what_is_held_is_resident() -> None:
    holding = "orders in the engine's state"
    held = HeldFigures(50_000, resident_bytes(holding, "0"), resident_bytes(holding, "50000"))
    assert held.bytes_each > 100


def _of_another_message(signed: dict[str, Any]) -> dict[str, Any]:
    return {**signed, "message": str(int(signed["message"]) + 1)}
