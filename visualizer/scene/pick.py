"""What lies under a pixel: the inverse of `compose`, by arithmetic, for any number of steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np

from engine.template import Node, Use
from visualizer.scene.compose import level_of_view, sight_of
from visualizer.scene.far import GAPS, far_sight, is_far, parted
from visualizer.scene.film import Film
from visualizer.scene.fold import deck_of, folded, top_of
from visualizer.scene.frame import Frame
from visualizer.scene.layers import bands, legend, odds, tags
from visualizer.scene.rail import CARD, CARD_X
from visualizer.scene.stage import AWAY, initial_x
from visualizer.scene.tile import Mark
from visualizer.scene.view import Sight, View, step_width
from visualizer.scene.wrapping import STRIP, Lines, lines_of

MOST_KEPT = 8
SLACK = 3.0  # px beside a node that still hit it

Picked: TypeAlias = (
    Node | tuple[Literal["use"], Use, int] | tuple[Literal["parameter"], str]
    | tuple[Literal["loss"], int] | None
)  # fmt: skip


def pick(
    film: Film,
    view: View,
    width: float,
    height: float,
    x: float,
    y: float,
    frame: Frame | None = None,
    near: bool = False,
) -> Picked:
    """The node (t = -1 before the first step), card or loss at pixel (x, y), or None. Where the
    graph is folded, `frame` says which step lies on top; `near`: drawn as from near by, however far
    it is."""
    b = sequence_of(film, view)
    if level_of_view(film, view) == "bands":
        return _in_bands(film, view, b, height, x, y)
    here, far = _sight(film, view, width, height, near)
    if far:
        return _from_afar(film, here, b, x, y)
    card = _card(here, x, y)
    if card is not None:
        return card
    tag = _tag(film, here, b, x, y)
    if tag is not None:
        return tag
    initial = _initial(film, view, here, b, x, y)
    if initial is not None or x < here.left:
        return initial
    if folded(film, view):
        return _on_cards(film, view, here, b, frame or film.frame_at(0.0), x, y)
    for mark in _level_with(film, here, y):
        tile = int(np.rint((x - here.x(0, mark.x)) / here.step))
        found = _hit(film, here, b, mark, tile, x, y)
        if found is not None:
            return found
    return odds.hit(film, here, b, x, y)


def _sight(film: Film, view: View, width: float, height: float, near: bool) -> tuple[Sight, bool]:
    """Where the graph is, and whether it is far away."""

    def found() -> tuple[Sight, bool]:
        far = not near and is_far(film, view)
        return (far_sight if far else sight_of)(film, view, width, height), far

    sight: tuple[Sight, bool] = _held(film, view, (width, height, near), found)
    return sight


def _held(film: Film, view: View, more: tuple[object, ...], make: Callable[[], Any]) -> Any:
    """What depends on where one looks; the last ones are kept, as a hand moves over a graph that
    stands."""
    held: dict[object, Any] = film.kept("under the hand", dict)
    looks = (view.level, view.zoom, view.stretch, view.origin, view.fold, view.wrap)
    asked = (*looks, *more, film.closest)
    if asked not in held:
        if len(held) >= MOST_KEPT:
            held.clear()
        held[asked] = make()
    return held[asked]


def pick_wrapped(film: Film, view: View, width: float, height: float, x: float, y: float) -> Picked:
    """The same where the steps stand in several lines: that of the pixel is a graph by itself."""
    lines: Lines = _held(film, view, (width, height), lambda: lines_of(film, view, width, height))
    line = lines.at(y) if y < height - STRIP else None
    if line is None:
        return None
    own = lines.view(view, line)
    found = pick(film, own, width, lines.window, x, y - line.top, near=True)
    if isinstance(found, Node):
        t = found.t + film.tile(found.segment, sequence_of(film, view))
        first = found.t < 0 and not line.first
        return None if first or not (line.first <= max(t, 0) < line.last) else found
    if found is None or found[0] != "loss":
        return found if found is None or not line.first else None
    return found if line.first <= found[1] < line.last else None


def sequence_of(film: Film, view: View) -> int:
    """The sequence that is shown."""
    return min(max(view.sequence, 0), film.recording.batch - 1)


def _level_with(film: Film, here: Sight, y: float) -> list[Mark]:
    """The few marks of the template that reach a pixel's height. In which step the pixel lies is
    a division, so a million nodes cost what five do."""
    layout = here.layout
    key = ("heights of marks", layout.level, layout.rise)
    middles, halves = film.kept(key, lambda: np.array([(m.y, m.h / 2) for m in layout.marks]).T)
    near = np.abs(y - here.y(middles)) <= halves * here.tall + SLACK
    return [layout.marks[k] for k in np.flatnonzero(near)]


def _from_afar(film: Film, here: Sight, b: int, x: float, y: float) -> Picked:
    """Of narrow nodes the nearest at this height; there is nothing but nodes and losses."""
    if x < here.left:
        return None
    gaps, found = here.step >= GAPS, []
    for mark in parted(here):
        if abs(y - here.y(mark.y)) <= mark.h / 2 * here.tall:
            tile = math.floor((x - here.x0) / here.step)
            tile = int(np.rint((x - here.x(0, mark.x)) / here.step)) if gaps else tile
            aside = abs(x - here.x(tile, mark.x)) - mark.w / 2 * here.scale if gaps else 0.0
            found.append((aside, _at(film, mark, tile, b)))
    aside, nearest = min(found, key=lambda pair: pair[0], default=(0.0, None))
    return nearest if aside <= SLACK else None


def _on_cards(
    film: Film, view: View, here: Sight, b: int, frame: Frame, x: float, y: float
) -> Picked:
    """What is on the uppermost card under the pixel."""
    deck = deck_of(here, view.fold, top_of(frame, view, film, b))
    for tile in reversed(deck):
        left = float(here.edge(tile)) - here.margin
        if left <= x <= left + here.step + 2 * here.margin:
            hits = (_hit(film, here, b, mark, tile, x, y) for mark in here.layout.marks)
            return next((hit for hit in hits if hit is not None), None)
    return None


def _card(here: Sight, x: float, y: float) -> Picked:
    for card in here.layout.cards:
        inside = abs(x - CARD_X * here.scale) <= CARD[0] / 2 * here.scale
        if inside and abs(y - here.y(card.y)) <= card.h / 2 * here.scale:
            return ("parameter", card.parameters[0])
    return None


def _tag(film: Film, here: Sight, b: int, x: float, y: float) -> Picked:
    """The parameter that one step has of its own."""
    for card in here.layout.tags:
        dot = card.dots[0]
        across = here.x(0, dot.x, dot.d) - tags.ASIDE * here.scale
        tile = int(np.rint((x - across) / here.step))
        low, high = film.owned(dot.segment, b)
        near = abs(x - across - tile * here.step) <= tags.SIZE[0] / 2 * here.scale
        level = abs(y - here.y(card.bus_y)) <= tags.SIZE[1] / 2 * here.scale
        if near and level and low <= tile - film.tile(dot.segment, b) < high:
            return ("parameter", card.parameters[0])
    return None


def _initial(film: Film, view: View, here: Sight, b: int, x: float, y: float) -> Node | None:
    for initial in here.layout.initials:
        at = initial_x(here, initial, film.span(b)[1])
        away = view.origin[0] > AWAY and not (view.fold and at >= here.left)
        if away and not initial.back:
            continue
        dx = abs(x - at)
        dy = abs(y - here.y(initial.y))
        if dx <= initial.w / 2 * here.scale and dy <= initial.h / 2 * here.scale:
            return Node(initial.key[0], -1, initial.key[1])
    return None


def _hit(film: Film, here: Sight, b: int, mark: Mark, tile: int, x: float, y: float) -> Picked:
    """The node of a mark in a step of the picture, if it is there."""
    if abs(y - here.y(mark.y)) > mark.h / 2 * here.tall + SLACK:
        return None
    if mark.kind == "wide":
        half = mark.w / 2 * here.scale
        inside = here.x(0, mark.x) - half <= x <= here.x(film.steps - 1, mark.x) + half
        return Node(mark.segment, 0, mark.slot) if inside else None
    if abs(x - here.x(tile, mark.x)) > mark.w / 2 * here.scale + SLACK:
        return None
    return _at(film, mark, tile, b)


def _at(film: Film, mark: Mark, tile: int, b: int) -> Picked:
    """What a mark is in a step of the picture."""
    t = tile - film.tile(mark.segment, b)
    if not 0 <= t < film.network.segments[mark.segment].steps:
        return None
    if mark.kind == "pill":
        return ("loss", t + film.network.segments[mark.segment].offset)
    return Node(mark.segment, t, mark.slot)


def _in_bands(film: Film, view: View, b: int, height: float, x: float, y: float) -> Picked:
    room = height - legend.HEIGHT + 6.0
    rows: bands.Rows = film.kept(("rows of bands", room), lambda: bands.heights(film, room))
    row = int(np.searchsorted(rows.edges, y, side="right")) - 1
    t = int(np.floor((x - bands.RAIL) / step_width(view, film.base) + view.origin[0]))
    if x < bands.RAIL or not 0 <= row < len(rows.slots) or not 0 <= t < film.steps:
        return None
    for segment, slot in rows.slots[row]:
        mine, until = film.owned(segment, b)
        if mine <= t - film.tile(segment, b) < until:
            return Node(segment, t - film.tile(segment, b), slot)
    return None
