"""Where the slots of the known cells stand, by hand, and an automatic layering for all others.

Units are px at zoom 1, x from the left edge of the step, y downwards from the row of the state;
nothing here knows a step, a view or a colour. How edges run between places: `routes`.

A place may have a port: the small circle of an op through which its inputs enter (the + before
the memory, the × below h), so that the memory is one straight road.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.template import Segment, Slot

BOX = (96.0, 40.0)
GATE = (88.0, 40.0)
CIRCLE = 28.0
PORT = 28.0
GLYPHS = {
    "add": "+",
    "sub": "−",
    "mul": "×",
    "tanh": "tanh",
    "sigmoid": "σ",
    "relu": "relu",
    "identity": "=",
    "exp": "exp",
    "log": "log",
    "concat": "[;]",
    "hold": "hold",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Centre and size of a slot; `kind` box, circle or pill; `port` is where a circle stands."""

    x: float
    y: float
    w: float = BOX[0]
    h: float = BOX[1]
    kind: str = "box"
    port: tuple[float, float] | None = None
    side: str = ""
    small: bool = False  # stays a circle even where all others print their numbers


@dataclass(frozen=True, slots=True)
class Places:
    """One layer of a cell. `height`: from the state's row to the row of what reads the layer
    below; `ways`: how an edge (source, target) runs, where not as `routes` would choose."""

    pitch: float
    table: Mapping[str, Place]
    ways: Mapping[tuple[str, str], str] = field(default_factory=dict)
    road: str = ""


def _circle(x: float, y: float) -> Place:
    return Place(x, y, CIRCLE, CIRCLE, "circle")


def _gate(x: float, y: float) -> Place:
    return Place(x, y, *GATE)


ELMAN = Places(
    172,
    {"h": Place(86, 0), "z": Place(86, 124), "x": Place(86, 248)},
    {("h", "z"): "side"},
)
GATED = Places(
    330,
    {
        "a": Place(250, 0, port=(160, 0)),
        "p": _circle(70, 0),
        "f": _gate(70, 100),
        "g": _gate(180, 100),
        "z": Place(125, 210, 128),
        "x": Place(125, 320),
    },
    {("a", "p"): "side", ("g", "a"): "up"},
    road="a",
)
LSTM = Places(
    440,
    {
        "h": Place(316, 0, port=(316, 50)),
        "k": _circle(316, 92),
        "a": Place(316, 140, port=(213, 140)),
        "p": _circle(96, 140),
        "q": _circle(217, 212),
        "f": _gate(61, 282),
        "i": _gate(165, 282),
        "g": _gate(269, 282),
        "o": _gate(373, 282),
        "z": Place(217, 400, 172, 42, side="W[h;x]+b"),
        "x": Place(217, 510),
    },
    {("h", "z"): "gutter", ("o", "h"): "corner", ("a", "p"): "side"},
    road="a",
)
LECTURE_GRU = Places(
    400,
    {
        "h": Place(290, 36),
        "a": Place(290, 140, port=(200, 140)),
        "p": _circle(82, 140),
        "q": _circle(204, 212),
        "f": _gate(70, 282),
        "i": _gate(186, 282),
        "g": _gate(302, 282),
        "z": Place(186, 400, 150, 42, side="W[h;x]+b"),
        "x": Place(186, 510),
    },
    {("h", "z"): "gutter", ("a", "p"): "side"},
    road="a",
)
_GRU_TABLE = {
    "h": Place(345, 0, port=(213, 0)),
    "k": _circle(95, 0),
    "p": _circle(213, 70),
    "m": _circle(134, 122),
    "n": _gate(345, 130),
    "z": _gate(72, 194),
    "r": _gate(215, 194),
    "an": _circle(345, 202),
    "q": _circle(300, 290),
    "az": _circle(72, 290),
    "ar": _circle(215, 290),
    "u": Place(128, 410, 136, side=""),
    "v": Place(318, 410, 136, side=""),
    "x": Place(318, 520),
}
_GRU_WAYS = {
    ("h", "k"): "side",
    ("h", "u"): "gutter",
    ("z", "m"): "bend",
    ("m", "p"): "corner-left",
    ("n", "p"): "corner",
    ("r", "q"): "bend-down",
    ("q", "an"): "bend",
    ("v", "an"): "detour",
}
GRU = Places(440, _GRU_TABLE, _GRU_WAYS, road="h")
GRU_BEFORE = Places(
    440,
    _GRU_TABLE
    | {
        "m": Place(134, 122, CIRCLE, CIRCLE, "circle", small=True),
        "r": _gate(200, 194),
        "ar": _circle(200, 290),
        "q": Place(272, 336, CIRCLE, CIRCLE, "circle", small=True),
        "w": _gate(352, 270),
        "an": _circle(352, 202),
        "n": _gate(352, 130),
        "h": Place(352, 0, port=(213, 0)),
        "u": Place(128, 430, 110),
        "v": Place(318, 430, 136),
        "x": Place(318, 540),
    },
    _GRU_WAYS | {("q", "w"): "bend", ("h", "q"): "gutter-2", ("q", "an"): "up"},
    road="h",
)

