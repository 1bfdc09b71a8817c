"""One level of a network laid out once: marks, links, cards, in units of zoom 1; tiled along t.

Here the template gets its geometry. It costs the same for five steps and for a hundred thousand;
what is visible and where on the screen is the view's (`view`), what exists yet the frame's.

X counts from the left edge of a step, Y downwards from the state of the lowest layer. A link's
points are in the frame of its target's step (see `routes` for X and D).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.template import LAST, Network, Slot, Use
from visualizer.scene.levels import number_size, places_at, state_of
from visualizer.scene.places import BOX, GLYPHS, PORT, Place, Places
from visualizer.scene.rail import Card, Initial, cards_of
from visualizer.scene.routes import WAYS, Anchor, Way

Key = tuple[int, int]  # (segment, slot)
RAIL = 150.0
PILL = (72.0, 32.0)
LAYER_GAP = {"numbers": 110.0, "ops": 104.0, "tensors": 84.0, "steps": 76.0}
READOUT_GAP = {"numbers": 120.0, "ops": 112.0, "tensors": 88.0, "steps": 76.0}
LOSS_GAP = {"numbers": 110.0, "ops": 96.0, "tensors": 78.0, "steps": 66.0}
TOTAL_GAP = {"numbers": 96.0, "ops": 88.0, "tensors": 76.0, "steps": 70.0}


@dataclass(frozen=True, slots=True)
class Mark:
    """A slot's place in the step: centre, size; kind box, row, pill or circle with a glyph."""

    segment: int
    slot: int
    kind: str
    x: float
    y: float
    w: float
    h: float
    glyph: str = ""
    side: str = ""
    port: tuple[float, float] | None = None
    port_glyph: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An edge of the template: `uses` of the source whose contributions run along it.

    It exists at source steps [start, stop); `reach` steps later it ends. `initial`: it comes from
    the state before the first step and exists once.
    """

    uses: tuple[Use, ...]
    source: Key
    target: Key
    reach: int | str
    way: Way
    start: int
    stop: int
    initial: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A frame round marks (the gates of a layer), or a road: x, y of the centre, size."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything of one level that does not depend on view, frame or length."""

    level: str
    pitch: float
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
    at: dict[Key, Mark] = field(default_factory=dict)

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class _Draft:
    level: str
    network: Network
    pitch: float
    marks: dict[Key, Mark]
    frame_of: dict[Key, Box]
    ways: dict[tuple[Key, Key], str]


def lay_out(network: Network, level: str) -> Layout:
    """The layout of a network at a level (not bands, which have rows instead)."""
    draft = _draft(network, level)
    links = _links(draft)
    initials = _initials(draft)
    marks = tuple(draft.marks.values())
    links += _initial_links(draft, initials)
    ys = [m.y for m in marks]
    losses = [m.y for m in marks if m.kind == "pill"]
    total_y = (min(losses) if losses else min(ys)) - TOTAL_GAP[level]
    cards = cards_of(network, tuple(links), draft.marks, initials)
    token_y = max(m.y + m.h / 2 for m in marks) + 20.0
    top = total_y - 34.0 if losses else min(m.y - m.h / 2 for m in marks) - 34.0
    return Layout(
        level,
        draft.pitch,
        min(top, *(c.y - c.h / 2 - 8 for c in cards)) if cards else top,
        token_y + 22.0,
        marks,
        tuple(links),
        tuple(dict.fromkeys(draft.frame_of.values())),
        _roads(draft),
        cards,
        initials,
        total_y,
        token_y,
        draft.marks,
    )


