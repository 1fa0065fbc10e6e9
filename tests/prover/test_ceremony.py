"""The production path as an operator walks it (docs/operations/CEREMONY.md), on a small circuit."""

import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prover import verify_independently, verify_natively, verify_with_snarkjs
from prover.backends import BACKENDS
from prover.binfile import read_sections
from prover.ceremony import KEY_FINAL, POWERS_FINAL, Ceremony
from prover.compile import CompiledCircuit, compile_circuit
from prover.errors import ArtifactError, SetupError
from prover.manifest import Setup
from prover.setup import Keys, production_keys
from prover.snarkjs import run_snarkjs
from prover.transcript import Contribution, key_contributions, powers_contributions
from prover.witness import WitnessCalculator
from sequencer.cli.main import main
from tests.prover.conftest import small_circuit

BEACONS = [f"{phase:064x}" for phase in (1, 2)]
NAMES = ["Ada", "Bruno of the second key"]
ZKEY_SECTIONS = {"IC": 3, "A": 5, "B2": 7, "C": 8, "H": 9, "contributions": 10}
SECRET = "dice: 4 1 6 2 2 5"


@pytest.fixture(scope="module")
def product() -> CompiledCircuit:
    return compile_circuit(small_circuit("Product"))


@pytest.fixture(scope="module")
def commands() -> Iterator[list[list[str]]]:
    """Every command line that was given to a process, with the batch circuit replaced by a small one."""
    started: list[list[str]] = []
    original = subprocess.Popen

    def recorded(command: list[str], **options: Any) -> Any:
        started.append(command)
        return original(command, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sequencer.cli.ceremony.circuit_of", lambda _size: small_circuit("Product"))
        patch.setattr("prover.snarkjs.subprocess.Popen", recorded)
        yield started


def proofbook(*arguments: str | Path, typed: str = "") -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as stop:
            main(["circuit", "ceremony", *map(str, arguments)])
    return int(stop.value.code or 0)


@pytest.fixture(scope="module")
def directory(commands: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole ceremony: two contributors and a beacon in each phase."""
    folder = tmp_path_factory.mktemp("ceremony") / "files"
    assert proofbook("begin", folder) == 0
    for beacon in BEACONS:
        for name in NAMES:
            assert proofbook("contribute", folder, "--name", name, typed=f"{SECRET}\n") == 0
        assert proofbook("beacon", folder, beacon) == 0
    return folder


@pytest.fixture(scope="module")
def keys(product: CompiledCircuit, directory: Path) -> Keys:
    return production_keys(product, directory / POWERS_FINAL, directory / KEY_FINAL)


@pytest.fixture
def copied(directory: Path, tmp_path: Path) -> Callable[[int], Path]:
    """Return how to get a directory as it was after its first so many files."""

    def copy(count: int) -> Path:
        folder = tmp_path / "copied"
        shutil.copytree(directory, folder)
        state = json.loads((folder / "ceremony.json").read_text())
        state["files"] = dict(list(state["files"].items())[:count])
        (folder / "ceremony.json").write_text(json.dumps(state))
        return folder

    return copy


def test_finishing_verifies_and_exports_production_keys(
    directory: Path, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    assert proofbook("finish", directory) == 0
    assert f"PRODUCTION keys in {keys.directory}" in capsys.readouterr().out
    assert {path.name for path in keys.directory.iterdir()} == {
        "circuit.zkey",
        "verification_key.json",
        "verifier.sol",
        "manifest.json",
    }


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_both_back_ends_prove_with_the_key_of_a_ceremony(
    product: CompiledCircuit, keys: Keys, backend: str, tmp_path: Path
) -> None:
    witness = tmp_path / "witness.wtns"
    WitnessCalculator(product).calculate({"c": 30, "r": 2, "y": 3, "factor": 5}).write(witness)
    points, public, _ = BACKENDS[backend].prove(keys.zkey, witness)
    assert public == (30, 2, 3)
    for verify in (verify_natively, verify_with_snarkjs, verify_independently):
        assert verify(keys.verification_key, points, public)
        assert not verify(keys.verification_key, points, (31, 2, 3))


def test_the_manifest_of_a_ceremony_lets_it_on_every_chain(product: CompiledCircuit, keys: Keys) -> None:
    assert keys.manifest.setup is Setup.PRODUCTION
    keys.check(product)
    keys.manifest.require_chain(1)


def test_the_transcript_names_contributors_and_beacon(directory: Path) -> None:
    secret = [Contribution(name, "") for name in NAMES]
    assert powers_contributions(directory / POWERS_FINAL) == [*secret, Contribution("", BEACONS[0])]
    assert key_contributions(directory / KEY_FINAL) == [*secret, Contribution("", BEACONS[1])]


def test_entropy_is_on_no_command_line_in_no_file_and_not_printed(
    copied: Callable[[int], Path], commands: list[list[str]], capfd: pytest.CaptureFixture[str]
) -> None:
    folder = copied(1)
    before = len(commands)
    assert proofbook("contribute", folder, "--name", "Chiara", typed=f"{SECRET}\n") == 0
    (command,) = commands[before:]
    assert "contribute" in command
    assert not [argument for argument in command if SECRET in argument or argument.startswith("-e")]
    said = capfd.readouterr()
    assert SECRET not in said.out + said.err
    assert not [path for path in folder.iterdir() if SECRET.encode() in path.read_bytes()]


def test_nobody_contributes_without_a_secret(copied: Callable[[int], Path]) -> None:
    assert proofbook("contribute", copied(1), "--name", "Dmitri") == 2


def test_a_killed_step_is_taken_up_again(product: CompiledCircuit, copied: Callable[[int], Path]) -> None:
    folder = copied(4)
    (folder / POWERS_FINAL).unlink()
    (folder / ".unfinished-powers-final.ptau").write_bytes(b"half a file")
    opened = Ceremony.open(folder, product)
    assert opened.next_step == "phase 2: 2 must still contribute"
    assert not list(folder.glob(".unfinished*"))


def test_phase_2_can_begin_with_the_powers_of_a_public_ceremony(
    product: CompiledCircuit, directory: Path, tmp_path: Path
) -> None:
    begun = Ceremony.begin(tmp_path / "second", product, directory / POWERS_FINAL)
    assert begun.next_step == "phase 2: 2 must still contribute"


def test_a_directory_is_not_begun_twice(
    commands: list[list[str]], directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert proofbook("begin", directory) == 4
    assert "a ceremony has begun here" in capsys.readouterr().err


def test_a_phase_does_not_end_before_two_have_contributed(
    product: CompiledCircuit, copied: Callable[[int], Path]
) -> None:
    opened = Ceremony.open(copied(2), product)
    with pytest.raises(SetupError, match="1 have contributed, 2 must"):
        opened.beacon(BEACONS[0])


@pytest.mark.parametrize("value", ["", "0x" + "0" * 62, "0" * 63, "G" * 64])
def test_a_beacon_is_32_bytes(product: CompiledCircuit, copied: Callable[[int], Path], value: str) -> None:
    with pytest.raises(SetupError, match="64 hexadecimal digits"):
        Ceremony.open(copied(3), product).beacon(value)


def test_a_ceremony_that_is_over_takes_no_contribution(product: CompiledCircuit, directory: Path) -> None:
    with pytest.raises(SetupError, match="the ceremony is over"):
        Ceremony.open(directory, product).contribute("Elena", SECRET)


def test_a_ceremony_that_is_not_over_gives_no_keys(
    product: CompiledCircuit, copied: Callable[[int], Path]
) -> None:
    with pytest.raises(SetupError, match="is not over; next is phase 2: the beacon"):
        Ceremony.open(copied(8), product).finish()


def test_a_changed_contribution_is_told_by_name(
    product: CompiledCircuit, copied: Callable[[int], Path]
) -> None:
    folder = copied(3)
    path = folder / "powers-1.ptau"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"powers-1\.ptau: the file is not the one"):
        Ceremony.open(folder, product)


def test_a_ceremony_of_another_circuit_is_refused(directory: Path) -> None:
    with pytest.raises(SetupError, match="the ceremony is for test-product"):
        Ceremony.open(directory, compile_circuit(small_circuit("Commitment")))


def test_a_directory_without_a_ceremony_is_named(product: CompiledCircuit, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"ceremony\.json: there is no ceremony here"):
        Ceremony.open(tmp_path, product)


def test_a_key_of_another_circuit_is_not_taken_over(directory: Path) -> None:
    other = compile_circuit(small_circuit("Commitment"))
    with pytest.raises(SetupError, match=r"key-final\.zkey: the key is not of test-commitment"):
        production_keys(other, directory / POWERS_FINAL, directory / KEY_FINAL)


@pytest.mark.parametrize("section", ["IC", "A", "B2", "C", "H", "contributions"])
def test_a_forged_key_does_not_verify(
    product: CompiledCircuit, directory: Path, tmp_path: Path, section: str
) -> None:
    forged = tmp_path / "forged.zkey"
    content = bytearray((directory / KEY_FINAL).read_bytes())
    content[read_sections(directory / KEY_FINAL, b"zkey", "")[ZKEY_SECTIONS[section]].offset + 70] ^= 1
    forged.write_bytes(content)
    with pytest.raises(SetupError, match=r"forged\.zkey"):
        production_keys(product, directory / POWERS_FINAL, forged)


def test_a_key_that_nobody_contributed_to_is_refused_though_snarkjs_verifies_it(
    product: CompiledCircuit, directory: Path
) -> None:
    powers, key = directory / POWERS_FINAL, directory / "key-0.zkey"
    assert run_snarkjs("zkey", "verify", product.r1cs, powers, key).status == 0
    with pytest.raises(SetupError, match="0 contributed and no beacon is last"):
        production_keys(product, powers, key)


def test_a_key_without_a_beacon_is_refused(product: CompiledCircuit, directory: Path) -> None:
    with pytest.raises(SetupError, match="2 contributed and no beacon is last"):
        production_keys(product, directory / POWERS_FINAL, directory / "key-2.zkey")


def test_powers_of_tau_without_a_beacon_are_refused(
    product: CompiledCircuit, directory: Path, tmp_path: Path
) -> None:
    with pytest.raises(SetupError, match=r"powers-2\.ptau: 2 contributed and no beacon"):
        Ceremony.begin(tmp_path / "second", product, directory / "powers-2.ptau")


def test_forged_powers_of_tau_are_refused(product: CompiledCircuit, directory: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged.ptau"
    content = bytearray((directory / POWERS_FINAL).read_bytes())
    content[300] ^= 1
    forged.write_bytes(content)
    with pytest.raises(SetupError, match=r"forged\.ptau: the powers of tau do not verify"):
        production_keys(product, forged, directory / KEY_FINAL)
