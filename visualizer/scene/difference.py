"""What differs between two pictures, as one box, and the part of a picture that lies in a box.

While a film plays one event changes a few marks out of hundreds: only their box is painted anew.
The box is never too small: marks are compared row by row, and a row that is not in both pictures
counts with all that its strokes, heads and letters may cover.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.picture import (
    Clip,
    Curves,
    Dots,
    Heat,
    Item,
    Picture,
    Polylines,
    Rects,
    Rings,
    Strips,
    Texts,
    Unclip,
)
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Array: TypeAlias = NDArray[np.floating[Any]]
Box: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom
_Row: TypeAlias = tuple[Item, int, int]  # an item, which of its rows, of how many
STROKE = 4.0  # px that a stroke, its rounding and antialiasing may reach beyond a box
HEAD = 14.0  # px that an arrowhead may reach beyond its line
LETTERS = 0.9  # height of the letters above and below the middle, as a share of the size


def changed(before: Picture, after: Picture) -> Box | None:
    """The box in which the two differ; None if they do not."""
    old, new = _by_kind(before), _by_kind(after)
    found: list[Array] = []
    for kind in old.keys() | new.keys():
        here, there = old.get(kind, []), new.get(kind, [])
        if len(here) == len(there) and all(_same(a, b) for a, b in zip(here, there)):
            continue
        rows, others = _all_rows(here), _all_rows(there)
        found += _boxes_of([rows[row] for row in rows.keys() - others.keys()])
        found += _boxes_of([others[row] for row in others.keys() - rows.keys()])
    if not found:
        return None
    boxes = np.concatenate(found)
    low, high = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def within(picture: Picture, box: Box) -> Picture:
    """The picture with those marks only that may be seen in the box."""
    items = tuple(part for item in picture.items if (part := _part(item, box)) is not None)
    return replace(picture, items=items)


def _by_kind(picture: Picture) -> dict[Hashable, list[Item]]:
    found: dict[Hashable, list[Item]] = {}
    for item in picture.items:
        if not isinstance(item, Clip | Unclip):
            named = item.map if isinstance(item, Strips | Heat) else item.style
            found.setdefault((type(item), named), []).append(item)
    return found


def _arrays(item: Item) -> tuple[Any, ...]:
    """All that a mark's look depends on, apart from its kind."""
    if isinstance(item, Rects):
        return item.boxes, item.radius
    if isinstance(item, Dots):
        return item.centres, item.radii
    if isinstance(item, Strips):
        return item.levels, item.boxes, item.counts, item.gap
    if isinstance(item, Heat):
        return item.levels, item.box
    if isinstance(item, Rings):
        return item.centres, item.segments, item.filled, item.radius
    if isinstance(item, Texts):
        return item.strings, item.positions, item.anchor, item.baseline
    if isinstance(item, Curves):
        return item.points, item.widths, item.arrows
    if isinstance(item, Polylines):
        return (*item.points, item.widths, item.arrows, item.radius)
    return ()


def _same(a: Item, b: Item) -> bool:
    mine, other = _arrays(a), _arrays(b)
    return len(mine) == len(other) and all(_equal(x, y) for x, y in zip(mine, other))


def _equal(x: Any, y: Any) -> bool:
    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
        return x.shape == y.shape and x.tobytes() == y.tobytes()
    return bool(x == y) if not isinstance(x, np.ndarray) else False


def _all_rows(items: list[Item]) -> dict[bytes, _Row]:
    """The rows of some items, and where each stands."""
    found: dict[bytes, _Row] = {}
    for item in items:
        rows = _rows(item)
        found.update((row, (item, n, len(rows))) for n, row in enumerate(rows))
    return found


def _boxes_of(rows: list[_Row]) -> list[Array]:
    """The boxes of these rows, those of each item together."""
    seen: dict[int, tuple[Item, NDArray[np.bool_]]] = {}
    for item, n, count in rows:
        seen.setdefault(id(item), (item, np.zeros(count, bool)))[1][n] = True
    return [_boxes(_kept(item, which)) for item, which in seen.values()]


def _rows(item: Item) -> list[bytes]:
    """Every row of an item as bytes; equal rows look the same."""
    if isinstance(item, Rects):
        return _bytes(item.boxes, item.radius)
    if isinstance(item, Dots):
        return _bytes(np.column_stack([item.centres, item.radii]))
    if isinstance(item, Strips):
        parts = np.split(item.levels, np.cumsum(item.counts)[:-1])
        return [a + b.tobytes() for a, b in zip(_bytes(item.boxes, item.gap), parts)]
    if isinstance(item, Heat):
        return [item.levels.tobytes() + repr(item.box).encode()]
    if isinstance(item, Rings):
        return _bytes(np.column_stack([item.centres, item.segments, item.filled]), item.radius)
    if isinstance(item, Texts):
        tail = (item.anchor, item.baseline)
        return [a + s.encode() for a, s in zip(_bytes(item.positions, tail), item.strings)]
    if isinstance(item, Curves | Polylines):
        return _line_rows(item)
    return []


