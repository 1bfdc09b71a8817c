"""The ground of the graph: tinted steps, lines between them, the straight road of the memory,
what stands under each step (its token), and hatching where a sequence has no steps.
"""

from __future__ import annotations

import numpy as np

from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.picture import Item, Polylines, Rects, Texts
from visualizer.scene.rail import Initial
from visualizer.scene.stage import Stage
from visualizer.styles import STYLES
from visualizer.typeset import width_of

SLACK = 1.18  # a figure may be opened without the bundled fonts: others are wider


def draw(stage: Stage) -> list[Item]:
    """Columns, lines and roads; what has no time has none of them."""
    if stage.film.timeless:
        return []
    return [*tints(stage), *lines(stage), *roads(stage)]


def _column(stage: Stage, first: int, last: int) -> np.ndarray:
    sight = stage.sight
    low, high = max(first, sight.first), min(last, sight.last)
    if high <= low:
        return np.empty((0, 4))
    left = max(float(sight.edge(low)), sight.left)
    return np.array([[left, 0.0, float(sight.edge(high)) - left, sight.height + 40.0]])


def tints(stage: Stage) -> list[Item]:
    """The step under way, the steps that backward has left behind, steps of padding."""
    items: list[Item] = []
    pads = []
    for style, low, high in spans(stage):
        if style == "column-padded":
            pads.append(_column(stage, low, high))
        else:
            items.append(Rects(style, _column(stage, low, high)))
    pads = [p for p in pads if len(p)]
    if pads:
        items.append(Rects("column-padded", np.concatenate(pads)))
    return items


def spans(stage: Stage) -> list[tuple[str, int, int]]:
    """(style, first step, last step + 1) of every tint, the lower first."""
    frame, steps = stage.frame, stage.film.steps
    found: list[tuple[str, int, int]] = []
    now, phase = frame.step, frame.phase
    if phase in ("backward", "update") and frame.seeded:
        low, high = frame.left_behind()
        found.append(("column-done", max(low, stage.start), min(high, stage.stop)))
    if now is not None and 0 <= now < steps and phase != "update":
        style = "column-current" if phase == "backward" else "column-forward"
        found.append((style, now, now + 1))
    if any(mark.kind == "wide" for mark in stage.layout.marks):
        return found  # what is beside the sequence is read all the same: hatched where it stands
    found += [("column-padded", low, high) for low, high in stage.film.padding(stage.b)]
    return found


def lines(stage: Stage) -> list[Item]:
    """Thin lines between two steps."""
    sight = stage.sight
    if sight.step < 8:
        return []
    edges = np.asarray(sight.edge(np.arange(sight.first, sight.last + 1)))
    edges = edges[edges >= sight.left - 0.5]
    found = tuple(np.array([[x, 0.0], [x, sight.height + 40.0]]) for x in edges)
    x = turn_x(stage)
    turn = [] if x is None else [np.array([[x, 0.0], [x, sight.height + 40.0]])]
    items: list[Item] = [Polylines("column-line", found)] if found else []
    return [*items, *([Polylines("turn", tuple(turn))] if turn else [])]


def turn_x(stage: Stage) -> float | None:
    """Pixel x at which reading ends and writing begins, if it is in sight."""
    sight, turn = stage.sight, stage.film.run.batch.turn
    x = float(sight.edge(turn))
    return x if turn and sight.left < x < sight.width else None


def sides(stage: Stage) -> list[Item]:
    """What is on the two sides of the turn, at the upper edge of the window."""
    x = turn_x(stage)
    if x is None:
        return []
    shared = {s.name.partition(" ")[0] for s in stage.network.segments}
    words = ("encoder", "decoder") if "decoder" in shared else ("reads", "writes")
    places = np.array([[x - 9.0, 14.0], [x + 9.0, 14.0]])
    return [
        Texts("turn-word", places[:1], words[:1], "end"),
        Texts("turn-word", places[1:], words[1:], "start"),
    ]


