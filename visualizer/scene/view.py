"""What part of the graph is looked at, how near, and where that lands in pixels.

A `View` is the user's choice (plain, frozen, goes into sessions); a `Sight` is a view on a layout
in a window of some size: the one place where units become pixels. Time has its own zoom: `zoom`
scales all, `stretch` the distance of steps alone. A width of step belongs to every zoom, whatever
the level, so nothing slides sideways when the level changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.template import Node
from visualizer.scene.bent import Folds
from visualizer.scene.layout import RAIL, Layout

Array = NDArray[np.floating[Any]]
ZOOMS = (0.0005, 8.0)  # that the hand reaches
FITTED = (1e-9, 8.0)  # and what shows all of the longest recording
RAIL_LARGEST = 1.15
RAIL_LEAST = 132.0
LEAST_SEEN = 0.5  # px of a step that is in sight
BARE = 12.0  # left of a graph that has no rail
STRETCHES = (0.02, 50.0)
LINES = (0, 1000)


@dataclass(frozen=True, slots=True)
class View:
    """`origin`: the step (a fraction of steps) at the left edge of time, and how far the graph is
    moved down from the centre, in heights of the window. `symbols`: lecture, textbook, pytorch.
    `selected` is a node, or nothing and then `parameter` may name what is selected instead.
    `fold`: 0 unrolled, 1 all steps on one another (`fold`). `follow`: the picture goes with the
    playhead when that leaves it. `wrap`: lines that the steps stand in, 0 as many as it takes
    (`wrapping`); then `origin` counts from the left edge of a line, and from the first one.
    `step_size`: the power of ten of the h of finite differences that is looked at."""

    level: str = "auto"
    zoom: float = 1.0
    stretch: float = 1.0
    origin: tuple[float, float] = (0.0, 0.0)
    sequence: int = 0
    selected: Node | None = None
    symbols: str = "lecture"
    hover: Node | None = None
    parameter: str = ""
    fold: float = 0.0
    follow: bool = True
    wrap: int = 1
    step_size: float = -5.0


@dataclass(frozen=True, slots=True)
class Sight:
    """A layout in a window: scale of nodes, width of a step, left edge of time, top, the range of
    steps [first, last) that is at least partly visible."""

    layout: Layout
    width: float
    height: float
    scale: float
    step: float
    left: float
    x0: float
    y0: float
    first: int
    last: int
    advance: float  # from step to step; less than `step` where the graph is folded
    margin: float = 0.0  # px by which folding has widened every step, at both sides
    folds: Folds | None = None  # how edges bend, where it is folded
    rise: float = 1.0  # times that heights have more of their units than widths (`far`)

    @property
    def spread(self) -> float:
        """Pixels for one unit of X; more than `scale` where time is stretched."""
        return self.step / self.layout.pitch

    @property
    def tall(self) -> float:
        """Pixels for one unit of height."""
        return self.scale * self.rise

    def x(self, t: Any, x: Any, d: Any = 0.0) -> Any:
        """Pixel of a place in step t: x stretches with time, d does not."""
        return self.x0 + t * self.advance + x * self.spread + d * self.scale

    def y(self, y: Any) -> Any:
        return self.y0 + y * self.tall

    def edge(self, t: Any) -> Any:
        """Pixel of the left edge of step t."""
        return self.x0 + t * self.advance


def sight(
    layout: Layout, view: View, base: float, steps: int, width: float, height: float
) -> Sight:
    """The sight of a view; `base` is the width of a step at zoom 1 (the same at every level). Its
    corner lies on a whole pixel, so that what is moved is the same picture elsewhere."""
    step = step_width(view, base)
    scale = node_width(view, base) / layout.pitch
    rail = rail_px(scale, layout.rail)
    x0 = float(np.rint(rail - view.origin[0] * step))
    slack = height - layout.height * scale
    y0 = float(np.rint(slack / 2 - layout.top * scale + view.origin[1] * height))
    first = min(max(math.floor((rail + LEAST_SEEN - x0) / step), 0), steps)
    last = min(max(math.ceil((width - LEAST_SEEN - x0) / step), first), steps)
    return Sight(layout, width, height, scale, step, rail, x0, y0, first, last, step)


def rail_px(scale: float, rail: float = RAIL) -> float:
    """Whole pixels of the rail: never so few that plots below have no room for their numbers."""
    if not rail:
        return BARE
    return float(np.rint(max(RAIL * min(scale, RAIL_LARGEST), RAIL_LEAST)))


def node_width(view: View, base: float) -> float:
    """Pixels that a step's nodes have: of a stretched step no more, of a squeezed one less."""
    return step_width(view, base) / max(view.stretch, 1.0)


def step_width(view: View, base: float) -> float:
    """Pixels of a step."""
    return base * view.zoom * view.stretch


def moved(view: View, base: float, steps: int, dx: float, dy: float, height: float) -> View:
    """The view after a drag by (dx, dy) pixels; at least one step stays in sight."""
    t = view.origin[0] - (dx / step_width(view, base) if view.fold < 1.0 else 0.0)
    y = view.origin[1] + dy / max(height, 1.0)
    return replace(view, origin=(_kept(t, steps), float(np.clip(y, -3.0, 3.0))))


def zoomed(
    view: View, base: float, steps: int, x: float, factor: float, *, time: bool = False
) -> View:
    """The view zoomed by `factor` about the pixel x right of the rail; `time`: time alone."""
    if time:
        stretch = float(np.clip(view.stretch * factor, *STRETCHES))
        new = replace(view, stretch=stretch)
    else:
        # all of a long recording may be further away than the hand can bring it
        low, high = min(ZOOMS[0], view.zoom), max(ZOOMS[1], view.zoom)
        new = replace(view, zoom=float(np.clip(view.zoom * factor, low, high)))
    at = view.origin[0] + x / step_width(view, base)
    t = at - x / step_width(new, base)
    return replace(new, origin=(_kept(t, steps), view.origin[1]))


def _kept(t: float, steps: int) -> float:
    return float(np.clip(t, -0.75, max(steps - 0.5, 0.0)))
