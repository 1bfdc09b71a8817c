"""What one update reads, and what supplies it; the supplies are in `batches` and `streams`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.door import Array
from engine.sequences import Batch
from engine.sequences.sequence import Integers


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What one update reads: x (T, B, I) or tokens (T, B), and targets as a `Batch` has them.

    `begins`: the states before the first step are 0; else they are those that the update before
    ended with. `batch`: all of it, where series have different lengths. `factors` (T, B): on the
    losses, where some do not count.
    """

    targets: Array
    x: Array | None = None
    tokens: Integers | None = None
    begins: bool = True
    batch: Batch | None = None
    factors: Array | None = None


class Batches(Protocol):
    """A supply of data. `first` gives the network its shape, `whole` is all that it is picked from;
    a pass is once through the data (0: it has no end)."""

    first: Batch
    whole: Batch
    about: str

    @property
    def per_pass(self) -> int: ...

    def draw(self, update: int) -> Drawn: ...

    def held_out(self) -> list[Drawn]: ...

    def batch(self, update: int) -> Batch: ...
