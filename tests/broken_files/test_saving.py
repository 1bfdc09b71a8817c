"""Whatever call of the system fails while a file is saved: the old file or the new one, no litter.

What replaces a file is `visualizer.document.atomic` alone, whose own tests kill it at random
moments; here are the commands and the window's saving on top of it.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.broken_files.session_files import good
from tests.commands.calling import call
from tests.test_house import PROGRAM, ROOT
from visualizer.document import atomic, session

CALLS = ("open", "write", "fsync", "fstat", "link", "replace", "unlink", "chmod")
OLD = b"what was there before"
MODEL = ROOT / "tests" / "reference" / "models" / "recorded_gru.npz"
SAVED: dict[str, Callable[[Path], list[object]]] = {
    "a.npz": lambda path: ["run", "therefore", "--out", path],
    "weights.npz": lambda path: ["run", MODEL, "--out", path],
    "a.svg": lambda path: ["export", "therefore", "-o", path],
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
    place, failed = tmp_path / name, 0
    for nth in range(1, 40):
        place.write_bytes(OLD)
        failing = Failing(nth)
        monkeypatch.setattr(atomic, "os", failing)
        answer = call(capsys, *SAVED[name](place))
        if answer.code == 0:
            assert place.read_bytes() != OLD
        else:
            failed += 1
            assert answer.code == 1 and place.read_bytes() == OLD
            assert f"{place} was not written: No space left on device; nothing was" in answer.err
            assert len([line for line in answer.err.splitlines() if "main.py: " in line]) == 1
        assert [path.name for path in tmp_path.iterdir() if path.name != f"{name}~"] == [name]
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
        except atomic.Unusable as error:
            assert error.exit == 1
        assert session.load(place).snapshot.sequence.title
        assert {path.name for path in tmp_path.iterdir()} <= {"a.unrolled", "a.unrolled~"}
        if failing.left > 0:
            return
    raise AssertionError("a call failed every time")


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
