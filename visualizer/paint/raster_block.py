"""A block of columns in the making, and how cells, bars and hatching get into it. What stands where
in it: `raster` for bands, `raster_graph` for a graph from afar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.paint.inks import Inks, Words
from visualizer.scene.extremes import Columns, Extremes, columns_of, gathered
from visualizer.scene.film import Film
from visualizer.scene.frame import Frame
from visualizer.scene.layers import band_cells, bands
from visualizer.scene.layers.band_cells import Key, Kind
from visualizer.scene.picture import Bytes


@dataclass(frozen=True, slots=True)
class Strip:
    """What stands in the rows of pixels [top, bottom): one kind of numbers of one slot, its units
    gathered in so many `rows`; bars of losses grow from the bottom up."""

    key: Key
    kind: Kind
    top: int
    bottom: int
    rows: int


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Columns of pixels: the sequence, the device pixels of a step, the number of the first."""

    film: Film
    frame: Frame
    b: int
    wide: float
    inks: Inks
    first: int
    words: Words

    @property
    def last(self) -> int:
        return self.first + int(self.words.shape[1])

    def place(self, key: Key) -> tuple[int, int]:
        """Where the steps of a slot begin, and how many there are."""
        begin = band_cells.begin(self.film, key, self.b)
        return begin, band_cells.steps(self.film, key, self.b)

    def there(self, strip: Strip) -> tuple[int, int]:
        """The steps of a strip that exist, counted from where they begin."""
        return band_cells.there(self.film, self.frame, strip.key, strip.kind, self.b)

    def draw(self, strips: tuple[Strip, ...]) -> None:
        """Strips of cells without a gap between two steps, and bars."""
        found: dict[tuple[int, int], Columns] = {}
        for strip in strips:
            place = self.place(strip.key)
            if place not in found:
                found[place] = columns_of(self.wide, *place, self.first, self.last)
            here = found[place]
            if here.last > here.first:
                there = here.inside(*self.there(strip))
                draw = self.bars if strip.kind == "loss" else self.cells
                draw(strip, here, *there)

    def part(self, strip: Strip) -> tuple[Words, slice]:
        """The rows of pixels of a strip as far as they are in sight, and which of its rows."""
        top, bottom = max(strip.top, 0), min(max(strip.bottom, 0), len(self.words))
        return self.words[top:bottom], slice(top - strip.top, max(bottom, top) - strip.top)

    def cells(self, strip: Strip, here: Columns, low: int, high: int) -> None:
        """A slot's cells in the columns [low, high), hatched where there are none yet."""
        part, rows = self.part(strip)
        self.waiting(strip, here, low, high)
        if high > low:
            ranks = self.ranks(strip, here, low, high)
            units = self.colours(strip).take(gathered(ranks, strip.rows))
            tall = strip.bottom - strip.top
            down = (2 * np.arange(tall)[rows] + 1) * len(units) // (2 * tall)
            part[:, low - self.first : high - self.first] = units.take(down, axis=0)

    def waiting(self, strip: Strip, here: Columns, low: int, high: int) -> None:
        """Hatching beside the columns [low, high): there is nothing yet."""
        part, rows = self.part(strip)
        for a, z in ((here.first, low), (high, here.last)):
            if z > a:
                part[:, a - self.first : z - self.first] = self.hatched(a, z, strip)[rows]

    def bars(self, strip: Strip, here: Columns, low: int, high: int) -> None:
        """A bar for the loss of each step; of those in one column the highest."""
        self.waiting(strip, here, low, high)
        if high <= low:
            return
        part, rows = self.part(strip)
        part = part[:, low - self.first : high - self.first]
        tall = bar_heights(self.ranks(strip, here, low, high)[:, 0], strip)
        inset = bands.inset_of(self.wide / self.inks.ratio) * self.inks.ratio
        if inset:
            begins = (here.cut(low, high).starts + self.place(strip.key)[0]) * self.wide
            x = np.arange(low, high)
            inside = (x >= np.rint(begins + inset)) & (x < np.rint(begins + self.wide - inset))
            tall = np.where(inside, tall, 0)
        part[from_below(strip)[rows, None] < tall] = self.inks.loss

    def colours(self, strip: Strip) -> Words:
        """The colours of a strip by rank."""
        return self.inks.maps[band_cells.colours(self.film, strip.key, strip.kind)]

    def extremes(self, strip: Strip) -> Extremes:
        """All ranks of a strip."""
        return band_cells.extremes(self.film, strip.key, strip.kind, self.b)

    def ranks(self, strip: Strip, here: Columns, low: int, high: int) -> Bytes:
        """The ranks of a strip in the columns [low, high)."""
        return self.extremes(strip).strongest(here.cut(low, high))

    def hatched(self, low: int, high: int, strip: Strip) -> Words:
        """The hatch in some columns of a strip; its lines stand where they stand on the page."""
        sums = np.arange(low + strip.top, high + strip.bottom) % len(self.inks.hatch)
        line = self.inks.hatch.take(sums)
        tall = strip.bottom - strip.top
        return np.lib.stride_tricks.as_strided(line, (tall, high - low), line.strides * 2)


def bar_heights(ranks: Bytes, strip: Strip) -> NDArray[np.floating[Any]]:
    """How many pixels the bars of losses are high; what is not finite is as high as can be."""
    return np.rint(np.minimum(ranks, 254) / 254 * (strip.bottom - strip.top))


def from_below(strip: Strip) -> NDArray[np.integer[Any]]:
    """How many rows of pixels of a strip are below each."""
    return np.arange(strip.bottom - strip.top)[::-1]
