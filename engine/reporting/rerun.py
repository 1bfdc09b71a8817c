"""A recording made once more with something moved: inputs, parameters, targets, arithmetic.

Everything that is not moved is taken from the recording, so it may come from anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.door import boundary
from engine.plan import Plan
from engine.recording import Recording, seed

Array = np.ndarray[Any, np.dtype[Any]]
Places = Mapping[tuple[int, int], Array]


def input_places(recording: Recording) -> list[tuple[int, int]]:
    """Where inputs stand: (segment, slot)."""
    return [
        (g, k)
        for g, segment in enumerate(recording.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.op == "input"
    ]


def inputs_of(recording: Recording) -> dict[tuple[int, int], Array]:
    """The inputs as they were fed, (T, B, width) each; what stands in the padding is 0."""
    rows = recording.plan.workspace.rows
    return {place: np.array(rows(("v", *place))) for place in input_places(recording)}


def rerun(
    recording: Recording,
    *,
    inputs: Places | None = None,
    parameters: Mapping[str, Array] | None = None,
    stored: Mapping[str, Array] | None = None,
    dtype: Any = None,
    backward: bool = True,
) -> Recording:
    """The same network run again. `inputs` by place (T, B, width), padding included; `parameters`
    by name; `stored`: what ops read and no gradient enters; `dtype` of the arithmetic."""
    kind = np.dtype(dtype or recording.dtype)
    work = recording.plan.workspace
    data = {n: _cast(a, recording.dtype, kind) for n, a in work.stored.items()} | dict(stored or {})
    plan = Plan(
        recording.network,
        recording.batch,
        kind,
        data,
        late=recording.plan.structure.late,
        deltas="joints",
    )
    for name, own in plan.workspace.parameters.items():
        own[...] = (parameters or recording.parameters)[name]
    for place, array in sorted(plan.workspace.initial.items()):
        if plan.structure.slot(place).initial:  # others are handed over
            array[...] = work.initial[place]
            boundary(plan, place)
    for place, rows in (inputs or inputs_of(recording)).items():
        plan.workspace.rows(("v", *place))[...] = rows
    seed(plan, recording.loss_weights)
    with np.errstate(all="ignore"):  # what is not finite is found and said
        plan.forward()
        if backward:
            plan.backward()
    return Recording(plan, recording.start, recording.stop, recording.loss_weights, recording.rule)


def _cast(array: Any, old: Any, new: Any) -> Any:
    """Numbers that were stored in the recording's own kind, in another."""
    if isinstance(array, np.ndarray) and array.dtype == old != new and array.dtype.kind == "f":
        return array.astype(new)
    return array
