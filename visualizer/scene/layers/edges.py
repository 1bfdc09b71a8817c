"""The edges: grey from input to consumer; orange from consumer to input once the contribution has
arrived, as wide as the logarithm of its norm on that edge. Also the packets under way on them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.parameter_terms import replaces
from engine.template import HANDED
from visualizer.scene.layers import cuts
from visualizer.scene.picture import Curves, Item, Polylines
from visualizer.scene.stage import Stage, joined, within
from visualizer.scene.tile import Link, Mark

Array = NDArray[np.floating[Any]]
Steps = NDArray[np.integer[Any]]
DECADES = 5.0
THIN, THICK = 1.2, 4.4
CORNER = 11.0
MORE = 1.3  # of an edge on which a state is handed over


def draw(stage: Stage) -> list[Item]:
    """All edges between nodes, the first ones from the states before step 1 apart (`initials`)."""
    links = [n for n in stage.layout.links if not n.initial or _from_right(stage, n)]
    return drawn(stage, links, True)


def initials(stage: Stage) -> list[Item]:
    """Edges that come from before the first step."""
    if stage.start > 0:
        return []
    links = [n for n in stage.layout.links if n.initial and not stage.backwards(n.source[0])]
    return drawn(stage, links, False)


def _from_right(stage: Stage, link: Link) -> bool:
    """Whether the link comes from the state right of the last step, and that step is in sight."""
    last = stage.sight.first < stage.stop <= stage.sight.last
    return last and link.initial and stage.backwards(link.source[0])


@dataclass(slots=True)
class _Edges:
    """Lines and curves gathered by how they are drawn."""

    grey_lines: list[Array] = field(default_factory=list)
    grey_curves: list[Array] = field(default_factory=list)
    lines: list[Array] = field(default_factory=list)
    line_widths: list[Array] = field(default_factory=list)
    curves: list[Array] = field(default_factory=list)
    curve_widths: list[Array] = field(default_factory=list)
    dashed_lines: list[Array] = field(default_factory=list)
    dashed_curves: list[Array] = field(default_factory=list)
    handed_lines: list[Array] = field(default_factory=list)
    handed_curves: list[Array] = field(default_factory=list)
    cut_lines: list[Array] = field(default_factory=list)
    cut_curves: list[Array] = field(default_factory=list)

    def take(self, other: _Edges) -> None:
        for each in KINDS:
            getattr(self, each).extend(getattr(other, each))

    def items(self, radius: float) -> list[Item]:
        items = cuts.draw(self.cut_lines, self.cut_curves, radius)
        if self.dashed_lines:
            items.append(Polylines("edge-dashed", tuple(self.dashed_lines), radius=radius))
        if self.dashed_curves:
            items.append(Curves("edge-dashed", joined(self.dashed_curves, 8)))
        if self.handed_lines:
            lines = tuple(self.handed_lines)
            items.append(Polylines("edge-handed", lines, arrows="end", radius=radius))
        if self.handed_curves:
            items.append(Curves("edge-handed", joined(self.handed_curves, 8), arrows="end"))
        grey, orange = joined(self.grey_curves, 8), joined(self.curves, 8)
        if len(grey):
            items.append(Curves("edge", grey, arrows="end"))
        if self.grey_lines:
            items.append(Polylines("edge", tuple(self.grey_lines), arrows="end", radius=radius))
        if len(orange):
            widths = np.concatenate(self.curve_widths)
            items.append(Curves("edge-backward", orange, widths, "end"))
        if self.lines:
            widths = np.concatenate(self.line_widths)
            items.append(Polylines("edge-backward", tuple(self.lines), widths, "end", radius))
        return items


KINDS = tuple(each.name for each in fields(_Edges))


def drawn(stage: Stage, links: list[Link], ports: bool) -> list[Item]:
    found = _Edges()
    for link in links:
        state = _state_of(stage, link)
        found.take(stage.recall(("edges", id(link)), state, partial(_edges_of, stage, link)))
    if ports and not stage.film.timeless:
        for mark in stage.layout.marks:
            if mark.port is not None:
                state = stage.frame.complete(*mark.key)
                found.take(stage.recall(("port", mark.key), state, partial(_port, stage, mark)))
    return found.items(CORNER * stage.scale)


def _state_of(stage: Stage, link: Link) -> tuple[object, ...]:
    """All of the moment that the edges of a link depend on."""
    frame = stage.frame
    return frame.initial_arrived() if link.initial else tuple(map(frame.arrived, link.uses))


def _edges_of(stage: Stage, link: Link) -> _Edges:
    found = _Edges()
    low, high, shift = stage.link_steps(link)
    late = before_entry(stage, link)
    if len(late):
        points = stage.points(link, late + shift)
        found.grey_lines.extend([] if link.way.curve else points)
        found.grey_curves.extend([points.reshape(-1, 8)] if link.way.curve else [])
    if high > low:
        steps = np.arange(low, high)
        _sort(stage, link, steps, stage.points(link, steps + shift), found)
    return found


def _sort(stage: Stage, link: Link, steps: Steps, points: Array, into: _Edges) -> None:
    """The edges of a link at these steps: cut, still grey, or lit."""
    stopped = cuts.cut_at(stage, link, steps)
    if stopped.any():
        if link.way.curve:
            into.cut_curves.append(points[stopped].reshape(-1, 8))
        else:
            into.cut_lines.extend(points[stopped])
        steps, points = steps[~stopped], points[~stopped]
    back = arrived(stage, link, steps)
    nothing = back & masked(stage, link, steps)
    if nothing.any():
        if link.way.curve:
            into.dashed_curves.append(points[nothing].reshape(-1, 8))
        else:
            into.dashed_lines.extend(points[nothing])
        steps, points, back = steps[~nothing], points[~nothing], back[~nothing]
    back &= ~unsent(stage, link, steps)
    quiet, lit = points[~back], points[back][:, ::-1]
    widths = widths_at(stage, link, steps[back])
    if link.uses[0].position == HANDED:
        into.handed_lines.extend([] if link.way.curve else quiet)
        into.handed_curves.extend([quiet.reshape(-1, 8)] if link.way.curve and len(quiet) else [])
        quiet = quiet[:0]
        widths = widths * MORE
    if link.way.curve:
        into.grey_curves.append(quiet.reshape(-1, 8))
        into.curves.append(lit.reshape(-1, 8))
        into.curve_widths.append(widths)
    else:
        into.grey_lines.extend(quiet)
        into.lines.extend(lit)
        into.line_widths.append(widths)


def before_entry(stage: Stage, link: Link) -> Steps:
    """Steps of the source before the first of a sequence that enters late, from where something
    is read all the same."""
    g = link.source[0]
    low = stage.owned(g)[0]
    own = link.target[0] == g and isinstance(link.reach, int) and not stage.backwards(g)
    if not own or link.initial or not low or not link.reach:
        return np.arange(0)
    first = max(low - int(link.reach), 0, stage.seen(g)[0] - int(link.reach))
    return np.arange(first, min(low, max(stage.seen(g)[1], first)))


def masked(stage: Stage, link: Link, steps: Steps) -> NDArray[np.bool_]:
    """Where a loss that does not count sends nothing back through padding, and where what had come
    to a variable was replaced."""
    if replaces(stage.film.recording, link.source[1]):
        uses = stage.network.uses(0, link.source[1])
        there = [use for use in uses if stage.frame.has_contribution(use, 0)]
        return np.full(len(steps), bool(there) and there[-1] not in link.uses)
    if stage.film.run.batch.real is None or link.initial or not len(steps):
        return np.zeros(len(steps), bool)
    tiles, none = steps + stage.tile(link.source[0]), np.zeros(len(steps), bool)
    for low, high in stage.film.padding(stage.b):
        none |= (tiles >= low) & (tiles < high)
    norms = sum(stage.film.norms(use)[steps, stage.b] for use in link.uses)
    return np.asarray(none & (norms == 0))


def unsent(stage: Stage, link: Link, steps: Steps) -> NDArray[np.bool_]:
    """Where what has come back is exactly 0: no loss depends on it, and such an edge stays grey."""
    if link.initial or not len(steps):
        return np.zeros(len(steps), bool)
    norms = sum(stage.film.norms(use)[steps, stage.b] for use in link.uses)
    return np.asarray(norms == 0)


def arrived(stage: Stage, link: Link, steps: Steps) -> NDArray[np.bool_]:
    """At which of the source's steps something has come back on this link."""
    frame = stage.frame
    if link.initial:
        arrived = frame.initial_arrived()
        return np.full(len(steps), any(use in arrived for use in link.uses))
    back = np.zeros(len(steps), bool)
    for use in link.uses:
        back |= within(steps, frame.arrived(use))
    return back


