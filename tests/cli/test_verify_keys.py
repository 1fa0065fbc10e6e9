"""The operator's keys are compared with what the sources give, wherever they lie."""

import json
from pathlib import Path

import pytest

from prover.artifacts import ArtifactStore
from prover.compile import COMPILER, compile_circuit
from prover.setup import development_keys
from prover.wasm import load_module
from sequencer.chain.anvil import local_chain
from sequencer.chain.artifacts import verifier
from sequencer.chain.deploy import RollupTerms, deploy
from sequencer.chain.key_check import committed_key, key_hashes
from sequencer.cli.main import main
from sequencer.replay.oracle import OracleSigners
from sequencer.replay.terms import configuration
from sequencer.replay.traders import wallet
from tests.chain.conftest import GENESIS_TIME
from tests.prover.conftest import small_circuit

ADDRESS = "0x" + "11" * 20


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ArtifactStore:
    """A cache with the keys of a small circuit, which stands for the batch circuit; its table is empty."""
    module = load_module(ArtifactStore(), COMPILER, "run `make setup`")
    monkeypatch.setattr("prover.compile.load_module", lambda *_: module)
    monkeypatch.setattr("sequencer.cli.verify_keys.circuit_of", lambda _size: small_circuit("Product"))
    monkeypatch.setattr("sequencer.chain.key_check.TABLE_FILE", tmp_path / "keys.json")
    monkeypatch.setenv("PROOFBOOK_CACHE", str(tmp_path / "cache"))
    (tmp_path / "keys.json").write_text('{"seed": "proofbook development set-up 1", "sizes": {}}')
    development_keys(compile_circuit(small_circuit("Product")))
    return ArtifactStore()


def verify_keys(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(["circuit", "verify-keys", "--size", "small", *arguments])
    return int(stop.value.code or 0)


def test_keys_are_compared_with_table_and_cache(
    cache: ArtifactStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify_keys() == 0
    assert "[--] circuits/keys.json: does not have this circuit" in capsys.readouterr().out
    assert verify_keys("--write") == 0
    assert verify_keys() == 0
    said = capsys.readouterr().out
    assert "[ok] circuits/keys.json: the same" in said
    assert f"[ok] the cache {cache.root}: the same" in said
    table = json.loads((tmp_path / "keys.json").read_text())
    keys = development_keys(compile_circuit(small_circuit("Product")))
    assert table["sizes"]["small"] == key_hashes(keys)
    assert committed_key("small").ic == keys.verification_key.ic


def test_a_planted_file_and_a_planted_hash_are_told_by_name(
    cache: ArtifactStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compiled = compile_circuit(small_circuit("Product"))
    keys = development_keys(compiled)
    table = {"seed": "proofbook development set-up 1", "sizes": {"small": {**key_hashes(keys), "r1cs": "00"}}}
    (tmp_path / "keys.json").write_text(json.dumps(table))
    keys.verifier.write_text(keys.verifier.read_text() + " ")
    assert verify_keys() == 4
    said = capsys.readouterr()
    assert "[!!] circuits/keys.json: other r1cs" in said.out
    assert f"[!!] the cache {cache.root}: other verifier" in said.out
    assert "keys_differ: circuits/keys.json has another r1cs" in said.err


@pytest.mark.parametrize(("circuit", "other"), [("small", "exit"), ("exit", "small")])
def test_each_verifier_of_a_rollup_is_compared(cache: ArtifactStore, circuit: str, other: str) -> None:
    sources = {
        size: development_keys(compile_circuit(small_circuit(template))).verifier.read_text()
        for size, template in ((circuit, "Product"), (other, "Commitment"))
    }
    with local_chain(GENESIS_TIME) as chain:
        operator = wallet("operator")
        chain.fund(operator.address, 10**19)
        terms = configuration(OracleSigners(1).keys)
        rules = RollupTerms(wallet("receipts").address, requests_per_batch=2)
        batches, exits = verifier(sources["small"]), verifier(sources["exit"])
        rollup = deploy(chain, operator, batches, exits, terms, rules).rollup
        assert verify_keys("--size", circuit, "--rpc", chain.url, "--rollup", rollup) == 0
        assert verify_keys("--size", other, "--rpc", chain.url, "--rollup", rollup) == 4


@pytest.mark.parametrize(
    "arguments",
    [("--rpc", "http://127.0.0.1:1"), ("--rollup", ADDRESS), ("--rpc", "http://x", "--rollup", "0x12")],
)
def test_a_chain_and_an_address_on_it_are_named_together(arguments: tuple[str, ...]) -> None:
    assert verify_keys(*arguments) == 2


def test_a_node_that_does_not_answer_has_the_exit_code_of_the_chain(cache: ArtifactStore) -> None:
    assert verify_keys("--rpc", "http://127.0.0.1:1", "--rollup", ADDRESS) == 5
