"""All that is seen of a graph between two events, kept as pixels: of the next event only the boxes
are drawn in which it differs. What is drawn, and where it differs, is known to `painted`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap

from visualizer.scene.difference import Box
from visualizer.widgets.parts.still import MARGIN, blank

Draw = Callable[[QPainter, Box], None]  # what lies in a box of the window


class Resting:
    """One for a canvas."""

    def __init__(self) -> None:
        self.pixels, self._scratch = QPixmap(), QPixmap()

    def draw(self, draw: Draw, size: QSize, ratio: float) -> None:
        """Draw all of it."""
        if self.pixels.size() != size * ratio or self.pixels.devicePixelRatio() != ratio:
            self.pixels = blank(size, ratio)
        with QPainter(self.pixels) as painter:
            draw(painter, (0.0, 0.0, float(size.width()), float(size.height())))

    def renew(self, draw: Draw, boxes: Iterable[Box]) -> None:
        """Draw what is in these boxes, each with a margin on a sheet of its own, of which it is
        kept without the margin: at the edge of a clip lines come out otherwise."""
        kept, scratch = self.pixels, self._scratch
        ratio = kept.devicePixelRatio()
        if scratch.size() != kept.size() or scratch.devicePixelRatio() != ratio:
            scratch = self._scratch = blank(kept.size() / ratio, ratio)
        wide, tall = kept.width() / ratio, kept.height() / ratio
        for box in boxes:
            left, top = max(math.floor(box[0]), 0), max(math.floor(box[1]), 0)
            right, bottom = min(math.ceil(box[2]), wide), min(math.ceil(box[3]), tall)
            if right <= left or bottom <= top:
                continue
            place = QRectF(left, top, right - left, bottom - top)
            with QPainter(scratch) as painter:
                painter.setClipRect(place.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN))
                draw(painter, (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN))
            source = QRectF(
                left * ratio, top * ratio, place.width() * ratio, place.height() * ratio
            )
            with QPainter(kept) as painter:
                painter.drawPixmap(place, scratch, source)
