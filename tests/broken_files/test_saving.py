"""Whatever call of the system fails while a file is saved: the old file or the new one, no litter.

What replaces a file is `visualizer.document.atomic` alone; here are the commands and the window's
saving on top of it. That the process dies meanwhile is in `test_killed`.
"""

from __future__ import annotations

import ast
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import Unusable
from tests.broken_files.seeds import seeds
from tests.broken_files.session_files import good
from tests.commands.calling import call
from tests.test_house import PROGRAM, ROOT
from visualizer.commands.door import enter
from visualizer.document import atomic, session
from visualizer.document.document import Document
from visualizer.document.modelled import snapshot_of_model


def graph(path: Path) -> list[object]:
    """A graph of ONNX beside the file, and inputs for it."""
    model, given = (path.parents[1] / name for name in ("a.onnx", "in.npz"))
    model.write_bytes(seeds()["a.onnx"])
    np.savez(given, X=np.ones((3, 1, 2), np.float32))
    return [model, "--inputs", given]


def changed(path: Path) -> Path:
    """The session of a model whose weights were changed."""
    snapshot = snapshot_of_model(MODEL).edited("W", (0, 0), 0.5)
    return Document(snapshot).save(path.parents[1] / "changed.unrolled")


CALLS = ("open", "write", "fsync", "fstat", "link", "replace", "unlink", "chmod")
OLD = b"what was there before"
pytestmark = pytest.mark.usefixtures("qapp")  # pictures need Qt, and other tests all of it
MODEL = ROOT / "tests" / "reference" / "models" / "recorded_gru.npz"
# the file that is written → the command that writes it; others are in a folder beside it
SAVED: dict[str, Callable[[Path], list[object]]] = {
    "a.npz": lambda path: ["run", "therefore", "--out", path],
    "weights.npz": lambda path: ["run", MODEL, "--out", path],
    "graph.npz": lambda path: ["run", *graph(path), "--out", path],
    "a.svg": lambda path: ["export", "therefore", "-o", path],
    "a.png": lambda path: ["export", "therefore", "-o", path],
    "a.pdf": lambda path: ["export", "therefore", "-o", path],
    "a.graphml": lambda path: ["export", "therefore", "-o", path],
    "a.html": lambda path: ["report", "therefore", "--no-overfit", "-o", path],
    "a.safetensors": lambda path: ["export", changed(path), "-o", path],
    "changed.npz": lambda path: ["export", changed(path), "-o", path],
    "a.csv": lambda path: ["export", "therefore", "--view", "norms", "-o", path],
    "a.unrolled": lambda path: ["train", "therefore", "--updates", "1", "-o", path],
}


class Failing:
    """`os` as `atomic` sees it, with the n-th of the calls that change something failing."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in CALLS:
            return real

        def called(*words: Any, **more: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                raise OSError(28, "No space left on device")
            return real(*words, **more)

        return called


@pytest.mark.parametrize("name", SAVED)
def test_every_failing_call_leaves_the_old_file_or_the_new(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    place, failed = folder / name, 0
    words = SAVED[name](place)
    for nth in range(1, 40):
        place.write_bytes(OLD)
        failing = Failing(nth)
        monkeypatch.setattr(atomic, "os", failing)
        answer = call(capsys, *words)
        if answer.code == 0:
            assert place.read_bytes() != OLD
        else:
            failed += 1
            assert answer.code == 1 and place.read_bytes() == OLD
            assert f"{place} was not written: No space left on device; nothing was" in answer.err
            assert len([line for line in answer.err.splitlines() if "main.py: " in line]) == 1
        assert [path.name for path in folder.iterdir() if path.name != f"{name}~"] == [name]
        if failing.left > 0:
            break
    assert failing.left > 0 and failed >= 3


def test_every_failing_call_leaves_a_session_that_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "a.unrolled"
    session.save(place, good())
    for nth in range(1, 40):
        failing = Failing(nth)
        monkeypatch.setattr(atomic, "os", failing)
        try:
            session.save(place, good())
        except Unusable as error:
            assert error.exit == 1
        assert session.load(place).snapshot.sequence.title
        assert {path.name for path in tmp_path.iterdir()} <= {"a.unrolled", "a.unrolled~"}
        if failing.left > 0:
            return
    raise AssertionError("a call failed every time")


class Gone(io.StringIO):
    """Standard output whose reader has seen enough, as `| head -0` has."""

    def __init__(self, device: int) -> None:
        super().__init__()
        self.device = device

    def fileno(self) -> int:
        return self.device

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def unread(*words: object) -> int:
    with open(os.devnull, "w") as device, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", Gone(device.fileno()))
        return enter([str(word) for word in words])


@pytest.mark.parametrize("name", SAVED)
def test_a_reader_that_goes_takes_no_file_with_it(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    place = folder / name
    words = SAVED[name](place)
    assert unread(*words) == 0
    assert place.stat().st_size > 100


def test_training_goes_on_when_nobody_reads_how_it_goes(tmp_path: Path) -> None:
    place = tmp_path / "a.unrolled"
    assert unread("train", "therefore", "--updates", "3", "--json", "-o", place) == 0
    learnt = session.load(place).snapshot.trained
    assert learnt is not None and learnt.history.count == 3


def test_nothing_else_writes_files() -> None:
    """A second way to write would have none of this."""
    allowed = {"visualizer/document/atomic.py", "engine/sharing.py"}  # the latter: shared memory
    for path in PROGRAM:
        if path.relative_to(ROOT).as_posix() in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            word = getattr(node.func, "attr", getattr(node.func, "id", ""))
            assert word not in ("write_bytes", "write_text", "tofile", "mkstemp"), path
            given = [*node.args[:2], *(more.value for more in node.keywords)]
            modes = [str(each.value) for each in given if isinstance(each, ast.Constant)]
            assert word != "open" or not any(mode[:1] in "wax" for mode in modes), path
