"""A model dropped on the window: what was found, how far it is from its own program, to copy."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

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
