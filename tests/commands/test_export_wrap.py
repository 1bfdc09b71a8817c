"""`export --wrap`: figures whose steps stand in several lines, and what cannot be wrapped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.sequences import typed
from tests.commands.calling import call
from visualizer.commands.options import MOST_LINES
from visualizer.document.document import Document
from visualizer.document.snapshot import Snapshot
from visualizer.scene.view import LINES, View

Capture = pytest.CaptureFixture[str]

WORDS = " ".join(f"w{n % 5}" for n in range(60))


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def size_of(name: str) -> tuple[float, float]:
    found = re.search(r'<svg[^>]* width="([\d.]+)"[^>]* height="([\d.]+)"', Path(name).read_text())
    assert found
    return float(found[1]), float(found[2])


@pytest.mark.parametrize("cell", ["elman", "lstm"])
def test_two_lines_are_narrower_and_higher(capsys: Capture, cell: str) -> None:
    call(capsys, "export", "therefore", "--cell", cell, "--level", "tensors", "-o", "one.svg")
    said = call(
        capsys, "export", "therefore", "--cell", cell, "--level", "tensors", "-o", "two.svg",
        "--wrap", "2",
    )  # fmt: skip
    assert said.code == 0
    assert size_of("two.svg")[1] > 1.3 * size_of("one.svg")[1]


def test_one_line_is_the_figure_as_it_was(capsys: Capture) -> None:
    call(capsys, "export", "therefore", "-o", "a.svg")
    call(capsys, "export", "therefore", "-o", "b.svg", "--wrap", "1")
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


def test_auto_shows_every_step_of_a_long_text(capsys: Capture) -> None:
    Path("long.txt").write_text(WORDS)
    said = call(
        capsys, "export", "long.txt", "--tokens", "words", "--level", "steps", "-o", "f.svg",
        "--wrap", "auto",
    )  # fmt: skip
    assert said.code == 0
    text = Path("f.svg").read_text()
    assert size_of("f.svg")[0] <= 1600
    assert len(re.findall(r"“w\d”", text)) >= 60


def test_a_session_is_exported_in_as_many_lines_as_it_was_left(capsys: Capture) -> None:
    view = View(level="ops", wrap=2)
    Document(Snapshot(typed("I think therefore I am"), view=view)).save("s.unrolled")
    call(capsys, "export", "s.unrolled", "-o", "a.svg")
    call(capsys, "export", "s.unrolled", "-o", "b.svg", "--wrap", "2")
    call(capsys, "export", "s.unrolled", "-o", "c.svg", "--wrap", "1")
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()
    assert Path("a.svg").read_bytes() != Path("c.svg").read_bytes()


@pytest.mark.parametrize("lines", ["0", "-2", "many", "1001", "1.5"])
def test_how_many_lines_there_may_be(capsys: Capture, lines: str) -> None:
    said = call(capsys, "export", "therefore", "-o", "f.svg", f"--wrap={lines}")
    assert said.code == 2
    assert said.err == (
        f"main.py: argument --wrap: lines are 1..1000 or auto, got {lines!r}; "
        "see main.py export --help\n"
    )
    assert (LINES[1], MOST_LINES) == (1000, 1000)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--fold", "1"), "unroll it first"),
        (("--arrangement", "attention"), "choose the level bands"),
        (("--level", "bands", "--size", "800x300"), "2 lines need"),
    ],
)
def test_what_cannot_be_wrapped(capsys: Capture, more: tuple[str, ...], words: str) -> None:
    said = call(capsys, "export", "therefore", "-o", "f.svg", "--wrap", "2", *more)
    assert said.code == 2 and said.err.count("\n") == 1 and words in said.err
    assert not Path("f.svg").exists()
