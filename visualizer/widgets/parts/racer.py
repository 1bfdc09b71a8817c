"""Paints the steps of a film that races: the same pixels for every step, and its numbers over them.
What these are is `scene.racing`'s, when it is done the business of `tiles`.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap

from visualizer.paint import qt as paint
from visualizer.scene import racing
from visualizer.scene.picture import Picture
from visualizer.scene.stage import Stage
from visualizer.scene.stretch import PERIOD
from visualizer.theme import Theme

MARGIN = 3 * PERIOD  # px painted beyond a step: what a clip cuts comes out otherwise


class Racer:
    """The samples of one look of a graph, and the page painted last."""

    def __init__(self) -> None:
        self._blanks: dict[racing.Look, racing.Blank] = {}
        self._painted: dict[racing.Look, QPixmap] = {}  # the same as pixels
        self._page = QPixmap()
        self._of: tuple[object, ...] = ()  # what is on the page

    def forget(self) -> None:
        """The graph looks otherwise now."""
        self._blanks.clear()
        self._painted.clear()
        self._of = ()

    def has(self, low: int, high: int) -> bool:
        """Whether the page has these pixels in time."""
        return self._of[:2] == (low, high)

    def page(
        self, stage: Stage, theme: Theme, ratio: float, place: tuple[int, int, int, int]
    ) -> QPixmap | None:
        """The pixels of a place of the world (left, right, top, bottom) as they were when it came
        into sight; None where the steps there are not alike."""
        if self._of == place:
            return self._page
        low, high, top, bottom = place
        size = QSize(high - low, bottom - top) * ratio
        if self._page.size() != size or self._page.devicePixelRatio() != ratio:
            self._page = QPixmap(size)
            self._page.setDevicePixelRatio(ratio)
        self._of = ()
        with QPainter(self._page) as painter:
            if not self._draw(painter, stage, theme, place):
                return None
        self._of = place
        return self._page

    def _draw(
        self, painter: QPainter, stage: Stage, theme: Theme, place: tuple[int, int, int, int]
    ) -> bool:
        low, high, *_ = place
        found = racing.looks(stage, low, high)
        if found is None or not self._sampled(stage, found, theme, place, painter):
            return False
        ratio = painter.device().devicePixelRatio()
        for t, look in found:
            blank, x = self._painted[look], racing.left_of(stage, t) - low
            side = MARGIN * ratio
            part = QRectF(side, side, blank.width() - 2 * side, blank.height() - 2 * side)
            painter.drawPixmap(QPointF(x, 0), blank, part)
        paint.draw(painter, racing.numbers(stage, found, self._blanks, place), theme)
        return True

    def _sampled(
        self, stage: Stage, found: list[tuple[int, racing.Look]], theme: Theme,
        place: tuple[int, int, int, int], painter: QPainter,
    ) -> bool:  # fmt: skip
        """Whether there are samples for all these steps; they are painted now if there are none."""
        *_, top, bottom = place
        wide, ratio = math.ceil(stage.sight.step) + 1, painter.device().devicePixelRatio()
        for look in {look for _, look in found} - set(self._blanks):
            t = racing.sample(stage, look)
            if t is None:
                return False
            around = (-MARGIN, wide + MARGIN, top - MARGIN, bottom + MARGIN)
            self._blanks[look] = racing.blank(stage, t, *around)
            self._painted[look] = _painted(self._blanks[look].picture, theme, ratio)
        return True


def _painted(picture: Picture, theme: Theme, ratio: float) -> QPixmap:
    pixmap = QPixmap(QSize(round(picture.width), round(picture.height)) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    with QPainter(pixmap) as painter:
        paint.draw(painter, picture, theme)
    return pixmap
