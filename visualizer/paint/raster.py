"""The far view as pixels, numpy only: columns as 0xffRRGGBB words, as tall as the graph.

Columns are counted in device pixels from the left edge of step 0, so that moving along time shifts
them and changes none: whatever range they are asked for in, they have the same bytes. Words, axis
and playhead are no part of them (`scene.far.around`); colours: `inks`. Here are bands; a graph from
afar: `raster_graph`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from visualizer.paint import raster_graph
from visualizer.paint.inks import Inks, Words
from visualizer.paint.raster_block import Block, Strip
from visualizer.scene.compose import level_of_view
from visualizer.scene.far import FAR, far_sight
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import band_cells, bands, legend
from visualizer.scene.layers.band_cells import KINDS, Key, Kind
from visualizer.scene.view import View, rail_px, step_width

Shown: TypeAlias = tuple[Key, Kind]  # of a slot: its values, its deltas, or the bars of its losses


def left(film: Film, view: View) -> float:
    """The pixel at which time begins."""
    level = level_of_view(film, view)
    return bands.RAIL if level == "bands" else rail_px(FAR, film.layout(level).rail)


def origin(film: Film, view: View, ratio: float = 1.0) -> int:
    """The column at the left edge of time (`left`), snapped to whole device pixels."""
    return round(view.origin[0] * step_width(view, film.base) * ratio)


def sequence(film: Film, view: View) -> int:
    """The sequence that is shown."""
    return min(max(view.sequence, 0), film.recording.batch - 1)


def columns(
    film: Film,
    frame: Frame,
    view: View,
    height: float,
    first: int,
    last: int,
    inks: Inks,
    into: Words | None = None,
    only: frozenset[Shown] | None = None,
) -> Words:
    """The columns [first, last) of a graph `height` high (the legend included), as many rows as it
    has device pixels. `first` may lie before step 0, `last` behind the end: nothing is there.
    They are put `into` an array of that size, if one is given: new memory takes its time. Then it
    may have all but some strips already, which `only` are drawn anew."""
    size = (round(height * inks.ratio), max(last - first, 0))
    words = np.empty(size, np.uint32) if into is None else into
    assert words.shape == size, f"{words.shape} is not {size}"
    if only is None:
        words[...] = inks.ground
    wide = step_width(view, film.base) * inks.ratio
    block = Block(film, frame, sequence(film, view), wide, inks, first, words)
    if level_of_view(film, view) == "bands":
        every = strips(film, height, inks.ratio)
        block.draw(every if only is None else tuple(s for s in every if (s.key, s.kind) in only))
    else:
        raster_graph.draw(block, far_sight(film, view, 0.0, height), only)
    return words


def changed(
    film: Film, before: Frame, after: Frame, view: View, ratio: float = 1.0
) -> tuple[tuple[int, int], ...]:
    """The columns that are other ones at another moment, as ranges [first, last) apart."""
    wide, b = step_width(view, film.base) * ratio, sequence(film, view)
    margin = max(int(2 * wide), 2)
    spans = set()
    for (key, _), old, new in _moved(film, before, after, view):
        begin = band_cells.begin(film, key, b)
        for t, u in zip(old, new):
            if t != u:
                low, high = sorted((t + begin, u + begin))
                spans.add((int(low * wide) - margin, int(high * wide) + margin + 1))
    joined: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1]:
            low, high = joined[-1][0], max(joined.pop()[1], high)
        joined.append((low, high))
    return tuple(joined)


def alone(film: Film, before: Frame, after: Frame, view: View) -> frozenset[Shown] | None:
    """The strips that are all that another moment has changed; None where what is behind them
    changes too: bars come and go, and edges show that δ has passed."""
    moved = frozenset(shown for shown, _, _ in _moved(film, before, after, view))
    kinds = {kind for _, kind in moved}
    behind = {"loss"} if level_of_view(film, view) == "bands" else {"loss", "delta"}
    return None if kinds & behind else moved


def _moved(
    film: Film, before: Frame, after: Frame, view: View
) -> Iterator[tuple[Shown, tuple[int, int], tuple[int, int]]]:
    """What is there at other steps than before, and at which."""
    b = sequence(film, view)
    for key, kind in _shown(film, view):
        old, new = (band_cells.there(film, frame, key, kind, b) for frame in (before, after))
        if old != new:
            yield (key, kind), old, new


def made(film: Film, view: View) -> Iterator[None]:
    """Makes what columns are made from, about a millisecond at a time. Without it they make what
    they need, which of a long film that is all in sight takes a while."""
    for ranks in band_cells.wanted(film, _shown(film, view), sequence(film, view)):
        yield from ranks.made()


def ready(film: Film, view: View) -> bool:
    """Whether `made` has nothing left to make."""
    wanted = band_cells.wanted(film, _shown(film, view), sequence(film, view))
    return all(ranks.ready for ranks in wanted)


def _shown(film: Film, view: View) -> list[Shown]:
    if level_of_view(film, view) != "bands":
        return raster_graph.shown(film, view.level)
    found: list[Shown] = [(key, "loss") for key in band_cells.losses(film)]
    return found + [(key, kind) for band in bands.shown(film) for key in band for kind in KINDS]


def strips(film: Film, height: float, ratio: float) -> tuple[Strip, ...]:
    """Where everything stands in bands, kept until the height changes."""
    held: dict[object, tuple[Strip, ...]] = film.kept("strips of bands", dict)
    asked = (height, ratio)
    if asked not in held:
        held.clear()
        held[asked] = tuple(_strips(film, height, ratio))
    return held[asked]


def _strips(film: Film, height: float, ratio: float) -> Iterator[Strip]:
    rows = bands.heights(film, height - legend.HEIGHT + 6.0)
    floor = float(rows.edges[0]) - bands.ABOVE
    top = max(floor - rows.losses + bands.HEADROOM, 0.0)
    for key in band_cells.losses(film):
        yield Strip(key, "loss", round(top * ratio), round(floor * ratio), 1)
    for band, y, room in zip(rows.slots, rows.edges.tolist(), np.diff(rows.edges).tolist()):
        for kind, (at, tall) in zip(KINDS, bands.halves(y, room)):
            top, bottom = round(at * ratio), round((at + tall) * ratio)
            if bottom > top:
                yield from (Strip(key, kind, top, bottom, bands.rows_in(tall)) for key in band)
