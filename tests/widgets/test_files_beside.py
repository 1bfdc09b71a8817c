"""Files that take long are read and written beside the window: the last one asked for is opened,
the dirty mark goes when the file is on the disk, and whoever leaves waits for it.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from tests.widgets.conftest import document_of
from visualizer.commands.window import thumbnail
from visualizer.document import elsewhere, modelled, session
from visualizer.scene.view import zoomed
from visualizer.widgets.files import Files
from visualizer.widgets.parts import long_work, saving
from visualizer.widgets.window import Window

pytestmark = pytest.mark.window
PATIENCE = 30_000  # ms
WEIGHTS = Path(__file__).parents[1] / "reference" / "models" / "state.safetensors"
MODEL = Path(__file__).parents[1] / "reference" / "models" / "recorded_lstm.npz"


def endless(*given: Any) -> None:
    """Saving that goes on until it is stopped."""
    while True:
        given[-1](0.0)
        time.sleep(0.002)


@pytest.fixture
def slow(window: Window, monkeypatch: pytest.MonkeyPatch) -> Window:
    """Every file counts as large."""
    monkeypatch.setattr(elsewhere, "LARGE", -1)
    monkeypatch.setattr(elsewhere, "LARGE_ARRAYS", -1)
    monkeypatch.setattr(elsewhere, "LARGE_SAVED", -1)
    window.stage.document.thumbnail = thumbnail
    return window


def done(window: Window, qtbot: QtBot) -> None:
    document = window.stage.document
    qtbot.waitUntil(lambda: not document.waiting and window.long_work.now is None, timeout=PATIENCE)


def test_what_is_saved_beside_is_what_would_be_saved_here(
    slow: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    document, place = slow.stage.document, tmp_path / "a.unrolled"
    document.set(hidden=5)
    here = document.pack()
    assert slow.files._save(place) and document.dirty and not place.exists()
    document.set(hidden=6)  # somebody goes on
    done(slow, qtbot)
    assert place.read_bytes() == here and document.path == place
    assert document.dirty, "what was changed meanwhile is not saved"
    document.undo()
    assert not document.dirty
    document.set(hidden=7)
    slow.files.save()
    done(slow, qtbot)
    assert not document.dirty and slow.banner.words.text() == "Saved a.unrolled"
    assert session.load(place).snapshot.experiment.hidden == 7


def test_a_stopped_or_failed_save_leaves_the_file_and_the_mark(
    slow: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, place = slow.stage.document, tmp_path / "a.unrolled"
    document.save(place)
    before = place.read_bytes()
    document.set(hidden=5)
    with monkeypatch.context() as patched:
        patched.setattr(saving, "saved", endless)
        slow.files.save()
        slow.actions_by_id["stop"].trigger()
    assert "was stopped" in slow.banner.words.text()
    done(slow, qtbot)
    assert place.read_bytes() == before and document.dirty
    slow.files._save(tmp_path / "nowhere" / "b.unrolled")
    done(slow, qtbot)
    assert "does not exist" in slow.banner.words.text() and document.path == place


def test_another_document_is_not_marked_as_saved(
    slow: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    document, place = slow.stage.document, tmp_path / "a.unrolled"
    document.set(hidden=5)
    slow.files._save(place)
    document.replace(document_of("another sentence").snapshot, saved=False)
    done(slow, qtbot)
    assert place.exists() and document.path is None and document.dirty


def test_whoever_leaves_waits_for_the_file(
    slow: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, place = slow.stage.document, tmp_path / "a.unrolled"
    document.set(hidden=5)
    slow.files._save(place)
    assert document.dirty and Files.may_go(slow.files)
    assert not document.dirty and place.exists()
    document.set(hidden=6)
    monkeypatch.setattr(saving, "saved", endless)
    slow.files.save()

    def stop() -> None:
        box = slow.files.saving.box
        assert box is not None
        box.buttons()[0].click()

    QTimer.singleShot(0, stop)
    assert not Files.may_go(slow.files) and document.dirty


def test_the_file_asked_for_last_is_opened(
    slow: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = slow.stage.document
    for n in (5, 6, 7):
        document_of(hidden=n).save(tmp_path / f"{n}.unrolled")
    for n in (5, 6):
        assert slow.files.open_path(tmp_path / f"{n}.unrolled")
    done(slow, qtbot)
    assert document.path == tmp_path / "6.unrolled"
    slow.files.open_path(tmp_path / "7.unrolled")
    document.open(tmp_path / "5.unrolled")  # what is there at once
    monkeypatch.setattr(elsewhere, "LARGE", 10**9)
    slow.files.open_path(tmp_path / "6.unrolled")
    done(slow, qtbot)
    assert document.path == tmp_path / "6.unrolled" and slow.stage.run.experiment.hidden == 6


def test_a_model_is_read_beside(slow: Window, qtbot: QtBot) -> None:
    run = slow.stage.run
    assert slow.files.open_path(MODEL) and slow.stage.run is run
    done(slow, qtbot)
    assert slow.stage.run.experiment.cell == "lstm" and slow.stage.document.dirty
    assert "agree with the reference" in slow.banner.words.text()


@pytest.mark.parametrize("name", ["words.txt", "other.unrolled"])
def test_who_stops_the_opening_is_told_what_is_shown_instead(
    slow: Window, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    if name.endswith(".txt"):
        path.write_text("so it goes and so it went")
    else:
        document_of(hidden=5).save(path)
    run = slow.stage.run
    slow.files.open_path(path)
    slow.long_work.cancel("open")  # whatever else is under way
    title = slow.stage.document.title
    said = f"Opening {name} was stopped; what is shown is “{title}”"
    assert slow.banner.words.text() == said and slow.banner.property("tone") == "note"
    assert slow.stage.run is run


def test_inputs_come_when_their_model_is_there(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between what is wanted and what is shown there is no model yet that could read them."""
    path, document = tmp_path / "in.npz", window.stage.document
    np.savez(path, x=np.zeros((3, 1, 2)))
    monkeypatch.setattr(Files, "_is_for_model", lambda self, path: True)
    monkeypatch.setattr(type(document), "waiting", True)
    run = window.stage.run
    assert not window.files.open_path(path) and window.stage.run is run
    assert "not there yet" in window.banner.words.text()


