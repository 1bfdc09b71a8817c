"""Marks of a picture moved to another place: how two pictures become one. Nothing else changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.picture import (
    Clip,
    Curves,
    Dots,
    Heat,
    Item,
    Polylines,
    Rects,
    Rings,
    Strips,
    Texts,
    Unclip,
)
from visualizer.styles import STYLES

Array = NDArray[np.floating[Any]]


def lowered(items: Iterable[Item], dy: float) -> list[Item]:
    """The same marks `dy` pixels further down."""
    return [_lowered(item, dy) for item in items]


def _lowered(item: Item, dy: float) -> Item:
    if isinstance(item, Rects | Strips):
        return replace(item, boxes=item.boxes + np.array([0.0, dy, 0.0, 0.0]))
    if isinstance(item, Dots | Rings):
        return replace(item, centres=item.centres + np.array([0.0, dy]))
    if isinstance(item, Texts):
        return replace(item, positions=item.positions + np.array([0.0, dy]))
    if isinstance(item, Curves):
        return replace(item, points=item.points + np.array([0.0, dy] * 4))
    if isinstance(item, Polylines):
        return replace(item, points=tuple(p + np.array([0.0, dy]) for p in item.points))
    if isinstance(item, Heat | Clip):
        x, y, width, height = item.box
        return replace(item, box=(x, y + dy, width, height))
    assert isinstance(item, Unclip)
    return item


def dealt(
    items: Iterable[Item],
    x0: float,
    pitch: float,
    windows: Mapping[int, tuple[float, float]],
    shifts: Mapping[int, float],
) -> dict[int, list[Item]]:
    """Marks that stand in columns `pitch` wide, the first about x0, by their column, and each
    column moved by its shift. Of a column there is what reaches into its window (left, right), as
    it stood before; columns without one are left out."""
    found: dict[int, list[Item]] = {column: [] for column in windows}
    first, last = min(windows), max(windows)
    table = np.full((last - first + 3, 2), [np.inf, -np.inf])  # with a row for all that is beyond
    for column, window in windows.items():
        table[column - first + 1] = window
    for item in items:
        left, right = _spans(item)
        columns = np.floor((left - x0) / pitch + 0.25).astype(np.int64)
        seen = table[np.clip(columns - first + 1, 0, len(table) - 1)]
        kept = (right >= seen[:, 0]) & (left <= seen[:, 1])
        for column in np.unique(columns[kept]).tolist():
            rows = np.flatnonzero((columns == column) & kept)
            found[column].append(_moved_rows(item, rows, shifts[column]))
    return found


def _spans(item: Item) -> tuple[Array, Array]:
    """How far left and right every mark of an item reaches, roughly and never less."""
    if isinstance(item, Rects | Strips):
        return item.boxes[:, 0], item.boxes[:, 0] + item.boxes[:, 2]
    if isinstance(item, Heat):
        return np.array([item.box[0]]), np.array([item.box[0] + item.box[2]])
    if isinstance(item, Dots | Rings):
        x, radius = item.centres[:, 0], item.radii if isinstance(item, Dots) else item.radius
        return x - radius, x + radius
    if isinstance(item, Texts):
        x, em = item.positions[:, 0], STYLES[item.style].size * item.scale
        wide = np.array([len(text) for text in item.strings]) * em
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[item.anchor]
        return x - share * wide, x + (1.0 - share) * wide
    if isinstance(item, Curves):
        return item.points[:, 0::2].min(1), item.points[:, 0::2].max(1)
    if isinstance(item, Polylines):
        ends = [(points[:, 0].min(), points[:, 0].max()) for points in item.points]
        both = np.array(ends, np.float64).reshape(-1, 2)
        return both[:, 0], both[:, 1]
    raise TypeError(type(item))


def _moved_rows(item: Item, rows: NDArray[np.int64], dx: float) -> Item:
    if isinstance(item, Rects):
        return replace(item, boxes=item.boxes[rows] + np.array([dx, 0.0, 0.0, 0.0]))
    if isinstance(item, Strips):
        ends = np.cumsum(item.counts)
        cells = [item.levels[ends[row] - item.counts[row] : ends[row]] for row in rows]
        boxes = item.boxes[rows] + np.array([dx, 0.0, 0.0, 0.0])
        return replace(item, boxes=boxes, counts=item.counts[rows], levels=np.concatenate(cells))
    if isinstance(item, Heat):
        x, y, width, height = item.box
        return replace(item, box=(x + dx, y, width, height))
    if isinstance(item, Dots):
        return replace(item, centres=item.centres[rows] + (dx, 0.0), radii=item.radii[rows])
    if isinstance(item, Rings):
        return replace(
            item,
            centres=item.centres[rows] + (dx, 0.0),
            segments=item.segments[rows],
            filled=item.filled[rows],
        )
    if isinstance(item, Texts):
        strings = tuple(item.strings[row] for row in rows)
        return replace(item, positions=item.positions[rows] + (dx, 0.0), strings=strings)
    assert isinstance(item, Curves | Polylines)
    widths = None if item.widths is None else item.widths[rows]
    if isinstance(item, Curves):
        points = item.points[rows] + np.array([dx, 0.0] * 4)
        return replace(item, points=points, widths=widths)
    lines = tuple(item.points[row] + (dx, 0.0) for row in rows)
    return replace(item, points=lines, widths=widths)
