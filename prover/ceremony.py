"""The set-up of production keys, step by step in a directory that goes from one contributor to the next.

Every step writes one new file and then its hash into `ceremony.json`; a step that is killed leaves the
ceremony where it was. The steps are snarkjs's own: docs/operations/CEREMONY.md tells operators what to do.
"""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from prover import native
from prover.artifacts import ArtifactStore
from prover.compile import CompiledCircuit
from prover.errors import ArtifactError, SetupError
from prover.manifest import file_digest
from prover.progress import SILENT, Progress, reported
from prover.setup import CONTRIBUTIONS_MIN, Keys, production_keys, verify_powers
from prover.snarkjs import run_snarkjs

STATE_FILE: Final = "ceremony.json"
POWERS_BEACON: Final = "powers-beacon.ptau"
POWERS_FINAL: Final = "powers-final.ptau"
KEY_FIRST: Final = "key-0.zkey"
KEY_FINAL: Final = "key-final.zkey"
BEACON_ITERATIONS_EXP: Final = "10"

_CURVE: Final = "bn128"
_BEACON: Final = re.compile(r"[0-9a-f]{64}")
_UNFINISHED: Final = ".unfinished"


class Ceremony:
    """A ceremony for one circuit.

    Parameters
    ----------
    directory : Path
        Where its files lie.
    compiled : CompiledCircuit
        The circuit that the keys are for.
    files : dict of str to str
        SHA-256 of each file, in the order in which they were made.
    progress : Progress, optional
        Told of every long step.
    """

    def __init__(
        self,
        directory: Path,
        compiled: CompiledCircuit,
        files: dict[str, str],
        progress: Progress = SILENT,
    ) -> None:
        self.directory = directory
        self._compiled = compiled
        self._files = files
        self._progress = progress

    @classmethod
    def open(cls, directory: Path, compiled: CompiledCircuit, progress: Progress = SILENT) -> "Ceremony":
        """Go on with a ceremony, from the last file that it wrote.

        Raises
        ------
        ArtifactError
            If the directory holds no ceremony, or one file is not the one that was written.
        SetupError
            If the ceremony is for another circuit.
        """
        files = _read_state(directory, compiled)
        for name, digest in files.items():
            if not (directory / name).is_file() or file_digest(directory / name) != digest:
                raise ArtifactError(
                    "the file is not the one that the ceremony wrote",
                    "take the directory from the last contributor again",
                    directory / name,
                )
        ceremony = cls(directory, compiled, files, progress)
        ceremony._follow_up()
        return ceremony

    @classmethod
    def begin(
        cls,
        directory: Path,
        compiled: CompiledCircuit,
        powers_of_tau: Path | None = None,
        progress: Progress = SILENT,
    ) -> "Ceremony":
        """Begin with phase 1, or with phase 2 over the prepared powers of tau of a public ceremony.

        Raises
        ------
        SetupError
            If the directory is in use, or the powers of tau do not verify or are too few.
        """
        if (directory / STATE_FILE).exists():
            raise SetupError("a ceremony has begun here", "go on with it, or name a new directory", directory)
        directory.mkdir(parents=True, exist_ok=True)
        ceremony = cls(directory, compiled, {}, progress)
        if powers_of_tau is None:
            ceremony._step("powers-0.ptau", "powersoftau", "new", _CURVE, _power(compiled))
        else:
            verify_powers(powers_of_tau, progress)
            ceremony._add(POWERS_FINAL, lambda target: shutil.copyfile(powers_of_tau, target))
            ceremony._follow_up()
        return ceremony

    @property
    def next_step(self) -> str:
        """What is to be done next, for people."""
        if KEY_FINAL in self._files:
            return "finish"
        phase = 2 if POWERS_FINAL in self._files else 1
        lacking = max(0, CONTRIBUTIONS_MIN - self._contributions)
        return f"phase {phase}: " + (
            f"{lacking} must still contribute" if lacking else "the beacon, or one more contributor"
        )

    def contribute(self, name: str, entropy: str) -> None:
        """Add a contribution to the current phase.

        Parameters
        ----------
        name : str
            Of the contributor; stands in the transcript.
        entropy : str
            Secret text, which snarkjs mixes with random bytes of its own. It goes through a pipe: never on a
            command line, never into a file, never printed.
        """
        self._require_open()
        self._step(
            self._file(str(self._contributions + 1)),
            *(self._command, "contribute", self._latest),
            options=(f"--name={name}",),
            entropy=entropy,
        )

    def beacon(self, value: str) -> None:
        """End the current phase with a public value that nobody could foresee; 32 bytes in hexadecimal.

        Raises
        ------
        SetupError
            If too few have contributed.
        """
        self._require_open()
        if not _BEACON.fullmatch(value):
            raise SetupError(
                "a beacon is 64 hexadecimal digits", "give for example a block's hash without 0x"
            )
        if self._contributions < CONTRIBUTIONS_MIN:
            raise SetupError(
                f"{self._contributions} have contributed, {CONTRIBUTIONS_MIN} must",
                "let another party contribute",
                self.directory,
            )
        arguments = (value, BEACON_ITERATIONS_EXP)
        name = KEY_FINAL if POWERS_FINAL in self._files else POWERS_BEACON
        self._step(name, self._command, "beacon", self._latest, after=arguments)
        self._follow_up()

    def finish(self, store: ArtifactStore | None = None) -> Keys:
        """Verify the whole ceremony and take its keys over; there is no way to them without the verification.

        Raises
        ------
        SetupError
            If the ceremony is not over, or anything in it does not verify.
        """
        if KEY_FINAL not in self._files:
            raise SetupError("the ceremony is not over", f"next is {self.next_step}", self.directory)
        powers, key = self.directory / POWERS_FINAL, self.directory / KEY_FINAL
        return production_keys(self._compiled, powers, key, store, self._progress)

    def _follow_up(self) -> None:
        """Go from the beacon of phase 1 to the first key, as far as that is not done: nobody has a choice."""
        if POWERS_BEACON in self._files and POWERS_FINAL not in self._files:
            self._step(POWERS_FINAL, "powersoftau", "prepare", "phase2", self._latest)
            verify_powers(self.directory / POWERS_FINAL, self._progress)
        if POWERS_FINAL in self._files and KEY_FIRST not in self._files:
            self._step(KEY_FIRST, "groth16", "setup", self._compiled.r1cs, self.directory / POWERS_FINAL)

    def _require_open(self) -> None:
        if KEY_FINAL in self._files:
            raise SetupError("the ceremony is over", "finish it", self.directory)

    @property
    def _latest(self) -> Path:
        return self.directory / list(self._files)[-1]

    @property
    def _command(self) -> str:
        return "zkey" if POWERS_FINAL in self._files else "powersoftau"

    def _file(self, place: str) -> str:
        return f"key-{place}.zkey" if POWERS_FINAL in self._files else f"powers-{place}.ptau"

    @property
    def _contributions(self) -> int:
        """Number of contributions to the current phase."""
        prefix = "key-" if POWERS_FINAL in self._files else "powers-"
        return sum(name.startswith(prefix) for name in self._files if name != POWERS_FINAL) - 1

    def _step(
        self,
        name: str,
        *arguments: str | Path,
        after: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
        entropy: str = "",
    ) -> None:
        """Let snarkjs make the next file, whose name stands between `arguments` and `after`."""

        def make(target: Path) -> None:
            outcome = run_snarkjs(*arguments, target, *after, *options, answer=entropy)
            if outcome.status != 0:
                raise SetupError(f"snarkjs cannot make {name}: {outcome.reason}", "correct it and try again")

        with reported(self._progress, f"make {name}"):
            self._add(name, make)

    def _add(self, name: str, make: Callable[[Path], object]) -> None:
        temporary = self.directory / f"{_UNFINISHED}-{name}"
        temporary.unlink(missing_ok=True)
        make(temporary)
        temporary.replace(self.directory / name)
        self._files[name] = file_digest(self.directory / name)
        _write_state(self.directory, self._compiled, self._files)


