"""Whole models: embedding, convolution, stacks of several widths, linear layers, loss and targets,
as PyTorch runs them (float64): forward to 1e-10, every gradient to 1e-8.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.check import check_run
from engine.errors import Unusable
from engine.models.model import Model, load_model
from engine.models.running import inputs_of
from engine.models.wired_run import Whole, run_whole
from visualizer.commands.arrays import arrays

FOLDER = Path(__file__).parents[1] / "reference" / "models"
STORED = dict(np.load(FOLDER / "torch_wired.npz"))
WIRES = {
    "language": ("auto", {"reduction": "elements"}),
    "series": ("auto", {"reduction": "elements"}),
    "sound": ("conv:padding=1:stride=2:relu,rnn,fc1:relu,fc2", {}),
    "tower": ("low,high,out", {}),
    "stepwise": ("auto", {"reduction": "elements"}),
}


def of(case: str, folder: str) -> dict[str, np.ndarray]:
    start = f"{case}/{folder}/"
    return {k.removeprefix(start): v for k, v in STORED.items() if k.startswith(start)}


def model_of(case: str, folder: Path, wire: str | None = None) -> Model:
    path = folder / f"{case}.npz"
    np.savez(path, **of(case, "weights"))
    return load_model(path, wire=wire or WIRES[case][0])


def whole(case: str, folder: Path) -> Whole:
    model = model_of(case, folder)
    given = inputs_of(model, of(case, "in"), "in.npz")
    return run_whole(model, given, model.experiment().changed(**WIRES[case][1]))


@pytest.mark.parametrize("case", WIRES)
def test_outputs_and_every_gradient_as_in_pytorch(case: str, tmp_path: Path) -> None:
    found, wanted = whole(case, tmp_path), of(case, "out")
    np.testing.assert_allclose(found.run.recording.loss, wanted["loss"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.outputs["s"], wanted["s"], rtol=0, atol=1e-10)
    gradients = found.gradients
    names = {f"g_{name}" for name in gradients}
    assert names == {name for name in wanted if name.startswith("g_")}
    for name, array in gradients.items():
        np.testing.assert_allclose(array, wanted[f"g_{name}"], rtol=0, atol=1e-8)


def test_the_gradient_of_every_state_as_in_pytorch(tmp_path: Path) -> None:
    found, wanted = arrays(whole("stepwise", tmp_path).run), of("stepwise", "out")
    for name in ("dh_t", "dc_t"):
        np.testing.assert_allclose(found[name], wanted[name], rtol=0, atol=1e-8)


def test_states_of_several_widths_have_a_name_each(tmp_path: Path) -> None:
    found = arrays(whole("tower", tmp_path).run)
    assert found["h_t_0"].shape == (6, 3, 4) and found["h_t_1"].shape == (6, 3, 3)
    assert found["dh_norm"].shape == (2, 6) and found["y"].shape == (6, 3, 3)


def test_what_sizes_leave_open_is_said(tmp_path: Path) -> None:
    model = model_of("sound", tmp_path, "auto")
    assert model.wiring.plain and model.doubt == (
        "how rnn is wired is not certain: conv (5, 2, 3) may stand before it and fc1 (6, 4), fc2"
        " (3, 6) may stand behind it"
    )
    assert [row.how for row in model.found[1:]] == ["not wired"] * 3
    assert model_of("language", tmp_path).wiring.words == "embed → rnn → head"


REFUSED = [
    ("rnn,fc2", "fc2 reads 6 numbers a step, but rnn gives 4; wire another"),
    ("rnn,fc3", "--wire names 'fc3', which sound.npz does not have; there are rnn, conv, fc1, fc2"),
    ("fc1,fc2", "--wire names no recurrent layer; there are rnn"),
    ("rnn,conv", "conv is convolution (5, 2, 3); linear layers are wired behind the recurrence:"
     " leave it out"),
    ("rnn,fc1:elu", "--wire says fc1:elu; identity, relu, tanh, sigmoid, softmax, and of a"
     " convolution stride=N, padding=N, dilation=N are allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("wire", "message"), REFUSED)
def test_wires_that_do_not_fit(wire: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable) as caught:
        model_of("sound", tmp_path, wire)
    assert str(caught.value) == message


WRONG = [
    ("language", {"x": np.full((6, 3), 9)}, "x is (6, 3) of int64 and holds 9 … 9; embed reads"
     " whole numbers 0 … 6 as (steps, sequences)"),
    ("language", {"targets": np.full((6, 3), 5)}, "the targets hold 5 … 5; classes are 0 … 4, and"
     " -100 does not count"),
    ("series", {"x": np.full((6, 3, 2), np.nan)}, "x at step 1 of sequence 1 is not finite in"
     " float64; replace it"),
    ("series", {"targets": np.full((6, 3, 2), np.inf)}, "the target at step 1 of sequence 1 is not"
     " finite in float64; replace it"),
    ("series", {"targets": np.ones((6, 3, 3))}, "there are 3 targets a step, but the model gives"
     " 2"),
    ("series", {"targets": np.ones((4, 2))}, "series.npz: targets are (4, 2) of float64; (6, 3) or"
     " (6, 3, outputs) is needed, of the last step (3,) or (3, outputs)"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "other", "message"), WRONG)
def test_inputs_and_targets_that_do_not_fit(
    case: str, other: dict[str, np.ndarray], message: str, tmp_path: Path
) -> None:
    model = model_of(case, tmp_path)
    with pytest.raises(Unusable) as caught:
        run_whole(model, inputs_of(model, of(case, "in") | other, "in.npz"))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("targets", "held"), [(np.full((6, 3), 0.5), "0.5"), (np.ones((6, 3, 5)), "5 numbers a step")]
)
def test_cross_entropy_takes_classes(targets: np.ndarray, held: str, tmp_path: Path) -> None:
    model = model_of("language", tmp_path)
    given = inputs_of(model, of("language", "in") | {"targets": targets}, "in.npz")
    with pytest.raises(Unusable) as caught:
        run_whole(model, given, model.experiment().changed(loss="cross-entropy"))
    assert str(caught.value) == (
        "cross-entropy needs one whole number a step, a class 0 … 4; the targets hold"
        f" {held}: give classes, or --loss squared-error"
    )


def test_what_stands_outside_the_sequences_may_be_anything(tmp_path: Path) -> None:
    model = model_of("series", tmp_path)
    given = {"x": of("series", "in")["x"], "targets": np.ones((6, 3, 2))}
    lengths = np.array([6, 2, 4])
    outside = (np.arange(6)[:, None] >= lengths)[..., None]
    arrays = {n: np.where(outside, np.nan, given[n]) for n in ("x", "targets")} | {
        "lengths": lengths
    }
    found = run_whole(model, inputs_of(model, arrays, "in.npz"))
    clean = run_whole(model, inputs_of(model, given | {"lengths": lengths}, "in.npz"))
    assert found.run.recording.loss == clean.run.recording.loss
    for name, gradient in found.gradients.items():
        np.testing.assert_array_equal(gradient, clean.gradients[name])


@pytest.mark.parametrize("shapes", [{"head.bias": (4,)}, {"head.weight": (0, 4)}])
def test_a_layer_that_is_none_is_left_alone(
    shapes: dict[str, tuple[int, ...]], tmp_path: Path
) -> None:
    weights = of("stepwise", "weights") | {n: np.ones(shape) for n, shape in shapes.items()}
    np.savez(tmp_path / "model.npz", **weights)
    model = load_model(tmp_path / "model.npz", wire="auto")
    assert [layer.kind for layer in model.around] == ["other"] and not model.wiring.behind


def test_a_model_of_numbers_that_are_none_fails_its_check(tmp_path: Path) -> None:
    weights = of("stepwise", "weights")
    weights["rnn.weight_hh_l0"] = np.full_like(weights["rnn.weight_hh_l0"], np.nan)
    np.savez(tmp_path / "model.npz", **weights)
    model = load_model(tmp_path / "model.npz", wire="auto")
    rows = check_run(run_whole(model, inputs_of(model, of("stepwise", "in"), "in.npz")).run)
    assert {row.name for row in rows if not row.ok} >= {"parameter W", "parameter b"}


def keras_tower(folder: Path) -> tuple[Path, dict[str, np.ndarray]]:
    """A .keras file: embedding → causal convolution, relu → LSTM of 4 → LSTM of 3 → dense, tanh."""
    rng = np.random.default_rng(3)
    shapes = {
        "embedding/vars/0": (5, 2), "conv1d/vars/0": (2, 2, 3), "conv1d/vars/1": (3,),
        "lstm/cell/vars/0": (3, 16), "lstm/cell/vars/1": (4, 16), "lstm/cell/vars/2": (16,),
        "lstm_1/cell/vars/0": (4, 12), "lstm_1/cell/vars/1": (3, 12), "lstm_1/cell/vars/2": (12,),
        "dense/vars/0": (3, 2), "dense/vars/1": (2,),
    }  # fmt: skip
    arrays = {f"layers/{name}": rng.standard_normal(shape) for name, shape in shapes.items()}
    described = [
        ("Embedding", {}),
        ("Conv1D", {"padding": "causal", "strides": [1], "activation": "relu"}),
        ("LSTM", {"return_sequences": True}),
        ("LSTM", {"return_sequences": False}),
        ("Dense", {"activation": "tanh"}),
    ]
    counts: dict[str, int] = {}
    layers = []
    for kind, settings in described:
        counts[kind] = number = counts.get(kind, -1) + 1
        name = kind.lower() + (f"_{number}" if number else "")
        layers.append({"class_name": kind, "config": {"name": name, **settings}})
    stored = io.BytesIO()
    with h5py.File(stored, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    path = folder / "tower.keras"
    with zipfile.ZipFile(path, "w") as archive:
        config = {"class_name": "Sequential", "config": {"layers": layers}}
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", stored.getvalue())
    return path, arrays


def by_hand(arrays: dict[str, np.ndarray], tokens: np.ndarray) -> np.ndarray:
    """What Keras computes for one sequence, written out."""
    x = arrays["layers/embedding/vars/0"][tokens]
    kernel, bias = arrays["layers/conv1d/vars/0"], arrays["layers/conv1d/vars/1"]
    early = np.concatenate([np.zeros((1, 2)), x[:-1]])
    x = np.maximum(early @ kernel[0] + x @ kernel[1] + bias, 0)
    for name in ("lstm", "lstm_1"):
        w, u, b = (arrays[f"layers/{name}/cell/vars/{n}"] for n in range(3))
        h = c = np.zeros(len(u))
        rows = []
        for row in x:
            i, f, g, o = np.split(row @ w + h @ u + b, 4)
            c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
            h = np.tanh(c) / (1 + np.exp(-o))
            rows.append(h)
        x = np.array(rows)
    return np.tanh(x[-1] @ arrays["layers/dense/vars/0"] + arrays["layers/dense/vars/1"])


def test_a_described_stack_of_several_widths_is_one_model(tmp_path: Path) -> None:
    """Forward as written out, gradients against differences of it."""
    path, arrays_in_file = keras_tower(tmp_path)
    model = load_model(path, wire="auto")
    assert model.wiring.words == "embedding → conv1d (relu) → lstm → lstm_1 → dense (tanh)"
    assert not model.doubt and model.wiring.last
    tokens, wanted = np.array([1, 4, 0, 2, 2]), np.array([[0.5, -0.25]])
    given = inputs_of(model, {"x": tokens[:, None], "targets": wanted}, "in.npz")
    found = run_whole(model, given)
    np.testing.assert_allclose(
        found.outputs["o"][0, 0], by_hand(arrays_in_file, tokens), atol=1e-12
    )

    def loss(name: str, place: tuple[int, ...], by: float) -> float:
        moved = {n: a.copy() for n, a in arrays_in_file.items()}
        moved[name][place] += by
        return float(np.square(by_hand(moved, tokens) - wanted).sum())

    for name, gradient in found.gradients.items():
        place = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        slope = (loss(name, place, 1e-6) - loss(name, place, -1e-6)) / 2e-6
        np.testing.assert_allclose(gradient[place], slope, rtol=1e-6, atol=1e-8)
    assert set(found.gradients) == set(arrays_in_file)
