"""The Jacobian lens, on a log axis: σ₁ and ρ of the step Jacobian ∂s_t/∂s_{t−1} at every step that
forward has reached, and as far as backward has come the norm of the product ‖∂s_T/∂s_t‖ beside the
theory that bounds it. s is all that the chain carries (of an LSTM h and a), or the selected slot.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import jacobians
from visualizer.plots import axes as frames
from visualizer.plots.axes import Axes
from visualizer.plots.norms import shown_slot
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Dots, Item, Picture, Polylines, Texts
from visualizer.scene.symbols import layer_mark, name_of
from visualizer.scene.view import View
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Array = NDArray[np.float64]
TITLE = "Step Jacobian"
HELD = "_held"  # behind the name of a state that stands still where its sequence has ended
MOST_STEPS = 20_000
FARTHEST = 2.0  # decades that a bound may lie beyond what is measured and still be drawn whole
RISES = (-13.0, 14.0, -26.0, 27.0)  # px from a point to its number, the best first
CLEAR = 9.0
HIGHEST = 49.0  # px of a number: the subtitle stands above
PER_STEP, PER_NUMBER = 2e-5, 3e-9  # seconds
LARGEST = 300.0  # decades that a number can have


@dataclass(frozen=True, slots=True)
class Lens:
    """Of one chain; all (n,) in the order of `steps` of the time axis, logarithms to base ten.
    `state`: the one of what is carried that is shown, "" for all of it."""

    name: str
    state: str
    steps: NDArray[np.int64]
    segments: NDArray[np.int64]
    sigma: Array
    rho: Array
    rho_steps: NDArray[np.int64]
    product: Array
    bound: Array | None  # ∏ γσ₁(W)
    linear: Array | None  # ρ^lag, of a linear chain
    verdict: str
    backwards: bool


def jacobian_picture(
    film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "log"
) -> Picture:
    """The plot in a window of width by height."""
    g, state = chain_of(film, view)
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    if reason := lacks(film, view):
        items = [*frames.heading(TITLE, ""), frames.note(width, reason)]
        return Picture(width, height, tuple(items), background="plot", title=TITLE)
    lens = lens_of(film, g, b, state, view.symbols)
    axes = frames.axes_of(film, view, width, height, *_range(lens), True)
    items = frames.ground(film, frame, view, axes, width, height)
    one = np.array([[axes.left, float(axes.y(1.0))], [axes.right, float(axes.y(1.0))]])
    items.append(Polylines("threshold", (one,)))
    valued, arrived = _happened(film, frame, lens)
    items += frames.inside(axes, _marks(axes, lens, valued, arrived))
    items += frames.inside(axes, frames.step_labels(axes, frame, film))
    name = lens.name
    before = "t+1" if lens.backwards else "t−1"
    subtitle = f"of ∂{name}_{{t}}/∂{name}_{{{before}}}, log{lens.verdict}"
    items += frames.heading(TITLE, subtitle)
    items += _meter(lens, arrived, 16.0 + width_of(subtitle, STYLES["subtitle"]) + 24.0)
    items += frames.legend(width, frames.fitting(_entries(lens), width - 140.0))
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def lacks(film: Film, view: View) -> str:
    """Why there is nothing to show."""
    g, _ = chain_of(film, view)
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    return "nothing is carried from step to step here" if g < 0 else too_much(film, g, b)


def seconds(film: Film, view: View) -> float:
    """About how long the lens takes."""
    g, state = chain_of(film, view)
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    if g < 0 or lacks(film, view) or film.keeps(_key(g, b, state, view.symbols)):
        return 0.0
    width = jacobians.width_of(film.network.segments[g], g)
    return film.steps * (PER_STEP + PER_NUMBER * width**3)


def chain_of(film: Film, view: View) -> tuple[int, str]:
    """The segment whose state is shown, −1 if none carries any, and the state that is selected
    among several that are carried, else ""."""
    segments = film.network.segments
    g, k = shown_slot(film, view)
    states = jacobians.carried(segments[g], g)
    if not states:
        found = [g for g, s in enumerate(segments) if jacobians.carried(s, g)]
        return (found[-1] if found else -1), ""
    node = view.selected
    chosen = node is not None and (node.segment, node.slot) == (g, k)
    names = {segments[g].slots[state].name for state in states}
    own = {segments[g].slots[k].name, segments[g].slots[k].name + HELD} & names
    return g, own.pop() if chosen and len(states) > 1 and own else ""


def too_much(film: Film, g: int, b: int) -> str:
    width = jacobians.width_of(film.network.segments[g], g)
    start, stop = film.span(b)
    if width > jacobians.WIDEST:
        return f"{width} numbers are carried; Jacobians are drawn up to {jacobians.WIDEST}"
    most = min(MOST_STEPS, jacobians.MOST_NUMBERS // width**2)
    if stop - start > most:
        return f"{stop - start:,} steps; Jacobians of {width} numbers are drawn up to {most:,}"
    return ""


def lens_of(film: Film, g: int, b: int, state: str = "", symbols: str = "lecture") -> Lens:
    """What is drawn; kept with the film."""
    key = _key(g, b, state, symbols)
    lens: Lens = film.kept(key, lambda: _lens(film, g, b, state, symbols))
    return lens


def _key(g: int, b: int, state: str, symbols: str) -> tuple[object, ...]:
    return "lens", g, b, state, symbols


def _lens(film: Film, g: int, b: int, state: str, symbols: str) -> Lens:
    recording, segment = film.recording, film.network.segments[g]
    found = jacobians.step_jacobians(recording, g, b)
    matrices = found.block(state) if state else found.matrices
    places, rho = jacobians.radii(matrices)
    product = jacobians.log_product_norms(found.matrices, found.parts[state] if state else None)
    sigma = _log(jacobians.largest_singular_values(matrices))
    names = [
        name_of(film.network, g, segment.index(each), symbols).removesuffix(HELD)
        for each in found.parts
        if state in ("", each)
    ]
    name = names[0] if len(names) == 1 else f"[{'; '.join(names)}]"
    name += layer_mark(film.network, g)
    bound, linear, verdict = _theory(film, found)
    return Lens(
        name,
        state,
        found.steps,
        found.segments,
        sigma,
        _log(rho),
        found.steps[places],
        product,
        bound,
        linear,
        verdict,
        segment.direction < 0,
    )


def _theory(film: Film, found: jacobians.StepJacobians) -> tuple[Array | None, Array | None, str]:
    """Logarithms of the bound of every product, of ρ^lag of a linear chain; a verdict."""
    theory = jacobians.recurrent_matrices(film.recording, found)
    if theory is None:
        return None, None, ""
    op, w = theory
    count = len(found.steps)
    bound = jacobians.log_bounds(op, w, count)
    if len(w) > 1:
        return bound, None, ""
    linear = None
    if op == "identity":
        linear = float(_log(jacobians.radii(w)[1])[0]) * np.arange(count - 1.0, -1.0, -1.0)
    return bound, linear, _verdict(op, w)


def _log(values: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log10(values))


def _verdict(op: str, w: Array) -> str:
    """What σ₁ of the recurrent matrix says for certain."""
    slope = jacobians.SLOPES[op]
    value = slope * float(jacobians.largest_singular_values(w)[0])
    sign = "¼" if slope != 1.0 else ""
    side = "< 1: vanishing is certain" if value < 1 else "> 1: exploding is possible"
    side = "= 1: neither is certain" if abs(value - 1) < 1e-9 else side
    return f"  ·  {sign}σ₁(W) = {frames.figure(value)} {side}"


def _range(lens: Lens) -> tuple[float, float]:
    """Powers of ten around what is measured, and a bound if it is not far beyond."""
    every = np.concatenate([lens.product, lens.sigma, lens.rho, [0.0]])
    finite = every[np.isfinite(every)]
    low, high = float(finite.min()), float(finite.max())
    for line in (lens.bound, lens.linear):
        if line is not None and len(line):
            near = line[np.isfinite(line) & (line > low - FARTHEST) & (line < high + FARTHEST)]
            low, high = min([low, *near.tolist()]), max([high, *near.tolist()])
    return frames.log_range(10.0 ** np.clip([low, high], -LARGEST, LARGEST))


def _happened(film: Film, frame: Frame, lens: Lens) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of the chain's steps forward has reached, and which backward has."""
    valued, arrived = np.zeros((2, len(lens.steps)), bool)
    for g in dict.fromkeys(lens.segments.tolist()):
        segment = film.network.segments[g]
        k = segment.index(lens.state) if lens.state else jacobians.carried(segment, g)[0]
        t = lens.steps - segment.offset
        for which, (low, high) in ((valued, frame.valued(g, k)), (arrived, frame.complete(g, k))):
            which |= (lens.segments == g) & (t >= low) & (t < high)
    if not film.recording.has_gradients:
        arrived[:] = valued.all()
    return valued, arrived


