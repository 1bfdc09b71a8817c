"""Small drawings kept as images and laid on whole device pixels: strings, node boxes, rings and
bends come back in frame after frame, and laying an image is ten times quicker than drawing it.
What is drawn is said by `qt` and `qt_text`; nothing here knows a picture.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import ceil, floor
from typing import TypeAlias

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter

from visualizer.paint.shapes import NUDGE

Paint: TypeAlias = Callable[[QPainter, float, float], None]
MOST_BYTES = 64_000_000
LARGEST_AREA = 160_000  # device pixels; what is larger is drawn
SHADES = 4  # places within a pixel that are told apart

_kept: OrderedDict[Hashable, QImage] = OrderedDict()
_bytes = 0


def stamp(
    key: Hashable, columns: int, rows: int, scale: float, paint: Callable[[QPainter], None]
) -> QImage:
    """The image of that key and scale, painted in units (not device pixels) if it is not there."""
    global _bytes
    full = (key, scale)
    image = _kept.get(full)
    if image is not None:
        _kept.move_to_end(full)
        return image
    image = QImage(max(columns, 1), max(rows, 1), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    image.setDevicePixelRatio(scale)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(painter)
    _kept[full] = image
    _bytes += image.sizeInBytes()
    while _bytes > MOST_BYTES and len(_kept) > 1:
        _bytes -= _kept.popitem(last=False)[1].sizeInBytes()
    return image


def _shade(fraction: float) -> int:
    """Which of the places within a pixel that are told apart."""
    return max(floor((fraction + NUDGE) * SHADES), 0)


class Press:
    """Lays stamps with one painter whose view is upright and equally scaled both ways."""

    def __init__(self, painter: QPainter) -> None:
        self.painter = painter
        view = painter.deviceTransform()
        self.scale, self.dx, self.dy = view.m11(), view.dx(), view.dy()
        self.whole = self.scale == 1.0 and self.dx == int(self.dx) and self.dy == int(self.dy)

    def lay(self, image: QImage, column: int, row: int) -> None:
        """Lays an image with its corner on that device pixel."""
        if self.whole:  # whole numbers are what Qt is quickest with
            self.painter.drawImage(column - int(self.dx), row - int(self.dy), image)
            return
        at = QPointF((column - self.dx) / self.scale, (row - self.dy) / self.scale)
        self.painter.drawImage(at, image)

    def place(self, key: Hashable, bounds: tuple[float, float, float, float], paint: Paint) -> bool:
        """Lays what `paint` draws in the picture's own units with a corner at x, y, instead of at
        that of the `bounds` (left, top, right, bottom): the key says what it looks like from there,
        so that it comes out the same to the bit wherever it was drawn first. False, and nothing
        done, if it is too large to keep."""
        scale = self.scale
        left, top = bounds[0] * scale + self.dx, bounds[1] * scale + self.dy
        column, row = floor(left + NUDGE), floor(top + NUDGE)
        columns = ceil((bounds[2] - bounds[0]) * scale) + 2
        rows = ceil((bounds[3] - bounds[1]) * scale) + 2
        if columns * rows > LARGEST_AREA:
            return False
        within = (_shade(left - column), _shade(top - row))
        x, y = within[0] / SHADES / scale, within[1] / SHADES / scale
        image = stamp((key, within), columns, rows, scale, lambda painter: paint(painter, x, y))
        self.lay(image, column, row)
        return True
