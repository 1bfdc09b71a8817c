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
from typing import TypeAlias

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QPainter, QPixmap

from visualizer.paint import qt as paint
from visualizer.paint.ink import colour_of
from visualizer.scene.difference import Box, changed, within
from visualizer.scene.picture import Picture
from visualizer.scene.stage import Stage
from visualizer.scene.stretch import PERIOD, look_of, rows_of, stretch
from visualizer.scene.touched import touched
from visualizer.scene.view import Sight
from visualizer.theme import Theme

Place: TypeAlias = tuple[int, int, int, int]  # left, right, top, bottom of the world
WIDE = 240  # px of a tile; whole device pixels at 1.25 and 1.5 as well
MARGIN = 3 * PERIOD  # px painted beyond what is kept: what a clip cuts comes out otherwise
FEW = 2.5  # steps that an event changes; more of them are painted as there is time
BESIDE = 40.0  # units beyond the steps that an event touches in which it still may show
BEHIND = 256  # px painted before they are needed, where it comes from; where it goes a whole window
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
        self._stale: set[int] = set()  # tiles in sight that show an earlier moment
        self._picture: tuple[Place, Picture] | None = None  # what an event painted last
        self._photo: _Photo | None = None
        self._scratch = QPixmap()
        self._forward = True  # which way it was moved last
        self._dragged = True  # nothing has happened since then: it is worth being ahead

    # ---- what is to be shown

    def follow(self, stage: Stage, theme: Theme, ratio: float) -> None:
        """From now on show this stage; what the tiles had of another one is painted anew, at once
        where an event changed it, later where the graph was zoomed."""
        before, old = self._stage, self._looks
        looks = (*look_of(stage), rows := rows_of(stage), theme.name, ratio)
        if before is not None and looks != old:
            zoomed = before.film is stage.film and looks[-2:] == old[-2:]
            zoomed &= _size(before) == _size(stage) and before.frame.done == stage.frame.done
            self._dragged &= zoomed  # another film first shows what is in sight
            photo = self._photograph(before) if zoomed else None
            self._clear()
            self._photo = photo
        self._looks, self._stage, self._rows = looks, stage, rows
        self._theme, self._ratio = theme, ratio
        if before is not None and looks == old:
            if stage.sight.x0 != before.sight.x0:
                self._forward, self._dragged = stage.sight.x0 < before.sight.x0, True
            if stage.frame.done != before.frame.done:
                self._dragged = False
            self._renew(touched(before, stage))

    def _renew(self, span: tuple[int, int] | None) -> None:
        """Paint what these steps have otherwise now in the tiles in sight, many of them tile by
        tile as there is time; and let go of the tiles out of sight that have them."""
        if span is None:
            self._clear()
        if span is None or span[1] <= span[0]:
            return
        assert self._stage is not None
        sight = self._stage.sight
        beside = BESIDE * sight.scale
        low = math.floor(span[0] * sight.step - beside)
        high = math.ceil(span[1] * sight.step + beside)
        seen, touches = _tiles(sight), range(low // WIDE, -(-high // WIDE))
        for k in [k for k in self._made if k in touches and k not in seen]:
            del self._made[k]
        self._stale.intersection_update(self._made)
        low, high = max(low, seen.start * WIDE), min(high, seen.stop * WIDE)
        if high <= low:
            return
        if span[1] - span[0] > FEW and high - low > WIDE:
            self._stale.update(k for k in touches if k in seen)
            self._picture = None
        else:
            self._repaint(low, high, seen.start * WIDE, seen.stop * WIDE)

    def _repaint(self, low: int, high: int, first: int, last: int) -> None:
        """Paint what has changed within [low, high), where the window shows [first, last)."""
        assert self._stage is not None
        top, bottom = self._rows
        place = (first - MARGIN, last + MARGIN, top - MARGIN, bottom + MARGIN)
        picture = stretch(self._stage, *place)
        before, self._picture = self._picture, (place, picture)
        box: Box | None = (low - place[0], MARGIN, high - place[0], bottom - place[2])
        if before is not None and before[0] == place:
            box = changed(before[1], picture)
        if box is not None:
            self._draw(picture, place, box)

    def _clear(self) -> None:
        """Let go of everything."""
        self._photo = self._picture = None
        self._made.clear()
        self._stale.clear()

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
            self._paint(missing[0], missing[-1] + 1)
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
        seen = _tiles(stage.sight)
        wrong = self.missing() or [k for k in seen if k in self._stale]
        if wrong:
            at = (hand - stage.sight.x0) / WIDE - 0.5
            k = min(wrong, key=lambda k: abs(k - at))
            self._paint(k, k + 1)
            return True
        for k in self._ahead()[:1]:
            self._paint(k, k + 1)
        return False

    @property
    def wrong(self) -> bool:
        """Whether what is in sight is not yet as it should be."""
        return bool(self._stale or self.missing())

    @property
    def scaled(self) -> bool:
        """Whether a photograph stands for what is in sight."""
        return self._photo is not None and bool(self.missing())

    @property
    def wanting(self) -> bool:
        """Whether there is something left to make."""
        return bool(self.missing() or self._stale or self._ahead())

    def _ahead(self) -> list[int]:
        """Tiles out of sight that are missing, those that come next first."""
        if self._stage is None or not self._dragged:
            return []
        sight = self._stage.sight
        first, last = _seen(sight)
        page = last - first
        right, left = (page, BEHIND) if self._forward else (BEHIND, page)
        after = range(-(-last // WIDE), -(-(last + right) // WIDE))
        before = range(first // WIDE - 1, (first - left) // WIDE - 1, -1)
        turn = (after, before) if self._forward else (before, after)
        end = math.ceil(self._stage.film.steps * sight.step / WIDE) + 1
        return [k for some in turn for k in some if k not in self._made and -2 <= k <= end]

    def _paint(self, low: int, high: int) -> None:
        """Paint the tiles [low, high) in one go."""
        assert self._stage is not None
        top, bottom = self._rows
        first, last = low * WIDE, high * WIDE
        place = (first - MARGIN, last + MARGIN, top - MARGIN, bottom + MARGIN)
        self._stale.difference_update(range(low, high))
        for k in range(low, high):
            self._made.pop(k, None)
            self._made[k] = self._blank(WIDE, bottom - top)
        picture = stretch(self._stage, *place)
        box = (MARGIN, MARGIN, last - place[0], bottom - place[2])
        self._draw(picture, place, box, whole=True)
        while len(self._made) > MOST:
            del self._made[next(iter(self._made))]

    def _draw(self, picture: Picture, place: Place, box: Box, *, whole: bool = False) -> None:
        """Draw what is in a box of a picture that stands at this place of the world, on a sheet of
        its own with a margin, and keep it without the margin in the tiles that there are."""
        left, top = max(math.floor(box[0]), MARGIN), max(math.floor(box[1]), MARGIN)
        right = min(math.ceil(box[2]), round(picture.width) - MARGIN)
        bottom = min(math.ceil(box[3]), round(picture.height) - MARGIN)
        if right <= left or bottom <= top:
            return
        around = (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN)
        clip = (*around[:2], around[2] - around[0], around[3] - around[1])
        if not self._fits(picture):
            self._scratch = self._blank(math.ceil(picture.width), math.ceil(picture.height))
        assert self._theme is not None
        with QPainter(self._scratch) as painter:
            paint.draw(painter, picture if whole else within(picture, around), self._theme, clip)
        first, last, ratio = place[0] + left, place[0] + right, self._ratio
        for k in range(first // WIDE, -(-last // WIDE)):
            start, stop = max(k * WIDE, first), min((k + 1) * WIDE, last)
            if k in self._made:
                at = QRectF(start - k * WIDE, top - MARGIN, stop - start, bottom - top)
                x, wide, tall = (start - place[0]) * ratio, at.width() * ratio, at.height() * ratio
                with QPainter(self._made[k]) as painter:
                    painter.drawPixmap(at, self._scratch, QRectF(x, top * ratio, wide, tall))

    def _fits(self, picture: Picture) -> bool:
        """Whether the sheet is large enough for a picture."""
        sheet, ratio = self._scratch, self._ratio
        large = sheet.width() >= picture.width * ratio and sheet.height() >= picture.height * ratio
        return large and sheet.devicePixelRatio() == ratio

    def _blank(self, wide: int, tall: int) -> QPixmap:
        pixmap = QPixmap(QSize(wide, tall) * self._ratio)
        pixmap.setDevicePixelRatio(self._ratio)
        return pixmap


def _size(stage: Stage) -> tuple[float, float]:
    return stage.sight.width, stage.sight.height


def _seen(sight: Sight) -> tuple[int, int]:
    """The pixels of the world [first, last) that the window shows."""
    return math.floor(sight.left - sight.x0), math.ceil(sight.width - sight.x0)


def _tiles(sight: Sight) -> range:
    first, last = _seen(sight)
    return range(first // WIDE, -(-last // WIDE))
