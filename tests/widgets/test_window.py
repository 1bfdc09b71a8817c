"""The window as somebody uses it: type, play, scrub, click, change, undo, save, open again."""

from __future__ import annotations

import operator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QSettings, Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from engine.template import Node
from tests.widgets.conftest import document_of
from visualizer.widgets.actions import ACTIONS, Action
from visualizer.widgets.files import Answer
from visualizer.widgets.keys import GESTURES, Keys
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.rows import NumberRow
from visualizer.widgets.parts.selection import Parameter, find, name_of
from visualizer.widgets.window import Window

pytestmark = pytest.mark.window
ASKING = (
    "open",
    "save-as",
    "save",
    "export",
    "quit",
    "keys",
    "menu",
)  # these open dialogs or close


def pixels(widget: QWidget) -> np.ndarray:  # type: ignore[type-arg]
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows.copy()


def selected(window: Window) -> str:
    return name_of(window.stage.run.recording.network, window.stage.selection)


@pytest.mark.parametrize("row", ACTIONS, ids=lambda a: a.id)
def test_what_an_action_names_exists(window: Window, row: Action) -> None:
    assert callable(operator.attrgetter(row.does)(window))
    if row.state:
        assert operator.attrgetter(row.state)(window) in (True, False)


def test_every_action_can_be_done(window: Window, faults: list[BaseException]) -> None:
    for row in ACTIONS:
        if row.id not in ASKING:
            window.actions_by_id[row.id].trigger()
            QApplication.sendPostedEvents()
    assert not faults


def test_a_first_start_is_ready_to_play(window: Window) -> None:
    assert window.stage.document.title == "I think therefore I am"
    assert window.stage.position == 0.0 and not window.player.playing
    assert selected(window) == "h₃"
    assert not window.isWindowModified()


def test_space_plays_and_the_timeline_scrubs_both_ways(window: Window, qtbot: QtBot) -> None:
    qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.stage.position > 0.004)
    assert window.player.playing
    line = window.transport.timeline
    y = 10
    for x in (line.width() - 12, 20):
        qtbot.mousePress(line, Qt.MouseButton.LeftButton, pos=QPoint(x, y))
        qtbot.mouseRelease(line, Qt.MouseButton.LeftButton, pos=QPoint(x, y))
        assert window.stage.position == pytest.approx(line.position_at(x))
    assert not window.player.playing


def test_a_drag_of_a_slider_is_shown_live_and_undone_at_once(window: Window, qtbot: QtBot) -> None:
    row = window.form.rows["hidden"]
    assert isinstance(row, NumberRow) and row.slider is not None
    for value in (9, 10, 12):
        row.slider.setValue(value - 1)
        qtbot.waitUntil(lambda v=value: window.stage.run.experiment.hidden == v)
    row.slider.sliderReleased.emit()
    qtbot.wait(5)
    window.actions_by_id["undo"].trigger()
    assert window.stage.run.experiment.hidden == 8 and row.edit.text() == "8"
    window.actions_by_id["redo"].trigger()
    assert window.stage.run.experiment.hidden == 12


def test_settings_without_a_meaning_are_hidden(window: Window, qtbot: QtBot) -> None:
    rows = window.form.rows
    assert not rows["nonlinearity"].isHidden() and rows["forget_bias"].isHidden()
    window.toolbar.cells.button(2).click()
    assert window.stage.run.experiment.cell == "lstm"
    assert rows["nonlinearity"].isHidden() and not rows["forget_bias"].isHidden()
    assert selected(window) == "h₃"


def test_a_typed_sentence_runs_while_it_is_typed(window: Window, qtbot: QtBot) -> None:
    window.sequence.text.setPlainText("to be or not to be that is")
    qtbot.waitUntil(lambda: window.stage.run.recording.steps == 8)
    window.sequence.text.setPlainText("")
    qtbot.wait(320)
    assert window.stage.run.recording.steps == 8
    assert "two words" in window.sequence.about.text()
    window.sequence.text.setPlainText("a b c\nd e")
    qtbot.waitUntil(lambda: window.stage.run.batch.size == 2)
    assert not window.canvas.overlay.sequence.isHidden()


def test_refused_values_become_a_banner_and_change_nothing(window: Window, qtbot: QtBot) -> None:
    row = window.form.rows["hidden"]
    assert isinstance(row, NumberRow)
    row.edit.setFocus()
    row.edit.selectAll()
    qtbot.keyClicks(row.edit, "0")
    qtbot.keyClick(row.edit, Qt.Key.Key_Return)
    assert "Hidden units must be 1..4096" in window.banner.words.text()
    assert not window.banner.isHidden() and row.edit.text() == "8"
    row.edit.selectAll()
    qtbot.keyClicks(row.edit, "11")
    qtbot.keyClick(row.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.stage.run.experiment.hidden == 11)
    assert window.banner.isHidden()


