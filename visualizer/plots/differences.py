"""Trust, but verify: the error of a gradient by finite differences over the step size h, both by
logarithm: a V for central differences, and no floor for the complex step. The line stands at the
h that is looked at.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.differences import EACH, LARGEST, SMALLEST, Differences, differences
from visualizer.plots import axes as frames
from visualizer.plots.axes import Axes
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Dots, Item, Picture, Polylines, Texts
from visualizer.scene.symbols import matrix_of
from visualizer.scene.view import View

TITLE = "Trust, but verify"
LEFT, RIGHT, BOTTOM = 124.0, 24.0, 34.0
LOW, HIGH = 1e-17, 1.0
PER_NODE = 6e-6  # seconds of a loss
MOST_NODES = 40_000  # of a recording that is run again a hundred times


def differences_picture(
    film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "log"
) -> Picture:
    """The plot in a window of width by height."""
    if reason := lacks(film, view):
        items = [*frames.heading(TITLE, ""), frames.note(width, reason)]
        return Picture(width, height, tuple(items), background="plot", title=TITLE)
    found = found_of(film, view)
    right, bottom = max(width - RIGHT, LEFT + 1.0), max(height - BOTTOM, frames.TOP + 10.0)
    axes = Axes(LEFT, right, frames.TOP, bottom, LOW, HIGH, True, np.zeros(0), 1.0, 0, 0)
    items = _ground(axes)
    curves = (
        ("line-4", "forward differences", found.forward),
        ("line-1", "central differences", found.central),
        ("line-3", "complex step", found.complex_step),
    )
    x = _x(axes, found.h)
    for style, _, errors in curves:
        good = np.isfinite(errors)
        points = np.column_stack([x, axes.y(np.maximum(errors, LOW))])[good]
        items += [Polylines(style, (points,))] if len(points) > 1 else []
    n = at(found, view)
    items.append(Polylines("playhead", (np.array([[x[n], axes.top], [x[n], axes.bottom]]),)))
    y = float(axes.y(max(found.central[n], LOW)))
    items.append(Dots("packet", np.array([[x[n], y]]), np.array([4.0])))
    items += frames.heading(TITLE, _words(found, n))
    shown = [(style, words) for style, words, errors in curves if np.isfinite(errors).any()]
    items += frames.legend(width, frames.fitting(shown, width - 220.0))
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def at(found: Differences, view: View) -> int:
    """Which of the step sizes is looked at."""
    return min(max(round((LARGEST - view.step_size) * EACH), 0), len(found.h) - 1)


def lacks(film: Film, view: View) -> str:
    """Why there is nothing to show."""
    recording = film.recording
    if not recording.has_gradients or not recording.parameters:
        return "no gradient of a parameter here"
    if recording.dtype != np.float64:
        return "float32 rounds too soon: choose Numbers: float64"
    if recording.nodes > MOST_NODES:
        return f"{recording.nodes:,} nodes would be run a hundred times; {MOST_NODES:,} at most are"
    return ""


def seconds(film: Film, view: View) -> float:
    """About how long the curves take."""
    if lacks(film, view) or film.keeps(("differences", _name(film, view))):
        return 0.0
    return 3 * ((LARGEST - SMALLEST) * EACH + 1) * film.recording.nodes * PER_NODE


def found_of(film: Film, view: View) -> Differences:
    """The errors, kept with the film."""
    name = _name(film, view)
    found: Differences = film.kept(("differences", name), lambda: differences(film.recording, name))
    return found


def _name(film: Film, view: View) -> str:
    """The parameter that is selected, else the recurrent one."""
    names = list(film.recording.parameters)
    if view.parameter in names:
        return view.parameter
    return next((name for name in names if name.startswith(("W_hh", "W"))), names[0])


def _words(found: Differences, n: int) -> str:
    entry = ", ".join(str(i + 1) for i in found.entry)
    h, error = f"{found.h[n]:.1e}", f"{found.central[n]:.1e}"
    said = f"∂ℒ/∂{matrix_of(found.name)}[{entry}] = {found.gradient:.6g}; at h = {h} central "
    said += f"differences are off by {error}"
    if np.isfinite(found.complex_step[n]):
        said += f", the complex step by {found.complex_step[n]:.1e}"
    return said.replace("e-", "e−")


def _x(axes: Axes, h: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pixels of step sizes, the small ones at the left."""
    unit = (np.log10(h) - SMALLEST) / (LARGEST - SMALLEST)
    return np.asarray(axes.left + unit * (axes.right - axes.left))


def _ground(axes: Axes) -> list[Item]:
    ticks = [10.0**k for k in range(-16, 1, 2)]
    heights = [float(axes.y(t)) for t in ticks]
    lines = tuple(np.array([[axes.left, y], [axes.right, y]]) for y in heights)
    apart = abs(heights[0] - heights[1])
    every = max(1, int(np.ceil(16.0 / max(apart, 1e-9))))
    places = np.array([[axes.left - 9.0, y] for y in heights[::every]])
    words = tuple(frames.tick_text(t, True) for t in ticks[::every])
    items: list[Item] = [Polylines("grid", lines), Texts("axis-text", places, words, "end")]
    powers = list(range(SMALLEST, LARGEST + 1))
    x = _x(axes, 10.0 ** np.array(powers, float))
    x[-1] = min(float(x[-1]), axes.right - 14.0)
    under = np.column_stack([x, np.full(len(x), axes.bottom + 14.0)])
    said = tuple(f"10^{{{k}}}".replace("-", "−") for k in powers)
    items.append(Texts("axis-text", under, said, "middle"))
    aside = np.array([[axes.left - 40.0, axes.bottom + 14.0]])
    return [*items, Texts("axis-text", aside, ("h",), "end")]
