"""Costs against sums written out here, the formulas of the textbook, and arrays as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.arrangements import ARRANGEMENTS
from engine.choices import CELL_CHOICES
from engine.cost import BESIDE, FORMULAS, FORWARD, beside, cost_of, planned_cost
from engine.experiment import Experiment
from engine.ops import OPS
from engine.sequences import typed
from tests.engine.batches import batch

H, INPUTS, OUTPUTS = 4, 2, 3


def ragged(steps=6, sequences=3, **more):
    return batch(np.random.default_rng(0), steps=steps, sequences=sequences, ragged="end", **more)


def lengths(given):
    return given.stop - given.start


def test_every_op_says_what_it_costs():
    assert set(FORWARD) == set(OPS)


@pytest.mark.parametrize("name", [n for n in BESIDE if BESIDE[n]["arrangement"] in ARRANGEMENTS])
@pytest.mark.parametrize(("hidden", "steps", "inputs"), [(4, 6, 2), (1, 1, 1), (7, 3, 5)])
def test_parameters_are_those_of_the_formula_in_the_caption(name, hidden, steps, inputs):
    given = batch(np.random.default_rng(0), steps=steps, inputs=inputs)
    found = beside(engine.run(given, hidden=hidden))[name]
    readout = OUTPUTS * hidden + OUTPUTS
    assert found.parameters == FORMULAS[name][1](hidden, steps, inputs) + readout


def test_multiply_adds_of_shared_and_padded():
    given = ragged()
    total, count = int(lengths(given).sum()), len(given.stop)
    found = beside(engine.run(given, hidden=H, cell="lstm"))
    assert found["shared"].forward == total * H * (H + INPUTS) + count * H * OUTPUTS
    first = count * H * given.steps * INPUTS
    assert found["padded"].forward == first + count * H * OUTPUTS
    absent = count * given.steps - total
    assert found["padded"].padding == H * INPUTS * absent > 0
    assert found["shared"].padding == found["shared"].zeros == found["padded"].zeros == 0


def test_backward_is_twice_the_products_and_once_each_factor():
    given = ragged()
    total, count = int(lengths(given).sum()), len(given.stop)
    shared = beside(engine.run(given, hidden=H))["shared"]
    assert shared.backward == 2 * shared.forward + total * H  # of tanh′
    every = cost_of(engine.run(given, hidden=H))
    assert every.forward == total * (H * (H + INPUTS) + H * OUTPUTS)
    assert count > 1


def test_one_hot_inputs_are_mostly_zeros():
    run = engine.run("I think therefore I am", hidden=H)
    found = cost_of(run)
    steps, words = run.batch.x.shape[0], run.batch.x.shape[2]
    assert found.zeros == steps * (words - 1) * H and found.padding == 0
    padded = beside(run)["padded"]
    assert padded.zeros == found.zeros
    assert padded.by_zero == padded.zeros / padded.forward > 0.5


@pytest.mark.parametrize(("cell", "matrices", "products"), [("lstm", 4, 3), ("lecture-gru", 3, 2)])
def test_multiply_adds_of_gated_cells(cell, matrices, products):
    given = ragged()
    each = matrices * H * (H + INPUTS) + products * H + H * OUTPUTS
    assert cost_of(engine.run(given, cell=cell, hidden=H)).forward == lengths(given).sum() * each


def test_multiply_adds_of_attention_and_of_a_convolution():
    given = batch(np.random.default_rng(0), steps=5)
    run = engine.run(given, arrangement="attention", hidden=H)
    linear = sum(
        int(np.prod(shape)) for shape in run.network.parameters.values() if len(shape) == 2
    )
    assert cost_of(run).forward == 2 * 5 * (linear + 5 * 2 * H)
    frames = np.random.default_rng(1).normal(size=(3, 1, 25))
    pictures = replace(batch(np.random.default_rng(0), steps=3, sequences=1), x=frames)
    run = engine.run(pictures, cell="conv-rnn", hidden=2, kernel=3)
    h, x = 2 * 2 * 9 * 25, 2 * 1 * 9 * 25  # out·in·k·k kernels at each of 25 pixels
    assert cost_of(run).forward == 3 * (h + x + 50 * OUTPUTS)


@pytest.mark.parametrize("cell", CELL_CHOICES[:5])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_bytes_are_those_of_the_arrays_and_reading_them_costs_nothing(cell, dtype):
    run = engine.run(ragged(), cell=cell, hidden=H, dtype=dtype)
    before = cost_of(run)
    recording = run.recording
    values = sum(
        recording.value(g, k).size
        for g, s in enumerate(run.network.segments)
        for k in range(len(s.slots))
    )
    assert before.bytes > 2 * values * recording.dtype.itemsize  # values and deltas at least
    assert before.bytes < 8 * values * recording.dtype.itemsize
    for use in run.network.all_uses():
        recording.contribution(use)
    assert cost_of(run) == before == planned_cost(run.experiment, run.batch)


@pytest.mark.parametrize("arrangement", list(ARRANGEMENTS))
def test_what_was_planned_costs_what_was_run(arrangement):
    texts = {"expression": "x = 2; y = 3; x*y + tanh(y)", "encoder-decoder": "a b -> a c"}
    text = texts.get(arrangement, "a b a c")
    run = engine.run(text, arrangement=arrangement, hidden=3)
    assert cost_of(run) == planned_cost(run.experiment, run.batch)
    assert cost_of(run).parameters == run.summary()["parameters"]


def test_the_three_beside_a_run_do_not_depend_on_it():
    given = ragged()
    one = beside(engine.run(given, hidden=H, cell="lstm", layers=2, direction="both"))
    other = beside(engine.run(given, Experiment(hidden=H, arrangement="attention")))
    assert one == other and set(one) <= set(BESIDE)


def test_padding_that_is_run_through_costs_and_is_by_zero():
    text = typed(["I think therefore I am", "you think"])
    pack, pad = (cost_of(engine.run(text, hidden=3, padding=p)) for p in ("pack", "pad"))
    words = 6
    assert pack.padding == 0 and pad.padding == 3 * 3 * words  # three steps, three units
    assert pad.zeros == pack.zeros
    assert pad.forward == pack.forward * 10 // 7  # ten steps run instead of seven
    mask = cost_of(engine.run(text, hidden=3, padding="mask"))
    assert mask.forward == pad.forward + 10 * 3 and mask.padding == pad.padding


def test_the_three_are_the_same_however_the_batch_was_padded_or_entered():
    text = typed(["I think therefore I am", "you think"])
    late = {"arrangement": "per-layer"}
    settings = ({}, {"padding": "pad"}, {"padding": "mask"}, late, late | {"padding": "pad"})
    found = [beside(engine.run(text, hidden=3, **each)) for each in settings]
    assert set(found[0]) == set(BESIDE) and all(each == found[0] for each in found)
    assert beside(engine.run(text, hidden=3, readout="after")) == {}


def test_leading_layers_that_run_on_zeros_multiply_by_padding():
    text = typed(["I think therefore I am", "you think"])
    late = engine.run(text, hidden=3, arrangement="per-layer")
    zeros = engine.run(text, hidden=3, arrangement="per-layer", padding="pad")
    assert cost_of(late).padding == 0 and cost_of(zeros).padding == 3 * 3 * 6
    assert cost_of(zeros).zeros == cost_of(late).zeros
