"""The graph as it stands between two events, kept as pixels; an event repaints what it changed.

The pixels are those of a painting of the whole picture, at every event: a test compares them.
"""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap

from visualizer.paint import qt as paint
from visualizer.scene.difference import Box, changed, within
from visualizer.scene.frame import frame_of
from visualizer.scene.picture import Picture
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View
from visualizer.theme import Theme
from visualizer.widgets.parts.flip_book import FlipBook

MARGIN = 4  # px painted beyond what is kept: at the edge of a clip lines come out otherwise
MOST = 0.5  # of the area; a greater change is painted as a whole


class Still:
    """One for a canvas. `moving`: every picture is another one, so that nothing of it is kept."""

    def __init__(self) -> None:
        self.moving = False
        self._book = FlipBook()
        self._kept: QPixmap | None = None
        self._scratch: QPixmap | None = None
        self._picture: Picture | None = None
        self._looks: tuple[object, ...] = ()
        self._moment: tuple[object, ...] = ()

    def pixmap(
        self,
        sheet: Sheet,
        place: int,
        done: int,
        view: View,
        size: QSize,
        ratio: float,
        theme: Theme,
    ) -> QPixmap:
        """One graph of a sheet, in its box of a canvas of this size, after so many events."""
        mine = place == sheet.hand
        seen = replace(view, hover=None, selected=None, parameter=view.parameter if mine else "")
        made = (sheet.films, sheet.titles, sheet.hand, place)
        looks = (*made, seen, size, ratio, theme.name, self.moving)
        moment = (done, view.hover, view.selected) if mine else (done,)
        same = looks == self._looks and self._kept is not None
        if same and moment == self._moment and self._kept is not None:
            return self._kept
        frame = frame_of(sheet.films[place].timeline, done)
        if self.moving and not sheet.several:
            kept = self._sized(size, ratio)
            if self._book.paint(kept, sheet.film, frame, view, theme):
                self._looks, self._moment, self._picture = looks, moment, None
                return kept
        picture = sheet.picture(place, frame, view, size.width(), size.height())
        wide, tall = picture.width, picture.height
        box = changed(self._picture, picture) if same and self._picture is not None else None
        if same and box is None:
            pass  # an event that is not to be seen
        elif box is not None and ratio == int(ratio) and _area(box) < MOST * wide * tall:
            self._repaint(picture, box, theme)
        else:
            self._paint(picture, QSize(round(wide), round(tall)), ratio, theme)
        self._looks, self._moment, self._picture = looks, moment, picture
        assert self._kept is not None
        return self._kept

    def _paint(self, picture: Picture, size: QSize, ratio: float, theme: Theme) -> None:
        with QPainter(self._sized(size, ratio)) as painter:
            paint.draw(painter, picture, theme, moving=self.moving)

    def _sized(self, size: QSize, ratio: float) -> QPixmap:
        """What is kept, in this size."""
        kept = self._kept
        if kept is None or kept.size() != size * ratio or kept.devicePixelRatio() != ratio:
            kept, self._scratch = blank(size, ratio), blank(size, ratio)
        self._kept = kept
        return kept

    def _repaint(self, picture: Picture, box: Box, theme: Theme) -> None:
        """Paint the box on a sheet of its own, with a margin, and keep it without the margin."""
        assert self._kept is not None and self._scratch is not None
        left, top = math.floor(max(box[0], 0.0)), math.floor(max(box[1], 0.0))
        right = math.ceil(min(box[2], picture.width))
        bottom = math.ceil(min(box[3], picture.height))
        if right <= left or bottom <= top:
            return
        around = (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN)
        clip = (*around[:2], around[2] - around[0], around[3] - around[1])
        with QPainter(self._scratch) as painter:
            paint.draw(painter, within(picture, around), theme, clip=clip)
        ratio = self._kept.devicePixelRatio()
        place = QRectF(left, top, right - left, bottom - top)
        source = QRectF(left * ratio, top * ratio, place.width() * ratio, place.height() * ratio)
        with QPainter(self._kept) as painter:
            painter.drawPixmap(place, self._scratch, source)


def blank(size: QSize, ratio: float) -> QPixmap:
    """Pixels for so many units, with whatever is in them."""
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
