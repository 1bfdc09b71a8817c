"""`export` and `demo`: figures that are there, whole, and the same every time."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.choices import VECTOR_CELLS
from engine.sequences import typed
from tests.commands.calling import call
from visualizer.commands.options import LEVELS, THEMES, VIEWS
from visualizer.document import session
from visualizer.document.document import Document
from visualizer.document.snapshot import Snapshot
from visualizer.export import figures, svg
from visualizer.export.figures import FIGURES, figure, thumbnail
from visualizer.plots.columns_learnt import LEARNT_COLUMNS
from visualizer.scene import levels

Capture = pytest.CaptureFixture[str]
SENTENCE = b"I think therefore I am\n"
MAGIC = {".svg": b"<svg", ".pdf": b"%PDF-", ".png": b"\x89PNG"}


ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(qapp: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("visualizer.plots.grid.tried", lambda piece: 1.0)  # a minute's work


@pytest.mark.parametrize("suffix", MAGIC)
@pytest.mark.parametrize("view", VIEWS)
def test_every_kind_of_file(capsys: Capture, tmp_path: Path, suffix: str, view: str) -> None:
    place = tmp_path / f"f{suffix}"
    said = call(capsys, "export", "therefore", "-o", place, "--view", view, "--size", "800x500")
    assert said.code == 0 and said.err == "" and f"wrote {place}" in said.out
    assert MAGIC[suffix] in place.read_bytes()[:200]
    assert [p.name for p in tmp_path.iterdir()] == [place.name]


@pytest.mark.parametrize("at", ["0", "0.62", "1", "δ(h3)<-z4", "h3"])
@pytest.mark.parametrize("theme", THEMES)
def test_moments_and_themes(capsys: Capture, tmp_path: Path, at: str, theme: str) -> None:
    words = ("export", "therefore", "--at", at, "--theme", theme, "-o")
    assert call(capsys, *words, tmp_path / "a.svg").code == 0
    assert call(capsys, *words, tmp_path / "b.svg").code == 0
    text = (tmp_path / "a.svg").read_text()
    assert (tmp_path / "b.svg").read_text() == text, "the same figure, byte for byte"
    assert "nan" not in text and "inf" not in text


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("cell", VECTOR_CELLS)
def test_levels_and_cells(capsys: Capture, tmp_path: Path, level: str, cell: str) -> None:
    words = ("export", "therefore", "--cell", cell, "--layers", 2, "--level", level)
    assert call(capsys, *words, "-o", tmp_path / "f.svg").code == 0


def test_events_are_counted(capsys: Capture, tmp_path: Path) -> None:
    place = tmp_path / "f.svg"
    said = call(capsys, "export", "therefore", "-o", place, "--event", 10**6)
    assert said.code == 2 and "is beyond the end; this film has" in said.err
    assert not place.exists()
    said = call(capsys, "export", "therefore", "-o", place, "--at", "δ(h9)")
    assert said.code == 2 and "there is no moment 'δ(h9)'" in said.err
    assert call(capsys, "export", "therefore", "-o", place, "--event", 30).code == 0


def test_a_session_is_drawn_at_its_playhead(capsys: Capture, tmp_path: Path) -> None:
    document = Document(Snapshot(typed("I think therefore I am")), thumbnail=thumbnail)
    document.look(playhead=0.5)
    place = document.save(tmp_path / "a.unrolled")
    assert "at 0.5" in call(capsys, "export", place, "-o", tmp_path / "f.svg").out
    call(capsys, "export", place, "--at", "0.5", "-o", tmp_path / "g.svg")
    assert (tmp_path / "f.svg").read_bytes() == (tmp_path / "g.svg").read_bytes()
    assert session.THUMBNAIL.encode() in place.read_bytes()
    assert place.read_bytes() == document.pack()


def test_the_choices_of_the_command_line_are_the_figures() -> None:
    assert tuple(FIGURES) == VIEWS
    film = Document(Snapshot(typed("I am"))).film
    assert all(figure(film, kind).width > 100 for kind in FIGURES)
    assert ("auto", *levels.LEVELS) == LEVELS


def alone(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """main.py in a process and a folder of its own, without a screen unless `variables` say so."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words],
        cwd=folder,
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("variables", [{}, {"QT_QPA_PLATFORM": "offscreen"}])
def test_demo_without_a_screen(tmp_path: Path, variables: dict[str, str]) -> None:
    said = alone(tmp_path, "demo", **variables)
    folder = tmp_path / "unrolled-demo"
    assert said.returncode == 0 and said.stderr.startswith("note: ")
    assert str(folder / "figure.svg") in said.stdout and str(folder / "norms.csv") in said.stdout
    assert sorted(p.name for p in folder.iterdir()) == ["figure.svg", "norms.csv"]
    rows = list(csv.reader((folder / "norms.csv").read_text().splitlines()))
    assert rows[0][:2] == ["step", "token"] and len(rows) == 6
    assert [row[1] for row in rows[1:]] == ["I", "think", "therefore", "I", "am"]
    assert all(float(row[2]) > 0 for row in rows[1:])


def test_demo_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "unrolled-demo").write_text("in the way")
    said = alone(tmp_path, "demo")
    assert said.returncode == 1 and "cannot be made here" in said.stderr