def widths_at(stage: Stage, link: Link, steps: NDArray[np.integer[Any]]) -> Array:
    if not len(steps):
        return np.empty(0)
    if link.initial:
        return np.full(len(steps), 0.5 * (THIN + THICK)) * stage.scale
    norms = [stage.film.norms(use)[steps, stage.b] for use in link.uses]
    return width_of(stage, np.sqrt(np.square(norms).sum(0)))


def width_of(stage: Stage, norms: Array) -> Array:
    """Width in px by the logarithm of a norm, below the film's largest cell of δ by decades."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # In float64, as logarithms of float32 come out a little otherwise at the end of an array.
        size = np.asarray(norms, np.float64) / (2.0 * stage.film.delta_scale)
        place = 1.0 + np.log10(size) / DECADES
    place = np.clip(np.where(np.isfinite(norms), place, 1.0), 0.0, 1.0)
    return np.asarray((THIN + (THICK - THIN) * place) * max(stage.scale, 0.45))


def _port(stage: Stage, mark: Mark) -> _Edges:
    """The short pieces between the circle of an op and the node that it makes."""
    found = _Edges()
    low, high = stage.seen(mark.segment)
    mine, until = stage.owned(mark.segment)
    low, high = max(low, mine), min(high, until)
    if high > low:
        steps = np.arange(low, high)
        points = port_points(stage, mark, steps)
        back = within(steps, stage.frame.complete(mark.segment, mark.slot))
        found.grey_lines.extend(points[~back])
        found.lines.extend(points[back][:, ::-1])
        norms = stage.film.delta_norms(mark.segment, mark.slot)[steps[back], stage.b]
        found.line_widths.append(width_of(stage, norms))
    return found


def port_points(stage: Stage, mark: Mark, steps: NDArray[np.integer[Any]]) -> Array:
    """From the circle of an op to the node that it makes, (n, 2, 2)."""
    assert mark.port is not None
    x, y = mark.port
    sight, tiles = stage.sight, steps + stage.tile(mark.segment)
    out = np.empty((len(steps), 2, 2))
    if abs(y - mark.y) < 1.0:
        out[:, 0, 0] = sight.x(tiles, x, 14.0)
        out[:, 1, 0] = sight.x(tiles, mark.x, -mark.w / 2)
        out[:, :, 1] = sight.y(y)
    else:
        out[:, :, 0] = np.asarray(sight.x(tiles, x))[:, None]
        out[:, 0, 1] = sight.y(y - 14.0)
        out[:, 1, 1] = sight.y(mark.y + mark.h / 2)
    return out
