"""Plan and referee agree slot by slot: every cell × layers × readout × loss × ragged or not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import engine
from engine.choices import CELL_CHOICES, VECTOR_CELLS
from engine.demand import DELTAS
from tests.engine.batches import (
    SIDE,
    batch,
    fitting,
    randomise,
    state_names,
    state_width,
    states,
)
from tests.engine.compare import assert_equal
from tests.reference.cells import Spec
from tests.reference.unroll import unroll

VARIANTS = [("elman", {"nonlinearity": n}) for n in ("tanh", "relu", "identity", "sigmoid")]
VARIANTS += [("gru", {"reset": r}) for r in ("after", "before")]
VARIANTS += [(cell, {}) for cell in CELL_CHOICES if cell not in ("elman", "gru")]


def record(
    cell,
    options,
    *,
    seed=0,
    hidden=3,
    layers=1,
    kind="class",
    readout="every",
    deltas="joints",
    **more,
):
    """A run of random numbers, and the referee's numbers for the same."""
    rng = np.random.default_rng(seed)
    given = batch(rng, kind=kind, readout=readout, **fitting(cell), **more)
    sequences = given.x.shape[1]
    initial = states(rng, layers, sequences, state_width(cell, hidden), state_names(cell))
    setting = {"cell": cell, "hidden": hidden, "layers": layers, "readout": readout, **options}
    shapes = engine.run(given, **setting).recording.parameters
    parameters = randomise(rng, shapes)
    run = engine.run(given, parameters=parameters, states=initial, deltas=deltas, **setting)
    spec = Spec(
        cell,
        layers,
        readout=readout,
        loss="cross_entropy" if kind == "class" else "squared_error",
        size=(SIDE, SIDE),
        **options,
    )
    reference = unroll(
        spec,
        parameters,
        given.x,
        given.targets,
        start=given.start,
        stop=given.stop,
        initial=initial,
    )
    return run, reference


@pytest.mark.parametrize(("cell", "options"), VARIANTS)
@pytest.mark.parametrize("ragged", ["no", "end", "both"])
def test_plan_and_tape_agree_slot_by_slot(cell, options, ragged):
    choices = itertools.product((1, 2, 3), ("every", "last"), ("class", "regression"))
    for number, (layers, readout, kind) in enumerate(choices):
        given = {"layers": layers, "readout": readout, "kind": kind, "ragged": ragged}
        run, reference = record(cell, options, deltas=DELTAS[number % 2], sequences=3, **given)
        assert_equal(run.recording, reference)


@pytest.mark.parametrize(("cell", "options"), VARIANTS)
@pytest.mark.parametrize("size", [(1, 1, 1), (1, 3, 2), (4, 1, 1), (7, 1, 4)])
@pytest.mark.parametrize("deltas", DELTAS)
def test_small_sizes(cell, options, size, deltas):
    steps, sequences, hidden = size
    shape = {"steps": steps, "sequences": sequences, "hidden": hidden}
    run, reference = record(cell, options, deltas=deltas, **shape)
    assert_equal(run.recording, reference)


@pytest.mark.parametrize("cell", VECTOR_CELLS)
def test_a_typed_sentence_as_the_command_prints_it(cell):
    run = engine.run("I think therefore I am", cell=cell, hidden=8)
    names = ("h0", "c0") if cell in ("lstm", "lecture-gru") else ("h0",)
    reference = unroll(
        Spec(cell),
        dict(run.recording.parameters),
        run.batch.x,
        run.batch.targets,
        start=run.batch.start,
        stop=run.batch.stop,
        initial={name: np.zeros((1, 1, 8)) for name in names},
    )
    assert_equal(run.recording, reference)
    summary = run.summary()
    assert summary["steps"] == 5
    assert summary["loss"] == pytest.approx(reference.loss, rel=1e-13)
    slots = {"h": "a" if cell == "gated" else "h", "c": "a"}
    for name, norms in summary["norms"].items():
        deltas = reference.deltas["layer 1", slots[name]]
        np.testing.assert_allclose(norms, np.linalg.norm(deltas, axis=(1, 2)), rtol=1e-12)
    for name, norm in summary["gradients"].items():
        assert norm == pytest.approx(np.linalg.norm(reference.gradients[name]), rel=1e-12)
