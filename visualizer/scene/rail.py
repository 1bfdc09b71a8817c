"""The rail at the left: one card for each group of parameters, on a bus line through the steps.

A group is a matrix with the bias that is added beside it ("W_hh, b"). Its bus runs at the height
where the edge that the matrix stands on can be crossed. Numbers in the cards come from the frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from engine.template import Network, Use
from visualizer.scene.routes import Way, traced

Key = tuple[int, int]
CARD = (96.0, 60.0)
CARD_X = 66.0  # centre, from the left edge of the rail
GAP = 8.0
BUSES = 9.0  # between two lines at one height


class Placed(Protocol):
    """A mark of the layout, as far as the rail needs it."""

    @property
    def y(self) -> float: ...
    @property
    def h(self) -> float: ...


class Linked(Protocol):
    """A link of the layout, as far as the rail needs it."""

    @property
    def uses(self) -> tuple[Use, ...]: ...
    @property
    def way(self) -> Way: ...
    @property
    def source(self) -> Key: ...
    @property
    def target(self) -> Key: ...
    @property
    def reach(self) -> int | str: ...
    @property
    def initial(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Initial:
    """The state before the first step; x counts from the left edge of the first step, from the
    right edge of the last one where the chain runs backwards (`back`). It does not stretch."""

    name: str  # "h0", "c0"
    row: int  # in the array of that name
    key: Key
    x: float
    y: float
    w: float = 72.0
    h: float = 32.0
    short: bool = False  # room for the symbol alone
    words: bool = False  # "memory" stands above, what it means below
    back: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """Where a bus meets the edges of a matrix, X and D in every step of a segment but the first
    `missing` (the last, where it runs backwards): there nothing is read."""

    segment: int
    x: float
    d: float
    missing: int


@dataclass(frozen=True, slots=True)
class Card:
    """A group of parameters. `slots`: which slots use them, of one segment or of several; `bus_y`:
    height of its line, None without one."""

    parameters: tuple[str, ...]
    slots: tuple[Key, ...]
    y: float
    bus_y: float | None
    dots: tuple[Dot, ...]
    h: float = CARD[1]
    title: str = ""

    @property
    def segment(self) -> int:
        """The first segment whose steps use them."""
        return self.slots[0][0]


def groups_of(network: Network) -> list[tuple[tuple[str, ...], tuple[tuple[int, int, int], ...]]]:
    """(parameters, ((segment, slot, position of the matrix's input), …)), in order of use."""
    groups: dict[str, list[tuple[int, int, int]]] = {}
    extras: dict[str, list[str]] = {}
    for g, segment in enumerate(network.segments):
        for k, slot in enumerate(segment.slots):
            for position, weight in enumerate(slot.weights):
                groups.setdefault(weight.parameter, []).append((g, k, position))
            if slot.bias and slot.weights:
                first = slot.weights[0].parameter
                if slot.bias not in extras.setdefault(first, []):
                    extras[first].append(slot.bias)
    return [((name, *extras.get(name, [])), tuple(where)) for name, where in groups.items()]


def cards_of(
    network: Network,
    links: tuple[Linked, ...],
    marks: Mapping[Key, Placed],
    initials: tuple[Initial, ...],
) -> tuple[Card, ...]:
    """Cards at the heights of their buses, pushed apart where they would overlap."""
    wanted = [_card(network, names, places, links, marks) for names, places in groups_of(network)]
    wanted = _lines_apart(_side_by_side(network, wanted), links)
    wanted = [card for card in wanted if not is_tag(network, card)]
    low = max(m.y for m in marks.values()) + CARD[1] / 2
    done = _apart(wanted, initials)
    if done and done[-1].y > low and len({c.segment for c in wanted}) > 2:
        done = _apart(_by_layer(network, wanted), initials)
    return done


def tags_of(
    network: Network, links: tuple[Linked, ...], marks: Mapping[Key, Placed]
) -> tuple[Card, ...]:
    """Of matrices that are another one at every step: what stands beside their edges."""
    every = [_card(network, names, places, links, marks) for names, places in groups_of(network)]
    return tuple(card for card in every if is_tag(network, card))


def is_tag(network: Network, card: Card) -> bool:
    """Whether every step has its own, which stands beside the edge and not in the rail."""
    return bool(card.dots) and all(network.slot(*place).per_step for place in card.slots)


def _card(
    network: Network,
    names: tuple[str, ...],
    places: tuple[tuple[int, int, int], ...],
    links: tuple[Linked, ...],
    marks: Mapping[Key, Placed],
) -> Card:
    """One card where its bus wants it."""
    own = [w for w in links if not w.initial and any(_reads(network, u, places) for u in w.uses)]
    crossing = [(w, _crossing(w.way, marks)) for w in own]
    crossing.sort(key=lambda pair: (pair[0].reach != 0, pair[0].way.lane))
    at = next((c for _, c in crossing if c is not None), None)
    bus = None if at is None else at[2]
    dots = tuple(
        Dot(w.target[0], c[0], c[1], _missing(network, w))
        for w, c in crossing
        if c is not None and abs(c[2] - (bus or 0)) < 6.0
    )
    near = [w.way.points[:, 2].mean() for w in own] or [m.y for m in marks.values()]
    slots = tuple(dict.fromkeys((g, k) for g, k, _ in places))
    y = bus if bus is not None else float(near[-1]) + 30.0
    return Card(names, slots, y, bus, dots)


def _missing(network: Network, link: Linked) -> int:
    """At how many steps the edge is not there, or comes another way."""
    if not isinstance(link.reach, int) or link.reach == 0:
        return 0
    source = network.segments[link.source[0]]
    there = source.slots[link.source[1]].initial and source.direction > 0
    return 0 if there else link.reach


def _side_by_side(network: Network, cards: list[Card]) -> list[Card]:
    """One card for three or more matrices alone before the same input (queries, keys, values)."""
    rows: dict[object, list[Card]] = {}
    for n, card in enumerate(cards):
        users = [network.slot(*place) for place in card.slots]
        alone = len(users) == 1 and len(users[0].weights) == 1 and not users[0].bias
        rows.setdefault((card.segment, users[0].inputs) if alone else n, []).append(card)
    done = []
    for row in rows.values():
        if len(row) < 3:
            done += row
            continue
        names = dict.fromkeys(name for card in row for name in card.parameters)
        slots = dict.fromkeys(place for card in row for place in card.slots)
        dots = dict.fromkeys(dot for card in row for dot in card.dots)
        shown = next((card for card in row if card.bus_y is not None), row[0])
        merged = replace(shown, parameters=tuple(names), slots=tuple(slots), dots=tuple(dots))
        done.append(replace(merged, title=_title(tuple(names))))
    return done


def _lines_apart(cards: list[Card], links: tuple[Linked, ...]) -> list[Card]:
    """Lines that would lie on one another (of an encoder and a decoder) a little apart."""
    done: list[Card] = []
    for card in cards:
        same = [
            other
            for other in done
            if card.bus_y is not None and other.bus_y is not None
            if abs(card.bus_y - other.bus_y) < BUSES and card.segment != other.segment
        ]
        if not same or card.bus_y is None:
            done.append(card)
            continue
        y = card.bus_y + BUSES * len(same)
        segments = {dot.segment for dot in card.dots}
        dots = [
            replace(dot, x=at[0], d=at[1])
            for dot in card.dots
            for at in [_at_height(dot, y, segments, links)]
        ]
        done.append(replace(card, y=y, bus_y=y, dots=tuple(dots)))
    return done


def _at_height(
    dot: Dot, y: float, segments: set[int], links: tuple[Linked, ...]
) -> tuple[float, float]:
    """Where the edge that a dot stands on is at another height."""
    best = (dot.x, dot.d, 1e9)
    for link in links:
        if link.target[0] not in segments or link.initial or link.target[0] != dot.segment:
            continue
        for (x, d, here), (a, b, there) in pairwise(traced(link.way)):
            if (here - y) * (there - y) <= 0 and here != there:
                u = (y - here) / (there - here)
                found = (x + u * (a - x), d + u * (b - d))
                away = abs(sum(found) - dot.x - dot.d)
                best = min(best, (*found, away), key=lambda each: each[2])
    return best[0], best[1]


def _title(names: tuple[str, ...]) -> str:
    """W_q,k,v of W_q, W_k and W_v; "" where they have no letter in common."""
    parts = [name.partition("^") for name in names]
    letters = {base.partition("_")[0] for base, _, _ in parts}
    layers = {layer for _, _, layer in parts}
    if len(letters) > 1 or len(layers) > 1:
        return ""
    low = ",".join(base.partition("_")[2] for base, _, _ in parts)
    layer = layers.pop()
    return f"{letters.pop()}_{low}" + (f"^{{{layer}}}" if layer else "")


def _by_layer(network: Network, cards: list[Card]) -> list[Card]:
    """One card for each layer, where there is no room for one a matrix."""
    merged: dict[int, Card] = {}
    for card in cards:
        before = merged.get(card.segment)
        if before is None:
            merged[card.segment] = card
            continue
        with_bus = card if before.bus_y is None else before
        layer = network.segments[card.segment].layer + 1
        merged[card.segment] = replace(
            with_bus,
            parameters=tuple(dict.fromkeys((*before.parameters, *card.parameters))),
            slots=tuple(dict.fromkeys((*before.slots, *card.slots))),
            title=f"layer {layer}" + _side(network, card),
        )
    return list(merged.values())


def _side(network: Network, card: Card) -> str:
    """Which of several parts of a layer uses the card's parameters."""
    if network.segments[card.segment].direction < 0:
        return " ←"
    raised = card.parameters[0].partition("^")[2][:1]
    return f"^{{{raised}}}" if raised.isalpha() else ""


def _reads(network: Network, use: Use, places: tuple[tuple[int, int, int], ...]) -> bool:
    """Whether a matrix stands on the edge: before its consumer, or behind what only carries on."""
    g, k = use.consumer.segment, use.consumer.slot
    if network.slot(g, k).role not in ("carry", "held"):
        return (g, k, use.position) in places
    reads = [(network.slot(a, b).inputs[position], a) for a, b, position in places]
    return any((i.segment, i.slot) == (g, k) for i, _ in reads)


def _crossing(way: Way, marks: Mapping[Key, Placed]) -> tuple[float, float, float] | None:
    """Where a horizontal line can cross the way: on its longest rise, in the middle, or (a rise
    past several rows) near its end where no node is met."""
    points = way.points
    if way.curve:
        x, d, y = (points[0] + 3 * points[1] + 3 * points[2] + points[3]) / 8
        return (float(x), float(d), float(y)) if abs(points[0, 2] - points[3, 2]) > 30 else None
    rises = abs(points[1:, 2] - points[:-1, 2])
    k = int(rises.argmax())
    if rises[k] < 12:
        return None
    low, high = points[k], points[k + 1]
    y = float((low[2] + high[2]) / 2)
    if low[0] != high[0]:
        x, d = (low[:2] + high[:2]) / 2
        return float(x), float(d), y
    if len(points) == 4 or way.lane:
        y = _clear(float(high[2]), float(low[2]), marks, 14.0 if way.lane else 28.0)
    return float(low[0]), float(low[1]), y


def _clear(near: float, far: float, marks: Mapping[Key, Placed], least: float) -> float:
    """The height nearest to `near`, on the way to `far`, at which no mark stands."""
    step = 4.0 if far > near else -4.0
    for beside in (12.0, 5.0):  # less where rows stand close
        y = near + (least if step > 0 else -least)
        while (far - y) * step > 0 and any(abs(m.y - y) < m.h / 2 + beside for m in marks.values()):
            y += step
        if (far - y) * step > 0:
            return y
    return (near + far) / 2


def _apart(cards: list[Card], initials: tuple[Initial, ...]) -> tuple[Card, ...]:
    """Downwards in order of their buses, each below the one before and clear of the states."""
    blocked = sorted(
        (i.y - i.h / 2 - (22.0 if i.words else GAP), i.y + i.h / 2 + (22.0 if i.words else GAP))
        for i in initials
    )
    done: list[Card] = []
    below = -1e9
    for card in sorted(cards, key=lambda c: c.y):
        y = max(card.y, below + GAP + card.h / 2)
        for top, bottom in blocked:
            if y - card.h / 2 < bottom and y + card.h / 2 > top:
                above = top - card.h / 2
                clear = above - card.h / 2 >= below + GAP and abs(above - card.y) < abs(
                    bottom + card.h / 2 - card.y
                )
                y = above if clear else bottom + card.h / 2
        done.append(replace(card, y=y))
        below = y + card.h / 2
    return tuple(done)
