"""`check` on trial: it agrees with every row of OPS, and names the row that was made wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.check import Row, check_arrays, check_node, check_ops, check_run, relative_error
from engine.choices import VECTOR_CELLS
from engine.ops import OPS, PASS, Factor, Op, Rule
from engine.plan import program
from engine.template import Node
from tests.engine.batches import batch

DIFFERENTIABLE = [name for name, op in OPS.items() if op.vjps or op.weight_gradient]


def corrupted(op: Op, k: int, how: str) -> Op:
    """`op` with its k-th vjp (or, past the last, its weight gradient) slightly wrong."""
    spoil = {"scaled": "multiply({c}, 1.0001, {c})", "turned": "negative({c}, {c})"}[how]
    if k == len(op.vjps):
        return replace(op, weight_gradient=f"{op.weight_gradient}; {spoil.replace('{c}', '{g}')}")
    vjp = op.vjps[k]
    if vjp == PASS:
        wrong = Factor("{c}[...] = 1.0001" if how == "scaled" else "{c}[...] = -1")
    elif isinstance(vjp, Factor):
        source = vjp.source or f"copyto({{c}}, {vjp.existing})"
        wrong = Factor(f"{source}; {spoil}")
    else:
        wrong = Rule(f"{vjp.source}; {spoil}")
    return replace(op, vjps=(*op.vjps[:k], wrong, *op.vjps[k + 1 :]))


def test_every_op_agrees_with_its_forward_source():
    rows = check_ops()
    assert [row.name for row in rows] == [f"op {name}" for name in DIFFERENTIABLE]
    for row in rows:
        assert row.ok, row
        assert row.method == ("complex step" if OPS[row.name[3:]].analytic else "differences")
        if row.method == "complex step":
            assert row.error < 1e-14


@pytest.mark.parametrize("how", ["scaled", "turned"])
@pytest.mark.parametrize(
    ("name", "k"),
    [
        (name, k)
        for name in DIFFERENTIABLE
        for k in range(len(OPS[name].vjps) + bool(OPS[name].weight_gradient))
    ],
)
def test_a_corrupted_vjp_is_named(monkeypatch, name, k, how):
    monkeypatch.setitem(OPS, name, corrupted(OPS[name], k, how))
    assert [row.name for row in check_ops() if not row.ok] == [f"op {name}"]


# ------------------------------------------------------------------ runs


VARIANTS = [{"cell": c} for c in VECTOR_CELLS if c != "elman"] + [
    {"cell": "gru", "reset": "before"}
]
VARIANTS += [{"nonlinearity": n} for n in ("tanh", "relu", "identity", "sigmoid")]


@pytest.mark.parametrize("setting", VARIANTS)
def test_every_parameter_of_a_run_agrees_by_complex_step(setting):
    run = engine.run("I think therefore I am", layers=2, rule="overwrite", clip="norm", **setting)
    rows = [row for row in check_run(run) if not row.name.startswith("op ")]
    states = {f"state {name}" for name in run.recording.initial}
    assert {r.name for r in rows} == {f"parameter {n}" for n in run.recording.parameters} | states
    for row in rows:
        assert row.method == "complex step"
        assert row.error < 1e-13, row


@pytest.mark.parametrize("readout", ["every", "last"])
@pytest.mark.parametrize("kind", ["class", "regression"])
def test_ragged_batches_agree_too(readout, kind):
    rng = np.random.default_rng(0)
    given = batch(rng, steps=6, sequences=3, kind=kind, readout=readout, ragged="both")
    recording = engine.run(given, cell="lstm", readout=readout).recording
    for row in check_arrays(recording):
        assert row.ok, row
    for node in (Node(0, 3, 0), Node(0, 2, 1), Node(0, 3, 8), Node(1, 0, 0), Node(1, 0, 1)):
        row = check_node(recording, node)
        assert row.ok, row


def test_every_node_of_a_sentence_agrees():
    recording = engine.run("I think therefore I am", cell="gru", hidden=3, layers=2).recording
    for g, segment in enumerate(recording.network.segments):
        for k in range(len(segment.slots)):
            for t in range(segment.steps):
                row = check_node(recording, Node(g, t, k), directions=1)
                assert row.ok, row
    assert check_node(recording, Node(0, 2, 0)).name == "δ(x_3)"


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_a_wrong_gradient_is_named(cell):
    recording = engine.run("I think therefore I am", cell=cell).recording
    for name, gradient in recording.true_gradients.items():
        kept = gradient.copy()
        gradient *= 1.0001
        failed = [row.name for row in check_arrays(recording) if not row.ok]
        assert failed == [f"parameter {name}"]
        gradient[...] = kept


@pytest.mark.parametrize(
    ("op", "setting"),
    [
        ("tanh", {"cell": "elman"}),
        ("relu", {"nonlinearity": "relu"}),
        ("sigmoid", {"cell": "gated"}),
        ("mul", {"cell": "lstm"}),
        ("add", {"cell": "lstm"}),
        ("linear", {"cell": "elman"}),
        ("scale", {"cell": "gru"}),
        ("cross-entropy", {"cell": "elman"}),
    ],
)
def test_a_corrupted_row_fails_the_run_that_uses_it(monkeypatch, op, setting):
    for k in range(len(OPS[op].vjps)):
        with monkeypatch.context() as patch:
            patch.setitem(OPS, op, corrupted(OPS[op], k, "turned"))
            program.cache_clear()
            rows = check_run(engine.run("I think therefore I am", **setting))
        program.cache_clear()
        failed = [row.name for row in rows if not row.ok]
        assert f"op {op}" in failed
        assert any(name.startswith("parameter ") for name in failed), (op, k)


def test_float32_is_held_to_what_it_can_do():
    rows = check_arrays(engine.run("I think therefore I am", dtype="float32").recording)
    assert all(row.ok and row.tolerance == 1e-3 for row in rows)
    assert any(row.error > 1e-9 for row in rows)


def test_relu_at_exactly_0_takes_the_slope_on_its_left():
    recording = engine.run(
        "a b c",
        nonlinearity="relu",
        parameters={
            name: np.zeros_like(p) if name != "V" else p
            for name, p in engine.run("a b c").recording.parameters.items()
        },
    ).recording
    assert all(row.ok for row in check_arrays(recording))


def test_time_that_is_up_leaves_rows_out_instead_of_failing():
    recording = engine.run("I think therefore I am").recording
    assert check_arrays(recording, seconds=-1) == ()
    assert [row.ok for row in check_arrays(recording, seconds=5)] == [True] * 6


def test_a_run_without_losses_has_rows_for_ops_alone():
    given = replace(batch(np.random.default_rng(0)), kind="none")
    run = engine.run(given)
    assert not run.recording.has_gradients
    assert check_run(run) == check_ops()


def test_not_a_number_does_not_pass():
    assert not Row("x", float("nan"), "complex step", 1e-12).ok
    assert np.isnan(relative_error(np.array([np.nan]), np.array([1.0])))
    assert relative_error(np.zeros(3), np.zeros(3)) == 0.0


@pytest.mark.parametrize("layers", [1, 2])
def test_what_a_chain_the_other_way_brings_to_earlier_steps_counts(layers: int) -> None:
    """x_t reaches the losses before it through the backward chain, and so must the proof."""
    both = engine.run("a b c d", cell="elman", hidden=3, layers=layers, direction="both").recording
    for g, segment in enumerate(both.network.segments[:-1]):
        for k in range(len(segment.slots)):
            assert check_node(both, Node(g, 2, k)).ok, (segment.name, segment.slots[k].name)
