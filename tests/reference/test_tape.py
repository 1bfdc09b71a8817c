"""The referee is itself on trial: its rules against differences, its networks against PyTorch."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from tests.reference import from_torch
from tests.reference.cells import Spec
from tests.reference.tape import RULES
from tests.reference.unroll import unroll

rng = np.random.default_rng(0)
v = rng.normal(size=4)
SAMPLES = {
    "linear": (
        [v, rng.normal(size=2), rng.normal(size=(3, 6)), rng.normal(size=3)],
        {"columns": [(0, 0, 4), (0, 4, 6)], "bias": True},
    ),
    "add": ([v, rng.normal(size=4), rng.normal(size=4)], {}),
    "sub": ([v, rng.normal(size=4)], {}),
    "mul": ([v, rng.normal(size=4)], {}),
    "scale": ([v], {"factor": -1.5}),
    "conv": (
        [rng.normal(size=24), rng.normal(size=12), rng.normal(size=(2, 3, 3, 3)), np.ones(2)],
        {"columns": [(0, 0, 2), (0, 2, 3)], "bias": True, "size": (3, 4)},
    ),
    "max_pool": ([rng.normal(size=30)], {"size": (5, 3)}),
    "log": ([np.abs(v) + 0.1], {}),
    "sqrt": ([np.abs(v) + 0.1], {}),
    "div": ([v, np.abs(v) + 0.5], {}),
    "power": ([np.abs(v) + 0.5], {"p": -1.5}),
    "repeat": ([v[:1]], {"n": 3}),
    "concat": ([v, rng.normal(size=2)], {}),
    "slice": ([v], {"low": 1, "high": 3}),
    "cross_entropy": ([v], {"target": 2}),
    "squared_error": ([v], {"target": rng.normal(size=4)}),
    "embedding": ([rng.normal(size=(5, 3))], {"token": 3}),
    "attention": ([rng.normal(size=3) for _ in range(7)], {"scale": 0.7}),
    "carry": ([v], {"mask": np.ones(1)}),
    "hold": ([v, rng.normal(size=4)], {"mask": np.array([0.0, 1.0, 1.0, 0.0])}),
    "dropout": ([v], {"mask": np.array([0.0, 2.0, 2.0, 0.0])}),
}


@pytest.mark.parametrize("op", RULES)
def test_a_rule_agrees_with_central_differences(op):
    inputs, constants = SAMPLES.get(op, ([v], {}))
    value, pull = RULES[op](*inputs, **constants)
    delta = rng.normal(size=value.shape)
    h = 1e-6
    for k, (array, sent) in enumerate(zip(inputs, pull(delta), strict=True)):
        direction = rng.normal(size=array.shape)

        def along(s, k=k, direction=direction):
            moved = [a + s * direction if j == k else a for j, a in enumerate(inputs)]
            return (delta * RULES[op](*moved, **constants)[0]).sum()

        numeric = (along(h) - along(-h)) / (2 * h)
        assert numeric == pytest.approx((sent * direction).sum(), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("name", from_torch.NAMES)
def test_the_tape_agrees_with_torch(name):
    case = from_torch.load(name)
    spec = Spec(
        case.cell,
        case.layers,
        case.nonlinearity,
        readout=case.readout,
        loss=case.loss_kind.replace("-", "_"),
    )
    found = unroll(
        spec,
        case.parameters,
        case.x,
        case.targets,
        start=np.zeros(len(case.stop), int),
        stop=case.stop,
        initial=case.initial,
    )
    near = {"rtol": 0, "atol": 1e-12}
    np.testing.assert_allclose(found.loss, case.loss, **near)
    for key, gradient in case.gradients.items():
        np.testing.assert_allclose(found.gradients[key], gradient, **near, err_msg=key)
    for key, gradient in case.initial_gradients.items():
        np.testing.assert_allclose(found.initial_deltas[key], gradient, **near, err_msg=key)
    np.testing.assert_allclose(found.deltas["layer 1", "x"], case.x_gradient, **near)
    slots = {"h": "h", "c": "a"}
    for state, stored in case.states.items():
        for layer in range(case.layers):
            where = (f"layer {layer + 1}", slots[state])
            np.testing.assert_allclose(found.values[where], stored[layer], **near)
            np.testing.assert_allclose(found.deltas[where], case.deltas[state][layer], **near)


@pytest.mark.parametrize("file", ["tape", "cells", "unroll", "walk", "collect", "from_torch"])
def test_the_referee_shares_no_code_with_the_engine(file):
    tree = ast.parse((Path(__file__).parent / f"{file}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [n for n in names if n.split(".")[0] in ("engine", "visualizer")]
