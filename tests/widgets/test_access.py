"""Everything can be reached by the keyboard and says its name to who cannot see it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.widgets.test_window import selected
from visualizer.widgets.export import ExportDialog
from visualizer.widgets.parts.pictured import Pictured
from visualizer.widgets.window import Window

pytestmark = pytest.mark.window
CONTROLS = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QPlainTextEdit)
DEAF = "qt_"  # what Qt puts into its own widgets


def controls(of: QWidget) -> list[QWidget]:
    found = [w for w in of.findChildren(QWidget) if isinstance(w, CONTROLS)]
    return [
        w for w in found if not isinstance(w, QScrollBar) and not w.objectName().startswith(DEAF)
    ]


def called(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


def test_every_control_has_a_name(window: Window, qtbot: QtBot) -> None:
    dialog = ExportDialog(window.stage, window)
    qtbot.addWidget(dialog)
    for widget in [*controls(window), *controls(dialog)]:
        assert called(widget), f"{type(widget).__name__} in {widget.parent()}"
    for picture in window.findChildren(Pictured):
        assert picture.accessibleName()


def test_every_visible_control_takes_the_focus_from_the_keyboard(window: Window) -> None:
    for widget in controls(window):
        told_only = widget.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        if widget.isVisible() and widget.isEnabled() and not told_only:
            assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, called(widget)


def test_the_graph_says_what_happens(window: Window) -> None:
    window.player.to_start()
    window.player.next_event()
    assert window.canvas.accessibleDescription() == "event 1: x1"


def test_arrows_move_the_playhead_until_somebody_goes_to_the_graph(
    window: Window, qtbot: QtBot
) -> None:
    """At the start, and after a lesson, a node is selected and the graph has the keys."""
    window.player.to_start()
    before = selected(window)
    assert window.canvas.hasFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Right)
    assert window.stage.done == 1 and selected(window) == before
    qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    qtbot.keyClick(window.canvas, Qt.Key.Key_Right)
    assert window.stage.done == 1 and selected(window) != before
    qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Right)
    assert window.stage.done == 2, "nothing is selected that one could walk from"


def test_arrows_walk_along_edges(window: Window, qtbot: QtBot) -> None:
    window.canvas.clearFocus()
    window.canvas.setFocus(Qt.FocusReason.TabFocusReason)
    for key, name in (("Right", "z₄"), ("Up", "h₄"), ("Up", "s₄"), ("Down", "h₄"), ("Left", "h₃")):
        qtbot.keyClick(window.canvas, getattr(Qt.Key, f"Key_{key}"))
        assert selected(window) == name
