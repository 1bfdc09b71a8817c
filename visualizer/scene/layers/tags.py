"""Parameters that every step has of its own: a small card beside the edge, with one bar for what
its step adds to the gradient. What all steps share is in the rail.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.layers.columns import shrunk
from visualizer.scene.picture import Item, Polylines, Rects, Texts
from visualizer.scene.rail import Card
from visualizer.scene.stage import Stage, within

Array = NDArray[np.floating[Any]]
SIZE = (46.0, 28.0)
ASIDE = 47.0  # its middle, left of the edge
BAR = (7.0, 18.0)


def draw(stage: Stage) -> list[Item]:
    """All of them that are in sight."""
    return [item for card in stage.layout.tags for item in _tags(stage, card)]


def _tags(stage: Stage, card: Card) -> list[Item]:
    dot, scale = card.dots[0], stage.scale
    (low, high), (mine, until) = stage.seen(dot.segment), stage.owned(dot.segment)
    steps = np.arange(max(low, mine), max(min(high, until), max(low, mine)))
    if not len(steps):
        return []
    tiles = steps + stage.tile(dot.segment)
    edge = np.asarray(stage.sight.x(tiles, dot.x, dot.d))
    y = float(stage.sight.y(card.bus_y if card.bus_y is not None else card.y))
    wide, tall = SIZE[0] * scale, SIZE[1] * scale
    left = edge - ASIDE * scale - wide / 2
    boxes = np.column_stack([left, np.full(len(left), y - tall / 2)])
    boxes = np.concatenate([boxes, np.full((len(left), 2), (wide, tall))], axis=1)
    style = (
        "parameter-card-selected" if stage.view.parameter in card.parameters else "parameter-card"
    )
    strings = tuple(f"{card.parameters[0]}^{{{t + 1}}}" for t in tiles)
    longest = f"{card.parameters[0]}^{{{stage.film.steps}}}"
    size = shrunk(longest, SIZE[0] - BAR[0] - 12.0, "parameter-name")
    names = np.column_stack([left + 6.0 * scale, np.full(len(left), y)])
    lines = [np.array([[x + wide, y], [end, y]]) for x, end in zip(left, edge)]
    return [
        Polylines("bus", tuple(lines)),
        Rects(style, boxes, radius=6 * scale),
        Texts("parameter-name", names, strings, scale=scale * size),
        *_bars(stage, card, tiles, left + wide - (BAR[0] + 5.0) * scale, y + BAR[1] / 2 * scale),
    ]


def _bars(
    stage: Stage, card: Card, tiles: NDArray[np.integer[Any]], x: Array, bottom: float
) -> list[Item]:
    """One bar a step, on one scale for the whole film."""
    squares = [np.square(stage.film.term_norms(name)) for name in card.parameters]
    norms = np.sqrt(np.sum(squares, axis=0))
    finite = norms[np.isfinite(norms)]
    top = float(finite.max()) if finite.size else 0.0
    there = np.zeros(len(tiles), bool)
    if stage.film.recording.has_gradients:
        there = within(tiles, stage.frame.gathered(card.parameters[0]))
    share = np.nan_to_num(norms[tiles] / (top or 1.0), nan=1.0, posinf=1.0)
    tall = np.where(there, np.maximum(share * BAR[1], 1.2), 2.0) * stage.scale
    wide = np.full(len(tiles), BAR[0] * stage.scale)
    boxes = np.column_stack([x, bottom - tall, wide, tall])
    parts = (("parameter-bar", boxes[there]), ("parameter-stub", boxes[~there]))
    return [Rects(style, found, radius=1.5) for style, found in parts if len(found)]
