"""The links of a level: which shown slots are joined, through whatever is hidden between them, and
the way each edge takes (by the cell's table, or by where its ends stand).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.template import ALL, HANDED, LAST, Slot, Use
from visualizer.scene.places import PORT
from visualizer.scene.rail import Initial
from visualizer.scene.routes import BESIDE, GUTTER, WAYS, Anchor, Way, sampled, thread
from visualizer.scene.tile import Draft, Fan, Key, Link

NEAR = 4.0  # px that an edge keeps from a node that is not its own
FAN_PORT = 14.0  # right of the middle of a node that looks at other steps


def links_of(draft: Draft) -> list[Link]:
    """One link for each pair of shown slots, through whatever is hidden between them."""
    found: dict[tuple[object, ...], Link] = {}
    for source in draft.marks:
        for use in draft.network.uses(*source):
            if use.position == HANDED:
                for link in _handed(draft, source, use):
                    found[source, LAST, link.way.points.tobytes()] = link
                continue
            for target, reach in _targets(draft, use):
                if reach == ALL and draft.marks[target].kind != "wide":
                    continue
                way = _way(draft, source, target, use, reach, None)
                start, stop = draft.network.steps_of_use(use)
                if isinstance(reach, int):
                    stop = min(stop, draft.network.segments[source[0]].steps - reach)
                key = (source, reach, way.points.tobytes())
                uses = (*found[key].uses, use) if key in found else (use,)
                link = Link(tuple(dict.fromkeys(uses)), source, target, reach, way, start, stop)
                found[key] = link
    return list(found.values())


def fans_of(draft: Draft) -> list[Fan]:
    """The edges of all that reads all steps, one fan for the slots that stand in one frame."""
    found: dict[tuple[object, ...], Fan] = {}
    for source in draft.marks:
        for use in draft.network.uses(*source):
            for target, reach in _targets(draft, use):
                if reach != ALL or draft.marks[target].kind == "wide":
                    continue
                a = _anchor(draft, source, False, 0.0, False)
                b = _anchor(draft, target, True, 0.0, False)
                start = (a.x, a.y - a.h / 2)
                before = found.get((start, target))
                found[start, target] = Fan(
                    (*(before.sources if before else ()), source),
                    target,
                    _reader(draft, target),
                    start,
                    (b.x, FAN_PORT, b.y + b.h / 2),
                )
    return [replace(fan, sources=tuple(dict.fromkeys(fan.sources))) for fan in found.values()]


def _reader(draft: Draft, target: Key) -> Key:
    """The slot that reads all steps, in the segment of what is shown of it."""
    slots = draft.network.segments[target[0]].slots
    reads = [k for k, slot in enumerate(slots) if any(i.reach == ALL for i in slot.inputs)]
    return target[0], reads[0]


def _handed(draft: Draft, source: Key, use: Use) -> list[Link]:
    """From where a state is handed over to what reads it at the first step of the later segment: as
    from one step to the next, however many steps of padding lie between."""
    state = (use.consumer.segment, use.consumer.slot)
    found = []
    for read in draft.network.uses(*state):
        if state not in draft.marks or not isinstance(read.reach, int) or not read.reach:
            continue
        for target, reach in _targets(draft, read):
            way = _way(draft, state, target, read, reach, None)
            way = replace(way, far=2 if way.curve else 1, apart=read.reach)
            found.append(Link((use,), source, target, LAST, way, 0, 0))
    return found


def _targets(draft: Draft, use: Use) -> list[tuple[Key, int | str]]:
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
        slot = draft.network.slot(*key)
        own = bool(slot.inputs) and (key[0], slot.inputs[0].slot) == (use.segment, use.slot)
        held = slot.role == "held" and own
        for further in draft.network.uses(*key):
            if further.position == HANDED:  # of a hidden memory: as the state that is shown
                continue
            lag = further.reach
            total = reach if lag == 0 else lag
            if lag not in (0, LAST, ALL):
                loop = (further.consumer.segment, further.consumer.slot) == key
                if not held or loop:  # a hidden memory's own loop: no edge of the shown slots
                    continue
            stack.append(((further.consumer.segment, further.consumer.slot), total))
    return sorted(set(done), key=str)


def _anchor(draft: Draft, key: Key, entering: bool, dx: float, mirror: bool) -> Anchor:
    """A node as an edge sees it; with `mirror` as in a step drawn from right to left."""
    mark, frame = draft.marks[key], draft.frame_of.get(key)

    def x(at: float) -> float:
        return (draft.inner - at if mirror else at) + dx

    if frame is not None:
        return Anchor(x(frame.x), frame.y, frame.w, frame.h)
    if entering and mark.port is not None:
        return Anchor(x(mark.port[0]), mark.port[1], PORT, PORT)
    return Anchor(x(mark.x), mark.y, mark.w, mark.h)


def _beside(draft: Draft, initial: Initial) -> Anchor:
    """The state before the first step: at the edge of the step, and from there not stretched."""
    edge = draft.inner - draft.pitch if initial.back else 0.0
    return Anchor(edge, initial.y, initial.w - 2 * abs(initial.x), initial.h)


def _block_port(slot: Slot, use: Use, width: float) -> float:
    """How far from its centre a node with blocks lets the edge of one block out."""
    if use.part is None or slot.width == 0:
        return 0.0
    middle = (use.part[0] + use.part[1]) / 2 / slot.width
    return (middle - 0.5) * (width - 16.0)


def _way(
    draft: Draft, source: Key, target: Key, use: Use, reach: int | str, initial: Initial | None
) -> Way:
    lag = reach if isinstance(reach, int) else 0
    mirror = source[0] == target[0] and draft.backwards(target[0])
    b = _anchor(draft, target, True, 0.0, mirror)
    if initial is not None:
        a = _beside(draft, initial)
    else:
        a = _anchor(draft, source, False, -lag * draft.pitch, mirror)
        if use.part is not None and source not in draft.frame_of and draft.level != "numbers":
            port = _block_port(draft.network.slot(*source), use, draft.marks[source].w)
            a = Anchor(a.x, a.y, a.w, a.h, port)
    if reach == LAST and draft.backwards(source[0]):
        return WAYS["across"](a, b, 0.0)
    if source in draft.lanes and draft.position(target) - draft.position(source) > 1:
        past = "over-side" if draft.position(source) < 0 else "over"
        return WAYS[past](a, b, draft.lanes[source])
    name = draft.ways.get((source, target)) if draft.level in ("ops", "numbers") else None
    if name is None:
        name = _usual_way(draft, a, b, lag, mirror)
    lane = {
        "gutter": 5.0,
        "gutter-2": 14.0,
        "detour": b.x + b.w / 2 + (15.0 if b.w > 40.0 else 55.0),
        "ray": -min(13.0 * _rank(draft, use, lag), 0.38 * b.w),
        "skip": (a.y + b.y) / 2 if a.y != b.y else a.y + 20.0 + GUTTER,
    }.get(name, 0.0)
    way = WAYS[name](a, b, lane)
    if name == "up":
        way = _threaded(draft, a, b, way, (source, target), mirror)
    return way.mirrored(draft.inner) if mirror else way


def _usual_way(draft: Draft, a: Anchor, b: Anchor, lag: int, mirror: bool) -> str:
    if abs(a.y - b.y) < 1.0:
        return "side" if lag < 2 and not _on_row(draft, a, b) else "skip"
    if lag:
        if a.y > b.y and not _between(draft, a, b):
            return "ray"
        return "gutter" if lag == 1 else "skip"
    if draft.level in ("ops", "numbers"):
        return "up"
    near = [x for x in _between(draft, a, b) if abs((draft.inner - x if mirror else x) - a.x) < 40]
    return "detour" if near else "up"


def _on_row(draft: Draft, a: Anchor, b: Anchor) -> bool:
    """Whether a node stands on the row between two nodes of it, in their steps."""
    return any(
        abs(m.y - a.y) < m.h / 2 and a.x + a.w / 2 < m.x + shift < b.x - b.w / 2
        for m in draft.marks.values()
        for shift in (0.0, -draft.pitch)
    )


def _threaded(
    draft: Draft, a: Anchor, b: Anchor, way: Way, ends: tuple[Key, Key], mirror: bool
) -> Way:
    """The way itself, or where it would pass behind a node, one between the nodes."""
    frames = [draft.frame_of.get(key) for key in ends]
    others = [
        (draft.inner - m.x if mirror else m.x, m.y, m.w / 2, m.h / 2)
        for key, m in draft.marks.items()
        if key not in ends
        and m.kind != "pill"
        and not (draft.frame_of.get(key) is not None and draft.frame_of[key] in frames)
        and b.y - b.h / 2 < m.y < a.y + a.h / 2
    ]
    if not _hits(way, others):
        return way
    gaps = [(a.x, 0.0), (b.x, 0.0)]
    gaps += [(x, side * (w + BESIDE)) for x, _, w, _ in others for side in (-1.0, 1.0)]
    gaps.sort(key=lambda gap: abs(gap[0] + gap[1] - a.x) + abs(gap[0] + gap[1] - b.x))
    for x, d in gaps:
        found = thread(a, b, x, d)
        if not _hits(found, others):
            return found
    return way


def _hits(way: Way, boxes: list[tuple[float, float, float, float]]) -> bool:
    """Whether a way comes nearer than a few px to one of the boxes (x, y, half sizes)."""
    if not boxes:
        return False
    points, table = sampled(way), np.array(boxes)
    near = np.abs(points[:, None] - table[:, :2]) < table[:, 2:] + NEAR
    return bool(near.all(-1).any())


def _between(draft: Draft, a: Anchor, b: Anchor) -> list[float]:
    """Where in a step nodes stand in the rows between two of them."""
    ends = (a.y, b.y)
    return [
        m.x
        for key, m in draft.marks.items()
        if b.y + 1.0 < m.y < a.y - 1.0
        and (key not in draft.frame_of or draft.frame_of[key].y not in ends)
    ]


def _rank(draft: Draft, use: Use, lag: int) -> int:
    """The how-manieth this lag is among those with which the consumer reads the source."""
    reads = draft.network.slot(use.consumer.segment, use.consumer.slot).inputs
    lags = {i.reach for i in reads if isinstance(i.reach, int)}
    return sum(other < lag for other in lags)


def initial_links(draft: Draft, initials: tuple[Initial, ...]) -> list[Link]:
    found: dict[tuple[object, ...], Link] = {}
    for initial in initials:
        for use in draft.network.uses(*initial.key):
            loop = (use.consumer.segment, use.consumer.slot) == initial.key
            if not isinstance(use.reach, int) or use.reach == 0:
                continue
            if loop and initial.key not in draft.marks:
                continue
            for target, reach in _targets(draft, use):
                way = _way(draft, initial.key, target, use, reach, initial)
                key = (initial.key, way.points.tobytes())
                uses = (*found[key].uses, use) if key in found else (use,)
                found[key] = Link(uses, initial.key, target, reach, way, -1, 0, True)
    return list(found.values())