def test_of_inputs_given_to_a_model_it_is_said_what_they_show(
    slow: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However late their recording comes: nothing is told of the one before."""
    slow.files.open_path(WEIGHTS)
    done(slow, qtbot)
    monkeypatch.setattr(long_work, "FRAME", -1.0)  # every recording is made beside
    path = tmp_path / "in.npz"
    np.savez(path, x=np.array([[1], [5], [0]]))
    told: list[int] = []
    monkeypatch.setattr(modelled, "told", lambda snapshot, run: told.append(run.batch.steps) or "")
    assert slow.files.open_path(path)
    done(slow, qtbot)
    assert slow.stage.run.batch.steps == 3 and told == [3]


def test_a_copy_of_what_is_large_is_written_beside(slow: Window, qtbot: QtBot) -> None:
    copy = slow.rescue._autosave.copy
    slow.stage.set("hidden", 5)
    slow.rescue._write()
    assert not copy.exists()
    done(slow, qtbot)
    assert session.load(copy).snapshot.experiment.hidden == 5
    slow.rescue.end()
    assert not copy.exists()


@pytest.mark.parametrize("good", [True, False])
def test_a_window_is_there_before_its_file(
    qtbot: QtBot, faults: list[BaseException], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path, good: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(elsewhere, "LARGE", -1)
    path = tmp_path / "wave.csv"
    path.write_text("a\n" + "\n".join(f"{k / 7}" if good else "?" for k in range(40)) + "\n")
    shown = Window(document_of(), [path])
    qtbot.addWidget(shown)
    shown.resize(1600, 1000)
    with qtbot.waitExposed(shown):
        shown.show()
    assert shown.cover.isVisible() and shown.cover.size() == shown.centre.size()
    qtbot.waitUntil(lambda: not shown.cover.isVisible(), timeout=PATIENCE)
    assert not shown.stage.opening and not shown.stage.document.dirty
    steps = shown.stage.run.recording.steps
    assert steps == 39 if good else (steps == 5 and "wave.csv" in shown.banner.words.text())
    shown.player.stop()


def test_a_view_of_the_longest_recording_is_saved(window: Window, tmp_path: Path) -> None:
    document, place = window.stage.document, tmp_path / "a.unrolled"
    far = zoomed(replace(window.stage.view, zoom=1e-6), 80.0, 1_000_000, 3.0, 0.5)
    assert far.zoom == 1e-6, "who is further away than the hand reaches is not brought near"
    document.look(view=far)
    document.save(place)
    view = session.load(place).snapshot.view
    assert view is not None and view.zoom == 1e-6
