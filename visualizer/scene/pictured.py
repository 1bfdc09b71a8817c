"""Slots whose numbers are small pictures: which channels a node shows, how large it is for them,
and where each of them stands in it. Colours are read in `layers.pictures`.

In a box the channels stand side by side, values above, δ below; in a row values left, δ right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.template import Segment, Slot
from visualizer.scene.places import Place, Places

MOST = 3  # channels of one node
SIDE = {"box": 42.0, "row": 20.0}  # px of the longer side of a picture
EDGE = {"box": 6.0, "row": 3.0}  # between the node and what stands in it
INDENT = {"box": 37.0, "row": 31.0}  # room for the symbol
GAP = 3.0
BETWEEN = 6.0  # from values to δ, from block to block
NOTE = 12.0  # room for the words under pictures when some are left out
LEVELS = ("ops", "tensors")


@dataclass(frozen=True, slots=True)
class Small:
    """One picture of a node: its channel, and its box from the centre of the node."""

    channel: int
    x: float
    y: float
    w: float
    h: float


def is_pictured(slot: Slot) -> bool:
    """Whether a node has room for the slot's numbers as pictures only."""
    return slot.picture is not None and slot.width > slot.picture[0] and slot.role != "loss"


def shown_channels(slot: Slot) -> tuple[int, ...]:
    """The first channels, or the first of each block."""
    assert slot.picture
    channels = slot.picture[0]
    blocks = len(slot.blocks)
    if blocks > 1:
        return tuple(range(0, channels, channels // blocks))
    return tuple(range(min(channels, MOST)))


def note_of(slot: Slot) -> str:
    """Which channels are shown, where not all are."""
    assert slot.picture
    shown, channels = shown_channels(slot), slot.picture[0]
    if len(shown) == channels:
        return ""
    if slot.blocks:
        return f"{' '.join(slot.blocks)}, channel 1 of {channels // len(slot.blocks)}"
    return f"channels 1–{len(shown)} of {channels}"


def _side(slot: Slot, kind: str) -> tuple[float, float]:
    """Width and height of one picture."""
    assert slot.picture
    _, rows, columns = slot.picture
    longer = SIDE[kind] / max(rows, columns)
    return columns * longer, rows * longer


def size_of(slot: Slot, kind: str = "box") -> tuple[float, float]:
    """Width and height of a node that shows pictures."""
    w, h = _side(slot, kind)
    count = len(shown_channels(slot))
    across = count * w + (count - 1) * (BETWEEN if slot.blocks else GAP)
    if kind == "row":
        return INDENT[kind] + 2 * across + BETWEEN + EDGE[kind] + 2, h + 2 * EDGE[kind]
    note = NOTE if note_of(slot) else 0.0
    return INDENT[kind] + across + EDGE[kind] + 2, 2 * h + BETWEEN + 2 * EDGE[kind] + note


def smalls(slot: Slot, kind: str, row: int) -> list[Small]:
    """The pictures of a node; `row` 0: values, 1: δ."""
    w, h = _side(slot, kind)
    wide, tall = size_of(slot, kind)
    step = w + (BETWEEN if slot.blocks else GAP)
    shown = shown_channels(slot)
    x, y = -wide / 2 + INDENT[kind], -tall / 2 + EDGE[kind]
    if kind == "row":
        x += row * (len(shown) * step - GAP + BETWEEN)
    else:
        y += row * (h + BETWEEN)
    return [Small(channel, x + n * step, y, w, h) for n, channel in enumerate(shown)]


def with_pictures(segment: Segment, places: Places, level: str) -> Places:
    """The same arrangement with room for pictures: rows and columns pushed apart, never moved."""
    slots = {slot.name: slot for slot in segment.slots}
    sizes = {
        name: size_of(slots[name], place.kind)
        for name, place in places.table.items()
        if level in LEVELS and place.kind in SIDE and is_pictured(slots[name])
    }
    return _pushed(places, sizes) if sizes else places


def _pushed(places: Places, sizes: Mapping[str, tuple[float, float]]) -> Places:
    table = places.table
    new = {name: sizes.get(name, (p.w, p.h)) for name, p in table.items()}
    by_row: dict[float, list[str]] = {}
    for name, place in table.items():
        by_row.setdefault(round(place.y), []).append(name)
    stretch = 1.0
    for names in by_row.values():
        names.sort(key=lambda n: table[n].x)
        for left, right in pairwise(names):
            apart = table[right].x - table[left].x
            free = min(apart - (table[left].w + table[right].w) / 2, 24.0)
            stretch = max(stretch, ((new[left][0] + new[right][0]) / 2 + free) / apart)
    margin = places.pitch - max(p.w for p in table.values())
    widest = max(w for w, _ in new.values())
    stretch = max(stretch, (widest + min(margin, 76.0)) / places.pitch)
    rise: dict[float, float] = {}
    before: tuple[float, float, float] | None = None
    for row in sorted(by_row):
        old_half = max(table[n].h for n in by_row[row]) / 2
        half = max(new[n][1] for n in by_row[row]) / 2
        if before is None:
            rise[row] = half - old_half  # the top edge stays where it was
        else:
            last, last_half, last_old = before
            rise[row] = rise[last] + row - last + (half - old_half) + (last_half - last_old)
        before = (row, half, old_half)
    moved = {
        name: _moved(place, stretch, rise[round(place.y)], new[name])
        for name, place in table.items()
    }
    return Places(places.pitch * stretch, moved, places.ways, places.road)


def _moved(place: Place, stretch: float, y: float, size: tuple[float, float]) -> Place:
    """A place with its port as far from its edge as before."""
    port = place.port
    if port is not None:
        away = port[1] - place.y
        if abs(away) > 1.0:
            away += (size[1] - place.h) / 2 * (1 if away > 0 else -1)
        port = (port[0] * stretch, y + away)
    return replace(place, x=place.x * stretch, y=y, w=size[0], h=size[1], port=port)
