"""Small pictures inside the nodes: a heat map for each channel that is shown, values above or left,
δ below or right, hatched until they are there. Where they stand: `scene.pictured`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.template import Slot
from visualizer.scene.layers.cells import Cells, MapName, levels
from visualizer.scene.picture import Heat
from visualizer.scene.pictured import NOTE, Small, look_of, note_of, reduced, smalls
from visualizer.scene.stage import Stage
from visualizer.scene.tile import Mark

Array = NDArray[np.floating[Any]]
Steps = NDArray[np.integer[Any]]


def shows_pictures(stage: Stage, mark: Mark) -> bool:
    """Whether the numbers of a mark are drawn as pictures at this level."""
    slot = stage.network.slot(mark.segment, mark.slot)
    return bool(look_of(slot, stage.layout.level, mark.kind))


def fill_pictures(
    stage: Stage,
    mark: Mark,
    slot: Slot,
    steps: Steps,
    cells: Cells,
    row: int,
    there: Steps,
    numbers: Array,
    name: MapName,
) -> None:
    """The pictures of a row (0: values, 1: δ): hatched but `there`, where the numbers are."""
    assert slot.picture
    missing = np.ones(len(steps), bool)
    missing[there] = False
    scale, centre = stage.scale, stage.columns(mark, steps)
    middle = float(stage.sight.y(mark.y))
    pictures = levels(stage, numbers, name).reshape(-1, *slot.picture)
    look = look_of(slot, stage.layout.level, mark.kind)
    for small in smalls(slot, look, row):
        boxes = _boxes(small, centre, middle, scale)
        cells.pending.append(boxes[missing])
        cells.framed.append(boxes[there])
        seen = reduced(pictures[:, small.channel], small.w * scale, small.h * scale)
        for (x, y, w, h), picture in zip(boxes[there].tolist(), seen):
            cells.heats.append(Heat(name, (x, y, w, h), picture))
    note = note_of(slot, look)
    for x in centre if row and note else ():  # which channels are shown
        y = middle + (mark.h / 2 - NOTE / 2 - 2.0) * scale
        cells.write("graph-note", float(x), y, note)


def _boxes(small: Small, centre: Array, middle: float, scale: float) -> Array:
    boxes = np.empty((len(centre), 4))
    boxes[:, 0] = centre + small.x * scale
    boxes[:, 1] = middle + small.y * scale
    boxes[:, 2], boxes[:, 3] = small.w * scale, small.h * scale
    return boxes