def _marks(
    axes: Axes, lens: Lens, valued: NDArray[np.bool_], arrived: NDArray[np.bool_]
) -> list[Item]:
    """σ₁ and ρ as far as forward has come; product and theory as far as backward has."""
    items = _line("line-3", axes, lens.steps, lens.sigma, valued)
    known = np.isin(lens.rho_steps, lens.steps[valued])
    items += _line("line-5", axes, lens.rho_steps, lens.rho, known)
    if lens.bound is not None:
        items += _line("line-6", axes, lens.steps, lens.bound, arrived)
    if lens.linear is not None:
        items += _line("line-4", axes, lens.steps, lens.linear, arrived)
    items += _line("line-1", axes, lens.steps, lens.product, arrived)
    return items + _points(axes, lens, arrived)


def _line(
    style: str, axes: Axes, steps: NDArray[np.int64], logs: Array, there: NDArray[np.bool_]
) -> list[Item]:
    """A line through logarithms, cut where it leaves the plot; means where steps share a pixel."""
    order = np.argsort(steps[there])
    x, y = axes.centres[steps[there][order]], _y(axes, logs[there][order])
    columns = max(int(axes.step * len(x)), 1)
    if len(x) > 2 * columns:
        cut = np.arange(columns) * len(x) // columns
        y, x = np.add.reduceat(y, cut) / np.diff(np.append(cut, len(x))), x[cut]
    good = np.isfinite(y)
    points = np.column_stack([x, y])
    if good.sum() == 1:
        return [Dots("packet", points[good], np.full(1, 2.5))]
    pieces = [run[np.isfinite(run[:, 1])] for run in np.split(points, np.flatnonzero(~good))]
    lines = [cut for run in pieces for cut in _cut(run, axes.top - 2.0, axes.bottom + 2.0)]
    return [Polylines(style, (line,)) for line in lines]


