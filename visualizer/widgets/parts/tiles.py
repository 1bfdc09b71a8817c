"""A graph that scrolls, kept as tiles of pixels: moving it lays them elsewhere, an event paints
anew the steps that it changed, and after a zoom the old pixels serve, scaled, until there are new
ones. Tiles are made ahead of the hand, a few milliseconds at a time. What a film that races shows
for a moment is painted quickly (`racer`), and then as always.

However the tiles came about, their pixels are those of one painting of all that is in sight: a
test compares them. What is drawn in them is `scene.stretch`'s, when there is time for more of them
the canvas's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import perf_counter

from PySide6.QtCore import QRect, QRectF, QSizeF
from PySide6.QtGui import QPainter, QPixmap

from visualizer.paint.ink import colour_of
from visualizer.scene.difference import Box, changed
from visualizer.scene.memory import Memory
from visualizer.scene.picture import Picture
from visualizer.scene.stage import Stage
from visualizer.scene.stretch import look_of, rows_of, stretch
from visualizer.scene.touched import touched
from visualizer.scene.view import Sight
from visualizer.theme import Theme
from visualizer.widgets.parts.pixels import MARGIN, WIDE, Pixels, Place, seen_of, tiles_of
from visualizer.widgets.parts.racer import Racer

FEW = 2.5  # steps that an event changes; more of them are painted as there is time
BESIDE = 40.0  # units beyond the steps that an event touches in which it still may show
BEHIND = 256  # px painted before they are needed, where it comes from; where it goes a whole window
MANY = 12  # events at once from which on a film races
PATIENCE = 0.003  # s between two events


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
        self._pixels = Pixels()
        self._stale: set[int] = set()  # tiles in sight that show an earlier moment
        self._picture: tuple[Place, Picture] | None = None  # what an event painted last …
        self._memory = Memory()  # … and what of it the next one finds ready
        self._photo: _Photo | None = None
        self._work: tuple[int, Iterator[None]] | None = None  # a tile in the making
        self._racer = Racer()
        self._races = False  # the last event brought more than can be looked at
        self._forward = True  # which way it was moved last
        self._dragged = True  # nothing has happened since then: it is worth being ahead

    # ---- what is to be shown

    def follow(self, stage: Stage, theme: Theme, ratio: float) -> Box | None:
        """From now on show this stage; what the tiles had of another one is painted anew, at once
        where an event changed it, later where the graph was zoomed. The box of the window in which
        it was, None if nothing was or all is `wrong` now."""
        before, old = self._stage, self._looks
        looks = (*look_of(stage), rows := rows_of(stage), theme.name, ratio)
        if before is not None and looks != old:
            zoomed = before.film is stage.film and looks[-2:] == old[-2:]
            zoomed &= _size(before) == _size(stage) and before.frame.done == stage.frame.done
            self._dragged &= zoomed  # another film first shows what is in sight
            photo = self._photograph(before) if zoomed else None
            self._clear()
            self._photo = photo
        self._looks, self._stage, self._theme, self._ratio = looks, stage, theme, ratio
        self._pixels.look(theme, ratio, rows)
        if before is not None and looks == old:
            if stage.sight.x0 != before.sight.x0:
                self._forward, self._dragged = stage.sight.x0 < before.sight.x0, True
            if events := abs(stage.frame.done - before.frame.done):
                self._dragged, self._races = False, events > MANY
                if self._races and not self._right:
                    return self._renew((0, stage.film.steps))
            return self._renew(touched(before, stage))
        return None

    def _renew(self, span: tuple[int, int] | None) -> Box | None:
        """Paint what these steps have otherwise now in the tiles in sight, many of them tile by
        tile as there is time; and let go of the tiles out of sight that have them."""
        if span is None:
            self._clear()
        if span is None or span[1] <= span[0]:
            return None
        self._work = None
        assert self._stage is not None
        sight = self._stage.sight
        beside = BESIDE * sight.scale
        low = math.floor(span[0] * sight.step - beside)
        high = math.ceil(span[1] * sight.step + beside)
        seen, touches = tiles_of(sight), range(low // WIDE, -(-high // WIDE))
        for k in [k for k in self._pixels.made if k in touches and k not in seen]:
            del self._pixels.made[k]
        self._stale.intersection_update(self._pixels.made)
        low, high = max(low, seen.start * WIDE), min(high, seen.stop * WIDE)
        if high <= low:
            return None
        if self._races or (span[1] - span[0] > FEW and high - low > WIDE):
            self._stale.update(k for k in seen if k in touches)
            self._picture = None
            return None
        return self._repaint(low, high, seen.start * WIDE, seen.stop * WIDE)

    def _repaint(self, low: int, high: int, first: int, last: int) -> Box | None:
        """Paint what has changed within [low, high), where the window shows [first, last). The box
        of the window in which that was."""
        assert self._stage is not None
        top, bottom = self._pixels.rows
        place = (first - MARGIN, last + MARGIN, top - MARGIN, bottom + MARGIN)
        picture = stretch(self._stage, *place, self._memory)
        before, self._picture = self._picture, (place, picture)
        box: Box | None = (low - place[0], MARGIN, high - place[0], bottom - place[2])
        if before is not None and before[0] == place:
            box = changed(before[1], picture)
        if box is None:
            return None
        self._pixels.draw(picture, place, box)
        return _in_window(box, place, self._stage.sight)

    def _clear(self) -> None:
        """Let go of everything."""
        self._photo = self._picture = self._work = None
        self._racer.forget()
        self._pixels.made.clear()
        self._stale.clear()

    def _photograph(self, before: Stage) -> _Photo | None:
        """What was to be seen; while that is not yet as it should be, what was to be seen then."""
        if any(k not in self._pixels.made for k in tiles_of(before.sight)):
            return self._photo
        sight = before.sight
        pixels = QPixmap((QSizeF(sight.width, sight.height) * self._ratio).toSize())
        pixels.setDevicePixelRatio(self._ratio)
        with QPainter(pixels) as painter:
            self._pixels.lay(painter, sight)
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
            target = self._lay_photo(painter, self._photo, sight)
            ground = colour_of(theme, "canvas")
            for rest in _beside(box, QRectF(target)):
                painter.fillRect(rest, ground)
        elif missing and not (self._races and self._race(painter, missing)):
            self._paint(missing[0], missing[-1] + 1)
        else:
            self._photo = None
        self._pixels.lay(painter, sight)
        painter.restore()

    def _lay_photo(self, painter: QPainter, photo: _Photo, now: Sight) -> QRect:
        """The photograph, moved and scaled to where its steps and rows are now; where that is."""
        then = photo.sight
        across = now.step / then.step
        down = now.scale * now.layout.pitch / (then.scale * then.layout.pitch)
        target = QRectF(
            now.x0 + (then.left - then.x0) * across,
            now.y0 - then.y0 * down,
            (then.width - then.left) * across,
            then.height * down,
        ).toRect()
        left = then.left * self._ratio
        source = QRectF(left, 0, photo.pixels.width() - left, photo.pixels.height())
        painter.drawPixmap(QRectF(target), photo.pixels, source)
        return target

    # ---- making tiles

    def missing(self) -> list[int]:
        """Tiles in sight that there are not."""
        if self._stage is None:
            return []
        return [k for k in tiles_of(self._stage.sight) if k not in self._pixels.made]

    def make(self, hand: float) -> bool:
        """Go on with a tile, if any is needed: in sight that nearest to the hand, else ahead.
        Whether something in sight was finished; `PATIENCE` is all the time that it takes."""
        until, stage = perf_counter() + PATIENCE, self._stage
        while stage is not None and (self._work or (k := self._next(hand)) is not None):
            if self._work is None:
                assert k is not None
                self._work = k, self._pixels.painting(stage, k)
            for _ in self._work[1]:
                if perf_counter() > until:
                    return False
            done, self._work = self._work[0], None
            self._stale.discard(done)
            if done in tiles_of(stage.sight):
                return True
            if perf_counter() > until:
                return False
        self._races = False
        return False

    def _next(self, hand: float) -> int | None:
        """The tile that is needed most."""
        assert self._stage is not None
        sight = self._stage.sight
        wrong = self.missing() or [k for k in tiles_of(sight) if k in self._stale]
        if wrong:
            if self._races:  # there one looks
                wrong += self._stale.intersection(tiles_of(sight))
                hand = float(sight.edge(self._stage.frame.lately))
            at = (hand - sight.x0) / WIDE - 0.5
            return min(wrong, key=lambda k: abs(k - at))
        return next(iter(self._ahead()), None)

    @property
    def _right(self) -> bool:
        """Whether any tile in sight is as it should be."""
        assert self._stage is not None
        return any(
            k in self._pixels.made and k not in self._stale for k in tiles_of(self._stage.sight)
        )

    @property
    def wrong(self) -> bool:
        """Whether what is in sight is not yet as it should be."""
        return bool(self._stale or self.missing())

    @property
    def scaled(self) -> bool:
        """Whether a photograph stands for what is in sight."""
        return self._photo is not None and bool(self.missing())

    def shown(self, now: Sight) -> Sight:
        """Where the nodes are that one sees: while a photograph serves, where that has them."""
        if not self.scaled or self._photo is None:
            return now
        then = self._photo.sight
        first, last = max(now.first, then.first), min(now.last, then.last)
        scale = now.scale * now.layout.pitch / then.layout.pitch
        return replace(now, layout=then.layout, scale=scale, first=first, last=max(first, last))

    @property
    def wanting(self) -> bool:
        """Whether there is something left to make."""
        return bool(self.missing() or self._stale or self._ahead())

    def _ahead(self) -> list[int]:
        """Tiles out of sight that are missing, those that come next first."""
        if self._stage is None or not self._dragged:
            return []
        sight = self._stage.sight
        first, last = seen_of(sight)
        page = last - first
        right, left = (page, BEHIND) if self._forward else (BEHIND, page)
        after = range(-(-last // WIDE), -(-(last + right) // WIDE))
        before = range(first // WIDE - 1, (first - left) // WIDE - 1, -1)
        turn = (after, before) if self._forward else (before, after)
        end = math.ceil(self._stage.film.steps * sight.step / WIDE) + 1
        return [k for some in turn for k in some if k not in self._pixels.made and -2 <= k <= end]

    def _paint(self, low: int, high: int) -> None:
        """Paint the tiles [low, high) in one go."""
        assert self._stage is not None
        place = self._pixels.open(low, high)
        self._stale.difference_update(range(low, high))
        picture = stretch(self._stage, *place)
        box = (MARGIN, MARGIN, round(picture.width) - MARGIN, round(picture.height) - MARGIN)
        self._pixels.draw(picture, place, box, whole=True)

    def _race(self, painter: QPainter, missing: list[int]) -> bool:
        """Paint what is missing quickly, to be painted as always when there is time: all that is in
        sight as a page under the tiles to come, some of it as tiles. False where steps are not
        alike."""
        assert self._stage is not None and self._theme is not None
        sight, (top, bottom) = self._stage.sight, self._pixels.rows
        first, last = seen_of(sight)
        drawing = (self._stage, self._theme, self._ratio)
        if len(missing) == len(tiles_of(sight)) or self._racer.has(first, last):
            page = self._racer.page(*drawing, (first, last, top, bottom))
            if page is not None:
                self._pixels.lay_one(painter, sight, page, first + sight.x0, last - first)
            return page is not None
        low, high = missing[0], missing[-1] + 1
        place = (low * WIDE, high * WIDE, top, bottom)
        page = self._racer.page(*drawing, place)
        if page is not None:
            self._pixels.open(low, high)
            self._stale.update(range(low, high))
            self._pixels.keep(page, place, (0, 0, place[1] - place[0], bottom - top))
        return page is not None


def _in_window(box: Box, place: Place, sight: Sight) -> Box:
    """Where a box of a place of the world is; above and below its rows the ground goes on."""
    x, y = place[0] + sight.x0, place[2] + sight.y0
    top = 0.0 if box[1] <= MARGIN else box[1] + y
    last = box[3] >= place[3] - place[2] - MARGIN
    return box[0] + x, top, box[2] + x, sight.height if last else box[3] + y


def _size(stage: Stage) -> tuple[float, float]:
    return stage.sight.width, stage.sight.height


def _beside(box: QRectF, part: QRectF) -> list[QRectF]:
    """What of a box a part of it leaves free."""
    part = part.intersected(box)
    if part.isEmpty():
        return [box]
    high = part.height()
    return [
        QRectF(box.left(), box.top(), box.width(), part.top() - box.top()),
        QRectF(box.left(), part.bottom(), box.width(), box.bottom() - part.bottom()),
        QRectF(box.left(), part.top(), part.left() - box.left(), high),
        QRectF(part.right(), part.top(), box.right() - part.right(), high),
    ]
