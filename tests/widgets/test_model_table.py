"""A model dropped on the window: what was found, how far it is from its own program, to copy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from engine.models.model import load_model
from engine.models.states import states_of
from visualizer.widgets.model_table import ModelTable

pytestmark = pytest.mark.window
FOLDER = Path(__file__).parents[1] / "reference" / "models"


def test_what_was_found_is_offered_shown_and_copied(window, qtbot):
    assert window.files.open_path(FOLDER / "recorded_lstm.npz")
    assert "agree with the reference to" in window.banner.words.text()
    assert window.banner.button.text() == "Show"
    window.banner.button.click()
    table = window.findChild(ModelTable)
    with qtbot.waitExposed(table):
        pass
    assert "against the reference" in table.parity.text()
    table.copy()
    copied = QGuiApplication.clipboard().text()
    assert "i f g o → f i g o" in copied and "g_weight_ih_l0" in copied


def test_errors_stay_in_the_session(window, tmp_path):
    window.files.open_path(FOLDER / "recorded_lstm.npz")
    given = window.stage.document.snapshot.given
    place = window.stage.document.save(tmp_path / "kept.unrolled")
    window.stage.document.open(place)
    kept = window.stage.document.snapshot.given
    assert kept.found == given.found and kept.errors == given.errors
    assert max(kept.errors.values()) < 1e-5 and set(kept.errors) == set(kept.outputs)


def test_what_is_no_model_says_so(window, qtbot):
    window.files.show_found()
    table = window.findChild(ModelTable)
    with qtbot.waitExposed(table):
        pass
    assert "no model file" in table.head.text() and not table.copy_button.isEnabled()


def test_weights_go_back_under_their_names(window, tmp_path, monkeypatch):
    """One number typed over, saved, and the lines that do the same in a script."""
    window.files.open_path(FOLDER / "state.safetensors")
    window.stage.document.edit("b", (0,), 1.5)
    place = tmp_path / "back"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(place), ""))
    assert window.files.save_weights()
    assert "2 numbers changed in rnn.bias_hh_l0, rnn.bias_ih_l0" in window.banner.words.text()
    again = load_model(tmp_path / "back.safetensors")
    assert again.weights.arrays["rnn.bias_ih_l0"][3] == 1.5
    assert again.parameters()["b"][0] == 1.5
    window.files.copy_pytorch()
    assert "rnn.bias_ih_l0[3] = 1.5" in QGuiApplication.clipboard().text()


def test_the_kind_of_file_that_was_opened_is_offered_first(window, tmp_path, monkeypatch):
    window.files.open_path(FOLDER / "checkpoint.pth")
    window.stage.document.edit("b", (0,), 1.5)
    asked = []

    def answer(*words):
        asked.extend(words[2:])
        return str(tmp_path / "back"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    assert window.files.save_weights()
    assert asked[0] == "checkpoint-changed.pth"
    assert asked[1].startswith("as it was opened (*.pth);;safetensors (*.safetensors)")
    assert load_model(tmp_path / "back.pth").parameters()["b"][0] == 1.5


def test_a_detector_is_opened_on_the_sound_that_is_open(window, qtbot, tmp_path):
    """Its recurrent node over all pieces, kept in a session with everything it needs."""
    folder = FOLDER.parent / "onnx"
    window.files.open_path(folder / "speech.wav")
    assert window.files.open_path(folder / "detector.onnx")
    run = window.stage.run
    assert run.recording.steps == 12 and run.recording.has_gradients
    assert "12 pieces of 256 samples of speech.wav" in window.banner.words.text()
    loss = run.recording.loss
    place = window.stage.document.save(tmp_path / "kept.unrolled")
    window.stage.document.open(place)
    assert window.stage.run.recording.loss == loss
    assert window.stage.document.snapshot.given.found[0].kind == "LSTM"


def test_the_step_at_which_the_gradient_dies_is_pointed_at(window, tmp_path):
    """A recurrent matrix of 0.2: below 1 % three steps before the last, 0.2³ = 0.008."""
    path = tmp_path / "short.npz"
    eye = np.eye(3)
    np.savez(path, weight_ih_l0=1e-9 * eye, weight_hh_l0=0.2 * eye)
    window.files.open_path(path)
    said = "at step 17 and before δ(h) is below 1 % of what it is at step 20"
    assert said in window.banner.words.text()
    assert window.stage.node is not None and window.stage.node.t == 16
    window.files.open_path(FOLDER / "recorded_gru.npz")
    assert "below 1 %" not in window.banner.words.text()


def test_inputs_and_outputs_of_its_own_program_are_dropped_on_a_model(window, tmp_path):
    """An .npz with x is read by it; one with y is what it is compared with; both are undone."""
    window.files.open_path(FOLDER / "state.safetensors")
    inputs, outputs = tmp_path / "in.npz", tmp_path / "out.npz"
    np.savez(inputs, x=np.array([[1], [5], [0]]))
    assert window.files.open_path(inputs)
    run = window.stage.run
    assert run.recording.steps == 3 and run.batch.labels == (("1", "5", "0"),)
    np.savez(outputs, y=states_of(run)["y"] + 1e-3)
    assert window.files.open_path(outputs)
    assert "one array agrees with the reference to 0.00" in window.banner.words.text()
    assert list(window.stage.document.snapshot.given.errors) == ["y"]
    window.undo()
    assert not window.stage.document.snapshot.given.errors
    np.savez(outputs, y=np.zeros((2, 1, 3)))
    assert not window.files.open_path(outputs)
    assert "but here it is (3, 1, 3)" in window.banner.words.text()
