"""A picture from a film, a frame and a view: the layers in their order, of what is visible only.

Here the order stands and the fitting of a view; each layer is a file in `layers`. A picture is a
pure function of its arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from visualizer.scene.film import Film
from visualizer.scene.fold import folded, gathered
from visualizer.scene.frame import Frame
from visualizer.scene.layers import (
    ahead,
    bands,
    callout,
    columns,
    deck,
    edges,
    fans,
    initials,
    legend,
    loops,
    losses,
    nodes,
    odds,
    packets,
    path,
    rail,
    tags,
)
from visualizer.scene.layout import RAIL, Layout
from visualizer.scene.levels import LEGIBLE, level_for
from visualizer.scene.picture import Clip, Item, Picture, Unclip
from visualizer.scene.stage import Stage
from visualizer.scene.view import RAIL_LEAST, Sight, View, node_width, rail_px, sight, step_width

Layer = Callable[[Stage], list[Item]]

# In z-order. Steps are clipped to the right of the rail; what comes before step 1 stands in it
# while the steps begin there. Nothing reaches into the strip of the legend.
GROUND: tuple[tuple[str, Layer], ...] = (
    ("columns", columns.draw),
    ("buses", rail.buses),
)
BEFORE: tuple[tuple[str, Layer], ...] = (
    ("initial edges", edges.initials),
    ("initial states", initials.draw),
)
LAYERS: tuple[tuple[str, Layer], ...] = (
    ("shortest path", path.draw),
    ("arcs", fans.draw),
    ("edges", edges.draw),
    ("own outputs", odds.ways),
    ("own parameters", tags.draw),
    ("nodes", nodes.draw),
    ("first states at the right", initials.ends),
    ("losses", losses.draw),
    ("odds", odds.draw),
    ("coins", odds.coins),
    ("what made the inputs", ahead.draw),
    ("words", columns.words),
    ("rings", nodes.rings),
)
OVER: tuple[tuple[str, Layer], ...] = (
    ("sides of the turn", columns.sides),
    ("loss edges", losses.edges),
)
CARDS: tuple[tuple[str, Layer], ...] = (("cards", rail.cards),)
AFTER: tuple[tuple[str, Layer], ...] = (
    ("length of the path", path.words),
    ("total", losses.total),
    ("callout", callout.draw),
)
MOVING: tuple[tuple[str, Layer], ...] = (("packets", packets.draw),)
# The same where the steps lie on one another: what is on top is about one of them.
FOLDED: tuple[tuple[tuple[str, Layer], ...], ...] = (
    (
        ("ground", deck.ground),
        ("initial states", initials.draw),
        ("first states at the right", initials.ends),
    ),
    (("cards of steps", deck.draw),),
    (
        ("initial edges", loops.firsts),
        ("cards", rail.cards),
        ("total", losses.total),
        ("packets", deck.on_top(packets.draw)),
        ("callout", deck.on_top(callout.draw)),
    ),
)
LARGEST_FIT = 1.1
LARGEST_FORMULA = 1.4
LEAST_NUMBERS = 0.52  # scale below which the numbers of a formula cannot be read
MUCH_LARGER = 1.3
LARGEST_FOLDED, LEAST_GROWTH, MOST_GROWTH = 1.25, 0.6, 3.0
FOLDED_SIDE, FOLDED_SPACE = 150.0, 30.0  # beside a folded step, above and below it
MOST_SPREAD = 1.5
EASE = 1.4  # times the least legible scale, where not all steps have room anyway
STRAIN = 0.91  # of it, if that brings all rows into sight
MOST_RISE = 1.7
RISE_STEP = 0.05  # rows move apart in such steps, so that each needs one layout
RISE_MARGIN = 24.0


class Tile(Protocol):
    """What one step takes at a level."""

    @property
    def pitch(self) -> float: ...
    @property
    def height(self) -> float: ...
    @property
    def tail(self) -> float: ...
    @property
    def rail(self) -> float: ...


class Extent(Protocol):
    """What has to be known to fit a view: of a film, or of two that share one (`sheet`)."""

    @property
    def base(self) -> float: ...
    @property
    def steps(self) -> int: ...
    @property
    def levels(self) -> tuple[str, ...]: ...
    @property
    def widest(self) -> int: ...
    @property
    def timeless(self) -> bool: ...
    def pitches(self) -> dict[str, float]: ...
    def layout(self, level: str) -> Tile: ...


def level_of_view(film: Extent, view: View) -> str:
    """The level that a view shows: its own, or what the width of a step allows."""
    if film.timeless:
        return view.level if view.level in film.levels else _level_of_formula(film, view)
    if view.level in film.levels or view.level == "bands":
        return view.level
    found = level_for(node_width(view, film.base), film.pitches())
    return "steps" if view.fold and found == "bands" else found  # bands have no step to fold


def _level_of_formula(film: Extent, view: View) -> str:
    """All parts where their numbers can be read, else those that have a name."""
    near = node_width(view, film.base) >= LEAST_NUMBERS * film.layout(film.levels[0]).pitch
    return film.levels[0 if near else -1]


def sight_of(film: Film, view: View, width: float, height: float) -> Sight:
    """Where the graph lands in a window of this size; the legend keeps its strip at the bottom."""
    level = level_of_view(film, view)
    room = height - legend.HEIGHT + 6.0
    layout = _risen(film, "steps" if level == "bands" else level, node_width(view, film.base), room)
    here = sight(layout, view, film.base, film.steps, width, room)
    if not folded(film, view):
        return here
    growth = _growth(film, view, layout.level, width, height)
    low = _risen(film, layout.level, here.scale * growth * layout.pitch, room, 1.0)
    return gathered(here, low, growth, film, view)


def _growth(film: Film, view: View, level: str, width: float, height: float) -> float:
    """How much larger nodes are when the graph is folded: one step has the room of all. A matter of
    level and window, not of the zoom, which goes on to zoom."""

    def found() -> float:
        layout, room = film.layout(level), height - legend.HEIGHT + 6.0
        flat = node_width(fit(film, width, height, level), film.base) / layout.pitch
        beside = layout.pitch + RAIL + 2 * FOLDED_SIDE
        whole = min(room / (layout.height + FOLDED_SPACE), width / beside, LARGEST_FOLDED)
        least = 1.0
        if film.least_rise(level) < 1.0:  # unrolled its rows are nearer each other
            near = room / film.layout(level, film.least_rise(level)).height
            flat, least = max(flat, min(near, _whole(film, level, width, np.inf))), LEAST_GROWTH
        return float(np.clip(whole / flat, least, MOST_GROWTH))

    return float(film.kept(("growth", level, width, height), found))


def _risen(film: Film, level: str, wide: float, room: float, closest: float = 0.0) -> Layout:
    """The layout of a level with its rows as far apart as the height allows (at least `closest`:
    loops need room between them), where the nodes of a step are `wide`. It follows the zoom
    and the window, never the frame: nothing moves while the film plays."""
    least = max(film.least_rise(level), closest)
    low = film.layout(level, least)
    free = (room - RISE_MARGIN) * low.pitch / wide
    if free < low.height * (1.0 + RISE_STEP):
        return low
    high = film.layout(level, MOST_RISE)
    if free >= high.height:
        return high
    share = (free - low.height) / (high.height - low.height)
    steps = math.floor(share * (MOST_RISE - least) / RISE_STEP)
    return film.layout(level, round(least + steps * RISE_STEP, 2))


def stage_of(film: Film, frame: Frame, view: View, width: float, height: float) -> Stage:
    """The stage of one picture."""
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    return Stage(film, frame, view, sight_of(film, view, width, height), b, *film.span(b))


def compose(film: Film, frame: Frame, view: View, width: float, height: float) -> Picture:
    """The graph of a film at a moment, as seen in a window of width by height pixels."""
    items = graph_of(film, frame, view, width, height)
    items += legend.draw(film, width, height, logarithmic=level_of_view(film, view) == "bands")
    return Picture(width, height, tuple(items), title=film.run.batch.title)


def graph_of(film: Film, frame: Frame, view: View, width: float, height: float) -> list[Item]:
    """The graph alone; the strip of the legend at the bottom stays empty."""
    if level_of_view(film, view) == "bands":
        return bands.draw(film, frame, view, width, height - legend.HEIGHT + 6.0)
    stage = stage_of(film, frame, view, width, height)
    items: list[Item] = []
    for left, layers in tables_of(stage):
        items += clipped(stage, left, [item for _, layer in layers for item in layer(stage)])
    return items


def tables_of(stage: Stage) -> tuple[tuple[float, tuple[tuple[str, Layer], ...]], ...]:
    """The layers of a stage, and the pixel right of which each of the tables shows."""
    left = stage.sight.left
    if folded(stage.film, stage.view):
        return tuple(zip((0.0, left, 0.0), FOLDED))
    before = 0.0 if stage.begins else left
    below = (0.0, GROUND), (before, BEFORE), (left, LAYERS)
    return *below, (0.0, CARDS), (left, OVER), (0.0, AFTER), (0.0, MOVING)


def clipped(stage: Stage, left: float, items: Sequence[Item]) -> list[Item]:
    """Marks that show right of a pixel, and above the legend."""
    box = (left, 0.0, max(stage.sight.width - left, 0.0), stage.sight.height)
    return [Clip(box), *items, Unclip()]


def fit(
    film: Extent,
    width: float,
    height: float,
    level: str = "auto",
    sequence: int = 0,
    step: int | None = None,
    spread: float = MOST_SPREAD,
    whole: bool = False,
) -> View:
    """The view that shows the whole graph, at the nearest level that can be read then; with a
    level given, at least as near as that level needs (unless the `whole` graph must be there), and
    then with `step` in sight. Where width is left over, steps are up to `spread` times as far
    apart."""
    room = height - legend.HEIGHT + 6.0
    view = View(level=level, sequence=sequence)
    if film.timeless:
        return _fit_formula(film, view, width, room)
    if level in film.levels:
        scale = _whole(film, level, width, room)
        if (
            scale < LEGIBLE[level] and not whole
        ):  # not all steps have room: those that have may be read with ease
            high = room / film.layout(level).height
            scale = max(min(high, EASE * LEGIBLE[level]), STRAIN * LEGIBLE[level])
        view = _spread(film, _with_scale(film, view, level, scale), level, width, spread)
        return replace(view, origin=(_first(film, view, level, width, step or 0), 0.0))
    for name in film.levels:
        if name == "numbers" and film.widest > 1:
            continue
        scale = _whole(film, name, width, room)
        if scale >= LEGIBLE[name] and level == "auto":
            view = _with_scale(film, view, name, scale)
            if level_of_view(film, view) != name:
                view = _pinned(film, view, name)
            if level_of_view(film, view) == name:
                return _spread(film, view, name, width, spread)
    across = (width - bands.RAIL - bands.TAIL) / max(film.steps, 1)
    wide = across if level == "bands" else min(across, _nearest(film, "bands"))
    return View(level=level, zoom=wide / film.base, stretch=across / wide, sequence=sequence)


def _fit_formula(film: Extent, view: View, width: float, room: float) -> View:
    """All of a formula in sight; from afar what has a name, if that is much larger then."""
    name = view.level if view.level in film.levels else film.levels[0]
    scale = _whole(film, name, width, room, LARGEST_FORMULA)
    if view.level not in film.levels and scale < LEAST_NUMBERS:
        far = film.levels[-1]
        larger = _whole(film, far, width, room)
        wide = min(larger * film.layout(far).pitch, 0.999 * LEAST_NUMBERS * film.layout(name).pitch)
        if wide / film.layout(far).pitch > MUCH_LARGER * scale:
            name, scale = far, wide / film.layout(far).pitch
        else:
            view = replace(view, level=name)
    return _spread(film, _with_scale(film, view, name, scale), name, width)


def _first(film: Extent, view: View, level: str, width: float, step: int) -> float:
    """The step at the left edge of time, where not all have room: `step` in the middle, but no
    step left out before the first or behind the last that is not needed."""
    rail = rail_px(node_width(view, film.base) / film.layout(level).pitch)
    room = max(math.floor((width - rail) / step_width(view, film.base) + 1e-6), 1)
    return float(max(min(step - (room - 1) // 2, film.steps - room), 0))


def _pinned(film: Extent, view: View, level: str) -> View:
    """A view whose height, not its width, decides the level: narrower steps until it is that."""
    step = min(step_width(view, film.base), _nearest(film, level))
    return replace(view, zoom=step / film.base)


def _nearest(film: Extent, level: str) -> float:
    """The widest step at which a view is not yet of a nearer level than this."""
    nearer = film.levels if level == "bands" else film.levels[: film.levels.index(level)]
    return 0.999 * min((LEGIBLE[n] * film.layout(n).pitch for n in nearer), default=np.inf)


def _spread(film: Extent, view: View, level: str, width: float, most: float = MOST_SPREAD) -> View:
    """Steps further apart where the height left room at the sides."""
    layout = film.layout(level)
    scale = node_width(view, film.base) / layout.pitch
    room = (width - 10.0 - rail_px(scale, layout.rail) - layout.tail * scale) / film.steps
    return replace(view, stretch=float(np.clip(room / step_width(view, film.base), 1.0, most)))


def _whole(
    film: Extent, level: str, width: float, height: float, largest: float = LARGEST_FIT
) -> float:
    layout = film.layout(level)
    steps = film.steps * layout.pitch + layout.tail
    across = (width - 10.0) / (layout.rail + steps)
    if layout.rail * across < RAIL_LEAST and layout.rail:
        across = (width - 10.0 - RAIL_LEAST) / steps
    return float(min(across, height / layout.height, largest))


def _with_scale(film: Extent, view: View, level: str, scale: float) -> View:
    zoom = scale * film.layout(level).pitch / film.base
    return View(level=view.level, zoom=zoom, sequence=view.sequence)
