"""The tiles of a graph that scrolls as pixels: which there are, how they are painted, at one go, in
part or piece by piece, and how they are laid. When that is done is decided in `tiles`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap

from visualizer.paint import qt as paint
from visualizer.scene.difference import Box, within
from visualizer.scene.picture import Picture
from visualizer.scene.stage import Stage
from visualizer.scene.stretch import PERIOD, layers
from visualizer.scene.view import Sight
from visualizer.theme import Theme, theme_named

Place: TypeAlias = tuple[int, int, int, int]  # left, right, top, bottom of the world
WIDE = 240  # px of a tile; whole device pixels at 1.25 and 1.5 as well
MARGIN = 3 * PERIOD  # px painted beyond what is kept: what a clip cuts comes out otherwise
MOST = 64  # tiles that are kept


class Pixels:
    """Those of one look of a graph: in one theme, at one zoom, with these `rows` of the world."""

    def __init__(self) -> None:
        self.made: dict[int, QPixmap] = {}
        self.rows = (0, 0)
        self._theme, self._ratio = theme_named("light"), 1.0
        self._scratch, self._sheet = QPixmap(), QPixmap()

    def look(self, theme: Theme, ratio: float, rows: tuple[int, int]) -> None:
        """What is painted from now on looks like this."""
        self._theme, self._ratio, self.rows = theme, ratio, rows

    def lay(self, painter: QPainter, sight: Sight) -> None:
        """The tiles in sight, of them those that the painter shows."""
        shown = painter.clipBoundingRect() if painter.hasClipping() else None
        for k in tiles_of(sight):
            x = k * WIDE + sight.x0
            beside = shown is not None and (x >= shown.right() or x + WIDE <= shown.left())
            if not beside and (tile := self.made.get(k)) is not None:
                self.lay_one(painter, sight, tile, x, WIDE)

    def lay_one(
        self, painter: QPainter, sight: Sight, pixels: QPixmap, x: float, across: float
    ) -> None:
        """Some pixels of the graph; above and below them the ground goes on."""
        top, bottom = (sight.y0 + row for row in self.rows)
        wide, tall = across * self._ratio, (bottom - top) * self._ratio
        rest = math.ceil(sight.height) - bottom
        painter.drawPixmap(QPointF(x, top), pixels)
        if top > 0:
            painter.drawPixmap(QRectF(x, 0, across, top), pixels, QRectF(0, 0, wide, 1))
        if rest > 0:
            line = QRectF(0, tall - 1, wide, 1)
            painter.drawPixmap(QRectF(x, bottom, across, rest), pixels, line)

    def painting(self, stage: Stage, k: int) -> Iterator[None]:
        """Paint one tile piece by piece: layer by layer it is composed, and then drawn."""
        top, bottom = self.rows
        place = (k * WIDE - MARGIN, (k + 1) * WIDE + MARGIN, top - MARGIN, bottom + MARGIN)
        wide, tall = place[1] - place[0], place[3] - place[2]
        self._sheet = self._fitting(self._sheet, wide, tall)
        found = []
        for items in layers(stage, *place):
            found.append(items)
            yield
        background = "canvas"
        for item in (item for items in found for item in items):
            part = Picture(wide, tall, (item,), background=background)
            with QPainter(self._sheet) as painter:
                paint.draw(painter, part, self._theme, (0.0, 0.0, wide, tall))
            background = ""
            yield
        self.open(k, k + 1)
        self.keep(self._sheet, place, (MARGIN, MARGIN, wide - MARGIN, tall - MARGIN))

    def open(self, low: int, high: int) -> Place:
        """Pixels for the tiles [low, high), and where they are with what is painted round them."""
        top, bottom = self.rows
        for k in range(low, high):
            kept = self.made.pop(k, None)
            self.made[k] = kept if kept is not None else self._blank(WIDE, bottom - top)
        while len(self.made) > MOST:
            del self.made[next(iter(self.made))]
        return (low * WIDE - MARGIN, high * WIDE + MARGIN, top - MARGIN, bottom + MARGIN)

    def draw(self, picture: Picture, place: Place, box: Box, *, whole: bool = False) -> None:
        """Draw what is in a box of a picture that stands at this place of the world, on a sheet of
        its own with a margin, and keep it without the margin in the tiles that there are."""
        left, top = max(math.floor(box[0]), MARGIN), max(math.floor(box[1]), MARGIN)
        right = min(math.ceil(box[2]), round(picture.width) - MARGIN)
        bottom = min(math.ceil(box[3]), round(picture.height) - MARGIN)
        if right <= left or bottom <= top:
            return
        around = (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN)
        clip = (*around[:2], around[2] - around[0], around[3] - around[1])
        size = math.ceil(picture.width), math.ceil(picture.height)
        self._scratch = self._fitting(self._scratch, *size)
        with QPainter(self._scratch) as painter:
            paint.draw(painter, picture if whole else within(picture, around), self._theme, clip)
        self.keep(self._scratch, place, (left, top, right, bottom))

    def keep(self, sheet: QPixmap, place: Place, box: tuple[int, int, int, int]) -> None:
        """Keep what is in a box of a sheet, which stands at this place of the world, in the tiles
        that there are."""
        left, top, right, bottom = box
        first, last, ratio = place[0] + left, place[0] + right, self._ratio
        down = place[2] - self.rows[0]
        for k in range(first // WIDE, -(-last // WIDE)):
            start, stop = max(k * WIDE, first), min((k + 1) * WIDE, last)
            if k in self.made:
                at = QRectF(start - k * WIDE, top + down, stop - start, bottom - top)
                x, wide, tall = (start - place[0]) * ratio, at.width() * ratio, at.height() * ratio
                with QPainter(self.made[k]) as painter:
                    painter.drawPixmap(at, sheet, QRectF(x, top * ratio, wide, tall))

    def _fitting(self, sheet: QPixmap, wide: int, tall: int) -> QPixmap:
        """A sheet that is large enough, the old one if it is."""
        ratio = self._ratio
        large = sheet.width() >= wide * ratio and sheet.height() >= tall * ratio
        return sheet if large and sheet.devicePixelRatio() == ratio else self._blank(wide, tall)

    def _blank(self, wide: int, tall: int) -> QPixmap:
        pixmap = QPixmap(QSize(wide, tall) * self._ratio)
        pixmap.setDevicePixelRatio(self._ratio)
        return pixmap


def seen_of(sight: Sight) -> tuple[int, int]:
    """The pixels of the world [first, last) that the window shows."""
    return math.floor(sight.left - sight.x0), math.ceil(sight.width - sight.x0)


def tiles_of(sight: Sight) -> range:
    first, last = seen_of(sight)
    return range(first // WIDE, -(-last // WIDE))
