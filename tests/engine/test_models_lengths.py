"""Arrays in which every sequence ends before the last step, and convolutions that change how many
steps there are: what lies outside the sequences is zero, and nothing else is different."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.chains import joined
from engine.models.model import Model, load_model
from engine.models.opening import opened
from engine.models.running import inputs_of
from engine.models.wired_run import run_whole
from visualizer.commands.arrays import arrays_of_model
from visualizer.document.derive import derive
from visualizer.document.modelled import snapshot_of_model

MORE = 3  # steps after the end of the longest sequence
LENGTHS = np.array([4, 1])


def model_of(folder: Path, wire: str | None = None) -> Model:
    rng = np.random.default_rng(1)
    names = {"weight_ih": (9, 2), "weight_hh": (9, 3), "bias_ih": (9,), "bias_hh": (9,)}
    shapes = {f"rnn.{n}_l0{way}": s for n, s in names.items() for way in ("", "_reverse")}
    shapes |= {"head.weight": (2, 6), "conv.weight": (2, 2, 2)}
    path = folder / "model.npz"
    np.savez(path, **{n: rng.standard_normal(shape) for n, shape in shapes.items()})
    return load_model(path, wire=wire)


def given(steps: int) -> dict[str, np.ndarray]:
    """The same numbers in the steps that there are in common."""
    rng = np.random.default_rng(2)
    shapes = {"x": 2, "cot_y": 6, "targets": 2}
    whole = {n: rng.standard_normal((max(LENGTHS) + MORE, 2, w)) for n, w in shapes.items()}
    return {n: array[:steps] for n, array in whole.items()} | {"lengths": LENGTHS}


@pytest.mark.parametrize("loss", ["cot_y", "targets"])
def test_steps_after_the_end_of_the_longest_are_zero(loss: str, tmp_path: Path) -> None:
    found = []
    for steps in (max(LENGTHS), max(LENGTHS) + MORE):
        model = model_of(tmp_path, "rnn,head" if loss == "targets" else None)
        arrays = {n: a for n, a in given(steps).items() if n in ("x", "lengths", loss)}
        whole = run_whole(model, inputs_of(model, arrays, "in.npz"))
        found.append(arrays_of_model(model, whole.run) | whole.outputs)
    short, long = found
    assert long["y"].shape == (7, 2, 6) and long["dh_t"].shape == (2, 7, 2, 3)
    for name, array in short.items():
        axis = 0 if name in ("y", "g_x", "s") else 1
        grown = long[name].shape != array.shape
        assert grown == (name in ("y", "g_x", "s", "dh_norm", "gates", "dgates", "h_t", "dh_t"))
        if grown:
            array = np.insert(array, [max(LENGTHS)] * MORE, 0.0, axis)
        np.testing.assert_allclose(long[name], array, atol=1e-14, err_msg=name)


def test_a_loss_of_such_arrays_is_the_one_that_is_opened(tmp_path: Path) -> None:
    """And not Σ y_T in its place, nor a reference that nothing is compared with any more."""
    model, arrays = model_of(tmp_path), given(7)
    arrays.pop("targets")
    inputs = inputs_of(model, arrays, "in.npz")
    run = run_whole(model, inputs).run
    wanted = arrays_of_model(model, run)
    made = opened(model, inputs=inputs, reference={"y": wanted["y"], "g_x": wanted["g_x"]})
    assert set(made.given.errors) == {"y", "g_x"}
    assert made.given.outputs["y"].shape == (4, 2, 6)
    np.savez(tmp_path / "in.npz", **arrays)
    snapshot = snapshot_of_model(tmp_path / "model.npz", inputs=tmp_path / "in.npz", wire=None)
    shown = derive(snapshot).run
    np.testing.assert_allclose(shown.recording.loss, run.recording.loss)
    for chain in shown.chains("h"):
        delta = joined(shown.recording, chain, "delta")
        np.testing.assert_allclose(delta, joined(run.recording, chain, "delta")[:4], atol=1e-14)


@pytest.mark.parametrize(
    ("words", "steps"), [("", 6), (":padding=1", 8), (":stride=2", 3), (":dilation=3", 4)]
)
def test_what_came_back_has_a_step_for_each_that_a_convolution_makes(
    words: str, steps: int, tmp_path: Path
) -> None:
    model = model_of(tmp_path, f"conv{words},rnn")
    arrays = {"x": given(7)["x"], "cot_y": np.ones((steps, 2, 6))}
    whole = run_whole(model, inputs_of(model, arrays, "in.npz"))
    found = arrays_of_model(model, whole.run)
    np.testing.assert_allclose(whole.run.recording.loss, found["y"].sum())
    assert whole.gradients["x"].shape == (7, 2, 2)


def test_vectors_of_the_last_step_are_told_from_a_number_at_each(tmp_path: Path) -> None:
    """With as many steps as sequences both are (2, 2)."""
    model = model_of(tmp_path, "rnn,head")
    x = given(2)["x"]
    vectors = np.array([[0.5, 1.0], [2.0, -1.0]])
    found = run_whole(model, inputs_of(model, {"x": x, "targets": vectors}, "in.npz"))
    assert found.run.batch.readout == "last" and found.run.batch.kind == "regression"
    classes = run_whole(model, inputs_of(model, {"x": x, "targets": np.eye(2, dtype=int)}, "in"))
    assert classes.run.batch.readout == "every" and classes.run.batch.kind == "class"


def test_gates_of_layers_of_several_kinds_stand_in_the_order_of_each(tmp_path: Path) -> None:
    """A tower of an LSTM, an RNN and a GRU gives what each of them gives alone."""
    rng = np.random.default_rng(4)
    sizes = {"a": (4, 2, 3), "b": (1, 3, 2), "c": (3, 2, 2)}  # blocks, inputs, units
    shapes: dict[str, tuple[int, ...]] = {}
    for name, (blocks, inputs, hidden) in sizes.items():
        shapes |= {f"{name}.weight_ih_l0": (blocks * hidden, inputs)}
        shapes |= {f"{name}.weight_hh_l0": (blocks * hidden, hidden)}
    path = tmp_path / "tower.npz"
    np.savez(path, **{n: rng.standard_normal(shape) for n, shape in shapes.items()})
    x = rng.standard_normal((4, 2, 2))
    model = load_model(path, wire="a,b,c")
    arrays = {"x": x, "cot_y": rng.standard_normal((4, 2, 2))}
    found = arrays_of_model(model, run_whole(model, inputs_of(model, arrays, "in.npz")).run)
    assert {name for name in found if "gates" in name} == {
        "gates_0", "gates_2", "dgates_0", "dgates_2",
    }  # fmt: skip
    for number, name in enumerate(sizes):
        alone = load_model(path, prefix=name)
        run = run_whole(alone, inputs_of(alone, {"x": x}, "in.npz")).run
        own = arrays_of_model(alone, run)
        if "gates" in own:
            np.testing.assert_allclose(found[f"gates_{number}"], own["gates"][0], atol=1e-14)
        x = own["y"]