def test_a_number_of_a_matrix_is_typed_over_and_taken_back(window: Window, qtbot: QtBot) -> None:
    window.stage.select(Parameter("W_hh"))
    qtbot.waitUntil(lambda: window.inspector.parameter_page.facts is not None)
    before = window.stage.run.recording.loss
    cells = window.inspector.parameter_page.matrix
    cells.open_editor(1)
    cells.editor.setText("2.5")
    qtbot.keyClick(cells.editor, Qt.Key.Key_Return)
    assert window.stage.run.recording.parameters["W_hh"][0, 1] == 2.5
    assert window.stage.run.recording.loss != before
    cells.open_editor(0)
    cells.editor.setText("much")
    qtbot.keyClick(cells.editor, Qt.Key.Key_Return)
    assert not cells.editor.isHidden() and cells.editor.property("tone") == "wrong"
    window.undo()
    assert window.stage.run.recording.loss == before


def test_h0_is_typed_over(window: Window, qtbot: QtBot) -> None:
    network = window.stage.run.recording.network
    k = network.segments[0].index("h")
    window.stage.select(Node(0, -1, k))
    qtbot.waitUntil(lambda: window.inspector.node_page.value.editable)
    window.inspector.node_page.value.open_editor(2)
    editor = window.inspector.node_page.value.editor
    editor.setText("0.75")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert window.stage.run.recording.initial["h0"][0, 0, 2] == 0.75


def test_search_goes_to_nodes_and_does_actions(window: Window, qtbot: QtBot) -> None:
    finder = window.toolbar.finder
    window.toolbar.search()
    qtbot.keyClicks(finder, "z2")
    assert finder.found[0].text == "z₂"
    qtbot.keyClick(finder, Qt.Key.Key_Return)
    assert selected(window) == "z₂"
    window.toolbar.search()
    qtbot.keyClicks(finder, "dark")
    qtbot.keyClick(finder, Qt.Key.Key_Return)
    assert look().dark
    window.toggle_theme()


def test_a_loss_is_switched_off_and_on(window: Window) -> None:
    before = window.stage.run.recording.loss
    window.stage.toggle_loss(2)
    assert window.stage.run.recording.loss < before
    assert window.stage.run.recording.loss_weights[2, 0] == 0
    window.stage.restore_losses()
    assert window.stage.run.recording.loss == before


def test_dropped_files_open_and_bad_ones_become_a_banner(window: Window, tmp_path: Path) -> None:
    good, bad = tmp_path / "s.json", tmp_path / "b.csv"
    good.write_text(str(list(range(12))))
    bad.write_text("a,b\n1,2\n3\n")
    for path, steps in ((good, 11), (bad, 11)):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        window.files.drop(data)
        assert window.stage.run.recording.steps == steps
    assert "b.csv" in window.banner.words.text()


