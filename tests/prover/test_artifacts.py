"""The cache: complete entries only, each built once."""

import os
import threading
from pathlib import Path

import pytest

from prover.artifacts import CACHE_VARIABLE, ArtifactStore


def test_an_entry_is_built_once_by_many_that_want_it(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    built: list[int] = []
    inside = threading.Event()

    def build(directory: Path) -> None:
        built.append(threading.get_ident())
        inside.wait(0.2)
        (directory / "file").write_text("content")

    threads = [threading.Thread(target=store.build, args=("kind", "name", "ab12", build)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert (store.entry("kind", "name", "ab12") / "file").read_text() == "content"


def test_a_build_that_fails_leaves_no_entry(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)

    def fail(directory: Path) -> None:
        (directory / "half").write_text("")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.build("kind", "name", "ab12", fail)
    assert [path for path in (tmp_path / "kind").iterdir() if path.is_dir()] == []


def test_what_a_killed_process_left_is_built_again(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)

    def die(directory: Path) -> None:
        (directory / "half").write_text("")
        os._exit(9)

    child = os.fork()
    if child == 0:
        store.build("kind", "name", "ab12", die)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9

    entry = store.build("kind", "name", "ab12", lambda directory: (directory / "whole").touch())
    assert [path.name for path in entry.iterdir()] == ["whole"]


def test_the_environment_names_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "elsewhere"))
    assert ArtifactStore().root == tmp_path / "elsewhere"
    assert ArtifactStore(tmp_path).root == tmp_path