def roads(stage: Stage, until: float = np.inf) -> list[Item]:
    """The straight roads of memories, with their words, up to the pixel `until`."""
    sight, scale = stage.sight, stage.scale
    found, labels, notes = [], [], []
    for key, row in stage.layout.roads:
        y = float(sight.y(row))
        initial = next((i for i in stage.layout.initials if i.key == key), None)
        start, end = _ends(stage, initial)
        end = min(end, until)
        if end > start:
            found.append(np.array([[start, y], [end, y]]))
        there = sight.edge(0) > sight.left - 1
        if initial is not None and (stage.initial_seen(initial) if initial.back else there):
            left, half = stage.initial_x(initial), initial.w / 2 * scale
            right = (
                left + half + 6 * scale
                if initial.back
                else sight.edge(0) - sight.margin - 4 * scale
            )
            labels.append((left - half, y - 28 * scale))
            notes.append((float(right), y + 27 * scale))
    if not (found or labels):
        return []
    items: list[Item] = [Polylines("memory-road", tuple(found), np.full(len(found), 26 * scale))]
    if labels:
        items.append(
            Texts("memory-label", np.array(labels), ("memory",) * len(labels), scale=scale)
        )
        words = ("no nonlinearity on it",) * len(notes)
        items.append(Texts("muted", np.array(notes), words, "end", scale=scale * 0.84))
    return items


def _ends(stage: Stage, initial: Initial | None) -> tuple[float, float]:
    """Left and right end of a memory's road: from its first state through the sequence."""
    sight = stage.sight
    start, end = float(sight.edge(stage.start)), float(sight.edge(stage.stop))
    if initial is None:
        return max(start, sight.left), min(end, sight.width)
    at, half = stage.initial_x(initial), initial.w / 2 * stage.scale
    if initial.back:
        return max(start, sight.left), min(at + half, sight.width)
    beside = stage.initial_seen(initial) if stage.view.fold else stage.begins
    return max(at - half, 0.0 if beside else sight.left), min(end, sight.width)


def words(stage: Stage) -> list[Item]:
    """What stands under each step: its token or number, thinned out where there is no room."""
    film, sight = stage.film, stage.sight
    if film.timeless:
        return []
    x_of = {m.x for m in stage.layout.marks if film.network.slot(m.segment, m.slot).role == "input"}
    x = min(x_of) if x_of else stage.layout.pitch / 2
    every = max(1, int(np.ceil(44.0 * stage.scale / sight.step)))
    now = stage.frame.step
    rows: dict[str, tuple[list[tuple[float, float]], list[str]]] = {
        "token": ([], []),
        "token-current": ([], []),
        "token-own": ([], []),
    }
    y = float(sight.y(stage.layout.token_y))
    first = -(-sight.first // every) * every
    gaps = {
        t
        for low, high in film.padding(stage.b)
        for t in range(max(low, sight.first), min(high, sight.last))
    }
    read = read_until(film, stage.frame, stage.b)
    for t in range(first, sight.last, every):
        if not stage.start <= t < stage.stop or (t in gaps and not label_of(stage, t)):
            continue
        own = own_output(stage, t)
        if own and t >= read:
            continue  # it is not said yet
        style = "token-current" if t == now and stage.frame.phase == "backward" else "token"
        style = "token-own" if own and style == "token" else style
        rows[style][0].append((float(sight.x(t, x)), y))
        rows[style][1].append(fitted(label(stage, t), sight.step * every / stage.scale - 8, style))
    return [
        Texts(style, np.array(places), tuple(strings), "middle", scale=stage.scale)
        for style, (places, strings) in rows.items()
        if strings
    ]


def own_output(stage: Stage, t: int) -> bool:
    """Whether a step reads what the network said a step before."""
    own = stage.film.run.batch.own
    return own is not None and bool(own[t, stage.b])


def read_until(film: Film, frame: Frame, b: int) -> int:
    """The first step of the picture whose input has not been read."""
    inputs = [
        (g, k)
        for g, segment in enumerate(film.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.role == "input"
    ]
    return max((frame.valued(*key)[1] + film.tile(key[0], b) for key in inputs), default=0)


def label(stage: Stage, t: int) -> str:
    """The token of a step in quotes, a number as it is, else its count."""
    text = label_of(stage, t)
    if text:
        is_token = text in stage.film.run.batch.input_names
        return f"“{text}”" if is_token else text
    return f"t = {t + 1}"


def label_of(stage: Stage, t: int) -> str:
    """The token or the name of a step, "" where it has none."""
    labels = stage.film.run.batch.labels
    there = stage.b < len(labels) and t < len(labels[stage.b])
    return str(labels[stage.b][t]) if there else ""


def shrunk(text: str, room: float, style: str) -> float:
    """The scale, at most 1, at which a text has room for itself and its slack."""
    return min(1.0, room / max(width_of(text, STYLES[style]) * SLACK, 1.0))


def fitted(text: str, room: float, style: str) -> str:
    """The text, cut with an ellipsis where it needs more than `room` px at zoom 1."""
    look = STYLES[style]
    if width_of(text, look) <= room:
        return text
    while len(text) > 1 and width_of(text + "…", look) > room:
        text = text[:-1]
    return text + "…"
