"""Many steps at once: one row for each unit of a slot, one column for each step, or each pixel of
time where there are more, reduced by maximum magnitude so that no spike is lost. Hatched: not yet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.extremes import Columns, gathered, levels_of
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import band_cells, band_ends, band_words
from visualizer.scene.layers.band_cells import KINDS
from visualizer.scene.layers.band_words import Window
from visualizer.scene.levels import is_gate, state_of
from visualizer.scene.picture import Clip, Heat, Item, Rects, Texts, Unclip
from visualizer.scene.rows import rows_of
from visualizer.scene.view import View, step_width

Array = NDArray[np.floating[Any]]
Key = tuple[int, int]
Band = tuple[Key, ...]  # slots of one name that follow each other in time
RAIL, TAIL = band_words.RAIL, 16.0
LOSSES = (40.0, 76.0)  # least and most height of the bars of losses
HEAD, FOOT = 22.0, 24.0  # the playhead's word above, the axis below
WIDEST = 26.0  # bar of a loss
ABOVE, HEADROOM = 8.0, 12.0  # from bars of losses down to the first band, and up
UNDER = 8.0  # from a band to the next one
LEAST = 26.0  # height of a band with its δ
ROWS = 16  # of units in one band


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
    window = _window(film, frame, view, width)
    if window is None:
        return []
    rows = heights(film, height)
    items: list[Item] = [Clip((RAIL, 0.0, window.right - RAIL, height))]
    items += _losses(window, float(rows.edges[0]), rows.losses)
    for band, y, room in _placed(rows):
        items += [item for key in band for item in _band(window, key, y, room)]
    items.append(Unclip())
    return [*items, *names(film, frame, view, height), *_over(window, rows)]


def names(film: Film, frame: Frame, view: View, height: float) -> list[Item]:
    """The names of the bands in the rail, wherever one looks."""
    items: list[Item] = []
    rows = heights(film, height)
    if band_cells.losses(film):
        top = float(rows.edges[0])
        items += band_words.named("L", "loss", top - 18.0)
        items += band_ends.total(film, frame, top - 18.0)
    for band, y, room in _placed(rows):
        items += _words(film, band[0], y, room, view.symbols)
    return items


def over(film: Film, frame: Frame, view: View, width: float, height: float) -> list[Item]:
    """What stands round the cells and moves with them, where these are drawn as pixels
    (`paint.raster`): the states before the first step, the axis, the playhead."""
    window = _window(film, frame, view, width)
    return [] if window is None else _over(window, heights(film, height))


def _over(window: Window, rows: Rows) -> list[Item]:
    items: list[Item] = []
    film, frame = window.film, window.frame
    top, bottom = float(rows.edges[0]), float(rows.edges[-1])
    if window.first == 0 and window.start == 0:
        begins = [(band[0], y, room) for band, y, room in _placed(rows)]
        place = window.x(0), band_cells.log_place
        items += band_ends.first_states(film, frame, window.b, begins, *place)
    items += band_words.axis(window, bottom)
    return items + band_words.playhead(window, top - rows.losses, bottom)


def _window(film: Film, frame: Frame, view: View, width: float) -> Window | None:
    """The steps in sight; None where there is none."""
    step = step_width(view, film.base)
    x0 = RAIL - view.origin[0] * step
    first = min(max(math.floor((RAIL - x0) / step), 0), film.steps)
    last = min(max(math.ceil((width - TAIL - x0) / step), 0), film.steps)
    if last <= first:
        return None
    b = min(max(view.sequence, 0), film.recording.batch - 1)
    right = min(width - TAIL, x0 + last * step)
    return Window(film, frame, b, x0, step, first, last, right)


@dataclass(frozen=True, slots=True)
class Rows:
    """The slots that have a band, from the top; band n lies between edges n and n + 1. `losses`:
    height of the bars above the first."""

    slots: tuple[Band, ...]
    edges: Array
    losses: float


def _placed(rows: Rows) -> list[tuple[Band, float, float]]:
    """Every band, its top and its height."""
    return list(zip(rows.slots, rows.edges.tolist(), np.diff(rows.edges).tolist()))


def heights(film: Film, height: float) -> Rows:
    """The bands in a window of this height: more room for slots of many units, and where height
    is left over, as much above as below. Kept until the height changes."""
    held: dict[float, Rows] = film.kept("heights of bands", dict)
    if height not in held:
        held.clear()
        held[height] = _heights(film, height)
    return held[height]


def _heights(film: Film, height: float) -> Rows:
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


def _losses(window: Window, top: float, room: float) -> list[Item]:
    """A bar for the loss of each step (the largest in each pixel), above the bands."""
    film = window.film
    return [i for key in band_cells.losses(film) for i in _loss_bars(window, key, top, room)]


def _loss_bars(window: Window, key: Key, top: float, room: float) -> list[Item]:
    columns, (a, z) = window.columns(key, "loss")
    items = _waiting(window, columns, (a, z), (top - ABOVE - room + HEADROOM, room - HEADROOM))
    if z <= a:
        return items
    ranks = band_cells.extremes(window.film, key, "loss", window.b).strongest(columns)
    tall = bar_heights(ranks[a - columns.first : z - columns.first, 0], room)
    left = window.x0 + np.arange(a, z) * window.size
    inset = inset_of(window.step)
    wide = np.full(z - a, window.size - 2 * inset)
    boxes = np.column_stack([left + inset, top - ABOVE - tall, wide, tall])
    return [*items, Rects("band-loss", boxes, radius=0.0)]


def _waiting(
    window: Window, columns: Columns, there: tuple[int, int], at: tuple[float, float]
) -> list[Item]:
    """Hatched, at (top, height): the columns that have nothing to show yet."""
    spans = ((columns.first, there[0]), (there[1], columns.last))
    boxes = [
        (window.x0 + low * window.size, at[0], (high - low) * window.size, at[1])
        for low, high in spans
    ]
    some = np.array([box for box in boxes if box[2] > 0.2])
    return [Rects("band-pending", some)] if len(some) else []


def bar_heights(ranks: NDArray[np.uint8], room: float) -> Array:
    """How high the bars of losses are; what is not finite is as high as can be."""
    share: Array = np.minimum(ranks, 254) / 254
    return share * (room - HEADROOM)


def inset_of(step: float) -> float:
    """What is left free of a step on each side of its loss."""
    return max(0.15 * step, (step - WIDEST) / 2) if step > 4.0 else 0.0


def halves(y: float, room: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """(top, height) of value and δ in a band."""
    tall = room - UNDER
    above = tall * 0.55
    return (y, above), (y + above + 2.0, tall - above - 2.0)


def rows_in(tall: float) -> int:
    """How many rows of units have room in so many pixels."""
    return max(min(ROWS, int(tall // 2)), 1)


def _band(window: Window, key: Key, y: float, room: float) -> list[Item]:
    items: list[Item] = []
    for kind, (top, tall) in zip(KINDS, halves(y, room)):
        columns, (a, z) = window.columns(key, kind)
        items += _waiting(window, columns, (a, z), (top, tall))
        if z > a:
            found = band_cells.extremes(window.film, key, kind, window.b)
            ranks = gathered(found.strongest(columns), rows_in(tall))
            name = band_cells.colours(window.film, key, kind)
            levels = levels_of(ranks[:, a - columns.first : z - columns.first], name != "gate")
            crisp = _enlarged(levels, window.size, tall / len(levels))
            box = (window.x0 + a * window.size, top, (z - a) * window.size, tall)
            items.append(Heat(name, box, crisp))
    return items


def _words(film: Film, key: Key, y: float, room: float, symbols: str) -> list[Item]:
    value, delta = halves(y, room)
    name = band_words.name(film, key, symbols)
    role = band_words.role_of(film, key)
    items = band_words.named(name, role, value[0] + value[1] / 2)
    if delta[1] > 9.0:
        at = np.array([[band_words.SYMBOL, delta[0] + delta[1] / 2]])
        items.append(Texts("band-delta", at, (f"δ({name})",), scale=0.85))
    return items


def _enlarged(levels: NDArray[np.uint8], wide: float, tall: float) -> NDArray[np.uint8]:
    """Every cell as several, so that devices that smooth pictures keep its edges sharp."""
    across, down = (int(np.clip(size, 1, 24)) for size in (wide, tall))
    return np.ascontiguousarray(np.repeat(np.repeat(levels, across, axis=1), down, axis=0))
