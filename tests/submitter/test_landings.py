"""Batches that another ledger has sent are found on the chain, and read from their transactions."""

import pytest

from sequencer.chain.client import BatchSubmission
from sequencer.submitter.landings import Landings
from sequencer.submitter.reader import ChainReader
from sequencer.submitter.view import Block, Landing
from tests.submitter.desk import TRADE, Desk


def test_what_the_contract_has_is_found_in_its_block(desk: Desk) -> None:
    batches = []
    for _ in range(2):
        batch = desk.batch(*TRADE)
        desk.wait_for(batch)
        points = desk.proofs(batch.inputs)
        transaction = desk.rollup.submit_batch(desk.operator, BatchSubmission.of(batch, points))
        batches.append((batch, points, transaction))
        desk.mine(3)
    reader = ChainReader(desk.rollup, desk.operator.address)
    blocks: list[int] = []

    def block(number: int) -> Block:
        blocks.append(number)
        return reader.block(number)

    def found(number: int, timestamp: int) -> Landing | None:
        return landings.find(number, timestamp, reader.block())

    landings = Landings(desk.rollup, block)
    for batch, (a, (b0, b1), c), transaction in batches:
        record = batch.record()
        landing = found(batch.number, record.timestamp)
        assert landing is not None
        assert (landing.words, landing.commitment) == (record.contract_words, record.commitment)
        assert landing.proof == (*a, *b0, *b1, *c)
        assert landing.inclusion.transaction_hash == bytes(transaction.hash)
        assert reader.block(landing.inclusion.block_number).hash == landing.inclusion.block_hash
    second = batches[1][0].record()
    assert found(3, second.timestamp) is None
    assert found(2, second.timestamp) is not None

    taken_back = reader.block().number - 4
    desk.reorganise(taken_back)
    assert found(2, second.timestamp) is None
    first = batches[0][0].record()
    assert found(1, first.timestamp) is not None

    blocks.clear()
    late = Landings(desk.rollup, block)
    assert late.find(1, desk.chain.time + 3_600, reader.block()) is None
    assert len(blocks) <= reader.block().number.bit_length()


def test_calldata_of_another_call_is_no_batch(desk: Desk) -> None:
    for data in (b"", b"\1\2\3\4", bytes.fromhex(desk.rollup.contract.encode_abi("collectFees", [])[2:])):
        with pytest.raises(ValueError, match=r"selector|calldata"):
            desk.rollup.submission(data)
