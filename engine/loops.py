"""Loops over the steps, cut into blocks of steps that fit the cache.

A line over all steps reads its arrays from far away and leaves its result there; the same line over
a block leaves it where the loop finds it. So what goes on before and after the steps is done block
by block, and factors live no longer than their block. `Loop` writes such a loop, `Blocks` is what
it runs over. In a source x_now is a block of steps and x_t one step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.ops import OPS
from engine.structure import Structure
from engine.views import Key, View, Views
from engine.watching import LOOP, Pace

Array = np.ndarray[Any, np.dtype[Any]]
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*\b(?!=)")  # no attribute and no keyword
# a product of matrices is better all at once, unless it is in tiles: BLAS lays the matrix out anew
# for every call
_PRODUCT = re.compile(r"\b(dot|matmul)\((?!.*_tiles\d*\b)")
TIMED = ("v", "d", "c", "a", "k", "gates", "inside", "outside", "tokens")
WEIGHTS = ("w", "wt", "wc", "b")
APART = ("e", "g", "l")  # rows of all steps at once, or one row for the last step
MOST_KEPT = 50_000  # views of steps, of about 100 bytes, that blocks keep for the next pass


class Loop:
    """The views that a loop goes through, by block and by step, in the order in which it names
    them."""

    def __init__(self, views: Views, structure: Structure, number: int, backwards: bool) -> None:
        self.views = views
        self.structure = structure
        self.number = number
        self.backwards = backwards
        self.names: list[str] = []
        self.blocks: list[str] = []
        self._classes = {
            name
            for segment in structure.network.segments
            for slot in segment.slots
            for name, kind in zip(slot.data, OPS[slot.op].data, strict=False)
            if kind == "class"
        }

    @property
    def keys(self) -> list[Key]:
        """Which arrays the loop goes through, each once."""
        return list(dict.fromkeys(self.views.views[n].key for n in (*self.names, *self.blocks)))

    def step(self, whole: str) -> str:
        """The loop variable for the view called `whole`."""
        if whole not in self.names:
            self.names.append(whole)
        return f"{whole}_t"

    def written(self, before: list[str], body: list[str], after: list[str]) -> list[str]:
        """The loop with what goes before and after its steps; block by block where that can be."""
        ahead, first = self._before(before)
        last, behind = self._after(after)
        first, last = ([self._in_block(line) for line in lines] for lines in (first, last))
        return [
            *ahead,
            f"for {_tuple([*(f'{n}_now' for n in self.blocks), 'steps'])} in blocks_{self.number}:",
            *(f"    {line}" for line in first),
            f"    for {_tuple([f'{n}_t' for n in self.names])} in steps:",
            *(f"        {line}" for line in body),
            *(f"    {line}" for line in last),
            *behind,
        ]

    def _in_block(self, line: str) -> str:
        return _NAME.sub(lambda found: self._of_block(found[0]), line)

    def _of_block(self, name: str) -> str:
        if name not in self.views.views or self._kind(self.views.views[name]) != "timed":
            return name
        if name not in self.blocks:
            self.blocks.append(name)
        return f"{name}_now"

    def _before(self, lines: list[str]) -> tuple[list[str], list[str]]:
        """Lines ahead of the loop, and those of a block: after the last that is for all steps."""
        kinds = list(map(self._of_line, lines))
        low = max((n + 1 for n, kind in enumerate(kinds) if kind == "apart"), default=0)
        block = [n for n, kind in enumerate(kinds) if n >= low and kind == "timed"]
        ahead = [line for n, line in enumerate(lines) if n not in block]
        return ahead, [lines[n] for n in block]

    def _after(self, lines: list[str]) -> tuple[list[str], list[str]]:
        """Lines of a block, and those behind the loop: from the first that is for all steps."""
        kinds = list(map(self._of_line, lines))
        high = next((n for n, kind in enumerate(kinds) if kind != "timed"), len(lines))
        return lines[:high], lines[high:]

    def _of_line(self, line: str) -> str:
        """timed: over the steps; apart: over the steps, and not by steps; fixed: no step at all."""
        if _PRODUCT.search(line):
            return "apart"
        known = self.views.views
        kinds = {self._kind(known[name]) for name in _NAME.findall(line) if name in known}
        return next((kind for kind in ("apart", "timed") if kind in kinds), "fixed")

    def _kind(self, view: View) -> str:
        kind = view.key[0]
        if kind == "t":
            return "apart" if view.key[1] in self._classes else "timed"
        if kind in WEIGHTS:
            return "timed" if self.structure.slot(view.key[1:3]).per_step else "fixed"
        return "timed" if kind in TIMED else "apart" if kind in APART else "fixed"


def _tuple(names: list[str]) -> str:
    return ", ".join(names) + "," * (len(names) == 1)


class Blocks:
    """(views of the block …, [views of a step …]) for each block, made when the loop comes to it.

    `whole` are arrays over all steps, `columns` have an entry for each step; those marked as rings
    have only as many as a block.
    """

    def __init__(
        self,
        whole: list[tuple[Array, bool]],
        columns: list[tuple[Any, bool]],
        steps: int,
        size: int,
        backwards: bool,
    ) -> None:
        self.whole = [(a, len(a) // (size if ring else steps), ring) for a, ring in whole]
        self.columns = columns
        self.steps = steps
        self.size = size
        self.backwards = backwards
        self.pace: Pace | None = None
        self.passes = 0
        self._kept: dict[int, tuple[Any, ...]] = {}

    def paced(self, pace: Pace) -> Blocks:
        """The same, telling how far it has come."""
        pace.expect(LOOP)
        self.pace = pace
        return self

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        self.passes += 1
        starts = range(0, self.steps, self.size)
        for start in reversed(starts) if self.backwards else starts:
            stop = min(start + self.size, self.steps)
            if self.pace:
                self.pace.add(LOOP * (stop - start) / self.steps)
            yield self._kept.get(start) or self._block(start, stop)

    def _block(self, start: int, stop: int) -> tuple[Any, ...]:
        """Kept from the second pass on, as in training, where making views is a tenth of an update;
        not of long recordings, whose views would take more memory than their numbers."""
        block = *self._views(start, stop), self._tuples(start, stop)
        if self.passes > 1 and self.steps * len(self.columns) <= MOST_KEPT:
            self._kept[start] = block
        return block

    def _views(self, start: int, stop: int) -> list[Array]:
        rows = ((0, stop - start) if ring else (start, stop) for _, _, ring in self.whole)
        found = zip(self.whole, rows, strict=True)
        return [array[low * each : high * each] for (array, each, _), (low, high) in found]

    def _tuples(self, start: int, stop: int) -> list[tuple[Any, ...]]:
        cut = [c[: stop - start] if ring else c[start:stop] for c, ring in self.columns]
        # step by step: the views of a step stand beside each other in memory, as they are read
        tuples = list(zip(*cut, strict=True))
        return tuples[::-1] if self.backwards else tuples
