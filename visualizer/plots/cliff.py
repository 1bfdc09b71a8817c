"""The cliff: the loss over the recurrent weight and the bias of one unit, where the parameters
stand on it, and where one update takes them: as it is, clipped by norm, clipped by value. The
gradient and its steps show once backward is through.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.surface import NEEDS, Plane, losses, plane_of
from visualizer.plots import axes as frames
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.picture import (
    Clip,
    Dots,
    Heat,
    Item,
    Picture,
    Polylines,
    Rects,
    Texts,
    Unclip,
    level_of,
)
from visualizer.scene.symbols import matrix_of
from visualizer.scene.view import View
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Array = NDArray[np.float64]
SURFACE = 0.5  # seconds
TITLE = "Cliff"
LEFT, RIGHT = 150.0, 24.0
TABLE = 372.0  # px of the numbers at the right
NARROW = 700.0  # px of the whole below which there are no numbers
HALF = (2.0, 1.5)  # of the range of w and of b
CELLS = (200, 90)
MOST = 1.2e6  # pairs × steps × sequences
STYLES_OF = ("line-1", "line-4", "line-3")
SHORT = 5.0  # px of a step below which it has no arrowhead


@dataclass(frozen=True, slots=True)
class Step:
    """One way to take the step: what it is called, by how much both numbers move, ℒ there."""

    words: str
    chosen: bool
    w: float
    b: float
    loss: float


@dataclass(frozen=True, slots=True)
class Cliff:
    """`surface` (rows b, columns w) over [w0, w1] × [b0, b1]; row 0 is the highest b."""

    names: tuple[str, str]
    box: tuple[float, float, float, float]
    surface: Array
    here: tuple[float, float]
    loss: float
    gradient: tuple[float, float]
    steps: tuple[Step, ...]


def cliff_picture(
    film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "linear"
) -> Picture:
    """The plot in a window of width by height. It has no time axis: its axes are w and b."""
    plane = plane_of(film.network)
    reason = lacks(film, view)
    if plane is None or reason:
        items = [*frames.heading(TITLE, ""), frames.note(width, reason)]
        return Picture(width, height, tuple(items), background="plot", title=TITLE)
    cliff: Cliff = film.kept(("cliff",), lambda: cliff_of(film, plane))
    table = width >= NARROW
    right = max(width - (TABLE if table else RIGHT), LEFT + 40.0)
    place = _Place(cliff.box, LEFT, frames.TOP, right, max(height - frames.BOTTOM, frames.TOP + 10))
    subtitle = f"the loss over {cliff.names[0]} and {cliff.names[1]}"
    items = [*frames.heading(TITLE, subtitle), *_surface(cliff, place)]
    known = frame.position >= 1.0 or frame.left_behind() == (0, film.steps)
    items += _steps(cliff, place, known)
    if table:
        items += _table(cliff, film, (right + 30.0, width - RIGHT, height), known)
    if known:
        x = 16.0 + width_of(subtitle, STYLES["subtitle"]) + 24.0
        items.append(Texts("bar-note", np.array([[x, 36.0]]), (_gradient_words(cliff),)))
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def lacks(film: Film, view: View) -> str:
    """Why there is nothing to show."""
    if plane_of(film.network) is None:
        return NEEDS
    return "" if film.recording.has_gradients else "no losses, so there is no surface"


def seconds(film: Film, view: View) -> float:
    """About how long the surface takes."""
    return 0.0 if film.keeps(("cliff",)) or lacks(film, view) else SURFACE


def cliff_of(film: Film, plane: Plane) -> Cliff:
    """Surface and steps of a film whose network has the two numbers."""
    recording, run = film.recording, film.run
    w = float(recording.parameters[plane.weight][0, 0])
    b = float(recording.parameters[plane.bias][0])
    box = (round(w) - HALF[0], round(w) + HALF[0], *_around(b))
    readouts = sum(s.steps for s in film.network.segments if s.kind == "readout")
    columns, rows = _cells((recording.steps + 3 * readouts) * recording.batch)
    across = np.linspace(box[0], box[1], 2 * columns + 1)[1::2]
    down = np.linspace(box[3], box[2], 2 * rows + 1)[1::2]
    grid = [a.ravel() for a in np.meshgrid(across, down)]
    with np.errstate(all="ignore"):
        surface = losses(recording, plane, *grid).reshape(rows, columns)
    g = (
        float(recording.gradients[plane.weight][0, 0]),
        float(recording.gradients[plane.bias][0]),
    )
    experiment = run.experiment
    at, rate = experiment.clip_at, experiment.learning_rate
    factor = min(1.0, at / (run.gradient_norm + 1e-6))
    ways = (
        ("as it is", "off", g),
        (f"‖g‖ ≤ {at:g}", "norm", (g[0] * factor, g[1] * factor)),
        (f"entries ≤ {at:g}", "value", tuple(float(np.clip(v, -at, at)) for v in g)),
    )
    ends = [(w - rate * v[0], b - rate * v[1]) for _, _, v in ways]
    with np.errstate(all="ignore"):
        there = losses(recording, plane, *(np.array(e) for e in zip(*ends, strict=True)))
    steps = tuple(
        Step(words, experiment.clip == clip, end[0] - w, end[1] - b, float(loss))
        for (words, clip, _), end, loss in zip(ways, ends, there, strict=True)
    )
    names = matrix_of(plane.weight), matrix_of(plane.bias)
    return Cliff(names, box, surface, (w, b), recording.loss, g, steps)


def _around(b: float) -> tuple[float, float]:
    middle = round(2.0 * b) / 2.0
    return middle - HALF[1], middle + HALF[1]


def _cells(each: int) -> tuple[int, int]:
    """Columns and rows of the surface: fewer where one of them takes long."""
    share = min(1.0, math.sqrt(MOST / max(each * CELLS[0] * CELLS[1], 1)))
    return max(int(CELLS[0] * share), 8), max(int(CELLS[1] * share), 6)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the box of (w, b) stands in pixels."""

    box: tuple[float, float, float, float]
    left: float
    top: float
    right: float
    bottom: float

    def x(self, w: Any) -> Any:
        return self.left + (w - self.box[0]) / (self.box[1] - self.box[0]) * (
            self.right - self.left
        )

    def y(self, b: Any) -> Any:
        return self.bottom - (b - self.box[2]) / (self.box[3] - self.box[2]) * (
            self.bottom - self.top
        )

    @property
    def frame(self) -> tuple[float, float, float, float]:
        return self.left, self.top, self.right - self.left, self.bottom - self.top


