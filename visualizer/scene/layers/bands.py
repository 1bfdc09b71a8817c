"""Many steps at once: one row for each unit of a slot, one column for each step, or each pixel of
time where there are more, reduced by maximum magnitude so that no spike is lost. Hatched: not yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import band_ends
from visualizer.scene.layers.cells import map_of
from visualizer.scene.layers.columns import fitted
from visualizer.scene.levels import is_gate, state_of
from visualizer.scene.picture import Clip, Heat, Item, Polylines, Rects, Texts, Unclip, level_of
from visualizer.scene.rows import rows_of
from visualizer.scene.symbols import layer_mark, name_of
from visualizer.scene.view import View, step_width

Array = NDArray[np.floating[Any]]
Key = tuple[int, int]
Band = tuple[Key, ...]  # slots of one name that follow each other in time
RAIL = 132.0
TAIL = 16.0
LOSSES = (40.0, 76.0)  # least and most height of the bars of losses
HEAD, FOOT = 22.0, 24.0  # the playhead's word above, the axis below
WIDEST = 26.0  # bar of a loss
LEAST = 26.0  # height of a band with its δ
ROWS = 16  # of units in one band
WORDS = {"input": "sequence", "state": "state", "memory": "memory", "logit": "readout"}
GATES = {"f": "forget", "i": "input", "o": "output", "r": "reset", "z": "update", "g": "candidate",
         "n": "candidate"}  # fmt: skip
LOG_DECADES = 6.0


def axis(film: Film, view: View) -> Array:
    """Pixel x of the centre of every step."""
    step = step_width(view, film.base)
    return np.asarray(RAIL + (np.arange(film.steps) - view.origin[0] + 0.5) * step)


def shown(film: Film) -> list[Band]:
    """The bands from the top: readout, then layer by layer what is kept; what stands on one row of
    the graph (reading and writing) is one band."""
    network = film.network
    rows = (*rows_of(network), *rows_of(network, readout=True))
    order = {"logit": 0, "state": 1, "memory": 2, "input": 9}
    found: list[Band] = []
    for row in reversed(rows):
        names: dict[str, list[Key]] = {}
        for g in row:
            segment = network.segments[g]
            state = state_of(segment) if segment.kind != "readout" else None
            for k, slot in enumerate(segment.slots):
                keep = slot is state or slot.role in ("memory", "logit", "input")
                if (keep or is_gate(network, g, slot)) and (segment.steps > 1 or film.steps == 1):
                    names.setdefault(slot.name, []).append((g, k))
        bands = [tuple(keys) for keys in names.values()]
        found += sorted(bands, key=lambda band: order.get(network.slot(*band[0]).role, 5))
    return found


def count(film: Film, *, gates: bool) -> int:
    """How many bands there are, with those of gates or without."""
    return sum(gates or film.network.slot(*band[0]).role != "gate" for band in shown(film))


def draw(film: Film, frame: Frame, view: View, width: float, height: float) -> list[Item]:
    """Bands of value and δ for every slot that is kept, the playhead and the axis of steps."""
    step = step_width(view, film.base)
    x0 = RAIL - view.origin[0] * step
    first = int(np.clip(np.floor((RAIL - x0) / step), 0, film.steps))
    last = int(np.clip(np.ceil((width - TAIL - x0) / step), 0, film.steps))
    if last <= first:
        return []
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    window = _Window(film, frame, b, x0, step, first, last, min(width - TAIL, x0 + last * step))
    rows = heights(film, height)
    top, bottom = float(rows.edges[0]), float(rows.edges[-1])
    bands = list(zip(rows.slots, rows.edges.tolist(), np.diff(rows.edges).tolist()))
    items: list[Item] = [Clip((RAIL, 0.0, window.right - RAIL, height))]
    items += _losses(window, top, rows.losses)
    for band, y, room in bands:
        for key in band:
            items += _band(window, key, y, room)
    items.append(Unclip())
    if any(slot.role == "loss" for g in film.network.segments for slot in g.slots):
        items.append(Texts("band-symbol", np.array([[14.0, top - 18.0]]), ("L",), scale=0.9))
        items.append(Texts("band-role", np.array([[RAIL - 14.0, top - 18.0]]), ("loss",), "end"))
        items += band_ends.total(film, frame, top - 18.0)
    if first == 0 and window.start == 0:
        begins = [(band[0], y, room) for band, y, room in bands]
        items += band_ends.first_states(film, frame, b, begins, window.x(0), log_place)
    for band, y, room in bands:
        items += _band_words(window, band[0], y, room, view.symbols)
    return items + _axis_words(window, bottom) + _playhead(window, top - rows.losses, bottom)


@dataclass(frozen=True, slots=True)
class Rows:
    """The slots that have a band, from the top; band n lies between edges n and n + 1. `losses`:
    height of the bars above the first."""

    slots: tuple[Band, ...]
    edges: Array
    losses: float


def heights(film: Film, height: float) -> Rows:
    """The bands in a window of this height: more room for slots of many units, and where height
    is left over, as much above as below."""
    slots = shown(film)
    losses = float(np.clip(0.085 * height, *LOSSES))
    free = height - HEAD - FOOT - losses
    if free < LEAST * len(slots):  # gates go first where there is little room
        slots = [band for band in slots if film.network.slot(*band[0]).role != "gate"]
    units = np.array([min(film.network.slot(*b[0]).width, ROWS) for b in slots], dtype=float)
    least = max(min(44.0, free / max(len(slots), 1)), 0.0)
    tall = np.clip(np.sqrt(units) * free / max(np.sqrt(units).sum(), 1.0), least, 136 + 18 * units)
    over = float(tall.sum()) - free
    if over > 0:
        tall -= (tall - least) * over / max(float((tall - least).sum()), 1e-9)
    top = HEAD + losses + max(-over, 0.0) / 2
    return Rows(tuple(slots), top + np.concatenate([[0.0], np.cumsum(tall)]), losses)


def _losses(window: _Window, top: float, room: float) -> list[Item]:
    """A bar for the loss of each step (the largest in each pixel), above the bands."""
    film = window.film
    found = [
        (g, k)
        for g, segment in enumerate(film.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.role == "loss"
    ]
    tops = [film.recording.value(*key)[:, window.b, 0] for key in found]
    finite = np.concatenate([*tops, np.zeros(1)])
    most = float(np.max(finite[np.isfinite(finite)]))
    return [bar for key in found for bar in _loss_bars(window, key, most, top, room)]


def _loss_bars(window: _Window, key: Key, most: float, top: float, room: float) -> list[Item]:
    film, (g, k) = window.film, key
    offset = film.tile(g, window.b)
    rows = film.recording.value(g, k)[:, window.b, 0]
    (low, high), (mine, until) = window.local(g), window.frame.valued(g, k)
    low, high = max(low, mine), min(high, until)
    if high <= low:
        return []
    bars = rows[low:high]
    starts = np.arange(low, high)
    columns = max(int(window.x(high + offset) - window.x(low + offset)), 1)
    if len(bars) > columns:
        cut = np.arange(columns) * len(bars) // columns
        bars, starts = np.maximum.reduceat(bars, cut), starts[cut]
    unit = np.nan_to_num(bars / (most or 1.0), nan=1.0, posinf=1.0)
    tall = np.clip(unit, 0.0, 1.0) * (room - 12.0)
    left = np.array([window.x(float(t + offset)) for t in starts])
    wide = np.diff(np.append(left, window.x(high + offset)))
    inset = np.where(wide > 4.0, np.maximum(0.15 * wide, (wide - WIDEST) / 2), 0.0)
    boxes = np.column_stack([left + inset, top - 8.0 - tall, wide - 2 * inset, tall])
    return [Rects("band-loss", boxes, radius=0.0)]


class _Window:
    """The steps in sight and where they are."""

    def __init__(
        self, film: Film, frame: Frame, b: int, x0: float, step: float, first: int, last: int,
        right: float,
    ) -> None:  # fmt: skip
        self.film, self.frame, self.b = film, frame, b
        self.x0, self.step, self.first, self.last, self.right = x0, step, first, last, right
        self.start, self.stop = film.span(b)

    def x(self, t: float) -> float:
        return float(self.x0 + t * self.step)

    @property
    def owned(self) -> tuple[int, int]:
        """Visible steps of the sequence."""
        low = max(self.first, self.start)
        return low, max(min(self.last, self.stop), low)

    def local(self, segment: int) -> tuple[int, int]:
        """Visible steps of a segment that the sequence owns, counted in the segment."""
        tile, (mine, until) = self.film.tile(segment, self.b), self.film.owned(segment, self.b)
        low = max(self.first - tile, mine)
        return low, max(min(self.last - tile, until), low)


def _band(window: _Window, key: Key, y: float, room: float) -> list[Item]:
    film, frame = window.film, window.frame
    tall = room - 8.0
    value_tall = tall * 0.55
    split = (y, y + value_tall + 2.0)
    heights = (value_tall, tall - value_tall - 2.0)
    low, high = window.local(key[0])
    tile = film.tile(key[0], window.b)
    items: list[Item] = []
    spans = (("value", frame.valued(*key)), ("delta", frame.complete(*key)))
    pending = []
    for (kind, span), y, tall in zip(spans, split, heights):
        there = [min(max(t, low), high) for t in span]
        for a, b in ((low, there[0]), (there[1], high)):
            left = window.x(a + tile)
            pending.append((left, y, window.x(b + tile) - left, tall))
        if kind == "value" or film.recording.has_gradients:
            items += _heat(window, key, kind, there[0], there[1], y, tall)
    boxes = np.array([p for p in pending if p[2] > 0.2])
    return [Rects("band-pending", boxes), *items] if len(boxes) else items


def _band_words(window: _Window, key: Key, y: float, room: float, symbols: str) -> list[Item]:
    film, slot = window.film, window.film.network.slot(*key)
    tall = room - 8.0
    heights = (tall * 0.55, tall * 0.45 - 2.0)
    items: list[Item] = []
    name = name_of(film.network, *key, symbols) + layer_mark(film.network, *key)
    word = (
        GATES.get(slot.name, "gate")
        if slot.role in ("gate", "tensor")
        else WORDS.get(slot.role, "")
    )
    middle = (y + heights[0] / 2, y + tall - heights[1] / 2)
    items.append(Texts("band-symbol", np.array([[14.0, middle[0]]]), (name,), scale=0.9))
    items.append(Texts("band-role", np.array([[RAIL - 14.0, middle[0]]]), (word,), "end"))
    if heights[1] > 9.0:
        items.append(
            Texts("band-delta", np.array([[14.0, middle[1]]]), (f"δ({name})",), scale=0.85)
        )
    return items


def _heat(
    window: _Window, key: Key, kind: str, low: int, high: int, y: float, tall: float
) -> list[Item]:
    """The steps [low, high) of a slot's band, counted in its segment, cut from the picture of all
    visible steps."""
    if high <= low:
        return []
    starts, levels = _levels(window, key, kind, tall)
    a, b = np.searchsorted(starts, [low, high])
    if b <= a:
        return []
    ends = np.append(starts, window.local(key[0])[1]) + window.film.tile(key[0], window.b)
    left, right = window.x(float(ends[a])), window.x(float(ends[b]))
    name = kind if kind == "delta" else map_of(window.film.network.slot(*key))
    crisp = _enlarged(levels[:, a:b], (right - left) / (b - a), tall / len(levels))
    return [Heat(name, (left, y, right - left, tall), crisp)]  # type: ignore[arg-type]


def _levels(
    window: _Window, key: Key, kind: str, tall: float
) -> tuple[NDArray[np.integer[Any]], NDArray[np.uint8]]:
    """First step and levels (rows, columns) of every column of a band; the last one is kept, so
    that playing costs nothing however many steps there are."""
    film, (low, high) = window.film, window.local(key[0])
    columns = min(high - low, max(int((high - low) * window.step), 1))
    most = max(min(ROWS, int(tall // 2)), 1)
    asked = (low, high, columns, most, window.b)
    scales = (film.value_scale, film.delta_scale)
    held: dict[object, Any] = film.kept(("bands", *scales), dict)
    if held.get((key, kind), (None,))[0] == asked:
        starts, levels = held[key, kind][1:]
        return starts, levels
    rows = film.recording.delta(*key) if kind == "delta" else film.recording.value(*key)
    block = rows[low:high, window.b]
    starts = low + np.arange(columns) * (high - low) // columns
    if columns < high - low:
        block = strongest(block, columns, 0)
    if block.shape[1] > most:
        block = strongest(block, most, 1)
    if kind == "delta":
        levels = level_of(log_place(block.T, film.delta_scale), 1.0)
    elif map_of(film.network.slot(*key)) == "gate":
        levels = level_of(block.T, 1.0, signed=False)
    else:
        levels = level_of(block.T, film.value_scale)
    held[key, kind] = (asked, starts, levels)
    return starts, levels


def _enlarged(levels: NDArray[np.uint8], wide: float, tall: float) -> NDArray[np.uint8]:
    """Every cell as several, so that devices that smooth pictures keep its edges sharp."""
    across, down = (int(np.clip(size, 1, 24)) for size in (wide, tall))
    return np.ascontiguousarray(np.repeat(np.repeat(levels, across, axis=1), down, axis=0))


def log_place(values: Array, scale: float) -> Array:
    """Sign and logarithm of the magnitude: 1 at `scale`, 0 six decades below."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = 1.0 + np.log10(np.abs(values) / scale) / LOG_DECADES
    place = np.sign(values) * np.clip(size, 0.0, 1.0)
    return np.where(np.isfinite(values), np.nan_to_num(place), np.nan)


