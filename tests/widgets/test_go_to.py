"""Going to a step by its number, and to another level, with keys alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.sequences import typed
from visualizer.scene import whereabouts
from visualizer.scene.compose import level_of_view
from visualizer.widgets.window import Window

LONG = " ".join(f"w{n % 9}" for n in range(200))


@pytest.fixture
def far(window: Window, qtbot: QtBot) -> Window:
    """Two hundred steps, a few of them in sight."""
    window.stage.show_sequence(typed(LONG))
    qtbot.waitUntil(lambda: window.stage.film.steps == 200)
    window.stage.look(level="tensors")
    window.canvas.fit()
    return window


def test_a_number_and_enter_go_there(far: Window, qtbot: QtBot) -> None:
    qtbot.keyClick(far.canvas, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    going = far.panels.going
    assert going.isVisible() and going.field.hasFocus() and going.words.text() == "of 200"
    qtbot.keyClicks(going.field, "150")
    qtbot.keyClick(going.field, Qt.Key.Key_Return)
    assert going.isHidden() and far.canvas.hasFocus()
    size = (far.canvas.width(), far.canvas.height())
    low, high = whereabouts.in_sight(far.stage.sheet, far.stage.view, *size)
    assert (low + high) / 2 == pytest.approx(149.5, abs=0.1)
    assert far.stage.node is not None and far.stage.node.t == 149


def test_from_far_away_one_comes_near(far: Window, qtbot: QtBot) -> None:
    far.stage.look(level="auto")
    far.canvas.fit()
    size = (far.canvas.width(), far.canvas.height())
    low, high = whereabouts.in_sight(far.stage.sheet, far.stage.view, *size)
    assert high - low >= 199.9
    far.panels.going.open()
    far.panels.going.field.setText("120")
    qtbot.keyClick(far.panels.going.field, Qt.Key.Key_Return)
    low, high = whereabouts.in_sight(far.stage.sheet, far.stage.view, *size)
    assert high - low < 150 and (low + high) / 2 == pytest.approx(119.5, abs=0.2)


@pytest.mark.parametrize("typed", ["0", "201", "2000", "", "x"])
def test_there_are_no_other_steps(far: Window, qtbot: QtBot, typed: str) -> None:
    before = far.stage.view
    far.panels.going.open()
    field = far.panels.going.field
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert far.panels.going.isVisible() and far.stage.view == before
    assert far.panels.going.words.text() == "must be 1..200"
    qtbot.keyClicks(field, "7")
    assert far.panels.going.words.text() == "of 200"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert far.panels.going.isHidden()


def test_a_formula_has_no_steps(window: Window, qtbot: QtBot) -> None:
    window.stage.set("arrangement", "expression")
    qtbot.waitUntil(lambda: window.stage.sheet.timeless)
    window.panels.going.open()
    assert window.panels.going.isHidden()
    assert "no steps to go to" in window.banner.words.text()


def test_keys_walk_through_the_levels(far: Window, qtbot: QtBot) -> None:
    seen = []
    for _ in range(4):
        seen.append(level_of_view(far.stage.sheet, far.stage.view))
        qtbot.keyClick(far.canvas, Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    assert seen == ["tensors", "steps", "bands", "bands"]
    for _ in range(5):
        qtbot.keyClick(far.canvas, Qt.Key.Key_D)
    assert far.stage.view.level == "numbers"


def test_levels_are_found_by_name(far: Window) -> None:
    found = far.panels.finding.choices("named tensors")
    assert found and found[0].text == "Level: named tensors"
    far.panels.finding.choices("bands")[0].does()
    assert far.stage.view.level == "bands"


def test_two_graphs_are_shown_at_levels_that_both_have(window: Window, qtbot: QtBot) -> None:
    window.stage.compare()
    window.stage.set("arrangement", "expression")
    qtbot.waitUntil(lambda: any(film.timeless for film in window.stage.sheet.films))
    window.stage.look(level="steps")
    for _ in range(6):
        window.canvas.overlay.more()
        window.canvas.overlay.less()
        window.canvas.overlay.less()
    assert window.stage.view.level == "bands"
