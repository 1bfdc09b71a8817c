"""Loss per step: L_t of the shown sequence as bars under the steps, once it has been computed."""

from __future__ import annotations

import numpy as np

from visualizer.plots import axes as frames
from visualizer.plots import joined
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Picture, Rects, Texts
from visualizer.scene.view import View


def losses_picture(
    film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "linear"
) -> Picture:
    """The plot in a window of width by height; losses that do not count are hollow."""
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    places = film.recording.loss_slots
    if not places:
        items = [*frames.heading("Loss per step", ""), frames.note(width, "no losses here")]
        return Picture(width, height, tuple(items), background="plot")
    rec = film.recording
    values = joined.on_axis(film, places, b, lambda g, k: rec.value(g, k)[:, b, 0])
    weights = joined.on_axis(film, places, b, lambda g, k: rec.loss_weights[rec.global_steps(g), b])
    good = values[np.isfinite(values)]
    low, high = frames.linear_range(float(good.min(initial=0.0)), float(good.max(initial=0.0)))
    axes = frames.axes_of(film, view, width, height, low, high)
    owned = joined.on_axis(film, places, b, lambda g, k: rec.inside_of(g)[:, b]) == 1
    t = np.flatnonzero(joined.reached(film, places, b, frame.valued) & owned)
    t = t[(t >= axes.first) & (t < axes.last)]
    off = frames.strongest(axes, values, t[weights[t] == 0])
    t = np.sort(np.append(frames.strongest(axes, values, t[weights[t] != 0]), off))
    wide = min(30.0, axes.step * 0.4 if axes.step > 6 else axes.step)
    top = axes.y(np.nan_to_num(values[t], posinf=high))
    zero = float(axes.y(0.0))
    boxes = np.column_stack([axes.centres[t] - wide / 2, top, np.full(len(t), wide), zero - top])
    counts = weights[t] != 0
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
