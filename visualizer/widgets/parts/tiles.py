"""A graph that scrolls, kept as tiles of pixels: moving it lays them elsewhere, an event paints
anew the steps that it changed, and after a zoom the old pixels serve, scaled, until there are new
ones. Tiles are made ahead of the hand, a few milliseconds at a time.

However the tiles came about, their pixels are those of one painting of all that is in sight: a
test compares them. What is drawn in them is `scene.stretch`'s, when there is time for more of them
the canvas's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter, QPixmap

from visualizer.paint import qt as paint
from visualizer.paint.ink import colour_of
from visualizer.scene.stage import Stage
from visualizer.scene.stretch import PERIOD, look_of, rows_of, stretch
from visualizer.scene.touched import touched
from visualizer.scene.view import Sight
from visualizer.theme import Theme

WIDE = 240  # px of a tile; whole device pixels at 1.25 and 1.5 as well
MARGIN = 3 * PERIOD  # px painted beyond what is kept: what a clip cuts comes out otherwise
BESIDE = 0.5  # steps beyond those that an event touches in which it still may show
AHEAD = 256  # px beyond the window that are painted before they are needed
MOST = 64  # tiles that are kept


@dataclass(frozen=True, slots=True)
class _Photo:
    """What was to be seen before a zoom, and where it was."""

    pixels: QPixmap
    sight: Sight


class Tiles:
    """Those of one film; everything is in px of the window or of the world (`scene.stretch`)."""

    def __init__(self) -> None:
        self._looks: tuple[object, ...] = ()
        self._stage: Stage | None = None
        self._theme: Theme | None = None
        self._ratio = 1.0
        self._rows = (0, 0)
        self._made: dict[int, QPixmap] = {}
        self._photo: _Photo | None = None
        self._scratch = QPixmap()
        self._forward = True  # which way it was moved last

    # ---- what is to be shown

    def follow(self, stage: Stage, theme: Theme, ratio: float) -> None:
        """From now on show this stage; what the tiles had of another one is painted anew, at once
        where an event changed it, later where the graph was zoomed."""
        before, old = self._stage, self._looks
        looks = (*look_of(stage), rows := rows_of(stage), theme.name, ratio)
        if before is not None and looks != old:
            zoomed = before.film is stage.film and looks[-2:] == old[-2:]
            zoomed &= _size(before) == _size(stage) and before.frame.done == stage.frame.done
            self._photo = self._photograph(before) if zoomed else None
            self._made.clear()
        self._looks, self._stage, self._rows = looks, stage, rows
        self._theme, self._ratio = theme, ratio
        if before is not None and looks == old:
            self._forward = stage.sight.x0 <= before.sight.x0
            self._renew(touched(before, stage))

    def _renew(self, span: tuple[int, int] | None) -> None:
        """Paint these steps anew in the tiles in sight, and let go of the others that have them."""
        if span is None:
            self._photo = None
            self._made.clear()
            return
        assert self._stage is not None
        sight = self._stage.sight
        low = math.floor((span[0] - BESIDE) * sight.step)
        high = math.ceil((span[1] + BESIDE) * sight.step)
        seen = _tiles(sight)
        for k in [k for k in self._made if (k + 1) * WIDE > low and k * WIDE < high]:
            if k not in seen:
                del self._made[k]
        low, high = max(low, seen.start * WIDE), min(high, seen.stop * WIDE)
        if span[1] > span[0] and high > low:
            self._paint(low, high)

    def _photograph(self, before: Stage) -> _Photo | None:
        """What was to be seen; while that is not yet as it should be, what was to be seen then."""
        if any(k not in self._made for k in _tiles(before.sight)):
            return self._photo
        sight = before.sight
        pixels = QPixmap((QSizeF(sight.width, sight.height) * self._ratio).toSize())
        pixels.setDevicePixelRatio(self._ratio)
        with QPainter(pixels) as painter:
            self._lay(painter, before)
        return _Photo(pixels, sight)

    # ---- painting

    def show(self, painter: QPainter) -> None:
        """Lay what there is where the window has it; what is missing and has no photograph is
        painted now."""
        stage, theme = self._stage, self._theme
        assert stage is not None and theme is not None
        sight = stage.sight
        painter.save()
        box = QRectF(sight.left, 0.0, max(sight.width - sight.left, 0.0), sight.height)
        painter.setClipRect(box)
        missing = self.missing()
        if missing and self._photo is not None:
            painter.fillRect(box, colour_of(theme, "canvas"))
            self._lay_photo(painter, self._photo, sight)
        elif missing:
            self._paint(missing[0] * WIDE, (missing[-1] + 1) * WIDE)
        else:
            self._photo = None
        self._lay(painter, stage)
        painter.restore()

    def _lay(self, painter: QPainter, stage: Stage) -> None:
        """The tiles in sight; above and below them the ground goes on."""
        x0, y0 = stage.sight.x0, stage.sight.y0
        top, bottom = (y0 + row for row in self._rows)
        wide, tall = WIDE * self._ratio, (bottom - top) * self._ratio
        rest = math.ceil(stage.sight.height) - bottom
        for k in _tiles(stage.sight):
            tile = self._made.get(k)
            if tile is None:
                continue
            x = k * WIDE + x0
            painter.drawPixmap(QPointF(x, top), tile)
            if top > 0:
                painter.drawPixmap(QRectF(x, 0, WIDE, top), tile, QRectF(0, 0, wide, 1))
            if rest > 0:
                line = QRectF(0, tall - 1, wide, 1)
                painter.drawPixmap(QRectF(x, bottom, WIDE, rest), tile, line)

    def _lay_photo(self, painter: QPainter, photo: _Photo, now: Sight) -> None:
        """The photograph, moved and scaled to where its steps and rows are now."""
        then = photo.sight
        across = now.step / then.step
        down = now.scale * now.layout.pitch / (then.scale * then.layout.pitch)
        target = QRectF(
            now.x0 + (then.left - then.x0) * across,
            now.y0 - then.y0 * down,
            (then.width - then.left) * across,
            then.height * down,
        )
        left = then.left * self._ratio
        source = QRectF(left, 0, photo.pixels.width() - left, photo.pixels.height())
        painter.drawPixmap(target, photo.pixels, source)

    # ---- making tiles

    def missing(self) -> list[int]:
        """Tiles in sight that there are not."""
        if self._stage is None:
            return []
        return [k for k in _tiles(self._stage.sight) if k not in self._made]

    def make(self, hand: float) -> bool:
        """Make one more tile, if any is needed: in sight that nearest to the hand, else ahead.
        Whether something in sight was made."""
        stage = self._stage
        if stage is None:
            return False
        missing = self.missing()
        if missing:
            at = (hand - stage.sight.x0) / WIDE - 0.5
            k = min(missing, key=lambda k: abs(k - at))
            self._paint(k * WIDE, (k + 1) * WIDE)
            return True
        k = next(iter(self._ahead()), 0)
        if k not in self._made:
            self._paint(k * WIDE, (k + 1) * WIDE)
        return False

    @property
    def wanting(self) -> bool:
        """Whether there is something left to make."""
        return bool(self.missing() or self._ahead())

    def _ahead(self) -> list[int]:
        """Tiles out of sight that are missing, those that come next first."""
        if self._stage is None:
            return []
        sight = self._stage.sight
        first, last = _seen(sight)
        after = range(-(-last // WIDE), -(-(last + AHEAD) // WIDE))
        before = range(first // WIDE - 1, (first - AHEAD) // WIDE - 1, -1)
        turn = (after, before) if self._forward else (before, after)
        end = math.ceil(self._stage.film.steps * sight.step / WIDE) + 1
        return [k for some in turn for k in some if k not in self._made and -2 <= k <= end]

    def _paint(self, low: int, high: int) -> None:
        """Paint the pixels [low, high) in one go, and keep them in the tiles that have them."""
        stage, theme, ratio = self._stage, self._theme, self._ratio
        assert stage is not None and theme is not None
        top, bottom = self._rows
        left = (low - MARGIN) // PERIOD * PERIOD
        picture = stretch(stage, left, high + MARGIN, top - MARGIN, bottom + MARGIN)
        wide, tall = math.ceil(picture.width * ratio), math.ceil(picture.height * ratio)
        if self._scratch.width() < wide or self._scratch.height() != tall:
            self._scratch = QPixmap(wide, tall)
        self._scratch.setDevicePixelRatio(ratio)
        with QPainter(self._scratch) as painter:
            paint.draw(painter, picture, theme, (0.0, 0.0, picture.width, picture.height))
        for k in range(low // WIDE, -(-high // WIDE)):
            start, stop = max(k * WIDE, low), min((k + 1) * WIDE, high)
            if k in self._made or stop - start == WIDE:
                self._cut(k, start, stop, left)
        while len(self._made) > MOST:
            del self._made[next(iter(self._made))]

    def _cut(self, k: int, start: int, stop: int, left: int) -> None:
        """Take the pixels [start, stop) of a tile from what was painted, which begins at `left`."""
        ratio, tall = self._ratio, self._rows[1] - self._rows[0]
        tile = self._made.get(k)
        if tile is None:
            tile = QPixmap(math.ceil(WIDE * ratio), math.ceil(tall * ratio))
            tile.setDevicePixelRatio(ratio)
            self._made[k] = tile
        wide = stop - start
        source = QRectF((start - left) * ratio, MARGIN * ratio, wide * ratio, tall * ratio)
        with QPainter(tile) as painter:
            painter.drawPixmap(QRectF(start - k * WIDE, 0.0, wide, tall), self._scratch, source)


def _size(stage: Stage) -> tuple[float, float]:
    return stage.sight.width, stage.sight.height


def _seen(sight: Sight) -> tuple[int, int]:
    """The pixels of the world [first, last) that the window shows."""
    return math.floor(sight.left - sight.x0), math.ceil(sight.width - sight.x0)


def _tiles(sight: Sight) -> range:
    first, last = _seen(sight)
    return range(first // WIDE, -(-last // WIDE))
