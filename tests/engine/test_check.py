"""`check` on trial: it agrees with every row of OPS, and names the row that was made wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.check import check_ops
from engine.ops import OPS, PASS, Factor, Op, Rule

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