def _power(compiled: CompiledCircuit) -> str:
    """Return n such that 2^n powers are enough: constraints, public signals and one more."""
    sizes = native.sizes(compiled.r1cs)
    rows = sizes["constraints"] + sizes["public_inputs"] + sizes["public_outputs"] + 1
    return str((rows - 1).bit_length())


def _read_state(directory: Path, compiled: CompiledCircuit) -> dict[str, str]:
    path = directory / STATE_FILE
    try:
        state: dict[str, Any] = json.loads(path.read_text())
        circuit, r1cs, files = state["circuit"], state["r1cs"], dict(state["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"there is no ceremony here ({error})", "begin one, or name its directory", path
        ) from error
    if (circuit, r1cs) != (compiled.circuit.name, file_digest(compiled.r1cs)):
        raise SetupError(
            f"the ceremony is for {circuit} with r1cs {r1cs}, the sources here give another",
            "check out the sources that the ceremony was announced for",
            path,
        )
    return files


def _write_state(directory: Path, compiled: CompiledCircuit, files: dict[str, str]) -> None:
    state = {"circuit": compiled.circuit.name, "r1cs": file_digest(compiled.r1cs), "files": files}
    temporary = directory / f"{_UNFINISHED}-{STATE_FILE}"
    temporary.write_text(json.dumps(state, indent=2) + "\n")
    os.replace(temporary, directory / STATE_FILE)
