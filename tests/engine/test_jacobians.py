"""Step Jacobians against the exact one at each node, against δ, and against truths.md 9 to 13."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine import jacobians, measures
from engine.choices import VECTOR_CELLS
from engine.sequences import typed
from engine.template import Node
from tests.engine.batches import batch
from tests.engine.test_measures import chain, recorded, square_orthogonal

RECURRENT = VECTOR_CELLS


def state(recording, name="h"):
    return recording.network.segments[0].index(name)


def simple(w, steps, h0, nonlinearity="tanh", bias=0.0):
    w = np.atleast_2d(np.asarray(w, float))
    size = len(w)
    parameters = {"W_hh": w, "W_xh": np.zeros((size, 1)), "b": np.full(size, float(bias))}
    start = np.broadcast_to(np.asarray(h0, float), size)
    return chain(steps, parameters, start, cell="elman", nonlinearity=nonlinearity)


def products(recording, part=None):
    """‖∂s_T/∂s_t‖ by lag, 0 first."""
    found = jacobians.step_jacobians(recording, 0, 0)
    return 10 ** jacobians.log_product_norms(found.matrices, part)[::-1]


@pytest.mark.parametrize("cell", RECURRENT)
@pytest.mark.parametrize("direction", ["forward", "both"])
@pytest.mark.parametrize("ragged", ["no", "both"])
def test_every_step_is_the_jacobian_of_its_node(cell, direction, ragged):
    recording = recorded(cell, ragged=ragged)
    if direction == "both":
        recording = engine.run("to be or not to be", cell=cell, hidden=3, direction=direction)
        recording = recording.recording
    g = 1 if direction == "both" else 0
    for b in range(recording.batch):
        found = jacobians.step_jacobians(recording, g, b)
        assert len(found.steps) == recording.stop[b] - recording.start[b]
        assert list(found.steps) == sorted(found.steps, reverse=g == 1)
        for name in found.parts:
            k = recording.network.segments[g].index(name)
            for n, t in enumerate(found.steps):
                exact = measures.jacobian(recording, Node(g, int(t), k), b).matrix
                np.testing.assert_allclose(found.block(name)[n], exact, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("cell", ["conv-rnn", "conv-lstm"])
def test_every_step_of_a_convolutional_cell(cell):
    frames = np.random.default_rng(0).normal(size=(4, 1, 9))
    given = replace(batch(np.random.default_rng(0), steps=4, sequences=1), x=frames)
    recording = engine.run(given, cell=cell, hidden=2).recording
    found = jacobians.step_jacobians(recording, 0, 0)
    for name in found.parts:
        node = Node(0, 2, state(recording, name))
        exact = measures.jacobian(recording, node, 0).matrix
        np.testing.assert_allclose(found.block(name)[2], exact, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("setting", [{"reset": "before"}, {"reset": "after"}])
def test_the_reset_gate_in_either_place(setting):
    recording = engine.run("a b c a", cell="gru", hidden=4, **setting).recording
    found = jacobians.step_jacobians(recording, 0, 0)
    exact = measures.jacobian(recording, Node(0, 2, state(recording)), 0).matrix
    np.testing.assert_allclose(found.matrices[2], exact, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("cell", RECURRENT)
def test_products_are_what_delta_goes_through(cell):
    """One loss at the end that reads the first unit of h_T: δ(h_t) is a row of ∂h_T/∂h_t."""
    hidden, steps = 4, 7
    shapes = engine.run("a b", cell=cell, hidden=hidden).network.parameters
    rng = np.random.default_rng(2)
    inner = {n: rng.normal(size=(s[0], *s[1:])) for n, s in shapes.items() if n not in "Vc"}
    reads = "W" if cell in ("gated", "lstm", "lecture-gru") else "W_x" if cell == "gru" else "W_xh"
    extra = hidden if cell in ("lstm", "lecture-gru") else 0
    inner[reads] = inner[reads][:, : extra + 1]
    recording = chain(steps, inner, rng.normal(size=hidden), cell=cell)
    name = "a" if cell == "gated" else "h"
    k = state(recording, name)
    found = jacobians.step_jacobians(recording, 0, 0)
    product, rows = np.eye(found.matrices.shape[-1]), slice(*found.parts[name])
    for n in range(steps - 1, -1, -1):
        delta, last = recording.delta(0, k)[n, 0], recording.delta(0, k)[-1, 0]
        np.testing.assert_allclose(product[rows, rows].T @ last, delta, rtol=1e-9, atol=1e-15)
        norm = np.linalg.norm(product[rows, rows], 2)
        got = 10 ** jacobians.log_product_norms(found.matrices, found.parts[name])[n]
        assert got == pytest.approx(norm, rel=1e-9)
        product = product @ found.matrices[n]


@pytest.mark.parametrize(("w", "product"), [(0.5, 9.765625e-4), (5.0, 9_765_625)])
def test_products_of_ten_factors(w, product):
    assert products(simple(w, 11, 1e-3, "identity"))[10] == pytest.approx(product, rel=1e-12)


@pytest.mark.parametrize(("w", "log"), [(5.0, 1e3), (0.5, -1e3)])
def test_products_beyond_any_number_keep_their_logarithm(w, log):
    steps = 1 + round(abs(log / np.log10(w)))
    found = jacobians.step_jacobians(simple(w, steps, 0.0, "identity"), 0, 0)
    logs = jacobians.log_product_norms(found.matrices)
    assert logs[0] == pytest.approx((steps - 1) * np.log10(w), rel=1e-12)
    assert logs[-1] == 0


def test_scaled_orthogonal_matrix_and_its_bound():
    recording = simple(0.5 * square_orthogonal(6), 11, 1e-4)
    assert products(recording)[10] == pytest.approx(9.77e-4, rel=1e-3)
    found = jacobians.step_jacobians(recording, 0, 0)
    op, w = jacobians.recurrent_matrices(recording, found)
    bound = 10 ** jacobians.log_bounds(op, w, 11)
    assert bound[0] == pytest.approx(0.5**10, rel=1e-12) and bound[-1] == 1
    sigma = jacobians.largest_singular_values(found.matrices)
    np.testing.assert_allclose(sigma, 0.5, rtol=1e-6)


def test_not_normal_matrix_peaks_before_it_decays():
    recording = simple([[0.9, 10.0], [0.0, 0.9]], 101, [0.3, 0.1], "identity")
    norms = products(recording)
    assert norms.max() == pytest.approx(38.75, abs=0.01) and np.argmax(norms) in (9, 10)
    assert norms[50] == pytest.approx(2.9, abs=0.05) and norms[100] == pytest.approx(0.03, abs=5e-3)
    found = jacobians.step_jacobians(recording, 0, 0)
    places, rho = jacobians.radii(found.matrices)
    np.testing.assert_allclose(rho, 0.9, rtol=1e-6)
    assert list(places) == list(range(101))
    assert jacobians.largest_singular_values(found.matrices)[3] == pytest.approx(10.08, abs=0.01)


@pytest.mark.parametrize(("w", "factor"), [(1.1, 0.822), (1.5, 0.394), (2, 0.166), (5, 9.1e-4)])
def test_a_radius_above_one_need_not_explode(w, factor):
    recording = simple(w, 300, 0.5)
    found = jacobians.step_jacobians(recording, 0, 0)
    assert jacobians.radii(found.matrices)[1][-1] == pytest.approx(factor, rel=3e-3)
    assert products(recording)[200] < 1e-15
    op, matrices = jacobians.recurrent_matrices(recording, found)
    assert (jacobians.log_bounds(op, matrices, 300)[:-1] > 0).all()  # exploding only possible


@pytest.mark.parametrize("w", [-3.99, 0.5, 3.99])
def test_a_sigmoid_keeps_every_factor_below_one_while_w_is_below_four(w):
    recording = simple(w, 40, 0.5, "sigmoid", bias=-w / 2)
    found = jacobians.step_jacobians(recording, 0, 0)
    sigma = jacobians.largest_singular_values(found.matrices)
    assert sigma.max() <= abs(w) / 4 * (1 + 1e-12) < 1
    op, matrices = jacobians.recurrent_matrices(recording, found)
    logs, bounds = (
        jacobians.log_product_norms(found.matrices),
        jacobians.log_bounds(op, matrices, 40),
    )
    assert (logs <= bounds + 1e-12).all() and bounds[0] == pytest.approx(39 * np.log10(abs(w) / 4))


@pytest.mark.parametrize(
    ("bias", "factor"), [(0, 9.8e-4), (1, 0.0436), (2, 0.281), (3, 0.615), (5, 0.935)]
)
def test_a_gate_that_remembers(bias, factor):
    parameters = {"W": np.zeros((2, 1)), "b": np.array([bias, 0.0])}
    recording = chain(11, parameters, np.array([0.7]), cell="gated")
    assert products(recording)[10] == pytest.approx(factor, rel=5e-3)
    found = jacobians.step_jacobians(recording, 0, 0)
    assert jacobians.recurrent_matrices(recording, found) is None  # no W between two states


def test_what_is_not_finite_is_said_and_hides_nothing_else():
    matrices = np.stack([np.eye(3), np.full((3, 3), np.inf), 2 * np.eye(3)])
    assert jacobians.largest_singular_values(matrices)[[0, 2]].tolist() == [1, 2]
    assert np.isnan(jacobians.largest_singular_values(matrices)[1])
    assert np.isnan(jacobians.radii(matrices)[1][1])
    logs = jacobians.log_product_norms(matrices)
    assert logs[2] == 0 and logs[1] == pytest.approx(np.log10(2)) and np.isnan(logs[0])


def test_radii_of_many_wide_matrices_are_sampled():
    rng = np.random.default_rng(0)
    places, found = jacobians.radii(rng.normal(size=(300, 64, 64)) / 8)
    assert len(places) == len(found) < 300 and places[0] == 0 and len(set(np.diff(places))) == 1


# ------------------------------------------------------------------ parts of time, padding, cuts

LINES = ["I think therefore I am", "you think"]


def settings_of(kind):
    if kind == "encoder-decoder":
        return typed(["one two -> un deux", "three -> trois"]), {"arrangement": kind}
    return typed(LINES), {"after": {"readout": "after"}, "first": {"reads": "first"}}[kind]


@pytest.mark.parametrize("kind", ["after", "first", "encoder-decoder"])
@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_a_chain_goes_on_in_the_part_that_its_state_is_handed_to(kind, cell):
    text, setting = settings_of(kind)
    recording = engine.run(text, cell=cell, hidden=3, layers=2, **setting).recording
    chains = [
        jacobians.sections(recording.network, g)
        for g, segment in enumerate(recording.network.segments)
        if segment.kind == "layer"
    ]
    assert len(set(chains)) == 2 and all(len(chain) == 2 for chain in chains)
    for b in range(2):
        found = jacobians.step_jacobians(recording, chains[0][0], b)
        assert list(found.segments) == sorted(found.segments)
        assert list(found.steps) == sorted(set(found.steps))
        for name in found.parts:
            for n, (g, t) in enumerate(zip(found.segments, found.steps, strict=True)):
                segment = recording.network.segments[g]
                node = Node(int(g), int(t) - segment.offset, segment.index(name))
                exact = measures.jacobian(recording, node, b).matrix
                np.testing.assert_allclose(found.block(name)[n], exact, rtol=1e-11, atol=1e-15)


def test_delta_crosses_to_the_encoder_by_the_product():
    """Only the last loss counts: δ(h_t) of the encoder is a row of the product that ends there."""
    text, setting = settings_of("encoder-decoder")
    run = engine.run(text, hidden=3, **setting)
    last = np.zeros_like(run.recording.loss_weights)
    stop = int(run.recording.stop[0])
    last[stop - 1, 0] = 1
    recording = run.recording.with_loss_weights(last)
    found = jacobians.step_jacobians(recording, 0, 0)
    k, product = recording.network.segments[0].index("h"), np.eye(3)
    end = recording.network.segments[1]
    delta = recording.delta(1, end.index("h"))[stop - 1 - end.offset, 0]
    for n in range(len(found.steps) - 1, 0, -1):
        product = product @ found.matrices[n]
        if found.segments[n - 1] == 0:
            expected = recording.delta(0, k)[found.steps[n - 1], 0]
            np.testing.assert_allclose(product.T @ delta, expected, rtol=1e-10, atol=1e-15)
    assert np.abs(expected).max() > 0
    assert jacobians.recurrent_matrices(recording, found)[1].shape == (len(found.steps), 3, 3)


def test_weights_of_every_step_have_a_bound_of_every_step():
    recording = engine.run(typed(LINES), hidden=3, arrangement="per-layer").recording
    found = jacobians.step_jacobians(recording, 0, 1)  # two words: it enters at the fourth layer
    assert found.steps.tolist() == [3, 4]
    op, w = jacobians.recurrent_matrices(recording, found)
    np.testing.assert_array_equal(w, recording.parameters["W"][3:, :, :3])
    h = recording.value(0, state(recording))[4, 1]
    np.testing.assert_allclose(found.matrices[1], (1 - h**2)[:, None] * w[1], rtol=1e-13)
    sigma = np.linalg.svd(w[1], compute_uv=False)[0]
    assert jacobians.log_bounds(op, w, 2)[0] == pytest.approx(np.log10(sigma))


def test_a_state_that_is_held_has_the_jacobian_one_and_a_cut_has_none():
    held = engine.run(typed(LINES), hidden=3, padding="mask", cell="lstm").recording
    found = jacobians.step_jacobians(held, 0, 1)
    np.testing.assert_array_equal(found.matrices[2:], np.broadcast_to(np.eye(6), (3, 6, 6)))
    assert list(found.parts) == ["h_held", "a_held"]
    cut = engine.run(LINES[0], hidden=3, truncation=2).recording
    found = jacobians.step_jacobians(cut, 0, 0)
    alive = np.abs(found.matrices).sum((1, 2)) > 0
    assert alive.tolist() == [True, True, False, True, False]
    logs = jacobians.log_product_norms(found.matrices)
    assert logs[-1] == 0 and np.isneginf(logs[:-1]).all()
