"""What stands beside the bands: the states before the first step as narrow bands of their own, and
the total ℒ beside the losses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers.columns import shrunk
from visualizer.scene.layers.losses import loss_figure
from visualizer.scene.picture import Heat, Item, Rects, Texts, level_of

Array = NDArray[np.floating[Any]]
Key = tuple[int, int]
WIDE = 7.0  # px of a state before the first step
GAP = 3.0  # from it to the first step
ROOM = 112.0  # px for the words of ℒ
ABOVE = 18.0  # from the row of the losses up to them


def total(film: Film, frame: Frame, y: float) -> list[Item]:
    """ℒ above the name of the losses; a formula is its own total."""
    if film.timeless or not film.recording.loss_slots:
        return []
    text = "ℒ" if film.recording.batch > 1 else "ℒ = Σ L_{t}"
    if frame.has_total:
        text += f" = {loss_figure(film.recording.loss, 3)}"
    size = 0.9 * shrunk(text, ROOM, "pill-total-text")
    return [Texts("pill-total-text", np.array([[14.0, y - ABOVE]]), (text,), scale=size)]


def first_states(
    film: Film,
    frame: Frame,
    b: int,
    bands: Sequence[tuple[Key, float, float]],
    x: float,
    placed: Callable[[Array, float], Array],
) -> list[Item]:
    """The states before the first step of the bands (key, top, height), to the left of x: dashed
    where they are 0; δ below, `placed` on its scale, once all of it is there."""
    items: list[Item] = []
    dashed = []
    for (g, k), y, room in bands:
        slot, segment = film.network.slot(g, k), film.network.segments[g]
        if not slot.initial or slot.handed is not None or segment.direction < 0:
            continue
        row, tall = film.network.row(g, slot.initial), room - 8.0
        values = film.recording.initial[slot.initial][row, b]
        box = (x - GAP - WIDE, y, WIDE, tall * 0.55)
        if np.any(values):
            items.append(Heat("value", box, _column(values, film.value_scale)))
        else:
            dashed.append(box)
        uses = [u for u in film.uses[g, k] if isinstance(u.reach, int) and u.reach > 0]
        if uses and set(frame.initial_arrived()) >= set(uses):
            deltas = film.recording.initial_deltas[slot.initial][row, b]
            below = (box[0], y + tall * 0.55 + 2.0, WIDE, tall * 0.45 - 2.0)
            items.append(Heat("delta", below, _column(placed(deltas, film.delta_scale), 1.0)))
    if dashed:
        items.append(Rects("node-absent", np.array(dashed), radius=2.0))
    return items


def _column(values: Array, scale: float) -> NDArray[np.uint8]:
    return np.repeat(level_of(values, scale)[:, None], 4, axis=1)
