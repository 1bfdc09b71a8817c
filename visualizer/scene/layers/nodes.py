"""The nodes: boxes, circles of small ops, pills of losses, their symbols; and the rings in which
contributions are gathered. What stands inside the boxes: `cells`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.layers import wide
from visualizer.scene.layers.cells import Cells, fill, state_of_cells
from visualizer.scene.layers.pictures import fill_pictures, shows_pictures
from visualizer.scene.picture import Item, Rects, Rings, Texts
from visualizer.scene.places import PORT
from visualizer.scene.stage import Stage, joined, segments_of_ring, within
from visualizer.scene.symbols import layer_mark, name_of
from visualizer.scene.tile import Mark
from visualizer.styles import STYLES
from visualizer.typeset import width_of

Array = NDArray[np.floating[Any]]
Steps = NDArray[np.integer[Any]]
Words: TypeAlias = dict[str, tuple[list[Array], list[str]]]  # by style: where, what
SYMBOL = 0.9
# more than so many steps: their numbers have more figures, and room for them there is no more
LETTERS = ((10_000, "symbol-myriads"), (1_000, "symbol-thousands"), (100, "symbol-small"))
BODY = {"box": "node", "row": "node-row", "circle": "node-op", "port": "node-op"}


class _Boxes:
    """Rectangles gathered by style."""

    def __init__(self) -> None:
        self.by_style: dict[str, list[Array]] = {}

    def add(self, style: str, boxes: Array) -> None:
        if len(boxes):
            self.by_style.setdefault(style, []).append(boxes)

    def take(self, other: _Boxes) -> None:
        for style, boxes in other.by_style.items():
            self.by_style.setdefault(style, []).extend(boxes)

    def items(self, scale: float) -> list[Item]:
        late = ("current", "selected", "hover")
        order = sorted(self.by_style, key=lambda s: (s.startswith("node-op"), s.endswith(late)))
        return [
            Rects(style, joined(self.by_style[style], 4), radius=_radius(style) * scale)
            for style in order
        ]


def _radius(style: str) -> float:
    return 14.0 if style.startswith("node-op") else (5.0 if style.startswith("node-row") else 9.0)


def draw(stage: Stage) -> list[Item]:
    """Frames of gates, nodes with their strips, symbols."""
    boxes = _Boxes()
    words: Words = {}
    for mark in _seen(stage):
        state = _state_of_body(stage, mark)
        boxes.take(stage.recall(("body", mark.key), state, partial(_body, stage, mark)))
        named = stage.recall(("symbols", mark.key), None, partial(_symbols, stage, mark))
        for style, (places, strings) in named.items():
            own_places, own_strings = words.setdefault(style, ([], []))
            own_places += places
            own_strings += strings
    items = [*_frames(stage), *boxes.items(stage.scale), *strips(stage), *wide.draw(stage)]
    return items + _words(stage, words)


def strips(stage: Stage) -> list[Item]:
    """What stands in the nodes, but their symbols."""
    cells = Cells()
    for mark in _seen(stage):
        if mark.kind != "circle":
            state = state_of_cells(stage, mark)
            cells.take(stage.recall(("cells", mark.key), state, partial(_filled, stage, mark)))
    return cells.items(stage.scale)


def _filled(stage: Stage, mark: Mark) -> Cells:
    """What stands in the nodes of a mark."""
    cells, (steps, inside) = Cells(), _there(stage, mark)
    if inside.any():
        draw = fill_pictures if shows_pictures(stage, mark) else None
        fill(stage, mark, steps[inside], cells, draw)
    return cells


def _seen(stage: Stage) -> Iterator[Mark]:
    """The marks that are drawn here and have a step in sight."""
    for mark in stage.layout.marks:
        low, high = stage.seen(mark.segment)
        if high > low and mark.kind not in ("pill", "wide"):
            yield mark


def _there(stage: Stage, mark: Mark) -> tuple[Steps, NDArray[np.bool_]]:
    """The visible steps of a mark, and which of them the sequence has."""
    steps = np.arange(*stage.seen(mark.segment))
    mine, until = stage.owned(mark.segment)
    if any(i.back and i.key == mark.key for i in stage.layout.initials):
        steps = steps[steps != until]  # there stands the chain's first state
    inside = (steps >= mine) & (steps < until)
    if stage.network.segments[mark.segment].part == "read":
        steps, inside = steps[inside], inside[inside]  # a state may be handed past what is not
    return steps, inside


def _frames(stage: Stage) -> list[Item]:
    sight = stage.sight
    found = []
    for box in stage.layout.frames:
        low, high = stage.seen(box.segment)
        if stage.network.segments[box.segment].part == "read":
            mine, until = stage.owned(box.segment)
            low, high = max(low, mine), min(high, until)
        for t in range(low + stage.tile(box.segment), high + stage.tile(box.segment)):
            x = float(sight.x(t, box.x)) - box.w * stage.scale / 2
            y = float(sight.y(box.y)) - box.h * stage.scale / 2
            found.append((x, y, box.w * stage.scale, box.h * stage.scale))
    return [Rects("node", np.array(found), radius=9 * stage.scale)] if found else []


def _state_of_body(stage: Stage, mark: Mark) -> tuple[object, ...]:
    """All of the moment that the boxes of a mark depend on."""
    node, over, frame = stage.doing(), stage.view.hover, stage.frame
    mine = node is not None and (node.segment, node.slot) == mark.key
    hovered = over is not None and (over.segment, over.slot) == mark.key
    lit = frame.complete(*mark.key) if mark.kind == "circle" or mark.port is not None else None
    now = (node, frame.phase) if mine else None
    return now, over if hovered else None, stage.selected(mark.key), lit


def _body(stage: Stage, mark: Mark) -> _Boxes:
    boxes, (steps, inside) = _Boxes(), _there(stage, mark)
    body, key = BODY[mark.kind], mark.key
    rects = stage.boxes(mark, steps)
    node, chosen = stage.doing(), stage.selected(key)
    now = node.t if node is not None and (node.segment, node.slot) == key else -9
    current = (steps == now) & inside
    selected = (steps == chosen) & ~current if chosen is not None else np.zeros(len(steps), bool)
    plain = inside & ~current & ~selected
    over = stage.view.hover
    if body == "node" and over is not None and (over.segment, over.slot) == key:
        hovered = plain & (steps == over.t)
        boxes.add("node-hover", rects[hovered])
        plain &= ~hovered
    backward = stage.frame.phase == "backward"
    if mark.kind == "circle":
        lit = plain & within(steps, stage.frame.complete(mark.segment, mark.slot))
        boxes.add("node-op-current", rects[lit])
        plain &= ~lit
    boxes.add(body, rects[plain])
    boxes.add("node-padded" if _reads_padding(stage, mark) else "node-absent", rects[~inside])
    boxes.add(f"{body}-current" if backward else f"{body}-forward", rects[current])
    boxes.add(f"{body}-selected", rects[selected])
    if mark.port is not None:
        _port(stage, mark, steps[inside], boxes)
    return boxes


def _reads_padding(stage: Stage, mark: Mark) -> bool:
    """Whether what stands beside the sequence is read as zeros."""
    wide = [m for m in stage.layout.marks if m.kind == "wide"]
    uses = stage.film.uses[mark.segment, mark.slot]
    return any(
        (u.consumer.segment, u.consumer.slot) == (m.segment, m.slot) for u in uses for m in wide
    )


def _port(stage: Stage, mark: Mark, steps: Steps, boxes: _Boxes) -> None:
    assert mark.port is not None
    size = PORT * stage.scale
    rects = np.empty((len(steps), 4))
    edge = (mark.x, -mark.w / 2) if stage.film.timeless else (mark.port[0], 0.0)
    rects[:, 0] = stage.sight.x(steps + stage.tile(mark.segment), *edge) - size / 2
    rects[:, 1] = stage.sight.y(mark.port[1]) - size / 2
    rects[:, 2:] = size
    lit = within(steps, stage.frame.complete(mark.segment, mark.slot))
    boxes.add("node-op-current", rects[lit])
    boxes.add("node-op", rects[~lit])


def _symbols(stage: Stage, mark: Mark) -> Words:
    """Whatever the moment."""
    words: Words = {}
    steps, _ = _there(stage, mark)
    if len(steps):
        _name(stage, mark, steps, words)
    return words


def _name(stage: Stage, mark: Mark, steps: Steps, words: Words) -> None:
    scale, y = stage.scale, float(stage.sight.y(mark.y))
    centre = stage.columns(mark, steps)

    def put(style: str, x: Array, dy: float, strings: list[str]) -> None:
        places, texts = words.setdefault(style, ([], []))
        places.append(np.column_stack([x, np.full(len(x), y + dy * scale)]))
        texts.extend(strings)

    if mark.kind == "circle":
        small = "op-name" if len(mark.glyph) > 1 else "op-text"
        put(small, centre, 0.0, [mark.glyph] * len(steps))
        return
    name = name_of(stage.network, mark.segment, mark.slot, stage.view.symbols)
    above = layer_mark(stage.network, mark.segment, mark.slot)
    first = stage.tile(mark.segment) + 1
    strings = [f"{name}_{{{t + first}}}{above}" for t in steps]
    if stage.film.timeless:
        _formula_symbols(stage, mark, centre, put)
        return
    entry = _before_entry(stage, mark)
    strings = [s + (" = 0" if t == entry else "") for t, s in zip(steps, strings)]
    if mark.side:
        beside = mark.w / 2 + 8
        if stage.backwards(mark.segment):  # at the right its edges come in
            beside = -beside - width_of(mark.side, STYLES["side-text"])
        put("side-text", centre + beside * scale, 0.0, [mark.side] * len(steps))
    else:
        steps_there = stage.network.segments[mark.segment].steps + first
        sizes = (style for least, style in LETTERS if steps_there > least)
        style = next(sizes, "symbol-small" if mark.kind == "row" or above else "symbol")
        style = "symbol-marked" if stage.backwards(mark.segment) else style
        at = np.where(steps == entry, mark.w / 2, 14.0 if mark.kind == "row" else 17.0)
        put(style, centre + (-mark.w / 2 + at) * scale, 0.0, strings)
    if mark.port is not None and mark.port_glyph:
        x = np.asarray(stage.sight.x(steps + stage.tile(mark.segment), mark.port[0]))
        dy = float(stage.sight.y(mark.port[1])) - y
        put("op-text", x, dy / scale, [mark.port_glyph] * len(steps))


def _before_entry(stage: Stage, mark: Mark) -> int:
    """The step before the first of a sequence that enters late, at which its state is set to 0;
    −1 where there is none."""
    low = stage.owned(mark.segment)[0]
    slot = stage.network.slot(mark.segment, mark.slot)
    uses = stage.film.uses[mark.segment, mark.slot]
    carried = any(isinstance(u.reach, int) and u.reach > 0 for u in uses)
    given = stage.film.recording.initial.get(slot.initial)
    set_to_0 = given is None or not np.any(given[:, stage.b])
    forward = not stage.backwards(mark.segment)
    role = slot.role in ("state", "memory")
    return low - 1 if low and carried and set_to_0 and forward and role else -1


def _formula_symbols(
    stage: Stage, mark: Mark, centre: Array, put: Callable[[str, Array, float, list[str]], None]
) -> None:
    """The name of a part, and the sign of its operation at the left edge."""
    name = name_of(stage.network, mark.segment, mark.slot)
    put("symbol", centre + (-mark.w / 2 + mark.name_at) * stage.scale, 0.0, [name])
    if mark.port_glyph:
        style = "op-text" if len(mark.port_glyph) == 1 else "op-name"
        put(style, centre - mark.w / 2 * stage.scale, 0.0, [mark.port_glyph])


def _words(stage: Stage, words: Words) -> list[Item]:
    items: list[Item] = []
    for style, (places, strings) in words.items():
        anchor: Literal["start", "middle"] = "start" if style == "side-text" else "middle"
        size = stage.scale * (SYMBOL if style == "symbol" else 1.0)
        items.append(Texts(style, np.concatenate(places), tuple(strings), anchor, scale=size))
    return items


def rings(stage: Stage) -> list[Item]:
    """Σ rings: a segment for each descendant, filled as contributions arrive."""
    centres: list[Array] = []
    segments: list[Array] = []
    filled: list[Array] = []
    if not stage.film.recording.has_gradients:
        return []
    for mark in stage.layout.marks:
        uses = stage.film.uses[mark.segment, mark.slot]
        low, high = stage.seen(mark.segment)
        if mark.kind in ("pill", "row", "wide") or high <= low or not segments_of_ring(uses):
            continue
        steps = np.arange(low, high)
        count, arrived = ring_counts(stage, mark, steps)
        shown = count >= 2
        boxes = stage.boxes(mark, steps[shown])
        inset, down = (0.0, 0.0) if mark.kind == "circle" else (2.0, 2.0)
        if stage.film.timeless:  # edges come in at the right, and run past it
            inset, down = 26.0 * stage.scale, -4.0 * stage.scale
        centres.append(np.column_stack([boxes[:, 0] + boxes[:, 2] - inset, boxes[:, 1] + down]))
        segments.append(count[shown])
        filled.append(arrived[shown])
    if not centres:
        return []
    return [
        Rings(
            "ring",
            np.concatenate(centres),
            max(11.0 * stage.scale, 8.5),
            np.concatenate(segments),
            np.concatenate(filled),
        )
    ]


def ring_counts(stage: Stage, mark: Mark, steps: Steps) -> tuple[Any, Any]:
    """How many descendants a node has at these steps, and how many have sent their part."""
    count = np.zeros(len(steps), np.int64)
    arrived = np.zeros(len(steps), np.int64)
    for use in stage.film.uses[mark.segment, mark.slot]:
        low, high = stage.exists(use)
        there = (steps >= low) & (steps < high)
        count += there
        arrived += there & within(steps, stage.frame.arrived(use))
    return count, arrived
