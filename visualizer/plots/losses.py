"""Loss per step: L_t of the shown sequence as bars under the steps, once it has been computed."""

from __future__ import annotations

import numpy as np

from visualizer.plots import axes as frames
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Picture, Rects, Texts
from visualizer.scene.view import View


def losses_picture(
    film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "linear"
) -> Picture:
    """The plot in a window of width by height; losses that do not count are hollow."""
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    found = _loss_slot(film)
    if found is None:
        items = [*frames.heading("Loss per step", ""), frames.note(width, "no losses here")]
        return Picture(width, height, tuple(items), background="plot")
    g, k = found
    tile = film.tile(g, b)
    values = np.zeros(film.steps)
    rows = film.recording.value(g, k)[:, b, 0]
    values[tile : tile + len(rows)] = rows[: film.steps - tile]
    good = values[np.isfinite(values)]
    low, high = frames.linear_range(float(good.min(initial=0.0)), float(good.max(initial=0.0)))
    axes = frames.axes_of(film, view, width, height, low, high)
    start, stop = film.span(b)
    t = np.arange(max(axes.first, tile, start), min(axes.last, tile + frame.valued(g, k)[1], stop))
    wide = min(30.0, axes.step * 0.4 if axes.step > 6 else axes.step)
    top = axes.y(np.nan_to_num(values[t], posinf=high))
    zero = float(axes.y(0.0))
    boxes = np.column_stack([axes.centres[t] - wide / 2, top, np.full(len(t), wide), zero - top])
    counts = film.recording.loss_weights[t if len(rows) > 1 else np.full(len(t), -1), b] != 0
    items = frames.ground(film, frame, view, axes, width, height)
    marks: list[Rects | Texts] = [Rects("bar-loss", boxes[counts])]
    if (~counts).any():
        marks.append(Rects("bar-pending", boxes[~counts]))
    if axes.roomy and axes.step >= 42.0 and len(t):
        words = tuple(frames.figure(float(v)) for v in values[t])
        marks.append(
            Texts("bar-label", np.column_stack([axes.centres[t], top - 9.0]), words, "middle")
        )
    items += frames.inside(axes, list(marks))
    items += frames.inside(axes, frames.step_labels(axes, frame, film))
    items += frames.heading("Loss per step", "L_{t}")
    return Picture(width, height, tuple(items), background="plot", title="Loss per step")


def _loss_slot(film: Film) -> tuple[int, int] | None:
    for g, segment in enumerate(film.network.segments):
        for k, slot in enumerate(segment.slots):
            if slot.role == "loss":
                return g, k
    return None
