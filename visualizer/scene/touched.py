"""Which steps of the graph look otherwise from one moment to another, or with something else
selected. Never too few: what cannot be told by steps is all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from engine.template import HANDED, Node, Use
from visualizer.scene.frame import Frame
from visualizer.scene.layers.path import path_of
from visualizer.scene.stage import Stage

Steps: TypeAlias = tuple[int, int]  # [low, high) of the picture
NONE: Steps = (0, 0)


def touched(before: Stage, after: Stage) -> Steps | None:
    """Steps that contain all that differs between two stages of one film and view; None: all."""
    found = [*_of_selection(before, after)]
    if before.frame.done != after.frame.done:
        moved = _of_moments(after, before.frame, after.frame)
        if moved is None:
            return None
        found += moved
    if before.view.selected != after.view.selected and path_of(before) != path_of(after):
        return None
    spans = [span for span in found if span[1] > span[0]]
    if not spans:
        return NONE
    return min(low for low, _ in spans), max(high for _, high in spans)


def _of_selection(before: Stage, after: Stage) -> Iterator[Steps]:
    """The steps of nodes that are no longer marked, or only now."""
    for old, new in (
        (before.view.selected, after.view.selected),
        (before.view.hover, after.view.hover),
    ):
        if old != new:
            yield from (_step_of(after, node) for node in (old, new) if node is not None)


def _step_of(stage: Stage, node: Node) -> Steps:
    if node.segment >= len(stage.network.segments):
        return NONE  # of another network
    step = node.t + stage.tile(node.segment)
    return step, step + 1


def _of_moments(stage: Stage, old: Frame, new: Frame) -> list[Steps] | None:
    """What has come or gone from one moment to the other, and where something is under way."""
    if old.phase != new.phase or old.initial_arrived() != new.initial_arrived():
        return None
    found = [(t, t + 1) for t in (old.step, new.step) if t is not None]
    found += _apart(old.left_behind(), new.left_behind())
    for (g, k), uses in stage.film.uses.items():
        tile = stage.tile(g)
        found += _apart(old.valued(g, k), new.valued(g, k), tile)
        found += _apart(old.complete(g, k), new.complete(g, k), tile)
        for use in uses:
            spans = _apart(old.arrived(use), new.arrived(use), tile)
            found += [_with_consumers(stage, use, span) for span in spans]
    for card in stage.layout.tags:
        name = card.parameters[0]
        found += _apart(old.gathered(name), new.gathered(name))
    return found


def _with_consumers(stage: Stage, use: Use, span: Steps) -> Steps:
    """Steps of a source, and those in which the edges of a use end."""
    low, high = span
    if use.position == HANDED or not isinstance(use.reach, int):
        far = stage.tile(use.consumer.segment)
        return min(low, far - 1), max(high, far + 1)
    if stage.backwards(use.consumer.segment):
        return low - use.reach, high
    return low, high + use.reach


def _apart(old: Steps, new: Steps, tile: int = 0) -> list[Steps]:
    """The steps that are in one of two ranges alone, as ranges around both ends."""
    if old == new:
        return []
    ends = ((min(a, b) + tile, max(a, b) + tile) for a, b in zip(old, new))
    return [(low, high) for low, high in ends if high > low]
