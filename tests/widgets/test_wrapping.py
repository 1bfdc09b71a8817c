"""Lines in the window: the action, the hand, what plots and minimap make of them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.sequences import typed
from visualizer.paint import qt as paint
from visualizer.scene import whereabouts
from visualizer.scene.compose import level_of_view
from visualizer.scene.wrapping import wraps
from visualizer.widgets.actions import MENUS
from visualizer.widgets.parts.look import look
from visualizer.widgets.window import Window

LONG = " ".join(f"w{n % 9}" for n in range(200))


@pytest.fixture
def far(window: Window, qtbot: QtBot) -> Window:
    """Two hundred steps in lines, a few of them in sight."""
    window.stage.show_sequence(typed(LONG))
    qtbot.waitUntil(lambda: window.stage.film.steps == 200)
    window.stage.look(level="steps")
    window.stage.move_to(0.0)
    window.actions_by_id["wrap"].trigger()
    qtbot.waitUntil(window.minimap.isVisible)
    return window


def seen(window: Window) -> tuple[float, float]:
    canvas, stage = window.canvas, window.stage
    return whereabouts.in_sight(stage.sheet, stage.view, canvas.width(), canvas.height())


def test_a_key_wraps_and_wraps_no_more(window: Window, qtbot: QtBot) -> None:
    window.stage.show_sequence(typed(LONG))
    qtbot.waitUntil(lambda: window.stage.film.steps == 200)
    before = window.canvas.grab().toImage()
    qtbot.keyClick(window.canvas, Qt.Key.Key_W)
    assert window.stage.view.wrap == 0 and window.actions_by_id["wrap"].isChecked()
    assert window.canvas.grab().toImage() != before
    qtbot.keyClick(window.canvas, Qt.Key.Key_W)
    assert window.stage.view.wrap == 1 and not window.canvas.wrapping.wraps


def test_a_drag_scrolls_and_the_picture_is_that_of_the_scene(far: Window, qtbot: QtBot) -> None:
    canvas = far.canvas
    low, _ = seen(far)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(500, 500))
    qtbot.mouseMove(canvas, QPoint(500, 250))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(500, 250))
    assert seen(far)[0] > low
    scrolled = canvas.grab().toImage()
    far.stage.look(follow=False)
    far.stage.move_to(0.3)
    far.stage.move_to(0.0)
    assert canvas.grab().toImage() == scrolled


def test_the_playhead_is_followed_down_the_lines(far: Window, qtbot: QtBot) -> None:
    far.stage.move_to(0.2)
    step = far.stage.frame.step
    qtbot.waitUntil(lambda: not far.panels.following.gliding)
    assert step is not None and seen(far)[0] <= step <= seen(far)[1]


def test_the_minimap_scrolls(far: Window) -> None:
    far.minimap._go(100.0)
    assert seen(far)[0] == pytest.approx(100.0, abs=0.5)


def test_two_graphs_are_not_wrapped(window: Window) -> None:
    window.stage.compare()
    window.canvas.wrapping.toggle()
    assert window.stage.view.wrap == 1
    assert "one line each" in window.banner.words.text()


def test_folding_shows_one_step_and_the_lines_come_back(far: Window) -> None:
    wrapped = far.canvas.grab().toImage()
    far.stage.look(fold=1.0)
    assert far.canvas.grab().toImage() != wrapped
    far.stage.look(fold=0.0)
    assert far.canvas.grab().toImage() == wrapped


def test_the_menu_picks_how_many(window: Window) -> None:
    menu = window.panels._submenus[MENUS.index("View")]
    lines = next(a.menu() for a in menu.actions() if a.text() == "Lines")
    lines.aboutToShow.emit()
    assert [a.text() for a in lines.actions() if a.isChecked()] == ["One line"]
    next(a for a in lines.actions() if a.text() == "2 lines").trigger()
    assert window.stage.view.wrap == 2


@pytest.mark.parametrize("level", ["bands", "steps"])
def test_what_is_far_away_stands_in_lines_too(window: Window, qtbot: QtBot, level: str) -> None:
    """One line of them is pixels; several are a picture of the scene."""
    window.stage.show_sequence(typed(LONG))
    qtbot.waitUntil(lambda: window.stage.film.steps == 200)
    window.stage.look(level=level)
    window.canvas.wrapping.pick(3)
    canvas, stage = window.canvas, window.stage
    shown = QImage(canvas.size(), QImage.Format.Format_RGB32)
    with QPainter(shown) as painter:
        paint.draw(painter, canvas.picture(), look().theme)
    canvas.overlay.hide()
    there = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert wraps(stage.film, stage.view) and there == shown


@pytest.fixture
def somewhere(window: Window, qtbot: QtBot) -> Window:
    """Two hundred steps in one line, with those from 120 on in sight."""
    window.stage.show_sequence(typed(LONG))
    qtbot.waitUntil(lambda: window.stage.film.steps == 200)
    window.stage.look(level="steps", follow=False)
    window.canvas.fit()
    window.canvas.zoom_in()
    window.stage.bring(120.0, window.canvas.width(), window.canvas.height())
    return window


def test_one_stays_where_one_was(somewhere: Window) -> None:
    low, high = seen(somewhere)
    somewhere.canvas.wrapping.toggle()
    assert seen(somewhere)[0] <= (low + high) / 2 <= seen(somewhere)[1]


def test_one_line_comes_back_as_it_was(somewhere: Window) -> None:
    before = somewhere.stage.view
    for _ in range(2):
        somewhere.canvas.wrapping.toggle()
        assert somewhere.stage.view != before
        somewhere.canvas.wrapping.toggle()
        assert somewhere.stage.view == before and not somewhere.stage.fitted
    somewhere.canvas.fit()
    somewhere.canvas.wrapping.toggle()
    somewhere.canvas.wrapping.toggle()
    assert somewhere.stage.fitted


def test_who_scrolled_finds_the_first_step_again(somewhere: Window) -> None:
    before = somewhere.stage.view
    somewhere.canvas.wrapping.toggle()
    somewhere.minimap._go(40.0)
    first = seen(somewhere)[0]
    assert first == pytest.approx(40.0, abs=0.5)
    somewhere.canvas.wrapping.toggle()
    assert somewhere.stage.view.zoom == before.zoom
    assert seen(somewhere)[0] == pytest.approx(first)


def test_another_length_forgets_the_place(somewhere: Window, qtbot: QtBot) -> None:
    before = somewhere.stage.view
    somewhere.canvas.wrapping.toggle()
    somewhere.stage.show_sequence(typed(" ".join(LONG.split()[:90])))
    qtbot.waitUntil(lambda: somewhere.stage.film.steps == 90)
    somewhere.canvas.wrapping.toggle()
    low, high = seen(somewhere)
    assert somewhere.stage.view.origin != before.origin and 0.0 <= low < high <= 90.5


def test_bands_stay_bands(window: Window, qtbot: QtBot) -> None:
    """Wrapped from far away, nobody is suddenly among nodes."""
    window.stage.show_sequence(typed(" ".join(f"w{n % 9}" for n in range(3000))))
    qtbot.waitUntil(lambda: window.stage.film.steps == 3000)
    window.stage.look(level="auto", follow=False)
    window.canvas.fit()
    for times in (0, 10):
        for _ in range(times):
            window.canvas.zoom_in()
        stage, before = window.stage, window.stage.view
        window.canvas.wrapping.toggle()
        assert wraps(stage.film, stage.view) and level_of_view(stage.film, stage.view) == "bands"
        assert times == 0 or (stage.view.zoom, stage.view.stretch) == (before.zoom, before.stretch)
        window.canvas.wrapping.toggle()
        assert stage.view == before


def test_fitted_lines_show_the_playhead(far: Window) -> None:
    far.stage.look(follow=False)
    far.stage.move_to(0.25)
    step = far.stage.frame.step
    far.canvas.fit()
    assert step is not None and seen(far)[0] <= step < seen(far)[1]
