"""Layers with both directions: every number agrees with the referee, ragged ends included."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.arrangements.recurrent import recurrent
from engine.cells import CELLS
from engine.door import fill_in, stored_arrays
from engine.experiment import Experiment
from engine.parameters import initialise
from engine.plan import Plan
from engine.recording import Recording, run_quietly, seed
from engine.sequences import Batch
from tests.engine.compare import assert_equal
from tests.reference.walk import walk

T, B, INPUTS, CLASSES, HIDDEN = 5, 3, 2, 4, 3


def batch(rng: np.random.Generator, lengths: list[int], readout: str) -> Batch:
    stop = np.array(lengths)
    inside = np.arange(T)[:, None] < stop
    return Batch(
        rng.normal(size=(T, B, INPUTS)) * inside[..., None],
        np.zeros(B, np.int64),
        stop,
        "class",
        rng.integers(0, CLASSES, (T, B)),
        inside.astype(float),
        readout,
        CLASSES,
    )


@pytest.mark.parametrize(
    ("cell", "layers", "readout", "ragged"),
    list(itertools.product(CELLS, (1, 2), ("every", "last"), (False, True))),
)
def test_both_directions_agree_with_the_tape(cell, layers, readout, ragged):
    rng = np.random.default_rng(layers)
    given = batch(rng, [5, 2, 4] if ragged else [T] * B, readout)
    experiment = Experiment(cell=cell, layers=layers, hidden=HIDDEN, readout=readout)
    network = recurrent(experiment, T, INPUTS, CLASSES, "cross-entropy", readout, (1, -1))
    stored = stored_arrays(network, given, "float64")
    plan = Plan(network, B, "float64", stored, late=ragged)
    parameters = initialise(experiment, network)
    states = {n: rng.normal(size=(2 * layers, B, HIDDEN)) for n in ("h0", "c0")}
    fill_in(plan, parameters, states)
    plan.workspace.rows(("v", 0, 0))[...] = given.x
    weights = given.weights / B
    if readout == "last":
        weights = np.zeros((T, B))
        weights[-1] = 1 / B
    seed(plan, weights)
    run_quietly(plan.forward)
    run_quietly(plan.backward)
    recording = Recording(plan, given.start, given.stop, weights)
    names = {s.initial for segment in network.segments for s in segment.slots if s.initial}
    at_end = weights.copy()
    if readout == "last":
        at_end[:] = 0
        at_end[given.stop - 1, np.arange(B)] = 1 / B
    reference = walk(
        network,
        parameters,
        {"x": given.x},
        {"y": given.targets},
        start=given.start,
        stop=given.stop,
        initial={n: states[n] for n in names},
        weights=at_end,
    )
    assert_equal(recording, reference)
