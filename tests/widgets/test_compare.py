"""Comparing in the window: press Compare, change one of the two, look at both, undo, end it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from engine.template import Node
from tests.widgets.test_window import pixels
from visualizer.document.document import Document
from visualizer.lessons.reading import lesson
from visualizer.scene.picture import Picture, Texts
from visualizer.widgets.export import ExportDialog
from visualizer.widgets.window import Window

pytestmark = pytest.mark.window


@pytest.fixture
def compared(window: Window, qtbot: QtBot) -> Window:
    """A is an RNN, B is an LSTM and in hand."""
    qtbot.mouseClick(window.toolbar.compare, Qt.MouseButton.LeftButton)
    window.stage.set("cell", "lstm")
    qtbot.wait(50)
    window.activateWindow()  # rows that come and go take the focus away where nobody manages it
    qtbot.waitUntil(window.isActiveWindow)
    return window


def cells(document: Document) -> list[str]:
    return [part.experiment.cell for part, _ in document.parts]


def said(picture: Picture) -> set[str]:
    return {words for item in picture.items if isinstance(item, Texts) for words in item.strings}


def test_compare_doubles_and_the_new_one_is_in_hand(window: Window, qtbot: QtBot) -> None:
    assert window.form.which.isHidden() and not window.toolbar.compare.isChecked()
    before = window.stage.run
    qtbot.mouseClick(window.toolbar.compare, Qt.MouseButton.LeftButton)
    assert window.toolbar.compare.isChecked() and window.form.which.isVisible()
    assert window.stage.run is before and window.stage.sheet.hand == 1
    assert {"RNN", "RNN, the same so far"} <= said(window.canvas.picture())


def test_both_are_drawn_and_the_form_changes_the_one_in_hand(
    compared: Window, qtbot: QtBot
) -> None:
    stage = compared.stage
    assert cells(stage.document) == ["elman", "lstm"]
    assert {"RNN", "LSTM"} <= said(compared.canvas.picture())
    above = stage.document.parts[0][1]
    compared.form.rows["seed"].picked.emit("seed", 9)
    qtbot.waitUntil(lambda: stage.document.snapshot.experiment.seed == 9)
    assert [p.experiment.seed for p, _ in stage.document.parts] == [3, 9]
    assert stage.document.parts[0][1] is above, "only the one that changed is computed anew"
    assert "LSTM, seed 9" in said(compared.canvas.picture())


def test_a_click_takes_the_other_in_hand(compared: Window, qtbot: QtBot) -> None:
    stage, canvas = compared.stage, compared.canvas
    sheet = stage.sheet
    sight = sheet.sights(stage.view, canvas.width(), canvas.height())[0]
    pane = sheet.panes(stage.view, canvas.width(), canvas.height())[0]
    mark = next(m for m in sight.layout.marks if m.kind == "box" and m.segment == 0)
    at = QPoint(round(sight.x(1, mark.x)), round(pane.y + sight.y(mark.y)))
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert stage.sheet.hand == 0 and stage.document.snapshot.experiment.cell == "elman"
    assert stage.selection == Node(mark.segment, 1, mark.slot)
    assert compared.form.rows["cell"].setting.name == "cell"
    assert compared.form.which.lines[0].isChecked()
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(200, canvas.height() // 2 + 40))
    assert stage.sheet.hand == 1, "beside everything, too"
    qtbot.mouseClick(compared.form.which.lines[0], Qt.MouseButton.LeftButton)
    assert stage.sheet.hand == 0
    qtbot.keyClick(canvas, Qt.Key.Key_B)
    assert stage.sheet.hand == 1
    assert compared.stage.document.undo_label == "cell", "turning is no step of undo"


def test_undo_takes_back_the_cell_and_then_the_comparison(compared: Window) -> None:
    document = compared.stage.document
    compared.undo()
    assert cells(document) == ["elman", "elman"]
    compared.undo()
    assert cells(document) == ["elman"] and not compared.toolbar.compare.isChecked()
    compared.redo()
    compared.redo()
    assert cells(document) == ["elman", "lstm"] and compared.toolbar.compare.isChecked()


def test_ending_it_keeps_the_one_in_hand(compared: Window, qtbot: QtBot) -> None:
    qtbot.keyClick(compared.canvas, Qt.Key.Key_C)
    assert cells(compared.stage.document) == ["lstm"]
    assert compared.form.which.isHidden() and not compared.toolbar.compare.isChecked()


def test_one_playhead_moves_both(compared: Window, qtbot: QtBot) -> None:
    stage, player = compared.stage, compared.player
    player.to_start()
    assert [frame.done for frame in stage.frames] == [0, 0]
    seen = []
    for _ in range(5):
        seen.append([frame.step for frame in stage.frames])
        player.next_step()
    assert seen == [[t, t] for t in range(5)]
    player.previous_step()
    assert [frame.step for frame in stage.frames] == [4, 4]
    for _ in range(3):
        player.next_event()
    assert stage.done == stage.sheet.clock.next_step(stage.done, -1) + 3  # type: ignore[union-attr]
    player.to_end()
    assert [f.done for f in stage.frames] == [film.events for film in stage.sheet.films]
    assert compared.transport.counter.text() == f"event {stage.events} / {stage.events}"


def test_it_plays_and_what_is_shown_equals_a_fresh_painting(compared: Window, qtbot: QtBot) -> None:
    compared.player.to_start()
    compared.player.set_speed(16.0)
    qtbot.keyClick(compared.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: compared.stage.position > 0.05)
    compared.player.stop()
    shown = pixels(compared.canvas)
    for kept in compared.canvas._painted._stills:
        kept.__init__()  # type: ignore[misc]
    assert np.array_equal(pixels(compared.canvas), shown)


def test_the_plot_is_logarithmic_while_two_are_compared(window: Window) -> None:
    assert window.plot.scale == "linear"
    window.stage.compare()
    assert (window.plot.kind, window.plot.scale) == ("norms", "log")
    assert window.plot.chosen == "norms linear"
    window.stage.compare()
    assert window.plot.scale == "linear"
    window.plot.pick("jacobian", "log")
    window.stage.compare()
    assert window.plot.chosen == "jacobian log"
    window.stage.compare()
    assert window.plot.kind == "jacobian"


def test_zoom_and_drag_move_both(compared: Window, qtbot: QtBot) -> None:
    stage, canvas = compared.stage, compared.canvas
    canvas.zoom_in()
    canvas.stretch()
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(600, 300))
    qtbot.mouseMove(canvas, QPoint(500, 320))
    qtbot.mouseMove(canvas, QPoint(450, 330))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(450, 330))
    assert stage.view.origin[0] > 0
    first, second = stage.sheet.sights(stage.view, canvas.width(), canvas.height())
    assert first.edge(2) == pytest.approx(second.edge(2), abs=1e-6)


def test_the_dialog_exports_what_is_seen(compared: Window, qtbot: QtBot) -> None:
    dialog = ExportDialog(compared.stage, compared)
    qtbot.addWidget(dialog)
    assert {"RNN", "LSTM"} <= said(dialog.picture())
    dialog.figure.setCurrentIndex(dialog.figure.findData("norms"))
    assert {"A  RNN", "B  LSTM"} <= said(dialog.picture())


def test_a_session_with_two_opens_with_two(
    compared: Window, tmp_path: object, qtbot: QtBot
) -> None:
    document = compared.stage.document
    place = document.save(f"{tmp_path}/two.unrolled")
    compared.stage.compare()
    assert compared.files.open_path(place)
    assert cells(document) == ["elman", "lstm"] and compared.form.which.isVisible()
    assert compared.stage.sheet.hand == 1


def test_a_new_sequence_is_for_both(compared: Window) -> None:
    compared.stage.show_sample("nile")
    assert {film.steps for film in compared.stage.sheet.films} == {99}
    assert compared.stage.sheet.fitted(900, 600, "auto", 0, None) is not None


def test_two_variants_of_a_lesson(window: Window, qtbot: QtBot) -> None:
    """Open the lesson, press Compare, press another variant: that one is B."""
    room = window.lessons.room
    room.open("gated")
    window.stage.compare()
    room.switch(2)
    both = [part.experiment.forget_bias for part, _ in window.stage.document.parts]
    biases = [variant.settings.get("forget_bias", 0) for variant in lesson("gated").variants]
    assert both == [biases[0], biases[2]] == [0, 2] and window.plot.scale == "log"
    first, second = window.stage.document.parts
    assert first[0].sequence is second[0].sequence, "a new one would be for both"
    window.undo()
    assert window.stage.comparing, "the variant alone is taken back"


@pytest.mark.parametrize("width", [1280, 1366, 1440, 1600])
@pytest.mark.parametrize("lesson_id", ["conv-lstm", "shared"])
def test_no_word_of_the_toolbar_is_cut(
    window: Window, qtbot: QtBot, width: int, lesson_id: str
) -> None:
    window.stage.document.replace(lesson(lesson_id).snapshot())
    window.stage.compare()
    window.resize(width, 720)
    qtbot.wait(60)
    bar = window.toolbar
    shown = [*bar.cells.buttons(), bar.fold.press, bar.compare, bar.export, bar.lessons]
    for button in shown:
        if button.isVisible():
            assert button.width() >= button.sizeHint().width(), button.text()
    assert bar.compare.accessibleName() == "Compare"
