"""What every step of a graph has alike when it is seen from afar: edges and the bodies of nodes, a
tile of one step that is laid again and again. Made by numpy, once for each look a step can have.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from visualizer.paint.inks import Inks, Words, words_of
from visualizer.paint.raster_block import Block
from visualizer.scene.far import LINKED
from visualizer.scene.layers import band_cells
from visualizer.scene.layers.edges import port_points
from visualizer.scene.places import PORT
from visualizer.scene.stage import Stage
from visualizer.scene.tile import Box, Link, Mark
from visualizer.scene.view import Sight, View

Colours = NDArray[np.float64]
Share = NDArray[np.float32]
Look: TypeAlias = tuple[tuple[int, bool], ...]  # segments that are there; whether δ has passed
FAINT, CLEAR = LINKED, 36.0  # px of a step at which edges begin to show, and show in full
FRAMED = 5  # device px of a node from which it has a border
THICK = 1.2  # px of an edge
PARTS = np.linspace(0.0, 1.0, 7)[:, None]  # of a curve, each drawn straight
BENT = np.hstack([(1 - PARTS) ** 3, 3 * (1 - PARTS) ** 2 * PARTS, 3 * (1 - PARTS) * PARTS**2,
                  PARTS**3])  # fmt: skip


def lay(block: Block, sight: Sight) -> None:
    """The tiles of all steps in some columns."""
    ratio = block.inks.ratio
    top = max(int((sight.y0 + sight.layout.top * sight.tall) * ratio), 0)
    bottom = min(int((sight.y0 + sight.layout.bottom * sight.tall) * ratio) + 1, len(block.words))
    if bottom <= top or block.wide < FAINT * ratio:
        return
    words = block.words[top:bottom]
    for low, high, look in _looks(block, sight):
        low = max(low, math.floor(block.first / block.wide) - 1)
        high = min(high, math.ceil(block.last / block.wide) + 1)
        if high <= low or not look:
            continue
        make = partial(_tile, block, sight, look, top, bottom)
        tile: Words = _once(block, sight, look, make)
        edges = np.floor(np.arange(low, high + 1) * block.wide + 0.5).astype(int) - block.first
        for begin, end in pairwise(edges.tolist()):
            left, right = max(begin, 0), min(end, block.last - block.first)
            if right > left:
                words[:, left:right] = tile[:, left - begin : right - begin]


def _looks(block: Block, sight: Sight) -> list[tuple[int, int, Look]]:
    """Ranges of steps of the picture that look alike."""
    spans = []
    for g in sorted({mark.segment for mark in sight.layout.marks}):
        keys = [(g, mark.slot) for mark in sight.layout.marks if mark.segment == g]
        there = [band_cells.there(block.film, block.frame, key, "delta", block.b) for key in keys]
        begin, count = block.place(keys[0])
        passed = max(low for low, _ in there) + begin, min(high for _, high in there) + begin
        spans.append((g, (begin, begin + count), passed))
    edges = sorted({t for _, *pair in spans for span in pair for t in span})
    found = []
    for low, high in pairwise(edges):
        look = tuple((g, a <= low < z) for g, (mine, until), (a, z) in spans if mine <= low < until)
        found.append((low, high, look))
    return found


def _once(block: Block, sight: Sight, what: object, make: Callable[[], Any]) -> Any:
    """Something of a step, made once for a size; what is of another size is forgotten."""
    layout, scales = sight.layout, (sight.scale, sight.step, sight.rise, sight.y0)
    size = (layout.level, layout.rise, *scales, block.inks, len(block.words))
    held: dict[object, Any] = block.film.kept("tiles of steps", dict)
    if held.get("size") != size:
        held.clear()
        held["size"] = size
    if what not in held:
        held[what] = make()
    return held[what]


def _tile(block: Block, sight: Sight, look: Look, top: int, bottom: int) -> Words:
    """The pixels of a step: edges, then the bodies of nodes."""
    inks, wide = block.inks, math.ceil(block.wide) + 1
    tile = np.broadcast_to(inks.tokens["canvas"], (bottom - top, wide, 3)).copy()
    clear = min((block.wide / inks.ratio - FAINT) / (CLEAR - FAINT), 1.0)
    for g, passed in look:
        make = partial(_edges, block, sight, g, top, tile.shape[:2])
        share: Share = _once(block, sight, g, make)
        tile += share[..., None] * clear * (inks.tokens["backward" if passed else "edge"] - tile)
    alike = [mark for mark in sight.layout.marks if mark.kind not in ("row", "wide")]
    boxes: list[Box | Mark] = [*sight.layout.frames, *alike]
    boxes += [_port(mark) for mark in alike if mark.port is not None]
    for box in boxes:
        if box.segment in dict(look):
            small = isinstance(box, Mark) and box.kind == "circle"
            _body(tile, _pixels(sight, box, inks.ratio, top), inks, small)
    return words_of(tile)


def _edges(block: Block, sight: Sight, g: int, top: int, size: tuple[int, int]) -> Share:
    """How much of every pixel is covered by edges from a segment."""
    share = np.zeros(size, np.float32)
    alone = replace(sight, x0=0.0, first=0, last=1)
    stage = Stage(block.film, block.frame, View(), alone, block.b, 0, 1)
    for link in sight.layout.links:
        if link.source[0] == g and isinstance(link.reach, int) and not link.initial:
            for a, b in pairwise(_points(stage, link, block.inks.ratio, top)):
                _stroke(share, a, b, block.wide, THICK * block.inks.ratio)
    for mark in sight.layout.marks:
        if mark.segment == g and mark.port is not None:
            for a, b in _port_way(stage, mark, block.inks.ratio, top):
                _stroke(share, a, b, block.wide, THICK * block.inks.ratio)
    return share


def _port(mark: Mark) -> Mark:
    """The circle of an op beside the node that it makes."""
    assert mark.port is not None
    return replace(mark, kind="circle", x=mark.port[0], y=mark.port[1], w=PORT, h=PORT)


def _port_way(stage: Stage, mark: Mark, ratio: float, top: int) -> list[list[list[float]]]:
    """The piece between the circle of an op and the node that it makes."""
    points = port_points(stage, mark, np.array([-stage.tile(mark.segment)]))[0]
    return [(points * ratio - np.array([0.0, top])).tolist()]


def _pixels(sight: Sight, box: Box | Mark, ratio: float, top: int) -> tuple[int, int, int, int]:
    """x, y, width, height of a node in the tile."""
    left = (box.x * sight.spread - box.w / 2 * sight.scale) * ratio
    y = (float(sight.y(box.y)) - box.h / 2 * sight.tall) * ratio
    wide, high = box.w * sight.scale * ratio, box.h * sight.tall * ratio
    return int(np.floor(left + 0.5)), round(y) - top, max(int(wide + 0.5), 1), max(round(high), 1)


def _points(stage: Stage, link: Link, ratio: float, top: int) -> list[list[float]]:
    """The way of a link in pixels of the tile of its source's step, made of straight lines."""
    lag = int(link.reach) * (-1 if stage.backwards(link.source[0]) else 1)
    points = stage.points(link, np.array([lag]))[0] * ratio - np.array([0.0, top])
    if link.way.curve:
        points = BENT @ points
    found: list[list[float]] = points.tolist()
    return found


