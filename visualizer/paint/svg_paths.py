"""Paths as the `d` of SVG: runs of cells, lines and curves, arcs. Elements are in `svg`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from visualizer.paint import shapes
from visualizer.paint.xml import number


def cell_runs(boxes: list[list[float]], levels: list[int]) -> Iterable[tuple[int, str]]:
    """Runs of touching cells of one level and height as (level, path)."""
    place = 0
    while place < len(boxes):
        x, y, width, height = boxes[place]
        last = place
        while (
            last + 1 < len(boxes)
            and levels[last + 1] == levels[place]
            and abs(boxes[last][0] + boxes[last][2] - boxes[last + 1][0]) < 1e-6
        ):
            last += 1
        width = boxes[last][0] + boxes[last][2] - x
        size = f"h{number(width)}v{number(height)}h{number(-width)}z"
        yield levels[place], f"M{number(x)} {number(y)}{size}"
        place = last + 1


def path_of(way: shapes.Path) -> str:
    return "".join(step[0] + " ".join(number(each) for each in step[1:]) for step in way)


def arc_of(x: float, y: float, radius: float, start: float, span: float) -> str:
    """An arc clockwise from the top; a whole turn is made of two halves."""
    turns = [(start, span)] if span < 359 else [(start, span / 2), (start + span / 2, span / 2)]
    steps = []
    for begin, reach in turns:
        a, b = np.radians(begin - 90), np.radians(begin + reach - 90)
        far = 1 if reach > 180 else 0
        size = number(radius)
        steps.append(
            f"M{number(x + radius * np.cos(a))} {number(y + radius * np.sin(a))}"
            f"A{size} {size} 0 {far} 1 {number(x + radius * np.cos(b))} "
            f"{number(y + radius * np.sin(b))}"
        )
    return "".join(steps)
