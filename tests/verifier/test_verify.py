"""A rollup is verified from L1 alone: the honest one holds, each lie is caught and named."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
from eth_abi.abi import decode

from prover.circuit import EXIT
from prover.errors import ArtifactError, DevelopmentKeyError
from prover.proof import Points
from prover.prover import open_prover
from prover.verify import verify_natively
from sequencer.chain.connection import Connection
from sequencer.chain.errors import ChainUnreachableError, NodeRefusedError, NoGenesisError
from sequencer.chain.key_check import TABLE_FILE
from sequencer.cli.main import main
from sequencer.engine.margin import health
from sequencer.model import constants as c
from sequencer.verifier import errors, reader
from sequencer.verifier.checkpoint import load_checkpoint, save_checkpoint
from sequencer.verifier.follower import Checkpoint, Follower
from sequencer.verifier.summary import summarize
from sequencer.verifier.verify import open_follower, verify
from tests.e2e.exchange import DEPOSIT, LOTS, MAKER
from tests.verifier.conftest import Lie, Settled
from tests.verifier.lies import altered_calldata, altered_log, altered_word, dropped_log, in_transactions

GENESIS_STATE_ROOT, GENESIS_MARKET = 2, 4
BATCH_EXIT_ROOT, QUEUED_AMOUNT, CLAIMED_AMOUNT = 1, 1, 0


def followed(follower: Follower, confirmations: int = 0) -> Checkpoint:
    for _ in follower.advance(confirmations):
        pass
    return follower.checkpoint


def at_first_batch(settled: Settled, connection: Connection) -> Follower:
    """A follower that stands between the two batches."""
    follower = open_follower(connection, settled.rollup)
    confirmations = 0
    while followed(follower, confirmations).replica.batch_number != 1:
        follower, confirmations = open_follower(connection, settled.rollup), confirmations + 1
    return follower


def test_money_and_positions_are_those_of_the_operator(settled: Settled) -> None:
    ledger = settled.exchange.ledger
    replica = verify(settled.connection, settled.rollup).replica
    assert replica.state_root == ledger.roots().state
    assert replica.state.exit_root() == ledger.roots().exit
    state = ledger.state()
    for number, account in ledger.accounts.items():
        assert replica.state.owner(number) == account.owner
        assert replica.state.collateral(number) == account.collateral
        assert replica.state.positions(number) == account.positions
        assert replica.state.indices(number) == account.indices
        equity = health(state.account(number), ledger.markets).equity
        assert replica.state.equity(number) == equity


def test_the_vault_covers_all_that_is_owed(settled: Settled) -> None:
    ledger = settled.exchange.ledger
    summary = summarize(verify(settled.connection, settled.rollup))
    state = ledger.state()
    equities = [health(state.account(number), ledger.markets).equity for number in ledger.accounts]
    assert min(equities) >= 0
    assert summary.equities == sum(equities)
    assert summary.fee_pool == ledger.counters.fee_pool
    assert (summary.accounts, summary.pending_requests) == (2, 1)
    assert (summary.claimable, summary.pending_deposits, summary.below_zero) == (0, DEPOSIT, 0)
    assert summary.vault_balance == settled.exchange.token.balance(settled.rollup)
    assert 0 <= summary.vault_balance - summary.owed == summary.rounding <= len(equities)
    (market,), (shown,) = [market for market in ledger.markets if market.exists], summary.markets
    assert (shown.mark, shown.open_interest) == (market.mark, LOTS)
    assert (shown.initial_ppm, shown.maintenance_ppm) == (market.initial_ppm, market.maintenance_ppm)


def test_the_slow_referee_accepts_the_same_proofs(settled: Settled) -> None:
    slow = followed(open_follower(settled.connection, settled.rollup, "py_ecc"))
    assert slow.replica.state_root == verify(settled.connection, settled.rollup).replica.state_root


@pytest.mark.parametrize(
    ("lie", "error", "says"),
    [
        (altered_log("Genesis", 0, GENESIS_STATE_ROOT), errors.GenesisFindingError, "stateRoot"),
        (altered_log("Genesis", 0, GENESIS_MARKET), errors.GenesisFindingError, "market 0"),
        (altered_log("BatchFinalized", 0, BATCH_EXIT_ROOT), errors.LogError, "batch 1 has another exitRoot"),
        (altered_log("RequestQueued", 0, QUEUED_AMOUNT), errors.LogError, "the queue with request 0"),
        (altered_log("Claimed", 0, CLAIMED_AMOUNT), errors.LogError, "was paid"),
        (dropped_log("BatchFinalized", 0), errors.LogError, "batch 2 stands where batch 1 belongs"),
        (dropped_log("BatchFinalized", 1), errors.LogError, "batches left it 0"),
        (dropped_log("RequestQueued", 1), errors.LogError, "request 2 follows that of request 0"),
        (dropped_log("RequestQueued", 5), errors.HeadError, "request count"),
        (altered_word(-1), errors.BatchProofError, "proof of batch 1"),
        (altered_word(c.HEADER_FEE_POOL), errors.BatchProofError, "proof of batch 1"),
        (altered_word(c.HEADER_OLD_STATE_ROOT), errors.SuccessionError, "old state root"),
        (altered_word(c.HEADER_DOMAIN), errors.SuccessionError, "domain"),
        (altered_word(c.HEADER_TIMESTAMP, 0), errors.SuccessionError, "no later than"),
        (altered_word(c.HEADER_NEW_STATE_ROOT), errors.LogError, "stateRoot"),
        (altered_word(-1, c.FIELD_MODULUS), errors.BatchWordsError, "no field element"),
        (altered_calldata(lambda w, k, p: (w[:-1], k, p)), errors.BatchWordsError, "words, it counts"),
        (altered_calldata(lambda w, k, p: (w[:5], k, p)), errors.BatchWordsError, "no header"),
        (altered_calldata(lambda w, k, p: (w, k + 1, p)), errors.BatchProofError, "proof of batch 1"),
        (in_transactions(lambda t: {**t, "to": "0x" + "77" * 20}), errors.IndirectBatchError, "through 0x77"),
        (in_transactions(lambda t: {**t, "input": t["input"][:200]}), errors.LogError, "calldata of batch 1"),
        (in_transactions(lambda t: {**t, "blockHash": "0x00"}), errors.LogError, "not in its block"),
    ],
)
def test_a_node_that_lies_is_caught(
    settled: Settled, lie: Lie, error: type[errors.VerifierError], says: str
) -> None:
    with settled.lying(lie) as connection, pytest.raises(error, match=says):
        verify(connection, settled.rollup)


def test_the_proof_of_another_batch_is_refused(settled: Settled) -> None:
    first = settled.proofs[0].points.to_contract()
    swapped = altered_calldata(lambda words, commitment, _: (words, commitment, first))
    with (
        settled.lying(swapped) as connection,
        pytest.raises(errors.BatchProofError, match="proof of batch 2"),
    ):
        verify(connection, settled.rollup)


def test_a_batch_far_from_the_chain_s_clock_is_refused(settled: Settled) -> None:
    def late(method: str, _: Any, block: Any) -> Any:
        if method != "eth_getBlockByNumber" or block is None:
            return block
        return {**block, "timestamp": hex(int(block["timestamp"], 16) + 3600)}

    with settled.lying(late) as connection, pytest.raises(errors.SuccessionError, match="seconds behind"):
        verify(connection, settled.rollup)


def test_an_address_without_the_rollup_s_code_is_refused(settled: Settled) -> None:
    with pytest.raises(errors.ForeignContractError, match="no contract"):
        verify(settled.connection, settled.exchange.stranger.address)
    with pytest.raises(errors.ForeignContractError, match="bytes of other code"):
        verify(settled.connection, settled.exchange.token.address)


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("timelock", "where a Timelock should be"),
        ("brake", "where a Brake should be"),
        ("poseidon", "is not circomlibjs' Poseidon"),
    ],
)
def test_a_part_with_other_code_is_refused(settled: Settled, part: str, says: str) -> None:
    address = getattr(settled.exchange.rollup, part)

    def patched(method: str, parameters: Any, code: Any) -> Any:
        return code[:-2] + "77" if method == "eth_getCode" and parameters[0] == address else code

    with settled.lying(patched) as connection, pytest.raises(errors.ForeignContractError, match=says):
        verify(connection, settled.rollup)


def test_a_brake_that_asks_for_something_else_than_the_queue_is_found(settled: Settled) -> None:
    brake = settled.exchange.rollup.brake

    def patched(method: str, parameters: Any, answer: Any) -> Any:
        return f"0x{9:064x}" if method == "eth_call" and parameters[0]["to"] == brake else answer

    with settled.lying(patched) as connection:
        follower = open_follower(connection, settled.rollup)
        followed(follower)
        with pytest.raises(errors.HeadError, match="the brake asks for"):
            follower.check_head()


def test_a_verifier_that_the_repository_does_not_know_is_refused(settled: Settled) -> None:
    verifier = settled.exchange.rollup.verifier

    def patched(method: str, parameters: Any, code: Any) -> Any:
        return code + "00" if method == "eth_getCode" and parameters[0] == verifier else code

    with settled.lying(patched) as connection, pytest.raises(errors.UnknownVerifierError, match="codehash"):
        verify(connection, settled.rollup)


def test_a_development_key_proves_nothing_on_a_public_chain(settled: Settled) -> None:
    def mainnet(method: str, _: Any, result: Any) -> Any:
        return "0x1" if method == "eth_chainId" else result

    with settled.lying(mainnet) as connection, pytest.raises(DevelopmentKeyError, match="chain 1"):
        verify(connection, settled.rollup)


def test_a_committed_key_that_is_not_the_table_s_is_refused(
    settled: Settled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keys.json").write_text(TABLE_FILE.read_text())
    (tmp_path / "verification_keys").mkdir()
    key = TABLE_FILE.with_name("verification_keys") / "reference.json"
    (tmp_path / "verification_keys" / "small.json").write_text(key.read_text())
    monkeypatch.setattr("sequencer.chain.key_check.TABLE_FILE", tmp_path / "keys.json")
    with pytest.raises(ArtifactError, match=r"small\.json: the verification key is not the one"):
        verify(settled.connection, settled.rollup)


def test_no_deployment_is_found_in_later_blocks(settled: Settled) -> None:
    follower = open_follower(settled.connection, settled.rollup, from_block=settled.connection.block_number)
    with pytest.raises(NoGenesisError):
        followed(follower)


def test_a_node_that_gives_few_blocks_at_once_is_read_in_pages(settled: Settled) -> None:
    asked: list[int] = []

    def limited(method: str, parameters: Any, result: Any) -> Any:
        if method == "eth_getLogs":
            asked.append(int(parameters[0]["toBlock"], 16) - int(parameters[0]["fromBlock"], 16) + 1)
            if asked[-1] > 3:
                raise NodeRefusedError("query exceeds max block range 3")
        return result

    with settled.lying(limited) as connection:
        paged = verify(connection, settled.rollup)
    assert paged.replica.state_root == settled.exchange.ledger.roots().state
    assert sum(span for span in asked if span <= 3) == settled.connection.block_number + 1


def test_a_node_that_is_busy_is_asked_again(settled: Settled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PAUSE_SECONDS", 0.0)
    failed: set[str] = set()

    def busy(method: str, _: Any, result: Any) -> Any:
        once = {"eth_getBlockByNumber", "eth_getTransactionByHash", "eth_getLogs"} - failed
        if method in once:
            failed.add(method)
            raise ChainUnreachableError(f"{method} timed out") from requests.Timeout()
        return result

    with settled.lying(busy) as connection:
        assert verify(connection, settled.rollup).replica.batch_number == 2
    assert len(failed) == 3


def test_resuming_gives_what_starting_over_gives(settled: Settled, tmp_path: Path) -> None:
    half, whole = tmp_path / "half.json", tmp_path / "whole.json"
    save_checkpoint(half, at_first_batch(settled, settled.connection).checkpoint)
    resumed = open_follower(settled.connection, settled.rollup, resume=half)
    (advance,) = resumed.advance()
    assert advance.batches == 1
    save_checkpoint(half, resumed.checkpoint)
    save_checkpoint(whole, verify(settled.connection, settled.rollup))
    assert half.read_text() == whole.read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"half.json", "whole.json"}


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ('"chain_id": 31337', '"chain_id": 1', errors.OtherRollupError, "on chain 1,"),
        ('"hash": "0x', '"hash": "0x0', errors.ReorganisedError, "no longer has block"),
        ('"fee_pool": ', '"fee_pool": 1', errors.StateFileError, "do not have the exit root"),
        ('"funding_pool": ', '"funding_pool": 1', errors.StateFileError, "do not have the exit root"),
        ('"schema": 4', '"schema": 9', errors.StateFileError, "schema 9"),
        ('"accounts"', '"acounts"', errors.StateFileError, "cannot be read"),
        ("}", "", errors.StateFileError, "cannot be read"),
    ],
)
def test_a_file_of_something_else_is_refused(
    settled: Settled, tmp_path: Path, old: str, new: str, error: type[errors.VerifierError], says: str
) -> None:
    path = tmp_path / "state.json"
    save_checkpoint(path, verify(settled.connection, settled.rollup))
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(error, match=says) as refused:
        load_checkpoint(path, reader.RollupReader(settled.connection, settled.rollup))
    assert "--from-scratch" in str(refused.value)


def test_a_batch_that_is_reorganised_away_is_forgotten_and_read_again(settled: Settled) -> None:
    follower = at_first_batch(settled, settled.connection)
    assert followed(follower).replica.batch_number == 2
    settled.reorganise()
    assert followed(follower).replica.batch_number == 1
    assert follower.checkpoint.replica.pending_deposits == 0
    follower.check_head()
    settled.submit_second()
    assert followed(follower).replica.batch_number == 2
    follower.check_head()


def test_a_chain_that_forgets_all_is_read_from_the_start(settled: Settled) -> None:
    follower = open_follower(settled.connection, settled.rollup)
    (only,) = follower.advance()
    settled.reorganise()
    settled.submit_second()
    (again,) = follower.advance()
    assert (only.batches, again.batches) == (2, 2)
    assert again.checkpoint.block != only.checkpoint.block


def test_a_node_that_never_settles_on_a_chain_is_given_up(settled: Settled) -> None:
    hashes = count()

    def restless(method: str, _: Any, block: Any) -> Any:
        return {**block, "hash": hex(next(hashes))} if method == "eth_getBlockByNumber" else block

    with settled.lying(restless) as connection, pytest.raises(errors.UnstableChainError):
        verify(connection, settled.rollup)


def test_nothing_of_the_operator_is_read(
    settled: Settled,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PROOFBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    arguments = ["verify", "--rpc", settled.exchange.chain.url, "--rollup", settled.rollup]
    said = _said(arguments, capsys)
    assert "[ok] 2 batches verified" in said
    assert f"exit root          {settled.exchange.ledger.roots().exit:#066x}" in said
    assert list(tmp_path.iterdir()) == []


def test_the_second_run_goes_on_from_its_file(
    settled: Settled, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["verify", "--rpc", settled.exchange.chain.url, "--rollup", settled.rollup]
    arguments += ["--state", str(tmp_path / "state.json")]
    assert "[ok] 2 batches verified" in _said(arguments, capsys)
    assert "[ok] 0 batches verified" in _said(arguments, capsys)
    assert "[ok] 2 batches verified" in _said([*arguments, "--from-scratch"], capsys)


def test_following_tells_of_each_new_batch(
    settled: Settled, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settled.reorganise()
    polls = iter((settled.submit_second, interrupt))
    monkeypatch.setattr("sequencer.cli.verify.pause", lambda _: next(polls)())
    arguments = ["verify", "--rpc", settled.exchange.chain.url, "--rollup", settled.rollup, "--follow"]
    said = _said(arguments, capsys)
    assert "[ok] 1 batches verified" in said
    assert "1 more verified" in said.splitlines()[-1]
    assert f"batch 2, exit root {settled.exchange.ledger.roots().exit:#066x}" in said.splitlines()[-1]


def interrupt() -> None:
    raise KeyboardInterrupt


def _said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    said = capsys.readouterr()
    assert not stop.value.code, said.err
    return said.out


def test_anyone_makes_the_proof_with_which_an_account_leaves(
    settled: Settled, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "exit.json"
    arguments = ["verify", "--rpc", settled.exchange.chain.url, "--rollup", settled.rollup]
    _said([*arguments, "--exit-proof", str(MAKER), "--out", str(out)], capsys)
    written = json.loads(out.read_text())
    ledger, owner = settled.exchange.ledger, settled.exchange.owners[MAKER].address
    equity = health(ledger.state().account(MAKER), ledger.markets).equity
    assert (written["rollup"], written["account"]) == (settled.rollup, MAKER)
    assert (written["owner"], written["equity"]) == (owner, equity)

    a, b, c_ = ((tuple(map(_tupled, written["proof"][name]))) for name in ("a", "b", "c"))
    claim = (ledger.roots().exit, MAKER, int(owner, 16), equity)
    key = open_prover(EXIT, "native").keys.verification_key
    assert verify_natively(key, Points.from_contract(a, b, c_), claim)
    types = ["uint32", "address", "uint64", "(uint256[2],uint256[2][2],uint256[2])"]
    sent = decode(types, bytes.fromhex(written["calldata"][10:]))
    assert sent == (MAKER, owner.lower(), equity, (a, b, c_))


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def test_an_exit_proof_needs_a_file(settled: Settled) -> None:
    arguments = ["verify", "--rpc", settled.exchange.chain.url, "--rollup", settled.rollup]
    with pytest.raises(SystemExit) as stop:
        main([*arguments, "--exit-proof", "1"])
    assert stop.value.code == 2
