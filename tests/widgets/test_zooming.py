"""Keys and buttons zoom about where one is: the playhead, what is selected, the middle."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.sequences import typed
from visualizer.scene import whereabouts
from visualizer.widgets.window import Window

LONG = " ".join(f"w{n % 9}" for n in range(2000))


@pytest.fixture
def far(window: Window, qtbot: QtBot) -> Window:
    """Two thousand steps as bands; the playhead is at the end."""
    window.stage.show_sequence(typed(LONG))
    qtbot.waitUntil(lambda: window.stage.film.steps == 2000)
    window.stage.look(level="auto", follow=False)
    window.canvas.fit()
    return window


def seen(window: Window) -> tuple[float, float]:
    canvas, stage = window.canvas, window.stage
    return whereabouts.in_sight(stage.sheet, stage.view, canvas.width(), canvas.height())


def go_to(window: Window, qtbot: QtBot, step: int) -> None:
    window.panels.going.open()
    window.panels.going.field.setText(str(step))
    qtbot.keyClick(window.panels.going.field, Qt.Key.Key_Return)


def share(window: Window, t: int) -> float:
    """How far from left to right of the steps' area the middle of a step stands."""
    low, high = seen(window)
    return (t + 0.5 - low) / (high - low)


@pytest.mark.parametrize("selected", [True, False])
def test_where_one_went_stays_in_sight(far: Window, qtbot: QtBot, selected: bool) -> None:
    if not selected:
        far.stage.select(None)
    go_to(far, qtbot, 1100)
    for _ in range(10):
        qtbot.keyClick(far.canvas, Qt.Key.Key_Plus)
        assert share(far, 1099) == pytest.approx(0.5, abs=0.12)
    for _ in range(5):
        qtbot.keyClick(far.canvas, Qt.Key.Key_Minus)
    assert share(far, 1099) == pytest.approx(0.5, abs=0.12)


def test_what_is_selected_stays_beside_the_middle(far: Window, qtbot: QtBot) -> None:
    go_to(far, qtbot, 1100)
    low, high = seen(far)
    far.stage.bring(low + (high - low) * 0.4, far.canvas.width(), far.canvas.height())
    before = share(far, 1099)
    assert before < 0.2
    for _ in range(12):
        far.canvas.zoom_in()
    assert 0.0 < share(far, 1099) < 0.3


def test_a_playhead_that_is_followed_comes_first(far: Window, qtbot: QtBot) -> None:
    go_to(far, qtbot, 1100)
    far.stage.move_to(1110 / 4000)
    step = far.stage.frame.step
    assert step is not None
    low, high = seen(far)
    far.stage.bring(step - 0.1 * (high - low), far.canvas.width(), far.canvas.height())
    far.stage.look(follow=True)
    before = share(far, step)
    for _ in range(6):
        far.canvas.zoom_in()
    assert share(far, step) == pytest.approx(before, abs=0.1)


def test_in_lines_it_stays_too(far: Window, qtbot: QtBot) -> None:
    far.stage.look(level="steps", wrap=0)
    far.canvas.fit()
    assert far.stage.node is not None
    far.canvas.reveal(far.stage.node._replace(t=1099))
    for _ in range(5):
        far.canvas.zoom_in()
        low, high = seen(far)
        assert low <= 1099 < high
