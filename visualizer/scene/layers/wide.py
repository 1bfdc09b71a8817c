"""The node that all steps feed: one box through all of them, with a part above each step. Parts of
padding are hatched: they are multiplied all the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.layers.cells import MOST_CELLS, levels, reduced
from visualizer.scene.picture import Item, Polylines, Rects, Strips, Texts
from visualizer.scene.stage import Stage
from visualizer.scene.symbols import name_of
from visualizer.scene.tile import Mark

Array = NDArray[np.floating[Any]]
EDGE = 40.0  # px that a box may reach out of sight
INDENT, TAIL = 32.0, 8.0  # of a part: room for the symbol, and behind the cells


def draw(stage: Stage) -> list[Item]:
    """All wide nodes."""
    items: list[Item] = []
    for mark in stage.layout.marks:
        if mark.kind == "wide":
            items += [*_body(stage, mark), *_parts(stage, mark), *_words(stage, mark)]
    return items


def span_of(stage: Stage, mark: Mark) -> tuple[float, float]:
    """Pixels of the left and right end, a little out of sight at most."""
    half, sight = mark.w / 2 * stage.scale, stage.sight
    left = float(sight.x(0, mark.x)) - half
    right = float(sight.x(stage.film.steps - 1, mark.x)) + half
    return max(left, -EDGE), min(right, sight.width + EDGE)


def _body(stage: Stage, mark: Mark) -> list[Item]:
    left, right = span_of(stage, mark)
    if right <= left:
        return []
    tall = mark.h * stage.scale
    box = np.array([[left, float(stage.sight.y(mark.y)) - tall / 2, right - left, tall]])
    return [Rects(_style(stage, mark), box, radius=9 * stage.scale)]


def _style(stage: Stage, mark: Mark) -> str:
    key, node, over = (mark.segment, mark.slot), stage.doing(), stage.view.hover
    if node is not None and (node.segment, node.slot) == key:
        return "node-current" if stage.frame.phase == "backward" else "node-forward"
    if stage.selected(key) is not None:
        return "node-selected"
    return "node-hover" if over is not None and (over.segment, over.slot) == key else "node"


def _parts(stage: Stage, mark: Mark) -> list[Item]:
    """The strips of all visible steps, value above and δ below; hatched until they exist."""
    recording, frame, scale = stage.film.recording, stage.frame, stage.scale
    steps = np.arange(stage.sight.first, stage.sight.last)
    if not len(steps):
        return []
    boxes = np.empty((len(steps), 4))
    boxes[:, 0] = np.asarray(stage.sight.x(steps, mark.x)) + (INDENT - mark.w / 2) * scale
    boxes[:, 2], boxes[:, 3] = (mark.w - INDENT - TAIL) * scale, 10.0 * scale
    items: list[Item] = []
    kinds: tuple[tuple[Any, Any, bool, float], ...] = (
        ("value", recording.value, frame.valued(mark.segment, mark.slot)[1] > 0, -13.0),
        ("delta", recording.delta, frame.complete(mark.segment, mark.slot)[0] == 0, 3.0),
    )
    for name, numbers, there, dy in kinds:
        here = boxes + np.array([0.0, float(stage.sight.y(mark.y)) + dy * scale, 0.0, 0.0])
        here[:, 1] = float(stage.sight.y(mark.y)) + dy * scale
        if not there or (name == "delta" and not recording.has_gradients):
            items.append(Rects("strip-pending", here, radius=2 * scale))
            continue
        parts = numbers(mark.segment, mark.slot)[0, stage.b].reshape(stage.film.steps, -1)[steps]
        if parts.shape[1] > MOST_CELLS:
            parts = reduced(parts, MOST_CELLS)
        counts = np.full(len(steps), parts.shape[1])
        items.append(Strips(name, here, counts, levels(stage, parts, name).ravel()))
    return items + _padding(stage, mark, steps)


def _padding(stage: Stage, mark: Mark, steps: NDArray[np.integer[Any]]) -> list[Item]:
    """Hatching over the parts behind the end of the sequence."""
    behind = steps[(steps < stage.start) | (steps >= stage.stop)]
    if not len(behind):
        return []
    wide, tall = mark.w * stage.scale, mark.h * stage.scale
    x = np.asarray(stage.sight.x(behind, mark.x)) - wide / 2
    y = float(stage.sight.y(mark.y)) - tall / 2
    boxes = np.column_stack([x, np.full((len(x), 1), y), np.full((len(x), 2), (wide, tall))])
    foot = float(stage.sight.y(_feeding(stage, mark)))
    ways = [np.array([[at, foot], [at, y + tall]]) for at in x + wide / 2]
    return [Rects("column-padded", boxes), Polylines("edge-dashed", tuple(ways))]


def _feeding(stage: Stage, mark: Mark) -> float:
    """The height at which the edges into the node begin."""
    read = stage.network.slot(mark.segment, mark.slot).inputs[0]
    source = stage.layout.at[read.segment, read.slot]
    return source.y - source.h / 2


def _words(stage: Stage, mark: Mark) -> list[Item]:
    """Its symbol in the first part, and above it what it is made of."""
    if stage.sight.first > 0:
        return []
    scale, steps = stage.scale, stage.film.steps
    x, y = float(stage.sight.x(0, mark.x)), float(stage.sight.y(mark.y))
    name = name_of(stage.network, mark.segment, mark.slot, stage.view.symbols)
    width = stage.network.slot(mark.segment, mark.slot).width
    told = f"one input: {steps} × {width // steps} = {width} numbers"
    left = np.array([[x - mark.w / 2 * scale, y - (mark.h / 2 + 12) * scale]])
    return [
        Texts("symbol", np.array([[x + (17 - mark.w / 2) * scale, y]]), (name,), "middle",
              scale=0.9 * scale),
        Texts("muted", left, (told,), scale=0.84 * scale),
    ]  # fmt: skip
