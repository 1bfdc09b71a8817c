"""The callout at the node whose δ is being added up: how many of its descendants have answered,
and the sum it is becoming. It stands where it hides least, and at the same place all the while.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.template import Node, Use
from visualizer.scene.layers.columns import SLACK
from visualizer.scene.layers.packets import along
from visualizer.scene.picture import Item, Rects, Texts
from visualizer.scene.stage import Stage, segments_of_ring
from visualizer.scene.symbols import symbol_of, term_of
from visualizer.scene.tile import Mark
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Array = NDArray[np.floating[Any]]
HEIGHT = 54.0
MOST_TERMS = 3
MOST_COVERED = 1.0  # less than half a node


def draw(stage: Stage) -> list[Item]:
    """The callout, or nothing where no sum of several is under way."""
    node = stage.frame.filling
    if node is None:
        return []
    uses = stage.film.uses[node.segment, node.slot]
    mark = stage.layout.at.get((node.segment, node.slot))
    own = [u for u in uses if stage.exists(u)[0] <= node.t < stage.exists(u)[1]]
    if mark is None or not segments_of_ring(tuple(own)):
        return []
    tile = node.t + stage.tile(node.segment)
    if not stage.sight.first <= tile < stage.sight.last:
        return []
    arrived = sum(stage.frame.has_contribution(u, node.t) for u in own)
    title = f"{arrived} of {len(own)} descendants {'has' if arrived == 1 else 'have'} arrived"
    sentence = equation(stage, node, own)
    size = min(max(stage.scale, 0.8), 1.15)
    wide = max(width_of(title, STYLES["callout-title"]), width_of(sentence, STYLES["callout-text"]))
    width = (wide * SLACK + 24.0) * size
    box, covered = _spot(stage, mark, tile, width, HEIGHT * size)
    if covered > MOST_COVERED and stage.film.closest < 1.0:  # one of two, with half the room
        return []
    x = box[0] + 12.0 * size
    lines = np.array([[x, box[1] + 16.0 * size], [x, box[1] + 38.0 * size]])
    return [
        Rects("callout", np.array([box]), radius=8 * size),
        Texts("callout-title", lines[:1], (title,), scale=size),
        Texts("callout-text", lines[1:], (sentence,), scale=size),
    ]


def equation(stage: Stage, node: Node, uses: list[Use]) -> str:
    """δ(h_{3}) = V^{⊤}δ(s_{3}) + W_hh^{⊤}δ(z_{4})"""
    symbols = stage.view.symbols
    left = f"δ({symbol_of(stage.network, node, symbols)})"
    terms = [term_of(stage.network, use, node.t, symbols) for use in uses]
    more = " + …" if len(terms) > MOST_TERMS else ""
    return f"{left} = {' + '.join(terms[:MOST_TERMS])}{more}".replace("+ −", "− ")


def _spot(
    stage: Stage, mark: Mark, tile: int, width: float, height: float
) -> tuple[tuple[float, float, float, float], float]:
    """The box that covers least, and how much of nodes that is, in squares as high as one."""
    sight, scale = stage.sight, stage.scale
    x, y = float(sight.x(tile, mark.x)), float(sight.y(mark.y))
    half_w, half_h = mark.w / 2 * scale, mark.h / 2 * scale
    right, left = x + half_w + 14 * scale, x - half_w - 14 * scale - width
    across = np.array([right, right + 60 * scale, right + 130 * scale, x - width / 2, left])
    over = y - half_h - height - 8 * scale - np.arange(7) * 15.0 * scale
    under = y + half_h + 8 * scale + np.arange(7) * 15.0 * scale
    down = np.column_stack([over, under]).ravel()
    spots = np.column_stack([np.repeat(across, len(down)), np.tile(down, len(across))])
    room_x = sight.width - width - 6.0
    inside = np.column_stack(
        [
            np.clip(spots[:, 0], sight.left + 6.0, max(room_x, sight.left + 6.0)),
            np.clip(spots[:, 1], 6.0, max(sight.height - height - 6.0, 6.0)),
        ]
    )
    moved = np.abs(inside - spots).sum(1)
    hidden = _hidden(stage, inside, width, height, (x, y, half_w, half_h))
    far = np.repeat(np.array([0.0, 0.15, 0.35, 0.5, 0.6]), len(down))
    far += np.tile(np.repeat(np.arange(7), 2) * 0.04, len(across))
    best = int(np.argmin(hidden + moved * 0.02 + far))
    return (float(inside[best, 0]), float(inside[best, 1]), width, height), float(hidden[best])


def _tokens(stage: Stage) -> Array:
    """The row of tokens."""
    y = float(stage.sight.y(stage.layout.token_y))
    tall = 16.0 * stage.scale
    return np.array([[stage.sight.left, y - tall / 2, stage.sight.width, tall]])


def _ways_to(stage: Stage) -> list[Array]:
    """Small boxes along the edges on which the node's contributions come: not to be hidden."""
    node = stage.frame.filling
    found = []
    for link in stage.layout.links:
        own = node is not None and link.source == (node.segment, node.slot)
        if node is None or link.initial or not (own or stage.film.timeless):
            continue
        low, high, shift = stage.link_steps(link)
        if low <= node.t < high:
            at = [along(stage, link, node.t + shift, u) for u in np.linspace(0.0, 1.0, 13)]
            found.append(np.column_stack([np.array(at) - 7.0, np.full((13, 2), 14.0)]))
    return found


def _hidden(
    stage: Stage, spots: Array, width: float, height: float, own: tuple[float, ...]
) -> Array:
    """How much of nodes (in node heights), rings included, each spot would cover."""
    boxes = []
    pad = 9.0 * stage.scale
    for mark in stage.layout.marks:
        low, high = stage.seen(mark.segment)
        if high > low:
            found = stage.boxes(mark, np.arange(low, high))
            found += np.array([0.0, -pad, pad, 2 * pad])
            boxes.append(found)
    boxes += [*_ways_to(stage), _tokens(stage)]
    x, y, half_w, half_h = own
    ring = np.array([[x - half_w, y - half_h - pad, 2 * half_w + pad, 2 * (half_h + pad)]])
    all_ = np.concatenate([*boxes, ring])
    dx = np.minimum(spots[:, None, 0] + width, all_[:, 0] + all_[:, 2]) - np.maximum(
        spots[:, None, 0], all_[:, 0]
    )
    dy = np.minimum(spots[:, None, 1] + height, all_[:, 1] + all_[:, 3]) - np.maximum(
        spots[:, None, 1], all_[:, 1]
    )
    area = np.maximum(dx, 0.0) * np.maximum(dy, 0.0)
    return np.asarray(area.sum(1) / (40.0 * 40.0 * max(stage.scale, 0.2) ** 2))