def strongest(block: Array, bins: int, along: int) -> Array:
    """Bins along an axis, each the entry of largest magnitude; NaN where one is not finite."""
    size = block.shape[along]
    starts = np.arange(bins) * size // bins
    top = np.maximum.reduceat(block, starts, axis=along)
    low = np.minimum.reduceat(block, starts, axis=along)
    return np.where(np.abs(top) >= np.abs(low), top, low)


def _axis_words(window: _Window, bottom: float) -> list[Item]:
    """Tokens under the steps where there is room for every one, else the counts of some."""
    batch = window.film.run.batch
    low, high = window.owned
    if window.step >= 13.0 and batch.vocabulary and window.b < len(batch.labels):
        own = batch.labels[window.b]
        words = tuple(fitted(str(w), window.step - 3.0, "axis-text") for w in own[low:high])
        places = [(window.x(t + 0.5), bottom + 12.0) for t in range(low, low + len(words))]
        return [Texts("axis-text", np.array(places), words, "middle")] if words else []
    every = nice_step((window.last - window.first) / max((window.right - RAIL) / 90.0, 1.0))
    ticks = [t for t in range(0, window.last + 1, every) if t >= window.first]
    places = [(window.x(max(t - 1, 0) + 0.5), bottom + 12.0) for t in ticks]
    words = tuple(str(max(t, 1)) for t in ticks)
    return [Texts("axis-text", np.array(places), words, "middle")] if places else []


def _playhead(window: _Window, top: float, bottom: float) -> list[Item]:
    now, frame = window.frame.step, window.frame
    if now is None or not window.first <= now < window.last or not 0.0 < frame.position < 1.0:
        return []
    x = window.x(now + 0.5)
    if x < RAIL:
        return []
    return [
        Polylines("playhead", (np.array([[x, top - 4.0], [x, bottom + 2.0]]),)),
        Texts("playhead-text", np.array([[x, top - 13.0]]), (f"t = {now + 1}",), "middle"),
    ]


def nice_step(raw: float) -> int:
    """1, 2, 5 times a power of ten, at least `raw`."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if step * power >= raw:
                return step * power
        power *= 10
