"""Bands as pixels, numpy only: columns of the far view as 0xffRRGGBB words, as tall as the graph.

Columns are counted in device pixels from the left edge of step 0, so that moving along time shifts
them and changes none: whatever range they are asked for in, they have the same bytes. Words, axis
and playhead are no part of them (`scene.layers.bands.draw` without cells); colours: `inks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from visualizer.paint.inks import Inks, Words
from visualizer.scene.extremes import Columns, columns_of, gathered
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import band_cells, bands, legend
from visualizer.scene.layers.band_cells import KINDS, Key, Kind
from visualizer.scene.picture import Bytes
from visualizer.scene.view import View, step_width


@dataclass(frozen=True, slots=True)
class Strip:
    """What stands in the rows of pixels [top, bottom): one kind of numbers of one slot, its units
    gathered in so many `rows`; bars of losses grow from the bottom up."""

    key: Key
    kind: Kind
    top: int
    bottom: int
    rows: int


def origin(film: Film, view: View, ratio: float = 1.0) -> int:
    """The column at the left edge of time (`bands.RAIL`), snapped to whole device pixels."""
    return round(view.origin[0] * step_width(view, film.base) * ratio)


def sequence(film: Film, view: View) -> int:
    """The sequence that is shown."""
    return min(max(view.sequence, 0), film.recording.batch - 1)


def columns(
    film: Film, frame: Frame, view: View, height: float, first: int, last: int, inks: Inks
) -> Words:
    """The columns [first, last) of a graph `height` high (the legend included), as many rows as it
    has device pixels. `first` may lie before step 0, `last` behind the end: nothing is there."""
    rows = round(height * inks.ratio)
    words = np.full((rows, max(last - first, 0)), inks.ground, np.uint32)
    wide = step_width(view, film.base) * inks.ratio
    block = _Block(film, sequence(film, view), wide, inks, first, words)
    found: dict[tuple[int, int], Columns] = {}
    for strip in strips(film, height, inks.ratio):
        place = block.place(strip.key)
        if place not in found:
            found[place] = columns_of(wide, *place, first, last)
        here = found[place]
        if here.last > here.first:
            there = here.inside(*band_cells.there(film, frame, strip.key, strip.kind, block.b))
            draw = block.bars if strip.kind == "loss" else block.cells
            draw(strip, here, *there)
    return words


def changed(
    film: Film, before: Frame, after: Frame, view: View, ratio: float = 1.0
) -> tuple[tuple[int, int], ...]:
    """The columns that are other ones at another moment, as ranges [first, last) apart."""
    wide, b = step_width(view, film.base) * ratio, sequence(film, view)
    margin = max(int(2 * wide), 2)
    spans = set()
    for key, kind in _shown(film):
        begin = band_cells.begin(film, key, b)
        old, new = (band_cells.there(film, frame, key, kind, b) for frame in (before, after))
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


def made(film: Film, view: View) -> Iterator[None]:
    """Makes what columns are made from, about a millisecond at a time. Without it they make what
    they need, which of a long film that is all in sight takes a while."""
    yield from band_cells.made(film, _shown(film), sequence(film, view))


def _shown(film: Film) -> list[tuple[Key, Kind]]:
    found: list[tuple[Key, Kind]] = [(key, "loss") for key in band_cells.losses(film)]
    return found + [(key, kind) for band in bands.shown(film) for key in band for kind in KINDS]


def strips(film: Film, height: float, ratio: float) -> tuple[Strip, ...]:
    """Where everything stands, kept until the height changes."""
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


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Columns in the making: the sequence, the device pixels of a step, the number of the first."""

    film: Film
    b: int
    wide: float
    inks: Inks
    first: int
    words: Words

    def place(self, key: Key) -> tuple[int, int]:
        """Where the steps of a slot begin, and how many there are."""
        begin = band_cells.begin(self.film, key, self.b)
        return begin, band_cells.steps(self.film, key, self.b)

    def cells(self, strip: Strip, here: Columns, low: int, high: int) -> None:
        """A slot's cells in the columns [low, high), hatched where there are none yet."""
        part = self.words[strip.top : strip.bottom]
        for a, z in ((here.first, low), (high, here.last)):
            if z > a:
                part[:, a - self.first : z - self.first] = self.hatched(a, z, strip)
        if high > low:
            ranks = self.ranks(strip, here, low, high)
            colours = self.inks.maps[band_cells.colours(self.film, strip.key, strip.kind)]
            units = colours.take(gathered(ranks, strip.rows))
            down = (2 * np.arange(len(part)) + 1) * len(units) // (2 * len(part))
            part[:, low - self.first : high - self.first] = units.take(down, axis=0)

    def bars(self, strip: Strip, here: Columns, low: int, high: int) -> None:
        """A bar for the loss of each step; of those in one column the highest."""
        if high <= low:
            return
        part = self.words[strip.top : strip.bottom, low - self.first : high - self.first]
        ranks = self.ranks(strip, here, low, high)[:, 0]
        tall = np.rint(np.minimum(ranks, 254) / 254 * len(part))
        inset = bands.inset_of(self.wide / self.inks.ratio) * self.inks.ratio
        if inset:
            begins = (here.cut(low, high).starts + self.place(strip.key)[0]) * self.wide
            x = np.arange(low, high)
            inside = (x >= np.rint(begins + inset)) & (x < np.rint(begins + self.wide - inset))
            tall = np.where(inside, tall, 0.0)
        part[np.arange(len(part))[:, None] >= len(part) - tall] = self.inks.loss

    def ranks(self, strip: Strip, here: Columns, low: int, high: int) -> Bytes:
        """The ranks of a slot in the columns [low, high)."""
        found = band_cells.extremes(self.film, strip.key, strip.kind, self.b)
        return found.strongest(here.cut(low, high))

    def hatched(self, low: int, high: int, strip: Strip) -> Words:
        """The hatch in some columns of a strip; its lines stand where they stand on the page."""
        sums = np.arange(low + strip.top, high + strip.bottom) % len(self.inks.hatch)
        line = self.inks.hatch.take(sums)
        tall = strip.bottom - strip.top
        return np.lib.stride_tricks.as_strided(line, (tall, high - low), line.strides * 2)
