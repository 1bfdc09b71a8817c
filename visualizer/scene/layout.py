"""One level of a network laid out once: marks, links, cards, in units of zoom 1; tiled along t.

Here the template gets its geometry. It costs the same for five steps and for a hundred thousand;
what is visible and where on the screen is the view's (`view`), what exists yet the frame's.

X counts from the left edge of a step, Y downwards from the state of the lowest layer. A link's
points are in the frame of its target's step (see `routes` for X and D).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from engine.template import Network, Slot
from visualizer.scene.levels import number_size, places_at, state_of
from visualizer.scene.links import fans_of, initial_links, links_of
from visualizer.scene.pictured import look_of, size_of
from visualizer.scene.places import BOX, GLYPHS, Place, Places
from visualizer.scene.rail import Card, Initial, cards_of, tags_of
from visualizer.scene.rows import row_numbers, rows_of
from visualizer.scene.tile import Box, Draft, Fan, Key, Link, Mark

RAIL = 150.0
PILL = (72.0, 32.0)
LANES = (14.0, 11.0, 18.0)  # from nodes to the first lane, from lane to lane, between layers
CLEAR = 14.0  # between rows that stand as close as they may
RAYS = 26.0  # more room between layers for edges that come from other steps
LAYER_GAP = {"numbers": 110.0, "ops": 104.0, "tensors": 84.0, "steps": 76.0}
READOUT_GAP = {"numbers": 120.0, "ops": 112.0, "tensors": 88.0, "steps": 76.0}
LOSS_GAP = {"numbers": 110.0, "ops": 96.0, "tensors": 78.0, "steps": 66.0}
AHEAD = 32.0  # room for `layers.ahead`
ODDS = {"numbers": 78.0, "ops": 78.0, "tensors": 78.0, "steps": 0.0}  # room for `layers.odds`
TOTAL_GAP = {"numbers": 96.0, "ops": 88.0, "tensors": 76.0, "steps": 70.0}


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything of one level that does not depend on view, frame or length."""

    level: str
    pitch: float
    rise: float
    top: float
    bottom: float
    marks: tuple[Mark, ...]
    links: tuple[Link, ...]
    frames: tuple[Box, ...]
    roads: tuple[tuple[Key, float], ...]  # memory in a straight line: its slot, its row
    cards: tuple[Card, ...]
    initials: tuple[Initial, ...]
    total_y: float
    token_y: float
    tail: float  # what stands right of the last step: states of chains that run backwards
    at: dict[Key, Mark] = field(default_factory=dict)
    fans: tuple[Fan, ...] = ()
    tags: tuple[Card, ...] = ()  # parameters that every step has of its own
    rail: float = RAIL  # room at the left for cards; 0 where there can be none

    @property
    def height(self) -> float:
        return self.bottom - self.top


def lay_out(
    network: Network, level: str, rise: float = 1.0, odds: bool = False, ahead: bool = False
) -> Layout:
    """The layout of a network at a level (not bands, which have rows instead); its rows `rise`
    times as far apart, its nodes as large as ever. `odds`: with room below the losses for what the
    outputs make likely; `ahead`: with room below the inputs for what makes them."""
    draft = _risen(_draft(network, level), rise)
    draft = _with_odds(draft) if odds else draft
    links = links_of(draft)
    initials = _initials(draft)
    marks = tuple(draft.marks.values())
    links += initial_links(draft, initials)
    ys = [m.y for m in marks]
    losses = [m.y for m in marks if m.kind == "pill"]
    total_y = (min(losses) if losses else min(ys)) - TOTAL_GAP[level] * rise
    beside = tuple(i for i in initials if not (i.back or draft.dense))
    cards = cards_of(network, tuple(links), draft.marks, beside)
    token_y = max(m.y + m.h / 2 for m in marks) + 20.0 + (AHEAD if ahead else 0.0)
    top = total_y - 34.0 if losses else min(m.y - m.h / 2 for m in marks) - 34.0
    return Layout(
        level,
        draft.pitch,
        rise,
        min(top, *(c.y - c.h / 2 - 8 for c in cards)) if cards else top,
        max([token_y + 22.0, *(c.y + c.h / 2 + 8 for c in cards)]),
        marks,
        tuple(links),
        tuple(dict.fromkeys(draft.frame_of.values())),
        _roads(draft),
        cards,
        initials,
        total_y,
        token_y,
        max((i.x + i.w / 2 + 6.0 for i in initials if i.back), default=0.0),
        draft.marks,
        fans=tuple(fans_of(draft)),
        tags=tags_of(network, tuple(links), draft.marks),
    )


