"""The layout of a formula: variables at the left, the output at the right, one box for every
operation with its sign in a circle at the left edge, where its inputs enter.

The order of columns and rows is `dag`'s; what stands in the boxes is the layers'. At the level of
tensors only what has a name is shown, joined through whatever is between.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from engine.expression.formula import symbol
from engine.template import Network, Slot, Use
from visualizer.scene.dag import Drawing, draw
from visualizer.scene.layout import Layout
from visualizer.scene.levels import CELL, number_rows
from visualizer.scene.places import GLYPHS, PORT
from visualizer.scene.routes import Way
from visualizer.scene.tile import Key, Link, Mark
from visualizer.styles import STYLES
from visualizer.typeset import width_of

MARGIN = 34.0
PRECISE = 62.0  # room for a number with five digits
PAD = 8.0
APART = 6.0  # edges at a circle, from its middle
SPREAD = 9.0  # edges at the right of a box, from one another
BEND = 8.0  # an edge is level for so long at its ends
SAMPLES = 12
MOST_SIGNS = 4

Point = tuple[float, float, float]
_SIGNS = {"div": "÷", "sqrt": "√", "abs": "|·|", "sin": "sin", "cos": "cos", "sum": "Σ"}
_SIGNS |= {"mean": "mean", "repeat": "1→n"}


def lay_out_formula(network: Network, level: str, rise: float = 1.0) -> Layout:
    """The layout of a network without time, its rows `rise` times as far apart."""
    slots = network.segments[0].slots
    shown = [k for k, s in enumerate(slots) if level != "tensors" or s.role != "product"]
    arcs = list(_arcs(network, shown))
    at = {k: n for n, k in enumerate(shown)}
    drawing = draw([_size(slots[k], level) for k in shown], [(at[a], at[b]) for a, b, _ in arcs])
    marks = {(0, k): _mark(drawing, n, k, slots[k], level, rise) for n, k in enumerate(shown)}
    links = tuple(_links(drawing, arcs, marks, at, rise))
    ends = [(m.y - m.h / 2, m.y + m.h / 2) for m in marks.values()]
    top, bottom = min(a for a, _ in ends) - MARGIN, max(b for _, b in ends) + MARGIN
    last, wide = drawing.columns[-1]
    return Layout(
        level,
        last + wide / 2 + 2 * MARGIN,
        rise,
        top,
        bottom,
        tuple(marks.values()),
        links,
        frames=(),
        roads=(),
        cards=(),
        initials=(),
        total_y=top,
        token_y=bottom,
        tail=0.0,
        at=marks,
        rail=0.0,
    )


def _arcs(network: Network, shown: list[int]) -> Iterator[tuple[int, int, tuple[Use, ...]]]:
    """(source, target, uses of the source) of every edge; one for each pair through hidden ones."""
    there = set(shown)
    for k in shown:
        joined: dict[int, list[Use]] = {}
        for use in sorted(network.uses(0, k), key=lambda u: (u.consumer.slot, u.position)):
            if use.consumer.slot in there:
                yield k, use.consumer.slot, (use,)
                continue
            for target in _reached(network, use.consumer.slot, there):
                joined.setdefault(target, []).append(use)
        yield from ((k, target, tuple(uses)) for target, uses in sorted(joined.items()))


def _reached(network: Network, place: int, there: set[int]) -> list[int]:
    """The shown slots that a hidden one leads to."""
    found, stack = set[int](), [place]
    seen = {place}
    while stack:
        for use in network.uses(0, stack.pop()):
            k = use.consumer.slot
            if k in there:
                found.add(k)
            elif k not in seen:
                seen.add(k)
                stack.append(k)
    return sorted(found)


# ---- boxes


def _content(slot: Slot) -> tuple[float, float]:
    """Width and height of the numbers of a slot, values above and δ below."""
    rows, cells = number_rows(slot)
    return (PRECISE if slot.width == 1 else cells * CELL[0]), 2 * rows * CELL[1] + 4.0


def _name_width(slot: Slot) -> float:
    return max(width_of(symbol(slot.name), STYLES["symbol"]), 14.0)


def _lead(slot: Slot, level: str) -> float:
    """From the left edge of a box to its name."""
    return PAD + 2.0 if slot.op == "input" or level == "tensors" else PORT / 2 + 5.0


def _size(slot: Slot, level: str) -> tuple[float, float]:
    wide, high = _content(slot)
    return _lead(slot, level) + _name_width(slot) + PAD + wide + PAD, high + 14.0


def _mark(drawing: Drawing, n: int, k: int, slot: Slot, level: str, rise: float) -> Mark:
    x, w = drawing.columns[drawing.rank[n]]
    port = None if slot.op == "input" or level == "tensors" else (x + MARGIN, drawing.y[n] * rise)
    indent = w - PAD - _content(slot)[0]
    name_at = _lead(slot, level) + _name_width(slot) / 2
    return Mark(
        0, k, "box", x + MARGIN, drawing.y[n] * rise, w, _size(slot, level)[1],
        port=port, port_glyph=sign_of(slot) if port else "", indent=indent, name_at=name_at,
    )  # fmt: skip


def sign_of(slot: Slot) -> str:
    """What stands in the circle of an operation."""
    constants = dict(slot.constants)
    if slot.op == "power":
        power = constants["p"]
        return "1/x" if power == -1.0 else f"x^{{{_short(power, 'p')}}}"
    if slot.op == "scale":
        alpha, beta = constants["alpha"], constants["beta"]
        if not beta:
            return "−" if alpha == -1.0 else f"×{_short(alpha, 'c')}"
        if alpha == -1.0:
            return f"{_short(beta, 'c')}−"
        return f"+{_short(beta, 'c')}" if beta > 0 else f"−{_short(-beta, 'c')}"
    return _SIGNS.get(slot.op) or GLYPHS.get(slot.op, slot.op)


def _short(number: float, letter: str) -> str:
    """A number for a small circle, or a letter for one that has no room."""
    text = f"{number:.3g}".replace("-", "−").replace("0.", ".", 1)
    return text if len(text) < MOST_SIGNS else letter


# ---- edges


def _links(
    drawing: Drawing,
    arcs: list[tuple[int, int, tuple[Use, ...]]],
    marks: dict[Key, Mark],
    at: dict[int, int],
    rise: float,
) -> Iterator[Link]:
    out: dict[int, list[int]] = {}
    into: dict[int, list[int]] = {}
    for e, (a, b, _) in enumerate(arcs):
        out.setdefault(a, []).append(e)
        into.setdefault(b, []).append(e)

    def next_y(e: int) -> float:
        return drawing.ways[e][0][1] if drawing.ways[e] else drawing.y[at[arcs[e][1]]]

    def last_y(e: int) -> float:
        return drawing.ways[e][-1][1] if drawing.ways[e] else drawing.y[at[arcs[e][0]]]

    for own in out.values():
        own.sort(key=lambda e: (next_y(e), e))
    for own in into.values():
        own.sort(key=lambda e: (last_y(e), e))
    for e, (a, b, uses) in enumerate(arcs):
        source, target = marks[0, a], marks[0, b]
        here, there = out[a], into[b]
        leave = (here.index(e) - (len(here) - 1) / 2) * min(SPREAD, 30.0 / len(here))
        enter = (there.index(e) - (len(there) - 1) / 2) * 2 * min(APART, 12.0 / len(there))
        passed = [(*drawing.columns[r], y * rise) for r, y in drawing.ways[e]]
        way = _way(source, target, leave, enter, passed)
        yield Link(uses, (0, a), (0, b), 0, way, 0, 1)


def _way(
    source: Mark,
    target: Mark,
    leave: float,
    enter: float,
    passed: list[tuple[float, float, float]],
) -> Way:
    """From the right of a box, level past the columns between, to the circle of the next."""
    start: Point = (source.x, source.w / 2, source.y + leave)
    radius = PORT / 2 if target.port else 0.0
    reach = math.sqrt(max(radius**2 - enter**2, 0.0))
    end: Point = (target.x, -target.w / 2 - reach, target.y + enter)
    if not passed:
        x, d = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        return Way(True, np.array([start, (x, d, start[2]), (x, d, end[2]), end]))
    points = [start]
    here: Point = (start[0], start[1] + BEND, start[2])
    for x, w, y in passed:
        points += _bent(here, (x + MARGIN, -w / 2, y))
        here = (x + MARGIN, w / 2, y)
    points += [*_bent(here, (end[0], end[1] - BEND, end[2])), end]
    return Way(False, np.array(points))


def _bent(a: Point, b: Point) -> list[Point]:
    """Points of an S between two columns, both ends with it."""
    if abs(a[2] - b[2]) < 0.5:
        return [a, b]
    found = []
    for n in range(SAMPLES + 1):
        t = n / SAMPLES
        along = 1.5 * t * (1 - t) ** 2 + 1.5 * t**2 * (1 - t) + t**3
        up = 3 * t**2 * (1 - t) + t**3
        found.append(
            (
                a[0] + (b[0] - a[0]) * along,
                a[1] + (b[1] - a[1]) * along,
                a[2] + (b[2] - a[2]) * up,
            )
        )
    return found
