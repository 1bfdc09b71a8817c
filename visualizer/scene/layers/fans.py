"""The edges of attention: arcs from the steps that are seen to the step that looks, as wide as
their weight. Those of one step are lit, the others faint; of many only the lit ones are drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.template import ALL, Node
from visualizer.scene.layers.edges import width_of
from visualizer.scene.picture import Curves, Item
from visualizer.scene.stage import Stage, joined
from visualizer.scene.tile import Fan, Key

Array = NDArray[np.floating[Any]]
Steps = NDArray[np.integer[Any]]
MOST_FAINT = 420  # arcs in sight up to which those of all steps are drawn
MOST_LIT = 48  # the heaviest of the lit ones
WIDEST, FAINTEST = 4.4, 0.4  # px at weight 1 and at weight 0
BEND = 0.55  # of the height, upright at both ends


def draw(stage: Stage) -> list[Item]:
    """All arcs, the lit ones above the others."""
    faint: list[Array] = []
    seen: list[tuple[Array, Array]] = []
    lit: list[tuple[Array, Array]] = []
    back: list[tuple[Array, Array]] = []
    for fan in stage.layout.fans:
        _sort(stage, fan, faint, seen, lit, back)
    items: list[Item] = []
    if faint:
        items.append(Curves("arc-faint", joined(faint, 8)))
    for style, found in (("arc", seen), ("arc-lit", lit), ("arc-backward", back)):
        if found:
            widths = np.concatenate([w for _, w in found])
            ends = "none" if style == "arc" else "end"
            items.append(Curves(style, joined([p for p, _ in found], 8), widths, ends))  # type: ignore[arg-type]
    return items


def _sort(
    stage: Stage,
    fan: Fan,
    faint: list[Array],
    seen: list[tuple[Array, Array]],
    lit: list[tuple[Array, Array]],
    back: list[tuple[Array, Array]],
) -> None:
    """The arcs of one fan by how they are drawn."""
    looks, sees, few = _pairs(stage, fan)
    if not len(looks):
        return
    alpha = weights(stage, fan)[looks, sees]
    valued = stage.frame.valued(*fan.target)[1]
    arrived = np.zeros(len(looks), bool)
    for source in fan.sources:
        low, high = _arrived(stage, fan, source)
        arrived |= (sees >= low) & (sees < high)
    now = _chosen(stage, fan, looks, sees)
    points = curves(stage, fan, looks, sees)
    there = looks < valued
    widths = (FAINTEST + (WIDEST - FAINTEST) * alpha) * max(stage.scale, 0.45)
    faint.append(points[~there])
    ahead = stage.frame.phase in ("forward", "loss") or stage.view.selected is not None
    shown = now & ~arrived & there
    if few:  # always in one order: where they cross, they shine through each other
        plain = there & ~arrived & (~now | (not ahead))
        seen.append((points[plain], widths[plain]))
        shown &= ahead
    lit.append((points[shown], widths[shown]))
    returned = arrived & (now if not few else np.ones(len(now), bool))
    sizes = stage.film.delta_norms(*fan.op)[looks[returned], stage.b] * alpha[returned]
    strong = width_of(stage, sizes) * np.where(now[returned], 1.0, 0.45)
    back.append((points[returned][:, [6, 7, 4, 5, 2, 3, 0, 1]], strong))


def weights(stage: Stage, fan: Fan) -> Array:
    """α of the shown sequence, (T, T): a row for each step that looks."""
    return np.asarray(stage.film.recording.attention(*fan.op)[:, stage.b])


def _pairs(stage: Stage, fan: Fan) -> tuple[Steps, Steps, bool]:
    """(steps that look, steps that are seen, whether all pairs in sight are few enough)."""
    alpha = weights(stage, fan)
    low, high = stage.seen(fan.target[0])
    owned = stage.owned(fan.target[0])
    low, high = max(low, owned[0]), min(high, owned[1])
    few = (high - low) * ((low + high) / 2 - owned[0]) <= MOST_FAINT
    if high <= low:
        return np.empty(0, np.int64), np.empty(0, np.int64), few
    if few:
        looks, sees = np.nonzero(alpha[low:high] > 0)
        return looks + low, sees, True
    looking, t = _focus(stage, fan) or (True, high - 1)
    sizes = alpha[t] if looking else alpha[:, t]
    found = np.flatnonzero(sizes > 0)
    found = np.sort(found[np.argsort(-sizes[found])[:MOST_LIT]])
    fixed = np.full(len(found), t)
    return (fixed, found, False) if looking else (found, fixed, False)


def _focus(stage: Stage, fan: Fan) -> tuple[bool, int] | None:
    """(whether it looks, its step) of the node that the frame, else the selection, is about."""
    for node in (stage.doing(), stage.view.selected):
        if node is None or node.t < 0:
            continue
        back = stage.frame.phase == "backward" and node is not stage.view.selected
        if back and (node.segment, node.slot) in _seen_by(stage, fan):
            return False, node.t
        t = node.t + stage.tile(node.segment) - stage.tile(fan.target[0])
        if 0 <= t < stage.network.segments[fan.target[0]].steps:
            return True, t
    return None


def _seen_by(stage: Stage, fan: Fan) -> set[Key]:
    """The slots that get something back through the fan."""
    reads = stage.network.slot(*fan.op).inputs
    return {*fan.sources, *((i.segment, i.slot) for i in reads if i.reach == ALL)}


def _chosen(stage: Stage, fan: Fan, looks: Steps, sees: Steps) -> NDArray[np.bool_]:
    """Which arcs belong to the node that is about to happen, or is selected."""
    at = _focus(stage, fan)
    if at is None:
        return np.zeros(len(looks), bool)
    return np.asarray((looks if at[0] else sees) == at[1])


def _arrived(stage: Stage, fan: Fan, source: Key) -> tuple[int, int]:
    """Steps of a source to which its sum of contributions has come back."""
    if not stage.film.recording.has_gradients:
        return 0, 0
    return stage.frame.complete(*source)


def curves(stage: Stage, fan: Fan, looks: Steps, sees: Steps) -> Array:
    """Curves (n, 8) from the steps that are seen to those that look."""
    sight = stage.sight
    tile = stage.tile(fan.sources[0][0]), stage.tile(fan.target[0])
    x0 = np.asarray(sight.x(sees + tile[0], fan.start[0]))
    x1 = np.asarray(sight.x(looks + tile[1], fan.end[0], fan.end[1]))
    y0, y1 = float(sight.y(fan.start[1])), float(sight.y(fan.end[2]))
    out = np.empty((len(looks), 8))
    out[:, 0], out[:, 1], out[:, 6], out[:, 7] = x0, y0, x1, y1
    out[:, 2], out[:, 4] = x0, x1
    out[:, 3], out[:, 5] = y0 + (y1 - y0) * BEND, y1 - (y1 - y0) * BEND
    return out


def under_way(stage: Stage, node: Node, *, back: bool) -> list[Array]:
    """The curves (8,) on which something comes to a node: what it looks at, or what it gets back
    from those that looked at it."""
    found = []
    for fan in stage.layout.fans:
        key = (node.segment, node.slot)
        if key not in (_seen_by(stage, fan) if back else (fan.target, fan.op)):
            continue
        looks, sees, _ = _pairs(stage, fan)
        mine = (sees if back else looks) == node.t
        found += list(curves(stage, fan, looks[mine], sees[mine]))
    return found
