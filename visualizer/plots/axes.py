"""The frame of a plot on the graph's time axis: ground, grid, ticks, labels of steps, legend.

What is plotted is the plots' own (`norms`, `losses`, `gates`). Numbers only, no Qt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.axis import rail_width, step_axis
from visualizer.scene.compose import stage_of
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import columns
from visualizer.scene.picture import Clip, Dots, Item, Polylines, Rects, Texts, Unclip
from visualizer.scene.view import View, step_width
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Array = NDArray[np.floating[Any]]
Steps = NDArray[np.integer[Any]]
ROOM = 13.0  # px from one word on the axis to the next
TOP, BOTTOM, RIGHT = 62.0, 30.0, 14.0  # above the largest bar its number, below the heading
FAR = 1e3  # decades: what is not finite stands above the plot
PADDED = "column-padded"
MOST_BARS = 40  # steps in sight up to which bars have labels


@dataclass(frozen=True, slots=True)
class Axes:
    """A plot's rectangle in px, the range of its values, and the steps [first, last) in sight.

    `centres` are the pixels of all steps. With `log`, low and high are powers of ten.
    """

    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float
    log: bool
    centres: Array
    step: float
    first: int
    last: int

    def y(self, value: Any) -> Any:
        """Pixel of a value; on a log axis what is at or below `low` stands on the floor."""
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                place = np.log10(np.asarray(value, float) / self.low)
            place = np.clip(np.nan_to_num(place, posinf=FAR, neginf=0.0), 0.0, FAR)
            unit = place / math.log10(self.high / self.low)
        else:
            unit = (np.asarray(value, float) - self.low) / (self.high - self.low)
        return self.bottom + np.clip(unit, -0.05, 1.05) * (self.top - self.bottom)

    def moved(self, first: int, steps: int) -> Axes:
        """The same for what begins at step `first` of the picture and has so many steps."""
        return replace(
            self,
            centres=self.centres[first : first + steps],
            first=min(max(self.first - first, 0), steps),
            last=min(max(self.last - first, 0), steps),
        )

    @property
    def roomy(self) -> bool:
        """Whether every step in sight has room for its own bar and label."""
        return self.last - self.first <= MOST_BARS and self.step >= 24.0


def axes_of(
    film: Film, view: View, width: float, height: float, low: float, high: float, log: bool = False
) -> Axes:
    """Axes under the graph of a view: the same steps at the same pixels."""
    left = rail_width(film, view, width)
    right = max(width - RIGHT, left + 1.0)
    centres = step_axis(film, view, width)
    step = step_width(view, film.base)
    seen = np.flatnonzero((centres + step / 2 > left) & (centres - step / 2 < right))
    first, last = (int(seen[0]), int(seen[-1]) + 1) if len(seen) else (0, 0)
    bottom = max(height - BOTTOM, TOP + 10.0)
    return Axes(left, right, TOP, bottom, low, high, log, centres, step, first, last)


def ground(
    film: Film,
    frame: Frame,
    view: View,
    axes: Axes,
    width: float,
    height: float,
    *,
    joint: bool = False,
) -> list[Item]:
    """The tinted steps of the graph going on below, grid lines and their numbers. `joint`: the plot
    is about all sequences, so no step is padding, whatever the shown one has there."""
    stage = stage_of(film, frame, view, width, height)
    ticks = log_ticks(axes.low, axes.high) if axes.log else linear_ticks(axes.low, axes.high)
    items: list[Item] = []
    if axes.step >= 24.0:
        tints = columns.tints(stage)
        items += [i for i in tints if not (joint and isinstance(i, Rects) and i.style == PADDED)]
        items += columns.lines(stage)
    lines = tuple(
        np.array([[axes.left, float(axes.y(t))], [axes.right, float(axes.y(t))]]) for t in ticks
    )
    heights = [float(axes.y(t)) for t in ticks]
    apart = abs(heights[0] - heights[1]) if len(ticks) > 1 else ROOM
    named = ticks[:: max(1, math.ceil(ROOM / max(apart, 1e-9)))]
    places = np.array([[axes.left - 9.0, float(axes.y(t))] for t in named])
    words = tuple(tick_text(t, axes.log) for t in named)
    return [*items, Polylines("grid", lines), Texts("axis-text", places, words, "end")]


def step_labels(axes: Axes, frame: Frame, film: Film) -> list[Item]:
    """t=1, t=2 … under the steps, thinned out; the step that is under way in orange."""
    wide = width_of(f"t={axes.last}", STYLES["axis-text"])
    every = nice_every(max(52.0, wide + ROOM) / max(axes.step, 1e-9))
    last = axes.right + RIGHT - 2.0 - wide / 2  # the last word ends where the plot does
    now = frame.step if 0.0 < frame.position < 1.0 else None
    rows: dict[str, list[tuple[float, str]]] = {"axis-text": [], "axis-text-current": []}
    ticks = set(range(axes.first + (-axes.first - 1) % every, axes.last, every))
    ticks |= {t for t in (0, now) if t is not None and axes.first <= t < axes.last}
    ticks = {t for t in ticks if axes.left <= axes.centres[t] <= axes.right}  # half in sight: none
    for t in sorted(ticks):
        crowded = now is not None and t != now and abs(t - now) * axes.step < 46.0
        if t == now:
            style = "axis-text-current" if frame.phase == "backward" else "axis-text"
            rows[style].append((min(float(axes.centres[t]), last), f"t={t + 1}"))
        elif not crowded and not (t and t < every * 0.6):
            rows["axis-text"].append((min(float(axes.centres[t]), last), f"t={t + 1}"))
    y = axes.bottom + 14.0
    return [
        Texts(style, np.array([[x, y] for x, _ in found]), tuple(s for _, s in found), "middle")
        for style, found in rows.items()
        if found
    ]


def heading(title: str, subtitle: str) -> list[Item]:
    """What the plot shows, at the upper left."""
    return [
        Texts("title", np.array([[16.0, 17.0]]), (title,)),
        Texts("subtitle", np.array([[16.0, 36.0]]), (subtitle,)),
    ]


def legend(width: float, entries: list[tuple[str, str]]) -> list[Item]:
    """Squares or lines with their meaning, at the upper right. `entries`: (style, words)."""
    items: list[Item] = []
    x = width - RIGHT
    for style, words in reversed(entries):
        x -= width_of(words, STYLES["legend-text"])
        items.append(Texts("legend-text", np.array([[x, 17.0]]), (words,)))
        x -= 16.0
        if style.startswith(("line", "pair")):
            items.append(Polylines(style, (np.array([[x - 6.0, 17.0], [x + 10.0, 17.0]]),)))
            x -= 6.0
        else:
            items.append(Rects(style, np.array([[x, 12.0, 10.0, 10.0]]), radius=2.0))
        x -= 16.0
    return items


def fitting(entries: list[tuple[str, str]], room: float) -> list[tuple[str, str]]:
    """The entries of a legend that have room, the first ones first."""
    kept: list[tuple[str, str]] = []
    for style, words in entries:
        room -= width_of(words, STYLES["legend-text"]) + 38.0
        if room < 0:
            break
        kept.append((style, words))
    return kept


def strongest(axes: Axes, values: Array, t: Steps) -> Steps:
    """The steps themselves, in ascending order; where a pixel has several, the one of them with the
    largest value. A pixel has the same steps whichever others there are."""
    pixels = np.floor(axes.centres[t])
    starts = np.flatnonzero(np.diff(pixels, prepend=-np.inf))
    if len(starts) == len(t):
        return t
    sizes = np.nan_to_num(values[t], nan=-1.0, posinf=-1.0)
    column = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(t)))
    best = np.flatnonzero(sizes == np.maximum.reduceat(sizes, starts)[column])
    return t[best[np.diff(column[best], prepend=-1) > 0]]


def line(style: str, axes: Axes, values: Array, t: Steps) -> list[Item]:
    """A line through values at steps t, in ascending order; their means where a pixel has several
    steps, and a dot where there is only one."""
    if not len(t):
        return []
    x = axes.centres[t]
    columns = max(int(axes.step * len(t)), 1)
    if len(t) > 2 * columns:
        cut = np.arange(columns) * len(t) // columns
        values, x = np.add.reduceat(values, cut) / np.diff(np.append(cut, len(t))), x[cut]
    good = np.isfinite(values)
    points = np.column_stack([x, axes.y(values)])[good]
    if len(points) > 1:
        return [Polylines(style, (points,))]
    return [Dots("packet", points, np.full(len(points), 2.5))]


def note(width: float, text: str) -> Item:
    """One sentence in the middle of an empty or a partly lost plot."""
    return Texts("subtitle", np.array([[width / 2, TOP + 20.0]]), (text,), "middle")


def inside(axes: Axes, items: list[Item]) -> list[Item]:
    """Items clipped to the plot's columns; words have room beside them, marks would reach into the
    numbers of the axis."""
    found: list[Item] = []
    for words, some in groupby(items, lambda item: isinstance(item, Texts)):
        beside = 22.0 if words else 1.0
        wide = axes.right - axes.left + RIGHT + beside
        found += [Clip((axes.left - beside, 0.0, wide, axes.bottom + BOTTOM)), *some, Unclip()]
    return found


def linear_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from low to high."""
    step = nice_number((high - low) / most)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Powers of ten, every one or every few."""
    first, last = round(math.log10(low)), round(math.log10(high))
    every = max(1, math.ceil((last - first) / most))
    return [10.0**k for k in range(first, last + 1, every)]


def nice_number(raw: float) -> float:
    """1, 2 or 5 times a power of ten, at least `raw`; 1 of nothing."""
    if not raw > 0 or not math.isfinite(raw):
        return 1.0
    power = 10.0 ** math.floor(math.log10(raw))
    return next(k * power for k in (1.0, 2.0, 5.0, 10.0) if raw <= k * power * 1.0001)


def nice_every(raw: float) -> int:
    """1, 2, 5, 10 … steps between two labels."""
    return max(1, int(nice_number(raw))) if raw > 1 else 1


def linear_range(low: float, high: float) -> tuple[float, float]:
    """A range of round ends that holds low and high, and zero."""
    low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 0 or not math.isfinite(high - low):
        return 0.0, 1.0
    step = nice_number((high - low) / 5)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def log_range(values: Array) -> tuple[float, float]:
    """Powers of ten around all positive finite values; at least one decade, at most forty."""
    good = values[np.isfinite(values) & (values > 0)]
    if not good.size:
        return 1e-3, 1.0
    high = math.ceil(math.log10(float(good.max())) - 1e-9)
    low = math.floor(math.log10(float(good.min())) + 1e-9)
    low = max(min(low, high - 1), high - 40)
    return 10.0**low, 10.0**high


def tick_text(value: float, log: bool = False) -> str:
    """A tick's number, short, with a true minus."""
    if log or (value and not 1e-3 <= abs(value) < 1e5):
        number, power = f"{value:.2e}".split("e")
        number = number.rstrip("0").rstrip(".")
        text = f"{number}e{int(power)}" if int(power) else number
    else:
        text = f"{value:.6g}"
    return text.replace("-", "−")


def figure(value: float) -> str:
    """A bar's number: three digits."""
    if not math.isfinite(value):
        return "not finite"
    if value == 0:
        return "0"
    if not 1e-3 <= abs(value) < 1e4:
        return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("-", "−")
    if abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) >= 100 else f"{value:.{2 if abs(value) >= 0.1 else 4}f}"
