"""At the beginning of a line that is not the first: the names of what comes back from the line
before, each where its edge begins.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.template import Node
from visualizer.scene.picture import Item, Texts
from visualizer.scene.stage import Stage
from visualizer.scene.symbols import symbol_of
from visualizer.scene.tile import Link

Array = NDArray[np.floating[Any]]
ASIDE = 7.0  # px from a name to its edge
APART = 15.0  # units between two names


def draw(stage: Stage) -> list[Item]:
    """A name for every node of other lines that this one reads, once for each height."""
    names: list[str] = []
    places: list[tuple[float, float]] = []
    for y, name in sorted(_found(stage)):
        near = places and y - places[-1][1] < APART * stage.scale
        if near and name == names[-1]:
            continue
        names.append(name)
        places.append((stage.sight.left - ASIDE, y))
    if not names:
        return []
    return [Texts("symbol-small", np.array(places), tuple(names), "end", scale=stage.scale)]


def _found(stage: Stage) -> list[tuple[float, str]]:
    """(height, name) of every edge that comes in from the left."""
    found = []
    for link in stage.layout.links:
        lag = link.reach
        if link.initial or not isinstance(lag, int) or not lag or stage.backwards(link.source[0]):
            continue
        low, high, shift = stage.link_steps(link)
        before = stage.sight.first - stage.tile(link.source[0])
        for t in range(low, min(high, before)):
            y = _enters(stage, link, t + shift)
            if y is not None:
                node = Node(link.source[0], t, link.source[1])
                found.append((y, symbol_of(stage.network, node, stage.view.symbols)))
    return found


def _enters(stage: Stage, link: Link, tile: int) -> float | None:
    """The height at which a link crosses the left edge of time, its target standing in `tile`."""
    points = stage.points(link, np.array([tile]))[0]
    if link.way.curve:
        u = np.linspace(0.0, 1.0, 40)[:, None]
        v = 1.0 - u
        p = points
        points = v**3 * p[0] + 3 * v * v * u * p[1] + 3 * v * u * u * p[2] + u**3 * p[3]
    crossed = np.flatnonzero(
        (points[:-1, 0] <= stage.sight.left) & (points[1:, 0] > stage.sight.left)
    )
    if not len(crossed):
        return None
    (x0, y0), (x1, y1) = points[crossed[-1]], points[crossed[-1] + 1]
    return float(y0 + (y1 - y0) * (stage.sight.left - x0) / (x1 - x0))
