"""The folded graph: every step a card, the step of the playhead on top, the others fading beneath
it; on a card what the layers draw of one step, and the halves of the loops that are its own.

Where cards stand and how loops run is `fold`'s. All cards are drawn by the layers in one go, on a
stage where steps stand far apart, and then dealt out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.bent import bends, link_id, risen
from visualizer.scene.fold import deck_of
from visualizer.scene.layers import columns, edges, loops, losses, nodes, rail
from visualizer.scene.picture import Curves, Dots, Item, Polylines, Rects
from visualizer.scene.rail import Card, Dot
from visualizer.scene.shifting import dealt
from visualizer.scene.stage import Stage
from visualizer.styles import STYLES

Array = NDArray[np.floating[Any]]
VEILS, RIMS = 50, 20
NEAR = 14.0  # px between a dot and the edge that it is on
APART = 4.0  # steps: how far cards stand from each other while they are drawn
PADDING = (26.0, 20.0)  # of a card, above what it holds and below


def top_stage(stage: Stage) -> Stage:
    """The stage with the card on top alone."""
    now = stage.top
    return replace(stage, sight=replace(stage.sight, first=now, last=now + 1))


def on_top(layer: Callable[[Stage], list[Item]]) -> Callable[[Stage], list[Item]]:
    """A layer that draws the card on top alone."""
    return lambda stage: layer(top_stage(stage))


def ground(stage: Stage) -> list[Item]:
    """What lies left of the first card: the beginning of roads and of bus lines."""
    sight = stage.sight
    shown = deck_of(sight, stage.view.fold, stage.top)
    first = float(sight.edge(max(min(shown), stage.start))) - sight.margin
    lines = []
    for card in stage.layout.cards:
        if card.bus_y is not None:
            lines.append(rail.line(stage, card, float(sight.y(card.bus_y)), max(first, sight.left)))
    items = columns.roads(stage, first)
    return [*items, Polylines("bus", tuple(lines), radius=6 * stage.scale)] if lines else items


@dataclass(frozen=True, slots=True)
class Page:
    """One card: `window` (left, right) is what shows of it; what lies under its nodes, and over."""

    step: int
    window: tuple[float, float]
    below: tuple[Item, ...]
    above: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Deck:
    """All cards from below, without their nodes; `stage` is theirs, `over` lies above all."""

    stage: Stage
    pages: tuple[Page, ...]
    over: tuple[Item, ...]


def draw(stage: Stage) -> list[Item]:
    """All cards, one on the other; above them what belongs to no step but the last."""
    found = deck(stage)
    faces = faces_of(found.stage, {page.step: page.window for page in found.pages})
    items: list[Item] = []
    for page in found.pages:
        items += [*page.below, *faces[page.step], *page.above]
    return [*items, *found.over]


def deck(stage: Stage) -> Deck:
    """The cards as they lie."""
    lone = _lone(stage)
    if lone is not None:
        stage = _without(stage, lone)
    shown = deck_of(stage.sight, stage.view.fold, stage.top)
    windows = {t: _window(stage, t) for t in shown}
    halves = loops.halves(stage, windows)
    over, under = _loss_edges(stage, shown, windows)
    pages = []
    for t, veil in shown.items():
        box = box_of(stage, t, windows[t])
        below = (*_ground(stage, t, box), *loops.lines(stage, halves[t]), *under[t])
        above = loops.delays(stage, halves[t])
        if veil > 0.0:
            style = f"fold-veil-{max(round(veil * VEILS), 1)}"
            above.append(Rects(style, box, radius=_radius(stage)))
        pages.append(Page(t, windows[t], below, tuple(above)))
    return Deck(stage, tuple(pages), (*over, *(_lone_items(lone) if lone is not None else ())))


def _window(stage: Stage, t: int) -> tuple[float, float]:
    """Left and right end of what shows of the card of step t beside those above it."""
    sight, top = stage.sight, stage.top
    left, right = float(sight.edge(t)) - sight.margin, float(sight.edge(t)) + sight.step
    right += sight.margin
    beside = sight.advance + _radius(stage)  # round corners show a little more
    if t < top:
        return left, min(right, left + beside)
    return (left, right) if t == top else (max(left, right - beside), right)


def box_of(stage: Stage, t: int, window: tuple[float, float]) -> Array:
    """The card of step t, (1, 4): the whole column at fold 0, what it holds at fold 1; what other
    cards hide of it is left out, but for the round corners."""
    sight, at = stage.sight, risen(stage.view.fold)
    low = stage.layout.token_y + PADDING[1]
    top = (1.0 - at) * -30.0 + at * _high(stage)
    bottom = (1.0 - at) * (sight.height + 70.0) + at * float(sight.y(low))
    left, right = window
    if t < stage.top:
        right += 2 * _radius(stage)
    elif t > stage.top:
        left -= 2 * _radius(stage)
    return np.array([[left, top, right - left, bottom - top]])


def _high(stage: Stage) -> float:
    """Pixel of the upper edge of a card at fold 1."""
    high = min(stage.folds.highest, *(mark.y - mark.h / 2 for mark in stage.layout.marks))
    return float(stage.sight.y(high - PADDING[0]))


def _radius(stage: Stage) -> float:
    return 16.0 * stage.scale


# ---- what the layers draw of each step


def _lone(stage: Stage) -> Stage | None:
    """A stage of what exists at one step alone, as a readout of the last one; or nothing."""
    segments = stage.network.segments
    readouts = {g for g, segment in enumerate(segments) if segment.kind == "readout"}
    ones = {g for g in readouts if segments[g].steps == 1}
    if not ones or ones != readouts:
        return None
    layout = stage.layout
    marks = tuple(mark for mark in layout.marks if mark.segment in ones)
    links = tuple(link for link in layout.links if link.target[0] in ones)
    there = stage.tile(min(ones))
    return replace(
        stage,
        sight=replace(
            stage.sight,
            layout=replace(layout, marks=marks, links=links, frames=()),
            first=there,
            last=there + 1,
        ),
    )


def _without(stage: Stage, lone: Stage) -> Stage:
    """The stage without that, but for its bus lines."""
    gone = {mark.segment for mark in lone.layout.marks}
    marks = tuple(mark for mark in stage.layout.marks if mark.segment not in gone)
    layout = replace(stage.layout, marks=marks)
    return replace(stage, sight=replace(stage.sight, layout=layout))


def _lone_items(lone: Stage) -> list[Item]:
    links = [link for link in lone.layout.links if not link.initial]
    items = [*edges.drawn(lone, links, True), *losses.edges(lone)]
    for layer in (nodes.draw, losses.draw, nodes.rings):
        items += layer(lone)
    return items


def faces_of(stage: Stage, windows: Mapping[int, tuple[float, float]]) -> dict[int, list[Item]]:
    """The nodes of all cards with the edges within a step, drawn at once and dealt out."""
    sight = stage.sight
    apart = APART * sight.step + 2000.0
    first, last = min(windows), max(windows) + 1
    wide = replace(sight, x0=apart, advance=apart, first=first, last=last, left=0.0)
    far = replace(stage, sight=wide)
    within = [n for n in stage.layout.links if n.reach == 0 and not n.initial]
    items = edges.drawn(far, within, True)
    for layer in (nodes.draw, losses.draw, columns.words, nodes.rings):
        items += layer(far)
    shifts = {t: float(sight.edge(t) - wide.edge(t)) for t in windows}
    shown = {t: (low - shifts[t], high - shifts[t]) for t, (low, high) in windows.items()}
    return dealt(items, wide.x0, apart, shown, shifts)


def _ground(stage: Stage, t: int, box: Array) -> list[Item]:
    """The card itself with its tints, the memory's road on it, and the bus lines."""
    sight = stage.sight
    radius = _radius(stage)
    items: list[Item] = [Rects("fold-card", box, radius=radius)]
    for style, low, high in columns.spans(stage):
        if low <= t < high:
            items.append(Rects(style, box, radius=radius))
    left, right = float(box[0, 0]), float(box[0, 0] + box[0, 2])
    if stage.start <= t < stage.stop:
        ys = [float(sight.y(y)) for _, y in stage.layout.roads]
        road = tuple(np.array([[left, y], [right, y]]) for y in ys)
        if road:
            wide = np.full(len(road), 26.0 * stage.scale)
            items.append(Polylines("memory-road", road, wide))
    rim = max(round(risen(stage.view.fold) * RIMS), 1)
    items.append(Rects(f"fold-rim-{rim}", box, radius=radius))
    return items + _buses(stage, t, left, right)


