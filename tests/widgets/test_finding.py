"""The search field finds more than nodes and actions: choices of the form, and lessons."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from visualizer.widgets.window import Window


def test_search_sets_choices_and_opens_lessons(window: Window, qtbot: QtBot) -> None:
    finder = window.toolbar.finder
    for typed, hint in (
        ("attention", "arrangement"),
        ("recurrent", "arrangement"),
        ("gru", "cell"),
    ):
        window.toolbar.search()
        qtbot.keyClicks(finder, typed)
        assert finder.found[0].hint == hint and finder.found[0].text.lower() == typed
        qtbot.keyClick(finder, Qt.Key.Key_Return)
        experiment = window.stage.document.snapshot.experiment
        assert getattr(experiment, hint) == typed
    assert "GRU" in window.toolbar.title.toolTip()
    window.toolbar.search()
    qtbot.keyClicks(finder, "lesson gru")
    assert finder.found[0].hint == "lesson"
    qtbot.keyClicks(finder, "x" * 9)
    assert not finder.found
    finder.clear()
    qtbot.keyClicks(finder, "conv-encoder")
    qtbot.keyClick(finder, Qt.Key.Key_Return)
    assert window.stage.document.snapshot.sequence.source == "lesson conv-encoder"


def test_plots_are_found_by_their_titles(window: Window, qtbot: QtBot) -> None:
    finder = window.toolbar.finder
    window.panels.plot.want(False)
    window.toolbar.search()
    qtbot.keyClicks(finder, "course of tr")
    assert [(row.text, row.hint) for row in finder.found] == [("Course of training", "plot")]
    qtbot.keyClick(finder, Qt.Key.Key_Return)
    assert window.panels.plot.kind == "course" and window.panels.plot.isVisibleTo(window)
    window.toolbar.search()
    qtbot.keyClicks(finder, "prediction and")
    assert not finder.found  # targets are classes here
