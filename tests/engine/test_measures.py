"""Measures against sums written out and against numbers that are known to be true (truths.md)."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine import measures
from engine.choices import CELL_CHOICES
from engine.norms import step_norms
from engine.sequences import Batch
from engine.template import Node
from tests.engine.batches import batch, fitting, randomise, state_names, state_width, states

SENTENCE = "I think therefore I am"


def recorded(cell, *, layers=1, sequences=2, hidden=3, seed=0, rule="accumulate", **more):
    """A recording of random numbers with states that are not 0."""
    rng = np.random.default_rng(seed)
    given = batch(rng, sequences=sequences, **fitting(cell), **more)
    setting = {"cell": cell, "hidden": hidden, "layers": layers, "readout": given.readout}
    shapes = engine.run(given, **setting).recording.parameters
    return engine.run(
        given,
        parameters=randomise(rng, shapes),
        states=states(rng, layers, sequences, state_width(cell, hidden), state_names(cell)),
        rule=rule,
        **setting,
    ).recording


def chain(steps, parameters, h0, **settings):
    """A chain without inputs; its one loss, at the end, reads the first unit."""
    hidden = h0.shape[0]
    readout = {"V": np.eye(1, hidden), "c": np.zeros(1)}
    given = Batch(
        x=np.zeros((steps, 1, 1)),
        start=np.zeros(1, np.int64),
        stop=np.full(1, steps),
        kind="regression",
        targets=np.zeros((steps, 1, 1)),
        weights=np.eye(steps)[:, -1:],
        readout="last",
        outputs=1,
    )
    common = {"hidden": hidden, "readout": "last", "parameters": parameters | readout}
    return engine.run(given, states={"h0": h0[None, None]}, **common, **settings).recording


def test_norms_are_joint_over_sequences_and_units():
    recording = recorded("lstm", ragged="end")
    k = recording.network.segments[0].index("h")
    for norms, array in (
        (measures.delta_norms(recording, 0, k), recording.delta(0, k)),
        (measures.value_norms(recording, 0, k), recording.value(0, k)),
    ):
        expected = [np.linalg.norm(step) for step in array]
        np.testing.assert_allclose(norms, expected, rtol=1e-14)


@pytest.mark.parametrize("cell", CELL_CHOICES)
@pytest.mark.parametrize("ragged", ["no", "both"])
def test_delta_ledgers_add_up_at_every_node(cell, ragged):
    recording = recorded(cell, layers=2, ragged=ragged)
    for g, segment in enumerate(recording.network.segments):
        for k in range(len(segment.slots)):
            for t in range(segment.steps):
                for b in range(recording.batch):
                    ledger = measures.delta_ledger(recording, Node(g, t, k), b)
                    if segment.slots[k].role == "loss":
                        assert ledger.terms == ()
                        continue
                    np.testing.assert_allclose(ledger.total, ledger.delta, rtol=1e-13, atol=1e-15)
                    shares = sum(term.share for term in ledger.terms)
                    assert shares == pytest.approx(ledger.norm, rel=1e-12, abs=1e-15)


def test_a_state_has_this_steps_consumers_first_and_the_later_step_last():
    recording = recorded("elman", layers=2)
    h = recording.network.segments[0].index("h")
    ledger = measures.delta_ledger(recording, Node(0, 1, h), 0)
    z = recording.network.segments[0].index("z")
    assert [term.consumer for term in ledger.terms] == [Node(1, 1, 0), Node(0, 2, z)]
    end = measures.delta_ledger(recording, Node(0, recording.steps - 1, h), 0)
    assert [term.consumer for term in end.terms] == [Node(1, recording.steps - 1, 0)]


def test_readout_at_the_last_step_is_a_consumer_of_the_last_owned_step_only():
    recording = recorded("elman", readout="last", ragged="end", sequences=3)
    h = recording.network.segments[0].index("h")
    for b, stop in enumerate(recording.stop):
        for t in range(recording.steps):
            terms = measures.delta_ledger(recording, Node(0, t, h), b).terms
            consumers = [recording.network.segments[x.consumer.segment].name for x in terms]
            expected = ["layer 1"] if t < stop - 1 else ["readout"] if t == stop - 1 else []
            assert consumers == expected


@pytest.mark.parametrize("cell", CELL_CHOICES)
def test_shares_add_to_the_norm(cell):
    recording = recorded(cell)
    k = len(recording.network.segments[0].slots) - 1
    shares = measures.shares(recording, 0, k)
    np.testing.assert_allclose(shares.own + shares.later, shares.norm, rtol=1e-13)
    assert shares.later[-1] == 0
    own = recording.own_deltas(0, k)
    for t in range(recording.steps):  # through step t alone: the table's diagonal
        vectors = measures.loss_vectors(recording, t, 0, k)
        np.testing.assert_allclose(own[t], vectors[t], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("rule", ["accumulate", "overwrite"])
@pytest.mark.parametrize("cell", CELL_CHOICES)
def test_parameter_ledgers_run_from_the_last_step_to_the_first(cell, rule):
    recording = recorded(cell, rule=rule)
    for name, gradient in recording.gradients.items():
        ledger = measures.parameter_ledger(recording, name)
        steps = [(t, g.copy()) for t, g in measures.gather_parameter(recording, name)]
        assert [t for t, _ in steps] == list(range(recording.steps))[::-1]
        np.testing.assert_allclose(steps[-1][1], gradient, rtol=1e-12, atol=1e-15)
        assert ledger.running[0] == pytest.approx(np.linalg.norm(gradient), rel=1e-12)
        terms = [recording.parameter_term(name, t) for t in range(recording.steps)]
        np.testing.assert_allclose(ledger.norms, [np.linalg.norm(t) for t in terms], atol=1e-8)
        assert ledger.running[-1] == pytest.approx(np.linalg.norm(terms[-1]), rel=1e-12)


@pytest.mark.parametrize("cell", CELL_CHOICES)
@pytest.mark.parametrize("readout", ["every", "last"])
def test_table_of_losses_and_steps(cell, readout):
    recording = recorded(cell, layers=2, readout=readout)
    k = len(recording.network.segments[0].slots) - 1
    table = measures.loss_table(recording, 0, k)
    for loss in range(recording.steps):
        row = measures.loss_row(recording, loss, 0, k)
        np.testing.assert_array_equal(table[loss], row)
        assert not row[loss + 1 :].any()
    if readout == "last":
        assert not table[:-1].any()
        np.testing.assert_allclose(table[-1], measures.delta_norms(recording, 0, k), rtol=1e-13)


def test_a_table_of_too_many_steps_is_refused_and_a_row_is_not():
    recording = recorded("elman", steps=201, sequences=1)
    with pytest.raises(ValueError, match=r"at most 200 steps, got 201; ask for a row"):
        measures.loss_table(recording, 0, 2)
    assert measures.loss_row(recording, 200, 0, 2).shape == (201,)


def test_rerunning_backward_leaves_the_recording_alone():
    recording = recorded("gru")
    before = [recording.delta(0, k).copy() for k in range(len(recording.network.segments[0].slots))]
    gradients = {n: g.copy() for n, g in recording.true_gradients.items()}
    measures.loss_table(recording, 0, 1)
    measures.shares(recording, 0, 1)
    for k, delta in enumerate(before):
        np.testing.assert_array_equal(recording.delta(0, k), delta)
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(recording.true_gradients[name], gradient)


def test_saturation_counts_units_of_every_gate():
    recording = recorded("lstm", hidden=8, ragged="end")
    found = {
        recording.network.slot(s.segment, s.slot).name: s for s in measures.saturation(recording)
    }
    assert set(found) == {"f", "i", "o"}
    k = recording.network.segments[0].index("f")
    value = recording.value(0, k)
    for t in range(recording.steps):
        owned = [b for b in range(2) if recording.start[b] <= t < recording.stop[b]]
        assert found["f"].closed[t] == pytest.approx(np.mean(value[t, owned] < measures.CLOSED))
        assert found["f"].open[t] == pytest.approx(np.mean(value[t, owned] > measures.OPEN))
    wide = engine.run(SENTENCE, cell="gated", forget_bias=9).recording
    assert (measures.saturation(wide)[0].open == 1).all()


# ------------------------------------------------------------------ Jacobians


@pytest.mark.parametrize("cell", CELL_CHOICES)
@pytest.mark.parametrize("ragged", ["no", "both"])
def test_jacobians_carry_the_deltas(cell, ragged):
    """With a single state the later share of δ is Jᵀδ of the step after."""
    recording = recorded(cell, ragged=ragged)
    state = "a" if cell == "gated" else "h"
    k = recording.network.segments[0].index(state)
    for b in range(2):
        for t in range(recording.start[b], recording.stop[b] - 1):
            jacobian = measures.jacobian(recording, Node(0, t + 1, k), b)
            own = recording.own_deltas(0, k)[t, b]
            if cell in ("elman", "gated", "gru", "conv-rnn"):
                carried = jacobian.matrix.T @ recording.delta(0, k)[t + 1, b]
                np.testing.assert_allclose(own + carried, recording.delta(0, k)[t, b], rtol=1e-10)
            assert jacobian.singular_values[0] >= jacobian.radius * (1 - 1e-12)


def test_jacobian_of_elman_and_of_memories():
    recording = recorded("elman")
    h = recording.value(0, 2)[2, 1]
    found = measures.jacobian(recording, Node(0, 2, 2), 1).matrix
    expected = (1 - h**2)[:, None] * recording.parameters["W_hh"]
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    for cell in ("lstm", "lecture-gru", "gated"):
        recording = recorded(cell)
        segment = recording.network.segments[0]
        f = recording.value(0, segment.index("f"))[2, 0]
        found = measures.jacobian(recording, Node(0, 2, segment.index("a")), 0).matrix
        np.testing.assert_allclose(found, np.diag(f), rtol=1e-13)


@pytest.mark.parametrize(("w", "factor"), [(1.1, 0.822), (1.5, 0.394), (2, 0.166), (5, 9.1e-4)])
def test_a_radius_above_one_need_not_explode(w, factor):
    one = np.ones((1, 1))
    parameters = {"W_hh": w * one, "W_xh": 0 * one, "b": np.zeros(1)}
    recording = chain(300, parameters, np.array([0.5]), cell="elman")
    jacobian = measures.jacobian(recording, Node(0, 299, 2), 0)
    assert jacobian.radius == pytest.approx(factor, rel=3e-3)


def test_not_normal_matrix_peaks_before_it_decays():
    w = np.array([[0.9, 10.0], [0.0, 0.9]])
    parameters = {"W_hh": w, "W_xh": np.zeros((2, 1)), "b": np.zeros(2)}
    recording = chain(100, parameters, np.array([0.3, 0.1]), cell="elman", nonlinearity="identity")
    jacobian = measures.jacobian(recording, Node(0, 3, 2), 0)
    assert jacobian.radius == pytest.approx(0.9, rel=1e-6)
    norms = [np.linalg.norm(np.linalg.matrix_power(jacobian.matrix, k), 2) for k in range(1, 101)]
    assert max(norms) == pytest.approx(38.75, abs=0.01)
    assert np.argmax(norms) + 1 in (9, 10)
    assert norms[49] == pytest.approx(2.9, abs=0.05)
    assert norms[99] == pytest.approx(0.03, abs=0.005)
    deltas = recording.delta(0, 2)[:, 0]
    for lag in (1, 9, 50):  # the linear norm is exactly what W^k gives
        expected = np.linalg.matrix_power(w.T, lag) @ deltas[-1]
        np.testing.assert_allclose(deltas[-1 - lag], expected, rtol=1e-11)


@pytest.mark.parametrize(
    ("bias", "factor"), [(0, 9.8e-4), (1, 0.0436), (2, 0.281), (3, 0.615), (5, 0.935)]
)
def test_a_gate_that_remembers(bias, factor):
    parameters = {"W": np.zeros((2, 1)), "b": np.array([bias, 0.0])}
    recording = chain(11, parameters, np.array([0.7]), cell="gated")
    a = recording.network.segments[0].index("a")
    norms = measures.delta_norms(recording, 0, a)
    assert norms[0] / norms[10] == pytest.approx(factor, rel=5e-3)


@pytest.mark.parametrize(("w", "lag", "product"), [(0.5, 10, 9.765625e-4), (5.0, 10, 9_765_625)])
def test_rnns_are_deep(w, lag, product):
    parameters = {"W_hh": np.array([[w]]), "W_xh": np.zeros((1, 1)), "b": np.zeros(1)}
    recording = chain(lag + 1, parameters, np.array([1e-3]), cell="elman", nonlinearity="identity")
    norms = measures.delta_norms(recording, 0, 2)
    assert norms[0] / norms[lag] == pytest.approx(product, rel=1e-12)


def test_scaled_orthogonal_matrix_with_small_states():
    w = square_orthogonal(6)
    parameters = {"W_hh": 0.5 * w, "W_xh": np.zeros((6, 1)), "b": np.zeros(6)}
    recording = chain(11, parameters, np.full(6, 1e-4), cell="elman")
    norms = measures.delta_norms(recording, 0, 2)
    assert norms[0] / norms[10] == pytest.approx(9.77e-4, rel=1e-3)


def square_orthogonal(size):
    return np.linalg.qr(np.random.default_rng(0).normal(size=(size, size)))[0]


# ------------------------------------------------------------------ relative change


def test_relative_change_is_written_out():
    recording = recorded("lstm", ragged="both", sequences=3)
    k = recording.network.segments[0].index("a")
    values = recording.value(0, k)
    for b in range(3):
        found = measures.relative_change(recording, 0, k, b)
        for t in range(recording.steps):
            if recording.start[b] < t < recording.stop[b]:
                change = np.linalg.norm(values[t, b] - values[t - 1, b])
                assert found[t] == pytest.approx(change / np.linalg.norm(values[t, b]), rel=1e-13)
            else:
                assert np.isnan(found[t])


def test_relative_change_of_a_chain_that_runs_backwards():
    recording = engine.run("a b c d", direction="both").recording
    found = measures.relative_change(recording, 1, 1, 0)
    values = recording.value(1, 1)[:, 0]
    expected = np.linalg.norm(values[1] - values[2]) / np.linalg.norm(values[1])
    assert np.isnan(found[3]) and found[1] == pytest.approx(expected, rel=1e-13)


def test_the_memory_of_an_lstm_moves_slowly_and_its_state_fast():
    """The median step of eight random nets on a hundred random letters each."""
    found = []
    for seed in range(8):
        text = " ".join("abcdefgh"[k] for k in np.random.default_rng(seed).integers(0, 8, 100))
        recording = engine.run(text, cell="lstm", forget_bias=3.0, seed=seed).recording
        slots = [recording.network.segments[0].index(name) for name in "ah"]
        changes = [measures.relative_change(recording, 0, k, 0) for k in slots]
        found.append([np.nanmedian(change) for change in changes])
    memory, state = np.mean(found, 0)
    assert memory == pytest.approx(0.07, abs=0.01) and state == pytest.approx(0.22, abs=0.03)


def test_norms_of_a_delta_that_vanishes_or_explodes_are_right_in_float32():
    for size in (1e-42, 1e-25, 1.0, 1e30):
        values = np.full((3, 2, 4), size, np.float32)
        values[1] = 0
        expected = np.linalg.norm(values.astype(float).reshape(3, -1), axis=1)
        np.testing.assert_allclose(step_norms(values), expected, rtol=1e-6)
