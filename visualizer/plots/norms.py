"""Gradient norm per step: ‖δ(h_t)‖ as a bar under each step, split into two signed shares that add
to it (this step's own loss, and later steps). Only what has happened by the frame is shown.

On a log axis shares mean nothing: only ‖δ‖ is drawn. Norms are joint over all sequences.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.measures import shares
from engine.template import Node
from visualizer.plots import axes as frames
from visualizer.plots.axes import Axes
from visualizer.plots.joined import sections
from visualizer.scene.cells import short
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.levels import state_of
from visualizer.scene.picture import Dots, Item, Picture, Polylines, Rects, Texts
from visualizer.scene.symbols import layer_mark, name_of
from visualizer.scene.view import View

Array = NDArray[np.floating[Any]]
Key = tuple[int, int]
NOTHING = "no losses, so there is no gradient"
WIDEST = 30.0
CROWDED = 56.0  # px a step, below which a bar's number has at most five characters
PER_STEP, PER_NUMBER = 4e-6, 1e-9  # seconds of backward
LEAST_BELOW = 0.01  # of the axis, for shares below zero to be drawn
SHARES_UP_TO = 20_000  # steps; beyond, one more backward run is not worth two shades


def norms_picture(
    film: Film,
    frame: Frame,
    view: View,
    width: float,
    height: float,
    scale: str = "linear",
    slot: Key | None = None,
) -> Picture:
    """The plot in a window of width by height. `slot`: (segment, slot), else the selected state,
    else the state of the top layer."""
    slot = slot or shown_slot(film, view)
    name = name_of(film.network, *slot, view.symbols) + layer_mark(film.network, *slot)
    if not film.recording.has_gradients:
        items = frames.heading("Gradient norm per step", "")
        items.append(frames.note(width, NOTHING))
        return Picture(width, height, tuple(items), background="plot")
    pieces = sections(film.network, *slot)
    each = [norms_of(film, piece) for piece in pieces]
    norms = np.concatenate(each)
    log = scale == "log"
    split = [] if log or film.steps > SHARES_UP_TO else [shares_of(film, p) for p in pieces]
    own, later = (np.concatenate([s[n] for s in split]) if split else norms for n in (0, 1))
    parts = (own, later) if split else None
    low, top = film.kept(("range of norms", slot, log), lambda: _range(norms, parts, log))
    axes = frames.axes_of(film, view, width, height, low, top, log)
    words = " in two shares" if parts is not None else ", log" if log else ""
    words += f", {film.recording.batch} sequences" if film.recording.batch > 1 else ""
    items = frames.ground(film, frame, view, axes, width, height, joint=True)
    for n, piece in enumerate(pieces):
        own_axes = axes.moved(film.tile(piece[0], max(view.sequence, 0)), len(each[n]))
        shown = split[n] if split else None
        items += frames.inside(axes, _marks(film, frame, view, own_axes, piece, each[n], shown))
    items += frames.inside(axes, frames.step_labels(axes, frame, film))
    items += frames.heading("Gradient norm per step", f"‖δ({name}_{{t}})‖{words}")
    if parts is not None and width > 560:
        items += _legend(film, width)
    if lost := int(np.count_nonzero(~np.isfinite(norms))):
        items.append(frames.note(width, f"{lost} step{'s' * (lost > 1)} not finite"))
    return Picture(width, height, tuple(items), background="plot", title="Gradient norm per step")


def _legend(film: Film, width: float) -> list[Item]:
    both_ways = any(segment.direction < 0 for segment in film.network.segments)
    others = "from other steps" if both_ways else "from later steps"
    rows = [("legend-own", "from this step’s loss"), ("legend-later", others)]
    return frames.legend(width, rows)


def shown_slot(film: Film, view: View) -> Key:
    """The slot of the selected node, if it is a state or a memory; else the top layer's state, or
    the inputs where all of them are read into one step."""
    node, segments = view.selected, film.network.segments
    if node is not None:
        state = film.network.slot(node.segment, node.slot).role in ("state", "memory")
        if state and (segments[node.segment].steps > 1 or film.steps == 1):
            return node.segment, node.slot
    top = max(g for g, s in enumerate(segments) if s.kind != "readout")
    if segments[top].steps == 1 < segments[0].steps:
        return 0, next(k for k, slot in enumerate(segments[0].slots) if slot.role == "input")
    return top, segments[top].index(state_of(segments[top]).name)


def seconds(film: Film, view: View) -> float:
    """About how long the shares of the selected slot take: a backward run with carry edges cut."""
    if not film.recording.has_gradients or film.steps > SHARES_UP_TO:
        return 0.0
    pieces = sections(film.network, *shown_slot(film, view))
    if all(film.keeps(("shares", piece)) for piece in pieces):
        return 0.0
    numbers = sum(p.size for p in film.recording.parameters.values())
    return film.steps * (PER_STEP + PER_NUMBER * numbers * film.recording.batch)


def norms_of(film: Film, slot: Key) -> Array:
    """‖δ‖ of a slot at every step over all sequences, (T,); kept with the film."""

    def measured() -> Array:
        return np.asarray(np.sqrt(np.square(film.delta_norms(*slot)).sum(1)))

    found: Array = film.kept(("norms of all", slot), measured)
    return found


def shares_of(film: Film, slot: Key) -> tuple[Array, Array]:
    """Signed shares (own, later) of a slot at every step, (T,) each; kept with the film."""

    def measured() -> tuple[Array, Array]:
        found = shares(film.recording, *slot)
        return np.asarray(found.own, float), np.asarray(found.later, float)

    both: tuple[Array, Array] = film.kept(("shares", slot), measured)
    return both


def _range(norms: Array, parts: tuple[Array, Array] | None, log: bool) -> tuple[float, float]:
    """The lowest and the highest value of the axis."""
    if log:
        return frames.log_range(norms)
    up, down = norms, np.zeros(1)
    if parts is not None:
        own, later = parts
        up = np.maximum(own, 0.0) + np.maximum(later, 0.0)
        down = np.minimum(own, 0.0) + np.minimum(later, 0.0)
    top = float(np.max(up[np.isfinite(up)], initial=0.0))
    low = float(np.min(down[np.isfinite(down)], initial=0.0))
    _, high = frames.linear_range(0.0, top)
    # a norm is never negative: below zero no further than its shares go, which is seldom far
    return (low, high) if low < -LEAST_BELOW * (high - low) else (0.0, high)


def _marks(
    film: Film,
    frame: Frame,
    view: View,
    axes: Axes,
    slot: Key,
    norms: Array,
    parts: tuple[Array, Array] | None,
) -> list[Item]:
    low, high = frame.complete(*slot)
    steps = np.arange(max(low, axes.first), min(high, axes.last))
    t = frames.strongest(axes, norms, steps)
    items = _curve(axes, norms, t) if axes.log else _stacks(axes, norms, parts, t)
    if axes.roomy:
        items += _labels(axes, norms, parts, t) if axes.step >= 42.0 else []
        items += _so_far(film, frame, axes, slot)
        if not axes.log:
            items += _stubs(axes, frame, slot)
    return items


def _bar_width(axes: Axes) -> float:
    if axes.step < 6.0:
        return max(axes.step, 1.0)
    return float(min(WIDEST, max(axes.step * 0.34, 5.0)))


def _boxes(axes: Axes, t: Any, low: Array, high: Array, gap: Any = 0.0) -> Array:
    """Bars (n, 4) between two values."""
    wide = _bar_width(axes)
    top, bottom = axes.y(high), axes.y(low)
    height = np.maximum(bottom - top - gap, 0.0)
    return np.column_stack([axes.centres[t] - wide / 2, top, np.full(len(t), wide), height])


def _stacks(axes: Axes, norms: Array, parts: tuple[Array, Array] | None, t: Any) -> list[Item]:
    """Own share from zero, later share on top; what is negative below zero, if the axis goes on
    there."""
    if parts is None:
        return [Rects("bar-own", _boxes(axes, t, np.zeros(len(t)), np.nan_to_num(norms[t])))]
    own, later = (np.nan_to_num(p[t], posinf=0.0, neginf=0.0) for p in parts)
    zero = np.zeros(len(t))
    up, down = np.maximum(own, 0.0), np.minimum(own, 0.0)
    later_up, later_down = np.maximum(later, 0.0), np.minimum(later, 0.0)
    if axes.low >= 0.0:
        down, later_down = zero, zero
    gap = np.where(up > 0, 2.0 if axes.roomy else 0.0, 0.0)
    own_boxes = np.concatenate([_boxes(axes, t, zero, up), _boxes(axes, t, down, zero)])
    later_boxes = np.concatenate(
        [
            _boxes(axes, t, up, up + later_up, gap),
            _boxes(axes, t, down + later_down, down),
        ]
    )
    items: list[Item] = []
    for style, boxes in (("bar-own", own_boxes), ("bar-later", later_boxes)):
        boxes = boxes[boxes[:, 3] > 0.4]
        if len(boxes):
            items.append(Rects(style, boxes, radius=None if axes.roomy else 0.0))
    return items


def _curve(axes: Axes, norms: Array, t: Any) -> list[Item]:
    """A line through the norms, its points where there is room; zeros stand on the floor."""
    if not len(t):
        return []
    values, x = norms[t], axes.centres[t]
    good = np.isfinite(values)
    points = np.column_stack([x, axes.y(values)])[good]
    items: list[Item] = []
    if len(points) > 1:
        items.append(Polylines("line-1", (points,)))
    if axes.roomy and len(points):
        items.append(Dots("packet", points, np.full(len(points), 3.2)))
    return items


def _labels(axes: Axes, norms: Array, parts: tuple[Array, Array] | None, t: Any) -> list[Item]:
    """‖δ‖ above every bar."""
    if not len(t):
        return []
    top = norms[t]
    if parts is not None:
        top = np.maximum(parts[0][t], 0.0) + np.maximum(parts[1][t], 0.0)
    y = axes.y(np.nan_to_num(top, posinf=axes.high)) - (12.0 if axes.log else 9.0)
    figure = frames.figure if axes.step >= CROWDED else partial(short, signed=False)
    words = tuple(figure(float(v)) for v in norms[t])
    return [Texts("bar-label", np.column_stack([axes.centres[t], y]), words, "middle")]


def _so_far(film: Film, frame: Frame, axes: Axes, slot: Key) -> list[Item]:
    """The bar of the step whose δ is being added up, with the words "so far"."""
    node = frame.filling
    if node is None or (node.segment, node.slot) != slot or not axes.first <= node.t < axes.last:
        return []
    total = arrived_sum(film, frame, node)
    if total is None:
        return []
    norm = float(np.sqrt(np.square(total).sum()))
    t = np.array([node.t])
    x, y = float(axes.centres[node.t]), float(axes.y(norm))
    number = Texts("bar-label", np.array([[x, y - 9.0]]), (frames.figure(norm),), "middle")
    beside = np.array([[x + _bar_width(axes) / 2 + 6.0, y + 8.0]])
    items: list[Item] = [number, Texts("bar-note", beside, ("so far",))]
    if axes.log:
        return [Dots("packet", np.array([[x, y]]), np.array([3.2])), *items]
    return [Rects("bar-own", _boxes(axes, t, np.zeros(1), np.array([norm]))), *items]


def arrived_sum(film: Film, frame: Frame, node: Node) -> Array | None:
    """Sum of what has arrived at a node, (B, width); None before the first contribution."""
    shape = film.recording.delta(node.segment, node.slot).shape[1:]
    total, some = np.zeros(shape), False
    for use in film.uses[node.segment, node.slot]:
        if film.exists(use, node.t) and frame.has_contribution(use, node.t):
            part = slice(*use.part) if use.part is not None else slice(None)
            total[:, part] += film.recording.contribution(use)[node.t]
            some = True
    return total if some else None


def _stubs(axes: Axes, frame: Frame, slot: Key) -> list[Item]:
    """A grey foot for every step that has no δ yet."""
    node = frame.filling
    low, high = frame.complete(*slot)
    t = np.arange(axes.first, axes.last)
    t = t[(t < low) | (t >= high)]
    if node is not None and (node.segment, node.slot) == slot:
        t = t[t != node.t]
    if not len(t):
        return []
    boxes = _boxes(axes, t, np.zeros(len(t)), np.zeros(len(t)))
    boxes[:, 1] -= 2.5
    boxes[:, 3] = 2.5
    return [Rects("bar-stub", boxes)]
