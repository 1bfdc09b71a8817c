"""Edges through which no gradient passes: dashed, with two strokes across them where they are cut.
Their values go forward all the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.picture import Curves, Item, Polylines
from visualizer.scene.stage import Stage, joined
from visualizer.scene.tile import Link

Array = NDArray[np.floating[Any]]
Steps = NDArray[np.integer[Any]]
STROKE = 0.65  # from the edge to the end of a stroke, in radii of a corner
APART = 0.45  # between the two
CUT = 0.3  # how far on its way an edge is cut: clear of the line of its matrix


def cut_at(stage: Stage, link: Link, steps: Steps) -> NDArray[np.bool_]:
    """At which steps of the source the link is cut, for the shown sequence."""
    none = np.zeros(len(steps), bool)
    consumer = link.uses[0].consumer
    slot = stage.network.slot(consumer.segment, consumer.slot)
    if slot.role != "carry" or not isinstance(link.reach, int):
        return none
    keep = stage.film.recording.plan.workspace.stored[slot.data[0]]
    segment = stage.network.segments[consumer.segment]
    read = steps + link.reach * segment.direction
    if link.initial:
        read = np.full(len(steps), 0 if segment.direction > 0 else segment.steps - 1)
    there = (read >= 0) & (read < len(keep))
    none[there] = keep[read[there], stage.b, 0] == 0
    return none


def draw(lines: list[Array], curves: list[Array], radius: float) -> list[Item]:
    """The cut edges and their strokes."""
    items: list[Item] = []
    if lines:
        items.append(Polylines("edge-cut", tuple(lines), radius=radius))
    if curves:
        items.append(Curves("edge-cut", joined(curves, 8)))
    strokes = [stroke for points in lines for stroke in across(points, radius)]
    middles = [_of_curve(points) for row in curves for points in row.reshape(-1, 4, 2)]
    strokes += [stroke for at, way in middles for stroke in _strokes(at, way, radius)]
    return [*items, Polylines("cut", tuple(strokes))] if strokes else items


def across(points: Array, radius: float) -> list[Array]:
    """The strokes that cut a line."""
    return _strokes(*_middle(points), radius)


def _middle(points: Array) -> tuple[Array, Array]:
    """Where the longest piece of a line is cut, and its direction."""
    pieces = np.diff(points, axis=0)
    k = int(np.hypot(*pieces.T).argmax())
    return points[k] + CUT * pieces[k], pieces[k] / max(float(np.hypot(*pieces[k])), 1e-9)


def _of_curve(p: Array) -> tuple[Array, Array]:
    u, v = CUT, 1.0 - CUT
    way = v * v * (p[1] - p[0]) + 2 * u * v * (p[2] - p[1]) + u * u * (p[3] - p[2])
    at = v**3 * p[0] + 3 * v * v * u * p[1] + 3 * v * u * u * p[2] + u**3 * p[3]
    return at, way / max(float(np.hypot(*way)), 1e-9)


def _strokes(at: Array, way: Array, radius: float) -> list[Array]:
    over = np.array([-way[1], way[0]]) + 0.5 * way
    size = max(radius, 6.0)
    reach, apart = STROKE * size, APART * size / 2
    centres = (at - apart * way, at + apart * way)
    return [np.array([c - reach * over, c + reach * over]) for c in centres]
