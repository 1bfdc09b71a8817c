"""A graph whose level is pinned, seen from afar: nodes are narrow, but stay as tall as strips of
cells can be told apart, so that a thousand steps are not a thread. The window draws it pixel by
pixel (`paint.raster`), and so it does bands; here stands when, where, and what is drawn round it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np

from visualizer.scene.compose import clipped, level_of_view, sight_of
from visualizer.scene.film import Film
from visualizer.scene.fold import blended, folded
from visualizer.scene.frame import Frame
from visualizer.scene.layers import band_ends, band_words, bands, callout, packets
from visualizer.scene.layers.band_words import Window
from visualizer.scene.layout import Layout
from visualizer.scene.picture import Clip, Item, Rects, Unclip
from visualizer.scene.stage import Stage
from visualizer.scene.tile import Link, Mark
from visualizer.scene.view import Sight, View, node_width, step_width
from visualizer.scene.wrapping import wraps

Span: TypeAlias = tuple[float, float, float, float]
FAR = 0.3  # scale below which words cannot be read: from there on nodes get no lower …
FURTHEST = 0.06  # … until they are as tall as the window allows
GAPS = 3.0  # px of a step from which nodes stand apart
LINKED = 8.0  # px of a step below which there are no edges, and nodes grow into their room …
FILLED = 0.8  # … up to this part of it
SHOWN = ("box", "row")  # kinds of marks that show numbers
NARROWEST = 5.0  # px of the box round what is selected
APART = 13.0  # px from name to name
BESIDE = 12  # steps round the moment that a callout has to keep clear of


def is_far(film: Film, view: View) -> bool:
    """Whether the view is one of pixels: bands, or a pinned level from far away, in one line."""
    if wraps(film, view):
        return False
    level = level_of_view(film, view)
    if level == "bands":
        return True
    if film.timeless or folded(film, view):
        return False
    return node_width(view, film.base) < FAR * film.layout(level).pitch


def remoteness(scale: float) -> float:
    """0 where a far view begins, 1 where it is as far as can be."""
    return float(np.clip(np.log(FAR / scale) / np.log(FAR / FURTHEST), 0.0, 1.0))


def far_sight(film: Film, view: View, width: float, height: float) -> Sight:
    """Where a graph lands that may be far away; near by it is the usual sight."""
    here = sight_of(film, view, width, height)
    if level_of_view(film, view) == "bands" or not is_far(film, view):
        return here
    away = remoteness(here.scale)
    alone = float(np.clip((LINKED - here.step) / (LINKED - GAPS), 0.0, 1.0))
    layout = _gathered(film, here.layout, away, alone)
    whole = (here.height - bands.HEAD - bands.FOOT) / layout.height
    tall = max(min(FAR, whole) * max(whole / FAR, 1.0) ** away, here.scale)
    slack = here.height - layout.height * tall
    y0 = slack / 2 - layout.top * tall + view.origin[1] * here.height
    return replace(here, layout=layout, rise=tall / here.scale, y0=float(np.rint(y0)))


def _gathered(film: Film, layout: Layout, away: float, alone: float) -> Layout:
    """The layout with its rows nearer to each other, the further away it is, so that there is more
    room for the cells; and these taller where they are `alone`, without edges between. The last
    one is kept, for all strips of one view ask for it."""
    held: dict[object, Layout] = film.kept("layout from afar", dict)
    asked = (layout.level, layout.rise, away, alone)
    if asked not in held:
        low = film.layout(layout.level, film.least_rise(layout.level))
        held.clear()
        rise = layout.rise + (low.rise - layout.rise) * away
        links = tuple(_between(*pair, away) for pair in zip(layout.links, low.links))
        close = replace(blended(layout, low, away), rise=rise, links=links)
        marks = _grown(close.marks, alone)
        at = {(mark.segment, mark.slot): mark for mark in marks}
        held[asked] = replace(close, marks=marks, at=at)
    return held[asked]


def _grown(marks: tuple[Mark, ...], alone: float) -> tuple[Mark, ...]:
    """Marks as tall as the distance of their rows allows, as far as they are alone."""
    rows = sorted({mark.y for mark in marks if mark.kind in (*SHOWN, "pill")})
    apart = np.diff(rows, prepend=-np.inf, append=np.inf)
    room = dict(zip(rows, (FILLED * np.minimum(apart[:-1], apart[1:])).tolist()))
    return tuple(
        replace(mark, h=mark.h + max(room.get(mark.y, 0.0) - mark.h, 0.0) * alone)
        if np.isfinite(room.get(mark.y, 0.0)) else mark
        for mark in marks
    )  # fmt: skip


def _between(high: Link, low: Link, away: float) -> Link:
    """A link whose ends stand between those of two layouts."""
    points = high.way.points + (low.way.points - high.way.points) * away
    return replace(high, way=replace(high.way, points=points))


def parted(sight: Sight) -> list[Mark]:
    """The marks of a step; where it is too narrow for gaps those that stand side by side are one
    above the other, each in its part of the height, and the ops between them are gone."""
    if sight.step >= GAPS:
        return list(sight.layout.marks)
    rows: dict[float, list[Mark]] = {}
    for mark in sorted(sight.layout.marks, key=lambda mark: mark.x):
        if mark.kind in (*SHOWN, "pill"):
            rows.setdefault(mark.y, []).append(mark)
    found = []
    for y, row in rows.items():
        high = row[0].h / len(row)
        for n, mark in enumerate(row):
            found.append(replace(mark, y=y - row[0].h / 2 + (n + 0.5) * high, h=high))
    return found


def scaled(film: Film, view: View, then: Sight, width: float, height: float) -> Sight:
    """The sight of a view while its pixels are those of another one, scaled along time: rows stand
    where they stood then. Without it every notch of a wheel would need a layout of its own."""
    now = sight_of(film, view, width, height)
    return replace(now, layout=then.layout, scale=then.scale, rise=then.rise, y0=then.y0)


def around(film: Film, frame: Frame, view: View, width: float, height: float) -> list[Item]:
    """What is drawn round the pixels of a far view; the strip of the legend stays empty."""
    here = far_sight(film, view, width, height)
    return [*names(film, frame, view, here), *over(film, frame, view, here)]


def names_key(film: Film, frame: Frame, view: View, here: Sight) -> tuple[object, ...]:
    """All that `names` depend on."""
    level, said = level_of_view(film, view), (view.symbols, frame.has_total)
    rows = () if level == "bands" else (here.layout, here.scale, here.rise, here.y0)
    return (film, level, *said, here.height, *rows)


def names(film: Film, frame: Frame, view: View, here: Sight) -> list[Item]:
    """What stands in the rail, wherever one looks: the names of rows, the sum of the losses."""
    if level_of_view(film, view) == "bands":
        return bands.names(film, frame, view, here.height)
    top = float(here.y(min(m.y - m.h / 2 for m in here.layout.marks)))
    found = [*_names(_stage(film, frame, view, here)), *band_ends.total(film, frame, top)]
    return [Clip((0.0, 0.0, here.width, here.height)), *found, Unclip()]


def over(film: Film, frame: Frame, view: View, here: Sight) -> list[Item]:
    """What stands over the pixels and beside them, and moves with them or with the film."""
    if level_of_view(film, view) == "bands":
        items = bands.over(film, frame, view, here.width, here.height)
        return items + _selected(film, view, here.width, _in_bands(film, view, here.height))
    if here.last <= here.first:
        return []
    stage = _stage(film, frame, view, here)
    window = Window(film, frame, stage.b, here.x0, here.step, here.first, here.last, here.width)
    bottom = float(here.y(max(m.y + m.h / 2 for m in here.layout.marks)))
    top = float(here.y(min(m.y - m.h / 2 for m in here.layout.marks)))
    drawn = [*band_words.axis(window, bottom), *band_words.playhead(window, top, bottom)]
    drawn += _selected(film, view, here.width, _in_graph(view, here))
    now = frame.lately
    first, last = max(here.first, now - BESIDE), min(here.last, now + BESIDE + 1)
    if last > first:
        close = replace(stage, sight=replace(here, first=first, last=last))
        drawn += [*packets.draw(close), *callout.draw(close)]
    return clipped(stage, 0.0, drawn)


def _stage(film: Film, frame: Frame, view: View, here: Sight) -> Stage:
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    return Stage(film, frame, view, here, b, *film.span(b))


def _names(stage: Stage) -> list[Item]:
    """The names of rows, of what stands side by side together; where rows are too near each other
    some go without."""
    rows: dict[float, list[Mark]] = {}
    for mark in sorted(stage.layout.marks, key=lambda mark: (mark.y, mark.x)):
        if mark.kind in ("box", "row", "pill"):
            rows.setdefault(round(mark.y, 1), []).append(mark)
    items: list[Item] = []
    before = -np.inf
    for y, marks in rows.items():
        at = float(stage.sight.y(y))
        if at - before < APART:
            continue
        before = at
        keys = [(mark.segment, mark.slot) for mark in marks]
        names = dict.fromkeys(band_words.name(stage.film, k, stage.view.symbols) for k in keys)
        roles = {band_words.role_of(stage.film, key) for key in keys}
        role = roles.pop() if len(roles) == 1 else "gates"
        loss = marks[0].kind == "pill"
        items += band_words.named(" ".join(names), "loss" if loss else role, at)
    return items


def _in_bands(film: Film, view: View, room: float) -> Span | None:
    """Where the selected node would stand in step 0 of bands: x and width, y and height."""
    node, rows = view.selected, bands.heights(film, room)
    for band, y, tall in zip(rows.slots, rows.edges.tolist(), np.diff(rows.edges).tolist()):
        if node is not None and (node.segment, node.slot) in band:
            step = step_width(view, film.base)
            return bands.RAIL - view.origin[0] * step, step, y, tall - bands.UNDER
    return None


def _in_graph(view: View, here: Sight) -> Span | None:
    """The same in a graph."""
    node, gaps = view.selected, here.step >= GAPS
    for mark in parted(here):
        if node is not None and (mark.segment, mark.slot) == (node.segment, node.slot):
            wide, tall = mark.w * here.scale if gaps else here.step, mark.h * here.tall
            x = here.x(0, mark.x) - wide / 2 if gaps else here.x0
            return float(x), wide, float(here.y(mark.y)) - tall / 2, tall
    return None


def _selected(film: Film, view: View, width: float, place: Span | None) -> list[Item]:
    """A box round the selected node, never so narrow that it could not be seen."""
    node = view.selected
    if node is None or place is None or node.t < 0:
        return []
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    x, wide, y, tall = place
    x += (node.t + film.tile(node.segment, b)) * step_width(view, film.base)
    more = max(NARROWEST - wide, 0.0)
    if x + wide <= bands.RAIL or x >= width:
        return []
    box = np.array([[x - more / 2, y, wide + more, tall]])
    return [Rects("band-selected", box)]
