"""Slots whose numbers are small pictures: which channels a node shows, how large it is for them,
and where each of them stands in it. Colours are read in `layers.pictures`.

A node has one of three looks: in a box the channels stand side by side, values above, δ below; in
a row values stand left, δ right; a block, the node of a whole layer, has room for one channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.template import Picture, Segment, Slot
from visualizer.scene.places import Place, Places

MOST = {"box": 3, "row": 3, "block": 1}  # channels of one node
SIDE = {"box": 42.0, "row": 20.0, "block": 40.0}  # px of the longer side of a picture
EDGE = {"box": 6.0, "row": 3.0, "block": 5.0}  # between the node and what stands in it
INDENT = {"box": 37.0, "row": 31.0, "block": 35.0}  # room for the symbol
GAP = 3.0
BETWEEN = 6.0  # from values to δ, from block to block
FINEST = 1.6  # px of a pixel; finer pictures are reduced by their largest magnitude
NOTE = 12.0  # room for the words under pictures when some are left out
LEVELS = ("ops", "tensors", "steps")


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


def part_of(slot: Slot, width: int) -> Picture | None:
    """What so many numbers of a slot are as a picture: all of its channels or some."""
    if slot.picture is None:
        return None
    _, rows, columns = slot.picture
    return width // (rows * columns), rows, columns


def look_of(slot: Slot, level: str, kind: str) -> str:
    """How a node of this kind shows the slot's pictures at a level; "" where it does not."""
    if level not in LEVELS or not is_pictured(slot) or kind not in SIDE:
        return ""
    return "block" if level == "steps" else kind


def shown_channels(slot: Slot, look: str) -> tuple[int, ...]:
    """The first channels, or the first of each block."""
    assert slot.picture
    channels = slot.picture[0]
    blocks = len(slot.blocks)
    if blocks > 1 and look == "box":
        return tuple(range(0, channels, channels // blocks))
    return tuple(range(min(channels, MOST[look])))


def note_of(slot: Slot, look: str) -> str:
    """Which channels are shown, where not all are."""
    assert slot.picture
    shown, channels = shown_channels(slot, look), slot.picture[0]
    if len(shown) == channels or look == "row":
        return ""
    if slot.blocks:
        return f"{' '.join(slot.blocks)}, channel 1 of {channels // len(slot.blocks)}"
    if len(shown) == 1:
        return f"channel 1 of {channels}"
    return f"channels 1–{len(shown)} of {channels}"


def _side(slot: Slot, look: str) -> tuple[float, float]:
    """Width and height of one picture."""
    assert slot.picture
    _, rows, columns = slot.picture
    longer = SIDE[look] / max(rows, columns)
    return columns * longer, rows * longer


def size_of(slot: Slot, look: str) -> tuple[float, float]:
    """Width and height of a node that shows pictures."""
    w, h = _side(slot, look)
    count = len(shown_channels(slot, look))
    across = count * w + (count - 1) * _apart(slot, look)
    left, edge = INDENT[look], EDGE[look]
    if look == "row":
        return left + 2 * across + BETWEEN + edge + 2, h + 2 * edge
    note = NOTE if note_of(slot, look) else 0.0
    return left + across + edge + 2, 2 * h + BETWEEN + 2 * edge + note


def _apart(slot: Slot, look: str) -> float:
    return BETWEEN if slot.blocks and look == "box" else GAP


def smalls(slot: Slot, look: str, row: int) -> list[Small]:
    """The pictures of a node; `row` 0: values, 1: δ."""
    w, h = _side(slot, look)
    wide, tall = size_of(slot, look)
    step = w + _apart(slot, look)
    shown = shown_channels(slot, look)
    x, y = -wide / 2 + INDENT[look], -tall / 2 + EDGE[look]
    if look == "row":
        x += row * (len(shown) * step - GAP + BETWEEN)
    else:
        y += row * (h + BETWEEN)
    return [Small(channel, x + n * step, y, w, h) for n, channel in enumerate(shown)]


def with_pictures(segment: Segment, places: Places, level: str) -> Places:
    """The same arrangement with room for pictures: rows and columns pushed apart, never moved."""
    slots = {slot.name: slot for slot in segment.slots}
    sizes = {
        name: size_of(slots[name], look)
        for name, place in places.table.items()
        if (look := look_of(slots[name], level, place.kind))
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


def reduced(pictures: NDArray[np.uint8], wide: float, high: float) -> NDArray[np.uint8]:
    """Pictures (n, rows, columns) in no more cells than there is room for, each the one furthest
    from zero."""
    _, rows, columns = pictures.shape
    down = -(-rows * FINEST // max(high, 1.0))
    across = -(-columns * FINEST // max(wide, 1.0))
    for axis, step in ((1, int(max(down, 1))), (2, int(max(across, 1)))):
        if step > 1:
            starts = np.arange(0, pictures.shape[axis], step)
            top = np.maximum.reduceat(pictures, starts, axis=axis)
            low = np.minimum.reduceat(pictures, starts, axis=axis)
            further = np.abs(top.astype(int) - 128) >= np.abs(low.astype(int) - 128)
            pictures = np.where(further, top, low)
    return np.ascontiguousarray(pictures)
