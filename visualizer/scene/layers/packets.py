"""What is under way: a dot on every edge along which something travels at this moment."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.template import ALL, HANDED, Node, Use
from visualizer.scene.layers import cuts, fans, tags
from visualizer.scene.layers.losses import curve_points, loss_steps, pills_of, weights_at
from visualizer.scene.picture import Dots, Item
from visualizer.scene.rail import CARD, CARD_X
from visualizer.scene.stage import Stage
from visualizer.scene.tile import Link

Array = NDArray[np.floating[Any]]
Point = tuple[float, float]


def draw(stage: Stage) -> list[Item]:
    """The packets of the event that is under way; none between two events."""
    event, fraction = stage.frame.event, stage.frame.fraction
    if event is None or fraction <= 0.0:
        return []
    if event.kind != "parameter" and _elsewhere(stage, event.node):
        return []
    way = fraction * fraction * (3.0 - 2.0 * fraction)
    forward = event.phase in ("forward", "loss")
    points: list[Point] = []
    if event.kind == "value" and event.node is not None:
        points = _into(stage, event.node, way)
    elif event.kind == "total":
        points = _losses(stage, None, 1.0 - way)
    elif event.kind == "contribution" and event.use is None and event.node is not None:
        points = _losses(stage, event.node, way)
    elif event.kind in ("contribution", "initial") and event.node is not None:
        points = _back(stage, event.use, event.node.t, way)
    elif event.kind == "parameter" and event.node is not None:
        points = _to_card(stage, event.node, event.parameter, way)
    seen = [p for p in points if p[0] >= stage.sight.left * 0.3]
    if not seen:
        return []
    style = "packet-forward" if forward else "packet"
    centres = np.array(seen)
    size = max(stage.scale, 0.6)
    return [
        Dots(f"{style}-halo", centres, np.full(len(seen), 9.5 * size)),
        Dots(style, centres, np.full(len(seen), 5.0 * size)),
    ]


def _elsewhere(stage: Stage, node: Node | None) -> bool:
    """Whether the node is so far out of sight that nothing on its edges can be seen."""
    reaches = [link.reach for link in stage.layout.links if isinstance(link.reach, int)]
    everywhere = stage.view.fold or stage.film.timeless or len(reaches) < len(stage.layout.links)
    if node is None or everywhere:
        return False
    away, t = max(reaches, default=0) + 1, node.t + stage.tile(node.segment)
    return t < stage.sight.first - away or t >= stage.sight.last + away


def _into(stage: Stage, node: Node, way: float) -> list[Point]:
    """Along every edge into the node."""
    found = []
    t = node.t
    for link in stage.layout.links:
        if link.target != (node.segment, node.slot):
            continue
        lag = link.reach if isinstance(link.reach, int) else 0
        back = stage.backwards(link.source[0])
        if link.reach == ALL:
            low, high, shift = stage.link_steps(link)
            found += [along(stage, link, s + shift, way) for s in range(low, high)]
            continue
        if link.uses[0].position == HANDED:
            if t == 0:
                found.append(along(stage, link, stage.tile(node.segment), way))
            continue
        if link.initial != (t + lag >= stage.stop if back else t - lag < 0):
            continue
        tile = t + stage.tile(node.segment)
        if t >= stage.owned(node.segment)[0] and t < stage.owned(node.segment)[1]:
            found.append(along(stage, link, tile, way))
    arcs = fans.under_way(stage, node, back=False)
    return found + [_bezier(curve.reshape(4, 2), way) for curve in arcs]


def _back(stage: Stage, use: Use | None, t: int, way: float) -> list[Point]:
    if use is not None and use.reach == ALL:
        arcs = fans.under_way(stage, Node(use.segment, t, use.slot), back=True)
        if arcs:
            return [_bezier(curve.reshape(4, 2), 1.0 - way) for curve in arcs]
    for link in stage.layout.links:
        if use in link.uses and link.initial == (t < 0):
            low, high, shift = stage.link_steps(link)
            if low <= t < high:
                if cuts.cut_at(stage, link, np.array([t]))[0]:
                    way = min(way, 1.0 - cuts.CUT)  # there it ends
                return [along(stage, link, t + shift, 1.0 - way)]
    return []


def _losses(stage: Stage, node: Node | None, way: float) -> list[Point]:
    found = []
    for mark in pills_of(stage):
        steps = loss_steps(stage, mark)
        if node is not None:
            steps = steps[steps == node.t]
        steps = steps[weights_at(stage, mark, steps) != 0]
        for p in curve_points(stage, mark, steps).reshape(-1, 4, 2):
            found.append(_bezier(p, way))
    return found


def _to_card(stage: Stage, node: Node, parameter: str, way: float) -> list[Point]:
    """Down the bus line from the step to the card."""
    for card in stage.layout.cards:
        if parameter not in card.parameters or (node.segment, node.slot) not in card.slots:
            continue
        tile = node.t + stage.tile(node.segment)
        mark = stage.layout.at.get((node.segment, node.slot))
        dots = [(dot.x, dot.d) for dot in card.dots if dot.segment == node.segment]
        at = dots[0] if dots else ((mark.x, 0.0) if mark is not None else (0.0, 0.0))
        x0 = float(stage.sight.x(tile, *at))
        x1 = (CARD_X + CARD[0] / 2) * stage.scale
        y = float(stage.sight.y(card.bus_y if card.bus_y is not None else card.y))
        return [(x0 + (x1 - x0) * way, y)]
    return _to_tag(stage, node, parameter, way)


def _to_tag(stage: Stage, node: Node, parameter: str, way: float) -> list[Point]:
    """From the edge to what stands beside it."""
    for card in stage.layout.tags:
        if parameter in card.parameters:
            dot, y = card.dots[0], float(stage.sight.y(card.bus_y or card.y))
            x = float(stage.sight.x(node.t + stage.tile(node.segment), dot.x, dot.d))
            return [(x - tags.ASIDE * stage.scale * way, y)]
    return []


def along(stage: Stage, link: Link, tile: int, way: float) -> Point:
    """The point of a link at a fraction of its length, its target standing in step `tile`."""
    points = stage.points(link, np.array([tile]))[0]
    # folded, a curve is as many points as its loop
    return _bezier(points, way) if link.way.curve and len(points) == 4 else _walk(points, way)


def _bezier(p: Array, u: float) -> Point:
    v = 1.0 - u
    q = v**3 * p[0] + 3 * v * v * u * p[1] + 3 * v * u * u * p[2] + u**3 * p[3]
    return float(q[0]), float(q[1])


def _walk(points: Array, way: float) -> Point:
    lengths = np.hypot(*np.diff(points, axis=0).T)
    left = way * float(lengths.sum())
    for k, length in enumerate(lengths):
        if left <= length or k == len(lengths) - 1:
            u = left / length if length else 0.0
            q = points[k] + (points[k + 1] - points[k]) * min(u, 1.0)
            return float(q[0]), float(q[1])
        left -= float(length)
    return float(points[-1][0]), float(points[-1][1])
