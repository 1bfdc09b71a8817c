"""A film that races: when more steps pass between two frames than fit the window, each of them is
a sample of all steps, drawn once without its numbers, and over it the numbers of its own. Soon
afterwards, when there is time, it is painted as always (`stretch`).

Only of graphs whose steps are all alike. Who paints is a matter of the device.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from visualizer.scene.layers import columns, losses, nodes
from visualizer.scene.layers.pictures import shows_pictures
from visualizer.scene.picture import Heat, Item, Picture, Rects, Strips, Texts
from visualizer.scene.stage import Stage
from visualizer.scene.stretch import part_of, stretch
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Steps: TypeAlias = tuple[int, int]
Look: TypeAlias = tuple[bool, bool]  # whether a step has its values, and its deltas
INDEX = "\N{FULLWIDTH NUMBER SIGN}"  # stands for the index of a step
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


@dataclass(frozen=True, slots=True)
class Blank:
    """Pixels of a step without its numbers, and where its index stands behind every symbol: texts
    whose places count from the left edge of the step and the rows of the world, with `INDEX` where
    it goes."""

    picture: Picture
    indices: tuple[Texts, ...]


def blank(stage: Stage, t: int, low: int, high: int, top: int, bottom: int) -> Blank:
    """The pixels [low, high) and [top, bottom) from the left edge of step t."""
    left = left_of(stage, t)
    whole = stretch(stage, left + low, left + high, top, bottom)
    items: list[Item] = []
    indices: list[Texts] = []
    for item in whole.items:
        if isinstance(item, Texts) and item.style.startswith("symbol"):
            names, rest = _parted(item)
            items.append(names)
            indices.append(_of_step(rest, t, low, top))
        elif not _own(item):
            items.append(item)
    return Blank(replace(whole, items=tuple(items)), tuple(indices))


def left_of(stage: Stage, t: int) -> int:
    """The pixel of the world at which step t begins."""
    return math.floor(t * stage.sight.step + 0.5)


def _parted(item: Texts) -> tuple[Texts, Texts]:
    """Symbols and their indices each for itself, where they stand together."""
    style = STYLES[item.style]
    names, rest = zip(*(string.split("_", 1) for string in item.strings))
    wide = np.array([(width_of(a, style), width_of("_" + z, style)) for a, z in zip(names, rest)])
    x, y = item.positions.T
    left = x - item.scale * wide.sum(1) / 2
    first, then = np.stack([left, y], 1), np.stack([left + item.scale * wide[:, 0], y], 1)
    return (
        replace(item, positions=first, strings=names, anchor="start"),
        replace(item, positions=then, strings=rest, anchor="start"),
    )


def _of_step(rest: Texts, t: int, low: int, top: int) -> Texts:
    """The indices of step t alone, of those that are in the picture beside it."""
    own = f"{{{t + 1}}}"
    which = [n for n, words in enumerate(rest.strings) if words.startswith(own)]
    strings = tuple(f"_{{{INDEX}}}" + rest.strings[n].removeprefix(own) for n in which)
    return replace(rest, positions=rest.positions[which] + np.array([low, top]), strings=strings)


def _own(item: Item) -> bool:
    """Whether it is what one step has and no other."""
    if isinstance(item, Rects):
        return item.style in OWN
    return isinstance(item, Strips | Texts | Heat)


def numbers(
    stage: Stage, found: list[tuple[int, Look]], blanks: dict[Look, Blank],
    place: tuple[int, int, int, int],
) -> Picture:  # fmt: skip
    """What these steps do not have alike: strips, words and their indices."""
    low, high, top, bottom = place
    part = part_of(stage, *place)
    items = [item for item in nodes.strips(part) if not _waits(item)]
    items += [item for item in losses.draw(part) if isinstance(item, Texts)]
    items += columns.words(part)
    for look, each in blanks.items():
        steps = [t for t, own in found if own == look]
        items += [_at_steps(texts, part, steps, low, top) for texts in each.indices if steps]
    return Picture(float(high - low), float(bottom - top), tuple(items), background="")


def _waits(item: Item) -> bool:
    """Whether it says that something is still to come: the samples say so too."""
    return isinstance(item, Rects) and item.style == "strip-pending"


def _at_steps(texts: Texts, part: Stage, steps: list[int], low: int, top: int) -> Texts:
    """The indices of some steps."""
    lefts = np.array([[left_of(part, t) - low, -top] for t in steps])
    places = (lefts[:, None] + texts.positions[None]).reshape(-1, 2)
    strings = tuple(words.replace(INDEX, str(t + 1)) for t in steps for words in texts.strings)
    return replace(texts, positions=places, strings=strings)
