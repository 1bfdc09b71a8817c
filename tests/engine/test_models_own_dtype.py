"""A run in the dtype of its source: overflow is found where it is, and δ that would vanish."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.models.model import Model, load_model
from engine.models.own_dtype import Own, in_own_dtype
from engine.models.running import inputs_of, run_model
from engine.models.states import outputs_of_run
from engine.models.weights import Array, rounded

STEPS = 6


def model_of(folder: Path, dtype: str, scale: float = 1.0, recurrent: float = 1.0) -> Model:
    rng = np.random.default_rng(2)
    hh = recurrent * np.linalg.qr(rng.standard_normal((4, 4)))[0]
    weights = {"weight_ih_l0": scale * rng.standard_normal((4, 3)), "weight_hh_l0": hh}
    path = folder / "rnn.npz"
    np.savez(path, **{name: array.astype(dtype) for name, array in weights.items()})
    return load_model(path, nonlinearity="relu")


def found(model: Model, dtype: str, times: float = 1.0, x: Array | None = None) -> Own:
    rng = np.random.default_rng(3)
    cot = np.zeros((STEPS, 2, 4))
    cot[-1] = times
    given = {"x": rng.standard_normal((STEPS, 2, 3)) if x is None else x, "cot_y": cot}
    own = in_own_dtype(run_model(model, inputs_of(model, given, "in.npz")), dtype)
    assert own is not None
    return own


@pytest.mark.parametrize(("dtype", "apart"), [("float16", 2e-3), ("bfloat16", 2e-2),
                                             ("float32", 2e-7)])  # fmt: skip
def test_the_difference_is_that_of_the_dtype(dtype: str, apart: float, tmp_path: Path) -> None:
    model = model_of(tmp_path, "float16" if dtype == "float16" else "float32")
    own = found(model, dtype)
    assert apart / 200 < own.apart < apart and not own.first and not own.lost and not own.high
    assert own.words.startswith(f"in {dtype}, the file's own, states differ from float64 by")


def test_every_op_is_rounded_as_numpy_rounds_it(tmp_path: Path) -> None:
    """float16 by hand: products added up exactly, then one rounding; relu needs none."""
    model = model_of(tmp_path, "float16")
    x = np.random.default_rng(3).standard_normal((STEPS, 2, 3))
    half = {n: a.astype(float) for n, a in model.weights.arrays.items()}
    h = np.zeros((2, 4))
    exact, states = np.zeros((2, 4)), []
    apart = 0.0
    for row in x:
        own = row.astype(np.float16).astype(float)
        z = own @ half["weight_ih_l0"].T + h @ half["weight_hh_l0"].T
        h = np.maximum(z.astype(np.float16).astype(float), 0)
        exact = np.maximum(row @ half["weight_ih_l0"].T + exact @ half["weight_hh_l0"].T, 0)
        states.append(exact)
        apart = max(apart, float(np.abs(h - exact).max()))
    own = found(model, "float16", x=x)
    np.testing.assert_allclose(own.apart, apart / np.abs(states).max(), rtol=1e-12)


def test_an_overflow_is_found_where_it_is(tmp_path: Path) -> None:
    """Tenfold at every step: beyond 65,504 it is infinite in float16 and in nothing wider."""
    model = model_of(tmp_path, "float16", recurrent=1.0)
    x = np.zeros((STEPS, 2, 3))
    x[3] = 6e4
    own = found(model, "float16", x=x)
    assert own.first == "z of layer 1 at step 4"
    assert "is not finite any more" in own.words
    assert not found(model, "bfloat16", x=x).first


def test_gradients_that_vanish_or_overflow_in_it_are_counted(tmp_path: Path) -> None:
    model = model_of(tmp_path, "float16", recurrent=1e-2)
    own = found(model, "float16", times=1e-2)
    assert 2 <= own.lost < STEPS and "δ(h) would round to 0" in own.words
    assert found(model, "float16", times=1e6).high
    assert found(model, "bfloat16", times=1e-2).lost == 0


def test_the_same_dtype_is_no_news(tmp_path: Path) -> None:
    model = model_of(tmp_path, "float64")
    x = {"x": np.ones((STEPS, 2, 3))}
    assert in_own_dtype(run_model(model, inputs_of(model, x, "in.npz")), "float64") is None


def test_rounding_to_bfloat16_is_to_nearest_even() -> None:
    given = np.array([1.0, 1 + 2**-9, 1 + 2**-8, 1 + 3 * 2**-9, 1 + 3 * 2**-8, -3.1415927, np.inf])
    wanted = np.array([1.0, 1.0, 1.0, 1 + 2**-7, 1 + 2**-6, -3.140625, np.inf])
    np.testing.assert_array_equal(rounded(given, "bfloat16"), wanted.astype(np.float32))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_the_difference_is_the_one_that_pytorch_has_in_it(dtype: str) -> None:
    """A batch recorded in half precision: what it gave there is as far away as is said."""
    folder = Path(__file__).parents[1] / "reference" / "models"
    model = load_model(folder / f"recorded_{dtype}.npz")
    assert model.recorded is not None and model.weights.dtype == dtype
    run = run_model(model, inputs_of(model, model.recorded.inputs, model.name))
    own = in_own_dtype(run, dtype)
    assert own is not None
    y, wanted = outputs_of_run(run)["y"], model.recorded.outputs["y"].astype(float)
    there = np.abs(y - wanted).max() / np.abs(y).max()
    assert own.apart / 4 < there < own.apart * 4
