"""Numbers that can be seen, pointed at, typed over and copied: a row of cells, or a matrix."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent

from visualizer.scene.cells import Grid, cells_picture, matrix_grid, matrix_picture, row_grid
from visualizer.scene.picture import Dots, Map, Picture, Rects
from visualizer.scene.tiles import Tiles, tiles_of, tiles_picture
from visualizer.widgets.parts.cell_editor import CellEditor
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.pictured import Pictured

PALE = 0.02  # of the scale: such a cell does not differ from what it stands on
MOST_OUTLINED = 4096
PICTURE_HEIGHT = 200.0
SMALLEST = 6.0  # px of a cell that can be typed over where it stands
Numbers = NDArray[np.float64]


class NumberCells(Pictured):
    """Cells of a vector or a matrix. `typed` carries the place (row-major) and the new value, or
    None to give the one before back. `marked` cells were typed over and carry a dot."""

    typed = Signal(int, object)
    picked = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setMouseTracking(True)
        self.values: Numbers | None = None
        self.editable = False
        self.marked: frozenset[int] = frozenset()
        self.every = 1  # row and column shown of a large matrix
        self._grid: Grid | Tiles | None = None
        self._prefix = ""
        self._shape: tuple[int, ...] = ()
        self._at = 0
        self._again: Callable[[], None] | None = None  # shows the same in another width
        self.editor = CellEditor(self)
        self.editor.typed.connect(self._take)
        self.editor.stepped.connect(self._step)
        self.clicked.connect(self._click)
        self.hovered.connect(self._hover)

    @property
    def numbered(self) -> bool:
        """Whether numbers stand under the cells."""
        return self.values is not None and isinstance(self._grid, Grid) and self._grid.numbers

    def show_vector(
        self,
        values: Numbers | None,
        count: int,
        map: Map,
        scale: float,
        *,
        height: float = 0.0,
        numbers: bool = True,
        picture: tuple[int, int, int] | None = None,
    ) -> None:
        """Cells side by side, numbers under them where they fit; None: still to come. With
        `picture` (channels, rows, columns) the cells are pixels, small ones with a `height`."""
        self._again = partial(
            self.show_vector, values, count, map, scale,
            height=height, numbers=numbers, picture=picture,
        )  # fmt: skip
        width = max(self.width(), 120)
        self.every = 1
        if picture is not None:
            room = PICTURE_HEIGHT / 2 if height else PICTURE_HEIGHT
            self._show_tiles(values, picture, map, scale, room)
            return
        self.values, self._shape = values, (count,)
        self._grid = row_grid(count, width, numbers=numbers, height=height)
        self._show(cells_picture(values, self._grid, map, scale, width), scale)

    def show_matrix(
        self, values: Numbers | None, shape: tuple[int, ...], map: Map, scale: float, height: float
    ) -> None:
        """A matrix; its numbers stand in the cells where they fit. Of one with more rows or columns
        than there are pixels every so-manyth is shown. More than two axes are matrices side by
        side."""
        self._again = partial(self.show_matrix, values, shape, map, scale, height)
        width = max(self.width(), 60)
        if len(shape) > 2:
            self.every = 1
            self._show_tiles(values, shape, map, scale, height)
            return
        self.every = max(1, math.ceil(shape[0] / height), math.ceil(shape[1] / width))
        if self.every > 1:
            values = values[:: self.every, :: self.every] if values is not None else None
            shape = (math.ceil(shape[0] / self.every), math.ceil(shape[1] / self.every))
        self.values, self._shape = values, shape
        self._grid = matrix_grid(shape[0], shape[1], width, height)
        theme = look().theme.name if self.editable else ""
        self._show(matrix_picture(values, self._grid, map, scale, theme=theme), scale)

    @guarded()
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._again is not None and event.size().width() != event.oldSize().width():
            self._again()

    def _show_tiles(
        self, values: Numbers | None, shape: tuple[int, ...], map: Map, scale: float, height: float
    ) -> None:
        self.values, self._shape = values, shape
        self._grid = tiles_of(shape, max(self.width(), 60) - 1.0, height)
        picture = tiles_picture(values, self._grid, map, scale)
        if self.marked and values is not None and self._grid.width >= SMALLEST:
            picture = replace(picture, items=(*picture.items, _dots(self._grid, self.marked)))
        self.show_picture(picture)

    def _show(self, picture: Picture, scale: float) -> None:
        """With an outline round what is as pale as the ground, and dots in what was typed over."""
        grid, items = self._grid, list(picture.items)
        if grid is None or self.values is None:
            self.show_picture(picture)
            return
        pale = np.flatnonzero(np.abs(self.values.reshape(-1)) <= PALE * scale)[:MOST_OUTLINED]
        small = min(grid.width, grid.height) < SMALLEST
        if small and len(pale) == min(grid.count, MOST_OUTLINED):
            wide = min(grid.count, grid.columns) * (grid.width + grid.gap) - grid.gap
            items.append(_frames(np.array([[0.0, 0.0, wide, grid.total - grid.gap]])))
        elif not small and len(pale):
            items.append(_frames(np.array([grid.box(int(k)) for k in pale])))
        if self.marked and not small and self.every == 1:
            items.append(_dots(grid, self.marked))
        self.show_picture(replace(picture, items=tuple(items)))

    def open_editor(self, cell: int) -> None:
        """Type over a cell."""
        if self._grid is None or self.values is None or not self.editable:
            return
        flat = self.values.reshape(-1)
        if self.every == 1 and 0 <= cell < flat.size:
            self._at = cell
            self.picked.emit(cell)
            if min(self._grid.width, self._grid.height) < SMALLEST:
                return  # nobody can tell which one she hit: the place says it, and takes the value
            x, y, width, height = self._grid.box(cell)
            self.editor.edit(QRectF(x, y, width, height), float(flat[cell]))

    def place_of(self, cell: int) -> tuple[int, ...]:
        """The index of a cell in the array."""
        return tuple(self.every * int(i) for i in np.unravel_index(cell, self._shape))

    def _click(self, point: QPointF) -> None:
        cell = self._grid.at(point.x(), point.y()) if self._grid else None
        if cell is not None:
            self.open_editor(cell)

    def _hover(self, point: QPointF) -> None:
        cell = self._grid.at(point.x(), point.y()) if self._grid else None
        if cell is None or self.values is None or cell >= self.values.size:
            self.setToolTip("")
            self.unsetCursor()
            return
        place = ", ".join(str(i + 1) for i in self.place_of(cell))
        free = self.editable and self.every == 1
        more = "   click to type over" if free else ""
        more = "   typed over; empty it to give it back" if cell in self.marked else more
        self.setToolTip(f"[{place}]  {self.values.reshape(-1)[cell]:+.6g}{more}")
        if free:
            self.setCursor(Qt.CursorShape.IBeamCursor)

    def _take(self, value: float | None) -> None:
        self.typed.emit(self._at, value)

    def _step(self, by: int) -> None:
        self.open_editor(self._at + by)


def _dots(grid: Grid | Tiles, marked: frozenset[int]) -> Dots:
    boxes = np.array([grid.box(k) for k in sorted(marked)])
    corners = boxes[:, :2] + np.stack([boxes[:, 2] - 4.5, np.full(len(boxes), 4.5)], 1)
    return Dots("cell-typed", corners, np.full(len(corners), 3.0))


def _frames(boxes: Numbers) -> Rects:
    """Outlines just inside of boxes."""
    return Rects("strip-frame", boxes + np.array([0.5, 0.5, -1.0, -1.0]), radius=1)
