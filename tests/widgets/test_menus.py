"""Menus of which one row is ticked: the arrow keys begin there; what cannot be had is grey."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from visualizer.plots.table import PLOTS
from visualizer.widgets.files import Files
from visualizer.widgets.parts.plot_menu import PlotMenu
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


def grey_plots(window: Window, qtbot: QtBot) -> dict[str, str]:
    """Those that cannot be shown, and why."""
    menu = opened(qtbot, window.plot.menu)
    assert isinstance(menu, PlotMenu)
    found = {a.text(): a.toolTip() for a in menu.plots.actions() if not a.isEnabled()}
    menu.close()
    return found


def test_plots_that_cannot_be_shown_are_grey_and_say_why(window: Window, qtbot: QtBot) -> None:
    grey = grey_plots(window, qtbot)
    assert set(grey) == {"Prediction and target", "Gates", "Cliff"}
    assert "no gates" in grey["Gates"] and "no numbers" in grey["Prediction and target"]
    window.stage.set("cell", "lstm")
    assert set(grey_plots(window, qtbot)) == {"Prediction and target", "Cliff"}


def test_plots_stand_in_few_groups(window: Window) -> None:
    """No menu is longer than one can look over, every plot is in one, and what is shown is
    ticked."""
    menu, plot = window.plot.menu, window.plot
    assert len(menu.actions()) <= 8 and all(len(g.actions()) <= 6 for g in menu.groups.values())
    ids = [a.data() for group in menu.groups.values() for a in group.actions()]
    assert sorted(ids) == sorted(PLOTS)
    for kind in PLOTS:
        next(a for a in menu.plots.actions() if a.data() == kind).trigger()
        assert plot.kind == kind
        ticked = [a.text() for a in menu.actions() if a.isChecked()]
        assert ticked[0] == PLOTS[kind].group and len(ticked) == 2


def test_the_scale_is_chosen_apart_from_the_plot(window: Window) -> None:
    menu, plot = window.plot.menu, window.plot
    linear, log = menu.scales.actions()
    assert linear.isChecked() and log.isEnabled()
    log.trigger()
    assert (plot.kind, plot.scale) == ("norms", "log") and log.isChecked()
    plot.pick("losses")
    assert linear.isChecked() and not log.isEnabled()


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
