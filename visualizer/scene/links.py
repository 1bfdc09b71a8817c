"""The links of a level: which shown slots are joined, through whatever is hidden between them, and
the way each edge takes (by the cell's table, or by where its ends stand).
"""

from __future__ import annotations

from engine.template import LAST, Slot, Use
from visualizer.scene.places import PORT
from visualizer.scene.rail import Initial
from visualizer.scene.routes import WAYS, Anchor, Way
from visualizer.scene.tile import Draft, Key, Link


def links_of(draft: Draft) -> list[Link]:
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
        for further in draft.network.uses(*key):
            lag = further.reach
            if lag not in (0, LAST):  # a hidden memory's own loop: no edge of the shown slots
                continue
            total = LAST if lag == LAST else reach
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
    }.get(name, 0.0)
    way = WAYS[name](a, b, lane)
    return way.mirrored(draft.inner) if mirror else way


def _usual_way(draft: Draft, a: Anchor, b: Anchor, lag: int, mirror: bool) -> str:
    if abs(a.y - b.y) < 1.0:
        return "side"
    if lag:
        return "gutter"
    if draft.level in ("ops", "numbers"):
        return "up"
    ends = (a.y, b.y)
    between = any(
        b.y + 1.0 < m.y < a.y - 1.0 and abs((draft.inner - m.x if mirror else m.x) - a.x) < 40.0
        for key, m in draft.marks.items()
        if key not in draft.frame_of or draft.frame_of[key].y not in ends
    )
    return "detour" if between else "up"


def initial_links(draft: Draft, initials: tuple[Initial, ...]) -> list[Link]:
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
