"""What a network learnt: its loss over the updates, and ‖δ(h_t)‖ of every step at every update.

Both have an axis of updates and not of steps, so they do not follow the graph's playhead: a mark
says which update the graph shows, ticks under the axis which ones one can go to.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.sequences.generated import GENERATED
from engine.training.history import History
from engine.training.trained import Trained
from visualizer.plots import axes as frames
from visualizer.plots.axes import Axes
from visualizer.plots.pair import short
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Dots, Heat, Item, Picture, Polylines, Rects, Texts, level_of
from visualizer.scene.sheet import Sheet
from visualizer.scene.view import View

Array = NDArray[Any]
LEFT, RIGHT, BOTTOM = 124.0, 24.0, 30.0
UNTRAINED = "not trained yet: press Train"
DECADES = 6.0  # of norms that the colours tell apart
NEAR = 100.0  # times the lowest: losses within a third of it need no whole powers of ten
BREAK, MARK = re.compile("[,;]"), re.compile(r"_(\d+)")
TICK = 5.0  # px of a mark of a clipped update


def learning_picture(
    sheet: Sheet, shown: tuple[Frame, ...], view: View, width: float, height: float, scale: str
) -> Picture:
    """The loss of every update, the held-out loss, what knowing nothing costs, clipped updates."""
    title, trained = "Loss while learning", _trained(sheet)
    if trained is None or len(trained.history.updates) < 2:
        return _empty(title, width, height)
    history = trained.history
    updates, loss = history.updates.astype(float), history.curves["mean"]
    chance = _chance(trained)
    other = _other(sheet)
    known = np.concatenate([loss, history.held_out, other[1], [chance] if chance else []])
    good = known[np.isfinite(known)]
    if scale == "log":
        low, high = _log_range(good)
    else:
        low, high = frames.linear_range(0.0, float(good.max(initial=0.0)))
    axes = _axes(updates, width, height, low, high, scale == "log")
    items = frames.heading(title, _words(trained)) + _ground(axes, int(updates[-1]) + 1)
    entries = [("line-1", "loss of the update")]
    if chance:
        items.append(_level("line-4", axes, chance))
        entries.append(("line-4", "knowing nothing"))
    items += _curves(sheet, axes, history, other)
    if len(other[0]):
        entries[:1] = [(f"pair-{n + 1}", short(sheet.titles, n)) for n in (0, 1)]
    held = _held(axes, history, updates)
    items += held
    entries[1:1] = [("line-2", "held out")] * bool(held)
    clipped = _clipped(axes, history)
    items += clipped
    entries += [("bar-later", "clipped")] * len(clipped)
    items += _stopped(axes, history) + shown_update(sheet, axes, updates)
    items += frames.legend(width, frames.fitting(entries, width - 320.0))
    return Picture(width, height, tuple(items), background="plot", title=title)


def updates_picture(
    sheet: Sheet, shown: tuple[Frame, ...], view: View, width: float, height: float, scale: str
) -> Picture:
    """‖δ(h_t)‖ by logarithm: a column for each update, a row for each step, the first on top."""
    title, trained = "Gradient norm by update", _trained(sheet)
    if trained is None or not trained.history.norms.size:
        return _empty(title, width, height)
    history = trained.history
    norms, updates = history.norms.astype(float), history.norm_updates.astype(float)
    steps = norms.shape[1]
    axes = _axes(updates, width, height, 0.0, float(steps), False)
    top = float(norms[np.isfinite(norms)].max(initial=0.0)) or 1.0
    with np.errstate(divide="ignore"):
        place = 1.0 + np.log10(norms / top) / DECADES
    place = np.where(np.isfinite(norms), np.clip(np.nan_to_num(place, neginf=0.0), 0, 1), np.nan)
    columns, rows = int(axes.right - axes.left), max(int(axes.bottom - axes.top), 1)
    place = _largest(_largest(place, columns, 0), rows, 1)
    box = (axes.left, axes.top, axes.right - axes.left, axes.bottom - axes.top)
    levels = level_of(place.T, 1.0, signed=False)
    across = max(int(box[2] // levels.shape[1]), 1)
    down = max(int(box[3] // levels.shape[0]), 1)
    crisp = np.ascontiguousarray(np.repeat(np.repeat(levels, across, 1), down, 0))
    said = f"‖δ(h_{{t}})‖ of the lowest layer; the darkest is {top:.3g}, white 10^{{−6}} of it"
    items = [*frames.heading(title, said), Heat("gate", box, crisp)]
    every = frames.nice_every(steps / max(rows / 22.0, 1.0))
    ticks = [1, *range(every, steps + 1, every)] if every > 1 else list(range(1, steps + 1))
    y = [axes.top + (t - 0.5) / steps * box[3] for t in ticks]
    places = np.column_stack([np.full(len(y), axes.left - 9.0), y])
    items.append(Texts("axis-text", places, tuple(f"t={t}" for t in ticks), "end"))
    items += _update_words(axes, int(updates[-1]) + 1)
    items += shown_update(sheet, axes, updates)
    return Picture(width, height, tuple(items), background="plot", title=title)


def _curves(sheet: Sheet, axes: Axes, history: History, other: tuple[Array, Array]) -> list[Item]:
    """The loss by update; of two experiments both, each in its colour."""
    updates, losses = other
    two = len(updates) > 0
    style = f"pair-{sheet.hand + 1}" if two else "line-1"
    items = frames.line(style, axes, history.curves["mean"], np.arange(len(history.updates)))
    if two:
        at = np.minimum(_x(axes, updates, history.updates), axes.right)
        wide = replace(axes, centres=at, step=(axes.right - axes.left) / len(at))
        items += frames.line(f"pair-{2 - sheet.hand}", wide, losses, np.arange(len(at)))
    return items


def _other(sheet: Sheet) -> tuple[Array, Array]:
    """Updates and losses of the other of two experiments, as far as this one has come."""
    nothing = np.zeros(0), np.zeros(0)
    if len(sheet.learnt) < 2:
        return nothing
    mine, learnt = sheet.learnt[sheet.hand], sheet.learnt[1 - sheet.hand]
    if mine is None or learnt is None:
        return nothing
    history, last = learnt.trained.history, mine.trained.history.updates[-1]
    within = history.updates <= last
    return history.updates[within].astype(float), history.curves["mean"][within]


def _level(style: str, axes: Axes, value: float) -> Item:
    y = float(axes.y(value))
    return Polylines(style, (np.array([[axes.left, y], [axes.right, y]]),))


def _held(axes: Axes, history: History, updates: Array) -> list[Item]:
    """The held-out loss, a dot where it was measured."""
    good = np.isfinite(history.held_out)
    x = _x(axes, history.held_updates[good].astype(float), updates)
    points = np.column_stack([x, axes.y(history.held_out[good])])
    dots: list[Item] = [Dots("bus-dot", points, np.full(len(x), 2.5))] if len(x) else []
    return [Polylines("line-2", (points,)), *dots] if len(x) > 1 else dots


def _clipped(axes: Axes, history: History) -> list[Item]:
    """A mark under each update whose gradient was clipped."""
    clipped = history.curves["clip_factor"] < 1
    x = np.unique(np.round(axes.centres[clipped]))
    if not len(x):
        return []
    sizes = np.broadcast_to([1.0, TICK], (len(x), 2))
    places = np.column_stack([x - 0.5, np.full(len(x), axes.bottom - TICK), sizes])
    return [Rects("bar-later", places, radius=0.0)]


def _stopped(axes: Axes, history: History) -> list[Item]:
    """Where training ended by itself, and why: the node that was not finite, or patience."""
    if not history.ended:
        return []
    x = float(axes.centres[-1])
    why = MARK.sub(r"_{\1}", BREAK.split(history.ended)[0])
    line = np.array([[x, axes.top], [x, axes.bottom]])
    place = np.array([[axes.right - 8.0, axes.top + 9.0]])
    words = Texts("axis-text-current", place, (f"stopped: {why}",), "end")
    return [Polylines("threshold", (line,)), words]


def update_at(sheet: Sheet, x: float, y: float, width: float, height: float) -> int | None:
    """The update at a pixel of either plot, told by how many are behind it."""
    trained = _trained(sheet)
    if trained is None or len(trained.history.updates) < 2:
        return None
    axes = _axes(trained.history.updates, width, height, 0.0, 1.0, False)
    share = (x - axes.left) / (axes.right - axes.left)
    return round(min(max(share, 0.0), 1.0) * trained.history.count)


def _trained(sheet: Sheet) -> Trained | None:
    learnt = sheet.learnt[sheet.hand]
    return None if learnt is None else learnt.trained


def shown_update(sheet: Sheet, axes: Axes, updates: Array) -> list[Item]:
    """A tick for each update that was kept, and the one that the graph shows."""
    learnt = sheet.learnt[sheet.hand]
    if learnt is None:
        return []
    history = learnt.trained.history
    kept = np.array([*(kept.update for kept in history.kept), history.count], float)
    x = np.minimum(_x(axes, kept, updates), axes.right)
    ticks = np.column_stack([x - 1.0, np.full(len(x), axes.bottom), np.full((len(x), 2), [2, 5])])
    items: list[Item] = [Rects("bar-stub", ticks, radius=0.0)]
    if learnt.update is not None:
        at = min(float(_x(axes, np.array([float(learnt.update)]), updates)[0]), axes.right)
        items.append(Polylines("playhead", (np.array([[at, axes.top], [at, axes.bottom]]),)))
        items.append(Dots("playhead-knob", np.array([[at, axes.bottom]]), np.array([4.5])))
    return items


def _largest(block: Array, most: int, along: int) -> Array:
    """At most so many entries along an axis, each the largest of those that it stands for."""
    size = block.shape[along]
    if size <= most:
        return block
    starts = np.arange(most) * size // most
    return np.asarray(np.maximum.reduceat(block, starts, axis=along))


def _empty(title: str, width: float, height: float) -> Picture:
    items = [*frames.heading(title, ""), frames.note(width, UNTRAINED)]
    return Picture(width, height, tuple(items), background="plot", title=title)


def _chance(trained: Trained) -> float:
    """What knowing nothing costs: of a generated task its baseline, of V classes ln V; else 0."""
    task = GENERATED.get(trained.task)
    if task is not None:
        return float(task.baseline(trained.training.length))
    first = trained.batches.first
    return math.log(first.outputs) if first.kind == "class" else 0.0


def _words(trained: Trained) -> str:
    history, training = trained.history, trained.training
    said = f"{history.count:,} updates, {training.optimizer}"
    said += f", rate {trained.experiment.learning_rate:g}"
    mean = history.curves["mean"][-1]
    said += f"; the last {mean:.4g}"
    if len(history.held_out):
        said += f", held out {history.held_out[-1]:.4g}"
    if trained.experiment.rule == "overwrite":
        return f"overwritten gradients: only the last visited step teaches; {said}"
    return said


def _axes(updates: Array, width: float, height: float, low: float, high: float, log: bool) -> Axes:
    right = max(width - RIGHT, LEFT + 1.0)
    bottom = max(height - BOTTOM, frames.TOP + 10.0)
    whole = Axes(LEFT, right, frames.TOP, bottom, low, high, log, np.zeros(0), 1.0, 0, len(updates))
    centres = _x(whole, updates, updates)
    step = (right - LEFT) / max(len(updates), 1)
    return Axes(LEFT, right, frames.TOP, bottom, low, high, log, centres, step, 0, len(updates))


def _x(axes: Axes, at: Array, updates: Array) -> Array:
    """Pixels of updates between the first and the last."""
    last = max(float(updates[-1]), 1.0)
    return np.asarray(axes.left + at / last * (axes.right - axes.left))


def _ground(axes: Axes, count: int) -> list[Item]:
    near = axes.log and axes.high < NEAR * axes.low
    ticks = frames.linear_ticks(axes.low, axes.high)
    if axes.log:
        ticks = _ticks_within(axes) if near else frames.log_ticks(axes.low, axes.high)
    heights = [float(axes.y(t)) for t in ticks]
    lines = tuple(np.array([[axes.left, y], [axes.right, y]]) for y in heights)
    places = np.array([[axes.left - 9.0, y] for y in heights])
    words = tuple(frames.tick_text(t, axes.log and not near) for t in ticks)
    items: list[Item] = [Polylines("grid", lines), Texts("axis-text", places, words, "end")]
    return items + _update_words(axes, count)


def _log_range(values: Array) -> tuple[float, float]:
    """Powers of ten around all values; of values that are near one another a range round them."""
    good = values[np.isfinite(values) & (values > 0)]
    if not good.size or good.max() > NEAR / 3 * good.min():
        return frames.log_range(values)
    return float(good.min()) * 0.9, float(good.max()) * 1.1


def _ticks_within(axes: Axes) -> list[float]:
    """Round numbers between two ends that are near each other."""
    powers = range(math.floor(math.log10(axes.low)), math.ceil(math.log10(axes.high)) + 1)
    found = [k * 10.0**n for n in powers for k in (1, 1.5, 2, 3, 4, 5, 7)]
    apart: list[float] = []
    for tick in found:
        near = apart and float(axes.y(apart[-1]) - axes.y(tick)) < frames.ROOM
        if axes.low <= tick <= axes.high and not near:
            apart.append(tick)
    return apart


def _update_words(axes: Axes, count: int) -> list[Item]:
    """Numbers of updates under the axis."""
    every = frames.nice_every(count / max((axes.right - axes.left) / 110.0, 1.0))
    ticks = range(0, count, every)
    wide = axes.right - axes.left
    x = [min(axes.left + t / max(count - 1, 1) * wide, axes.right - 12.0) for t in ticks]
    places = np.column_stack([x, np.full(len(x), axes.bottom + 14.0)])
    words = tuple("update 0" if t == 0 else f"{t:,}" for t in ticks)
    return [Texts("axis-text", places, words, "middle")]
