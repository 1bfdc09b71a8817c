"""Small bar pictures for beside the graph: singular values, signed shares, terms of a parameter.

Numbers come ready; nothing reads a recording.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.cells import NUMBER_WIDTH, short
from visualizer.scene.layers.band_words import nice_step
from visualizer.scene.picture import Item, Picture, Rects, Texts
from visualizer.styles import STYLES
from visualizer.typeset import width_of

NAME = 26.0  # px from one name to the next
NUMBER = 34.0  # px that a share with its sign takes
WIDEST_BAR = 44.0
CLOSE = 6.0  # px a bar, below which bars touch
APART = 10.0  # px from one number below the bars to the next
HEAD, FOOT = 16.0, 18.0  # px for the number above and the name below
Boxes = list[tuple[float, float, float, float]]


def lines_picture(values: Sequence[float], width: float, height: float) -> Picture:
    """Horizontal bars from the largest down: singular values."""
    top = max((abs(v) for v in values if math.isfinite(v)), default=0.0) or 1.0
    pitch = height / max(len(values), 1)
    thick = min(max(pitch - 4, 1.0), 9.0)
    boxes = [
        (0.0, k * pitch, max(width * abs(v) / top, 1.0) if math.isfinite(v) else 1.0, thick)
        for k, v in enumerate(values)
    ]
    bars = np.array(boxes, dtype=np.float64).reshape(-1, 4)
    return Picture(width, height, (Rects("value-bar", bars, radius=1.5),), background="")


def shares_picture(
    shares: Sequence[float | None], labels: Sequence[str], width: float, height: float
) -> Picture:
    """Signed shares as bars round a common zero line; None: a dashed "not yet"."""
    zero, unit = _zero_line(shares, height)
    pitch = width / max(len(shares), 1)
    thick = min(pitch - 4, WIDEST_BAR)
    kinds: dict[str, Boxes] = {"bar-own": [], "bar-stub": [], "bar-pending": []}
    words: list[tuple[tuple[float, float], str]] = []
    largest = max((s for s in shares if s is not None and math.isfinite(s)), key=abs, default=0.0)
    for k, share in enumerate(shares):
        x = k * pitch + (pitch - thick) / 2
        if share is None:
            kinds["bar-pending"].append((k * pitch + 2.5, zero - 24.5, pitch - 5, 24))
            words.append(((x + thick / 2, zero - 12), "not yet" if pitch >= 50 else "·"))
            continue
        tall = unit * abs(share) if math.isfinite(share) else 0.0
        if tall < 1.5:
            kinds["bar-stub"].append((x, zero - 2, thick, 2))
            continue
        kinds["bar-own"].append((x, zero - tall if share > 0 else zero, thick, tall))
        # bars closer than their numbers: only the largest keeps its own
        if pitch >= NUMBER or share == largest:
            y = zero - tall - 9 if share > 0 else zero + tall + 9
            middle = min(max(x + thick / 2, NUMBER / 2), width - NUMBER / 2)
            words.append(((middle, y), short(share, signed=True)))
    items = _boxes(kinds)
    if words:
        at = np.array([place for place, _ in words])
        items.append(Texts("cell-number", at, tuple(text for _, text in words), "middle"))
    items.append(_names(labels, pitch, height))
    return Picture(width, height, tuple(items), background="")


def _zero_line(shares: Sequence[float | None], height: float) -> tuple[float, float]:
    """(y of zero, px a unit)."""
    known = [s for s in shares if s is not None and math.isfinite(s)]
    top, low = max([0.0, *known]), min([0.0, *known])
    room = height - HEAD - FOOT - (HEAD if low < 0 else 0.0)
    unit = room / ((top - low) or 1.0)
    return HEAD + (unit * top if known and top - low else room), unit


def _boxes(kinds: dict[str, Boxes], radius: float = 2.0) -> list[Item]:
    return [
        Rects(style, np.array(boxes, dtype=np.float64), radius=radius)
        for style, boxes in kinds.items()
        if boxes
    ]


def _names(labels: Sequence[str], pitch: float, height: float) -> Texts:
    """Labels under the bars, as many as there is room for."""
    every = max(1, math.ceil(NAME / max(pitch, 1e-9)))
    shown = [k for k in range(len(labels)) if k % every == 0]
    at = np.array([(k * pitch + pitch / 2, height - FOOT / 2) for k in shown]).reshape(-1, 2)
    return Texts("small-symbol", at, tuple(labels[k] for k in shown), "middle")


def terms_picture(
    norms: NDArray[np.float64],
    there: int | tuple[int, int],
    rule: str,
    width: float,
    height: float,
    first: int = 0,
) -> Picture:
    """Norms of the terms of a parameter, a bar a step; only the steps `there` [low, high) have been
    visited (a number: all from there on); `first` is the step of the first bar.

    Under the rule "overwrite" only the term of the step visited last is in the gradient; the
    others are drawn pale, as what was lost. Where steps outnumber pixels the largest is drawn.
    """
    steps = len(norms)
    columns = max(min(steps, int(width)), 1)
    edges = np.linspace(0, steps, columns + 1).astype(np.int64)
    tops = np.maximum.reduceat(np.nan_to_num(np.abs(norms)), edges[:-1]) if steps else np.zeros(1)
    pitch = width / columns
    x, thick = _places(columns, pitch)
    base = height - FOOT
    tall = np.maximum((base - HEAD) * tops / (float(tops.max()) or 1.0), 1.5)
    visited, kept = _visited(edges, there if isinstance(there, tuple) else (there, steps), rule)
    kinds: dict[str, Boxes] = {"bar-stub": [], "bar-own": [], "bar-later": []}
    for k in range(columns):
        if not visited[k]:
            kinds["bar-stub"].append((x[k], base - 2, thick[k], 2.0))
        else:
            kind = "bar-own" if kept[k] else "bar-later"
            kinds[kind].append((x[k], base - tall[k], thick[k], tall[k]))
    items = _boxes(kinds, 2.0 if pitch >= CLOSE else 0.0)
    if pitch >= NUMBER_WIDTH and visited.any():
        chosen = np.flatnonzero(visited)
        at = np.stack([x[chosen] + thick[chosen] / 2, base - tall[chosen] - 9], axis=1)
        words = tuple(short(float(tops[k]), signed=False) for k in chosen)
        items.append(Texts("cell-number", at, words, "middle"))
    items.append(_steps(steps, first, width, height))
    return Picture(width, height, tuple(items), background="")


def _places(columns: int, pitch: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Left edges and widths of bars. Close ones touch, and end on whole pixels: gaps finer than a
    pixel would be a pattern of their own."""
    if pitch < CLOSE:
        ends = np.rint(np.arange(columns + 1) * pitch)
        return ends[:-1], np.diff(ends)
    thick = min(pitch * 0.75, WIDEST_BAR)
    left = (pitch - thick) / 2 + np.arange(columns) * pitch
    return np.asarray(left, np.float64), np.full(columns, thick, np.float64)


