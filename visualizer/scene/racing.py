"""A film that races: when more steps pass between two frames than fit the window, each of them is
a sample of all steps, drawn once without its numbers, and over it the numbers of its own. Soon
afterwards, when there is time, it is painted as always (`stretch`).

Only of graphs whose steps are all alike. Who paints is a matter of the device.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.layers import columns, losses, nodes
from visualizer.scene.layers.cells import Cells, MapName, fill, levels, reduced
from visualizer.scene.layers.pictures import shows_pictures
from visualizer.scene.picture import (
    Bytes,
    Floats,
    Heat,
    Item,
    Picture,
    Rects,
    Strips,
    Texts,
)
from visualizer.scene.stage import Stage
from visualizer.scene.stretch import part_of, stretch
from visualizer.scene.tile import Mark
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Steps: TypeAlias = tuple[int, int]
Look: TypeAlias = tuple[bool, bool]  # whether a step has its values, and its deltas
INDEX = "\N{FULLWIDTH NUMBER SIGN}"  # stands for the index of a step
_INDEX = re.compile(r"_\{\d+\}")
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
    it goes. `rows`: its strips, None where they have to be drawn as always."""

    picture: Picture
    indices: tuple[Texts, ...]
    rows: tuple[Row, ...] | None


@dataclass(frozen=True, slots=True)
class Row:
    """The strips of one row of a mark, of values or of deltas: their boxes (n, 4) from the left
    edge of the step and the rows of the world, and how many cells each has (n,)."""

    mark: Mark
    name: MapName
    boxes: Floats
    counts: NDArray[np.integer[Any]]


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
    return Blank(replace(whole, items=tuple(items)), tuple(indices), _rows(stage, t))


def _rows(stage: Stage, t: int) -> tuple[Row, ...] | None:
    """The strips of step t; None where some nodes have something else in them."""
    sight = replace(stage.sight, x0=-float(left_of(stage, t)), y0=0.0, first=t, last=t + 1)
    alone, rows = replace(stage, sight=sight), []
    for mark in stage.layout.marks:
        if mark.kind in ("pill", "circle"):
            continue
        cells = Cells()
        fill(alone, mark, np.array([t]), cells)
        if cells.texts:
            return None
        for name, strips in cells.strips.items():
            if strips.boxes:
                boxes, counts = np.concatenate(strips.boxes), np.concatenate(strips.counts)
                rows.append(Row(mark, name, boxes, counts))  # type: ignore[arg-type]
    return tuple(rows)


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
    items = _strips(part, found, blanks)
    items += [_short(item) for item in losses.draw(part) if isinstance(item, Texts)]
    items += columns.words(part)
    for look, each in blanks.items():
        steps = [t for t, own in found if own == look]
        items += [_at_steps(texts, part, steps, low, top) for texts in each.indices if steps]
    return Picture(float(high - low), float(bottom - top), tuple(items), background="")


def _strips(part: Stage, found: list[tuple[int, Look]], blanks: dict[Look, Blank]) -> list[Item]:
    """What stands in the nodes of these steps: where the sample has it, so that all steps of a mark
    are one sum."""
    whole: dict[MapName, tuple[list[Floats], list[Any], list[Bytes]]] = {}
    for look, each in blanks.items():
        steps = np.array([t for t, own in found if own == look], np.intp)
        if each.rows is None:
            return [item for item in nodes.strips(part) if not _waits(item)]
        lefts = np.array([left_of(part, t) for t in steps.tolist()])
        for row in each.rows if len(steps) else ():
            places, counts, cells = whole.setdefault(row.name, ([], [], []))
            boxes = np.tile(row.boxes, (len(steps), 1))
            boxes[:, 0] += np.repeat(lefts, len(row.boxes)) + part.sight.x0
            boxes[:, 1] += part.sight.y0
            places.append(boxes)
            counts.append(np.tile(row.counts, len(steps)))
            cells.append(levels(part, _numbers(part, row, steps), row.name).ravel())
    gap = 1.0 if part.scale > 0.7 else 0.5
    return [
        Strips(name, np.concatenate(boxes), np.concatenate(counts), np.concatenate(cells), gap)
        for name, (boxes, counts, cells) in whole.items()
    ]


def _short(item: Texts) -> Texts:
    """Losses without their index, which stands at every node below: each would be set anew."""
    strings = tuple(_INDEX.sub("", string) for string in item.strings)
    return replace(item, strings=strings) if item.style.startswith("pill") else item


def _numbers(part: Stage, row: Row, steps: NDArray[np.intp]) -> Floats:
    """The numbers of a row at these steps, as many as it has cells."""
    recording, key = part.film.recording, row.mark.key
    array = recording.delta(*key) if row.name == "delta" else recording.value(*key)
    blocks = np.array_split(array[steps, part.b], len(row.counts), axis=1)
    return np.concatenate([reduced(b, n) for b, n in zip(blocks, row.counts.tolist())], axis=1)


def _waits(item: Item) -> bool:
    """Whether it says that something is still to come: the samples say so too."""
    return isinstance(item, Rects) and item.style == "strip-pending"


def _at_steps(texts: Texts, part: Stage, steps: list[int], low: int, top: int) -> Texts:
    """The indices of some steps."""
    lefts = np.array([[left_of(part, t) - low, -top] for t in steps])
    places = (lefts[:, None] + texts.positions[None]).reshape(-1, 2)
    strings = tuple(words.replace(INDEX, str(t + 1)) for t in steps for words in texts.strings)
    return replace(texts, positions=places, strings=strings)
