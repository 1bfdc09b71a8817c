"""What a run would be in the dtype of its source: every op rounded to float16, bfloat16 or float32.

An op is computed exactly from what it reads and its result rounded once, as hardware does that adds
up products in a wider number. An overflow there is a finding about the model, which float64 hides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.chains import joined
from engine.door import Run
from engine.models.weights import Array, rounded
from engine.recording import Recording
from engine.replay import Given, given_of, replay

MOST_NODES = 200_000  # a second or two
WIDTHS = {"float16": 16, "bfloat16": 16, "float32": 32, "float64": 64}


@dataclass(frozen=True, slots=True)
class Own:
    """`apart`: max |a − b| / max |b| of the states of the top layer, a in `dtype`, b as recorded;
    `first`: the first value that is not finite there, "" if all are; `lost`: how many of `steps`
    steps have a δ(h) that rounds to 0 everywhere; `high`: whether some δ is too large."""

    dtype: str
    other: str
    apart: float
    first: str
    lost: int
    high: bool
    steps: int

    @property
    def alarms(self) -> bool:
        """Whether something is lost there, and not only rounded."""
        return bool(self.first or self.lost or self.high)

    @property
    def words(self) -> str:
        """What is to be said, in a line."""
        if self.first:
            said = f"in {self.dtype}, the file's own, {self.first} is not finite any more"
        else:
            said = (
                f"in {self.dtype}, the file's own, states differ from {self.other} by"
                f" {self.apart:.1g} of the largest"
            )
        if self.lost:
            said += f"; at {self.lost:,} of {self.steps:,} steps δ(h) would round to 0"
        if self.high:
            said += "; some δ would overflow"
        return said


def in_own_dtype(run: Run, dtype: str) -> Own | None:
    """The run again in the dtype of its source; None where that is the one it was recorded in, or
    where it would take long."""
    recording = run.recording
    wide = recording.dtype.name
    if WIDTHS.get(dtype, 64) >= WIDTHS.get(wide, 64) or recording.nodes > MOST_NODES:
        return None

    def own(array: Array) -> Array:
        return rounded(array, dtype).astype(float)

    with np.errstate(all="ignore"):  # what is not finite is the finding
        values = replay(_rounded(given_of(recording), own), rounded=own)
    top = run.chains("h")[-1]
    apart = 0.0
    for g, k in top:
        was = np.asarray(recording.value(g, k), float)
        now = np.where(recording.inside_of(g)[..., None], np.stack(values[g, k]), 0.0)
        apart = max(apart, float(np.abs(now - was).max() / (np.abs(was).max() or 1.0)))
    lost, high = _deltas(run, dtype)
    return Own(dtype, wide, apart, _first(recording, values), lost, high, recording.steps)


def _rounded(given: Given, own: Callable[[Array], Array]) -> Given:
    return replace(
        given,
        parameters={n: own(a) for n, a in given.parameters.items()},
        inputs={place: own(a) for place, a in given.inputs.items()},
        initial={n: own(a) for n, a in given.initial.items()},
    )


def _first(recording: Recording, values: dict[tuple[int, int], list[Array]]) -> str:
    """The first value in the order of computing that is finite as recorded and is not so here."""
    for g, segment in enumerate(recording.network.segments):
        for t in range(segment.steps)[:: segment.direction]:
            for k, slot in enumerate(segment.slots):
                inside = recording.inside_of(g)[t]
                lost = ~np.isfinite(values[g, k][t]) & np.isfinite(recording.value(g, k)[t])
                if (lost.any(-1) & inside).any():
                    step = t + segment.offset + 1
                    return f"{slot.name} of {segment.name} at step {step:,}"
    return ""


def _deltas(run: Run, dtype: str) -> tuple[int, bool]:
    """At how many steps all of δ(h) rounds to 0, and whether some δ has no place."""
    if not run.recording.has_gradients:
        return 0, False
    lost, high = np.zeros(run.recording.steps, bool), False
    for chain in run.chains("h"):
        delta = np.asarray(joined(run.recording, chain, "delta"), float)
        there = rounded(delta, dtype).astype(float)
        lost |= (delta != 0).any((1, 2)) & (there == 0).all((1, 2))
        high |= bool((np.isfinite(delta) & ~np.isfinite(there)).any())
    return int(lost.sum()), high
