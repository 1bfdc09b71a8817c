"""Menus of which one row is ticked: the arrow keys begin there; what cannot be had is grey."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from visualizer.widgets.files import Files
from visualizer.widgets.parts.rows import ChoiceRow
from visualizer.widgets.window import Window


def opened(qtbot: QtBot, menu: QMenu) -> QMenu:
    menu.popup(menu.parentWidget().mapToGlobal(menu.parentWidget().rect().bottomLeft()))
    qtbot.waitUntil(menu.isVisible)
    return menu


def test_down_goes_on_from_the_ticked_row(window: Window, qtbot: QtBot) -> None:
    row = window.form.rows["arrangement"]
    assert isinstance(row, ChoiceRow)
    for expected in ("padded", "per-layer"):
        menu = opened(qtbot, row.button.menu())
        active = menu.activeAction()
        assert active is not None and active.isChecked()
        qtbot.keyClick(menu, Qt.Key.Key_Down)
        qtbot.keyClick(menu, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda e=expected: window.stage.run.experiment.arrangement == e)
    assert QApplication.activePopupWidget() is None


def test_plots_that_cannot_be_shown_are_grey_and_say_why(window: Window, qtbot: QtBot) -> None:
    menu = opened(qtbot, window.plot.menu_button.menu())
    grey = {a.text(): a.toolTip() for a in menu.actions() if not a.isEnabled()}
    assert set(grey) == {"Prediction and target", "Gates", "Cliff"}
    assert "no gates" in grey["Gates"] and "no numbers" in grey["Prediction and target"]
    menu.close()
    window.stage.set("cell", "lstm")
    menu = opened(qtbot, menu)
    grey = {a.text(): "" for a in menu.actions() if not a.isEnabled()}
    assert set(grey) == {"Prediction and target", "Cliff"}
    menu.close()


def test_answers_to_the_question_before_leaving_have_letters(window: Window, qtbot: QtBot) -> None:
    letters: list[str] = []

    def read() -> None:
        question = window.files.question
        assert question is not None
        letters.extend(button.text() for button in question.buttons())
        qtbot.keyClick(question, Qt.Key.Key_D, Qt.KeyboardModifier.AltModifier)

    QTimer.singleShot(200, read)
    window.stage.set("seed", 9)
    assert Files.may_go(window.files)  # in tests the window itself does not ask
    assert sorted(letters) == ["&Cancel", "&Discard", "&Save"]
