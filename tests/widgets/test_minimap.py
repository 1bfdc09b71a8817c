"""The strip of the whole sequence in the window: when it is there, hand and keys on it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from engine.sequences import typed
from visualizer.scene import minimap as scene
from visualizer.scene.wrapping import lines_of
from visualizer.widgets.window import Window

LONG = " ".join(f"w{n % 9}" for n in range(300))
MIDDLE = int(scene.HEIGHT / 2)


@pytest.fixture
def far(window: Window, qtbot: QtBot) -> Window:
    """Three hundred steps, a few of them in sight."""
    window.stage.show_sequence(typed(LONG))
    qtbot.waitUntil(lambda: window.stage.film.steps == 300)
    window.stage.look(level="tensors")
    window.canvas.fit()
    qtbot.waitUntil(window.minimap.isVisible)
    return window


def low(window: Window) -> float:
    return window.minimap.in_sight()[0]


def test_it_is_there_while_something_is_out_of_sight(window: Window, qtbot: QtBot) -> None:
    assert not window.minimap.isVisible()
    window.canvas.zoom_in()
    window.canvas.zoom_in()
    qtbot.waitUntil(window.minimap.isVisible)
    window.canvas.fit()
    qtbot.waitUntil(lambda: not window.minimap.isVisible())


def test_another_cell_with_wider_steps_leaves_it_away(window: Window, qtbot: QtBot) -> None:
    height = window.canvas.height()
    window.stage.set("cell", "lstm")
    qtbot.waitUntil(lambda: window.stage.run.experiment.cell == "lstm")
    qtbot.wait(20)
    assert window.minimap.isHidden() and not window.minimap.isVisible()
    assert window.canvas.height() == height


def test_it_comes_and_goes_only_once(far: Window, qtbot: QtBot) -> None:
    seen = []
    far.stage.looked.connect(lambda: seen.append(far.minimap.isVisible()))
    for width in range(1300, 1600, 30):
        far.resize(width, 900)
        qtbot.wait(1)
    assert far.minimap.isVisible() and seen.count(False) == 0


def test_a_click_goes_there_and_a_drag_moves_on(far: Window, qtbot: QtBot) -> None:
    strip, track = far.minimap, far.minimap.track
    wide = strip.in_sight()[1] - strip.in_sight()[0]
    place = QPoint(round(track.x(150.0)), MIDDLE)
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=place)
    assert low(far) == pytest.approx(150.0 - wide / 2, abs=1.0)
    assert not far.stage.fitted
    qtbot.mouseMove(strip, QPoint(place.x() + 60, MIDDLE))
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(place.x() + 60, MIDDLE))
    assert low(far) == pytest.approx(150.0 - wide / 2 + 60 / track.step, abs=1.0)


def test_the_keys_of_the_strip_are_not_those_of_the_film(far: Window, qtbot: QtBot) -> None:
    strip, before = far.minimap, far.stage.done
    strip.setFocus()
    qtbot.keyClick(strip, Qt.Key.Key_End)
    assert strip.in_sight()[1] == pytest.approx(300.0, abs=0.1)
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    wide = strip.in_sight()[1] - low(far)
    assert low(far) == pytest.approx(300.0 - 1.1 * wide, abs=0.1)
    qtbot.keyClick(strip, Qt.Key.Key_Home)
    assert low(far) == 0.0
    assert far.stage.done == before
    assert strip.accessibleName() and "of 300" in strip.accessibleDescription()


def test_playing_repaints_the_cells_only_for_a_new_column(far: Window) -> None:
    far.stage.move_to_event(100)
    kept = far.minimap._strip()
    far.stage.move_to_event(101)
    assert far.minimap._strip() is kept
    far.stage.move_to(0.5)
    assert far.minimap._strip() is not kept


def test_in_lines_the_words_tell_the_lines_that_are_there(far: Window, qtbot: QtBot) -> None:
    stage, canvas = far.stage, far.canvas
    stage.look(level="steps", wrap=0, follow=False)
    canvas.fit()
    canvas.zoom_in()
    size = (canvas.width(), canvas.height())
    lines = lines_of(stage.film, stage.view, *size)
    far.minimap._go(3.5 * lines.per)
    lines = lines_of(stage.film, stage.view, *size)
    seen = [line for line in lines.seen(size[1]) if line.top > -0.7 * lines.tall]
    assert seen[0].first == 3 * lines.per and seen[0].top < 0.0
    first, last = map(int, far.minimap.words().split("–"))
    assert first == 3 * lines.per + 1
    assert last % lines.per == 0 or last == 300
    assert last in (seen[-1].last, seen[-1].first)
    told = f"steps {first}–{last} of"
    qtbot.waitUntil(lambda: told in far.minimap.accessibleDescription())