PADDED = Places(172, {"h": Place(86, 0), "z": Place(86, 124), "f": Place(86, 236, kind="wide")})
ATTENTION = Places(
    250,
    {
        "h": Place(104, 0),
        "z": Place(104, 112),
        "o": Place(66, 216),
        "q": Place(66, 380, *GATE),
        "k": Place(182, 364, 88, 28, "row"),
        "v": Place(182, 394, 88, 28, "row"),
        "x": Place(125, 494),
    },
)
ATTENTION_NEAR = Places(
    390,
    {
        "h": Place(100, 0),
        "z": Place(100, 112),
        "o": Place(66, 216),
        "q": Place(66, 380),
        "k": Place(200, 380),
        "v": Place(324, 380),
        "x": Place(133, 494),
    },
)

PLACES: dict[tuple[str, ...], Places] = {
    ("z", "h"): ELMAN,
    ("z", "f", "g", "p", "a"): GATED,
    ("f", "z", "h"): PADDED,
    ("q", "k", "v", "o", "z", "h"): ATTENTION,
    ("z", "f", "i", "g", "o", "p", "q", "a", "k", "h"): LSTM,
    ("z", "f", "i", "g", "p", "q", "a", "h"): LECTURE_GRU,
    ("v", "u", "ar", "r", "az", "z", "q", "an", "n", "m", "p", "k", "h"): GRU,
    ("v", "u", "ar", "r", "az", "z", "q", "w", "an", "n", "m", "p", "k", "h"): GRU_BEFORE,
}


HELD = 44.0  # more width for what holds a state
UNPLACED = ("input", "carry", "held")  # what says nothing of the cell
NEAR: dict[tuple[str, ...], Places] = {
    ("q", "k", "v", "o", "z", "h"): ATTENTION_NEAR
}  # where there is no room for small nodes


def places_of(segment: Segment, g: int, *, near: bool = False) -> Places:
    """The places of a layer: the table's row, or layered by what reads what; `near`: with room
    for the numbers of every node."""
    names = tuple(s.name for s in segment.slots if s.role not in UNPLACED)
    found = (NEAR.get(names) if near else None) or PLACES.get(names) or layered(segment, g)
    there = {s.name for s in segment.slots}
    found = replace(found, table={n: p for n, p in found.table.items() if n in there})
    held = [s for s in segment.slots if s.role == "held"]
    return _with_held(found, segment, held) if held else found


def _with_held(places: Places, segment: Segment, held: list[Slot]) -> Places:
    """With a circle behind every state that is held in padding, from where it is carried on."""
    table, ways = dict(places.table), dict(places.ways)
    for slot in held:
        state = segment.slots[slot.inputs[0].slot].name
        if state in table:
            table[slot.name] = _circle(places.pitch + HELD / 2 - 10.0, table[state].y)
            table[slot.name] = replace(table[slot.name], small=True)
            ways |= {(slot.name, t): way for (s, t), way in places.ways.items() if s == state}
    return replace(places, pitch=places.pitch + HELD, table=table, ways=ways)


def kind_of(slot: Slot) -> str:
    """How a slot is drawn when nobody said: small ops as circles, what has a name as boxes."""
    if slot.role == "loss":
        return "pill"
    small = slot.role == "product" or (slot.role in ("tensor", "preactivation") and not slot.blocks)
    return "circle" if small and slot.op in GLYPHS and slot.op != "linear" else "box"


def layered(segment: Segment, g: int, gap: tuple[float, float] = (112.0, 96.0)) -> Places:
    """Rows by the longest path within a step, columns by the mean column of what is read."""
    slots = segment.slots
    rank: list[int] = []
    column: list[float] = []
    taken: dict[int, list[int]] = {}
    for k, slot in enumerate(slots):
        if slot.role in ("carry", "held"):
            rank.append(-1)
            column.append(0.0)
            continue
        same = [i.slot for i in slot.inputs if (i.segment, i.reach) == (g, 0) and i.slot < k]
        same = [j for j in same if rank[j] >= 0]
        rank.append(1 + max((rank[j] for j in same), default=-1))
        column.append(sum(column[j] for j in same) / len(same) if same else 0.0)
        taken.setdefault(rank[k], []).append(k)
    widest = max(len(row) for row in taken.values())
    pitch = max(172.0, widest * gap[0] + 60.0)
    table: dict[str, Place] = {}
    top = max(taken)
    for r, row in taken.items():
        row.sort(key=lambda k: (column[k], k))
        for place, k in enumerate(row):
            kind = kind_of(slots[k])
            w, h = (CIRCLE, CIRCLE) if kind == "circle" else BOX
            x = pitch / 2 + (place - (len(row) - 1) / 2) * gap[0]
            table[slots[k].name] = Place(x, (top - r) * gap[1], w, h, kind)
    return Places(pitch, table)