def _surface(cliff: Cliff, place: _Place) -> list[Item]:
    """The heat map with numbers on both axes and its scale."""
    finite = cliff.surface[np.isfinite(cliff.surface)]
    top = float(finite.max(initial=0.0))
    usual = 3.0 * float(np.median(finite)) if finite.size else 0.0
    beyond = top > 10.0 * usual > 0.0  # a loss that explodes would leave all else white
    top = usual if beyond else top
    levels = level_of(cliff.surface, top, signed=False)
    items: list[Item] = [Heat("gate", place.frame, levels, "the loss")]
    for axis, (low, high) in enumerate((place.box[:2], place.box[2:])):
        few = axis == 1 and place.bottom - place.top < 60.0
        ticks = frames.linear_ticks(low, high, 2 if few else 4)
        words = [frames.tick_text(t) for t in ticks]
        named = 0 if axis == 0 else len(ticks) - 1
        words[named] = f"{cliff.names[axis]} = {words[named]}"
        if axis == 0:
            places = [[float(place.x(t)), place.bottom + 14.0] for t in ticks]
        else:
            places = [[place.left - 9.0, float(place.y(t))] for t in ticks]
        anchor = "middle" if axis == 0 else "end"
        items.append(Texts("axis-text", np.array(places), tuple(words), anchor))  # type: ignore[arg-type]
    ramp = np.arange(1, 256, dtype=np.uint8)[None]
    end = place.right - width_of(words_of(top, beyond), STYLES["legend-text"]) - 6.0
    items.append(Heat("gate", (end - 76.0, 13.0, 70.0, 8.0), ramp))
    items.append(Texts("legend-text", np.array([[end, 17.0]]), (words_of(top, beyond),)))
    items.append(Texts("legend-text", np.array([[end - 82.0, 17.0]]), ("ℒ  0",), "end"))
    return items


