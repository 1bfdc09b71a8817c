"""What the network said where it reads its own output: a bar for each of the likeliest tokens
between logits and loss, the taken one marked, and the way on which that token becomes the next
input. The way is cut: no gradient passes through a sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.template import Node
from visualizer.scene.film import Film
from visualizer.scene.layers import cuts
from visualizer.scene.layers.columns import fitted
from visualizer.scene.layout import Layout
from visualizer.scene.odds import FEW, Said, logits_of, said_at, speaks
from visualizer.scene.picture import Item, Polylines, Rects, Texts
from visualizer.scene.stage import Stage
from visualizer.scene.tile import Mark
from visualizer.scene.view import Sight

Array = NDArray[np.floating[Any]]
LEFT, RIGHT = 42.0, 62.0  # beside the edge from logits to loss, which goes through
ROW, PAD = 12.0, 5.0
HEIGHT = (FEW + 1) * ROW + 2 * PAD
MARK, NAME, FIGURE = 9.0, 33.0, 22.0  # room for the mark, the token, and its probability
LEVELS = ("numbers", "ops", "tensors")
CORNER = 9.0
COIN = 15.0  # below the token of a step
ASIDE = np.arange(8.0, 24.0)  # where the way may be, left of all that stands in its step
CLEAR, TALL = 9.0, 20.0  # enough between two upright lines, and how long one is
LEAST = 0.34  # scale below which nobody reads a bar


def box_of(film: Film, layout: Layout) -> tuple[float, float, float, float] | None:
    """Centre and size of the bars in a step, in units of zoom 1; None where there are none."""
    pills = [mark for mark in layout.marks if mark.kind == "pill"]
    places = logits_of(film.run)
    logits = layout.at.get(places[0]) if places else None
    if not speaks(film.run) or layout.level not in LEVELS or not pills or not logits:
        return None
    y = (pills[0].y + pills[0].h / 2 + logits.y - logits.h / 2) / 2
    return logits.x + (RIGHT - LEFT) / 2, y, LEFT + RIGHT, HEIGHT


def hit(film: Film, here: Sight, b: int, x: float, y: float) -> Node | None:
    """The logits whose bars lie under a pixel."""
    box = box_of(film, here.layout)
    if box is None or here.scale < LEAST:
        return None
    tile = int(np.rint((x - here.x(0, box[0])) / here.step))
    across = abs(x - here.x(tile, box[0])) <= box[2] / 2 * here.scale
    if not across or abs(y - here.y(box[1])) > box[3] / 2 * here.scale:
        return None
    for g, k in logits_of(film.run):
        low, high = film.owned(g, b)
        if low <= tile - film.tile(g, b) < high:
            return Node(g, tile - film.tile(g, b), k)
    return None


def draw(stage: Stage) -> list[Item]:
    """The bars of all steps in sight whose logits are known."""
    box = box_of(stage.film, stage.layout)
    if box is None or stage.scale < LEAST:
        return []
    places = logits_of(stage.film.run)
    found = [(t, _said(stage, t)) for place in places for t in _known(stage, place)]
    waiting = [t for place in places for t in _known(stage, place, False)]
    items: list[Item] = []
    if waiting:
        items.append(Rects("odds-pending", _frames(stage, box, waiting), radius=6 * stage.scale))
    return items + (_bars(stage, box, found) if found else [])


def _frames(stage: Stage, box: tuple[float, float, float, float], steps: list[int]) -> Array:
    """The boxes of the bars at these steps, (n, 4)."""
    (x, y, w, h), scale = box, stage.scale
    out = np.empty((len(steps), 4))
    out[:, 0] = stage.sight.x(np.array(steps), x) - w / 2 * scale
    out[:, 1] = float(stage.sight.y(y)) - h / 2 * scale
    out[:, 2:] = w * scale, h * scale
    return out


def _known(stage: Stage, place: tuple[int, int], so: bool = True) -> range:
    """Steps of the picture in sight whose logits are known, or are not yet."""
    tile, own = stage.tile(place[0]), stage.owned(place[0])
    low, high = stage.frame.valued(*place)
    low, high = (low, high) if so else (high, own[1])
    first, last = max(low, own[0]) + tile, min(high, own[1]) + tile
    return range(max(first, stage.sight.first), min(last, stage.sight.last))


def _said(stage: Stage, t: int) -> tuple[Said, ...]:
    run, b = stage.film.run, stage.b
    found: tuple[Said, ...] = stage.film.kept(("said", t, b), lambda: said_at(run, t, b))
    return found


def _bars(
    stage: Stage,
    box: tuple[float, float, float, float],
    found: list[tuple[int, tuple[Said, ...]]],
) -> list[Item]:
    scale, (x, y, w, h) = stage.scale, box
    top = float(stage.sight.y(y)) - h / 2 * scale
    bars: list[tuple[float, ...]] = []
    lit: list[tuple[float, ...]] = []
    words: dict[str, tuple[list[tuple[float, float]], list[str]]] = {}
    for t, said in found:
        left = float(stage.sight.x(t, x)) - w / 2 * scale
        rest = max(1.0 - sum(each.probability for each in said), 0.0)
        rows = [*((s.name, s.probability, s.taken) for s in said), ("rest", rest, False)]
        for n, (name, p, taken) in enumerate(rows):
            centre = top + (PAD + (n + 0.5) * ROW) * scale
            room = (w - MARK - NAME - FIGURE - 2 * PAD - 4.0) * scale
            wide = room * (p if np.isfinite(p) else 0.0)
            bar = (
                left + (PAD + MARK + NAME + 3.0) * scale,
                centre - 3.5 * scale,
                wide,
                7.0 * scale,
            )
            (lit if taken else bars).append(bar)
            style = "odds-taken-name" if taken else ("odds-rest" if name == "rest" else "odds-name")
            at = (left + (PAD + MARK + NAME) * scale, centre)
            _put(words, style, at, fitted(name, NAME, style))
            if taken:
                _put(words, style, (left + (PAD + MARK - 1.0) * scale, centre), "▸")
            _put(words, "odds-figure", (left + (w - PAD) * scale, centre), figure(p))
    items: list[Item] = [
        Rects("odds", _frames(stage, box, [t for t, _ in found]), radius=6 * scale)
    ]
    items += [Rects("odds-bar", np.array(bars), radius=1.0)] if bars else []
    items += [Rects("odds-taken", np.array(lit), radius=1.0)] if lit else []
    return items + [
        Texts(style, np.array(places), tuple(strings), "end", scale=scale)
        for style, (places, strings) in words.items()
    ]


def _put(
    words: dict[str, tuple[list[tuple[float, float]], list[str]]],
    style: str,
    at: tuple[float, float],
    text: str,
) -> None:
    places, strings = words.setdefault(style, ([], []))
    places.append(at)
    strings.append(text)


def figure(p: float) -> str:
    """A probability in two digits: .42, 1.0, <.01."""
    if not np.isfinite(p):
        return "?"
    if p >= 0.995:
        return "1.0"
    return f"{p:.2f}".removeprefix("0") if p >= 0.005 else ("<.01" if p > 0 else "0")


def ways(stage: Stage) -> list[Item]:
    """From what was said at a step to the input of the next, where that reads it."""
    run, b = stage.film.run, stage.b
    places = logits_of(run)
    if run.batch.own is None:
        return []
    inputs = [
        m for m in stage.layout.marks if stage.network.slot(m.segment, m.slot).role == "input"
    ]
    said = stage.layout.at.get(places[0]) if places else _highest(stage)
    if not inputs or said is None:
        return []
    bars, entry = box_of(stage.film, stage.layout), inputs[-1]
    x, y, w = (said.x, said.y, said.w) if bars is None else bars[:3]
    low, high = max(stage.sight.first, 1), min(stage.sight.last + 1, run.batch.steps)
    steps = [t for t in range(low, high) if run.batch.own[t, b]]
    if not steps:
        return []
    side = stage.film.kept(("lane of own outputs", stage.layout.level), lambda: lane(stage.layout))
    sight, tiles = stage.sight, np.array(steps)
    points = np.empty((len(steps), 4, 2))
    points[:, 0, 0] = sight.x(tiles - 1, x, w / 2)
    down = np.asarray(sight.x(tiles, entry.x, side - entry.x))
    points[:, 1, 0] = points[:, 2, 0] = down
    points[:, 3, 0] = sight.x(tiles, entry.x, -entry.w / 2)
    points[:, :2, 1] = sight.y(y)
    points[:, 2:, 1] = sight.y(entry.y)
    radius = CORNER * stage.scale
    lines = list(points)
    strokes = [stroke for line in lines for stroke in cuts.across(line, radius)]
    return [
        Polylines("edge-fed", tuple(lines), arrows="end", radius=radius),
        Polylines("cut", tuple(strokes)),
    ]


def lane(layout: Layout) -> float:
    """X of the way down, left of all that stands in the step it leads to, and as far as may be from
    other edges that run there."""
    edges = [m.x - m.w / 2 for m in layout.marks] + [box.x - box.w / 2 for box in layout.frames]
    others = []
    for link in layout.links:
        x, y = link.way.points[:, 0] + link.way.points[:, 1], link.way.points[:, 2]
        upright = (np.abs(np.diff(x)) < 0.5) & (np.abs(np.diff(y)) > TALL) & (not link.way.curve)
        others += [float(at) + n * layout.pitch for at in x[:-1][upright] for n in (-1, 0, 1)]
    found = [min(edges) - aside for aside in ASIDE]
    free = [min([CLEAR, *(abs(at - other) for other in others)]) for at in found]
    return found[int(np.argmax(free))]


def coins(stage: Stage) -> list[Item]:
    """Under each step how its coin fell, and where it fell for the truth, that this goes in."""
    run, b = stage.film.run, stage.b
    own = run.batch.own
    if own is None or run.experiment.feeding != "scheduled" or stage.scale < LEAST:
        return []
    entry = next(
        (m for m in stage.layout.marks if stage.network.slot(m.segment, m.slot).role == "input"),
        None,
    )
    if entry is None:
        return []
    low, high = stage.frame.valued(entry.segment, entry.slot)
    mine, until = stage.owned(entry.segment)
    steps = range(max(low, mine, stage.sight.first), min(high, until, stage.sight.last))
    sight, y = stage.sight, float(stage.sight.y(stage.layout.token_y))
    top = float(sight.y(entry.y + entry.h / 2))
    items: list[Item] = []
    for style, fell in (("odds-truth", False), ("odds-own", True)):
        x = [float(sight.x(t, entry.x)) for t in steps if bool(own[t, b]) == fell]
        if x:
            places = np.array([[each, y + COIN * stage.scale] for each in x])
            word = "own output" if fell else "truth"
            items.append(Texts(style, places, (word,) * len(x), "middle", scale=stage.scale))
        if x and not fell:
            ends = [np.array([[each, y - 8.0 * stage.scale], [each, top]]) for each in x]
            items.append(Polylines("edge", tuple(ends), arrows="end"))
    return items


def _highest(stage: Stage) -> Mark | None:
    """Where numbers are said: the readout below the loss."""
    for mark in stage.layout.marks:
        segment = stage.network.segments[mark.segment]
        if segment.kind == "readout" and mark.kind == "box":
            return mark
    return None
