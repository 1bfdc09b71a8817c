"""Arrays for a plan: what the names in its source stand for.

Time comes first, (T, B, width). Values and contributions have rows for the steps before the first
one (after the last, where a segment runs backwards); deltas have rows of zeros beyond the end, so
that a delta seen one step later is a contribution without copying.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

import numpy as np

from engine.demand import Piece
from engine.loops import Blocks, Loop
from engine.memory import Memory, aligned
from engine.products import FORMS, parts, pieces
from engine.storage import Storage
from engine.structure import Structure
from engine.template import ALL, Use
from engine.views import Key, View
from engine.watching import Pace

Array = np.ndarray[Any, np.dtype[Any]]
CACHE = 2_000_000  # bytes of the arrays that a block of steps goes through
BLOCK = 1000  # steps in a block at most, or the views of a long one would take memory
HEAVY = 200_000  # numbers in one array of one step
PRODUCTS = 1_000_000  # entries of parameters × sequences: a step with so many takes a millisecond
# kinds of keys whose arrays are memory of their own
OWNED = ("v", "d", "c", "s", "l", "g", "a", "e", "k", "gates", "m")
WHOLE = 4096  # up to so many steps all views are made once; beyond, chunk by chunk in every run


class Workspace:
    """Allocates arrays on demand, by key, and resolves views."""

    def __init__(
        self,
        structure: Structure,
        storage: Storage,
        batch: int,
        dtype: np.dtype[Any],
        factors: dict[Key, tuple[tuple[int, int], int]],
        gates: dict[tuple[int, int], tuple[Key, int, int]],
        stored: dict[str, Array],
    ) -> None:
        self.structure = structure
        self.storage = storage
        self.batch = batch
        self.dtype = dtype
        self.factors = factors
        self.gates = gates
        self.stored = stored
        self.pad = storage.pad
        self.arrays: dict[Key, Array] = {}
        self.memory = Memory([], dtype)
        self.waiting: set[Key] = set()  # arrays whose lines have not run since the last backward
        # weak: a recording that nobody has goes at once, not when the collector comes round
        self.catch_up: Callable[[], Callable[[Key], None] | None] = lambda: None
        self._running: set[Key] = set()
        self._asking = RLock()  # a picture and a plot beside it may ask at the same time
        segments = structure.network.segments
        self.parameters = {
            n: np.zeros(shape, dtype) for n, shape in structure.network.parameters.items()
        }
        # zeros, and not zeros_like: those that are replaced, or never asked for, take no memory
        self.gradients = {n: np.zeros(a.shape, dtype) for n, a in self.parameters.items()}
        self.initial: dict[tuple[int, int], Array] = {}
        self._sizes: dict[int, int] = {}
        self._rings: dict[Key, int] = {}
        for g, segment in enumerate(segments):
            for k, slot in enumerate(segment.slots):
                if slot.initial or slot.handed:
                    self.initial[g, k] = np.zeros((batch, slot.width), dtype)

    # -------------------------------------------------------------- storage

    def steps(self, segment: int) -> int:
        return self.structure.network.segments[segment].steps

    def backwards(self, segment: int) -> bool:
        return self.structure.network.segments[segment].direction < 0

    def _shape(self, key: Key) -> tuple[int, ...]:
        kind = key[0]
        if kind == "c":
            use: Use = key[1]
            return self.steps(use.segment) + self.pad, self.batch, self._width(use)
        if kind == "s":
            return self.batch, self._width(key[1])
        if kind == "l":
            return 1, self.batch, self._width(key[1])
        if kind == "g":
            part = key[3]
            return 1, self.batch, part[1] - part[0] if part else self.structure.slot(key[1:3]).width
        if kind in ("a", "e"):
            return self.steps(key[1]), self.batch, self._kept_width(key)
        if kind == "k":
            place, width = self.factors[key]
            return min(self.steps(place[0]), self._rings.get(key, 1)), self.batch, width
        if kind == "gates":
            width = max(high for block, _, high in self.gates.values() if block == key)
            return self.steps(key[1]), self.batch, width
        if kind == "m":
            return self.batch, self.structure.slot(key[1]).width
        return self.steps(key[1]) + self.pad, self.batch, self.structure.slot(key[1:]).width

    def _kept_width(self, key: Key) -> int:
        """Width of what an op keeps: of its first input, or the steps that it reads at once."""
        inputs = self.structure.slot(key[1:]).inputs
        all_of = next((i.segment for i in inputs if i.reach == ALL), None)
        if all_of is not None:
            return self.steps(all_of)
        return self.structure.slot((inputs[0].segment, inputs[0].slot)).width

    def _width(self, use: Use) -> int:
        if use.part:
            return use.part[1] - use.part[0]
        return self.structure.slot((use.segment, use.slot)).width

    def stored_array(self, key: Key) -> Array:
        if key in self.waiting:
            with self._asking:
                if key in self.waiting and key not in self._running:
                    catch_up = self.catch_up()
                    assert catch_up is not None, "the plan of these arrays is gone"
                    catch_up(key)
        if key not in self.arrays:
            self.arrays[key] = self.memory.zeros(self._shape(key))
        return self.arrays[key]

    @contextmanager
    def running(self, pieces: list[Piece]) -> Iterator[None]:
        """While the lines of `pieces` run their arrays are written; afterwards they are there."""
        self._running = {piece.key for piece in pieces}
        yield
        self.waiting -= self._running
        self._running = set()

    def reserve(self, views: Iterable[View]) -> None:
        """Take the memory for all arrays behind `views` as one block."""
        new = [key for key in self._owned(views) if key not in self.arrays]
        self.memory = Memory([self._shape(key) for key in new], self.dtype)
        for key in new:
            self.stored_array(key)

    def bytes(self, views: Iterable[View]) -> int:
        """Bytes of all arrays behind `views`, whether they were made or not."""
        numbers = sum(math.prod(self._shape(key)) for key in self._owned(views))
        return numbers * self.dtype.itemsize

    def _owned(self, views: Iterable[View]) -> list[Key]:
        keys = dict.fromkeys(self._owner(view.key) for view in views)
        return [key for key in keys if key[0] in OWNED]

    def _owner(self, key: Key) -> Key:
        """The key of the array that `key` is seen in."""
        if key[0] == "v" and key[1:] in self.gates:
            return self.gates[key[1:]][0]
        return self.storage.owner(key)

    # -------------------------------------------------------------- rows as a node sees them

    def rows(self, key: Key, lag: int = 0) -> Array:
        """The array of `key` for the steps of its segment, `lag` steps earlier."""
        kind = key[0]
        if kind == "v" and key[1:] in self.gates:
            block, low, high = self.gates[key[1:]]
            return self.stored_array(block)[..., low:high]
        if kind == "d":
            return self._delta_rows(key)
        if kind == "c":
            return self._contribution_rows(key, lag)
        if kind == "v":
            return self._shifted(self.stored_array(key), key[1], lag)
        return self._plain(key)

    def boundary(self, place: tuple[int, int]) -> Array:
        """The rows of a state that stand before the first step."""
        array = self.stored_array(("v", *place))
        return array[self.steps(place[0]) :] if self.backwards(place[0]) else array[: self.pad]

    def _shifted(self, array: Array, segment: int, lag: int) -> Array:
        low = lag if self.backwards(segment) else self.pad - lag
        return array[low : low + self.steps(segment)]

    def _delta_rows(self, key: Key) -> Array:
        if key in self.storage.alias:
            other, part, _ = self.storage.alias[key]
            found = self.rows(other)
            return found[..., part[0] : part[1]] if part else found
        low = self.pad if self.backwards(key[1]) else 0
        return self.stored_array(key)[low : low + self.steps(key[1])]

    def _contribution_rows(self, key: Key, lag: int) -> Array:
        """Rows as the consumer has them (`lag` of the use) or as the node receives them (0)."""
        segment = key[1].segment
        if key not in self.storage.alias:
            return self._shifted(self.stored_array(key), segment, lag)
        other, part, later = self.storage.alias[key]
        if later and not lag:  # the consumer's delta, seen from the node that it goes to
            low = 0 if self.backwards(segment) else later
            return self.stored_array(other)[low : low + self.steps(segment)]
        own = self.rows(other)
        return own[..., part[0] : part[1]] if part else own

    def _plain(self, key: Key) -> Array:
        kind = key[0]
        slot = self.structure.slot(key[1:3]) if kind in ("w", "wt", "wc", "b", "gw", "gb") else None
        if kind == "p":
            return self.parameters[key[1]]
        if kind == "gp":
            return self.gradients[key[1]]
        if kind == "o":
            return self.initial[key[1], key[2]]
        if kind == "ahead":
            return self.boundary((key[1], key[2]))
        if slot is None:
            return self.stored_array(key)
        every = (slice(None),) if slot.per_step else ()
        if kind in ("b", "gb"):
            table = self.parameters if kind == "b" else self.gradients
            rows = slot.bias_rows or (0, None)
            return table[slot.bias][(*every, slice(*rows))]
        if kind in ("wt", "wc"):
            if key not in self.arrays:
                block = self._plain(("w", *key[1:]))
                shape = np.swapaxes(block, -1, -2).shape if kind == "wt" else block.shape
                # filled by the functions, at every run
                self.arrays[key] = aligned(shape, self.dtype)
            return self.arrays[key]
        weight = slot.weights[key[3]]
        rows, columns = weight.rows or (0, None), weight.columns or (0, None)
        table = self.parameters if kind == "w" else self.gradients
        return table[weight.parameter][(*every, slice(*rows), slice(*columns))]

    # -------------------------------------------------------------- views

    def resolve(self, view: View) -> Any:
        """The array (or indices) that a name in the source stands for."""
        kind = view.key[0]
        if kind == "t":
            return self._stored(view.key[1])
        if kind in ("outside", "inside", "tokens"):
            return self.stored[f"{kind}_{view.key[1]}"]
        found = self.rows(view.key, view.lag)
        if view.part:
            found = found[..., view.part[0] : view.part[1]]
        if view.of and view.form in FORMS:
            matrix = self.rows(view.of)
            return pieces(found, view.form, parts(self.batch, matrix.shape, matrix.itemsize))
        if view.form == "2d":
            return found.reshape(-1, found.shape[-1])
        if view.form == "blocks":
            return found.reshape(*found.shape[:-1], view.blocks, -1)
        return found

    def _stored(self, name: str) -> Any:
        data = self.stored[name]
        if data.dtype.kind != "i":
            return data
        steps, batch = data.shape
        return np.arange(steps)[:, None], np.arange(batch)[None, :], data

    def _column(self, view: View) -> Any:
        """What has an entry for each step."""
        key = view.key
        if key[0] == "t" and self.stored[key[1]].dtype.kind == "i":
            rows = np.arange(self.batch)
            return [(rows, row) for row in self.stored[key[1]]]
        return self.resolve(view)

    def _heavy(self, views: list[View]) -> bool:
        """Whether a step takes so long that making its views costs nothing beside it."""
        widths = (self.resolve(v)[0].size for v in views if v.key[0] == "v")
        return max(widths, default=0) > HEAVY or self._products() > PRODUCTS

    def _products(self) -> int:
        """About how many products a step takes."""
        return self.batch * sum(array.size for array in self.parameters.values())

    def cut(self, loops: Iterable[Loop]) -> None:
        """Decide how many steps a block of each loop has; its factors are as long."""
        for loop in loops:
            keys = dict.fromkeys(map(self._owner, loop.keys))
            each = sum(math.prod(self._shape(k)[1:]) for k in keys if k[0] in OWNED)
            size = max(1, min(BLOCK, CACHE // max(1, each * self.dtype.itemsize)))
            self._sizes[loop.number] = size
            self._rings |= {key: size for key in keys if key[0] == "k"}

    def blocks(self, loop: Loop, pace: Pace) -> Any:
        """The blocks of steps that a loop runs over."""
        names = loop.views.views
        whole = [names[name] for name in loop.blocks]
        steps = [names[name] for name in loop.names]
        longest = max(s.steps for s in self.structure.network.segments)
        later = longest > WHOLE or self._heavy(steps)
        count = self._steps_of(loop)
        made = Blocks(
            [(self.resolve(v), v.key[0] == "k") for v in whole],
            [(self._column(v), v.key[0] == "k") for v in steps],
            count,
            min(self._sizes[loop.number], count),
            loop.backwards,
        )
        return made.paced(pace) if later else list(made)

    def _steps_of(self, loop: Loop) -> int:
        return max(self.steps(key[1]) for key in loop.keys if key[0] in ("v", "d"))
