"""How much of a step is shown: the levels from near to far, which slots each of them has, and the
places of the two that stack a step in one column. Which level fits a width: `level_for`.

numbers  every slot a box with its numbers      ops    every slot, small ops as circles
tensors  inputs, gates, states, logits          steps  one block for each layer and step
bands    (too narrow for blocks) rows of units, columns of steps, reduced by maximum
"""

from __future__ import annotations

from itertools import pairwise

from engine.template import Network, Segment, Slot
from visualizer.scene.pictured import is_pictured, with_pictures
from visualizer.scene.places import BOX, CIRCLE, Place, Places, places_of

LEVELS = ("numbers", "ops", "tensors", "steps", "bands")
LEVELS_OF_FORMULAS = ("numbers", "ops", "tensors")  # nothing without time gets smaller than these
MOST_NUMBERS = 64  # units above which numbers do not fit a node
CELLS_PER_ROW = 8
CELL = (34.0, 15.0)
LEGIBLE = {"numbers": 0.72, "ops": 0.515, "tensors": 0.52, "steps": 0.5}
_ROW = (96.0, 28.0)


def has_numbers(network: Network) -> bool:
    """Whether the nodes of this network are small enough to print."""
    slots = [slot for segment in network.segments for slot in segment.slots]
    if any(is_pictured(slot) and slot.width > MOST_NUMBERS // 2 for slot in slots):
        return False  # a film is not read as figures
    return max(slot.width for slot in slots) <= 4 * MOST_NUMBERS


def level_for(step_px: float, pitches: dict[str, float]) -> str:
    """The nearest level at which a step of this width can be read."""
    for level, legible in LEGIBLE.items():
        if level in pitches and step_px >= legible * pitches[level]:
            return level
    return "bands"


def state_of(segment: Segment) -> Slot:
    """What a layer hands up and on: its last state, or its memory where it has none."""
    for role in ("state", "memory"):
        for slot in reversed(segment.slots):
            if slot.role == role:
                return slot
    return segment.slots[-1]


def places_at(network: Network, g: int, level: str) -> Places:
    """The places of one recurrent layer, segment `g`, at a level."""
    segment = network.segments[g]
    if level == "numbers":
        return _enlarged(segment, places_of(segment, g, near=True))
    if level == "ops":
        places = places_of(segment, g)
    else:
        places = _column(network, g) if level == "tensors" else _block(segment)
    return with_pictures(segment, places, level)


def is_gate(network: Network, g: int, slot: Slot) -> bool:
    """Gates, and candidates that are made like them: straight from a pre-activation."""
    if slot.role == "gate":
        return slot.op == "sigmoid"
    reads = [network.slot(g, i.slot) for i in slot.inputs if i.reach == 0 and i.segment == g]
    return slot.role == "tensor" and any(r.role == "preactivation" for r in reads)


def _column(network: Network, g: int) -> Places:
    segment = network.segments[g]
    state = state_of(segment)
    pitch = 172.0
    x, y = pitch / 2, 0.0
    table = {state.name: Place(x, y, *BOX)}
    for slot in segment.slots:
        if slot.role == "memory" and slot is not state:
            y += 88.0
            table[slot.name] = Place(x, y, *BOX)
    for slot in segment.slots:
        if slot.op == "flatten":
            y += 92.0
            table[slot.name] = Place(x, y, *BOX, kind="wide")
    layer = segment.kind == "layer"  # an encoder has no gates
    gates = [slot for slot in segment.slots if layer and is_gate(network, g, slot)]
    if gates:
        y += 66.0
        for slot in gates:
            table[slot.name] = Place(x, y, *_ROW, "row")
            y += 30.0
        y -= 30.0
    if any(slot.role == "input" for slot in segment.slots):
        table["x"] = Place(x, y + 92.0, *BOX)
    return Places(
        pitch, table, road=next((s.name for s in segment.slots if s.role == "memory"), "")
    )


def _block(segment: Segment) -> Places:
    pitch = 112.0
    table = {state_of(segment).name: Place(pitch / 2, 0.0, 80.0, 40.0)}
    for slot in segment.slots:
        if slot.op == "flatten":
            table[slot.name] = Place(pitch / 2, 76.0, 80.0, 40.0, "wide")
    if any(slot.role == "input" for slot in segment.slots):
        table["x"] = Place(pitch / 2, 84.0, 80.0, 40.0)
    return Places(pitch, table)


def number_rows(slot: Slot) -> tuple[int, int]:
    """(rows, cells in a row) of the printed numbers of a slot: a row for each block, or by 8; of
    pictures a row for each of theirs."""
    if slot.picture and slot.picture[2] <= CELLS_PER_ROW:
        return slot.width // slot.picture[2], slot.picture[2]
    if slot.blocks and slot.width // len(slot.blocks) <= CELLS_PER_ROW:
        return len(slot.blocks), slot.width // len(slot.blocks)
    cells = min(slot.width, CELLS_PER_ROW)
    return -(-slot.width // cells), cells


def number_size(slot: Slot) -> tuple[float, float]:
    """Width and height of a node that prints its numbers: values above, δ below."""
    rows, cells = number_rows(slot)
    return 44.0 + cells * CELL[0], 14.0 + 2 * rows * CELL[1] + 4.0


def _enlarged(segment: Segment, places: Places) -> Places:
    """The same arrangement with room for numbers: rows and columns pushed apart, never moved."""
    sizes = {slot.name: _number_size(slot, places.table.get(slot.name)) for slot in segment.slots}
    by_row: dict[float, list[str]] = {}
    for name, place in places.table.items():
        by_row.setdefault(round(place.y), []).append(name)
    stretch = 1.0
    for row in by_row.values():
        row.sort(key=lambda n: places.table[n].x)
        for left, right in pairwise(row):
            room = places.table[right].x - places.table[left].x
            need = (sizes[left][0] + sizes[right][0]) / 2 + 28.0
            stretch = max(stretch, need / room)
    widest = max(w for w, _ in sizes.values())
    stretch = max(stretch, (widest + 76.0) / places.pitch)
    rise = _row_heights(by_row, places, sizes)
    table = {
        name: Place(
            place.x * stretch,
            rise[round(place.y)],
            *sizes[name],
            "circle" if place.small else ("wide" if place.kind == "wide" else "box"),
            None if place.port is None else _port(place, stretch, rise, by_row),
            place.side,
        )
        for name, place in places.table.items()
    }
    return Places(places.pitch * stretch, table, places.ways, places.road)


def _number_size(slot: Slot, place: Place | None) -> tuple[float, float]:
    """The size of a node at the level of numbers: some keep theirs."""
    if place is not None and place.small:
        return CIRCLE, CIRCLE
    return BOX if place is not None and place.kind == "wide" else number_size(slot)


def _row_heights(
    by_row: dict[float, list[str]], places: Places, sizes: dict[str, tuple[float, float]]
) -> dict[float, float]:
    rise: dict[float, float] = {}
    before: tuple[float, float] | None = None
    for row in sorted(by_row):
        half = max(sizes[n][1] for n in by_row[row]) / 2
        if before is None:
            rise[row] = 0.0
        else:
            last_row, last_half = before
            gap = max(row - last_row - 28.0, 34.0)
            rise[row] = rise[last_row] + last_half + half + gap
        before = (row, half)
    return rise


def _port(
    place: Place, stretch: float, rise: dict[float, float], by_row: dict[float, list[str]]
) -> tuple[float, float] | None:
    """The port on the same row stays there; the one below its node goes, the node has the op."""
    assert place.port is not None
    if abs(place.port[1] - place.y) > 1.0:
        return None
    return place.port[0] * stretch, rise[round(place.y)]
