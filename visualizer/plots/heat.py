"""δ as a heat map: a row for each unit of a state, a column for each step, by sign and logarithm of
the magnitude; each pixel shows the largest of what falls into it. As far as backward has come.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.plots import axes as frames
from visualizer.plots import joined
from visualizer.plots.axes import Axes
from visualizer.plots.norms import shown_slot
from visualizer.scene.compose import stage_of
from visualizer.scene.extremes import columns_of, gathered, levels_of
from visualizer.scene.film import Film, largest, rounded_up
from visualizer.scene.frame import Frame
from visualizer.scene.layers import band_cells
from visualizer.scene.layers.band_cells import LOG_DECADES
from visualizer.scene.layers.columns import spans
from visualizer.scene.picture import (
    Clip,
    Heat,
    Item,
    Picture,
    Rects,
    Strips,
    Texts,
    Unclip,
)
from visualizer.scene.stage import Stage
from visualizer.scene.symbols import layer_mark, name_of
from visualizer.scene.view import View
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Array = NDArray[np.floating[Any]]
TITLE = "δ by unit and step"
LEAST = 3.0  # px of a row; more units than that share rows
STRIPS = 9.0  # px of a row from which cells are strips
CRISP = 24  # times that a cell is drawn as several, so that its edges stay sharp


def heat_picture(
    film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "linear"
) -> Picture:
    """The plot in a window of width by height, of the selected state in the shown sequence."""
    if not film.recording.has_gradients:
        note = frames.note(width, "no losses, so there is no gradient")
        items = [*frames.heading(TITLE, ""), note]
        return Picture(width, height, tuple(items), background="plot", title=TITLE)
    g, k = shown_slot(film, view)
    units = film.network.slot(g, k).width
    axes = frames.axes_of(film, view, width, height, 0.0, float(units))
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    top = rounded_up(film.kept(("heat", g, k), lambda: _largest(film, g, k)))
    name = name_of(film.network, g, k, view.symbols) + layer_mark(film.network, g, k)
    room = (axes.left, axes.top, axes.right + frames.RIGHT - axes.left, axes.bottom - axes.top)
    drawn: list[Item] = [Clip(room), *_padding(stage_of(film, frame, view, width, height), axes)]
    for place in joined.sections(film.network, g, k):
        drawn += _cells(film, frame, axes, place, b, top)
    drawn.append(Unclip())
    drawn += _units(axes, units)
    drawn += frames.inside(axes, frames.step_labels(axes, frame, film))
    drawn += frames.heading(TITLE, f"δ({name}_{{t}}), sign and logarithm of the size")
    drawn += _ramp(width, top)
    return Picture(width, height, tuple(drawn), background="plot", title=TITLE)


def _largest(film: Film, g: int, k: int) -> float:
    places = joined.sections(film.network, g, k)
    return max(largest(film.recording.delta(*place)) for place in places)


def _padding(stage: Stage, axes: Axes) -> list[Item]:
    """Hatching where the shown sequence has no steps."""
    half, tall = axes.step / 2, axes.bottom - axes.top
    boxes = [
        [axes.centres[low] - half, axes.top, (high - low) * axes.step, tall]
        for style, low, high in spans(stage)
        if style == "column-padded"
    ]
    return [Rects("column-padded", np.array(boxes))] if boxes else []


def _cells(
    film: Film, frame: Frame, axes: Axes, slot: tuple[int, int], b: int, top: float
) -> list[Item]:
    """What is there as colours; what is still to come is hatched."""
    begin = film.network.segments[slot[0]].offset + film.owned(slot[0], b)[0]
    steps, size = band_cells.steps(film, slot, b), max(axes.step, 1.0)
    x0, tall = float(axes.centres[0]) - axes.step / 2, axes.bottom - axes.top
    wide = axes.step / size
    seen = math.floor(axes.first * wide), math.ceil(axes.last * wide)
    columns = columns_of(wide, begin, steps, *seen)
    a, z = columns.inside(*band_cells.there(film, frame, slot, "delta", b))
    left, right = x0 + a * size, x0 + z * size
    items: list[Item] = []
    for low, high in ((columns.first, a), (z, columns.last)):
        if high > low:
            box = np.array([[x0 + low * size, axes.top, (high - low) * size, tall]])
            items.append(Rects("band-pending", box))
    if z <= a:
        return items
    ranks = band_cells.extremes(film, slot, "delta", b, top).strongest(columns.cut(a, z))
    levels = levels_of(gathered(ranks, max(int(tall / LEAST), 1)))
    rows = len(levels)
    if axes.roomy and tall / rows >= STRIPS:  # where the sign has room to show in the shape too
        boxes = np.array(
            [
                [left, axes.top + n * tall / rows, right - left, tall / rows - 1.0]
                for n in range(rows)
            ]
        )
        return [*items, Strips("delta", boxes, np.full(rows, z - a), levels.ravel())]
    across = int(np.clip(size, 1, CRISP))
    down = int(np.clip(tall / rows, 1, CRISP))
    crisp = np.ascontiguousarray(np.repeat(np.repeat(levels, across, axis=1), down, axis=0))
    return [*items, Heat("delta", (left, axes.top, right - left, tall), crisp, "δ")]


def _units(axes: Axes, units: int) -> list[Item]:
    """Numbers of the units at the left, from the top, thinned out."""
    pitch = (axes.bottom - axes.top) / units
    every = frames.nice_every(frames.ROOM / pitch)
    shown = [u for u in range(units) if u == 0 or (u + 1) % every == 0]
    shown = [u for u in shown if u == 0 or u * pitch >= frames.ROOM - 0.5]
    places = np.array([[axes.left - 9.0, axes.top + (u + 0.5) * pitch] for u in shown])
    words = tuple(str(u + 1) for u in shown)
    return [Texts("axis-text", places, words, "end")]


def _ramp(width: float, top: float) -> list[Item]:
    """The scale: −top, what is too small to see, +top."""
    high, low = frames.tick_text(top), f"{LOG_DECADES:.0f} decades each way"
    right = width - frames.RIGHT
    left = right - width_of(high, STYLES["legend-text"]) - 8.0
    ramp = np.arange(1, 256, dtype=np.uint8)[None]
    items: list[Item] = [Texts("legend-text", np.array([[right, 17.0]]), (high,), "end")]
    items.append(Heat("delta", (left - 90.0, 13.0, 90.0, 8.0), ramp))
    items.append(Texts("legend-text", np.array([[left - 98.0, 17.0]]), (f"−{high}",), "end"))
    items.append(Texts("legend-text", np.array([[left - 45.0, 33.0]]), (low,), "middle"))
    return items
