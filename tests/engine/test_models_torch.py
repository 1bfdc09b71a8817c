"""Weights of PyTorch run as PyTorch runs them: outputs, last states and every gradient to 1e-12."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import Unusable
from engine.models.model import Model, load_model
from engine.models.recorded import disagreement
from engine.models.running import inputs_of, parity, run_model
from visualizer.commands.arrays import arrays_of_model

FOLDER = Path(__file__).parents[1] / "reference" / "models"
STORED = dict(np.load(FOLDER / "torch_models.npz"))
CASES = sorted({key.partition("/")[0] for key in STORED})
CONTAINERS = ["state.pt", "state.safetensors", "state.npz", "checkpoint.pth", "turned.pt"]


def of(case: str, folder: str = "") -> dict[str, np.ndarray]:
    start = f"{case}/{folder}"
    found = {k.removeprefix(start): v for k, v in STORED.items() if k.startswith(start)}
    return {name: array for name, array in found.items() if "/" not in name}


def model_of(case: str, folder: Path) -> Model:
    path = folder / f"{case}.npz"
    np.savez(path, **of(case, "weights/"))
    return load_model(path, nonlinearity="relu" if case.endswith("relu") else "tanh")


@pytest.mark.parametrize("case", CASES)
def test_everything_comes_out_as_in_pytorch(case: str, tmp_path: Path) -> None:
    model = model_of(case, tmp_path)
    run = run_model(model, inputs_of(model, of(case), "in.npz"))
    found = arrays_of_model(model, run)
    for name, wanted in of(case, "out/").items():
        assert found[name].shape == wanted.shape
        np.testing.assert_allclose(found[name], wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("case", ["lstm_2_both", "gru_1", "rnn_2_relu", "lstm_1_projected2"])
def test_float32_agrees(case: str, tmp_path: Path) -> None:
    model = model_of(case, tmp_path)
    run = run_model(model, inputs_of(model, of(case), "in.npz"), model.experiment("float32"))
    found = arrays_of_model(model, run)
    for name, wanted in of(case, "out/").items():
        assert name == "loss" or found[name].dtype == np.float32
        np.testing.assert_allclose(found[name], wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", ["lstm_2_both", "gru_2_both_plain", "lstm_1_projected2"])
def test_gates_stand_in_the_order_of_the_file(case: str, tmp_path: Path) -> None:
    """Computed here again from the first step, block by block as the file has them."""
    model = model_of(case, tmp_path)
    given = of(case)
    run = run_model(model, inputs_of(model, given, "in.npz"))
    gates = arrays_of_model(model, run)["gates"]
    weights = of(case, "weights/")
    z = given["x"][0] @ weights["weight_ih_l0"].T
    u = given["h0"][0] @ weights["weight_hh_l0"].T
    if "bias_ih_l0" in weights:
        z, u = z + weights["bias_ih_l0"], u + weights["bias_hh_l0"]
    first = (z + u)[:, :3]  # i of an LSTM, r of a GRU
    np.testing.assert_allclose(gates[0, 0, 0], 1 / (1 + np.exp(-first)), atol=1e-12)


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_holds_the_same_model(name: str) -> None:
    model, wanted = load_model(FOLDER / name), load_model(FOLDER / "state.npz")
    assert model.stack.prefix == "rnn." and (model.stack.inputs, model.stack.hidden) == (2, 3)
    assert [layer.kind for layer in model.around] == ["embedding", "linear"]
    for key, array in wanted.parameters().items():
        np.testing.assert_array_equal(model.parameters()[key], array)


def test_half_precision_is_widened_exactly() -> None:
    model, exact = load_model(FOLDER / "bfloat16.safetensors"), load_model(FOLDER / "state.npz")
    assert model.weights.dtype == "bfloat16"
    for name, array in exact.weights.arrays.items():
        widened = model.weights.arrays[name]
        assert widened.dtype == np.float32
        np.testing.assert_allclose(widened, array, rtol=2**-8)  # eight bits of mantissa


def test_gradients_keep_the_names_that_wrappers_made() -> None:
    model = load_model(FOLDER / "checkpoint.pth")
    names = set(model.in_file(model.parameters()))
    assert "_orig_mod.module.rnn.weight_ih_l0" in names


def test_a_whole_model_is_refused_and_not_run() -> None:
    with pytest.raises(Unusable) as caught:
        load_model(FOLDER / "whole_model.pt")
    assert str(caught.value) == (
        "whole_model.pt holds torch.nn.modules.container.Sequential, an object whose code would"
        " have to be run; save model.state_dict() alone with torch.save, or as .safetensors"
    )


def test_without_cotangents_there_is_no_loss(tmp_path: Path) -> None:
    model = model_of("lstm_1", tmp_path)
    run = run_model(model, inputs_of(model, {"x": of("lstm_1")["x"]}, "in.npz"))
    assert run.summary()["loss"] is None
    assert not any(name.startswith(("d", "g_")) for name in arrays_of_model(model, run))


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_a_recorded_batch_comes_out_as_it_was(kind: str) -> None:
    """Packed or padded, batch first or not: outputs, last states and gradients of weights."""
    model = load_model(FOLDER / f"recorded_{kind}.npz")
    assert model.recorded is not None
    inputs = inputs_of(model, model.recorded.inputs, model.name)
    run = run_model(model, inputs, model.experiment("float64"))
    found = parity(arrays_of_model(model, run), model.recorded.outputs)
    assert set(found.errors) == set(model.recorded.outputs)
    assert found.worst[1] < 1e-6  # PyTorch ran it in float32


@pytest.mark.parametrize(
    ("errors", "dtype", "words"),
    [
        ({"y": 1e-9, "g_weight_hh_l0": 1e-9}, "float64", ""),
        ({"y": 1e-5, "g_weight_hh_l0": 1e-5}, "float32", ""),
        ({"y": 1e-9, "g_weight_hh_l0": 0.9}, "float64", "called more than once"),
        ({"y": 0.3, "g_weight_hh_l0": 0.9}, "float32", "dropout between the layers was on"),
        ({"y": np.nan, "g_weight_hh_l0": np.nan}, "float32", ""),
    ],
)
def test_why_a_recorded_batch_comes_out_otherwise(
    errors: dict[str, float], dtype: str, words: str
) -> None:
    said = disagreement(errors, dtype)
    assert words in said and bool(said) == bool(words)


BROKEN = [
    ("x", (5, 3, 4), "in.npz: x is (5, 3, 4) of float64; lstm_1.npz needs (steps, sequences, 2),"
     " time first"),
    ("h0", (1, 3, 2), "in.npz: h0 is (1, 3, 2); lstm_1.npz needs (1, 3, 3)"),
    ("cot_y", (5, 3, 2), "in.npz: cot_y is (5, 3, 2); lstm_1.npz needs (5, 3, 3)"),
    ("lengths", (2,), "in.npz: lengths is (2,) of float64; (3,) of integers is needed"),
    ("z", (1,), "in.npz holds z; allowed are x, h0, c0, lengths, cot_y, cot_h_n, cot_c_n,"
     " targets: take it out"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "shape", "message"), BROKEN)
def test_arrays_that_do_not_fit(
    name: str, shape: tuple[int, ...], message: str, tmp_path: Path
) -> None:
    model = model_of("lstm_1", tmp_path)
    with pytest.raises(Unusable) as caught:
        inputs_of(model, {**of("lstm_1"), name: np.ones(shape)}, "in.npz")
    assert str(caught.value) == message


SHAPES = [
    ("weight_ih_l0", (7, 3), "lstm_1.npz: weight_ih_l0 is (7, 3); an LSTM with 3 units needs"
     " (12, 3): save the state dict anew"),
    ("weight_hh_l0", (7, 3), "lstm_1.npz: weight_hh_l0 is (7, 3); an RNN has as many rows as"
     " columns, a GRU 3 and an LSTM 4 times as many: save the state dict anew"),
    ("bias_hh_l0", (3,), "lstm_1.npz: bias_hh_l0 is (3,); an LSTM with 3 units needs (12,): save"
     " the state dict anew"),
    ("weight_hh_l1", (12, 3), "lstm_1.npz lacks weight_ih_l1; save the whole state dict"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "shape", "message"), SHAPES)
def test_weights_that_do_not_go_together(
    name: str, shape: tuple[int, ...], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "lstm_1.npz"
    np.savez(path, **{**of("lstm_1", "weights/"), name: np.ones(shape)})
    with pytest.raises(Unusable) as caught:
        load_model(path)
    assert str(caught.value) == message


def test_of_several_recurrent_layers_one_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "two.npz"
    weights = of("lstm_1", "weights/")
    np.savez(path, **{f"{part}.{k}": v for part in ("encoder", "decoder") for k, v in
                      weights.items()})  # fmt: skip
    with pytest.raises(Unusable) as caught:
        load_model(path)
    assert str(caught.value) == (
        "two.npz has 2 recurrent layers: encoder, decoder; choose one with --prefix NAME"
    )
    assert load_model(path, prefix="decoder").stack.prefix == "decoder."


@pytest.mark.parametrize("length", [640, 896, 1152, 1408])
def test_a_header_that_begins_as_a_pickle_does_is_a_header(length: int, tmp_path: Path) -> None:
    data = (FOLDER / "state.safetensors").read_bytes()
    old = int.from_bytes(data[:8], "little")
    header = data[8 : 8 + old].rstrip() + b" " * length
    path = tmp_path / "state.safetensors"
    path.write_bytes(length.to_bytes(8, "little") + header[:length] + data[8 + old :])
    assert load_model(path).stack.prefix == "rnn."
