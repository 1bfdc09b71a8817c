"""A graph from afar, kept as tiles of pixel columns that numpy has made: moving it lays them
elsewhere, an event makes the columns anew that it changed, and after a zoom the old ones serve,
scaled, until there is time for new ones. Which pixels they have is `paint.raster`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPixmap

from visualizer.paint import raster
from visualizer.paint.ink import colour_of
from visualizer.paint.inks import Words, inks_of
from visualizer.scene.compose import level_of_view
from visualizer.scene.far import far_sight
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.view import Sight, View, step_width
from visualizer.theme import Theme, theme_named

WIDE = 256  # columns of a tile
AHEAD = 256  # columns beyond the window that are made before they are needed
MOST = 64  # tiles that are kept
PATIENCE = 0.005  # s that one painting may spend on what columns are made from


@dataclass(frozen=True, slots=True)
class _Tile:
    """Pixels, and the same as Qt has them: the image looks into the words, and lives with them."""

    words: Words
    image: QImage


@dataclass(frozen=True, slots=True)
class _Seen:
    """One far view of a film at a moment, in a window."""

    film: Film
    frame: Frame
    view: View
    width: int
    height: int
    theme: str
    ratio: float

    @property
    def looks(self) -> tuple[object, ...]:
        """All that the columns depend on, but the moment."""
        view, level = self.upright, level_of_view(self.film, self.view)
        place = (level, view.origin[1], raster.sequence(self.film, view), self.height)
        return (self.film, self.theme, self.ratio, *place, view.zoom, view.stretch)

    @property
    def upright(self) -> View:
        """The view in which the columns are made: a graph that fits the window is made where it
        stands in its middle, and laid where the hand has brought it."""
        middle = replace(self.view, origin=(self.view.origin[0], 0.0))
        here = self._sight(middle)
        if here is None:
            return middle
        top, bottom = float(here.y(here.layout.top)), float(here.y(here.layout.bottom))
        return middle if top >= 0.0 and bottom <= here.height else self.view

    @property
    def down(self) -> float:
        """How far below the place where they were made the columns are laid."""
        here, made = self._sight(self.view), self._sight(self.upright)
        return here.y0 - made.y0 if here is not None and made is not None else 0.0

    def _sight(self, view: View) -> Sight | None:
        """Where the graph lands; bands have no place but the window's."""
        if level_of_view(self.film, view) == "bands":
            return None
        return far_sight(self.film, view, 0.0, self.height)

    def columns(self, first: int, last: int, into: Words | None = None) -> Words:
        """Some columns of it."""
        inks = inks_of(self.theme, self.ratio)
        place = (self.upright, self.height, first, last)
        return raster.columns(self.film, self.frame, *place, inks, into)

    @property
    def wide(self) -> float:
        """Columns of a step."""
        return step_width(self.view, self.film.base) * self.ratio

    @property
    def left(self) -> float:
        """The pixel at which time begins."""
        return raster.left(self.film, self.view)

    @property
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
    until = perf_counter() + PATIENCE
    for _ in raster.made(film, view):
        if perf_counter() > until:
            return raster.ready(film, view)
    return True


@dataclass(frozen=True, slots=True)
class _Photo:
    """What was to be seen before a zoom."""

    pixels: QPixmap
    seen: _Seen


class Columns:
    """Those of one film."""

    def __init__(self) -> None:
        self._seen: _Seen | None = None
        self._looks: tuple[object, ...] = ()
        self._made: dict[int, _Tile] = {}
        self._spare: list[_Tile] = []  # whose pixels nobody needs any more
        self._whole = np.empty((0, 0), np.uint32)
        self._photo: _Photo | None = None
        self._forward = True

    def show(
        self, painter: QPainter, film: Film, frame: Frame, view: View, size: tuple[int, int],
        ratio: float, theme: Theme,
    ) -> None:  # fmt: skip
        """Lay the columns in sight; what is missing of them is made now. Of a film that is so long
        that it takes a while until there can be any, nothing but the ground."""
        before, seen = self._seen, _Seen(film, frame, view, *size, theme.name, ratio)
        if not _prepared(film, view):
            self._seen, self._looks, self._photo = seen, (), None
            self._forget()
            painter.fillRect(0, 0, *size, colour_of(theme, "canvas"))
            return
        looks = seen.looks
        if looks != self._looks:
            zoomed = before is not None and looks[:-2] == self._looks[:-2]
            zoomed = zoomed and before is not None and before.frame.done == frame.done
            self._photo = self._photograph(before) if zoomed and before is not None else None
            self._forget()
        elif before is not None:
            self._forward = seen.first >= before.first
            self._renew(before.frame, seen)
        self._looks, self._seen = looks, seen
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
        else:
            self._photo = None
            self._lay(painter, seen)
        painter.restore()

    def _lay(self, painter: QPainter, seen: _Seen) -> None:
        for k in seen.tiles:
            x = seen.left + (k * WIDE - seen.first) / seen.ratio
            painter.drawImage(QPointF(x, seen.down), self._made[k].image)

    def _photograph(self, before: _Seen) -> _Photo | None:
        """What was to be seen, or what was to be seen while that was not there yet."""
        if any(k not in self._made for k in before.tiles):
            return self._photo
        pixels = QPixmap(QSize(before.width, before.height) * before.ratio)
        pixels.setDevicePixelRatio(before.ratio)
        pixels.fill(colour_of(theme_named(before.theme), "canvas"))
        with QPainter(pixels) as painter:
            self._lay(painter, before)
        return _Photo(pixels, before)

    def _lay_photo(self, painter: QPainter, photo: _Photo, now: _Seen) -> None:
        """What was to be seen before a zoom, its steps where they are now."""
        then, grown = photo.seen, now.wide / photo.seen.wide
        left = now.left + (then.first * grown - now.first) / now.ratio
        wide = (then.width - then.left) * grown
        source = QRectF(then.left * then.ratio, 0.0, 0.0, then.height * then.ratio)
        source.setRight(then.width * then.ratio)
        painter.drawPixmap(QRectF(left, 0.0, wide, now.height), photo.pixels, source)

    def missing(self) -> list[int]:
        """Tiles in sight that there are not."""
        return [k for k in self._seen.tiles if k not in self._made] if self._seen else []

    def _renew(self, before: Frame, seen: _Seen) -> None:
        """Make the columns in sight anew that another moment has changed; let the others go."""
        if before.done == seen.frame.done:
            return
        for low, high in raster.changed(seen.film, before, seen.frame, seen.view, seen.ratio):
            for k in [k for k in self._made if k * WIDE < high and (k + 1) * WIDE > low]:
                start, stop = max(low, k * WIDE), min(high, (k + 1) * WIDE)
                if k not in seen.tiles:
                    del self._made[k]
                    continue
                place = slice(start - k * WIDE, stop - k * WIDE)
                self._made[k].words[:, place] = seen.columns(start, stop)

    @property
    def wanting(self) -> bool:
        """Whether tiles are still to be made: in sight, beside the window, or all of them."""
        return self._waiting or bool(self.missing() or self._ahead())

    @property
    def _waiting(self) -> bool:
        """Whether nothing is shown yet."""
        return self._seen is not None and not self._looks

    def make(self, hand: float) -> bool:
        """Make those in sight, wherever the hand is, or the next one; whether that shows, or there
        can be tiles now that could not be before."""
        if self._waiting and self._seen is not None:
            if _prepared(self._seen.film, self._seen.view):
                self._seen = None
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
        """Let go of all tiles; new memory takes longer than what they have."""
        self._spare = [*self._spare, *self._made.values()][:MOST]
        self._made.clear()