def _steps(steps: int, first: int, width: float, height: float) -> Texts:
    """The first step and round ones below their bars, as many as there is room for."""
    wide = width_of(str(first + steps), STYLES["cell-number"])
    pitch = width / max(steps, 1)
    every = nice_step((wide + APART) / pitch)
    numbers = np.arange(every * (first // every + 1), first + steps + 1, every)
    x = (numbers - first - 0.5) * pitch
    inside = (x >= wide / 2) & (x <= width - wide / 2)
    numbers, x = numbers[inside], x[inside]
    begin = max(wide, pitch) / 2
    if steps and (not len(x) or x[0] - begin >= wide + APART):
        numbers, x = np.append(first + 1, numbers), np.append(begin, x)
    at = np.column_stack([x, np.full(len(x), height - FOOT / 2)])
    return Texts("cell-number", at, tuple(map(str, numbers.tolist())), "middle")


def _visited(
    edges: NDArray[np.int64], there: tuple[int, int], rule: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which bars have been visited, and which of them are in the gradient."""
    low, high = there
    visited = (edges[:-1] >= low) & (edges[:-1] < high)
    if rule == "accumulate":
        return visited, visited
    now = low if low > 0 or high == edges[-1] else high - 1
    return visited, visited & (edges[:-1] <= now) & (now < edges[1:])
