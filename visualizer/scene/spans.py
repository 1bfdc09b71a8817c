"""Which steps belong to what: of a segment to a sequence, of a parameter, of the losses.

The scene asks here; the recording knows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.recording import Recording
from engine.template import LAST, Slot

Array = NDArray[np.floating[Any]]
HANDED = -1  # position of the use that hands a state over to the first step of a later segment


def span(recording: Recording, segment: int, sequence: int) -> tuple[int, int]:
    """[start, stop) of the segment's own steps that a sequence owns."""
    if hasattr(recording, "span"):
        return recording.span(segment, sequence)
    here = recording.network.segments[segment]
    reads = (i.reach == LAST for slot in here.slots for i in slot.inputs)
    if here.steps == 1 and (any(reads) or here.offset):
        return 0, 1
    start, stop = int(recording.start[sequence]), int(recording.stop[sequence])
    low = min(max(start - here.offset, 0), here.steps)
    return low, max(min(stop - here.offset, here.steps), low)


def loss_slots(recording: Recording) -> list[tuple[int, int]]:
    """Places of the losses: one for each part of the sequence that has a readout."""
    segments = enumerate(recording.network.segments)
    return [(g, k) for g, s in segments for k, slot in enumerate(s.slots) if slot.role == "loss"]


def handed(slot: Slot) -> bool:
    """Whether another segment's last state is read before the first step."""
    return getattr(slot, "handed", None) is not None


def parameter_steps(recording: Recording, name: str) -> range:
    """The global steps at which a parameter is used."""
    segments = recording.network.segments
    used = [segments[g] for g, _ in recording.parameter_slots(name)]
    return range(min(s.offset for s in used), max(s.offset + s.steps for s in used))


def term(recording: Recording, name: str, t: int) -> Array:
    """What the global step t adds to the gradient of a parameter."""
    first = 0 if hasattr(recording, "span") else parameter_steps(recording, name).start
    return np.asarray(recording.parameter_term(name, t - first))


def term_norms(recording: Recording, name: str) -> Array:
    """‖term of step t‖ for all global steps, (T,)."""
    found = np.asarray(recording.parameter_term_norms(name), float)
    if len(found) == recording.steps:
        return found
    whole = np.zeros(recording.steps)
    used = parameter_steps(recording, name)
    whole[used.start : used.start + len(found)] = found
    return whole
