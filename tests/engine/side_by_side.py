"""Whole networks of segments on the plan and on the tape, beside each other."""

from __future__ import annotations

import numpy as np

from engine.demand import DELTAS
from engine.door import fill_in
from engine.feeding import stored_arrays
from engine.parameters import Array
from engine.plan import Plan
from engine.recording import Recording, run_quietly, seed
from engine.sequences import Batch
from engine.template import Network
from tests.engine.compare import assert_equal
from tests.reference.cells import Reference
from tests.reference.walk import walk

T, B, INPUTS, CLASSES, HIDDEN = 5, 3, 2, 4, 3
SPANS = {
    "full": ((0, 0, 0), (5, 5, 5)),
    "early ends": ((0, 0, 0), (5, 2, 4)),
    "late starts": ((1, 0, 2), (5, 5, 4)),
}


def batch(rng: np.random.Generator, span: str, readout: str, inputs: int = INPUTS) -> Batch:
    """Random inputs and classes for the sequences of one of SPANS."""
    start, stop = (np.array(ends) for ends in SPANS[span])
    t = np.arange(T)[:, None]
    inside = (t >= start) & (t < stop)
    return Batch(
        rng.normal(size=(T, B, inputs)) * inside[..., None],
        start,
        stop,
        "class",
        rng.integers(0, CLASSES, (T, B)),
        inside.astype(float),
        readout,
        CLASSES,
    )


def agree(network: Network, given: Batch, parameters: dict[str, Array], late: bool) -> Recording:
    """Record `network` on `given` and hold every number against the tape."""
    return both(network, given, parameters, late)[0]


def both(
    network: Network, given: Batch, parameters: dict[str, Array], late: bool
) -> tuple[Recording, Reference]:
    """The same, and what the tape says."""
    for deltas in DELTAS:
        recording, reference = _both(network, given, parameters, late, deltas)
    return recording, reference


def _both(
    network: Network, given: Batch, parameters: dict[str, Array], late: bool, deltas: str
) -> tuple[Recording, Reference]:
    rng = np.random.default_rng(0)
    stored = stored_arrays(network, given, "float64")
    plan = Plan(network, B, "float64", stored, late=late, deltas=deltas)
    widths: dict[str, list[int]] = {}
    for segment in network.segments:
        for slot in segment.slots:
            if slot.initial:
                widths.setdefault(slot.initial, []).append(slot.width)
    states = {n: rng.normal(size=(len(w), B, w[0])) for n, w in sorted(widths.items())}
    fill_in(plan, parameters, states)
    plan.workspace.rows(("v", 0, 0))[...] = given.x
    weights, at_end = given.weights / B, given.weights / B
    if given.readout == "last":
        weights, at_end = np.zeros((T, B)), np.zeros((T, B))
        weights[-1] = 1 / B
        at_end[given.stop - 1, np.arange(B)] = 1 / B
    seed(plan, weights)
    run_quietly(plan.forward)
    run_quietly(plan.backward)
    recording = Recording(plan, given.start, given.stop, weights)
    reference = walk(
        network,
        parameters,
        {"x": given.x},
        {f"y_{g}": given.targets for g in range(len(network.segments))},
        start=given.start,
        stop=given.stop,
        initial=states,
        weights=at_end,
    )
    assert_equal(recording, reference)
    return recording, reference
