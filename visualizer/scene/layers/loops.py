"""The edges that are carried from step to step, in the folded graph: the half from the source to
the delay lies on the card of the source, the half from there to the target on the target's.

At fold 1 the halves of one card are the loop of the textbooks. A half that leads to no step (out of
the last one, into the first) is dashed. How the halves run is `fold`'s, what is lit the frame's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.bent import BOX, bends, lag_of, link_id, risen
from visualizer.scene.layers import cuts, edges
from visualizer.scene.picture import Item, Polylines, Rects, Texts
from visualizer.scene.stage import Stage
from visualizer.scene.tile import Link

Array = NDArray[np.floating[Any]]
DELAY_RADIUS = 3.5
FLAT = 0.01  # px
ARROW = 9.0  # px that a line with its head reaches beyond its points
LATE = 0.94  # the fold from which cards lie on one another, but for a few pixels
GHOSTS = 0.5  # the fold from which halves grow that lead to no step


@dataclass(slots=True)
class Halves:
    """What one card has of loops: lines by (style, whether with an arrowhead), their widths, and
    the delays as (x, y, words); of all that what reaches into `window` (left, right)."""

    window: tuple[float, float] = (-np.inf, np.inf)
    found: dict[tuple[str, bool], list[Array]] = field(default_factory=dict)
    widths: dict[tuple[str, bool], list[float]] = field(default_factory=dict)
    delays: list[tuple[float, float, str]] = field(default_factory=list)

    def add(self, style: str, points: Array, width: float, arrow: bool) -> None:
        x = points[:, 0]
        if x.max() < self.window[0] - ARROW or x.min() > self.window[1] + ARROW:
            return
        self.found.setdefault((style, arrow), []).append(slim(points))
        self.widths.setdefault((style, arrow), []).append(width)


def slim(points: Array) -> Array:
    """The same line without points that lie on it anyway."""
    along = points[2:] - points[:-2]
    beside = points[1:-1] - points[:-2]
    off = np.abs(along[:, 0] * beside[:, 1] - along[:, 1] * beside[:, 0])
    kept = off > FLAT * (np.hypot(along[:, 0], along[:, 1]) + 1e-9)
    return np.asarray(points[np.concatenate([[True], kept, [True]])])


def halves(stage: Stage, windows: Mapping[int, tuple[float, float]]) -> dict[int, Halves]:
    """The halves and delays of all links, by the step on whose card they lie."""
    found = {t: Halves(window) for t, window in windows.items()}
    for link in stage.layout.links:
        if not bends(link):
            continue
        if link.initial:
            _first(stage, link, found)
        else:
            _link(stage, link, found)
            _ghosts(stage, link, found)
    return found


def lines(stage: Stage, mine: Halves) -> Iterator[Item]:
    """The lines of one card; what is lit above what is not."""
    for style, arrow in sorted(mine.found, key=lambda k: (k[0] == "edge-backward", k)):
        lit = style == "edge-backward"
        given = np.array(mine.widths[style, arrow])
        widths = given if lit else None
        if style == "edge":  # a loop stands out from the edges within the step
            widths = np.where(given > 0.0, given, 1.3 + 0.6 * stage.view.fold)
        points = tuple(mine.found[style, arrow])
        yield Polylines(style, points, widths, "end" if arrow else "none")


def delays(stage: Stage, mine: Halves) -> list[Item]:
    """The boxes that hold a value for a step, as large as the loop has risen."""
    size = stage.scale * risen(stage.view.fold)
    if not mine.delays or size < 0.05:
        return []
    half = BOX[0] / 2 * size
    low, high = mine.window[0] - half, mine.window[1] + half
    there = list(
        dict.fromkeys(
            (round(x, 2), round(y, 2), text) for x, y, text in mine.delays if low < x < high
        )
    )
    if not there:
        return []
    places = np.array([place[:2] for place in there])
    w, h = BOX[0] * size, BOX[1] * size
    boxes = np.column_stack([places - (w / 2, h / 2), np.full((len(places), 2), (w, h))])
    words = tuple(text for *_, text in there)
    return [
        Rects("delay", boxes, radius=DELAY_RADIUS * size),
        Texts("delay-text", places, words, "middle", scale=size),
    ]


def firsts(stage: Stage) -> list[Item]:
    """The edges of the states before the first step, up to the lane of their loop."""
    mine = Halves()
    for link in stage.layout.links:
        if bends(link) and link.initial and _first_seen(stage, link):
            points, split, lit = _first_points(stage, link)
            width = float(edges.widths_at(stage, link, np.array([-1]))[0])
            style = "edge-backward" if lit else "edge"
            part = points[: split + 1]
            mine.add(style, part[::-1] if lit else part, width, lit)
    return list(lines(stage, mine))


def _link(stage: Stage, link: Link, found: dict[int, Halves]) -> None:
    low, high, shift = _uses(stage, link)
    tile = stage.tile(link.source[0])
    out_of = range(low + tile, high + tile)
    kept = [s for s in range(low, high) if s + tile in found or s + shift in found]
    if not kept:
        return
    split = stage.folds.ways[link_id(link)].split
    sources = np.array(kept)
    points = stage.points(link, sources + shift)
    lit = edges.arrived(stage, link, sources) & ~edges.unsent(stage, link, sources)
    width = np.zeros(len(kept))
    width[lit] = edges.widths_at(stage, link, sources[lit])
    words = _words(stage, link)
    stopped = cuts.cut_at(stage, link, sources)
    for n, s in enumerate(kept):
        out, into = s + tile, s + shift
        style = "edge-backward" if lit[n] else "edge"
        before, after = points[n, : split + 1], points[n, split:]
        holder = _holder(stage, out, into, out_of)
        if holder in found:
            found[holder].delays.append((*points[n, split].tolist(), words))
        if stopped[n]:
            _cut(stage, found, out, into, before, after)
            continue
        if lit[n]:
            before, after = before[::-1], after[::-1]
        _over(stage, found, (out, into), style, before, width[n] or edges.THIN)
        if out in found:
            found[out].add(style, before, width[n], bool(lit[n]))
        if into in found:
            found[into].add(style, after, width[n], not lit[n])


def _holder(stage: Stage, out: int, into: int, out_of: range) -> int:
    """The card on which the delay of an edge lies; −1 for none. From a card below the top one it
    would cross what stands there: it is left out, but where the top one has no such edge of its
    own, and then it comes when the two lie on one another."""
    top, back = stage.top, out > into
    if (out > top) if back else (out < top):
        late = into == top and top not in out_of and stage.view.fold >= LATE
        return top if late else -1
    return min(out, into, key=lambda t: abs(t - top))


def _over(
    stage: Stage,
    found: dict[int, Halves],
    ends: tuple[int, int],
    style: str,
    before: Array,
    width: float,
) -> None:
    """A long lag leads past other cards: over them, and ever thinner, as its loop rises."""
    out, into = ends
    between = range(out + 1, into) if into > out else range(out - 1, into, -1)
    above = min(between, key=lambda t: abs(t - stage.top), default=out)
    wide = width * (1.0 - risen(stage.view.fold))
    if above in found and above != out and wide > 0.1:
        found[above].add(style, before, wide, False)


def _cut(
    stage: Stage, found: dict[int, Halves], out: int, into: int, before: Array, after: Array
) -> None:
    """Both halves of an edge through which nothing comes back, with the strokes on the second."""
    for t, half in ((out, before), (into, after)):
        if t in found:
            found[t].add("edge-cut", half, 0.0, False)
    if into in found:
        for stroke in cuts.across(slim(after), edges.CORNER * stage.scale):
            found[into].add("cut", stroke, 0.0, False)


def _words(stage: Stage, link: Link) -> str:
    return f"t{'+' if stage.backwards(link.source[0]) else '−'}{lag_of(link)}"


def _uses(stage: Stage, link: Link) -> tuple[int, int, int]:
    """(low, high, shift): steps of the source that have this link, and where its target stands."""
    everywhere = stage.everywhere()
    return everywhere.link_steps(link)


def _ghosts(stage: Stage, link: Link, found: dict[int, Halves]) -> None:
    """The half that leaves the last step for none, and the one that enters the first from none;
    they grow out of their node, late."""
    if stage.view.fold <= GHOSTS or link.way.far:
        return
    low, high, shift = _uses(stage, link)
    at = (stage.view.fold - GHOSTS) / (1.0 - GHOSTS)
    bent = stage.folds.ways[link_id(link)]
    loop = bent.looped(stage.view.fold)
    tile, until = stage.tile(link.source[0]), stage.tile(link.target[0])
    for first, owned, shifted, part, node in (
        (tile, stage.owned(link.source[0]), tile, loop[: bent.split + 1], 0),
        (until, stage.owned(link.target[0]), shift, loop[bent.split :], -1),
    ):
        for t in range(owned[0] + first, owned[1] + first):
            if t in found and not low + shifted <= t < high + shifted:
                p = part[node] + (part - part[node]) * at
                x, y = stage.sight.x(t, p[:, 0], p[:, 1]), stage.sight.y(p[:, 2])
                found[t].add("edge-dashed", np.column_stack([x, y]), 0.0, False)


def _first_seen(stage: Stage, link: Link) -> bool:
    initial = next((i for i in stage.layout.initials if i.key == link.source), None)
    if initial is None or (stage.start > 0 and not initial.back):
        return False
    return stage.initial_seen(initial)


def _first_points(stage: Stage, link: Link) -> tuple[Array, int, bool]:
    """(points, where the lane is met, whether it is lit) of the edge of a first state."""
    low, _, shift = stage.link_steps(link)
    points = stage.points(link, np.array([low + shift]))[0]
    lit = bool(edges.arrived(stage, link, np.array([low]))[0])
    return points, stage.folds.ways[link_id(link)].split, lit


def _first(stage: Stage, link: Link, found: dict[int, Halves]) -> None:
    """The rest of that edge, on the card of the first step."""
    low, _, shift = stage.link_steps(link)
    t = low + shift
    if t not in found or not _first_seen(stage, link):
        return
    points, split, lit = _first_points(stage, link)
    width = float(edges.widths_at(stage, link, np.array([-1]))[0])
    part = points[split:]
    found[t].add("edge-backward" if lit else "edge", part[::-1] if lit else part, width, not lit)
