"""The strips of cells inside the nodes: value above, δ below, hatched until it is there. Every
colour is read from an array of the recording here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.parameter_terms import replaces
from engine.recording import Recording
from engine.template import Node, Slot
from visualizer.scene.levels import CELL, number_rows
from visualizer.scene.picture import Bytes, Heat, Item, Rects, Strips, Texts, level_of
from visualizer.scene.stage import Stage, joined, within
from visualizer.scene.tile import Mark

Array = NDArray[np.floating[Any]]
Steps = NDArray[np.integer[Any]]
MapName = Literal["value", "gate", "delta"]
MOST_CELLS = 32
MOST_DIGITS = 8  # letters of a number in a formula
THINNEST = 2.2  # px of a cell


@dataclass(slots=True)
class Collected:
    """Strips of one map, gathered over the marks of a picture."""

    boxes: list[Array] = field(default_factory=list)
    counts: list[Steps] = field(default_factory=list)
    levels: list[Bytes] = field(default_factory=list)


@dataclass(slots=True)
class Cells:
    """Everything that stands inside nodes, gathered: strips by map, hatching, numbers."""

    strips: dict[str, Collected] = field(
        default_factory=lambda: {"value": Collected(), "gate": Collected(), "delta": Collected()}
    )
    pending: list[Array] = field(default_factory=list)
    heats: list[Heat] = field(default_factory=list)  # small pictures, and the boxes round them
    framed: list[Array] = field(default_factory=list)
    texts: dict[str, tuple[list[tuple[float, float]], list[str]]] = field(default_factory=dict)

    def take(self, other: Cells) -> None:
        """Add what stands in other nodes."""
        for name, found in other.strips.items():
            mine = self.strips[name]
            mine.boxes += found.boxes
            mine.counts += found.counts
            mine.levels += found.levels
        self.pending += other.pending
        self.heats += other.heats
        self.framed += other.framed
        for style, (places, strings) in other.texts.items():
            own_places, own_strings = self.texts.setdefault(style, ([], []))
            own_places += places
            own_strings += strings

    def write(self, style: str, x: float, y: float, text: str) -> None:
        places, strings = self.texts.setdefault(style, ([], []))
        places.append((x, y))
        strings.append(text)

    def items(self, scale: float) -> list[Item]:
        items: list[Item] = []
        if any(len(boxes) for boxes in self.pending):
            items.append(Rects("strip-pending", joined(self.pending, 4), radius=2 * scale))
        for name, found in self.strips.items():
            if found.boxes:
                items.append(
                    Strips(
                        name,  # type: ignore[arg-type]
                        np.concatenate(found.boxes),
                        np.concatenate(found.counts),
                        np.concatenate(found.levels),
                        gap=1.0 if scale > 0.7 else 0.5,
                    )
                )
        items += self.heats
        if any(len(boxes) for boxes in self.framed):
            items.append(Rects("strip-frame", joined(self.framed, 4), radius=0.0))
        for style, (places, strings) in self.texts.items():
            anchor: Literal["start", "middle"] = "middle" if "graph" in style else "start"
            items.append(Texts(style, np.array(places), tuple(strings), anchor, scale=scale))
        return items


def map_of(slot: Slot) -> MapName:
    """Gates live on 0 … 1; all else has a sign."""
    return "gate" if slot.role == "gate" else "value"


def state_of_cells(stage: Stage, mark: Mark) -> tuple[object, ...]:
    """All of the moment that the strips of a mark depend on."""
    frame, node = stage.frame, stage.frame.filling
    filled = node is not None and (node.segment, node.slot) == mark.key
    return frame.valued(*mark.key), frame.complete(*mark.key), frame.done if filled else None


def fill(
    stage: Stage, mark: Mark, steps: Steps, cells: Cells, draw: Callable[..., None] | None = None
) -> None:
    """Both strips of a mark at these steps of its segment (all inside the sequence); `draw` puts
    something else there for the numbers of a row."""
    draw = draw or _row
    slot = stage.network.slot(mark.segment, mark.slot)
    frame, recording = stage.frame, stage.film.recording
    valued = np.flatnonzero(within(steps, frame.valued(mark.segment, mark.slot)))
    full = np.flatnonzero(within(steps, frame.complete(mark.segment, mark.slot)))
    values = recording.value(mark.segment, mark.slot)[steps[valued], stage.b]
    draw(stage, mark, slot, steps, cells, 0, valued, values, map_of(slot))
    full = full if recording.has_gradients else full[:0]
    deltas = _left(recording, mark.segment, mark.slot)[steps[full], stage.b]
    there, known = _with_partial(stage, mark, steps, full, deltas)
    draw(stage, mark, slot, steps, cells, 1, there, known, "delta")


def _left(recording: Recording, g: int, k: int) -> Array:
    """δ of a slot; where contributions replace each other, the one that came last."""
    uses = recording.network.uses(g, k)
    if uses and replaces(recording, k):
        return recording.contribution(uses[-1])
    return recording.delta(g, k)


def _with_partial(
    stage: Stage, mark: Mark, steps: Steps, there: Steps, deltas: Array
) -> tuple[Steps, Array]:
    """Also the node that is being filled, with the sum of what has arrived so far."""
    node = stage.frame.filling
    if node is None or (node.segment, node.slot) != (mark.segment, mark.slot):
        return there, deltas
    index = node.t - int(steps[0])
    if not 0 <= index < len(steps):
        return there, deltas
    so_far = delta_so_far(stage, node)
    if so_far is None:
        return there, deltas
    return np.append(there, index), np.concatenate([deltas, so_far[None]])


def delta_so_far(stage: Stage, node: Node) -> Array | None:
    """Sum of the contributions that have arrived at a node; None before the first. Where they
    replace each other: the last of them."""
    over = replaces(stage.film.recording, node.slot)
    width = stage.network.slot(node.segment, node.slot).width
    total = np.zeros(width)
    any_arrived = False
    for use in stage.film.uses[node.segment, node.slot]:
        low, high = stage.exists(use)
        if low <= node.t < high and stage.frame.has_contribution(use, node.t):
            part = slice(*use.part) if use.part is not None else slice(None)
            sent = stage.film.recording.contribution(use)[node.t, stage.b]
            total[part] = sent if over else total[part] + sent
            any_arrived = True
    return total if any_arrived else None


def _row(
    stage: Stage,
    mark: Mark,
    slot: Slot,
    steps: Steps,
    cells: Cells,
    row: int,
    there: Steps,
    numbers: Array,
    name: MapName,
) -> None:
    """One strip (row 0: value, 1: δ): hatched everywhere but `there`, where the numbers are."""
    if stage.layout.level == "numbers":
        _numbers(stage, mark, slot, steps, cells, row, there, numbers, name)
        return
    regions = _regions(stage, mark, slot, steps, row)
    missing = np.ones(len(steps), bool)
    missing[there] = False
    for region in regions:
        cells.pending.append(region[missing])
    if not len(there):
        return
    if slot.width == 1:
        style = "delta-text" if name == "delta" else "value-text"
        boxes = regions[0][there]
        if mark.kind == "row":  # too low for two lines: value and δ stand side by side
            middle = (boxes[:, 1] + _regions(stage, mark, slot, steps, 1 - row)[0][there, 1]) / 2
            boxes = np.column_stack([boxes[:, 0] + 0.55 * row * boxes[:, 2], middle, boxes[:, 2:]])
        for box, number in zip(boxes, numbers[:, 0]):
            text = five_digits(float(number)) if mark.indent else figure(float(number))
            cells.write(style, box[0], box[1] + box[3] / 2, text)
        return
    blocks = np.array_split(numbers, len(regions), axis=1)
    for region, block in zip(regions, blocks):
        _strip(stage, region[there], block, name, cells)


def _strip(stage: Stage, boxes: Array, numbers: Array, name: MapName, cells: Cells) -> None:
    most = int(boxes[0, 2] / THINNEST)
    if numbers.shape[1] > min(MOST_CELLS, most):
        numbers = reduced(numbers, max(min(most, 2 * MOST_CELLS), 1))
    found = cells.strips[name]
    found.boxes.append(boxes)
    found.counts.append(np.full(len(boxes), numbers.shape[1]))
    found.levels.append(levels(stage, numbers, name).ravel())


def levels(stage: Stage, numbers: Array, name: MapName) -> Bytes:
    """Places of numbers in a colour map, on the scales of the film."""
    if name == "gate":
        return level_of(numbers, 1.0, signed=False)
    scale = stage.film.delta_scale if name == "delta" else stage.film.value_scale
    return level_of(numbers, scale)


def reduced(numbers: Array, bins: int) -> Array:
    """Columns of (n, width) gathered in bins, each the entry of largest magnitude."""
    width = numbers.shape[1]
    bins = min(bins, width)
    starts = np.arange(bins) * width // bins
    size = np.abs(np.where(np.isfinite(numbers), numbers, np.inf))
    top = np.maximum.reduceat(numbers, starts, axis=1)
    low = np.minimum.reduceat(numbers, starts, axis=1)
    peak = np.maximum.reduceat(size, starts, axis=1)
    chosen = np.where(np.abs(top) >= np.abs(low), top, low)
    return np.where(np.isfinite(peak), chosen, np.nan)


def _regions(stage: Stage, mark: Mark, slot: Slot, steps: Steps, row: int) -> list[Array]:
    """Rectangles (n, 4) of a strip: one for each block of the slot."""
    scale = stage.scale
    centre = stage.columns(mark, steps)
    blocks = max(len(slot.blocks), 1)
    indent, tail = (10.0, 10.0) if mark.side else (mark.indent or 32.0, 8.0)
    if mark.kind == "row":
        indent, tail, offset, height = 26.0, 6.0, (-9.0, 2.0), 7.0
    else:
        offset, height = (-13.0, 3.0), 10.0
    width = mark.w - indent - tail
    gap = 6.0
    each = (width - gap * (blocks - 1)) / blocks
    y = float(stage.sight.y(mark.y)) + offset[row] * scale
    regions: list[Array] = []
    for k in range(blocks):
        box = np.empty((len(steps), 4))
        box[:, 0] = centre + (-mark.w / 2 + indent + k * (each + gap)) * scale
        box[:, 1] = y
        box[:, 2] = each * scale
        box[:, 3] = height * scale
        regions.append(box)
    backwards = stage.network.segments[mark.segment].direction < 0
    return regions[::-1] if backwards else regions  # drawn in a mirror, its blocks too


def _numbers(
    stage: Stage,
    mark: Mark,
    slot: Slot,
    steps: Steps,
    cells: Cells,
    row: int,
    there: Steps,
    numbers: Array,
    name: MapName,
) -> None:
    rows, per_row = number_rows(slot)
    scale = stage.scale
    left = stage.columns(mark, steps) + (-mark.w / 2 + (mark.indent or 36.0)) * scale
    wide = CELL[0] if not mark.indent else (mark.w - mark.indent - 8.0) / per_row
    top = float(stage.sight.y(mark.y)) + (-mark.h / 2 + 7.0) * scale
    top += row * (rows * CELL[1] + 4.0) * scale
    missing = np.ones(len(steps), bool)
    missing[there] = False
    for r in range(rows):
        cells_here = min(per_row, slot.width - r * per_row)
        box = np.empty((len(steps), 4))
        box[:, 0], box[:, 1] = left, top + r * CELL[1] * scale
        box[:, 2], box[:, 3] = cells_here * wide * scale, (CELL[1] - 1.0) * scale
        cells.pending.append(box[missing])
        if not len(there):
            continue
        block = numbers[:, r * per_row : r * per_row + cells_here]
        found = cells.strips[name]
        found.boxes.append(box[there])
        found.counts.append(np.full(len(there), cells_here))
        places = levels(stage, block, name)
        found.levels.append(places.ravel())
        _print(cells, box[there], block, places, name, wide * scale, wide > 1.5 * CELL[0])
    if slot.blocks and mark.side and rows == len(slot.blocks):
        for x in left:
            for r, block_name in enumerate(slot.blocks):
                y = top + (r + 0.5) * CELL[1] * scale
                cells.write("graph-block", float(x) - 16.0 * scale, y, block_name)


def _print(
    cells: Cells,
    boxes: Array,
    numbers: Array,
    places: Bytes,
    name: MapName,
    wide: float,
    precise: bool,
) -> None:
    for n, box in enumerate(boxes):
        y = float(box[1] + box[3] / 2)
        for k, number in enumerate(numbers[n]):
            strong = places[n, k] > 150 if name == "gate" else abs(int(places[n, k]) - 128) > 80
            style = "graph-number-strong" if strong else "graph-number"
            x = float(box[0] + (k + 0.5) * wide)
            text = five_digits(float(number)) if precise else figure(float(number), short=True)
            cells.write(style, x, y, text)


def figure(number: float, *, short: bool = False) -> str:
    """A number for a picture: its sign always, two or three digits."""
    if not np.isfinite(number):
        return "nan" if np.isnan(number) else ("∞" if number > 0 else "−∞")
    size = abs(number)
    if size == 0:
        return "0"
    if size >= 1000 or (0 < size < 0.0005):
        text = f"{number:+.0e}".replace("e-0", "e-").replace("e+0", "e")
    elif size >= 100:
        text = f"{number:+.0f}"
    elif size >= 10:
        text = f"{number:+.1f}"
    else:
        text = f"{number:+.2f}" if short or size >= 0.1 else f"{number:+.3f}"
    return text.replace("-", "−")


def five_digits(number: float) -> str:
    """A number of a formula: as it is where it is short, a sign only where it is negative."""
    text = f"{number + 0.0:.5g}"
    if len(text) > MOST_DIGITS:
        text = f"{number:.3g}"
    if "e" in text or len(text) > MOST_DIGITS:
        text = f"{number:.2e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    return text.replace("-", "−")
