"""What makes the inputs of a model that was opened: its embedding, its convolutions. They were run
at once, before the recording began, so that there is a name and no number to show.
"""

from __future__ import annotations

import numpy as np

from visualizer.scene.layers.columns import fitted, shrunk
from visualizer.scene.picture import Item, Polylines, Rects, Texts
from visualizer.scene.stage import Stage

ABOVE, TALL = 16.0, 22.0  # px from an input down to the box, and of it
SIDES = 10.0  # px of a box beside its words
LEAST = 0.7  # of their size, to which words shrink
STYLE = "graph-ahead-text"


def draw(stage: Stage) -> list[Item]:
    """A box with the names of these layers below each input."""
    marks = [m for m in stage.layout.marks if _is_input(stage, m.segment, m.slot)]
    if not stage.film.ahead or not marks:
        return []
    mark, scale = marks[0], stage.scale
    (low, high), (mine, until) = stage.seen(mark.segment), stage.owned(mark.segment)
    steps = np.arange(max(low, mine), max(min(high, until), max(low, mine)))
    if not len(steps):
        return []
    boxes = stage.boxes(mark, steps)
    bottom = boxes[:, 1] + boxes[:, 3]
    top = bottom + ABOVE * scale
    found = np.column_stack([boxes[:, 0], top, boxes[:, 2], np.full(len(top), TALL * scale)])
    middle = boxes[:, 0] + boxes[:, 2] / 2
    lines = tuple(np.array([[x, y], [x, end]]) for x, y, end in zip(middle, top, bottom))
    words = " → ".join(stage.film.ahead)
    size = max(shrunk(words, mark.w - SIDES, STYLE), LEAST)
    words = fitted(words, (mark.w - SIDES) / size, STYLE)
    places = np.column_stack([middle, top + TALL / 2 * scale])
    return [
        Polylines("edge", lines, arrows="end"),
        Rects("graph-ahead", found, radius=6 * scale),
        Texts(STYLE, places, (words,) * len(steps), "middle", scale=scale * size),
    ]


def _is_input(stage: Stage, g: int, k: int) -> bool:
    return stage.network.slot(g, k).role == "input"