def _stroke(share: Share, a: list[float], b: list[float], wide: float, thick: float) -> None:
    """Lays a straight line over a tile, in every step whose line comes past it."""
    (x0, x1), (y0, y1) = sorted((a[0], b[0])), sorted((a[1], b[1]))
    high, across = share.shape
    low, until = max(int(y0 - thick), 0), min(math.ceil(y1 + thick) + 1, high)
    first, last = math.floor(-(x1 + thick) / wide), math.floor((across - x0 + thick) / wide)
    for k in range(first, last + 1 if until > low else first):
        left = max(math.floor(x0 - thick + k * wide), 0)
        right = min(math.ceil(x1 + thick + k * wide) + 1, across)
        if right > left:
            x = np.arange(left, right, dtype=np.float32) + np.float32(0.5 - k * wide)
            y = np.arange(low, until, dtype=np.float32)[:, None] + np.float32(0.5)
            part = share[low:until, left:right]
            np.maximum(part, _covered(x, y, a, b, thick), out=part)


def _covered(x: Share, y: Share, a: list[float], b: list[float], thick: float) -> Share:
    """How much of pixels is covered by a straight line, its ends square; of one that stands or
    lies, what is covered across times what is covered along."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    if abs(dx) < 0.01 or abs(dy) < 0.01:
        across = _between(x, min(a[0], b[0]), max(a[0], b[0]), thick)
        return across * _between(y, min(a[1], b[1]), max(a[1], b[1]), thick)
    size = math.hypot(dx, dy)
    along = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / (size * size), 0.0, 1.0)
    away = np.sqrt((x - a[0] - along * dx) ** 2 + (y - a[1] - along * dy) ** 2)
    return np.asarray(np.clip(0.5 + thick / 2 - away, 0.0, 1.0))


def _between(at: Share, low: float, high: float, thick: float) -> Share:
    """How much of pixels along one axis lies between two places, widened to be `thick`."""
    low, high = low - thick / 2, high + thick / 2
    return np.asarray(np.clip(np.minimum(at + 0.5, high) - np.maximum(at - 0.5, low), 0.0, 1.0))


def _body(tile: Colours, box: tuple[int, int, int, int], inks: Inks, small: bool) -> None:
    """A node: its ground, and a border where it is large enough for one; else an op is a dot."""
    x, y, wide, high = box
    rows, columns = slice(max(y, 0), max(y + high, 0)), slice(max(x, 0), max(x + wide, 0))
    framed = min(wide, high) >= FRAMED
    tile[rows, columns] = inks.tokens["border" if framed or small else "surface"]
    if framed:
        rows = slice(max(y + 1, 0), max(y + high - 1, 0))
        tile[rows, max(x + 1, 0) : x + wide - 1] = inks.tokens["surface"]
