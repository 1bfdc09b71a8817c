"""A graph from afar, kept as tiles of pixel columns that numpy has made: moving it lays them
elsewhere, an event makes the columns anew that it changed, and after a zoom all in sight are made
at once. Which pixels they have is `paint.raster`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from visualizer.paint import raster
from visualizer.paint.ink import colour_of
from visualizer.paint.inks import Words, inks_of
from visualizer.scene.compose import level_of_view
from visualizer.scene.far import far_sight
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.view import View
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
        view, level = self.view, level_of_view(self.film, self.view)
        y0 = 0.0 if level == "bands" else far_sight(self.film, view, 0.0, self.height).y0
        sequence = raster.sequence(self.film, view)
        size = (view.zoom, view.stretch, level, sequence, y0, self.height)
        return (self.film, *size, self.theme, self.ratio)

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


class Columns:
    """Those of one film."""

    def __init__(self) -> None:
        self._seen: _Seen | None = None
        self._looks: tuple[object, ...] = ()
        self._made: dict[int, _Tile] = {}
        self._spare: list[_Tile] = []  # whose pixels nobody needs any more
        self._whole = np.empty((0, 0), np.uint32)
        self._forward = True

    def show(
        self, painter: QPainter, film: Film, frame: Frame, view: View, size: tuple[int, int],
        ratio: float, theme: Theme,
    ) -> None:  # fmt: skip
        """Lay the columns in sight; what is missing of them is made now. Of a film that is so long
        that it takes a while until there can be any, nothing but the ground."""
        before, seen = self._seen, _Seen(film, frame, view, *size, theme.name, ratio)
        if not _prepared(film, view):
            self._seen, self._looks = seen, ()
            self._forget()
            painter.fillRect(0, 0, *size, colour_of(theme, "canvas"))
            return
        looks = seen.looks
        if looks != self._looks:
            self._forget()
        elif before is not None:
            self._forward = seen.first >= before.first
            self._renew(before.frame, seen)
        self._looks, self._seen = looks, seen
        missing = [k for k in seen.tiles if k not in self._made]
        if missing:
            self._make(missing[0], missing[-1] + 1)
        painter.save()
        painter.setClipRect(QRectF(seen.left, 0.0, seen.width - seen.left, seen.height))
        for k in seen.tiles:
            x = seen.left + (k * WIDE - seen.first) / ratio
            painter.drawImage(QPointF(x, 0.0), self._made[k].image)
        painter.restore()

    def _renew(self, before: Frame, seen: _Seen) -> None:
        """Make the columns in sight anew that another moment has changed; let the others go."""
        if before.done == seen.frame.done:
            return
        inks = inks_of(seen.theme, seen.ratio)
        for low, high in raster.changed(seen.film, before, seen.frame, seen.view, seen.ratio):
            for k in [k for k in self._made if k * WIDE < high and (k + 1) * WIDE > low]:
                start, stop = max(low, k * WIDE), min(high, (k + 1) * WIDE)
                if k not in seen.tiles:
                    del self._made[k]
                    continue
                place = slice(start - k * WIDE, stop - k * WIDE)
                self._made[k].words[:, place] = raster.columns(
                    seen.film, seen.frame, seen.view, seen.height, start, stop, inks
                )

    @property
    def wanting(self) -> bool:
        """Whether tiles are still to be made: beside the window, or all of them."""
        return self._waiting or bool(self._ahead())

    @property
    def _waiting(self) -> bool:
        """Whether nothing is shown yet."""
        return self._seen is not None and not self._looks

    def make(self, hand: float) -> bool:
        """Make the next of them; wherever the hand is, nothing in sight is missing. Whether there
        can be tiles now that could not be before."""
        if self._waiting and self._seen is not None:
            if _prepared(self._seen.film, self._seen.view):
                self._seen = None
            return self._seen is None
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
        inks = inks_of(seen.theme, seen.ratio)
        rows, wide = round(seen.height * seen.ratio), (high - low) * WIDE
        if self._whole.shape[0] != rows or self._whole.shape[1] < wide:
            self._whole = np.empty((rows, wide), np.uint32)
        whole = self._whole[:, :wide]
        raster.columns(
            seen.film, seen.frame, seen.view, seen.height, low * WIDE, high * WIDE, inks, whole
        )
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
