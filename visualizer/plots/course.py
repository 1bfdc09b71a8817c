"""What went with the loss while a network learnt, panels side by side over the same updates: the
norm of the gradient and where it was clipped, saturated gates, the learning rate, and how often a
step read the truth. Losses and norms by step are in `learning`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.history import GATE, History
from engine.training.trained import Trained
from visualizer.plots import axes as frames
from visualizer.plots.axes import Axes
from visualizer.plots.learning import shown_update
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Item, Picture, Polylines, Rects, Texts
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View

Array = NDArray[Any]
TITLE = "Course of training"
UNTRAINED = "not trained yet: press Train"
LEFT, BETWEEN, RIGHT, BOTTOM = 124.0, 66.0, 24.0, 30.0
HEAD, TOP = 60.0, 78.0  # titles of the panels; where their axes end
TICK = 5.0  # px of a mark of a clipped update
APART = 12.0  # px from one name to the next
NARROW = 110.0  # px of a panel; where there is less, the last ones have no room


@dataclass(frozen=True, slots=True)
class Panel:
    """One figure over the updates: `lines` are (name, values); `level` a height worth a line."""

    title: str
    lines: tuple[tuple[str, Array], ...]
    log: bool = False
    share: bool = False  # from 0 to 1
    level: float = 0.0
    marks: Array | None = None  # updates that a tick stands under


def course_picture(
    sheet: Sheet, shown: tuple[Frame, ...], view: View, width: float, height: float, scale: str
) -> Picture:
    """As many panels as have room."""
    learnt = sheet.learnt[sheet.hand]
    if learnt is None or len(learnt.trained.history.updates) < 2:
        items = [*frames.heading(TITLE, ""), frames.note(width, UNTRAINED)]
        return Picture(width, height, tuple(items), background="plot", title=TITLE)
    trained = learnt.trained
    panels = _seen(trained, width)
    items = frames.heading(TITLE, _words(trained.history))
    each = (width - LEFT - RIGHT + BETWEEN) / len(panels)
    for n, panel in enumerate(panels):
        left = LEFT + n * each
        axes = _axes(panel, trained.history, left, left + each - BETWEEN, height)
        items += _drawn(panel, trained.history, axes)
        items += shown_update(sheet, axes, trained.history.updates.astype(float))
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def update_at(sheet: Sheet, x: float, y: float, width: float, height: float) -> int | None:
    """The update at a pixel of the panel that it is in, told by how many are behind it."""
    learnt = sheet.learnt[sheet.hand]
    if learnt is None or len(learnt.trained.history.updates) < 2:
        return None
    each = (width - LEFT - RIGHT + BETWEEN) / len(_seen(learnt.trained, width))
    share = ((x - LEFT) % each if x > LEFT else 0.0) / (each - BETWEEN)
    return round(min(share, 1.0) * learnt.trained.history.count)


def _seen(trained: Trained, width: float) -> list[Panel]:
    """The panels that have room."""
    room = width - LEFT - RIGHT + BETWEEN
    return panels_of(trained)[: max(int(room / (NARROW + BETWEEN)), 1)]


def panels_of(trained: Trained) -> list[Panel]:
    """What there is to be seen of a training."""
    curves, experiment = trained.history.curves, trained.experiment
    clipped = curves["clip_factor"] < 1
    by_norm = experiment.clip == "norm"
    found = [
        Panel(
            "‖g‖" + (f", clipped at {experiment.clip_at:g}" * by_norm),
            (("", curves["gradient_norm"]),),
            log=True,
            level=experiment.clip_at if by_norm else 0.0,
            marks=clipped if clipped.any() else None,
        )
    ]
    gates = _gates(curves)
    if gates:
        found.append(Panel("saturated gates", gates, share=True))
    found.append(Panel("learning rate", (("", curves["rate"]),)))
    if trained.training.sampling != "teacher" or (curves["probability"] < 1).any():
        read = (("", curves["probability"]),)
        found.append(Panel("truth read, share ε", read, share=True))
    return found


def _gates(curves: dict[str, Array]) -> tuple[tuple[str, Array], ...]:
    """The saturated share of each gate, in a stack the mean over its layers."""
    found: dict[str, list[Array]] = {}
    for name, values in curves.items():
        if name.startswith(GATE):
            found.setdefault(name.removeprefix(GATE).split("^")[0], []).append(values)
    return tuple((name, np.mean(layers, axis=0)) for name, layers in found.items())


def _words(history: History) -> str:
    share = float((history.curves["clip_factor"] < 1).mean())
    said = f"{history.count:,} updates"
    return f"{said}, the gradient of {share:.0%} was clipped" if share else said


def _drawn(panel: Panel, history: History, axes: Axes) -> list[Item]:
    left, right = axes.left, axes.right
    items: list[Item] = [Texts("subtitle", np.array([[left, HEAD]]), (panel.title,))]
    items += _ground(axes, history)
    if panel.level and axes.low < panel.level < axes.high:
        y = float(axes.y(panel.level))
        items.append(Polylines("threshold", (np.array([[left, y], [right, y]]),)))
    if panel.marks is not None:
        x = np.unique(np.round(axes.centres[panel.marks]))
        sizes = np.broadcast_to([1.0, TICK], (len(x), 2))
        places = np.column_stack([x - 0.5, np.full(len(x), axes.bottom - TICK), sizes])
        items.append(Rects("bar-later", places, radius=0.0))
    for n, (_, values) in enumerate(panel.lines):
        items += frames.line(f"line-{n + 1}", axes, values, np.arange(len(values)))
    return items + _names(panel, axes)


def _names(panel: Panel, axes: Axes) -> list[Item]:
    """What the lines are, where they end, so far apart that one can read it."""
    items: list[Item] = []
    ends = [
        (float(np.nan_to_num(axes.y(v[-1]))), n, s) for n, (s, v) in enumerate(panel.lines) if s
    ]
    lowest = axes.bottom - APART * (len(ends) - 1)
    above = -np.inf
    for place, (y, n, name) in enumerate(sorted(ends)):
        above = max(above + APART, min(y, lowest + APART * place))
        swatch = np.array([[axes.right + 4.0, above], [axes.right + 11.0, above]])
        items.append(Polylines(f"line-{n + 1}", (swatch,)))
        items.append(Texts("legend-text", np.array([[axes.right + 14.0, above]]), (name,)))
    return items


def _axes(panel: Panel, history: History, left: float, right: float, height: float) -> Axes:
    values = np.concatenate([values for _, values in panel.lines])
    good = values[np.isfinite(values)]
    if panel.log:
        low, high = frames.log_range(good)
    elif panel.share:
        low, high = 0.0, 1.0
    else:
        low, high = frames.linear_range(0.0, float(good.max(initial=0.0)))
    updates = history.updates.astype(float)
    centres = left + updates / max(float(updates[-1]), 1.0) * (right - left)
    step = (right - left) / max(len(updates), 1)
    bottom = max(height - BOTTOM, TOP + 10.0)
    return Axes(left, right, TOP, bottom, low, high, panel.log, centres, step, 0, len(updates))


def _ground(axes: Axes, history: History) -> list[Item]:
    """Few grid lines with their numbers, and the first and the last update."""
    room = max(int((axes.bottom - axes.top) / 18.0), 2)
    some = frames.log_ticks if axes.log else frames.linear_ticks
    ticks = some(axes.low, axes.high, min(room, 5))
    heights = [float(axes.y(tick)) for tick in ticks]
    lines = tuple(np.array([[axes.left, y], [axes.right, y]]) for y in heights)
    places = np.array([[axes.left - 9.0, y] for y in heights])
    words = tuple(frames.tick_text(tick, axes.log) for tick in ticks)
    ends = np.array([[axes.left, axes.bottom + 14.0], [axes.right, axes.bottom + 14.0]])
    return [
        Polylines("grid", lines),
        Texts("axis-text", places, words, "end"),
        Texts("axis-text", ends[:1], ("update 0",)),
        Texts("axis-text", ends[1:], (f"{int(history.updates[-1]):,}",), "end"),
    ]
