"""Where training stopped, so that it goes on as if it never had: moments of the optimiser, states.

What is remembered of the updates before is in `history`; who goes on is `trainer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.training.optimizers import Changes

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """`moments`: what the optimiser keeps of each parameter, arrays like it, after `changes`
    changes; `states`: name → (L, B, H), with which the next update begins; `unzeroed`: gradients
    that the next ones are added to, where nobody sets them to 0."""

    optimizer: str = ""
    changes: int = 0
    moments: Mapping[str, tuple[Array, ...]] = field(default_factory=dict)
    states: Mapping[str, Array] = field(default_factory=dict)
    unzeroed: Mapping[str, Array] = field(default_factory=dict)

    def resume(self, changes: Changes) -> None:
        """Give an optimiser its moments back, if they are its own; else they begin at 0."""
        if self.optimizer != changes.row.id or not alike(self.moments, changes.states):
            return
        changes.updates = self.changes
        for name, arrays in self.moments.items():
            for own, kept in zip(changes.states[name], arrays, strict=True):
                np.copyto(own, kept)


def alike(some: Mapping[str, Iterable[Array]], others: Mapping[str, Iterable[Array]]) -> bool:
    """Whether these are lists of arrays of the same shapes under the same names."""
    return {n: [a.shape for a in arrays] for n, arrays in some.items()} == {
        n: [a.shape for a in arrays] for n, arrays in others.items()
    }


def standing_of(changes: Changes, states: dict[str, Array], unzeroed: dict[str, Array]) -> Standing:
    """As it is now, in copies; `states` are copies already."""
    moments = {name: tuple(a.copy() for a in arrays) for name, arrays in changes.states.items()}
    before = {name: array.copy() for name, array in unzeroed.items()}
    return Standing(changes.row.id, changes.updates, moments, states, before)