def _draft(network: Network, level: str) -> Draft:
    rows = rows_of(network)
    tables = {g: places_at(network, g, level) for row in rows for g in row}
    inner = max(p.pitch for p in tables.values())
    lanes = _lanes(network, inner)
    pitch = max([inner, *(x + LANES[0] for x in lanes.values())])
    draft = Draft(level, network, pitch, inner, lanes, {}, {}, {}, row_numbers(network))
    y = 0.0
    for row in rows:
        if row != rows[0]:
            y -= LAYER_GAP[level] + max(_depth(tables[g]) + _half(tables[g]) for g in row)
            y -= LANES[2] if lanes else 0.0
            y -= RAYS if any(_is_lagged(network, g) for g in row) else 0.0
        for g in row:
            _place_segment(draft, g, tables[g], (inner - tables[g].pitch) / 2, y)
            _add_ways(draft, g, tables[g])
    last = rows[-1][-1]
    above = draft.marks[last, network.segments[last].index(state_of(network.segments[last]).name)]
    for g, segment in enumerate(network.segments):
        if segment.kind == "readout":
            _place_readout(draft, g, above)
    return draft


def _with_odds(draft: Draft) -> Draft:
    """The losses higher, with room below them."""
    more = ODDS[draft.level]
    marks = {k: replace(m, y=m.y - more * (m.kind == "pill")) for k, m in draft.marks.items()}
    return replace(draft, marks=marks)


def _is_lagged(network: Network, g: int) -> bool:
    """Whether the segment reads another one at steps before its own."""
    reads = [i for slot in network.segments[g].slots for i in slot.inputs if i.segment != g]
    return any(isinstance(i.reach, int) and i.reach > 0 for i in reads)


def _add_ways(draft: Draft, g: int, places: Places) -> None:
    """The ways that a cell's table gives, of the slots that are there."""
    numbers = {slot.name: k for k, slot in enumerate(draft.network.segments[g].slots)}
    for (source, target), way in places.ways.items():
        if source in numbers and target in numbers:
            draft.ways[(g, numbers[source]), (g, numbers[target])] = way


def _risen(draft: Draft, rise: float) -> Draft:
    """The draft with its rows further apart; what stands in one frame stays together, and a port
    as far from its node as the rows it stands between allow."""
    frames = {key: replace(box, y=box.y * rise) for key, box in draft.frame_of.items()}
    marks = {}
    for key, mark in draft.marks.items():
        box = draft.frame_of.get(key)
        y = mark.y * rise if box is None else frames[key].y + mark.y - box.y
        port = None if mark.port is None else (mark.port[0], mark.port[1] * rise)
        marks[key] = replace(mark, y=y, port=port)
    risen = replace(draft, marks=marks, frame_of=frames)
    return _parted(risen) if rise < 1.0 else risen


def _parted(draft: Draft) -> Draft:
    """Rows that came too near each other, as they have moved and their frames have not shrunk, a
    little apart; all that is below goes down with them."""
    high: dict[float, float] = {}
    for key, mark in draft.marks.items():
        box = draft.frame_of.get(key, mark)
        high[box.y] = max(high.get(box.y, 0.0), box.h)
    down, bottom = {}, -np.inf
    shift = 0.0
    for y in sorted(high):
        shift += max(bottom + CLEAR - (y - high[y] / 2 + shift), 0.0)
        bottom, down[y] = y + high[y] / 2 + shift, shift
    marks = {
        key: replace(mark, y=mark.y + down[draft.frame_of.get(key, mark).y])
        for key, mark in draft.marks.items()
    }
    frames = {key: replace(box, y=box.y + down[box.y]) for key, box in draft.frame_of.items()}
    return replace(draft, marks=marks, frame_of=frames)


def _lanes(network: Network, inner: float) -> dict[Key, float]:
    """A lane beside the nodes for every slot that is read past a whole layer: where chains run
    both ways, all that a layer reads comes from both of the layer below."""
    if all(segment.direction > 0 for segment in network.segments):
        return {}
    bare = Draft("", network, inner, inner, {}, {}, {}, {}, row_numbers(network))
    uses = sorted(network.all_uses(), key=lambda use: (use.segment, use.slot))
    far = [
        (use.segment, use.slot)
        for use in uses
        if bare.position((use.consumer.segment, use.consumer.slot))
        > bare.position((use.segment, use.slot)) + 1
        and use.consumer.segment != use.segment
    ]
    return {key: inner + LANES[0] + LANES[1] * n for n, key in enumerate(dict.fromkeys(far))}