def words_of(top: float, beyond: bool) -> str:
    return ("≥ " if beyond else "") + frames.figure(top)


def _steps(cliff: Cliff, place: _Place, known: bool) -> list[Item]:
    """The point and, once the gradient is there, its steps at their true length."""
    start = np.array([place.x(cliff.here[0]), place.y(cliff.here[1])])
    items: list[Item] = [Clip(place.frame)]
    for style, step in zip(STYLES_OF, cliff.steps, strict=True):
        end = np.array([place.x(cliff.here[0] + step.w), place.y(cliff.here[1] + step.b)])
        if not known or not np.isfinite(end).all():
            continue
        cut = _inside(start, end, place)
        length = float(np.hypot(*(cut - start)))
        arrow = "end" if length > SHORT else "none"
        if length > 0.0:
            line = (np.array([start, cut]),)
            items.append(Polylines(style, line, np.array([2.4]), arrow))  # type: ignore[arg-type]
    items.append(Dots("packet-halo", start[None], np.array([6.0])))
    items.append(Dots("packet", start[None], np.array([3.4])))
    return [*items, Unclip()]


def _inside(start: Array, end: Array, place: _Place) -> Array:
    """Where a step leaves the box, a little before its edge; its end if it stays inside."""
    low = np.array([place.left, place.top]) + 3.0
    high = np.array([place.right, place.bottom]) - 3.0
    way = end - start
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(way > 0, (high - start) / way, np.where(way < 0, (low - start) / way, 1))
    return np.asarray(start + way * float(np.clip(np.nanmin(shares), 0.0, 1.0)))


def _table(cliff: Cliff, film: Film, room: tuple[float, float, float], known: bool) -> list[Item]:
    """One row a step: how far it goes, and the loss where it ends. `room`: left, right, bottom."""
    left, right, bottom = room
    w, b = cliff.names
    rate = film.run.experiment.learning_rate
    columns = (right - 152.0, right - 78.0, right)
    y = frames.TOP + 8.0
    pitch = min(25.0, (bottom - y - 12.0) / len(cliff.steps))
    items: list[Item] = [Texts("legend-text", np.array([[left, y]]), (f"step of rate {rate:g}",))]
    heads = np.array([[x, y] for x in columns])
    items.append(Texts("legend-text", heads, (f"Δ{w}", f"Δ{b}", "ℒ there"), "end"))
    for n, (style, step) in enumerate(zip(STYLES_OF, cliff.steps, strict=True)):
        row = y + pitch * (n + 1)
        text = "bar-label" if step.chosen else "axis-text"
        if step.chosen:
            ground = np.array([[left - 10.0, row - pitch / 2, right - left + 18.0, pitch - 1.0]])
            items.append(Rects("table-row", ground))
        line = np.array([[left, row], [left + 20.0, row]])
        items.append(Polylines(style, (line,), np.array([2.4])))
        items.append(Texts(text, np.array([[left + 28.0, row]]), (step.words,)))
        told = (signed(step.w), signed(step.b), exact(step.loss)) if known else ("…",) * 3
        items.append(Texts(text, np.array([[x, row] for x in columns]), told, "end"))
    return items


def signed(value: float, digits: int = 3) -> str:
    """A number with its sign and so many digits: +6.62, −0.01."""
    text = exact(abs(value), digits)
    return text if value == 0 else f"{'+' if value > 0 else '−'}{text}"


def exact(value: float, digits: int = 3) -> str:
    """A number of so many significant digits; words where it is not finite."""
    return f"{value:.{digits}g}".replace("-", "−") if math.isfinite(value) else "not finite"


def _gradient_words(cliff: Cliff) -> str:
    w, b = cliff.names
    (gw, gb), loss = cliff.gradient, exact(cliff.loss, 5)
    return f"ℒ {loss}   ∂ℒ/∂{w} {signed(gw, 5)}   ∂ℒ/∂{b} {signed(gb, 5)}"
