"""How the window comes: the graph first, then what stands round it, and nothing moves."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QDockWidget
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
