"""The steps of a graph in several lines, as a text has them: for print, and for thousands of steps
that one wants to read.

`View.wrap` says how many lines (`AUTO`: as many as the zoom asks for). Here stands how many steps
a line has and where it is; how it is drawn: `wrapped`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from engine.template import ALL
from visualizer.scene.compose import (
    EASE,
    MOST_RISE,
    Tile,
    fit,
    level_of_view,
)
from visualizer.scene.film import Film
from visualizer.scene.layers import bands, legend
from visualizer.scene.levels import LEGIBLE
from visualizer.scene.view import View, node_width, rail_px, step_width

AUTO, ONE = 0, 1
STRIP = legend.HEIGHT - 6.0
GAP = 26.0  # px between two lines
AROUND = 8.0  # px above the first line and below the last, on paper
BAND, BANDS_AROUND = 58.0, bands.HEAD + bands.FOOT + bands.LOSSES[0]  # heights for print
THIN = 2.0  # px of a step of bands that are wrapped automatically
TRIED = 60  # numbers of lines that are compared


def wraps(film: Film, view: View) -> bool:
    """Whether a view shows a film in several lines."""
    return view.wrap != ONE and not obstacle(film, view)


def obstacle(film: Film, view: View) -> str:
    """Why a film cannot be shown in several lines, and what to do; nothing where it can be."""
    if film.timeless:
        return "a formula has no steps to wrap; leave it in one line"
    if film.steps < 2:
        return "one step needs no second line; give a longer sequence"
    if view.fold > 0.0:
        return "a folded graph is one step, which needs no second line; unroll it first"
    level = level_of_view(film, view)
    if level != "bands" and joins(film, level):
        return "what reads all steps at once goes over no end of a line; choose the level bands"
    return ""


def joins(film: Film, level: str) -> bool:
    """Whether anything joins all steps: no line of them can be drawn by itself."""

    def found() -> bool:
        layout = film.layout(level)
        wide = any(mark.kind == "wide" for mark in layout.marks)
        return wide or bool(layout.fans) or any(link.reach == ALL for link in layout.links)

    return bool(film.kept(("joins all steps", level), found))


@dataclass(frozen=True, slots=True)
class Line:
    """The steps [first, last) of one line, at the height `top`."""

    first: int
    last: int
    top: float


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines: `per` steps in each, `tall` px high, the first at the height `top`."""

    level: str
    steps: int
    per: int
    tall: float
    top: float

    @property
    def count(self) -> int:
        return -(-self.steps // self.per)

    @property
    def window(self) -> float:
        """Height of the window in which a line is a graph by itself."""
        return self.tall + STRIP

    def line(self, k: int) -> Line:
        last = min((k + 1) * self.per, self.steps)
        return Line(k * self.per, last, float(np.rint(self.top + k * self.tall)))

    def view(self, view: View, line: Line) -> View:
        """The view in which a line is a graph by itself."""
        most = line.last - line.first - 1.0
        aside = min(max(view.origin[0], 0.0), most) if view.wrap != AUTO else 0.0
        return replace(view, level=self.level, wrap=ONE, origin=(line.first + aside, 0.0))

    def seen(self, height: float) -> list[Line]:
        """Those that are at least partly in a window."""
        room = height - STRIP
        first = min(max(math.floor(-self.top / self.tall), 0), self.count)
        last = min(max(math.ceil((room - self.top) / self.tall), first), self.count)
        return [self.line(k) for k in range(first, last)]

    def at(self, y: float) -> Line | None:
        """The line at a height."""
        k = math.floor((y - self.top) / self.tall)
        return self.line(k) if 0 <= k < self.count else None


def lines_of(film: Film, view: View, width: float, height: float) -> Lines:
    """The lines of a view in a window: from its top on as they are scrolled, or in the middle of it
    where all have room."""
    level = level_of_view(film, view)
    per = per_line(film, view, width, level)
    count, room = -(-film.steps // per), height - STRIP
    natural = _natural(film, view, level)
    tall = natural
    if math.isfinite(height):
        most = room if level == "bands" else natural * MOST_RISE
        tall = min(max(natural, room / count), most) if natural * count <= room else natural
        if level == "bands":
            tall = max(min(room / count, natural), _least(film))
    over = count * tall - room
    top = min(max(view.origin[1] * height, -over), 0.0) if over > 0 else -over / 2
    return Lines(level, film.steps, per, tall, top if math.isfinite(height) else 0.0)


def per_line(film: Film, view: View, width: float, level: str) -> int:
    """How many steps a line has."""
    if view.wrap != AUTO:
        return -(-film.steps // min(view.wrap, film.steps))
    room = width - _left(film, view, level) - bands.TAIL / 2
    return min(max(math.floor(room / step_width(view, film.base)), 1), film.steps)


def _left(film: Film, view: View, level: str) -> float:
    if level == "bands":
        return bands.RAIL
    layout = film.layout(level)
    return rail_px(node_width(view, film.base) / layout.pitch, layout.rail)


def _natural(film: Film, view: View, level: str) -> float:
    """How high a line wants to be."""
    if level == "bands":
        return BANDS_AROUND + BAND * _bands(film, gates=True)
    layout = film.layout(level)
    return layout.height * node_width(view, film.base) / layout.pitch + GAP


def _least(film: Film) -> float:
    """Below it bands of a line cannot be told apart."""
    return BANDS_AROUND + bands.LEAST * _bands(film, gates=False)


def _bands(film: Film, *, gates: bool) -> int:
    return int(film.kept(("bands of a line", gates), lambda: bands.count(film, gates=gates)))


# ---- fitting


@dataclass(frozen=True, slots=True)
class _Part:
    """One line of a film as something to be fitted."""

    film: Film
    steps: int

    @property
    def base(self) -> float:
        return self.film.base

    @property
    def levels(self) -> tuple[str, ...]:
        return self.film.levels

    @property
    def widest(self) -> int:
        return self.film.widest

    @property
    def timeless(self) -> bool:
        return False

    def pitches(self) -> dict[str, float]:
        return self.film.pitches()

    def layout(self, level: str) -> Tile:
        return self.film.layout(level)


def fitted(
    film: Film, width: float, height: float, level: str, sequence: int, wrap: int, step: int = 0
) -> View:  # fmt: skip
    """The view that shows all steps in so many lines, as large as they can be, and so large that
    they can be read at a level that is given; in a window of no height (inf), as high as they want
    to be. Where not all lines have room, with that of `step` in sight."""
    count, room = min(wrap, film.steps), height
    if wrap == AUTO:
        count = _best(film, level, width, height)
        if not count:  # more than the window has: they are scrolled
            count, room = _read_with_ease(film, level, width), math.inf
    view = replace(_fitted(film, width, room, level, count), sequence=sequence, wrap=wrap)
    if math.isinf(height):
        return view
    if wrap != AUTO and not _legible(film, view, level):  # lines are scrolled, and pushed aside
        view = replace(_fitted(film, width, math.inf, level, count), sequence=sequence, wrap=wrap)
        if not _legible(film, view, level):
            wide = _fitted(film, width, math.inf, level, count, whole=False)
            view = replace(wide, sequence=sequence, wrap=wrap)
    lines = lines_of(film, view, width, height)
    down = (step // lines.per + 0.5) * lines.tall - (height - STRIP) / 2
    return replace(view, origin=(view.origin[0], min(-down, 0.0) / height))


def _fitted(
    film: Film, width: float, height: float, level: str, count: int, *, whole: bool = True
) -> View:
    room = (height - STRIP) / count - GAP
    part = _Part(film, -(-film.steps // count))
    return fit(part, width - bands.TAIL, max(room, 1.0) + STRIP, level, whole=whole)


def _legible(film: Film, view: View, level: str) -> bool:
    """Whether the names of nodes can be read; bands, and a level that is free, look after that."""
    return level not in film.levels or _scale(film, view, level) >= LEGIBLE[level] - 1e-9


def _best(film: Film, level: str, width: float, height: float) -> int:
    """The number of lines at which nodes are largest, at the nearest level at which all can be read
    in the window; 0 where at none."""
    names = [level] if level in film.levels else _near(film)
    for name in names if math.isfinite(height) and level != "bands" else ():
        counts = range(1, min(film.steps, TRIED) + 1)
        sizes = [_scale(film, _fitted(film, width, height, name, n), name) for n in counts]
        if max(sizes) >= LEGIBLE[name]:
            return counts[int(np.argmax(sizes))]
    return 0


def _near(film: Film) -> list[str]:
    """The levels that are chosen from."""
    return [name for name in film.levels if name != "numbers" or film.widest == 1]


def _read_with_ease(film: Film, level: str, width: float) -> int:
    """How many lines it takes until steps are wide enough, however high that is."""
    if level == "bands":
        room = (width - bands.RAIL - bands.TAIL) / THIN
    else:
        name = level if level in film.levels else _near(film)[-1]
        layout, scale = film.layout(name), EASE * LEGIBLE[name]
        room = (width - rail_px(scale, layout.rail) - 2 * bands.TAIL) / (layout.pitch * scale)
    return -(-film.steps // max(math.floor(room), 1))


def _scale(film: Film, view: View, level: str) -> float:
    return node_width(view, film.base) / film.layout(level).pitch