def _depth(places: Places) -> float:
    return max((p.y for name, p in places.table.items() if name != "x"), default=0.0)


def _half(places: Places) -> float:
    return max((p.h / 2 - 20.0 for name, p in places.table.items() if name != "x"), default=0.0)


def _place_segment(draft: Draft, g: int, places: Places, dx: float, dy: float) -> None:
    segment = draft.network.segments[g]
    rows: list[Mark] = []
    for k, slot in enumerate(segment.slots):
        place = places.table.get(slot.name)
        if place is None:
            continue
        mark = _mark(g, k, slot, place, dx, dy)
        if draft.backwards(g):
            port = None if mark.port is None else (draft.inner - mark.port[0], mark.port[1])
            mark = replace(mark, x=draft.inner - mark.x, port=port)
        draft.marks[g, k] = mark
        if mark.kind == "row":
            rows.append(mark)
    if rows:
        top, bottom = min(m.y for m in rows), max(m.y for m in rows)
        box = Box(rows[0].x, (top + bottom) / 2, rows[0].w + 12, bottom - top + rows[0].h + 8, g)
        for mark in rows:
            draft.frame_of[mark.segment, mark.slot] = box


def _mark(g: int, k: int, slot: Slot, place: Place, dx: float, dy: float) -> Mark:
    port = None if place.port is None else (place.port[0] + dx, place.port[1] + dy)
    glyph = GLYPHS.get(slot.op, "")
    if slot.op == "scale":
        glyph = "1−" if dict(slot.constants).get("beta") == 1.0 else "·α"
    return Mark(
        g, k, place.kind, place.x + dx, place.y + dy, place.w, place.h,
        glyph if place.kind == "circle" else "", place.side, port, glyph if port else "",
    )  # fmt: skip


def _place_readout(draft: Draft, g: int, above: Mark) -> None:
    y = above.y - above.h / 2 + 20.0
    level = draft.level
    for k, slot in enumerate(draft.network.segments[g].slots):
        if slot.role == "loss":
            y -= LOSS_GAP[level]
            draft.marks[g, k] = Mark(g, k, "pill", above.x, y, *PILL)
            continue
        w, h = _readout_size(slot, level)
        y -= READOUT_GAP[level] + (h - 40.0) / 2
        draft.marks[g, k] = Mark(g, k, "box", above.x, y, w, h)
        y -= (h - 40.0) / 2


def _readout_size(slot: Slot, level: str) -> tuple[float, float]:
    if level == "numbers":
        return number_size(slot)
    look = look_of(slot, level, "box")
    if look:
        return size_of(slot, look)
    return 80.0 if level == "steps" else BOX[0], 40.0


def _roads(draft: Draft) -> tuple[tuple[Key, float], ...]:
    if draft.level == "steps":
        return ()
    return tuple(
        (key, mark.y)
        for key, mark in draft.marks.items()
        if draft.network.slot(*key).role == "memory"
    )


def _initials(draft: Draft) -> tuple[Initial, ...]:
    """Boxes for h_0 and c_0 of the shown slots, on their rows, left of the first step; right of
    the last one where the chain runs backwards."""
    found = []
    places = [(g, k) for g, s in enumerate(draft.network.segments) for k in range(len(s.slots))]
    for g, k in places:
        slot = draft.network.slot(g, k)
        shown = slot.inputs[0].slot if slot.role == "held" else k
        name, mark = slot.initial, draft.marks.get((g, shown))
        lagged = any(isinstance(u.reach, int) and u.reach for u in draft.network.uses(g, k))
        if name and lagged and mark is not None and slot.handed is None:
            row, back = draft.network.row(g, name), draft.backwards(g)
            beside = 20.0 if draft.dense else 62.0
            x = beside if back else -beside
            if draft.dense:
                found.append(Initial(name, row, (g, k), x, mark.y, 32.0, short=True, back=back))
                continue
            memory = draft.network.slot(g, shown).role == "memory"
            found.append(Initial(name, row, (g, k), x, mark.y, words=memory, back=back))
    return tuple(found)
