"""The engine against stored results of PyTorch 2.13.0: loss, states, deltas, gradients."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.sequences import Batch
from tests.reference import from_torch


def batch_of(case: from_torch.Case) -> Batch:
    steps, sequences = case.x.shape[:2]
    t = np.arange(steps)[:, None]
    counts = t == case.stop - 1 if case.readout == "last" else t < case.stop
    return Batch(
        x=case.x,
        start=np.zeros(sequences, np.int64),
        stop=case.stop,
        kind="class" if case.loss_kind == "cross-entropy" else "regression",
        targets=case.targets,
        weights=counts.astype(float),
        readout=case.readout,
        outputs=len(case.parameters["V"]),
    )


@pytest.mark.parametrize("name", from_torch.NAMES)
def test_the_engine_agrees_with_torch(name):
    case = from_torch.load(name)
    run = engine.run(
        batch_of(case),
        cell=case.cell,
        nonlinearity=case.nonlinearity,
        layers=case.layers,
        hidden=case.initial["h0"].shape[2],
        readout=case.readout,
        loss=case.loss_kind,
        parameters=case.parameters,
        states=case.initial,
    )
    found = run.recording
    np.testing.assert_allclose(found.loss, case.loss, rtol=1e-10)
    for key, gradient in case.gradients.items():
        np.testing.assert_allclose(found.gradients[key], gradient, rtol=0, atol=1e-9, err_msg=key)
    for key, gradient in case.initial_gradients.items():
        np.testing.assert_allclose(found.initial_deltas[key], gradient, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.delta(0, 0), case.x_gradient, rtol=0, atol=1e-9)
    for state in case.states:
        places = [chain[0] for chain in run.chains(state)]
        assert len(places) == case.layers
        for layer, place in enumerate(places):
            value, delta = found.value(*place), found.delta(*place)
            np.testing.assert_allclose(value, case.states[state][layer], rtol=0, atol=1e-10)
            np.testing.assert_allclose(delta, case.deltas[state][layer], rtol=0, atol=1e-9)
            last = value[case.stop - 1, np.arange(len(case.stop))]
            np.testing.assert_allclose(last, case.final[state][layer], rtol=0, atol=1e-10)


def test_the_stored_results_cover_what_they_should():
    cases = [from_torch.load(name) for name in from_torch.NAMES]
    assert {c.cell for c in cases} == {"elman", "lstm", "gru"}
    assert {c.layers for c in cases} == {1, 2}
    assert {c.readout for c in cases} == {"every", "last"}
    assert {c.loss_kind for c in cases} == {"cross-entropy", "squared-error"}
    assert any((c.stop < len(c.x)).any() for c in cases)
    assert sum(p.stat().st_size for p in from_torch.FOLDER.glob("*.npz")) < 100_000
