"""What a pixel of the bands stands for: which unit of which slot at which step, and its number.

A pixel of a long film has many steps in it, and a row of a narrow band several units: told is the
strongest of them, which is the one that gives the pixel its colour. Nothing that has not happened
at the frame is handed out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.template import Node
from visualizer.scene import wrapping
from visualizer.scene.compose import level_of_view
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import band_cells, bands, legend
from visualizer.scene.layers.band_cells import KINDS, Kind
from visualizer.scene.layers.cells import figure
from visualizer.scene.pick import pick, sequence_of
from visualizer.scene.sheet import Sheet
from visualizer.scene.symbols import plain, symbol_of
from visualizer.scene.view import View, step_width


@dataclass(frozen=True, slots=True)
class Cell:
    """The units [low, high) of a slot at the steps [first, last) of its segment."""

    segment: int
    slot: int
    kind: Kind
    first: int
    last: int
    low: int
    high: int


def told(
    sheet: Sheet, frames: tuple[Frame, ...], view: View, width: float, height: float,
    x: float, y: float,
) -> str:  # fmt: skip
    """What stands under a pixel of the canvas in words; nothing where no band is."""
    if level_of_view(sheet, view) != "bands":
        return ""
    panes = sheet.panes(view, width, height)
    place = sum(y >= pane.top for pane in panes[1:])
    pane = panes[place]
    found = cell_at(pane.film, pane.view, width, pane.height, x, y - pane.y)
    if found is None:
        return ""
    return words(pane.film, frames[place], found, sequence_of(pane.film, view), view.symbols)


def cell_at(
    film: Film, view: View, width: float, height: float, x: float, y: float
) -> Cell | None:  # fmt: skip
    """The cell at a pixel of a film's bands, in one line or in several."""
    if wrapping.wraps(film, view):
        lines = wrapping.lines_of(film, view, width, height)
        line = lines.at(y)
        if line is None or y >= height - wrapping.STRIP:
            return None
        own = lines.view(view, line)
        found = cell_at(film, own, width, lines.window, x, y - line.top)
        end = line.last - film.tile(found.segment, sequence_of(film, view)) if found else 0
        return found if found is not None and found.first < end else None
    node = pick(film, view, width, height, x, y)
    if not isinstance(node, Node):
        return None
    rows = bands.heights(film, height - legend.HEIGHT + 6.0)
    row = int(np.searchsorted(rows.edges, y, side="right")) - 1
    top, bottom = float(rows.edges[row]), float(rows.edges[row + 1])
    for kind, (at, tall) in zip(KINDS, bands.halves(top, bottom - top)):
        if at <= y < at + tall and (kind == "value" or film.recording.has_gradients):
            units = film.network.slot(node.segment, node.slot).width
            count = min(units, bands.rows_in(tall))
            k = min(int((y - at) / tall * count), count - 1)
            low, high = k * units // count, (k + 1) * units // count
            first, last = _steps(film, view, node, x)
            return Cell(node.segment, node.slot, kind, first, last, low, high)
    return None


def _steps(film: Film, view: View, node: Node, x: float) -> tuple[int, int]:
    """The steps of a node's segment that stand in its pixel."""
    step = step_width(view, film.base)
    if step >= 1.0:
        return node.t, node.t + 1
    b = sequence_of(film, view)
    tile, (mine, until) = film.tile(node.segment, b), film.owned(node.segment, b)
    end = math.floor((math.floor(x) + 1 - bands.RAIL) / step + view.origin[0]) - tile
    return max(node.t, mine), max(min(end, until), node.t + 1)


def words(film: Film, frame: Frame, cell: Cell, b: int, symbols: str) -> str:
    """ "h1180, unit 3: +0.52"; of several steps or units the strongest, and of how many."""
    key = (cell.segment, cell.slot)
    begin = film.owned(cell.segment, b)[0]
    low, high = (t + begin for t in band_cells.there(film, frame, key, cell.kind, b))
    first, last = max(cell.first, low), min(cell.last, high)
    if last <= first:
        name = _name(film, cell, cell.first, symbols)
        return f"{name}: not yet"
    read = film.recording.delta if cell.kind == "delta" else film.recording.value
    block = read(*key)[first:last, b, cell.low : cell.high]
    size = np.where(np.isfinite(block), np.abs(block), np.inf)
    t, unit = np.unravel_index(int(np.argmax(size)), size.shape)
    said = f"{_name(film, cell, first + int(t), symbols)}, unit {cell.low + int(unit) + 1}"
    more = f", the strongest of {block.size}" if block.size > 1 else ""
    return f"{said}: {figure(float(block[t, unit]))}{more}"


def _name(film: Film, cell: Cell, t: int, symbols: str) -> str:
    name = plain(symbol_of(film.network, Node(cell.segment, t, cell.slot), symbols))
    return f"δ({name})" if cell.kind == "delta" else name
