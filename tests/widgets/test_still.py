"""What an event repaints is, pixel by pixel, what painting the whole picture gives."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from engine.choices import VECTOR_CELLS
from engine.template import Node
from tests.widgets.conftest import document_of
from visualizer.paint import qt as paint
from visualizer.scene.compose import compose, fit
from visualizer.scene.difference import changed, within
from visualizer.scene.frame import frame_of
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View
from visualizer.theme import THEMES
from visualizer.widgets.parts.still import Still

SIZE = (900, 600)


def pixels(pixmap: QPixmap) -> np.ndarray:  # type: ignore[type-arg]
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1).copy()


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("cell", VECTOR_CELLS)
def test_events_repaint_what_they_change(qapp: QApplication, cell: str, ratio: float) -> None:
    film = document_of("I think therefore", cell=cell, hidden=4).film
    theme = THEMES["dark" if cell == "lstm" else "light"]
    view = fit(film, *SIZE, "ops")
    still = Still()
    step = 1 if ratio == 1.0 else 5
    for done in range(0, film.events + 1, step):
        kept = still.pixmap(Sheet((film,)), 0, done, view, QSize(*SIZE), ratio, theme)
        whole = QPixmap(QSize(*SIZE) * ratio)
        whole.setDevicePixelRatio(ratio)
        with QPainter(whole) as painter:
            paint.draw(painter, compose(film, frame_of(film.timeline, done), view, *SIZE), theme)
        same = np.array_equal(pixels(kept), pixels(whole))
        assert same, f"after {film.caption(done - 1) if done else 'the start'}"


def test_equal_pictures_do_not_differ() -> None:
    film = document_of(cell="gru").film
    view = fit(film, *SIZE)
    pictures = [compose(film, frame_of(film.timeline, 40), view, *SIZE) for _ in range(2)]
    assert changed(*pictures) is None


def test_a_selection_changes_the_box_of_its_node_alone() -> None:
    film = document_of().film
    view = fit(film, *SIZE)
    frame = frame_of(film.timeline, 0)
    chosen = View(view.level, view.zoom, view.stretch, view.origin, selected=Node(0, 2, 1))
    box = changed(compose(film, frame, view, *SIZE), compose(film, frame, chosen, *SIZE))
    assert box is not None
    assert box[2] - box[0] < SIZE[0] / 3 and box[3] - box[1] < SIZE[1] / 3


def test_the_part_in_a_box_is_less_than_the_whole() -> None:
    film = document_of().film
    whole = compose(film, frame_of(film.timeline, 60), fit(film, *SIZE), *SIZE)
    part = within(whole, (0.0, 0.0, SIZE[0] / 4, SIZE[1]))
    assert 0 < len(part.items) <= len(whole.items)
    marks = [sum(len(getattr(i, "boxes", ())) for i in p.items) for p in (part, whole)]
    assert marks[0] < marks[1] / 2
