"""The table of losses and steps: every cell is a number of the recording, and it follows."""

from __future__ import annotations

import numpy as np
import pytest

from engine.measures import loss_table
from engine.sequences import sample
from visualizer.widgets.parts.loss_table import LossTable

pytestmark = pytest.mark.window


@pytest.fixture
def table(window, qtbot):
    window.plot.show_losses()
    found = window.findChild(LossTable)
    with qtbot.waitExposed(found):
        pass
    return found


def test_cells_are_those_of_the_recording(window, table):
    recording = window.stage.run.recording
    expected = loss_table(recording, 0, 2)
    np.testing.assert_array_equal(table.table, expected)
    shown = table.image.image.T
    good = expected > 0
    np.testing.assert_allclose(shown[good], np.log10(expected[good]))
    assert "norms do not" in table.words.text()


def test_it_follows_the_experiment(window, table):
    before = table.table.copy()
    window.stage.set("seed", 4)
    assert table.table.shape == before.shape and not np.array_equal(table.table, before)
    window.stage.set("cell", "lstm")
    assert "h" in table.words.text()


def test_a_long_sequence_is_refused_in_words(window, table):
    window.stage.document.set_sequence(sample("sunspots"))
    assert not table.plot.isVisible()
    assert "at most 200" in table.words.text()