def _cut(points: Array, top: float, bottom: float) -> list[Array]:
    """The pieces of a line between two heights."""
    pieces: list[list[Array]] = [[]]
    for a, b in itertools.pairwise(points):
        rise = b[1] - a[1]
        ends = sorted(((h - a[1]) / rise for h in (top, bottom)) if rise else (0.0, 1.0))
        low, high = max(ends[0], 0.0), min(ends[1], 1.0)
        if low >= high or (not rise and not top <= a[1] <= bottom):
            pieces.append([])
            continue
        pieces[-1] += [] if pieces[-1] else [a + low * (b - a)]
        pieces[-1].append(a + high * (b - a))
        if high < 1.0:
            pieces.append([])
    return [np.array(piece) for piece in pieces if len(piece) > 1]


def _points(axes: Axes, lens: Lens, arrived: NDArray[np.bool_]) -> list[Item]:
    """Points of the product where there is room, with their numbers where there is more."""
    inside = (lens.steps >= axes.first) & (lens.steps < axes.last) & np.isfinite(lens.product)
    shown = np.flatnonzero(arrived & inside)
    if not axes.roomy or not len(shown):
        return []
    points = np.column_stack([axes.centres[lens.steps[shown]], _y(axes, lens.product[shown])])
    items: list[Item] = [Dots("packet", points, np.full(len(shown), 3.2))]
    if axes.step >= 42.0:
        words = tuple(power(float(lens.product[k])) for k in shown)
        beside = [[0.0, _free_side(axes, lens, int(k))] for k in shown]
        items.append(Texts("bar-label", points + np.array(beside), words, "middle"))
    return items