def _buses(stage: Stage, t: int, left: float, right: float) -> list[Item]:
    """Bus lines across the card; in the last step, and folded, they end where they are used."""
    sight, scale, at = stage.sight, stage.scale, stage.view.fold
    lines: list[Array] = []
    dots: list[tuple[float, float]] = []
    for card in stage.layout.cards:
        if card.bus_y is None:
            continue
        y = float(sight.y(card.bus_y))
        used = [_dotted(stage, dot, t) for dot in card.dots]
        if not used or all(later is None for _, later in used):
            continue
        xs: list[float] = []
        if any(now or at == 1.0 for now, _ in used):
            xs = _dot_places(stage, card, t)
            dots += [(x, y) for x in xs]
        end = max(xs, default=left)
        last = not any(later for _, later in used)
        lines.append(np.array([[left, y], [end if last else right + (end - right) * at, y]]))
    items: list[Item] = [Polylines("bus", tuple(lines))] if lines else []
    if dots:
        items.append(Dots("bus-dot", np.array(dots), np.full(len(dots), 2.7 * max(scale, 0.7))))
    return items


def _dotted(stage: Stage, dot: Dot, t: int) -> tuple[bool, bool | None]:
    """Whether a bus has this dot at step t, and at a later one; None if neither."""
    mine, until = stage.owned(dot.segment)
    tile = stage.tile(dot.segment)
    now = mine + tile <= t < until + tile
    later = t < until + tile - 1
    return now, later if now or later else None


