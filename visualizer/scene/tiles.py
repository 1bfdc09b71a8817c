"""Arrays of more than two axes as matrices side by side: the kernels of a convolution, the channels
of a picture, the matrices of several steps. Where a cell stands and which one is under a point.

The last two axes are one tile; cells count row by row through the whole array.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.cells import WHOLE
from visualizer.scene.picture import Heat, Item, Map, Picture, Rects, Strips, level_of
from visualizer.scene.pictured import reduced

BETWEEN = 5.0  # px from tile to tile
LINE = 1.0  # px left for the line round the outermost tiles
SEEN = 2.0  # px of a cell that is drawn by itself
LARGEST = 26.0  # px of a cell


@dataclass(frozen=True, slots=True)
class Tiles:
    """`tiles` matrices (`high`, `wide`), `across` of them in a row, of square cells."""

    tiles: int
    across: int
    high: int
    wide: int
    width: float
    gap: float

    @property
    def height(self) -> float:
        return self.width

    @property
    def count(self) -> int:
        return self.tiles * self.high * self.wide

    @property
    def columns(self) -> int:
        return self.across * self.wide

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of one tile."""
        cell = self.width + self.gap
        return self.wide * cell - self.gap, self.high * cell - self.gap

    @property
    def total(self) -> float:
        """Height of all."""
        rows = math.ceil(self.tiles / self.across)
        return rows * (self.size[1] + BETWEEN) - BETWEEN + 2 * LINE

    def corner(self, tile: int) -> tuple[float, float]:
        row, column = divmod(tile, self.across)
        return LINE + column * (self.size[0] + BETWEEN), LINE + row * (self.size[1] + BETWEEN)

    def box(self, cell: int) -> tuple[float, float, float, float]:
        """x, y, width, height of a cell."""
        tile, rest = divmod(cell, self.high * self.wide)
        row, column = divmod(rest, self.wide)
        x, y = self.corner(tile)
        apart = self.width + self.gap
        return x + column * apart, y + row * apart, self.width, self.width

    def at(self, x: float, y: float) -> int | None:
        """The cell under a point; None outside."""
        x, y = x - LINE, y - LINE
        if x < 0 or y < 0:
            return None
        wide, high = self.size
        (column, dx), (row, dy) = divmod(x, wide + BETWEEN), divmod(y, high + BETWEEN)
        apart = self.width + self.gap
        inner = int(dx // apart), int(dy // apart)
        tile = int(row) * self.across + int(column)
        if column >= self.across or tile >= self.tiles:
            return None
        if inner[0] >= self.wide or inner[1] >= self.high:
            return None
        return (tile * self.high + inner[1]) * self.wide + inner[0]


def tiles_of(shape: tuple[int, ...], width: float, height: float) -> Tiles:
    """Tiles for an array of three or more axes in width × height: a row of them for each place of
    the first axis of four, as many as fit for three."""
    *outer, high, wide = shape
    count = math.prod(outer)
    if len(outer) > 1:
        return _fitted(count, outer[-1], high, wide, width, height)
    tried = [_fitted(count, n, high, wide, width, height) for n in range(1, count + 1)]
    return max(tried[:64], key=lambda tiles: (tiles.width, -tiles.across))


def _fitted(count: int, across: int, high: int, wide: int, width: float, height: float) -> Tiles:
    down = math.ceil(count / across)
    room = (width - 2 * LINE - (across - 1) * BETWEEN) / (across * wide)
    room = min(room, (height - 2 * LINE - (down - 1) * BETWEEN) / (down * high), LARGEST)
    room = math.floor(room) if room >= WHOLE else room  # else some gaps would be two pixels
    gap = 1.0 if room >= 5.0 else 0.0
    return Tiles(count, across, high, wide, max(room - gap, 0.01), gap)


def tiles_picture(
    values: NDArray[np.float64] | None, tiles: Tiles, map: Map, scale: float
) -> Picture:
    """The tiles, each with a line round it; None: dashed frames of what is still to come. Of cells
    too small to be seen those furthest from zero are."""
    wide, high = tiles.size
    corners = np.array([tiles.corner(k) for k in range(tiles.tiles)])
    frames = np.column_stack([corners - 0.5, np.full((tiles.tiles, 2), (wide + 1, high + 1))])
    width = tiles.across * (wide + BETWEEN) - BETWEEN + 2 * LINE
    if values is None:
        return Picture(width, tiles.total, (Rects("bar-pending", frames, radius=2),), background="")
    levels = level_of(values.reshape(-1), scale, signed=map != "gate")
    outline = Rects("strip-frame", frames, radius=0.0)
    if tiles.width < SEEN:
        seen = reduced(levels.reshape(-1, tiles.high, tiles.wide), wide, high)
        heats = [Heat(map, (x, y, wide, high), s) for (x, y), s in zip(corners.tolist(), seen)]
        return Picture(width, tiles.total, (*heats, outline), background="")
    rows = tiles.tiles * tiles.high
    boxes = np.empty((rows, 4))
    boxes[:, 0] = np.repeat(corners[:, 0], tiles.high)
    down = np.tile(np.arange(tiles.high) * (tiles.width + tiles.gap), tiles.tiles)
    boxes[:, 1] = np.repeat(corners[:, 1], tiles.high) + down
    boxes[:, 2], boxes[:, 3] = wide, tiles.width
    counts = np.full(rows, tiles.wide, dtype=np.int64)
    items: tuple[Item, ...] = (Strips(map, boxes, counts, levels, gap=tiles.gap), outline)
    return Picture(width, tiles.total, items, background="")
