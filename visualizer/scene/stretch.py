"""The part of the graph that scrolls with time, as pictures of stretches of it, and what stands in
the window meanwhile.

Here pixels count from the corner of a `Sight`, that is from the left edge of step 1 and the row of
the lowest layer: moving the graph moves the window over them and changes none. Which of them an
event changes is in `touched`; who keeps them as tiles is a matter of the device.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from visualizer.scene.compose import (
    AFTER,
    BEFORE,
    CARDS,
    GROUND,
    LAYERS,
    MOVING,
    OVER,
    Layer,
    clipped,
)
from visualizer.scene.compose import level_of_view as level_of
from visualizer.scene.film import Film
from visualizer.scene.fold import folded
from visualizer.scene.memory import Memory
from visualizer.scene.picture import Clip, Item, Picture, Unclip
from visualizer.scene.stage import Stage
from visualizer.scene.view import View
from visualizer.scene.wrapping import joins, wraps

Table: TypeAlias = tuple[tuple[str, Layer], ...]
REACH = 160.0  # units that something may reach beyond the last step: words beside its loss
ROOM = 60.0  # px above and below the rows in which something may still stand
PERIOD = 5  # px after which hatches repeat: stretches begin at multiples of it
TALL = 3_000  # px of height up to which a graph is painted whole, in sight or not
SPARE = 500  # px above and below the window, of a graph that is taller


def scrolls(film: Film, view: View) -> bool:
    """Whether moving the graph only moves its pixels: not where it is folded, wrapped, has no time,
    or where arcs join all steps in sight."""
    level = level_of(film, view)
    if film.timeless or folded(film, view) or level == "bands" or wraps(film, view):
        return False
    return not joins(film, level)


def look_of(stage: Stage) -> tuple[object, ...]:
    """All that the pixels of a scrolling graph depend on, but the moment, the pointer and what is
    selected."""
    sight, tags = stage.sight, stage.view.parameter if stage.layout.tags else ""
    return (stage.film, stage.b, sight.layout, sight.scale, sight.step, stage.view.symbols, tags)


def rows_of(stage: Stage) -> tuple[int, int]:
    """The pixels [top, bottom) that have to be painted: those with the rows of the graph, or of a
    very tall one those around the window. Above and below, the ground goes on as at its edge."""
    sight = stage.sight
    top = sight.layout.top * sight.scale - ROOM
    bottom = sight.layout.bottom * sight.scale + ROOM
    if bottom - top > TALL:
        seen = math.floor(-sight.y0 / SPARE) * SPARE
        top, bottom = seen - SPARE, seen + math.ceil(sight.height / SPARE) * SPARE + 2 * SPARE
    return math.floor(top / PERIOD) * PERIOD, math.ceil(bottom / PERIOD) * PERIOD


def stretch(
    stage: Stage, low: int, high: int, top: int, bottom: int, memory: Memory | None = None
) -> Picture:
    """What scrolls, of the pixels [low, high) in time and [top, bottom) down; with what is
    remembered of the same pixels at another moment."""
    part = part_of(stage, low, high, top, bottom)
    part = part if memory is None else part.remembering(memory)
    items = [item for some in _layers(part) for item in some]
    return Picture(float(high - low), float(bottom - top), tuple(items))


def layers(stage: Stage, low: int, high: int, top: int, bottom: int) -> Iterator[list[Item]]:
    """The same layer by layer, for whoever has little time."""
    return _layers(part_of(stage, low, high, top, bottom))


def _layers(part: Stage) -> Iterator[list[Item]]:
    for _, layer in (*GROUND, *BEFORE, *LAYERS):
        yield layer(part)


def part_of(stage: Stage, low: int, high: int, top: int, bottom: int) -> Stage:
    """The stage of these pixels alone."""
    sight, steps = stage.sight, stage.film.steps
    first = math.floor(low / sight.step) - 1
    if first >= steps - 2:
        first = steps - 2 - math.ceil(REACH * sight.scale / sight.step)
    first = max(first, 0)
    last = max(min(math.ceil(high / sight.step) + 1, steps), first)
    width, height = float(high - low), float(bottom - top)
    here = replace(
        sight, x0=float(-low), y0=float(-top), left=0.0, width=width, height=height,
        first=first, last=last,
    )  # fmt: skip
    return replace(stage, sight=here, view=replace(stage.view, origin=(0.0, 0.0)))


def beside(stage: Stage) -> list[Item]:
    """What of the graph stands in the rail: its ground, and what comes before step 1."""
    sight, layers = stage.sight, (*GROUND, *(BEFORE if stage.begins else ()))
    if not stage.begins:  # lines from the cards, and nothing of any step
        stage = replace(stage, sight=replace(sight, last=sight.first))
    return [Clip((0.0, 0.0, sight.left, sight.height)), *_drawn(stage, layers), Unclip()]


def told(stage: Stage) -> tuple[object, ...]:
    """All that the rail says of the moment."""
    frame = stage.frame
    names = [name for card in stage.layout.cards for name in card.parameters]
    seen = tuple(frame.gathered(name) for name in names) if frame.seeded else ()
    moment = (frame.zeroed, frame.seeded, frame.clipped, frame.updated(), frame.initial_arrived())
    return (*moment, seen)


def cards(stage: Stage) -> list[Item]:
    """The cards of the rail."""
    return _drawn(stage, CARDS)


def standing(stage: Stage) -> list[Item]:
    """What is above all that scrolls, and belongs to the window: the sum of the losses in sight,
    the callout."""
    over = clipped(stage, stage.sight.left, _drawn(stage, OVER))
    return [*over, *clipped(stage, 0.0, _drawn(stage, AFTER))]


def moving(stage: Stage) -> list[Item]:
    """What moves between two events, above all else."""
    return clipped(stage, 0.0, _drawn(stage, MOVING))


def _drawn(stage: Stage, layers: Table) -> list[Item]:
    return [item for _, layer in layers for item in layer(stage)]
