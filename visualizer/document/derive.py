"""From a snapshot to what is computed from it: the recording and the film. Nothing is saved here.

A snapshot is first brought into order: what was typed over in an array that is gone, or lies
outside it now, is dropped and said.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.run import Run, prepare, record
from engine.sequences import Batch
from visualizer.document.snapshot import Edits, Snapshot
from visualizer.scene.film import Film


@dataclass(frozen=True, slots=True)
class Derived:
    """`snapshot` is the one asked for without what does not fit; `notice` says what was dropped."""

    snapshot: Snapshot
    run: Run
    film: Film
    notice: str = ""


def derive(snapshot: Snapshot, before: Derived | None = None) -> Derived:
    """Compute, unless `before` shows the same numbers. Raises `Unusable` if it cannot be done."""
    if before is not None and before.snapshot.content == snapshot.content:
        return dataclasses.replace(before, snapshot=snapshot, notice="")
    ...
