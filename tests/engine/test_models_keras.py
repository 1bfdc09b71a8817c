"""Models of Keras run as Keras runs them: outputs and every gradient."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from engine.errors import Unusable
from engine.models import hdf5_file
from engine.models.model import load_model
from engine.models.running import inputs_of, run_model
from visualizer.commands.arrays import arrays_of_model

FOLDER = Path(__file__).parents[1] / "reference" / "keras"
STORED = dict(np.load(FOLDER / "keras_models.npz"))
CASES = sorted({key.partition("/")[0] for key in STORED})
# with the torch backend Keras multiplies in float32 where it does not call the LSTM of PyTorch
ROUNDED = ("rnn", "rnn_relu", "gru_before")


@pytest.mark.parametrize("case", CASES)
def test_everything_comes_out_as_in_keras(case: str) -> None:
    model = load_model(FOLDER / f"{case}.keras")
    given = {name: STORED[f"{case}/{name}"] for name in ("x", "cot_y")}
    found = arrays_of_model(model, run_model(model, inputs_of(model, given, "in.npz")))
    apart = 1e-6 if case in ROUNDED else 1e-12
    for name in ("y", "g_x"):
        np.testing.assert_allclose(found[name], STORED[f"{case}/out/{name}"], rtol=0, atol=apart)
    # Keras lists layer by layer, forward before backward, kernel, recurrent kernel, bias
    paths = [f"g_{path}" for _, path in sorted(model.stack.names.items(), key=_order)]
    for n, path in enumerate(paths):
        wanted = STORED[f"{case}/gradients/{n}"]
        np.testing.assert_allclose(found[path], wanted, rtol=0, atol=apart)


def _order(item: tuple[tuple[int, int, str], str]) -> tuple[int, int, int]:
    (layer, direction, part), _ = item
    return layer, direction, ("kernel", "recurrent_kernel", "bias").index(part)


def test_the_older_format_and_what_stands_around() -> None:
    model = load_model(FOLDER / "old.h5")
    assert (model.stack.kind, model.stack.inputs, model.stack.hidden) == ("LSTM", 2, 3)
    assert [(layer.kind, layer.shape) for layer in model.around] == [
        ("embedding", (6, 2)),
        ("linear", (3, 2)),
    ]


CHANGES = [
    ("lstm", {"activation": "relu"}, "lstm has the activation relu; tanh is read"),
    ("lstm", {"go_backwards": True}, "lstm goes backwards, which is read only inside"
     " Bidirectional"),
    ("lstm", {"units": 4, "class": None}, ""),
    ("lstm_both", {"merge_mode": "sum"}, "bidirectional_1 merges its directions by sum; concat is"
     " read"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "settings", "message"), CHANGES)
def test_what_is_not_read_is_named(
    case: str, settings: dict[str, object], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "changed.keras"
    with zipfile.ZipFile(FOLDER / f"{case}.keras") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "config.json":
                config = json.loads(data)
                config["config"]["layers"][-1]["config"].update(settings)
                data = json.dumps(config).encode()
            new.writestr(name, data)
    if not message:  # what the description says of units counts for nothing: the weights decide
        assert load_model(path).stack.hidden == 3
        return
    with pytest.raises(Unusable) as caught:
        load_model(path)
    assert str(caught.value).startswith(f"changed.keras: {message}")


def test_a_file_on_which_the_library_gives_up_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = (FOLDER / "old.h5").read_bytes()
    said = "old.h5 is damaged: its HDF5 makes no sense; save or download it anew"
    with monkeypatch.context() as patch, pytest.raises(Unusable) as caught:
        patch.setattr(hdf5_file, "PATIENCE", 0.01)  # it loops for ever
        hdf5_file.read(data, "old.h5")
    assert str(caught.value) == said
    with monkeypatch.context() as patch, pytest.raises(Unusable) as caught:
        patch.setattr(hdf5_file, "ROOT", FOLDER)  # it crashes: nothing can be imported there
        hdf5_file.read(data, "old.h5")
    assert str(caught.value) == said


def keras_of(
    layers: list[dict[str, Any]], shapes: dict[str, tuple[int, ...]], folder: Path
) -> Path:
    """A .keras file of these layers, its numbers drawn at random."""
    rng = np.random.default_rng(0)
    stored = io.BytesIO()
    with h5py.File(stored, "w") as file:
        for name, shape in shapes.items():
            file[f"layers/{name}"] = rng.standard_normal(shape)
    path = folder / "made.keras"
    with zipfile.ZipFile(path, "w") as archive:
        config = {"class_name": "Sequential", "config": {"layers": layers}}
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", stored.getvalue())
    return path


@pytest.mark.parametrize("tokens", [False, True])
def test_steps_that_the_model_masks_are_padding(tokens: bool, tmp_path: Path) -> None:
    """By a layer of its own or by the embedding; before the end of a sequence it is refused."""
    layers: list[dict[str, Any]] = [{"class_name": "InputLayer", "config": {"name": "in"}}]
    arrays: dict[str, tuple[int, ...]] = {}
    if tokens:
        embedding = {"name": "embedding", "input_dim": 4, "output_dim": 2, "mask_zero": True}
        layers.append({"class_name": "Embedding", "config": embedding})
        arrays["embedding/vars/0"] = (4, 2)
    else:
        layers.append({"class_name": "Masking", "config": {"name": "m", "mask_value": 0.0}})
    layers.append({"class_name": "GRU", "config": {"name": "gru", "return_sequences": True}})
    arrays |= {f"gru/cell/vars/{n}": s for n, s in enumerate([(2, 9), (3, 9), (2, 9)])}
    model = load_model(keras_of(layers, arrays, tmp_path), wire="auto")
    x = np.array([[[1, 2], [3, 1]], [[2, 2], [1, 1]], [[0, 0], [3, 0]]])
    x = x[..., 0] if tokens else x.astype(float)
    lengths = np.array([2, 3])
    np.testing.assert_array_equal(inputs_of(model, {"x": x}, "in.npz").lengths, lengths)
    with pytest.raises(Unusable, match="but sequence 1 has one before its end"):
        inputs_of(model, {"x": x[::-1]}, "in.npz")
    given = {"x": x[::-1], "lengths": lengths}
    assert list(inputs_of(model, given, "in.npz").lengths) == [2, 3]
