"""A film that races: when more steps pass between two frames than fit the window, each of them is
a sample of all steps, drawn once without its numbers, and over it the numbers of its own. Soon
afterwards, when there is time, it is painted as always (`stretch`).

Only of graphs whose steps are all alike. Who paints is a matter of the device.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.layers import columns, losses, nodes
from visualizer.scene.layers.pictures import shows_pictures
from visualizer.scene.picture import Heat, Item, Picture, Rects, Strips, Texts
from visualizer.scene.stage import Stage
from visualizer.scene.stretch import part_of, stretch
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Array = NDArray[np.floating[Any]]
Steps: TypeAlias = tuple[int, int]
Look: TypeAlias = tuple[bool, bool]  # whether a step has its values, and its deltas
ENDS = 2  # steps at both ends of a sequence that are not like the others
OWN = ("strip-frame", "column-forward", "column-current")  # of one step alone


def alike(stage: Stage) -> bool:
    """Whether all steps but the outermost have the same nodes and edges."""
    key = ("steps are alike", stage.layout.level, stage.b)
    return bool(stage.film.kept(key, lambda: _alike(stage)))


def _alike(stage: Stage) -> bool:
    marks, film = stage.layout.marks, stage.film
    if film.padding(stage.b) or film.span(stage.b) != (0, film.steps) or stage.layout.tags:
        return False
    if any(mark.kind == "wide" or shows_pictures(stage, mark) for mark in marks):
        return False
    segments = {mark.segment for mark in marks}
    if any(stage.tile(g) or stage.network.segments[g].steps != film.steps for g in segments):
        return False
    pills, every = losses.pills_of(stage), np.arange(film.steps)
    return all(bool(losses.weights_at(stage, mark, every).all()) for mark in pills)


def looks(stage: Stage, low: int, high: int) -> list[tuple[int, Look]] | None:
    """The steps of the pixels [low, high) and how they look; None where some of them are not like
    the others."""
    first = math.floor(low / stage.sight.step)
    last = math.ceil(high / stage.sight.step)
    if not alike(stage) or first < ENDS or last > stage.film.steps - ENDS:
        return None
    ranges = _whole(stage)
    return [(t, tuple(a <= t < z for a, z in ranges)) for t in range(first, last)]  # type: ignore[misc]


def _keys(stage: Stage) -> list[tuple[int, int]]:
    return [(mark.segment, mark.slot) for mark in stage.layout.marks if mark.kind != "pill"]


def _whole(stage: Stage) -> list[Steps]:
    """The steps at which all values are there, and at which all deltas are."""
    frame, keys = stage.frame, _keys(stage)
    found = ([frame.valued(*key) for key in keys], [frame.complete(*key) for key in keys])
    return [(max(a for a, _ in some), min(z for _, z in some)) for some in found]


def sample(stage: Stage, look: Look) -> int | None:
    """A step by which all that look alike can be drawn, near those in sight: nothing happens there,
    and it is there as a whole or not at all."""
    view, frame, steps = stage.view, stage.frame, np.arange(stage.film.steps)
    fit = (steps >= ENDS) & (steps < stage.film.steps - ENDS)
    for there, (low, high) in zip(look, _whole(stage)):
        fit &= ((steps >= low) & (steps < high)) == there
    spans = [span for key in _keys(stage) for span in (frame.valued(*key), frame.complete(*key))]
    special = {t for span in spans for t in span} | {frame.lately}
    special |= {node.t for node in (view.selected, view.hover) if node is not None}
    for t in special:
        fit[max(t - 1, 0) : t + 2] = False
    some = np.flatnonzero(fit)
    if not len(some):
        return None
    return int(some[np.abs(some - stage.sight.first).argmin()])


def blank(stage: Stage, t: int, low: int, high: int, top: int, bottom: int) -> Picture:
    """The pixels [low, high) and [top, bottom) from the left edge of step t, without numbers."""
    left = math.floor(stage.sight.edge(t) - stage.sight.x0 + 0.5)
    whole = stretch(stage, left + low, left + high, top, bottom)
    items = tuple(_named(item) if _is_symbol(item) else item for item in whole.items)
    return replace(whole, items=tuple(item for item in items if not _own(item)))


def _is_symbol(item: Item) -> TypeGuard[Texts]:
    return isinstance(item, Texts) and item.style.startswith("symbol")


def _named(item: Texts) -> Texts:
    """Symbols without their indices, where they stand with them."""
    names = tuple(string.split("_", 1)[0] for string in item.strings)
    at = np.column_stack([_parts(item)[0], item.positions[:, 1]])
    return replace(item, positions=at, strings=names, anchor="start")


def _indexed(item: Texts) -> Texts:
    """The indices alone: of all symbols of a step the same string, which is set once."""
    strings = tuple("_" + string.split("_", 1)[1] for string in item.strings)
    at = np.column_stack([_parts(item)[1], item.positions[:, 1]])
    return replace(item, positions=at, strings=strings, anchor="start")


def _parts(item: Texts) -> tuple[Array, Array]:
    """Pixels x at which symbols begin, and their indices."""
    style, known = STYLES[item.style], {}
    for string in item.strings:
        name, index = string.split("_", 1)
        if (key := (name, len(index))) not in known:
            known[key] = width_of(name, style), width_of("_" + index, style)
    keys = [(string.split("_", 1)[0], len(string.split("_", 1)[1])) for string in item.strings]
    wide = np.array([known[key] for key in keys]) * item.scale
    left = item.positions[:, 0] - wide.sum(1) / 2
    return left, left + wide[:, 0]


def _own(item: Item) -> bool:
    """Whether it is what one step has and no other."""
    if isinstance(item, Rects):
        return item.style in OWN
    return isinstance(item, Strips | Heat) or (isinstance(item, Texts) and not _is_symbol(item))


def _waits(item: Item) -> bool:
    """Whether it says that something is still to come: the samples say so too."""
    return isinstance(item, Rects) and item.style == "strip-pending"


def numbers(stage: Stage, low: int, high: int, top: int, bottom: int) -> Picture:
    """What the steps of these pixels do not have alike: strips and words."""
    part = part_of(stage, low, high, top, bottom)
    words = [item for item in losses.draw(part) if isinstance(item, Texts)]
    filled = [item for item in nodes.numbers(part) if not _waits(item)]
    apart = [_indexed(item) if _is_symbol(item) else item for item in filled]
    items = (*apart, *words, *columns.words(part))
    return Picture(float(high - low), float(bottom - top), items, background="")