def _meter(lens: Lens, arrived: NDArray[np.bool_], x: float) -> list[Item]:
    """The product of all factors that backward has gone through, after the subtitle."""
    if not arrived.any():
        return []
    n = int(np.argmax(arrived))  # the farthest from T
    count = len(lens.steps) - 1 - n
    words = f"product of {count} factors: {power(float(lens.product[n]), 7)}"
    return [Texts("bar-note", np.array([[x, 36.0]]), (words,))] if count > 0 else []


def _y(axes: Axes, logs: Array) -> Array:
    """Pixels of logarithms, beyond the plot too."""
    low, high = math.log10(axes.low), math.log10(axes.high)
    return np.asarray(axes.bottom + (logs - low) / (high - low) * (axes.top - axes.bottom))


def _free_side(axes: Axes, lens: Lens, k: int) -> float:
    """How far above or below a point of the product its number is clear of all lines."""
    lines = [lens.sigma, lens.bound, lens.linear, np.interp(lens.steps, *_sorted(lens))]
    others = [_y(axes, line[k : k + 1])[0] for line in lines if line is not None]
    others.append(float(axes.y(1.0)))
    here = float(_y(axes, lens.product[k : k + 1])[0])
    away = {rise: min(abs(here + rise - y) for y in others) for rise in RISES}
    fits = [rise for rise in RISES if HIGHEST <= here + rise <= axes.bottom - 6.0]
    free = [rise for rise in fits if away[rise] >= CLEAR]
    return free[0] if free else max(fits or RISES, key=lambda rise: away[rise])


def _sorted(lens: Lens) -> tuple[Array, Array]:
    order = np.argsort(lens.rho_steps)
    return lens.rho_steps[order].astype(float), lens.rho[order]


def power(log: float, digits: int = 2) -> str:
    """Ten to the power of `log`, whatever its size: in a figure's digits, or in so many."""
    if not np.isfinite(log) or (abs(log) < LARGEST and digits == 2):
        return frames.figure(10.0**log)
    if abs(log) < 4.0:
        return f"{10.0**log:.{digits}g}".replace("-", "−")
    whole = int(np.floor(log))
    return f"{10 ** (log - whole):.{digits - 1}f}e{whole}".replace("-", "−")


def _entries(lens: Lens) -> list[tuple[str, str]]:
    name, linear = lens.name, lens.linear is not None
    end, lag = ("1", "t−1") if lens.backwards else ("T", "T−t")
    entries: list[tuple[str, str]] = [
        ("line-1", f"‖∂{name}_{{{end}}}/∂{name}_{{t}}‖" + (f" = ‖W^{{{lag}}}‖" if linear else "")),
        ("line-3", "σ₁ of the step"),
        ("line-5", "ρ of the step"),
    ]
    if lens.bound is not None:
        sign = "¼" if "¼" in lens.verdict else ""
        entries.append(("line-6", f"({sign}σ₁(W))^{{{lag}}}"))
    if linear:
        entries.append(("line-4", f"ρ(W)^{{{lag}}}"))
    return entries
