"""`export --fold`: folded figures, whole or half-way, and what cannot be folded."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from engine.errors import BAD_SETTINGS
from engine.sequences import typed
from tests.commands.calling import call
from visualizer.document.document import Document
from visualizer.document.snapshot import Snapshot
from visualizer.scene.view import View

Capture = pytest.CaptureFixture[str]


def one_step() -> bytes:
    """A series of two values: the second is what the first is to predict."""
    file = io.BytesIO()
    np.save(file, np.array([[0.5], [1.0]]))
    return file.getvalue()


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("cell", ["elman", "gated", "lstm", "lecture-gru", "gru"])
def test_the_further_folded_the_narrower(capsys: Capture, cell: str) -> None:
    widths = []
    for fold in ("0.5", "1"):
        said = call(capsys, "export", "therefore", "--cell", cell, "-o", "f.svg", "--fold", fold)
        assert said.code == 0 and said.err == ""
        text = Path("f.svg").read_text()
        assert "t−1" in text and "nan" not in text
        widths.append(float(text.split('width="')[1].split('"')[0]))
    assert widths[1] < widths[0]


def test_a_fold_of_nothing_is_the_unrolled_figure(capsys: Capture) -> None:
    call(capsys, "export", "therefore", "-o", "a.svg")
    call(capsys, "export", "therefore", "-o", "b.svg", "--fold", "0")
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


def test_a_session_is_exported_as_folded_as_it_was_left(capsys: Capture) -> None:
    made = Document(Snapshot(typed("I think therefore I am"), view=View(level="ops", fold=1.0)))
    made.save("s.unrolled")
    call(capsys, "export", "s.unrolled", "-o", "a.svg")
    call(capsys, "export", "s.unrolled", "-o", "b.svg", "--fold", "0")
    assert "t−1" in Path("a.svg").read_text() and "t−1" not in Path("b.svg").read_text()


@pytest.mark.parametrize("fold", ["1.5", "-0.1", "half", "nan"])
def test_a_fold_is_between_0_and_1(capsys: Capture, fold: str) -> None:
    said = call(capsys, "export", "therefore", "-o", "f.svg", f"--fold={fold}")
    assert said.code == BAD_SETTINGS
    assert said.err == (
        "main.py: argument --fold: a fold is 0 (unrolled) .. 1 (folded to a loop), got "
        f"{fold!r}; see main.py export --help\n"
    )


def test_what_cannot_be_folded(capsys: Capture) -> None:
    said = call(capsys, "export", "therefore", "-o", "f.svg", "--fold", "1", "--level", "bands")
    assert (said.code, said.err.count("\n")) == (BAD_SETTINGS, 1)
    assert "bands cannot be folded; choose the level numbers, ops, tensors or steps" in said.err
    Path("one.npy").write_bytes(one_step())
    said = call(capsys, "export", "one.npy", "-o", "f.svg", "--fold", "1")
    assert (said.code, said.err.count("\n")) == (BAD_SETTINGS, 1)
    assert "a graph of one step cannot be folded; give a longer sequence" in said.err
    said = call(
        capsys, "export", "therefore", "--arrangement", "attention", "-o", "f.svg", "--fold", "1"
    )
    assert (said.code, said.err.count("\n")) == (BAD_SETTINGS, 1)
    assert "what reads all steps at once is no loop and cannot be folded" in said.err
    said = call(
        capsys, "export", "therefore", "--arrangement", "per-layer", "-o", "f.svg", "--fold", "1"
    )
    assert (said.code, said.err.count("\n")) == (BAD_SETTINGS, 1)
    assert "every step has weights of its own, which no loop can stand for" in said.err
