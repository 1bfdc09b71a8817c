"""Scheduled sampling: how probable the truth is at every update, by three schedules; the one of the
training, how far it has come, and what the recording was made with.
"""

from __future__ import annotations

import numpy as np

from engine.training.schedules import truth_probability
from engine.training.training import DECAYS, Training
from visualizer.plots import axes as frames
from visualizer.plots.axes import Axes
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Dots, Item, Picture, Polylines, Texts
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View

TITLE = "Scheduled sampling"
LEFT, RIGHT, BOTTOM = 124.0, 24.0, 30.0
POINTS = 400
STYLES = {"linear": "line-1", "exponential": "line-2", "inverse-sigmoid": "line-3"}
FORMULAS = {
    "linear": "max(ε, k − c·i)",
    "exponential": "k^{i}",
    "inverse-sigmoid": "k/(k + e^{i/k})",
}


def schedule_picture(
    sheet: Sheet, shown: tuple[Frame, ...], view: View, width: float, height: float, scale: str
) -> Picture:
    """Three curves over the updates; the thin line is the ε of this recording."""
    learnt, experiment = sheet.learnt[sheet.hand], sheet.films[sheet.hand].run.experiment
    training = learnt.trained.training if learnt is not None else Training()
    axes = _axes(training, width, height)
    items = _ground(axes, training)
    every = np.linspace(0.0, training.updates, POINTS)
    for kind in DECAYS:
        own = kind == training.sampling
        chosen = training.changed(sampling=kind, **({} if own else {"sampling_k": 0.0}))
        values = np.array([truth_probability(chosen, round(i)) for i in every])
        points = np.column_stack([_x(axes, training, every), axes.y(values)])
        items.append(Polylines(STYLES[kind], (points,), np.array([2.4 if own else 1.4])))
    done = learnt.trained.history.count if learnt is not None else 0
    if learnt is not None and learnt.update is not None:
        done = learnt.update
    at = float(_x(axes, training, np.array([float(done)]))[0])
    items.append(Polylines("playhead", (np.array([[at, axes.top], [at, axes.bottom]]),)))
    now = truth_probability(training, done)
    items.append(Dots("packet", np.array([[at, float(axes.y(now))]]), np.array([4.0])))
    if experiment.feeding == "scheduled":
        y = float(axes.y(experiment.truth))
        items.append(Polylines("threshold", (np.array([[axes.left, y], [axes.right, y]]),)))
        words = f"this recording: ε = {experiment.truth:g}"
        items.append(Texts("muted", np.array([[axes.right - 4.0, y - 9.0]]), (words,), "end"))
    items += frames.heading(TITLE, _words(training, done, now))
    entries = [(STYLES[kind], f"{kind.replace('-', ' ')} {FORMULAS[kind]}") for kind in DECAYS]
    items += frames.legend(width, frames.fitting(entries, width - 220.0))
    return Picture(width, height, tuple(items), background="plot", title=TITLE)


def _words(training: Training, done: int, now: float) -> str:
    kind = training.sampling.replace("-", " ")
    who = "teacher forcing" if training.sampling == "teacher" else f"{kind} schedule"
    return f"probability ε_{{i}} of the truth; {who}, after {done:,} updates {now:.3g}"


def _axes(training: Training, width: float, height: float) -> Axes:
    right = max(width - RIGHT, LEFT + 1.0)
    bottom = max(height - BOTTOM, frames.TOP + 10.0)
    return Axes(LEFT, right, frames.TOP, bottom, 0.0, 1.0, False, np.zeros(0), 1.0, 0, 0)


def _x(axes: Axes, training: Training, i: np.ndarray) -> np.ndarray:
    """Pixels of updates."""
    return np.asarray(axes.left + i / max(training.updates, 1) * (axes.right - axes.left))


def _ground(axes: Axes, training: Training) -> list[Item]:
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    heights = [float(axes.y(t)) for t in ticks]
    lines = tuple(np.array([[axes.left, y], [axes.right, y]]) for y in heights)
    places = np.array([[axes.left - 9.0, y] for y in heights])
    words = tuple(frames.tick_text(t) for t in ticks)
    items: list[Item] = [Polylines("grid", lines), Texts("axis-text", places, words, "end")]
    every = frames.nice_every(training.updates / max((axes.right - axes.left) / 110.0, 1.0))
    marks = list(range(0, training.updates + 1, every))
    x = [min(float(at), axes.right - 12.0) for at in _x(axes, training, np.array(marks, float))]
    under = np.column_stack([x, np.full(len(x), axes.bottom + 14.0)])
    said = tuple("i = 0" if i == 0 else f"{i:,}" for i in marks)
    return [*items, Texts("axis-text", under, said, "middle")]
