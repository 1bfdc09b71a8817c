"""Small pictures of numbers, for beside the graph: rows of cells, matrices. Bars are in `bars`.

Where a cell stands and which one is under a point live here too, so that what is drawn and what
is clicked agree. What the numbers mean is told by whoever asks; nothing reads a recording.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visualizer.palette import hexes
from visualizer.scene.picture import Item, Map, Picture, Rects, Strips, Texts, level_of
from visualizer.theme import reads_dark

GAP = 2.0
CELL_HEIGHT = 26.0
NUMBER_HEIGHT = 20.0
NUMBER_WIDTH = 29.0  # of "+0.95" in the small mono font
MATRIX_LIMIT = 64  # rows or columns that are drawn one by one
FLAT_LIMIT = 1024
WHOLE = 6.0  # px from which a cell of a matrix is as large as its neighbours, to the pixel
LEAST = 14.0  # px of all rows of a matrix


@dataclass(frozen=True, slots=True)
class Grid:
    """`count` cells in rows of `columns`, each `width` × `height`, one row every `pitch`."""

    count: int
    columns: int
    width: float
    height: float
    pitch: float
    gap: float = GAP

    @property
    def rows(self) -> int:
        return math.ceil(self.count / self.columns)

    @property
    def numbers(self) -> bool:
        """Whether a number fits under each cell."""
        return self.pitch > self.height + NUMBER_HEIGHT / 2

    @property
    def total(self) -> float:
        """Height of all rows."""
        return self.rows * self.pitch

    def box(self, cell: int) -> tuple[float, float, float, float]:
        """x, y, width, height of a cell."""
        row, column = divmod(cell, self.columns)
        return (
            column * (self.width + self.gap),
            row * self.pitch,
            self.width,
            self.height,
        )

    def at(self, x: float, y: float) -> int | None:
        """The cell under a point, its number included; None outside."""
        column, row = int(x // (self.width + self.gap)), int(y // self.pitch)
        cell = row * self.columns + column
        if x < 0 or y < 0 or column >= self.columns or cell >= self.count:
            return None
        return cell


def row_grid(count: int, width: float, *, numbers: bool = True, height: float = 0.0) -> Grid:
    """Cells of a vector in `width`: eight in a row with their numbers, more without; no higher
    than `height`, if there is one."""
    columns = next((c for c in (8, 16, 32) if count <= 4 * c), 64)
    if count < columns:
        columns = max(count, 4) if columns == 8 else columns
    gap = GAP if columns <= 16 else 1.0 if columns <= 32 else 0.0
    cell = (width - (columns - 1) * gap) / columns
    tall = {16: 16.0, 32: 9.0, 64: 5.0}.get(columns, CELL_HEIGHT)
    tall = min(height, tall) if height else tall
    fits = numbers and cell >= NUMBER_WIDTH
    rows = math.ceil(count / columns)
    pitch = tall + (NUMBER_HEIGHT if fits else gap if rows > 1 else 0.0)
    return Grid(count, columns, cell, tall, pitch, gap)


def cells_picture(
    values: NDArray[np.float64] | None, grid: Grid, map: Map, scale: float, width: float
) -> Picture:
    """The cells of a vector with their numbers; None: dashed cells of what is still to come."""
    items: list[Item] = []
    boxes = np.array([grid.box(k) for k in range(grid.count)], dtype=np.float64).reshape(-1, 4)
    if values is None:
        items.append(Rects("bar-pending", boxes + np.array([0.5, 0.5, -1, -1]), radius=2))
        return Picture(width, grid.total, tuple(items), background="")
    levels = level_of(values[: grid.count], scale, signed=map != "gate")
    ones = np.ones(grid.count, dtype=np.int64)
    items.append(Strips(map, boxes, ones, levels, gap=0))
    if grid.numbers:
        places = boxes[:, :2] + np.array([grid.width / 2, grid.height + 10])
        strings = strip_words(values[: grid.count], signed=map != "gate")
        items.append(Texts("cell-number", places, strings, "middle"))
    return Picture(width, grid.total, tuple(items), background="")


def matrix_grid(rows: int, columns: int, width: float, height: float) -> Grid:
    """Square cells for a matrix in width × height; of a few long rows tall ones, to be seen."""
    gap = 1.0 if max(rows, columns) <= 24 else 0.0
    side = min((width + gap) / columns, (height + gap) / rows, 44.0)
    side = max((math.floor(side) if side >= WHOLE else side) - gap, 1.0)
    tall = max(side, LEAST / rows)
    return Grid(rows * columns, columns, side, tall, tall + gap, gap)


def matrix_picture(
    matrix: NDArray[np.float64] | None, grid: Grid, map: Map, scale: float, *, theme: str = ""
) -> Picture:
    """A matrix as cells; with a `theme` its numbers stand in them where they fit, in the ink that
    reads on the colours of that theme."""
    width = grid.columns * (grid.width + grid.gap)
    if matrix is None:
        frame = np.array([[0.5, 0.5, width - grid.gap - 1, grid.total - grid.gap - 1]])
        return Picture(width, grid.total, (Rects("bar-pending", frame, radius=4),), background="")
    flat = matrix.reshape(-1)
    levels = level_of(flat, scale)
    tall = np.arange(grid.rows) * grid.pitch
    boxes = np.stack(
        [
            np.zeros(grid.rows),
            tall,
            np.full(grid.rows, width - grid.gap),
            np.full(grid.rows, grid.height),
        ],
        axis=1,
    )
    counts = np.full(grid.rows, grid.columns, dtype=np.int64)
    items: list[Item] = [Strips(map, boxes, counts, levels, gap=grid.gap)]
    if theme and grid.width >= NUMBER_WIDTH:
        centres = np.array([grid.box(k)[:2] for k in range(grid.count)])
        centres = centres + np.array([grid.width / 2, grid.height / 2])
        dark = np.array([reads_dark(hexes(theme, map)[level]) for level in levels.tolist()])
        for style, which in (("cell-text", dark), ("cell-text-inverse", ~dark)):
            chosen = np.flatnonzero(which)
            strings = tuple(short(float(flat[k]), signed=True) for k in chosen)
            items.append(Texts(style, centres[chosen], strings, "middle"))
    return Picture(width, grid.total, tuple(items), background="")


def shared_exponent(values: NDArray[np.float64] | None) -> int:
    """The power of ten that all numbers of a strip are told in; 0 where they need none."""
    sizes = np.abs(values[np.isfinite(values)]) if values is not None else np.zeros(0)
    top = float(sizes.max(initial=0.0))
    return math.floor(math.log10(top)) if top and not 1e-2 <= top < 999.5 else 0


def strip_words(values: NDArray[np.float64], *, signed: bool) -> tuple[str, ...]:
    """The numbers of a strip in one format, at most five characters each, in units of ten to the
    `shared_exponent`. What is exactly 0 is "0"."""
    scaled = values.astype(np.float64) / 10.0 ** shared_exponent(values)
    sizes = np.abs(scaled[np.isfinite(scaled) & (scaled != 0)])
    top = float(sizes.max(initial=0.0))
    small = top < 0.1 or (top < 0.995 and float(sizes.min(initial=1.0)) < 0.005)
    digits = 3 if small else 2 if top < 9.995 else 1 if top < 99.95 else 0
    return tuple(_fixed(float(v), digits, "+" if signed else "") for v in scaled)


def _fixed(value: float, digits: int, sign: str) -> str:
    if value == 0 or not math.isfinite(value):
        return short(value, signed=False)
    text = f"{value:{sign}.{digits}f}".replace("-", "−")
    return text.replace("0.", ".", 1) if digits == 3 else text


def short(value: float, *, signed: bool) -> str:
    """A number in at most five characters."""
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "−inf"
    sign = "+" if signed else ""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e5 or size < 1e-3:
        text = f"{value:{sign}.0e}".replace("e-0", "e-").replace("e+", "e").replace("e0", "e")
    elif size < 0.01:
        text = f"{value:{sign}.3f}".replace("0.", ".", 1)
    else:
        text = f"{value:{sign}.{0 if size >= 100 else 1 if size >= 10 else 2}f}"
    return text.replace("-", "−")
