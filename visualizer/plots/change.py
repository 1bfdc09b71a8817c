"""Relative change per step, ‖a_t − a_{t−1}‖/‖a_t‖, of the memory beside that of h; of a cell with
one state beside that of its candidate (g, n). As far as forward has come, of the shown sequence.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.measures import relative_change
from visualizer.plots import axes as frames
from visualizer.plots import joined
from visualizer.plots.norms import shown_slot
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Item, Picture, Texts
from visualizer.scene.symbols import layer_mark, name_of
from visualizer.scene.view import View
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Array = NDArray[np.floating[Any]]
TITLE = "Relative change"
CANDIDATES = ("g", "n")
HIGHEST = 4.0  # a state that passes close to zero changes a hundredfold, and would flatten all else


def change_picture(
    film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "linear"
) -> Picture:
    """The plot in a window of width by height."""
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    slots = slots_of(film, view)
    if reason := lacks(film, view):
        items = [*frames.heading(TITLE, ""), frames.note(width, reason)]
        return Picture(width, height, tuple(items), background="plot", title=TITLE)
    lines = [line_of(film, g, k, b) for g, k in slots]
    top = max(float(np.nanmax(values, initial=0.0)) for values in lines)
    _, high = frames.linear_range(0.0, min(top, HIGHEST))
    axes = frames.axes_of(film, view, width, height, 0.0, high)
    items = frames.ground(film, frame, view, axes, width, height)
    marks: list[Item] = []
    entries, medians = [], []
    for n, ((g, k), values) in enumerate(zip(slots, lines, strict=True)):
        there = joined.reached(film, _places(film, g, k), b, frame.valued) & np.isfinite(values)
        t = np.flatnonzero(there[: axes.last])
        t = t[t >= axes.first]
        style = ("line-2", "line-1-dashed")[n]
        marks += frames.line(style, axes, values[t], t)
        name = name_of(film.network, g, k, view.symbols) + layer_mark(film.network, g)
        entries.append((style, f"{name}, {_word(film, g, k)}"))
        seen = values[there]
        medians += [f"{name} {frames.figure(float(np.median(seen)))}"] if len(seen) else []
    items += frames.inside(axes, marks)
    items += frames.inside(axes, frames.step_labels(axes, frame, film))
    name = name_of(film.network, *slots[0], view.symbols) + layer_mark(film.network, slots[0][0])
    before = "t+1" if film.network.segments[slots[0][0]].direction < 0 else "t−1"
    words = f"‖{name}_{{t}} − {name}_{{{before}}}‖/‖{name}_{{t}}‖, how much of a state is new"
    items += frames.heading(TITLE, words)
    if medians:
        place = np.array([[16.0 + width_of(words, STYLES["subtitle"]) + 24.0, 36.0]])
        items.append(Texts("bar-note", place, (f"median  {'   '.join(medians)}",)))
    items += frames.legend(width, entries)
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def lacks(film: Film, view: View) -> str:
    """Why there is nothing to show."""
    return "" if slots_of(film, view) else "nothing is carried here"


def slots_of(film: Film, view: View) -> list[tuple[int, int]]:
    """Memory and state of the shown layer; of one state it and its candidate."""
    g, _ = shown_slot(film, view)
    slots = film.network.segments[g].slots
    memory = [(g, k) for k, s in enumerate(slots) if s.role == "memory"]
    state = [(g, k) for k, s in enumerate(slots) if s.role == "state"]
    if len(memory + state) == 1:
        state += [(g, k) for k, s in enumerate(slots) if s.name in CANDIDATES]
    return [*memory, *state][:2]


def _word(film: Film, g: int, k: int) -> str:
    slot = film.network.slot(g, k)
    return slot.role if slot.role in ("memory", "state") else "candidate"


def line_of(film: Film, g: int, k: int, b: int) -> Array:
    """The measure on the time axis of the film, (steps,); kept."""

    def measured() -> Array:
        places = _places(film, g, k)
        return joined.on_axis(
            film, places, b, lambda g, k: relative_change(film.recording, g, k, b)
        )

    line: Array = film.kept(("change", g, k, b), measured)
    return line


def _places(film: Film, g: int, k: int) -> joined.Places:
    return joined.sections(film.network, g, k)
