"""Folding in the window: by the button, the key, the wheel and the slider; stopped half-way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication, QStyle
from pytestqt.qtbot import QtBot

from engine.sequences import typed
from visualizer.paint import qt as paint
from visualizer.scene.compose import compose, level_of_view, sight_of
from visualizer.widgets.parts import folding
from visualizer.widgets.parts.flip_book import FlipBook
from visualizer.widgets.parts.look import look
from visualizer.widgets.window import Window


def fold_of(window: Window) -> float:
    return window.stage.view.fold


def whole_way(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.canvas.folding.moving, timeout=20_000)


def turned(window: Window, notches: int) -> None:
    """The wheel with Alt, as X11 hands it on: turned aside."""
    at = QPointF(400, 300)
    event = QWheelEvent(
        at,
        window.canvas.mapToGlobal(at),
        QPoint(),
        QPoint(120 * notches, 0),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.AltModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(window.canvas, event)


def test_the_button_folds_and_unrolls(window: Window, qtbot: QtBot) -> None:
    button = window.toolbar.fold.press
    before = window.stage.view
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.canvas.folding.moving and button.isChecked()
    whole_way(window, qtbot)
    assert fold_of(window) == 1.0 and button.isChecked()
    assert window.actions_by_id["fold"].isChecked()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    whole_way(window, qtbot)
    assert window.stage.view == before and not button.isChecked()


def test_a_press_on_the_way_turns_round(window: Window, qtbot: QtBot) -> None:
    window.canvas.folding.toggle()
    qtbot.waitUntil(lambda: fold_of(window) > 0.1, timeout=20_000)
    there = fold_of(window)
    window.canvas.folding.toggle()
    assert window.canvas.folding.moving and not window.canvas.folding.folds
    assert fold_of(window) == there, "it turns where it is"
    whole_way(window, qtbot)
    assert fold_of(window) == 0.0


def test_escape_stops_half_way_and_the_next_lets_go(window: Window, qtbot: QtBot) -> None:
    window.canvas.setFocus()
    selected = window.stage.selection
    window.canvas.folding.toggle()
    qtbot.waitUntil(lambda: fold_of(window) > 0.05, timeout=20_000)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
    there = fold_of(window)
    assert 0.0 < there < 1.0 and not window.canvas.folding.moving
    assert window.stage.selection == selected
    qtbot.wait(60)
    assert fold_of(window) == there
    qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert window.stage.selection is None


def test_the_film_plays_on(window: Window, qtbot: QtBot) -> None:
    window.player.play()
    window.canvas.folding.toggle()
    before = window.stage.position
    whole_way(window, qtbot)
    assert window.player.playing and window.stage.position > before


def test_by_the_wheel_and_by_the_slider(window: Window, qtbot: QtBot) -> None:
    zoom = window.stage.view.zoom
    turned(window, 4)
    assert fold_of(window) == pytest.approx(4 * folding.NOTCH)
    assert window.stage.view.zoom == zoom
    turned(window, -9)
    assert fold_of(window) == 0.0
    button = window.toolbar.fold
    qtbot.mouseClick(button.more, Qt.MouseButton.LeftButton)
    assert button.window_.isVisible()
    button.window_.slider.setValue(60)
    assert fold_of(window) == pytest.approx(0.3)
    assert button.window_.far.text() == "30 %"
    window.canvas.folding.put(0.75)
    assert button.window_.slider.value() == 150
    button.window_.close()


def test_what_moves_is_the_view_alone(window: Window, qtbot: QtBot) -> None:
    """No step of undo, no other recording, and the plots stand where they stood."""
    run = window.stage.run
    window.canvas.folding.toggle()
    whole_way(window, qtbot)
    assert window.stage.run is run
    assert not window.stage.document.undo_label and not window.stage.document.dirty


def test_nodes_are_picked_on_the_card_on_top(window: Window, qtbot: QtBot) -> None:
    window.stage.move_to(0.6)
    window.canvas.folding.put(1.0)
    view, film = window.stage.view, window.stage.film
    here = sight_of(film, view, window.canvas.width(), window.canvas.height())
    now = window.stage.frame.step
    assert now is not None
    mark = here.layout.marks[0]
    place = QPoint(round(here.x(now, mark.x)), round(here.y(mark.y)))
    qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=place)
    node = window.stage.node
    assert node is not None and (node.segment, node.t, node.slot) == (mark.segment, now, mark.slot)


def test_bands_come_nearer_first_and_are_there_again_afterwards(
    window: Window, qtbot: QtBot
) -> None:
    window.stage.show_sequence(typed(" ".join(f"w{k % 9}" for k in range(300))))
    window.canvas.fit()
    before = window.stage.view
    assert level_of_view(window.stage.film, before) == "bands"
    window.canvas.folding.put(0.4)
    assert window.stage.view.level == "steps"
    window.canvas.folding.put(0.0)
    after = window.stage.view
    assert (after.level, after.zoom, after.origin) == (before.level, before.zoom, before.origin)


def test_what_cannot_be_folded_says_why(window: Window, qtbot: QtBot) -> None:
    assert window.stage.set("arrangement", "attention")
    with qtbot.waitSignal(window.stage.refused) as said:
        window.canvas.folding.toggle()
    assert said.args == [
        "What reads all steps at once is no loop and cannot be folded; leave it unrolled"
    ]
    assert fold_of(window) == 0.0 and not window.toolbar.fold.press.isChecked()


def test_who_wants_nothing_to_move_gets_no_motion(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    style = window.canvas.style()

    class Still:
        def styleHint(self, hint: QStyle.StyleHint) -> int:
            return (
                0
                if hint == QStyle.StyleHint.SH_Widget_Animation_Duration
                else style.styleHint(hint)
            )

    monkeypatch.setattr(window.canvas, "style", Still)
    window.canvas.folding.toggle()
    assert fold_of(window) == 1.0 and not window.canvas.folding.moving


@pytest.mark.parametrize("at", [0.1, 0.35, 0.6])
@pytest.mark.parametrize("cell", ["elman", "lstm"])
def test_the_flip_book_shows_what_the_picture_shows(
    window: Window, qtbot: QtBot, cell: str, at: float
) -> None:
    """But for a pixel here and there: in motion cards stand on whole ones."""
    window.stage.set("cell", cell)
    window.stage.move_to(0.6)
    view = replace(window.stage.view, fold=at)
    film, frame, theme = window.stage.film, window.stage.frame, look().theme
    wide, tall = window.canvas.width(), window.canvas.height()
    quick, whole = QPixmap(wide, tall), QPixmap(wide, tall)
    assert FlipBook().paint(quick, film, frame, view, theme)
    with QPainter(whole) as painter:
        paint.draw(painter, compose(film, frame, view, wide, tall), theme)
    difference = np.abs(pixels(quick).astype(int) - pixels(whole).astype(int)).max(axis=2)
    assert (difference > 60).mean() < 0.01
    blank = QPixmap(wide, tall)
    blank.fill(look().colour("canvas"))
    assert (np.abs(pixels(quick).astype(int) - pixels(blank)).max(axis=2) > 60).mean() > 0.01


def test_the_flip_book_is_closed_where_cards_grow(window: Window, qtbot: QtBot) -> None:
    stage, sheet = window.stage, QPixmap(400, 300)
    for at in (0.0, 0.8, 1.0):
        view = replace(stage.view, fold=at)
        assert not FlipBook().paint(sheet, stage.film, stage.frame, view, look().theme)


def pixels(image: QPixmap) -> np.ndarray:
    plain = image.toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.width(), 4)
    return rows[:, :, :3].copy()


def test_motion_is_eased() -> None:
    assert [folding.eased(u) for u in (0.0, 0.5, 1.0)] == [0.0, 0.5, 1.0]
    assert folding.eased(0.1) < 0.1 and folding.eased(0.9) > 0.9