def _dot_places(stage: Stage, card: Card, t: int) -> list[float]:
    """Where a bus meets the edges on the card of step t: on loops, where those run now."""
    assert card.bus_y is not None
    bent = []
    for link in stage.layout.links:
        read = {(use.consumer.segment, use.consumer.slot) for use in link.uses}
        if bends(link) and not link.initial and read.intersection(card.slots):
            way = stage.folds.ways[link_id(link)]
            open_ = _crossed(way.unrolled(stage.view.fold), card.bus_y)
            now = _crossed(way.at(stage.view.fold)[way.split :], card.bus_y)
            if open_ is not None and now is not None:
                bent.append((sum(open_), now))
    places = []
    for dot in card.dots:
        on = [now for was, now in bent if abs(was - dot.x - dot.d) < NEAR]
        places.append(float(stage.sight.x(t, *(on[0] if on else (dot.x, dot.d)))))
    return list(dict.fromkeys(places))


def _crossed(points: Array, y: float) -> tuple[float, float] | None:
    """(X, D) where a way passes a height for the last time."""
    over = points[:, 2] - y
    crossed = np.flatnonzero((over[:-1] > 0) != (over[1:] > 0))
    if not len(crossed):
        return None
    k = int(crossed[-1])
    share = over[k] / (over[k] - over[k + 1])
    x, d, _ = points[k] + (points[k + 1] - points[k]) * share
    return float(x), float(d)


def _loss_edges(
    stage: Stage, shown: Mapping[int, float], windows: Mapping[int, tuple[float, float]]
) -> tuple[list[Item], dict[int, list[Item]]]:
    """The curves to the losses, thinner as their card fades: above all cards, and on each."""
    low, high = min(shown), max(shown) + 1
    some = replace(stage, sight=replace(stage.sight, first=low, last=high))
    under: dict[int, list[Item]] = {t: [] for t in shown}
    over: list[Item] = []
    pills = [float(stage.sight.y(m.y - m.h / 2)) for m in losses.pills_of(stage)]
    # unrolled, all of a curve is above the cards; folded, it goes into its own from above
    at = min(pills, default=0.0)
    at += (_high(stage) - at) * risen(stage.view.fold)
    for item in losses.edges(some):
        assert isinstance(item, Curves)
        falls = item.points[0, 1] < item.points[0, 7]
        ends = item.points[:, 6] if falls else item.points[:, 0]
        steps = _steps_at(stage, ends, low, high)
        veils = np.array([shown.get(t, 1.0) for t in steps])
        wide = item.widths
        if wide is None:
            wide = np.full(len(item.points), STYLES[item.style].width)
        item = replace(item, widths=wide * (1.0 - veils))
        first, second = parts_at(item, at)
        over.append(first if falls else second)
        below = second if falls else first
        for n, t in enumerate(steps):
            if t in shown and windows[t][0] - 9.0 < ends[n] < windows[t][1] + 9.0:
                assert below.widths is not None
                rows = slice(n, n + 1)
                part = replace(below, points=below.points[rows], widths=below.widths[rows])
                under[t].append(part)
    return over, under


def _steps_at(stage: Stage, ends: Array, low: int, high: int) -> list[int]:
    """The step of every curve by where it ends."""
    steps = np.arange(low, high)
    found = []
    for mark in losses.pills_of(stage):
        found.append(np.asarray(stage.sight.x(steps, mark.x)))
    near = np.abs(ends[:, None, None] - np.array(found)[None]).min(1).argmin(1)
    return [int(t) for t in steps[near]]


def parts_at(item: Curves, y: float) -> tuple[Curves, Curves]:
    """Curves cut where they pass a height; the head stays at the end."""
    p = item.points.reshape(-1, 4, 2)
    u = np.linspace(0.0, 1.0, 65)[:, None]
    heights = (1 - u) ** 3 * p[:, 0, 1] + 3 * u * (1 - u) ** 2 * p[:, 1, 1]
    heights = heights + 3 * u * u * (1 - u) * p[:, 2, 1] + u**3 * p[:, 3, 1]
    falls = heights[0] < heights[-1]
    passed = np.where(falls, heights >= y, heights <= y)
    at = np.where(passed.any(0), u[passed.argmax(0), 0], 1.0)[:, None]
    a, b, c = (p[:, k] + (p[:, k + 1] - p[:, k]) * at for k in range(3))
    d, e = a + (b - a) * at, b + (c - b) * at
    middle = d + (e - d) * at
    first = np.concatenate([p[:, 0], a, d, middle], axis=1)
    second = np.concatenate([middle, e, c, p[:, 3]], axis=1)
    return replace(item, points=first, arrows="none"), replace(item, points=second)
