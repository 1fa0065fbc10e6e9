"""Micro-steps in a row: each goes on where the one before ended, and no order is left half done."""

from typing import Any

import pytest

from sequencer.batch.sealed import SealedBatch
from sequencer.batch.sizes import BatchSize
from sequencer.engine.events import MessageSequenced
from sequencer.model.words import to_field
from tests.batch.fixtures import trading
from tests.circuits.book.lies import Tables, with_lies
from tests.circuits.harness import CircuitTester
from tests.circuits.step.micro_steps import (
    ACCOUNTS,
    MESSAGES,
    ROWS,
    SIZE,
    STEPS,
    OpenBatch,
    after_steps,
    context_of,
    expected_state,
    filled_of,
    hints_of,
    sizes_of,
    start_of,
    state_of,
)
from tests.circuits.step.scenarios import Act, buy, cancel_all, cancel_of, sell, then
from tests.engine.venue import ENGINE, Setting
from tests.strategies import DOMAIN


@pytest.fixture(scope="module")
def circuit() -> CircuitTester:
    return CircuitTester("Steps", (STEPS, ACCOUNTS, ROWS, MESSAGES))


def inputs(batch: Tables) -> Tables:
    hints = [hints_of(batch, step) for step in range(STEPS)]
    return {"context": context_of(batch), "before": start_of(batch), "hints": hints}


def sealed(act: Act, size: BatchSize = SIZE, book: str = "", **setting: Any) -> SealedBatch:
    batch = OpenBatch(Setting(ENGINE)(book, **setting), size=size)
    act(batch.venue)
    return batch.seal()


def check(circuit: CircuitTester, batch: SealedBatch, expected: Tables) -> None:
    tables: Tables = batch.inputs
    seen = circuit.witness(inputs(tables))
    after = state_of(seen)
    assert circuit.accepts(inputs(tables))
    assert {name: after[name] for name in expected} == expected
    messages = [event.message for event in batch.events if isinstance(event, MessageSequenced)]
    spare = [0] * (MESSAGES - len(messages))
    slots = [tables["accountId"].index(message.account) for message in messages]
    epochs = [tables["accountKeyEpoch"][slot] for slot in slots]
    signers = [
        1 + slot if message.key_epoch == epoch != 0 else 0
        for message, slot, epoch in zip(messages, slots, epochs, strict=True)
    ]
    assert seen["hash"] == [message.hash(DOMAIN) for message in messages] + spare
    assert seen["signer"] == signers + spare
    assert seen["count"] == len(messages)


def test_a_batch_of_all_kinds_of_messages(circuit: CircuitTester) -> None:
    venue = Setting(ENGINE)("| bob 5 @ 1001\n| carol 5 @ 1002")
    batch = OpenBatch(venue)
    acts = then(buy(7, 1002), cancel_of("bob", 1), buy(1, 900, key_epoch=9), cancel_all("carol"))
    acts(batch.venue)
    sealed_batch = batch.seal()
    check(circuit, sealed_batch, expected_state(sealed_batch, venue.state))


def test_a_batch_without_messages_changes_nothing(circuit: CircuitTester) -> None:
    venue = Setting(ENGINE)("| bob 5 @ 1001")
    batch = OpenBatch(venue).seal()
    check(circuit, batch, expected_state(batch, venue.state))


def test_batches_of_the_engine_are_carried_out(circuit: CircuitTester) -> None:
    for seed in range(8):
        for _, batch in zip(range(3), trading(seed, SIZE), strict=False):
            change = batch.change
            check(
                circuit,
                batch,
                {
                    "sequence": change.counters.next_sequence,
                    "feePool": change.counters.fee_pool,
                    "sideOrders": [[market.bid_orders, market.ask_orders] for market in change.markets],
                    "openSize": [2 * market.open_interest for market in change.markets],
                    **filled_of(batch),
                    **accounts_after(batch),
                },
            )


def accounts_after(batch: SealedBatch) -> Tables:
    """What the batch wrote to its accounts, by slot; the others are as they were."""
    tables: Tables = batch.inputs
    state = start_of(tables)
    names = ("collateral", "position", "openNotional", "orders", "nonce", "deadBelow")
    after: Tables = {name: list(state[name]) for name in names}
    for slot, number in enumerate(tables["accountId"]):
        if tables["accountEnabled"][slot] and number in batch.change.accounts:
            account = after_steps(batch, number, batch.change.accounts[number])
            counts = (account.open_notional, account.orders, account.nonce, account.dead_below)
            written = (to_field(account.collateral), sizes_of(account), *counts)
            for name, value in zip(names, written, strict=True):
                after[name][slot] = value
    return after


def test_no_order_is_carried_out_of_the_batch(circuit: CircuitTester) -> None:
    # Two steps, then five: the sixth leaves the last lot to nobody.
    long = BatchSize("long", STEPS + 1, ACCOUNTS, SIZE.pages, ROWS, MESSAGES, 0)
    acts = then(sell(1, 1001), buy(1, 900), buy(5, 1001))
    batch = sealed(acts, long, "| bob 1 @ 1001\n" * 4)
    told = inputs(batch.inputs)
    assert batch.inputs["stepTake"] == [1, 1, 1, 0, 0, 0, 0]
    assert circuit.rejects(told)


def test_more_messages_than_places_are_rejected(circuit: CircuitTester) -> None:
    crowded = BatchSize("crowded", STEPS, ACCOUNTS, SIZE.pages, ROWS, MESSAGES + 1, 0)
    assert circuit.accepts(inputs(sealed(then(*[cancel_all("bob")] * MESSAGES), crowded).inputs))
    assert circuit.rejects(inputs(sealed(then(*[cancel_all("bob")] * (MESSAGES + 1)), crowded).inputs))


def test_a_message_may_wait_but_not_return(circuit: CircuitTester) -> None:
    told = inputs(sealed(buy(5, 1001), book="| bob 5 @ 1001").inputs)
    assert circuit.accepts(told)
    first, second = told["hints"][:2]
    assert circuit.rejects(with_lies(told, {"hints.0": second, "hints.1": first}))
    # Sequenced again, the order is a replay, whatever the prover would like it to trade with.
    assert circuit.rejects(with_lies(told, {"hints.1": first}))
