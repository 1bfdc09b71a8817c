"""How much a recording takes, before it is made, and how many steps of a long sequence fit.

A sequence whose recording is too large is recorded window by window. Nothing is allocated here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.errors import BAD_SETTINGS, Unusable
from engine.ops import OPS
from engine.template import Network

MOST_NODES = 3_000_000
LARGEST = 4e9  # bytes that a recording may take
ARRAYS = 2.3  # of each slot, about: many deltas and contributions are others seen again
MODEST = 1e9  # bytes of a window that nobody has chosen
WINDOW = 20_000  # steps of a sequence that does not fit as a whole
NOTABLE = 100e6  # bytes from which it is said beforehand what a recording takes


@dataclass(frozen=True, slots=True)
class Needs:
    """What a recording takes: of `sequences` side by side, so many steps, nodes and bytes."""

    steps: int
    sequences: int
    nodes: int
    bytes: float

    @property
    def fit(self) -> bool:
        return self.nodes <= MOST_NODES and self.bytes <= LARGEST

    @property
    def words(self) -> str:
        """ "100,000 steps, 1.3 million nodes, about 250 MB"."""
        return f"{self.steps:,} steps, {_spelt(self.nodes)} nodes, about {_size(self.bytes)}"


def needs_of(network: Network, sequences: int, dtype: str) -> Needs:
    """What recording a network takes: values, deltas, contributions, parameters; weights of steps
    that look at all steps, and their deltas."""
    kept = sum(3.0 * int(np.prod(shape)) for shape in network.parameters.values())
    nodes, steps = 0, 0
    for segment in network.segments:
        nodes += len(segment.slots) * segment.steps
        steps = max(steps, segment.offset + segment.steps)
        for slot in segment.slots:
            kept += ARRAYS * segment.steps * sequences * slot.width
            if "pairs" in OPS[slot.op].data:
                kept += 2 * segment.steps**2 * sequences
    return Needs(steps, sequences, nodes, kept * np.dtype(dtype).itemsize)


def steps_that_fit(whole: int, needs: Callable[[int], Needs]) -> int:
    """All steps if they fit, else a window of which the recording is no burden."""
    if needs(whole).fit:
        return whole
    steps = min(whole // 2, WINDOW)
    while steps > 1 and not (needs(steps).fit and needs(steps).bytes <= MODEST):
        steps //= 2
    return max(steps, 1)


def refuse_what_does_not_fit(needs: Needs) -> None:
    """Say what is too much, and how much would do."""
    if needs.nodes > MOST_NODES:
        raise Unusable(
            f"{needs.steps:,} steps of this network are {needs.nodes:,} nodes; at most "
            f"{MOST_NODES:,} are recorded at once: choose "
            f"--steps {needs.steps * MOST_NODES // needs.nodes} or fewer",
            exit=BAD_SETTINGS,
        )
    if needs.bytes > LARGEST:
        raise Unusable(
            f"recording {needs.steps:,} steps of {needs.sequences} sequences with this network "
            f"takes {needs.bytes / 1e9:.1f} GB; at most {LARGEST / 1e9:.0f} GB are allowed; "
            "take fewer units, layers or steps",
            exit=BAD_SETTINGS,
        )


def _spelt(count: int) -> str:
    return f"{count / 1e6:.2g} million" if count >= 1_000_000 else f"{count:,}"


def _size(count: float) -> str:
    """Two digits of a number of bytes."""
    for unit in ("bytes", "KB", "MB"):
        if count < 999.5:
            return f"{float(f'{count:.2g}'):g} {unit}"
        count /= 1000
    return f"{count:.2g} GB"
