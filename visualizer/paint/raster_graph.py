"""A graph from afar as pixels, numpy only: the strips of every node, as many cells as there are
pixels, over a tile of frames and edges that every step has alike (`step_tile`). Where a step is
only a few pixels wide nodes leave no gap and have their units one above the other, and several
steps share a column: the strongest shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visualizer.paint import step_tile
from visualizer.paint.raster_block import Block, Strip, bar_heights, from_below
from visualizer.scene.extremes import gathered
from visualizer.scene.far import GAPS, SHOWN, parted, remoteness
from visualizer.scene.film import Film
from visualizer.scene.layers import bands
from visualizer.scene.layers.band_cells import KINDS, Key, Kind
from visualizer.scene.tile import Mark
from visualizer.scene.view import Sight

Steps = NDArray[np.int64]
INDENT, TAIL, SIDE = 32.0, 8.0, 10.0  # beside the cells of a node, where its symbol is to be seen
EDGE, LOW = 6.0, 4.0  # above and below them, in units; of a row of gates


@dataclass(frozen=True, slots=True)
class Place:
    """A strip in every step: its rows, and the device pixels from the left edge of the step."""

    strip: Strip
    left: float
    wide: int


def draw(block: Block, sight: Sight, only: frozenset[tuple[Key, Kind]] | None = None) -> None:
    """All that is in sight of some columns; or some strips `only`, where the rest is there."""
    found = places(block, sight)
    if only is not None:
        found = [place for place in found if (place.strip.key, place.strip.kind) in only]
    if sight.step < GAPS:
        block.draw(tuple(place.strip for place in found))
        return
    if only is None:
        step_tile.lay(block, sight)
    columns: dict[tuple[float, int], tuple[Steps, Steps]] = {}
    for place in found:
        key = place.left, place.wide
        if key not in columns:
            columns[key] = _columns(block, *key)
        _put(block, place, *columns[key])


def shown(film: Film, level: str) -> list[tuple[Key, Kind]]:
    """What the strips of a level are made from."""
    found: list[tuple[Key, Kind]] = []
    for mark in film.layout(level).marks:
        found += [((mark.segment, mark.slot), kind) for kind in _kinds(mark)]
    return found


def _kinds(mark: Mark) -> tuple[Kind, ...]:
    if mark.kind == "pill":
        return ("loss",)
    return KINDS if mark.kind in SHOWN else ()


def places(block: Block, sight: Sight) -> list[Place]:
    """Where the strips of every mark stand, kept until the size changes."""
    held: dict[object, list[Place]] = block.film.kept("places of strips", dict)
    size = (sight.layout.level, sight.layout.rise, sight.rise, sight.scale, sight.step, sight.y0)
    asked = (*size, block.inks.ratio)
    if asked not in held:
        held.clear()
        held[asked] = [place for mark in parted(sight) for place in _of(block, sight, mark)]
    return held[asked]


def _of(block: Block, sight: Sight, mark: Mark) -> Iterator[Place]:
    ratio, key = block.inks.ratio, (mark.segment, mark.slot)
    units = block.film.network.slot(*key).width
    near = 1.0 - remoteness(sight.scale)  # what stands beside the cells near by goes
    indent, tail = (SIDE, SIDE) if mark.side else (INDENT, TAIL)
    left = (-mark.w / 2 + indent * near) * sight.scale + mark.x * sight.spread
    wide = max(int((mark.w - (indent + tail) * near) * sight.scale * ratio + 0.5), 1)
    edge = mark.h / 2 - 1.0 - near * (EDGE if mark.kind == "box" else LOW)
    half, middle = 1.0 + 2.0 * near, float(sight.y(mark.y))
    for kind in _kinds(mark):
        low, high = {"value": (-edge, -half), "delta": (half, edge)}.get(kind, (-edge, edge))
        top = round((middle + low * sight.tall) * ratio)
        bottom = max(round((middle + high * sight.tall) * ratio), top + 1)
        dense = sight.step < GAPS  # units one above the other, as in bands
        rows = bands.rows_in((bottom - top) / ratio) if dense else min(units, wide)
        yield Place(Strip(key, kind, top, bottom, rows), left * ratio, wide)


def _columns(block: Block, left: float, wide: int) -> tuple[Steps, Steps]:
    """The step of the picture in each column, and how far into a strip it is; −1 beside it."""
    x = np.arange(block.first, block.last)
    steps = np.ceil((x + 0.5 - left) / block.wide).astype(np.int64) - 1
    inside = x - np.floor(steps * block.wide + left + 0.5).astype(np.int64)
    return steps, np.where(inside < wide, inside, -1)


def _put(block: Block, place: Place, steps: Steps, inside: Steps) -> None:
    """A strip in all steps in sight."""
    strip = place.strip
    begin, count = block.place(strip.key)
    local = steps - begin
    at = np.flatnonzero((inside >= 0) & (local >= 0) & (local < count))
    part, rows = block.part(strip)
    if not len(at) or not len(part):
        return
    low, high = block.there(strip)
    here = (local[at] >= low) & (local[at] < high)
    _waiting(block, strip, at[~here], rows)
    at = at[here]
    if not len(at):
        return
    first, last = int(local[at[0]]), int(local[at[-1]]) + 1
    ranks = gathered(block.extremes(strip).each(first, last), strip.rows)
    found = ranks[inside[at] * len(ranks) // place.wide, local[at] - first]
    if strip.kind != "loss":
        part[:, at] = block.colours(strip).take(found)
        return
    words = part[:, at]
    words[from_below(strip)[rows, None] < bar_heights(found, strip)] = block.inks.loss
    part[:, at] = words


def _waiting(block: Block, strip: Strip, at: Steps, rows: slice) -> None:
    """Hatching where numbers are still to come; a loss has none."""
    if strip.kind == "loss" or not len(at):
        return
    hatch = block.inks.pending
    down = np.arange(strip.top, strip.bottom)[rows, None]
    block.part(strip)[0][:, at] = hatch.take((at + block.first + down) % len(hatch))
