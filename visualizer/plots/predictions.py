"""Predictions beside their targets, step by step, where targets are numbers: of the shown sequence,
with the parameters that the graph has, so with those of the update of a training that is shown.

Losses, what is made of their difference, are in `losses`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from engine.recording import Recording
from visualizer.plots import axes as frames
from visualizer.plots import joined
from visualizer.plots.axes import Axes
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Dots, Item, Picture, Polylines, Rects, Texts
from visualizer.scene.view import View

TITLE = "Prediction and target"
MOST, MOST_DOTS = 3, 500  # outputs; sequences
LEFT, RIGHT, DOT = 124.0, 24.0, 4.0
MARK = 9.0  # px; half a target that stands alone


def predictions_picture(
    film: Film, frame: Frame, view: View, width: float, height: float, scale: str = "linear"
) -> Picture:
    """A line for each of the first outputs as far as forward has come, its targets dashed."""
    if reason := lacks(film, view):
        items = [*frames.heading(TITLE, ""), frames.note(width, reason)]
        return Picture(width, height, tuple(items), background="plot", title=TITLE)
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    batch = film.run.batch
    count = min(batch.outputs, MOST)
    told, said, t = values_of(film, frame, b, count)
    if np.isfinite(said[0]).sum() == 1:
        return _one_each(film, frame, b, width, height)
    known = np.concatenate([told.ravel(), said.ravel()])
    good = known[np.isfinite(known)]
    low, high = frames.linear_range(float(good.min(initial=0.0)), float(good.max(initial=0.0)))
    axes = frames.axes_of(film, view, width, height, low, high)
    items = frames.ground(film, frame, view, axes, width, height)
    marks: list[Item] = []
    for n in range(count):
        marks += _target(axes, told[n])
        marks += frames.line(f"line-{n + 1}", axes, said[n][t], t)
    items += frames.inside(axes, marks)
    items += frames.inside(axes, frames.step_labels(axes, frame, film))
    more = f", the first {MOST} of {batch.outputs} outputs" if batch.outputs > MOST else ""
    scaled = ", standardised" if batch.target_scales else ""
    items += frames.heading(TITLE, f"s_{{t}}{scaled}{more}")
    names = batch.output_names[:count] or ("prediction",)
    entries = [(f"line-{n + 1}", name) for n, name in enumerate(names)]
    items += frames.legend(width, frames.fitting([*entries, ("line-4", "target")], width / 2))
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def lacks(film: Film, view: View) -> str:
    """Why there is nothing to show."""
    there = film.recording.loss_slots and film.run.batch.kind == "regression"
    return "" if there else "targets here are no numbers"


def values_of(
    film: Film, frame: Frame, b: int, count: int
) -> tuple[frames.Array, frames.Array, frames.Steps]:
    """Targets and predictions (outputs, steps), NaN where there are none; the steps at which
    forward has come to a prediction."""
    rec, targets = film.recording, film.run.batch.targets
    logits = [
        (g, k)
        for g, segment in enumerate(film.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.role == "logit"
    ]
    owned = joined.on_axis(film, logits, b, lambda g, k: rec.inside_of(g)[:, b]) == 1
    told = [
        joined.on_axis(film, logits, b, partial(_column, targets, rec, b, n)) for n in range(count)
    ]
    said = [
        joined.on_axis(film, logits, b, partial(_column, None, rec, b, n)) for n in range(count)
    ]
    there = joined.reached(film, logits, b, frame.valued) & owned
    hidden = np.where(owned, 0.0, np.nan)
    return np.array(told) + hidden, np.array(said) + hidden, np.flatnonzero(there)


def _column(targets: Any, recording: Recording, b: int, n: int, g: int, k: int) -> Any:
    """One output of a sequence at every step of a segment: its targets, or what was predicted."""
    if targets is None:
        return recording.value(g, k)[:, b, n]
    return targets[recording.global_steps(g), b, n]


def _target(axes: Axes, values: frames.Array) -> list[Item]:
    """Dashed through all targets; a short line where one stands alone."""
    t = np.flatnonzero(np.isfinite(values))
    points = np.column_stack([axes.centres[t], axes.y(values[t])])
    if len(points) == 1:
        points = points + np.array([[-MARK, 0.0], [MARK, 0.0]])
    return [Polylines("line-4", (points,))] if len(points) else []


def _one_each(film: Film, frame: Frame, b: int, width: float, height: float) -> Picture:
    """Where every sequence has one prediction: a dot for each over its target, the shown one
    ringed; right ones stand on the dashed line."""
    count = film.recording.batch
    pairs = [values_of(film, frame, n, 1) for n in range(min(count, MOST_DOTS))]
    told = np.array([values[0][0][np.isfinite(values[0][0])][-1] for values in pairs])
    said = np.array([values[1][0][np.isfinite(values[1][0])][-1] for values in pairs])
    there = np.array([len(values[2]) > 0 for values in pairs])
    both = np.concatenate([told, said])
    good = both[np.isfinite(both)]
    low, high = frames.linear_range(float(good.min(initial=0.0)), float(good.max(initial=0.0)))
    bottom = max(height - frames.BOTTOM, frames.TOP + 10.0)
    right = max(width - RIGHT, LEFT + 1.0)
    axes = Axes(LEFT, right, frames.TOP, bottom, low, high, False, told, 1.0, 0, len(told))

    def x(value: Any) -> Any:
        return LEFT + (value - low) / (high - low) * (right - LEFT)

    ticks = frames.linear_ticks(low, high)
    heights = [float(axes.y(tick)) for tick in ticks]
    words = tuple(frames.tick_text(tick, False) for tick in ticks)
    items = [
        *frames.heading(TITLE, f"{len(told)} of {count} sequences, predicted (up) by target"),
        Polylines("grid", tuple(np.array([[LEFT, y], [right, y]]) for y in heights)),
        Texts("axis-text", np.array([[LEFT - 9.0, y] for y in heights]), words, "end"),
        Texts("axis-text", np.array([[x(t), bottom + 14.0] for t in ticks]), words, "middle"),
        Polylines("line-4", (np.array([[x(v), axes.y(v)] for v in (low, high)]),)),
        Dots(
            "pair-1-dot", np.column_stack([x(told), axes.y(said)])[there], np.full(there.sum(), DOT)
        ),
    ]
    if there[b : b + 1].any():
        place = np.array([[x(told[b]) - 8.0, axes.y(said[b]) - 8.0, 16.0, 16.0]])
        items.append(Rects("column-current", place, radius=8.0))
        items.append(items.pop(-2))
    items += frames.legend(width, [("line-4", "right")])
    return Picture(width, height, tuple(items), background="plot", title=TITLE)
