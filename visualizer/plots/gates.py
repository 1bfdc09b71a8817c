"""Gates per step: the mean of every gate over its units, a line each on 0 … 1, as far as forward
has come. In a stack, the gates of the selected node's layer, else of the top one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.plots import axes as frames
from visualizer.plots import joined
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Item, Picture
from visualizer.scene.symbols import layer_mark, name_of
from visualizer.scene.view import View


def gates_picture(
    film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "linear"
) -> Picture:
    """The plot in a window of width by height."""
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    gates = _gates(film, view)
    if reason := lacks(film, view):
        items = [*frames.heading("Gates", ""), frames.note(width, reason)]
        return Picture(width, height, tuple(items), background="plot")
    axes = frames.axes_of(film, view, width, height, 0.0, 1.0)
    items = frames.ground(film, frame, view, axes, width, height)
    marks: list[Item] = []
    entries = []
    for place, (g, k) in enumerate(gates[:6]):
        style = f"line-{place + 1}"
        places = joined.sections(film.network, g, k)
        values = joined.on_axis(film, places, b, lambda g, k: _means(film, g, k, b))
        there = joined.reached(film, places, b, frame.valued) & np.isfinite(values)
        t = np.flatnonzero(there[: axes.last])
        t = t[t >= axes.first]
        marks += frames.line(style, axes, values[t], t)
        entries.append((style, name_of(film.network, g, k, view.symbols)))
    items += frames.inside(axes, marks)
    items += frames.inside(axes, frames.step_labels(axes, frame, film))
    layer = layer_mark(film.network, gates[0][0])
    where = f", {film.network.segments[gates[0][0]].name}" if layer else ""
    items += frames.heading("Gates", f"mean over units{where}")
    items += frames.legend(width, entries)
    return Picture(width, height, tuple(items), background="plot", title="Gates")


def _means(film: Film, g: int, k: int, b: int) -> NDArray[np.floating[Any]]:
    """Mean over the units at every step that the sequence owns, else NaN; kept."""

    def found() -> NDArray[np.floating[Any]]:
        inside = film.recording.inside_of(g)[:, b]
        return np.where(inside, film.recording.value(g, k)[:, b].mean(1), np.nan)

    means: NDArray[np.floating[Any]] = film.kept(("gates", g, k, b), found)
    return means


def lacks(film: Film, view: View) -> str:
    """Why there is nothing to show."""
    return "" if _gates(film, view) else "this cell has no gates"


def _gates(film: Film, view: View) -> list[tuple[int, int]]:
    """The sigmoid gates of one layer."""
    layers = [g for g, s in enumerate(film.network.segments) if s.kind != "readout"]
    chosen = layers[-1]
    if view.selected is not None and view.selected.segment in layers:
        chosen = view.selected.segment
    slots = film.network.segments[chosen].slots
    return [(chosen, k) for k, s in enumerate(slots) if s.role == "gate" and s.op == "sigmoid"]