def test_saved_closed_and_opened_again_it_is_the_same_picture(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    stage = window.stage
    stage.set("cell", "lstm")
    stage.edit("W", (0, 0), 0.5)
    stage.move_to(0.7)
    assert window.isWindowModified()
    path = tmp_path / "kept.unrolled"
    stage.document.save(path)
    assert not window.isWindowModified()
    shown, loss = pixels(window.canvas), stage.run.recording.loss
    other = Window(document_of("something else altogether"))
    qtbot.addWidget(other)
    other.resize(window.size())
    with qtbot.waitExposed(other):
        other.show()
    assert other.files.open_path(path)
    other.canvas.resize(window.canvas.size())
    assert other.stage.run.recording.loss == loss
    assert np.array_equal(pixels(other.canvas), shown)


def test_what_is_unsaved_is_asked_about(
    qtbot: QtBot, faults: list[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = Window(document_of())
    qtbot.addWidget(window)
    window.stage.set("seed", 9)
    answers = [Answer.Cancel]
    monkeypatch.setattr(window.files, "_ask", lambda: answers.pop() if answers else Answer.Discard)
    assert not window.close()
    assert window.close()


def test_panels_come_back_as_they_were_left(window: Window, qtbot: QtBot) -> None:
    window.toggle_inspector()
    window.toggle_plot()
    window.close()
    again = Window(document_of())
    qtbot.addWidget(again)
    assert not again.inspector_shown and again.model_shown and not again.plot.wanted
    assert QSettings().value("geometry") is not None


def test_keys_are_listed(window: Window, qtbot: QtBot) -> None:
    window.show_keys()
    shown = window.findChild(Keys)
    assert shown is not None
    said = {label.text() for label in shown.findChildren(QLabel)}
    assert {row.text.rstrip("…") for row in ACTIONS if row.keys} <= said
    assert {words for _, words in GESTURES} <= said
    assert shown.sizeHint().height() <= 700 and shown.sizeHint().width() <= 1366


def test_nothing_jumps_while_it_plays(window: Window, qtbot: QtBot) -> None:
    def places() -> list[tuple[int, int, int, int]]:
        page = window.inspector.node_page
        watched = (window.transport.counter, page.delta, page.ledger, page.shares, window.plot)
        return [w.geometry().getRect() for w in watched]  # type: ignore[misc]

    window.player.to_start()
    qtbot.wait(120)
    first = places()
    for position in (0.2, 0.45, 0.6, 0.8, 1.0):
        window.stage.move_to(position)
        qtbot.wait(90)
        assert places() == first


def test_a_number_that_changes_changes_the_picture(window: Window, qtbot: QtBot) -> None:
    window.player.to_end()
    qtbot.waitUntil(lambda: window.inspector.equation.ready)
    qtbot.waitUntil(lambda: window.inspector.node_page.check.row is not None)
    qtbot.wait(120)
    before = [pixels(w) for w in (window.canvas, window.plot, window.inspector)]
    window.stage.edit("W_hh", (0, 0), -1.5)
    qtbot.wait(120)
    after = [pixels(w) for w in (window.canvas, window.plot, window.inspector)]
    assert all(not np.array_equal(a, b) for a, b in zip(before, after))
    window.undo()

    def back() -> bool:
        now = [pixels(w) for w in (window.canvas, window.plot, window.inspector)]
        return all(np.array_equal(a, b) for a, b in zip(before, now))

    qtbot.waitUntil(back, timeout=20_000)


@pytest.mark.parametrize("cell", ("elman", "gru"))
def test_nothing_in_the_panels_is_cut_off(window: Window, qtbot: QtBot, cell: str) -> None:
    stage = window.stage
    stage.set("cell", cell)
    stage.set("layers", 2)
    network = stage.run.recording.network
    every = [Node(g, 1, k) for g, s in enumerate(network.segments) for k in range(len(s.slots))]
    every += [n._replace(t=-1) for n in every if network.slot(n.segment, n.slot).initial]
    for selection in [*every, *map(Parameter, network.parameters)]:
        stage.select(selection)
        qtbot.wait(20)
        inspector = window.inspector
        assert inspector.widget().width() <= inspector.viewport().width(), selected(window)
    assert window.form.width() <= window.model_dock.width()


def test_symbols_follow_the_chosen_map(window: Window, qtbot: QtBot) -> None:
    window.stage.set("cell", "lstm")
    network = window.stage.run.recording.network
    window.stage.select(find(network, "a3")[0])
    for symbols, symbol in (("textbook", "c_{3}"), ("pytorch", "c_{3}"), ("lecture", "a_{3}")):
        window.stage.look(symbols=symbols)
        qtbot.waitUntil(lambda s=symbol: window.inspector.symbol.text == s)
        assert window.inspector.equation.latex.startswith(symbol[0])


def test_habits_are_kept(window: Window, qtbot: QtBot) -> None:
    window.plot.pick("norms", "log")
    window.player.set_speed(4.0)
    window.form.folds["Gradient"].heading.click()
    window.close()
    again = Window(document_of())
    qtbot.addWidget(again)
    assert again.plot.logarithmic and again.player.speed == 4.0
    assert again.form.folded == ["Gradient"]


def test_return_in_a_number_gives_the_keys_back_to_the_graph(window: Window, qtbot: QtBot) -> None:
    row = window.form.rows["hidden"]
    assert isinstance(row, NumberRow)
    row.edit.setFocus()
    row.edit.selectAll()
    qtbot.keyClicks(row.edit, "f12x")
    assert row.edit.text() == "12"
    qtbot.keyClick(row.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.stage.run.experiment.hidden == 12)
    assert window.canvas.hasFocus() and row.edit.text() == "12"


def test_given_numbers_are_typed_over_marked_and_given_back(window: Window, qtbot: QtBot) -> None:
    h0 = window.stage.selection
    assert isinstance(h0, Node)
    window.stage.select(h0._replace(t=-1))
    page = window.inspector.node_page
    qtbot.waitUntil(lambda: window.inspector.words.text() == "initial state · given")
    assert not page.hint.isHidden() and "tanh" not in window.inspector.equation.latex
    for text, marked in (("abc", set()), ("0.5", {2}), ("", set())):
        page.value.open_editor(2)
        page.value.editor.setText(text)
        qtbot.keyClick(page.value.editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda m=marked: page.value.marked == m)
        assert bool(window.stage.document.snapshot.edits) == bool(marked)
