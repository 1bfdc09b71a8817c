"""The shortest way from an input to the last loss, marked as with a pen under nodes and edges, and
how often it crosses from one step to another.

From the selected input; with none selected, where other steps are read in one hop or a few
(attention, convolution), from the first input that reaches the loss.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.shortest import ShortestPath, shortest_path
from engine.template import ALL, Node
from visualizer.scene.layers.fans import curves
from visualizer.scene.picture import Curves, Item, Polylines, Rects, Texts
from visualizer.scene.stage import Stage, joined
from visualizer.scene.symbols import symbol_of
from visualizer.scene.tile import Key, Link

Array = NDArray[np.floating[Any]]
MOST_STEPS = 400  # above them nothing is searched while one looks
BAND = 13.0  # px wide
HALO = 5.0  # px round a node


def draw(stage: Stage) -> list[Item]:
    """The marks below everything else."""
    path = path_of(stage)
    if path is None:
        return []
    shown = [node for node in path.nodes if (node.segment, node.slot) in stage.layout.at]
    lines: list[Array] = []
    arcs: list[Array] = []
    for a, b in pairwise(shown):
        _join(stage, a, b, lines, arcs)
    items: list[Item] = []
    wide = BAND * max(stage.scale, 0.5)
    if lines:
        items.append(
            Polylines("path", tuple(lines), np.full(len(lines), wide), radius=11 * stage.scale)
        )
    if arcs:
        items.append(Curves("path", joined(arcs, 8), np.full(len(arcs), wide)))
    boxes = [_halo(stage, node) for node in shown]
    return [*items, Rects("path-node", np.concatenate(boxes), radius=12 * stage.scale)]


def words(stage: Stage) -> list[Item]:
    """At the upper left: from where to where, and how many hops in time."""
    path = path_of(stage)
    if path is None:
        return []
    ends = [
        symbol_of(stage.network, n, stage.view.symbols) for n in (path.nodes[0], path.nodes[-1])
    ]
    hops = f"{path.hops} hop{'' if path.hops == 1 else 's'} in time"
    places = np.array([[14.0, 20.0], [14.0, 38.0]])
    return [
        Texts("path-text", places[:1], (f"shortest: {ends[0]} → {ends[1]}",)),
        Texts("path-text", places[1:], (hops,)),
    ]


def path_of(stage: Stage) -> ShortestPath | None:
    """The path that is shown, or None."""
    film, node = stage.film, stage.view.selected
    if film.timeless or film.steps > MOST_STEPS or not film.recording.loss_slots:
        return None
    chosen = _step_of_input(stage, node)
    if chosen is None and not film.kept("looks far", lambda: _looks_far(stage)):
        return None
    key = ("path", chosen, stage.b)
    found: ShortestPath | None = film.kept(key, lambda: _search(stage, chosen))
    return found


def _step_of_input(stage: Stage, node: Node | None) -> int | None:
    """Global step of the node, if it is an input."""
    if node is None or node.t < 0:
        return None
    segment = stage.network.segments[node.segment]
    return node.t + segment.offset if segment.slots[node.slot].role == "input" else None


def _looks_far(stage: Stage) -> bool:
    """Whether something reads other steps than its own and carries nothing from step to step."""
    uses = stage.network.all_uses()
    far = [u for u in uses if u.reach == ALL or (isinstance(u.reach, int) and u.reach > 0)]
    return any(stage.network.segments[u.consumer.segment].steps > 1 for u in far) and not any(
        u.segment == u.consumer.segment and u.slot > u.consumer.slot for u in far
    )


def _search(stage: Stage, chosen: int | None) -> ShortestPath | None:
    last = max(stage.tile(g) + stage.owned(g)[1] - 1 for g, _ in stage.film.recording.loss_slots)
    for t in range(stage.start, last + 1) if chosen is None else (chosen,):
        found = shortest_path(stage.network, t, last)
        if found is not None:
            return found
    return None


def _join(stage: Stage, a: Node, b: Node, lines: list[Array], arcs: list[Array]) -> None:
    """The edge from a to b, as it is drawn."""
    source, target = (a.segment, a.slot), (b.segment, b.slot)
    for fan in stage.layout.fans:
        if source in fan.sources and target == fan.target:
            at = curves(stage, fan, np.array([b.t]), np.array([a.t]))
            arcs.append(at)
            return
    for link in stage.layout.links:
        if (link.source, link.target) == (source, target) and not link.initial:
            tile = _tile(stage, link, a, b, source)
            if tile is not None:
                points = stage.points(link, np.array([tile]))[0]
                (arcs if link.way.curve else lines).append(
                    points.reshape(1, 8) if link.way.curve else points
                )
                return


def _tile(stage: Stage, link: Link, a: Node, b: Node, source: Key) -> int | None:
    """Step of the picture in which the link ends, if it is the one between these two nodes."""
    here, there = stage.tile(a.segment) + a.t, stage.tile(b.segment) + b.t
    if link.reach == ALL:
        return here
    if isinstance(link.reach, int):
        lag = -link.reach if stage.backwards(source[0]) else link.reach
        return there if there - here == lag else None
    return there


def _halo(stage: Stage, node: Node) -> Array:
    mark = stage.layout.at[node.segment, node.slot]
    box = stage.boxes(mark, np.array([node.t]))
    reach = HALO * stage.scale
    return np.asarray(box + np.array([-reach, -reach, 2 * reach, 2 * reach]))
