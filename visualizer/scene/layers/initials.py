"""The states before the first step, and after the last one of chains that run backwards: dashed
boxes with what the states begin with.
"""

from __future__ import annotations

import numpy as np

from visualizer.scene.layers.cells import MOST_CELLS, figure, reduced
from visualizer.scene.layers.columns import shrunk
from visualizer.scene.picture import Item, Rects, Strips, Texts, level_of
from visualizer.scene.rail import Initial
from visualizer.scene.stage import Stage
from visualizer.scene.symbols import HELD, layer_mark, name_of

UNDER = 0.7  # of the size of a first state's symbol, with its numbers under it


def draw(stage: Stage) -> list[Item]:
    """The states before the first step: dashed, always there; zero unless they were set."""
    return _initials(stage, [i for i in stage.layout.initials if not i.back])


def ends(stage: Stage) -> list[Item]:
    """The first states of chains that run backwards, right of the last step."""
    return _initials(stage, [i for i in stage.layout.initials if i.back])


def _initials(stage: Stage, shown: list[Initial]) -> list[Item]:
    scale, sight = stage.scale, stage.sight
    boxes, texts, strips, numbers = [], [], [], []
    shown = [initial for initial in shown if stage.initial_seen(initial)]
    for initial in shown:
        x, y = stage.initial_x(initial), float(sight.y(initial.y))
        w, h = initial.w * scale, initial.h * scale
        boxes.append((x - w / 2, y - h / 2, w, h))
        values = stage.film.recording.initial[initial.name][initial.row, stage.b]
        name = name_of(stage.network, *initial.key, stage.view.symbols).removesuffix(HELD)
        above = layer_mark(stage.network, initial.key[0])
        number = "0" if not np.any(values) else ""
        number = figure(float(values[0]), short=True) if len(values) == 1 else number
        beside = f" = {number}" if number and not initial.short else ""
        under = not beside and np.any(values)
        texts.append(((x, y - 0.2 * h if under else y), f"{name}_{{0}}{above}{beside}"))
        if under and number:
            numbers.append(((x, y + 0.26 * h), number))
        elif under:
            few = reduced(values[None], MOST_CELLS)[0] if len(values) > MOST_CELLS else values
            cells = level_of(few, stage.film.value_scale)
            strips.append(((x - 0.42 * w, y + 0.22 * h, 0.84 * w, 0.18 * h), cells))
    if not boxes:
        return []
    size = UNDER if strips or numbers else 1.0
    items: list[Item] = [
        Rects("node-absent", np.array(boxes), radius=8 * scale),
        _fitting("symbol-initial", texts, size, shown, scale),
    ]
    if strips:
        counts = np.array([len(cells) for _, cells in strips])
        levels = np.concatenate([cells for _, cells in strips])
        items.append(Strips("value", np.array([box for box, _ in strips]), counts, levels))
    if numbers:
        items.append(_fitting("graph-number", numbers, 1.0, shown, scale))
    return items


def _fitting(
    style: str,
    words: list[tuple[tuple[float, float], str]],
    size: float,
    shown: list[Initial],
    scale: float,
) -> Item:
    """Words in first states, all of one size, as large as fits (at most `size`)."""
    texts = tuple(text for _, text in words)
    room = min(initial.w for initial in shown) - 2.0
    size = min(size, *(shrunk(text, room, style) for text in texts))
    return Texts(style, np.array([at for at, _ in words]), texts, "middle", scale=scale * size)
