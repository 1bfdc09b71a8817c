"""A graph from afar, kept as tiles of pixel columns that numpy has made: moving it lays them
elsewhere, an event makes anew what it changed in them, and after a zoom the old ones serve,
scaled, until there are new ones. Which pixels they have is `paint.raster`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from visualizer.paint import raster
from visualizer.paint.ink import colour_of
from visualizer.paint.inks import Words, inks_of
from visualizer.scene.compose import level_of_view
from visualizer.scene.far import far_sight, scaled
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.view import Sight, View, step_width
from visualizer.theme import Theme

WIDE = 256  # columns of a tile
AHEAD = 256  # columns beyond the window that are made before they are needed
MOST = 64  # tiles that are kept
PATIENCE = 0.005  # s that one painting may spend on what columns are made from


@dataclass(frozen=True, slots=True)
class _Tile:
    """Pixels, and the same as Qt has them: the image looks into the words, and lives with them."""

    words: Words
    image: QImage


@dataclass(frozen=True)
class _Seen:
    """One far view of a film at a moment, in a window. Where a graph stands is found out when it is
    asked for: not while old pixels serve."""

    film: Film
    frame: Frame
    view: View
    width: int
    height: int
    theme: str
    ratio: float

    @cached_property
    def level(self) -> str:
        return level_of_view(self.film, self.view)

    @property
    def ground(self) -> tuple[object, ...]:
        """All that must be the same for the old columns to serve, scaled, after a zoom."""
        place = (self.level, raster.sequence(self.film, self.view), self.width, self.height)
        return (self.film, self.frame.done, self.theme, self.ratio, *place)

    @property
    def zoom(self) -> tuple[float, float]:
        return self.view.zoom, self.view.stretch

    @cached_property
    def looks(self) -> tuple[object, ...]:
        """All that the columns depend on, but the moment."""
        place = (self.level, self.upright.origin[1], raster.sequence(self.film, self.view))
        return (self.film, self.theme, self.ratio, *place, self.height, *self.zoom)

    @cached_property
    def upright(self) -> View:
        """The view in which the columns are made: a graph that fits the window is made where it
        stands in its middle, and laid where the hand has brought it."""
        middle = replace(self.view, origin=(self.view.origin[0], 0.0))
        if self.level == "bands":
            return middle
        here = far_sight(self.film, middle, 0.0, self.height)
        top, bottom = float(here.y(here.layout.top)), float(here.y(here.layout.bottom))
        return middle if top >= 0.0 and bottom <= here.height else self.view

    @cached_property
    def sight(self) -> Sight:
        """Where the graph lands; bands have no place but the window's."""
        return far_sight(self.film, self.view, self.width, self.height)

    @cached_property
    def down(self) -> float:
        """How far below the place where they were made the columns are laid."""
        if self.level == "bands" or self.upright == self.view:
            return 0.0
        return self.sight.y0 - far_sight(self.film, self.upright, 0.0, self.height).y0

    def columns(
        self, first: int, last: int, into: Words, only: frozenset[raster.Shown] | None = None
    ) -> None:
        """Some columns of it, or what of them is to be drawn anew."""
        inks = inks_of(self.theme, self.ratio)
        place = (self.upright, self.height, first, last)
        raster.columns(self.film, self.frame, *place, inks, into, only)

    @property
    def wide(self) -> float:
        """Columns of a step."""
        return step_width(self.view, self.film.base) * self.ratio

    @cached_property
    def left(self) -> float:
        """The pixel at which time begins."""
        return raster.left(self.film, self.view)

    @cached_property
    def first(self) -> int:
        """The column there."""
        return raster.origin(self.film, self.view, self.ratio)

    @property
    def last(self) -> int:
        """The column behind the last one in sight."""
        return self.first + round((self.width - self.left) * self.ratio)

    @property
    def tiles(self) -> range:
        return range(self.first // WIDE, -(-self.last // WIDE))


def _prepared(film: Film, view: View) -> bool:
    """Whether there is all that columns are made from; some of it is made now."""
    ready: set[object] = film.kept("ready for columns", set)
    what = (level_of_view(film, view), raster.sequence(film, view))
    if what not in ready and _made(film, view):
        ready.add(what)
    return what in ready


def _made(film: Film, view: View) -> bool:
    until = perf_counter() + PATIENCE
    for _ in raster.made(film, view):
        if perf_counter() > until:
            return raster.ready(film, view)
    return True


@dataclass(frozen=True, slots=True)
class _Photo:
    """What was to be seen before a zoom: all tiles of it."""

    tiles: dict[int, _Tile]
    seen: _Seen


class Columns:
    """Those of one film."""

    def __init__(self) -> None:
        self._seen: _Seen | None = None
        self._made: dict[int, _Tile] = {}
        self._spare: list[_Tile] = []  # whose pixels nobody needs any more
        self._whole = np.empty((0, 0), np.uint32)
        self._photo: _Photo | None = None
        self._waiting = False  # nothing is shown yet
        self._forward = True

    def show(
        self, painter: QPainter, film: Film, frame: Frame, view: View, size: tuple[int, int],
        ratio: float, theme: Theme,
    ) -> Sight:  # fmt: skip
        """Lay the columns in sight; what is missing of them is made now, but after a zoom. Of a
        film that is so long that it takes a while until there can be any, nothing but the ground.
        Returns where the graph stands in them."""
        before, seen = self._seen, _Seen(film, frame, view, *size, theme.name, ratio)
        if not _prepared(film, view):
            self._seen, self._waiting = seen, True
            self._forget()
            painter.fillRect(0, 0, *size, colour_of(theme, "canvas"))
            return seen.sight
        if before is None or self._waiting:
            self._forget()
        elif seen.zoom != before.zoom and seen.ground == before.ground:
            self._photograph(before)
        elif seen.looks != before.looks:
            self._forget()
        else:
            self._forward = seen.first >= before.first
            self._renew(before.frame, seen)
        self._seen, self._waiting = seen, False
        missing = self.missing()
        if missing and self._photo is None:
            self._make(missing[0], missing[-1] + 1)
        painter.save()
        area = QRectF(seen.left, 0.0, seen.width - seen.left, seen.height)
        painter.setClipRect(area)
        if missing or seen.down:
            painter.fillRect(area, colour_of(theme, "canvas"))
        if missing and self._photo is not None:
            self._lay_photo(painter, self._photo, seen)
            then = self._photo.seen.sight
        else:
            self._drop_photo()
            self._lay(painter, seen)
            then = seen.sight
        painter.restore()
        return then if then is seen.sight else scaled(film, view, then, *size)

    def _lay(self, painter: QPainter, seen: _Seen) -> None:
        for k in seen.tiles:
            x = seen.left + (k * WIDE - seen.first) / seen.ratio
            painter.drawImage(QPointF(x, seen.down), self._made[k].image)

    def _photograph(self, before: _Seen) -> None:
        """Let what was to be seen serve on, or what served for it while not all of it was there."""
        if all(k in self._made for k in before.tiles):
            self._drop_photo()
            self._photo, self._made = _Photo(self._made, before), {}
        else:
            self._put_by(self._made)

    def _drop_photo(self) -> None:
        if self._photo is not None:
            self._put_by(self._photo.tiles)
            self._photo = None

    def _lay_photo(self, painter: QPainter, photo: _Photo, now: _Seen) -> None:
        """What was to be seen before a zoom, its steps where they are now."""
        then, grown = photo.seen, now.wide / photo.seen.wide
        left, tall = now.left - now.first / now.ratio, then.height
        for k, tile in photo.tiles.items():
            a, z = (round(left + n * WIDE * grown / now.ratio) for n in (k, k + 1))
            if z > a and z > now.left and a < now.width:
                painter.drawImage(QRectF(a, then.down, z - a, tall), tile.image)

    def missing(self) -> list[int]:
        """Tiles in sight that there are not."""
        return [k for k in self._seen.tiles if k not in self._made] if self._seen else []

    def _renew(self, before: Frame, seen: _Seen) -> None:
        """Make anew in the columns in sight what another moment has changed; let the others go."""
        if before.done == seen.frame.done:
            return
        moments = (seen.film, before, seen.frame, seen.view)
        only = raster.alone(*moments)
        for low, high in raster.changed(*moments, seen.ratio):
            for k in [k for k in self._made if k * WIDE < high and (k + 1) * WIDE > low]:
                start, stop = max(low, k * WIDE), min(high, (k + 1) * WIDE)
                if k not in seen.tiles:
                    self._spare.append(self._made.pop(k))
                    continue
                part = self._made[k].words[:, start - k * WIDE : stop - k * WIDE]
                seen.columns(start, stop, part, only)

    @property
    def wanting(self) -> bool:
        """Whether tiles are still to be made: in sight, beside the window, or all of them."""
        return self._waiting or bool(self.missing() or self._ahead())

    def make(self, hand: float) -> bool:
        """Make those in sight, wherever the hand is, or the next one; whether that shows, or there
        can be tiles now that could not be before."""
        if self._waiting and self._seen is not None:
            if _prepared(self._seen.film, self._seen.view):
                self._seen, self._waiting = None, False
            return self._seen is None
        missing = self.missing()
        if missing:
            self._make(missing[0], missing[-1] + 1)
            return True
        for k in self._ahead()[:1]:
            self._make(k, k + 1)
        return False

    def _ahead(self) -> list[int]:
        """Tiles out of sight that are missing, those first that come next."""
        seen = self._seen
        if seen is None or self._waiting:
            return []
        after = range(seen.tiles.stop, -(-(seen.last + AHEAD) // WIDE))
        before = range(seen.tiles.start - 1, (seen.first - AHEAD) // WIDE - 1, -1)
        turn = (after, before) if self._forward else (before, after)
        return [k for some in turn for k in some if k not in self._made]

    def _make(self, low: int, high: int) -> None:
        """Make these tiles at one go."""
        seen = self._seen
        assert seen is not None
        rows, wide = round(seen.height * seen.ratio), (high - low) * WIDE
        if self._whole.shape[0] != rows or self._whole.shape[1] < wide:
            self._whole = np.empty((rows, wide), np.uint32)
        whole = self._whole[:, :wide]
        seen.columns(low * WIDE, high * WIDE, whole)
        for k in range(low, high):
            tile = self._tile(rows, seen.ratio)
            tile.words[...] = whole[:, (k - low) * WIDE : (k - low + 1) * WIDE]
            self._made[k] = tile
        while len(self._made) > MOST:
            self._spare.append(self._made.pop(next(iter(self._made))))

    def _tile(self, rows: int, ratio: float) -> _Tile:
        """One that is spare, of this size, or a new one."""
        while self._spare:
            tile = self._spare.pop()
            if len(tile.words) == rows and tile.image.devicePixelRatio() == ratio:
                return tile
        words = np.empty((rows, WIDE), np.uint32)
        image = QImage(words.data, WIDE, rows, 4 * WIDE, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        return _Tile(words, image)

    def _forget(self) -> None:
        """Let go of all tiles."""
        self._drop_photo()
        self._put_by(self._made)

    def _put_by(self, tiles: dict[int, _Tile]) -> None:
        """Keep tiles for their memory alone: new memory takes longer than what they have."""
        self._spare = [*self._spare, *tiles.values()][:MOST]
        tiles.clear()
