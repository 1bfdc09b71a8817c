"""How the window comes: the graph first, then what stands round it, and nothing moves."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.conftest import SIZE, document_of
from tests.widgets.test_window import pixels
from visualizer.widgets.form import Form
from visualizer.widgets.inspector import Inspector
from visualizer.widgets.window import Window

pytestmark = pytest.mark.window


def test_the_graph_comes_first_and_nothing_moves_when_the_panels_come(
    qtbot: QtBot, faults: list[BaseException]
) -> None:
    class FirstPaint(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and not before:
                QTimer.singleShot(0, lambda: before.append(seen()))
            return False

    def seen() -> tuple[list[object], bool]:
        parts = (window.canvas, window.transport, window.toolbar)
        placed = (*parts, *window.findChildren(QDockWidget))
        places = [window.isAncestorOf(part) and part.geometry() for part in placed]
        return [*places, *(pixels(part).tobytes() for part in parts)], panels()

    def panels() -> bool:
        return bool(window.findChildren(Inspector) and window.findChildren(Form))

    before: list[tuple[list[object], bool]] = []
    window, eye = Window(document_of()), FirstPaint()
    qtbot.addWidget(window)
    window.resize(*SIZE)
    window.canvas.installEventFilter(eye)
    window.show()
    qtbot.waitUntil(lambda: bool(before) and panels())
    shown, there = before[0]
    assert not there and seen() == (shown, True)


def test_nothing_but_the_window_is_ever_shown_as_one(
    qtbot: QtBot, qapp: QApplication, faults: list[BaseException]
) -> None:
    """What is shown before it has its place is a window for a moment, and takes the keys."""
    shown: list[str] = []

    class Windows(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            is_shown = event.type() == QEvent.Type.Show
            if is_shown and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(type(watched).__name__)
            return False

    eye = Windows()
    qapp.installEventFilter(eye)
    window = Window(document_of())
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    assert window.panels.inspector.isVisible() and window.plot.isVisible()
    qapp.removeEventFilter(eye)
    assert shown == ["Window"]