def _draft(network: Network, level: str) -> _Draft:
    layers = [g for g, s in enumerate(network.segments) if s.kind != "readout"]
    tables = {g: places_at(network, g, level) for g in layers}
    pitch = max(p.pitch for p in tables.values())
    draft = _Draft(level, network, pitch, {}, {}, {})
    y = 0.0
    for g in layers:
        segment, places = network.segments[g], tables[g]
        if g != layers[0]:
            y -= LAYER_GAP[level] + _depth(places) + _half(places)
        _place_segment(draft, g, places, (pitch - places.pitch) / 2, y)
        for (source, target), way in places.ways.items():
            draft.ways[(g, segment.index(source)), (g, segment.index(target))] = way
    last = layers[-1]
    above = draft.marks[last, network.segments[last].index(state_of(network.segments[last]).name)]
    for g, segment in enumerate(network.segments):
        if segment.kind == "readout":
            _place_readout(draft, g, above)
    return draft


def _depth(places: Places) -> float:
    return max((p.y for name, p in places.table.items() if name != "x"), default=0.0)


def _half(places: Places) -> float:
    return max((p.h / 2 - 20.0 for name, p in places.table.items() if name != "x"), default=0.0)


def _place_segment(draft: _Draft, g: int, places: Places, dx: float, dy: float) -> None:
    segment = draft.network.segments[g]
    rows: list[Mark] = []
    for k, slot in enumerate(segment.slots):
        place = places.table.get(slot.name)
        if place is None:
            continue
        mark = _mark(g, k, slot, place, dx, dy)
        draft.marks[g, k] = mark
        if mark.kind == "row":
            rows.append(mark)
    if rows:
        top, bottom = min(m.y for m in rows), max(m.y for m in rows)
        box = Box(rows[0].x, (top + bottom) / 2, rows[0].w + 12, bottom - top + rows[0].h + 8)
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


def _place_readout(draft: _Draft, g: int, above: Mark) -> None:
    y = above.y - above.h / 2 + 20.0
    level = draft.level
    for k, slot in enumerate(draft.network.segments[g].slots):
        if slot.role == "loss":
            y -= LOSS_GAP[level]
            draft.marks[g, k] = Mark(g, k, "pill", above.x, y, *PILL)
            continue
        w, h = (
            number_size(slot)
            if level == "numbers"
            else (80.0 if level == "steps" else BOX[0], 40.0)
        )
        y -= READOUT_GAP[level] + (h - 40.0) / 2
        draft.marks[g, k] = Mark(g, k, "box", above.x, y, w, h)
        y -= (h - 40.0) / 2


def _roads(draft: _Draft) -> tuple[tuple[Key, float], ...]:
    if draft.level == "steps":
        return ()
    return tuple(
        (key, mark.y)
        for key, mark in draft.marks.items()
        if draft.network.slot(*key).role == "memory"
    )


# ---- links


def _links(draft: _Draft) -> list[Link]:
    """One link for each pair of shown slots, through whatever is hidden between them."""
    found: dict[tuple[object, ...], Link] = {}
    for source in draft.marks:
        for use in draft.network.uses(*source):
            for target, reach in _targets(draft, use):
                way = _way(draft, source, target, use, reach, None)
                start, stop = draft.network.steps_of_use(use)
                if isinstance(reach, int):
                    stop = min(stop, draft.network.segments[source[0]].steps - reach)
                key = (source, reach, way.points.tobytes())
                uses = (*found[key].uses, use) if key in found else (use,)
                link = Link(tuple(dict.fromkeys(uses)), source, target, reach, way, start, stop)
                found[key] = link
    return list(found.values())


def _targets(draft: _Draft, use: Use) -> list[tuple[Key, int | str]]:
    """The shown slots that a use leads to, with the whole reach on the way there."""
    done: list[tuple[Key, int | str]] = []
    seen: set[tuple[Key, int | str]] = set()
    stack: list[tuple[Key, int | str]] = [((use.consumer.segment, use.consumer.slot), use.reach)]
    while stack:
        key, reach = stack.pop()
        if (key, reach) in seen:
            continue
        seen.add((key, reach))
        if key in draft.marks:
            done.append((key, reach))
            continue
        for further in draft.network.uses(*key):
            lag = further.reach
            if LAST in (lag, reach):
                total: int | str = LAST
            else:
                total = int(reach) + int(lag)
                if lag and total > 1:  # round a hidden loop once more: no edge of its own
                    continue
            stack.append(((further.consumer.segment, further.consumer.slot), total))
    return sorted(set(done), key=str)


