"""Attention and temporal convolution against stored results of PyTorch 2.13.0."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import engine
from engine.sequences import Batch

FOLDER = Path(__file__).parents[1] / "reference" / "torch_steps"
# name: settings, as tests/reference/make_torch_steps.py made them
CASES = {
    "attention_1": {"arrangement": "attention"},
    "attention_2_ragged": {"arrangement": "attention", "layers": 2},
    "attention_2_last": {"arrangement": "attention", "layers": 2, "readout": "last"},
    "convolution_1": {"arrangement": "temporal-convolution", "taps": 3},
    "convolution_3_dilated": {
        "arrangement": "temporal-convolution",
        "layers": 3,
        "taps": 2,
        "dilation": 2,
    },
    "convolution_2_last": {
        "arrangement": "temporal-convolution",
        "layers": 2,
        "taps": 3,
        "dilation": 2,
        "readout": "last",
    },
}


def batch_of(stored, readout: str) -> Batch:
    stop = stored["lengths"]
    t = np.arange(len(stored["x"]))[:, None]
    counts = t == stop - 1 if readout == "last" else t < stop
    return Batch(
        x=stored["x"],
        start=np.zeros_like(stop),
        stop=stop,
        kind="class",
        targets=stored["targets"],
        weights=counts.astype(float),
        readout=readout,
        outputs=len(stored["V"]),
    )


def test_every_stored_file_is_tried():
    assert {path.stem for path in FOLDER.glob("*.npz")} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_engine_agrees_with_torch(name):
    settings = CASES[name]
    with np.load(FOLDER / f"{name}.npz") as file:
        stored = {key: file[key] for key in file.files}
    given = batch_of(stored, str(settings.get("readout", "every")))
    names = [key[2:] for key in stored if key.startswith("g_") and key != "g_x"]
    run = engine.run(given, hidden=3, parameters={n: stored[n] for n in names}, **settings)
    found = run.recording
    np.testing.assert_allclose(found.loss, stored["loss"], rtol=1e-12)
    assert set(found.gradients) == set(names)
    for key in names:
        np.testing.assert_allclose(found.gradients[key], stored[f"g_{key}"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.delta(0, 0), stored["g_x"], rtol=0, atol=1e-12)
    for layer, (place,) in enumerate(run.chains("h")):
        np.testing.assert_allclose(found.value(*place), stored["h"][layer], rtol=0, atol=1e-12)
        np.testing.assert_allclose(found.delta(*place), stored["dh"][layer], rtol=0, atol=1e-12)
