"""The figure of a finding of the gradient doctor: lines with their spread, or bars, beside those of
a fresh start. Data come with the finding; it follows no film.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.reporting.finding import Bar, Chart, Line
from visualizer.plots import axes as frames
from visualizer.scene.picture import Anchor, Dots, Item, Picture, Polylines, Rects, Texts
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Array = NDArray[np.floating[Any]]
SIZE = (640.0, 240.0)
TOP, BOTTOM, LEFT, RIGHT = 50.0, 46.0, 58.0, 16.0
PITCH, CLOSE, BAR = 26.0, 19.0, 13.0  # px of a row of bars, of one of many, and of a bar
CLEAR = 3.0  # px free of lines round a number
NUMBERS = 64.0  # px of the number behind a bar
NAMES = 190.0  # px of the names at most
FLOOR = 40.0  # decades that a logarithmic axis shows at most
STYLES_OF = {False: ("line-1", "spread-own"), True: ("pair-2", "spread-twin")}


@dataclass(frozen=True, slots=True)
class _Frame:
    """A rectangle in px and what its axes mean; `low`, `high` in decades where `log`."""

    left: float
    right: float
    top: float
    bottom: float
    first: float
    last: float
    low: float
    high: float
    log: bool

    def x(self, values: Any) -> Array:
        span = (self.last - self.first) or 1.0
        unit = (np.asarray(values, float) - self.first) / span
        return np.asarray(self.left + unit * (self.right - self.left))

    def y(self, values: Any) -> Array:
        values = np.asarray(values, float)
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.where(values > 0, np.log10(values), self.low)
        unit = (values - self.low) / ((self.high - self.low) or 1.0)
        return np.asarray(self.bottom - np.clip(unit, 0.0, 1.0) * (self.bottom - self.top))


def chart_picture(chart: Chart, size: tuple[float, float] = SIZE) -> Picture:
    """The figure, in a width by height; bars are as high as they have rows."""
    width, height = size
    items: list[Item] = [Texts("title", np.array([[2.0, 12.0]]), (chart.title,))]
    if chart.bars:
        height = _top(chart) + _pitch(chart) * len(chart.bars) + 8.0
        items += _bars(chart, width)
    else:
        items += _lines(chart, width, height)
    return Picture(width, height, tuple(items), background="", title=chart.title)


# ------------------------------------------------------------------ lines


def _lines(chart: Chart, width: float, height: float) -> list[Item]:
    lines = [line for line in chart.lines if line.x]
    frame = _frame(chart, lines, width, height)
    if frame is None:
        return [frames.note(width, "no finite number to draw")]
    items = _ground(chart, frame)
    for line in sorted(lines, key=lambda each: not each.twin):
        items += _spread(frame, line)
    for line in sorted(lines, key=lambda each: not each.twin):
        items += _line(frame, line)
    items += _marks(chart, frame)
    if any(line.twin or line.low for line in lines):
        items += frames.legend(width, _entries(lines))
    return items


def _entries(lines: list[Line]) -> list[tuple[str, str]]:
    found = [(STYLES_OF[line.twin][0], line.name) for line in lines]
    banded = [STYLES_OF[line.twin][1] for line in lines if line.low]
    return [*found, (banded[0], "5–95 %")] if banded else found


def _frame(chart: Chart, lines: list[Line], width: float, height: float) -> _Frame | None:
    own = [line for line in lines if not line.twin] or lines  # a fresh start may lie outside
    ends = [np.array(row, float) for line in own for row in (line.y, line.low, line.high)]
    values = np.concatenate([*ends, [chart.level]])
    values = values[np.isfinite(values) & ((values > 0) | (not chart.log))]
    x = np.concatenate([np.array(line.x, float) for line in lines] or [np.zeros(0)])
    if not values.size or not x.size:
        return None
    low, high = float(values.min()), float(values.max())
    if chart.log:
        low, high = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
        low, high = max(low, high - FLOOR), max(high, low + 1.0)
        low = min(low, high - 1.0)
    else:
        low, high = frames.linear_range(low, high)
    box = (LEFT, width - RIGHT, TOP, height - BOTTOM)
    return _Frame(*box, float(x.min()), float(x.max()), low, high, chart.log)


def _ground(chart: Chart, frame: _Frame) -> list[Item]:
    if frame.log:
        every = max(1, math.ceil((frame.high - frame.low) / 5))
        ticks = [10.0**k for k in range(int(frame.high), int(frame.low) - 1, -every)]
    else:
        ticks = frames.linear_ticks(frame.low, frame.high)
    heights = [float(frame.y(t)) for t in ticks]
    grid = tuple(np.array([[frame.left, y], [frame.right, y]]) for y in heights)
    places = np.array([[frame.left - 8.0, y] for y in heights])
    words = tuple(frames.tick_text(t, frame.log) for t in ticks)
    steps = _x_ticks(frame)
    below = np.array([[float(frame.x(t)), frame.bottom + 13.0] for t in steps])
    names = tuple(f"{t:g}" for t in steps)
    middle = (frame.left + frame.right) / 2
    return [
        Polylines("grid", grid),
        Texts("axis-text", places, words, "end"),
        Texts("axis-text", below, names, "middle"),
        Texts("axis-title", np.array([[middle, frame.bottom + 32.0]]), (chart.x,), "middle"),
        Texts("axis-title", np.array([[2.0, 31.0]]), (chart.y,)),
    ]


def _x_ticks(frame: _Frame) -> list[float]:
    """Whole numbers; the first one always."""
    every = max(1.0, frames.nice_number((frame.last - frame.first) / 8))
    start = math.ceil(frame.first / every) * every
    ticks = [start + n * every for n in range(int((frame.last - start) / every + 1e-9) + 1)]
    return ticks if ticks and ticks[0] == frame.first else [frame.first, *[
        t for t in ticks if t - frame.first > 0.6 * every
    ]]  # fmt: skip


def _spread(frame: _Frame, line: Line) -> list[Item]:
    """The band of 5 … 95 %, a box for each point."""
    if not line.low:
        return []
    x, low, high = frame.x(line.x), frame.y(line.low), frame.y(line.high)
    between = (x[1:] + x[:-1]) / 2
    left, right = np.append(x[:1], between), np.append(between, x[-1:])
    good = np.isfinite(np.array(line.low)) & np.isfinite(np.array(line.high))
    boxes = np.column_stack([left, high, right - left, low - high])[good]
    return [Rects(STYLES_OF[line.twin][1], boxes, radius=0.0)] if len(boxes) else []


def _line(frame: _Frame, line: Line) -> list[Item]:
    """Pieces of the line between what is not finite; a dot where a point stands alone."""
    y = np.array(line.y, float)
    points = np.column_stack([frame.x(line.x), frame.y(y)])
    good = np.isfinite(y)
    cuts = np.flatnonzero(np.diff(good.astype(int))) + 1
    pieces = [piece for piece in np.split(np.arange(len(y)), cuts) if good[piece[0]]]
    long = tuple(points[piece] for piece in pieces if len(piece) > 1)
    alone = np.array([points[piece[0]] for piece in pieces if len(piece) == 1])
    items: list[Item] = [Polylines(STYLES_OF[line.twin][0], long)] if long else []
    return items + ([Dots("packet", alone, np.full(len(alone), 2.5))] if len(alone) else [])


def _marks(chart: Chart, frame: _Frame) -> list[Item]:
    items: list[Item] = []
    if math.isfinite(chart.level):
        y = float(frame.y(chart.level))
        items.append(Polylines("threshold", (np.array([[frame.left, y], [frame.right, y]]),)))
        place = np.array([[frame.right - 3.0, y - 8.0]])
        items.append(Texts("legend-text", place, (chart.level_words,), "end"))
    if math.isfinite(chart.mark) and frame.first <= chart.mark <= frame.last:
        x = float(frame.x(chart.mark))
        items.append(Polylines("threshold", (np.array([[x, frame.top], [x, frame.bottom]]),)))
        wide = width_of(chart.mark_words, STYLES["legend-text"])
        fits = x + 6.0 + wide < frame.right
        place = np.array([[x + (5.0 if fits else -5.0), frame.top + 8.0]])
        items.append(Texts("legend-text", place, (chart.mark_words,), "start" if fits else "end"))
    return items


# ------------------------------------------------------------------ bars


def _top(chart: Chart) -> float:
    """px above the bars: less where no level has words."""
    return TOP if math.isfinite(chart.level) else TOP - 16.0


def _pitch(chart: Chart) -> float:
    """px of a row; many are closer to each other."""
    return PITCH if len(chart.bars) <= 8 else CLOSE


def _bars(chart: Chart, width: float) -> list[Item]:
    widest = max(width_of(bar.name, STYLES["axis-title"]) for bar in chart.bars)
    left = 1.1 * min(widest, NAMES) + 14.0  # another font may be wider
    right = width - NUMBERS
    place, top = _scale(chart, left, right), _top(chart)
    twins = any(math.isfinite(bar.twin) for bar in chart.bars)
    items: list[Item] = []
    for n, bar in enumerate(chart.bars):
        items += _bar(bar, left, top + _pitch(chart) * n, place, twins)
    if math.isfinite(chart.level) and left < (x := place(chart.level)) <= right + 1.0:
        items.append(Polylines("threshold", _level(chart, top, x, items)))
        end: Anchor = "end" if x > (left + right) / 2 else "start"
        words = Texts("legend-text", np.array([[x, top - 11.0]]), (chart.level_words,), end)
        items.append(words)
    if twins:
        entries = [("bar-own", "this network"), ("bar-twin", "fresh start")]
        items += frames.legend(width, entries)
    return items


def _level(chart: Chart, top: float, x: float, items: list[Item]) -> tuple[Array, ...]:
    """The line down at x, left out where a number stands."""
    pitch, style = _pitch(chart), STYLES["bar-label"]
    numbers = (i for i in items if isinstance(i, Texts) and i.style == "bar-label")
    begins, pieces = top - 4.0, []
    for n, number in enumerate(numbers):
        left = float(number.positions[0, 0]) - CLEAR
        if left <= x <= left + width_of(number.strings[0], style) * 1.1 + 2 * CLEAR:
            pieces.append((begins, top + pitch * n - 1.0))
            begins = top + pitch * n + BAR + 1.0
    pieces.append((begins, top + pitch * len(chart.bars)))
    return tuple(np.array([[x, a], [x, z]]) for a, z in pieces if z > a + 1.0)


def _scale(chart: Chart, left: float, right: float) -> Any:
    """From a number to a place between left and right."""
    values = np.array([[bar.value, bar.twin] for bar in chart.bars]).ravel()
    values = np.append(values, chart.level)
    values = np.abs(values[np.isfinite(values)])
    top = float(values.max(initial=0.0)) or 1.0
    if chart.log and (values > 0).any():
        high = math.ceil(math.log10(top) + 1e-9)
        low = max(math.floor(math.log10(float(values[values > 0].min())) - 0.3), high - FLOOR)

        def by_decade(value: float) -> float:
            unit = (math.log10(abs(value)) - low) / (high - low) if value else 0.0
            return left + min(max(unit, 0.0), 1.0) * (right - left)

        return by_decade
    return lambda value: left + abs(value) / top * (right - left)


def _bar(bar: Bar, left: float, y: float, place: Any, twins: bool) -> list[Item]:
    """Name, bar and number of a row; that of a fresh start as a thin one below."""
    tall = BAR - 4.0 if twins else BAR
    middle = y + BAR / 2
    items: list[Item] = [
        Texts("axis-title", np.array([[left - 10.0, middle]]), (_cut(bar.name),), "end")
    ]
    end = left
    if math.isfinite(bar.value):
        end = place(bar.value)
        box = np.array([[left, y, max(end - left, 1.0), tall]])
        items.append(Rects("bar-own" if bar.value >= 0 else "bar-later", box, radius=1.5))
    if math.isfinite(bar.twin):
        thin = place(bar.twin)
        items.append(
            Rects("bar-twin", np.array([[left, y + tall + 1.0, max(thin - left, 1.0), 4.0]]))
        )
        end = max(end, thin)
    number = frames.figure(bar.value)
    items.append(Texts("bar-label", np.array([[end + 6.0, middle]]), (number,)))
    return items


def _cut(name: str) -> str:
    """A name that is too long, with its end left out."""
    style = STYLES["axis-title"]
    if width_of(name, style) <= NAMES:
        return name
    while name and width_of(f"{name}…", style) > NAMES:
        name = name[:-1]
    return f"{name}…"