def _line_rows(item: Polylines | Curves) -> list[bytes]:
    if isinstance(item, Curves):
        rows = _bytes(item.points, item.arrows)
    else:
        tail = repr((item.arrows, item.radius)).encode()
        rows = [np.ascontiguousarray(points, np.float64).tobytes() + tail for points in item.points]
    if item.widths is None:
        return rows
    return [a + b for a, b in zip(rows, _bytes(np.reshape(item.widths, (-1, 1))))]


def _bytes(rows: NDArray[Any], tail: object = None) -> list[bytes]:
    """The rows of a table as bytes, each followed by what all of them share."""
    whole = np.ascontiguousarray(rows, np.float64)
    if not whole.size:
        return []
    more = repr(tail).encode()
    return [bytes(row) + more for row in whole.view(f"V{whole.shape[1] * 8}").reshape(-1).tolist()]


# ---- how far marks reach


def _boxes(item: Item) -> Array:
    """Left, top, right, bottom of every row of an item, (N, 4), with all that it may cover."""
    if isinstance(item, Rects | Strips):
        edges = np.concatenate([item.boxes[:, :2], item.boxes[:, :2] + item.boxes[:, 2:]], axis=1)
        return _grown(edges, STROKE)
    if isinstance(item, Dots):
        return _round(item.centres, np.asarray(item.radii, np.float64))
    if isinstance(item, Rings):
        return _round(item.centres, np.full(len(item.centres), item.radius))
    if isinstance(item, Heat):
        x, y, width, height = item.box
        return _grown(np.array([[x, y, x + width, y + height]]), STROKE)
    if isinstance(item, Texts):
        return _letters(item)
    if isinstance(item, Curves):
        xs, ys = item.points[:, 0::2], item.points[:, 1::2]
        edges = np.stack([xs.min(1), ys.min(1), xs.max(1), ys.max(1)], axis=1)
        return _grown(edges, HEAD)
    if isinstance(item, Polylines):
        ends = [(*points.min(0), *points.max(0)) for points in item.points]
        return _grown(np.array(ends, np.float64).reshape(-1, 4), HEAD)
    return np.zeros((0, 4))


def _grown(edges: Array, by: float) -> Array:
    return np.asarray(edges + np.array([-by, -by, by, by]))


def _round(centres: Array, radii: Array) -> Array:
    reach = radii[:, None] + STROKE
    return np.concatenate([centres - reach, centres + reach], axis=1)


def _letters(item: Texts) -> Array:
    style = STYLES[item.style]
    wide = np.array([width_of(text, style) for text in item.strings]) * 1.06 + 2 * STROKE
    shares = {"start": 0.0, "middle": 0.5, "end": 1.0}
    before = STROKE + (wide - 2 * STROKE) * shares[item.anchor]
    tall = style.size * LETTERS * (1.6 if item.baseline else 1.0) + STROKE
    x, y = item.positions[:, 0], item.positions[:, 1]
    return np.stack([x - before, y - tall, x - before + wide, y + tall], axis=1)


def _roughly(item: Texts) -> Array:
    """As `_letters`, without measuring them: never less."""
    reach = STYLES[item.style].size
    wide = np.array([len(text) for text in item.strings], np.float64) * reach + STROKE
    x, y = item.positions[:, 0], item.positions[:, 1]
    tall = 2 * reach + STROKE
    return np.stack([x - wide, y - tall, x + wide, y + tall], axis=1)


# ---- the part of an item in a box


def _part(item: Item, box: Box) -> Item | None:
    if isinstance(item, Clip | Unclip):
        return item
    edges = _roughly(item) if isinstance(item, Texts) else _boxes(item)
    left, top, right, bottom = box
    seen = (edges[:, 0] <= right) & (edges[:, 2] >= left)
    seen &= (edges[:, 1] <= bottom) & (edges[:, 3] >= top)
    if not seen.any():
        return None
    return item if seen.all() else _kept(item, seen)


def _kept(item: Item, seen: NDArray[np.bool_]) -> Item:
    if isinstance(item, Rects):
        return replace(item, boxes=item.boxes[seen], ids=(), titles=())
    if isinstance(item, Dots):
        return replace(item, centres=item.centres[seen], radii=item.radii[seen], ids=(), titles=())
    if isinstance(item, Strips):
        levels = item.levels[np.repeat(seen, item.counts)]
        return replace(
            item, boxes=item.boxes[seen], counts=item.counts[seen], levels=levels, titles=()
        )
    if isinstance(item, Rings):
        return replace(
            item,
            centres=item.centres[seen],
            segments=item.segments[seen],
            filled=item.filled[seen],
            titles=(),
        )
    if isinstance(item, Texts):
        strings = tuple(s for s, k in zip(item.strings, seen.tolist()) if k)
        return replace(item, positions=item.positions[seen], strings=strings)
    if isinstance(item, Curves | Polylines):
        return _kept_lines(item, seen)
    return item


def _kept_lines(item: Curves | Polylines, seen: NDArray[np.bool_]) -> Item:
    widths = None if item.widths is None else item.widths[seen]
    if isinstance(item, Curves):
        return replace(item, points=item.points[seen], widths=widths, ids=(), titles=())
    points = tuple(p for p, k in zip(item.points, seen.tolist()) if k)
    return replace(item, points=points, widths=widths, ids=(), titles=())
