"""Long recordings are made beside the window: progress, a way out, the document as it was."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QProgressDialog

from engine.sequences import Sequence
from visualizer.widgets.parts import long_work
from visualizer.widgets.parts.long_work import seconds, steps_of

pytestmark = pytest.mark.window
STEPS = 30_000


def long_sequence() -> Sequence:
    wave = np.sin(np.arange(STEPS) / 9)[:, None]
    return Sequence("numbers", series=(wave,), columns=("a",), roles=("input",), title="long")


def test_a_long_recording_is_made_with_progress(window, qtbot, monkeypatch):
    monkeypatch.setattr(long_work, "PATIENCE", 50)
    seen: list[int] = []

    def look() -> None:
        found = window.findChildren(QProgressDialog)
        seen.extend(dialog.value() for dialog in found if dialog.isVisible())

    timer = QTimer(window)
    timer.timeout.connect(look)
    timer.start(20)
    assert window.stage.attempt(lambda: window.stage.document.set_sequence(long_sequence()))
    timer.stop()
    assert window.stage.run.recording.steps == STEPS - 1
    assert seen and max(seen) > min(seen)
    assert not [d for d in window.findChildren(QProgressDialog) if d.isVisible()]


def test_stop_leaves_the_document_as_it_was(window, qtbot):
    before = window.stage.document.snapshot
    said: list[str] = []
    window.stage.refused.connect(said.append)

    def stop() -> None:
        for dialog in window.findChildren(QProgressDialog):
            dialog.canceled.emit()

    QTimer.singleShot(120, window, stop)
    assert not window.stage.attempt(lambda: window.stage.document.set_sequence(long_sequence()))
    assert said == ["stopped; nothing was changed"]
    assert window.stage.document.snapshot is before
    assert window.stage.run.recording.steps == 5


def test_short_ones_take_no_thread(window, monkeypatch):
    monkeypatch.setattr(long_work.threading, "Thread", None)
    assert window.stage.set("hidden", 12)
    snapshot = window.stage.document.snapshot
    assert seconds(snapshot, steps_of(snapshot)) < 0.01