def test_demo_and_vectors_without_qt(tmp_path: Path) -> None:
    (tmp_path / "PySide6.py").write_text("raise ImportError('libEGL.so.1 is lacking')")
    without = {"PYTHONPATH": str(tmp_path), "DISPLAY": ":99"}
    said = alone(tmp_path, "demo", **without)
    assert said.returncode == 0 and "Qt cannot be loaded (libEGL.so.1" in said.stderr
    assert alone(tmp_path, "export", "therefore", "-o", "f.svg", **without).returncode == 0
    said = alone(tmp_path, "export", "therefore", "-o", "f.png", **without)
    assert said.returncode == 1 and "write .svg" in said.stderr and said.stderr.count("\n") == 1
    said = alone(tmp_path, **without)
    assert said.returncode == 69 and said.stderr.count("\n") == 1


def test_the_window_needs_a_screen(tmp_path: Path) -> None:
    for variables in ({}, {"QT_QPA_PLATFORM": "offscreen"}, {"DISPLAY": ":4242"}):
        said = alone(tmp_path, **variables)
        assert said.returncode == 69 and said.stderr.count("\n") == 1, said.stderr
    said = alone(tmp_path, "none.unrolled")
    assert said.returncode == 65 and "there is no file" in said.stderr


def test_the_numbers_of_a_plot(capsys: Capture, tmp_path: Path) -> None:
    place = tmp_path / "cost.csv"
    said = call(capsys, "export", "-", "--view", "cost", "-o", place, stdin=SENTENCE)
    assert said.code == 0 and "cost" in said.out
    rows = list(csv.reader(place.read_text().splitlines()))
    assert rows[0][:3] == ["network", "parameters", "forward"] and rows[-1][1] == "157"
    said = call(
        capsys, "export", "-", "--view", "losses", "-o", tmp_path / "l.json", stdin=SENTENCE
    )
    assert len(json.loads((tmp_path / "l.json").read_text())["loss"]) == 5
    said = call(
        capsys, "export", "-", "--view", "jacobian", "-o", place, "--hidden", 65, stdin=SENTENCE
    )
    assert said.code == 2 and "there are no numbers for --view jacobian here" in said.err


@pytest.mark.parametrize("view", [*LEARNT_COLUMNS])
def test_the_numbers_of_a_training(capsys: Capture, tmp_path: Path, view: str) -> None:
    place, trained = tmp_path / "n.json", ROOT / "resources/trained/sonnets.unrolled"
    own = ("--feeding", "own", "--prompt", "Shall I", "--write", "9")
    what = ("sunspots",) if view == "targets" else (trained, *own)
    said = call(capsys, "export", *what, "--view", view, "-o", place)
    assert said.code == 0, said.err
    found = json.loads(place.read_text())
    (rows,) = {len(values) for values in found.values()}
    assert len(found) > 1 and rows > 3
    kept = session.load(trained).snapshot.trained
    assert kept is not None
    match view:
        case "learning":
            assert found["mean"] == kept.history.curves["mean"].tolist()
            assert found["update"][-1] == kept.history.updates[-1] + 1
        case "updates":
            assert found["t=1"] == kept.history.norms[:, 0].tolist()
        case "samples":
            assert found["text"] == [text for _, text in kept.history.samples]
        case "shift":
            assert found["step"] == [*range(1, rows + 1)] and min(found["distance"]) > 0
        case "grid":
            assert rows == 64 and set(found["loss"]) == {1.0}


def test_a_level_that_was_asked_for_shows_every_step_as_vectors(
    capsys: Capture, tmp_path: Path
) -> None:
    (tmp_path / "long.txt").write_text(" ".join(f"w{k % 9}" for k in range(600)))
    words = ("export", tmp_path / "long.txt", "--tokens", "words", "--level", "steps", "-o")
    assert call(capsys, *words, tmp_path / "all.svg").code == 0
    text = (tmp_path / "all.svg").read_text()
    names = [f">{k}</tspan></text>" for k in (1, 300, 600)]
    assert all(name in text for name in names) and text.count("<image") < 100
    assert call(capsys, *words, tmp_path / "part.svg", "--size", "1600x900").code == 0
    part = (tmp_path / "part.svg").read_text()
    assert 'width="1600" height="900"' in part and len(part) < len(text)
    assert call(capsys, *words, tmp_path / "a.png").code == 0, "pixels end where they have no room"


def test_more_nodes_than_programs_open_are_refused_in_one_line(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST_NODES", 2_399)  # input, sum, state and loss of 600 steps
    (tmp_path / "long.txt").write_text("abc" * 200)
    words = ("export", tmp_path / "long.txt", "--tokens", "characters", "--level", "steps", "-o")
    for more in ((), ("--wrap", "auto")):
        said = call(capsys, *words, tmp_path / "a.svg", *more)
        assert said.code == 2 and said.err.count("\n") == 1
        assert "would draw 2,400 nodes" in said.err and "at most 2,399" in said.err
        assert "--size" in said.err and "--level bands" in said.err
    assert not (tmp_path / "a.svg").exists()
    assert call(capsys, *words, tmp_path / "a.svg", "--size", "1600x400").code == 0
    monkeypatch.setattr(figures, "MOST_NODES", 2_400)
    assert call(capsys, *words, tmp_path / "a.svg").code == 0


def test_more_bytes_than_programs_open_are_refused_in_one_line(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(svg, "MOST_BYTES", 1_000)
    said = call(capsys, "export", "-", "-o", tmp_path / "a.svg", stdin=SENTENCE)
    assert said.code == 2 and said.err.count("\n") == 1
    assert "programs open at most" in said.err and not (tmp_path / "a.svg").exists()
