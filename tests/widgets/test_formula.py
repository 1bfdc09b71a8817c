"""A formula in the window: typed, played, typed over, refused; nothing of time is left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.paths import variables_of
from engine.sequences import typed
from engine.template import Node
from tests.widgets.test_window import ASKING
from visualizer.scene.compose import compose, fit
from visualizer.scene.picture import Texts
from visualizer.widgets.actions import ACTIONS
from visualizer.widgets.window import Window

LECTURE = ("x = 2", "h(x) = x**2", "g(x, y) = x*y + tanh(y)", "f = g(x, h(x))")


def turned(window: Window, qtbot: QtBot, text: tuple[str, ...] = LECTURE, **settings) -> Window:
    """The window on a formula, at the end of its film."""
    stage = window.stage
    wanted = stage.document.snapshot.with_settings(arrangement="expression", **settings)
    stage.document.change(wanted.with_sequence(typed(text)), "formula")
    stage.move_to(1.0)
    qtbot.wait(120)
    return window


def names(window: Window) -> list[str]:
    return [slot.name for slot in window.stage.run.network.segments[0].slots]


def test_the_arrangement_expression_brings_a_formula_and_takes_it_away(
    window: Window, qtbot: QtBot
) -> None:
    before = window.sequence.text.toPlainText()
    assert window.stage.set("arrangement", "expression")
    qtbot.wait(50)
    assert window.sequence.text.toPlainText() == "\n".join(LECTURE)
    assert window.form.folds["Sequence"].heading.text() == "FORMULA"
    assert window.plot.isHidden() and window.plot.wanted
    assert window.toolbar.fold.isHidden()
    shown = {name for name, row in window.form.rows.items() if not row.isHidden()}
    assert shown == {"arrangement", "rule", "zeroing", "dtype"}
    assert window.form.folds["Parameters"].isHidden() and window.sequence.samples.isHidden()
    assert window.stage.selection == Node(0, 0, 0)
    assert window.stage.set("arrangement", "recurrent")
    qtbot.wait(50)
    assert not window.plot.isHidden() and not window.toolbar.fold.isHidden()
    assert window.form.folds["Sequence"].heading.text() == "SEQUENCE"
    window.undo()
    window.undo()
    assert window.sequence.text.toPlainText() == before


def test_a_formula_runs_while_it_is_typed(window: Window, qtbot: QtBot) -> None:
    turned(window, qtbot)
    window.sequence.text.setFocus()
    window.sequence.text.moveCursor(window.sequence.text.textCursor().MoveOperation.End)
    qtbot.keyClicks(window.sequence.text, " + 10*x")
    qtbot.waitUntil(lambda: window.stage.run.recording.loss > 20, timeout=3000)
    assert "6 operations · 1 variable" in window.sequence.about.text()


def test_a_wrong_formula_is_said_under_the_text_and_changes_nothing(
    window: Window, qtbot: QtBot
) -> None:
    turned(window, qtbot)
    loss = window.stage.run.recording.loss
    window.sequence.text.setPlainText("x = 2\ny = x*zz")
    qtbot.waitUntil(lambda: "unknown name zz" in window.sequence.about.text(), timeout=3000)
    assert window.stage.run.recording.loss == loss
    window.sequence.text.setPlainText("x = 0\n1/x")
    qtbot.waitUntil(lambda: "division by zero" in window.banner.words.text(), timeout=3000)
    assert window.stage.run.recording.loss == loss
    assert window.sequence.text.toPlainText() == "x = 0\n1/x"  # what was typed stays


def test_the_second_variable_is_typed_over(window: Window, qtbot: QtBot) -> None:
    turned(window, qtbot, ("a = 3", "w = [1, 2]", "b = 4", "f = a*b + sum(w)"))
    window.stage.select(Node(0, 0, names(window).index("b")))
    qtbot.wait(50)
    window.inspector._type_node(0, 5.0)
    assert window.stage.run.recording.loss == 18.0
    assert window.stage.document.undo_label == "b"
    window.stage.select(Node(0, 0, names(window).index("w")))
    qtbot.wait(50)
    window.inspector._type_node(1, 7.0)
    assert window.stage.run.recording.loss == 23.0
    qtbot.wait(50)
    assert window.inspector.node_page.value.marked == {1}
    window.undo()
    window.undo()
    assert window.stage.run.recording.loss == 15.0


def test_typing_a_variable_to_a_division_by_zero_is_refused(window: Window, qtbot: QtBot) -> None:
    turned(window, qtbot, ("x = 2", "1/x"))
    window.inspector._type_node(0, 0.0)
    assert "division by zero in 1 / x: x is 0" in window.banner.words.text()
    assert window.stage.run.recording.loss == 0.5


def test_the_paths_of_a_variable_are_listed_when_its_delta_is_complete(
    window: Window, qtbot: QtBot
) -> None:
    turned(window, qtbot)
    page = window.inspector.node_page
    assert page.paths.isVisible()
    assert page.paths.rows.text().count("<tr>") == 3
    assert "x → h → u → f" in page.paths.rows.text() and "4 · 2 · 1" in page.paths.rows.text()
    assert page.paths.total.text() == "sum 12.005"
    window.stage.move_to(0.5)
    qtbot.wait(120)
    assert page.paths.total.text() == "waits until δ is complete"
    assert "4 · 2" not in page.paths.rows.text()
    window.stage.select(Node(0, 0, 1))
    qtbot.wait(120)
    assert page.paths.isHidden()


def test_overwriting_is_said_under_the_paths(window: Window, qtbot: QtBot) -> None:
    turned(window, qtbot, ("x = 3", "x + x"), rule="overwrite")
    total = window.inspector.node_page.paths.total.text()
    assert total == "sum 2\noverwritten, the last is left: 1"


def test_overwriting_replaces_what_was_there(window: Window, qtbot: QtBot) -> None:
    """x reaches f = x + 3x by 1 and by 3; what comes last is the 1."""
    turned(window, qtbot, ("x = 3", "u = 3*x", "x + u"), rule="overwrite")
    page = window.inspector.node_page
    window.stage.select(Node(0, 0, 0))
    qtbot.waitUntil(lambda: page.facts is not None and page.facts.node.slot == 0)
    facts = page.facts
    assert facts is not None and facts.delta is not None and facts.true is not None
    variable = variables_of(window.stage.run.recording)[0]
    assert facts.delta.tolist() == variable.gradient.tolist() != variable.delta.tolist()
    assert facts.true.tolist() == [4.0]
    assert [a.state for a in facts.arrivals] == ["replaced", "arrived"]
    shown = [row for row in page.ledger.rows if row.isVisible()]
    assert [row.norm.font().strikeOut() for row in shown] == [True, False]
    assert page.ledger.sum.norm.text() == shown[1].norm.text() == f"{variable.gradient[0]:g}"
    assert page.delta_head.aside.text == "Σ = 4"
    film = window.stage.film
    drawn = compose(film, film.frame_at(1.0), fit(film, 900, 600), 900, 600)
    gone = [i for i in drawn.items if getattr(i, "style", "") == "edge-dashed"]
    assert len(gone) == 1, "the edge of what was replaced"
    strips = [i for i in drawn.items if isinstance(i, Texts) and "graph-number" in i.style]
    told = [text for item in strips for text in item.strings]
    assert f"{variable.gradient[0]:g}" in told and "4" not in told


def test_single_numbers_keep_their_sign_in_the_ledger(window: Window, qtbot: QtBot) -> None:
    turned(window, qtbot, ("x = 3", "2*x - x*x"))
    rows = window.inspector.node_page.ledger.rows
    assert {row.norm.text() for row in rows if row.isVisible()} == {"−3", "2"}
    assert window.inspector.node_page.ledger.sum.norm.text() == "−4"


def test_it_is_walked_searched_and_played_without_a_fault(window: Window, qtbot: QtBot) -> None:
    turned(window, qtbot)
    window.canvas.clearFocus()
    window.canvas.setFocus(Qt.FocusReason.TabFocusReason)
    for key, wanted in ((Qt.Key.Key_Right, "h"), (Qt.Key.Key_Right, "u"), (Qt.Key.Key_Left, "x")):
        qtbot.keyClick(window.canvas, key)
        assert window.stage.node is not None
        if wanted != "h":
            continue
        assert names(window)[window.stage.node.slot] in ("h", "u")
    for level in ("numbers", "ops", "tensors", "steps", "bands", "auto"):
        window.stage.look(level=level)
        window.canvas.grab()
    offered = [a.data() for a in window.panels.level_menu.actions() if a.isVisible()]
    assert offered == ["auto", "numbers", "ops", "tensors"]
    for event in range(window.stage.events + 1):
        window.stage.move_to_event(event)
        window.canvas.grab()
    window.toggle_plot()
    assert window.plot.isHidden()


@pytest.mark.parametrize("text", [("x = 3", "x + x"), ("w = [1, 2, 3]", "mean(w*w)"), ("x = 1",)])
def test_small_formulas_are_painted(window: Window, qtbot: QtBot, text: tuple[str, ...]) -> None:
    turned(window, qtbot, text)
    assert not window.canvas.grab().isNull()


def test_every_action_can_be_done_on_a_formula(
    window: Window, qtbot: QtBot, faults: list[BaseException]
) -> None:
    turned(window, qtbot)
    for row in ACTIONS:
        if row.id not in ASKING:
            window.actions_by_id[row.id].trigger()
            QApplication.sendPostedEvents()
            window.canvas.grab()
    assert not faults
