"""Two experiments in one plot: a line for each on one axis, named where it stands and at the top.

Which numbers: the norms of δ, and the losses. What has not happened in a film is not in its line;
plots of one experiment alone are in their own files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.plots import axes as frames
from visualizer.plots import joined
from visualizer.plots.axes import Axes
from visualizer.plots.norms import shown_slot
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.panes import LETTERS
from visualizer.scene.picture import Anchor, Dots, Item, Picture, Polylines, Rects, Texts
from visualizer.scene.sheet import Sheet
from visualizer.scene.symbols import layer_mark, name_of
from visualizer.scene.view import View, step_width
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Array = NDArray[np.floating[Any]]
APART = 15.0  # px from one word to another that stands below it
DOT = 3.2
SLACK = 1.15  # a figure may be opened without the bundled fonts


@dataclass(frozen=True, slots=True)
class Series:
    """Values of all steps of one film, of which those of [low, high) are there; the last one that
    came is at `front`. `symbol`: what they are."""

    values: Array
    low: int
    high: int
    front: int
    symbol: str


Measured = Callable[[Film, Frame, View, "str | None"], "Series | None"]


def norms_of_both(
    sheet: Sheet,
    both: tuple[Frame, ...],
    view: View,
    width: float,
    height: float,
    scale: str = "log",
) -> Picture:
    """‖δ‖ of the selected state of either, joint over all sequences."""
    words = "Gradient norm per step"
    return _picture(sheet, both, view, (width, height), scale, words, _norms)


def losses_of_both(
    sheet: Sheet,
    both: tuple[Frame, ...],
    view: View,
    width: float,
    height: float,
    scale: str = "linear",
) -> Picture:
    """L_t of the shown sequence in either."""
    return _picture(sheet, both, view, (width, height), "linear", "Loss per step", _losses)


def _norms(film: Film, frame: Frame, view: View, name: str | None) -> Series | None:
    if not film.recording.has_gradients:
        return None
    slot = shown_slot(film, view)
    if name is not None and view.selected is None:
        slot = next((key for key in _states(film) if name_of(film.network, *key) == name), slot)
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    places = joined.sections(film.network, *slot)
    values = joined.on_axis(film, places, b, lambda g, k: _root(film.delta_norms(g, k)))
    there = np.flatnonzero(joined.reached(film, places, b, frame.complete))
    low, high = (int(there[0]), int(there[-1]) + 1) if len(there) else (film.steps, film.steps)
    symbol = name_of(film.network, *slot, view.symbols) + layer_mark(film.network, *slot)
    front = low if film.network.segments[slot[0]].direction > 0 else high - 1
    return Series(np.nan_to_num(values), low, high, front, f"‖δ({symbol}_{{t}})‖")


def _root(norms: Array) -> Array:
    """Joint over sequences, of (T, B)."""
    return np.asarray(np.sqrt(np.square(norms).sum(1)))


def _states(film: Film) -> list[tuple[int, int]]:
    """Every state and memory, the topmost last."""
    return [
        (g, k)
        for g, segment in enumerate(film.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.role in ("state", "memory")
    ][::-1]


def _losses(film: Film, frame: Frame, view: View, name: str | None) -> Series | None:
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    values, low, high = np.zeros(film.steps), film.steps, 0
    start, stop = film.span(b)
    for g, segment in enumerate(film.network.segments):
        for k, slot in enumerate(segment.slots):
            if slot.role != "loss":
                continue
            here = film.tile(g, b)
            rows = film.recording.value(g, k)[:, b, 0][: film.steps - here]
            values[here : here + len(rows)] += rows
            low = min(low, max(here, start))
            high = max(high, min(here + frame.valued(g, k)[1], stop))
    if low == film.steps:
        return None
    return Series(values, low, max(high, low), max(high, low) - 1, "L_{t}")


def _picture(
    sheet: Sheet,
    both: tuple[Frame, ...],
    view: View,
    size: tuple[float, float],
    scale: str,
    title: str,
    measured: Measured,
) -> Picture:
    width, height = size
    panes = sheet.panes(view, width, 400.0)
    views = [replace(pane.view, hover=None) for pane in panes]
    hand = sheet.hand
    chosen = views[hand].selected
    name = None
    if chosen is not None:
        name = name_of(sheet.film.network, chosen.segment, chosen.slot)
    lines = [measured(f, b, v, name) for f, b, v in zip(sheet.films, both, views)]
    known = [each for each in lines if each is not None]
    if not known:
        items = [*frames.heading(title, ""), frames.note(width, "no losses, so nothing to compare")]
        return Picture(width, height, tuple(items), background="plot")
    axes = _axes(sheet, view, width, height, known, scale == "log")
    longest = max(range(len(sheet.films)), key=lambda k: sheet.films[k].steps)
    drawn = (sheet.films[longest], both[longest], views[longest])
    items = frames.ground(*drawn, axes, width, height)
    marks: list[Item] = []
    for place, series in enumerate(lines):
        marks += _line(axes, series, f"pair-{place + 1}") if series is not None else []
    marks += _names(axes, lines, sheet.titles)
    items += frames.inside(axes, marks)
    items += frames.inside(axes, frames.step_labels(axes, both[longest], sheet.films[longest]))
    symbols = " and ".join(dict.fromkeys(each.symbol for each in known))
    items += frames.heading(title, symbols + (", log" if axes.log else ""))
    items += _legend(sheet, width)
    return Picture(width, height, tuple(items), background="plot", title=title)


def _axes(
    sheet: Sheet, view: View, width: float, height: float, lines: list[Series], log: bool
) -> Axes:
    """One axis for both: the range of all values, the steps of the longer one."""
    values = np.concatenate([each.values for each in lines])
    if log:
        low, high = frames.log_range(values)
    else:
        good = values[np.isfinite(values)]
        low, high = frames.linear_range(float(good.min(initial=0)), float(good.max(initial=0)))
    edges = sheet.edges(view, width)
    left, step = sheet.rail(view, width), step_width(view, sheet.base)
    right = max(width - frames.RIGHT, left + 1.0)
    seen = np.flatnonzero((edges[1:] > left) & (edges[:-1] < right))
    first, last = (int(seen[0]), int(seen[-1]) + 1) if len(seen) else (0, 0)
    bottom = max(height - frames.BOTTOM, frames.TOP + 10.0)
    centres = edges[:-1] + step / 2
    return Axes(left, right, frames.TOP, bottom, low, high, log, centres, step, first, last)


def _line(axes: Axes, series: Series, style: str) -> list[Item]:
    """The line as far as it has come, of many steps in a pixel the strongest; points where there
    is room."""
    steps = np.arange(max(series.low, axes.first), min(series.high, axes.last))
    if not len(steps):
        return []
    t = frames.strongest(axes, series.values, steps)
    values = series.values[t]
    good = np.isfinite(values)
    points = np.column_stack([axes.centres[t], axes.y(values)])[good]
    items: list[Item] = [Polylines(style, (points,))] if len(points) > 1 else []
    if axes.roomy or len(points) == 1:
        items.append(Dots(f"{style}-dot", points, np.full(len(points), DOT)))
    return items


@dataclass(frozen=True, slots=True)
class _Front:
    """Where a line has come to, and what is said there; `back`: it grows to the left."""

    y: float
    x: float
    place: int
    words: str
    back: bool


def _names(axes: Axes, lines: list[Series | None], titles: tuple[str, ...]) -> list[Item]:
    """The letter and the value of each line where it has come to: on the side where nothing is
    yet, or, where there is no room, the upper one's above its line and the lower one's below."""
    named = sorted(_fronts(axes, lines, titles), key=lambda front: (front.y, front.place))
    brief = [replace(front, words=f"{front.words[0]} {front.words.split()[-1]}") for front in named]
    fronts = next((each for each in (named, brief) if _have_room(axes, each)), named)
    beside, wide = _have_room(axes, fronts), _widest(fronts)
    items: list[Item] = []
    before, last = -1e9, len(fronts) - 1
    for rank, front in enumerate(fronts):
        below = rank > 0 or front.y < axes.top + APART
        away = 0.0 if beside else 14.0 if below else -13.0
        lowest = axes.bottom - 7.0 - APART * (last - rank)
        y = min(max(front.y + away, before + APART), lowest)
        if beside:
            x = front.x + (-11.0 if front.back else 11.0)
        else:
            x = min(max(front.x - 6.0, axes.left + 4.0), axes.right - wide)
        anchor: Anchor = "end" if beside and front.back else "start"
        style = f"pair-{front.place + 1}-text"
        if not beside:  # a line may run through
            ground = [[x - 3.0, y - 8.0, width_of(front.words, STYLES[style]) + 6.0, 16.0]]
            items.append(Rects("pair-ground", np.array(ground)))
        items.append(Texts(style, np.array([[x, y]]), (front.words,), anchor))
        before = y
    return items


def _have_room(axes: Axes, fronts: list[_Front]) -> bool:
    """Whether the words fit between the lines and the end of the plot that they grow towards."""
    wide = _widest(fronts) + 12.0
    return all(f.x - wide > axes.left if f.back else f.x + wide < axes.right for f in fronts)


def _widest(fronts: list[_Front]) -> float:
    return max((SLACK * width_of(f.words, STYLES["pair-1-text"]) for f in fronts), default=0.0)


def _fronts(axes: Axes, lines: list[Series | None], titles: tuple[str, ...]) -> list[_Front]:
    found = []
    for place, series in enumerate(lines):
        if series is None or series.high <= series.low:
            continue
        t = int(np.clip(series.front, axes.first, max(axes.last - 1, axes.first)))
        if not series.low <= t < series.high or not np.isfinite(series.values[t]):
            continue
        value = float(series.values[t])
        words = f"{LETTERS[place]} {short(titles, place)} {frames.figure(value)}"
        back = series.front == series.low
        found.append(_Front(float(axes.y(value)), float(axes.centres[t]), place, words, back))
    return found


def short(titles: tuple[str, ...], place: int) -> str:
    """The first words of a title in which it differs from the other."""
    mine, others = (titles[k].split(", ") for k in (place, 1 - place))
    if set(others) <= set(mine):  # the other has nothing of its own, so the kind names both
        return mine[0]
    return next((words for words in mine if words not in others), mine[0])


def _legend(sheet: Sheet, width: float) -> list[Item]:
    entries = [
        (f"pair-{place + 1}", f"{LETTERS[place]}  {title}")
        for place, title in enumerate(sheet.titles)
    ]
    return frames.legend(width, frames.fitting(entries, width - 240.0))
