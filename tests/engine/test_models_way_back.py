"""Weights that were changed go back under the names, layouts and dtypes of their file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import Unusable
from engine.experiment import Experiment
from engine.models import npz_file, safetensors_file
from engine.models.conversion import folded
from engine.models.model import load_model
from engine.models.opening import opened
from engine.models.pytorch_lines import lines
from engine.models.way_back import changed_weights

FOLDER = Path(__file__).parents[1] / "reference"
FILES = [
    *(FOLDER / "models" / n for n in ("state.pt", "state.safetensors", "checkpoint.pth")),
    *(FOLDER / "models" / f"recorded_{kind}.npz" for kind in ("lstm", "gru", "rnn")),
    *(FOLDER / "keras" / f"{n}.keras" for n in ("lstm_both", "gru", "gru_before", "rnn")),
]
WRITERS = {".safetensors": safetensors_file.packed, ".npz": npz_file.packed}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
@pytest.mark.parametrize("suffix", WRITERS)
def test_nothing_changed_is_the_file_again(path: Path, suffix: str) -> None:
    model = load_model(path)
    found = opened(model)
    changed = changed_weights(found.given, found.parameters)
    assert changed.words == "nothing was changed; the numbers are those of the file"
    reader = safetensors_file.read if suffix == ".safetensors" else npz_file.read
    again = reader(WRITERS[suffix](changed.weights), f"again{suffix}")
    assert list(again.arrays) == list(model.weights.arrays)
    for name, array in model.weights.arrays.items():
        np.testing.assert_array_equal(again.arrays[name], array)
        assert again.dtypes[name] == model.weights.dtypes[name]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_the_run_is_the_same_when_it_is_read_again(path: Path, tmp_path: Path) -> None:
    """Half of the numbers changed to some that float32 holds."""
    model = load_model(path)
    found = opened(model)
    rng = np.random.default_rng(1)
    now = {}
    for name, array in found.parameters.items():
        other = rng.integers(-64, 64, array.shape) / 64
        now[name] = np.where(rng.random(array.shape) < 0.5, other, array)
    changed = changed_weights(found.given, now)
    assert changed.rounded == 0 and "changed in" in changed.words
    file = tmp_path / "changed.safetensors"
    if model.stack.source == "Keras":  # their layers are described in the file, not in the names
        again = type(model)(changed.weights, model.wiring)
    else:
        file.write_bytes(safetensors_file.packed(changed.weights))
        again = load_model(file)
    wanted = folded(model.stack, now)
    for name, array in again.parameters().items():  # two biases may have been added in float32
        np.testing.assert_allclose(array, wanted[name], rtol=6e-8, atol=1e-12)


def test_two_biases_become_one_number_and_none() -> None:
    found = opened(load_model(FOLDER / "models" / "state.safetensors"))
    now = {name: array.copy() for name, array in found.parameters.items()}
    now["b"][:3] = 1.0  # the forget gate, second in the file
    arrays = changed_weights(found.given, now).weights.arrays
    assert (arrays["rnn.bias_ih_l0"][3:6] == 1).all() and not arrays["rnn.bias_hh_l0"][3:6].any()
    old = found.given.weights
    assert old is not None
    np.testing.assert_array_equal(arrays["rnn.bias_hh_l0"][:3], old.arrays["rnn.bias_hh_l0"][:3])
    np.testing.assert_array_equal(arrays["embed.weight"], old.arrays["embed.weight"])


def test_what_a_dtype_rounds_is_said_and_what_it_cannot_hold_refused() -> None:
    found = opened(load_model(FOLDER / "models" / "bfloat16.safetensors"))
    now = {name: array.copy() for name, array in found.parameters.items()}
    now["W"][0, 0] = 1.001
    changed = changed_weights(found.given, now)
    assert changed.rounded == pytest.approx(0.001)  # 1 is the nearest with eight bits
    assert "bfloat16 rounded them by at most 0.001" in changed.words
    file = safetensors_file.read(safetensors_file.packed(changed.weights), "again")
    assert file.dtypes["rnn.weight_hh_l0"] == "bfloat16"
    now["W"][0, 0] = 1e300
    with pytest.raises(Unusable) as caught:
        changed_weights(found.given, now)
    assert "which bfloat16 cannot hold; make it smaller" in str(caught.value)


def test_another_network_has_no_way_back() -> None:
    found = opened(load_model(FOLDER / "models" / "state.pt"))
    with pytest.raises(Unusable) as caught:
        changed_weights(found.given, {"W": np.zeros((4, 4)), "b": np.zeros(4)})
    assert str(caught.value) == (
        "the network is not the one of state.pt any more (its cell or its size were changed); undo"
        " that to save its weights"
    )


def test_the_lines_say_every_number_in_the_order_of_pytorch() -> None:
    found = opened(load_model(FOLDER / "models" / "checkpoint.pth"))
    now = {name: array.copy() for name, array in found.parameters.items()}
    now["b"][0] = 2.0
    said = lines(found.experiment, found.given.wiring, changed_weights(found.given, now))
    assert "rnn = model.rnn" in said
    assert "    rnn.bias_ih_l0[3] = 2.0" in said and "    rnn.bias_hh_l0[3] = 0.0" in said


def test_settings_as_lines_are_python() -> None:
    e = Experiment().changed(
        cell="lstm", initialisation="orthogonal", forget_bias=2.0, clip="norm", clip_at=0.5
    )
    said = lines(e)
    compile(said, "change", "exec")
    assert "torch.nn.init.orthogonal_(block)" in said and "gate = p.chunk(4)[1]" in said
    assert "clip_grad_norm_(model.parameters(), 0.5)" in said
    assert "# nothing was changed" in lines(Experiment())


def test_half_precision_runs_as_before(tmp_path: Path) -> None:
    """bf16 in, bf16 out: the same numbers when it is read again."""
    model = load_model(FOLDER / "models" / "bfloat16.safetensors")
    file = tmp_path / "again.safetensors"
    found = opened(model)
    file.write_bytes(
        safetensors_file.packed(changed_weights(found.given, found.parameters).weights)
    )
    again = load_model(file)
    for name, array in model.parameters().items():
        np.testing.assert_array_equal(again.parameters()[name], array)


def test_what_the_file_has_no_tensor_for_is_named() -> None:
    found = opened(load_model(FOLDER / "keras" / "lstm_plain.keras"))
    now = {name: array.copy() for name, array in found.parameters.items()}
    now["b"][:] = 1.0
    with pytest.raises(Unusable) as caught:
        changed_weights(found.given, now)
    assert str(caught.value) == (
        "b was changed, but lstm_plain.keras has no tensor for it; take that change back to save"
        " the weights"
    )
