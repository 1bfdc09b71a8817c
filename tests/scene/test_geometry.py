"""On the screen, in every arrangement: no node lies on another, no edge passes behind a node that
is not its own, and what is outside a segment is not drawn."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.sequences import sample
from tests.scene.films import ARRANGED, CELLS, PAIRS, RAGGED, film
from visualizer.scene.compose import stage_of
from visualizer.scene.film import Film
from visualizer.scene.layers import fans, wide
from visualizer.scene.stage import Stage
from visualizer.scene.tile import Mark
from visualizer.scene.view import View

Array = NDArray[np.floating[Any]]
Boxes = dict[tuple[int, int, int], tuple[float, float, float, float]]
LEVELS = ("numbers", "ops", "tensors", "steps")
SHAPES: list[dict[str, object]] = list(ARRANGED)
for cell in CELLS:
    SHAPES += [
        {"cell": cell, "arrangement": "encoder-decoder", "text": PAIRS, "layers": 2},
        {"cell": cell, "padding": "mask", "text": RAGGED, "direction": "both"},
        {"cell": cell, "truncation": 2, "layers": 2},
    ]
SHAPES += [
    {"cell": "gru", "reset": "before", "padding": "mask", "text": RAGGED},
    {"cell": "conv-lstm", "text": sample("moving-dot"), "hidden": 3, "layers": 2},
    {"text": sample("digit-numbers"), "encoder": "convolution", "decoder": "feed-forward"},
]
arranged = pytest.mark.parametrize(
    "shape", SHAPES, ids=lambda s: " ".join(str(v)[:40] for v in s.values())
)
levels = pytest.mark.parametrize("level", LEVELS)


def stages(movie: Film, level: str) -> list[Stage]:
    """The whole graph in a wide window: steps as they are, stretched, and rows further apart."""
    pitch = movie.layout(level).pitch
    found = []
    for stretch, height in ((1.0, 400.0), (1.45, 1400.0)):
        view = View(level=level, zoom=pitch / movie.base, stretch=stretch)
        width = 200.0 + movie.steps * pitch * stretch
        found.append(stage_of(movie, movie.frame_at(1.0), view, width, height))
    return found


def boxes_of(stage: Stage) -> Boxes:
    """Left, top, right, bottom of every node by (segment, slot, step)."""
    found: Boxes = {}
    for mark in stage.layout.marks:
        if mark.kind == "wide":
            left, right = wide.span_of(stage, mark)
            y, half = float(stage.sight.y(mark.y)), mark.h / 2 * stage.scale
            found[mark.segment, mark.slot, 0] = (left, y - half, right, y + half)
            continue
        steps = np.arange(*stage.owned(mark.segment))
        for t, (x, y, w, h) in zip(steps.tolist(), stage.boxes(mark, steps).tolist()):
            found[mark.segment, mark.slot, t] = (x, y, x + w, y + h)
    return found


def framed(stage: Stage, a: Mark) -> tuple[float, float] | None:
    """Which frame a row stands in."""
    for box in stage.layout.frames:
        if abs(box.x - a.x) < 1 and abs(box.y - a.y) < box.h / 2:
            return box.x, box.y
    return None


@arranged
@levels
def test_no_node_lies_on_another(shape: dict[str, Any], level: str) -> None:
    movie = film(**shape)
    for stage in stages(movie, level) if level in movie.levels else ():
        boxes = boxes_of(stage)
        table = np.array(list(boxes.values()))
        dx = np.minimum(table[:, None, 2], table[:, 2]) - np.maximum(table[:, None, 0], table[:, 0])
        dy = np.minimum(table[:, None, 3], table[:, 3]) - np.maximum(table[:, None, 1], table[:, 1])
        np.fill_diagonal(dx, -1.0)
        hit = np.argwhere((dx > 0.5) & (dy > 0.5))
        names = list(boxes)
        assert not len(hit), (names[hit[0][0]], names[hit[0][1]])


@arranged
@levels
def test_no_edge_passes_behind_a_node(shape: dict[str, Any], level: str) -> None:
    movie = film(**shape)
    for stage in stages(movie, level) if level in movie.levels else ():
        boxes = boxes_of(stage)
        frames = {key: framed(stage, mark) for key, mark in stage.layout.at.items()}
        table, names = np.array(list(boxes.values())), list(boxes)
        for ends, points in edges_of(stage):
            inside = (points[:, None, 0] > table[:, 0] + 1) & (points[:, None, 0] < table[:, 2] - 1)
            inside &= points[:, None, 1] > table[:, 1] + 1
            inside &= points[:, None, 1] < table[:, 3] - 1
            for n in np.flatnonzero(inside.any(0)):
                g, k, t = names[n]
                same = frames[g, k] is not None and any(
                    frames.get((a, b)) == frames[g, k] and t == at for a, b, at in ends
                )
                assert names[n] in ends or same, (level, names[n], ends)


def edges_of(stage: Stage) -> list[tuple[list[tuple[int, int, int]], Array]]:
    """Both ends of every edge that is drawn, (segment, slot, step), and points along it."""
    found = []
    for link in stage.layout.links:
        low, high, shift = stage.link_steps(link)
        if link.initial:
            continue
        for t in range(low, high):
            points = stage.points(link, np.array([t + shift]))[0]
            to = t + shift - stage.tile(link.target[0])
            ends = [(*link.source, t), (*link.target, to if link.reach != "all" else 0)]
            found.append((ends, sampled(points, link.way.curve)))
    for fan in stage.layout.fans:
        looks, sees, _ = fans._pairs(stage, fan)
        curves = fans.curves(stage, fan, looks, sees).reshape(-1, 4, 2)
        for a, b, curve in zip(looks.tolist(), sees.tolist(), curves):
            ends = [(*source, b) for source in fan.sources] + [(*fan.target, a)]
            found.append((ends, sampled(curve, True)))
    return found


def sampled(xy: Array, curve: bool) -> Array:
    """Points along a way, (N, 2)."""
    u = np.linspace(0, 1, 80)[:, None]
    if curve:
        v = 1 - u
        return v**3 * xy[0] + 3 * v * v * u * xy[1] + 3 * v * u * u * xy[2] + u**3 * xy[3]
    return np.concatenate([a + u * (b - a) for a, b in pairwise(xy)])
