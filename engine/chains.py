"""Chains: one layer in one direction, through all parts of time; where its states stand.

Index k of a chain is layer · directions + direction. What is recorded there is in the recording.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.recording import Recording
from engine.template import Network

Array = np.ndarray[Any, np.dtype[Any]]
Place = tuple[int, int]  # (segment, slot)


def chains_of(network: Network, name: str) -> tuple[tuple[Place, ...], ...]:
    """The places of the hidden state "h" or the memory "c" of every chain, bottom up, each in the
    order of time.

    The gated cell has one state, which is both; cells without a memory have no "c".
    """
    found: dict[tuple[int, int], list[Place]] = {}
    for g, segment in enumerate(network.segments):
        if segment.kind != "layer":
            continue
        named = {slot.name: k for k, slot in enumerate(segment.slots)}
        memory = [k for k, slot in enumerate(segment.slots) if slot.role == "memory"]
        kept = memory[0] if memory else None
        place = named.get("h", kept) if name == "h" else kept
        if place is not None:
            found.setdefault((segment.layer, -segment.direction), []).append((g, place))
    return tuple(tuple(found[key]) for key in sorted(found))


def joined(recording: Recording, chain: tuple[Place, ...], kind: str = "value") -> Array:
    """Values or deltas of a chain on the global time axis, (T, B, H); 0 where it has no step."""
    read = recording.value if kind == "value" else recording.delta
    width = recording.slot(*chain[0]).width
    whole = np.zeros((recording.steps, recording.batch, width), recording.dtype)
    for place in chain:
        whole[recording.global_steps(place[0])] = read(*place)
    return whole


def last_states(recording: Recording, chain: tuple[Place, ...]) -> Array:
    """The state that a chain ends with, (B, H)."""
    g, k = chain[-1]
    forwards = recording.network.segments[g].direction > 0
    spans = [recording.span(g, b) for b in range(recording.batch)]
    ends = [stop - 1 if forwards else start for start, stop in spans]
    return np.asarray(recording.value(g, k)[ends, np.arange(recording.batch)])