def _anchor(draft: _Draft, key: Key, entering: bool, dx: float) -> Anchor:
    mark, frame = draft.marks[key], draft.frame_of.get(key)
    if frame is not None:
        return Anchor(frame.x + dx, frame.y, frame.w, frame.h)
    if entering and mark.port is not None:
        return Anchor(mark.port[0] + dx, mark.port[1], PORT, PORT)
    return Anchor(mark.x + dx, mark.y, mark.w, mark.h)


def _block_port(slot: Slot, use: Use, width: float) -> float:
    """How far from its centre a node with blocks lets the edge of one block out."""
    if use.part is None or slot.width == 0:
        return 0.0
    middle = (use.part[0] + use.part[1]) / 2 / slot.width
    return (middle - 0.5) * (width - 16.0)


def _way(
    draft: _Draft, source: Key, target: Key, use: Use, reach: int | str, initial: Initial | None
) -> Way:
    lag = reach if isinstance(reach, int) else 0
    b = _anchor(draft, target, True, 0.0)
    if initial is not None:
        a = Anchor(initial.x, initial.y, initial.w, initial.h)
    else:
        a = _anchor(draft, source, False, -lag * draft.pitch)
        if use.part is not None and source not in draft.frame_of and draft.level != "numbers":
            port = _block_port(draft.network.slot(*source), use, draft.marks[source].w)
            a = Anchor(a.x, a.y, a.w, a.h, port)
    name = draft.ways.get((source, target)) if draft.level in ("ops", "numbers") else None
    if name is None:
        name = _usual_way(draft, a, b, lag)
    lane = {"gutter": 5.0, "gutter-2": 14.0, "detour": b.x + 69.0}.get(name, 0.0)
    return WAYS[name](a, b, lane)


def _usual_way(draft: _Draft, a: Anchor, b: Anchor, lag: int) -> str:
    if abs(a.y - b.y) < 1.0:
        return "side"
    if lag:
        return "gutter"
    if draft.level in ("ops", "numbers"):
        return "up"
    ends = (a.y, b.y)
    between = any(
        b.y + 1.0 < m.y < a.y - 1.0 and abs(m.x - a.x) < 40.0
        for key, m in draft.marks.items()
        if key not in draft.frame_of or draft.frame_of[key].y not in ends
    )
    return "detour" if between else "up"


# ---- what comes before the first step


def _initials(draft: _Draft) -> tuple[Initial, ...]:
    """Boxes for h_0 and c_0 of the shown slots, on their rows, left of the first step."""
    found = []
    for (g, k), mark in draft.marks.items():
        name = draft.network.slot(g, k).initial
        lagged = any(isinstance(u.reach, int) and u.reach for u in draft.network.uses(g, k))
        if name and lagged:
            memory = draft.network.slot(g, k).role == "memory" and draft.level != "steps"
            layer = draft.network.segments[g].layer
            found.append(Initial(name, layer, (g, k), -62.0, mark.y, words=memory))
    return tuple(found)


def _initial_links(draft: _Draft, initials: tuple[Initial, ...]) -> list[Link]:
    found: dict[tuple[object, ...], Link] = {}
    for initial in initials:
        for use in draft.network.uses(*initial.key):
            if not isinstance(use.reach, int) or use.reach == 0:
                continue
            for target, reach in _targets(draft, use):
                way = _way(draft, initial.key, target, use, reach, initial)
                key = (initial.key, way.points.tobytes())
                uses = (*found[key].uses, use) if key in found else (use,)
                found[key] = Link(uses, initial.key, target, reach, way, -1, 0, True)
    return list(found.values())
