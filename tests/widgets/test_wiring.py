"""Where a file does not say how its layers follow each other, the window asks."""

from __future__ import annotations

import numpy as np
import pytest

from engine.sequences import typed
from tests.engine.test_onnx_stack import APART, graph_of
from visualizer.document.modelled import wired_anew
from visualizer.widgets.wiring import BEHIND, NOT, RUN, NodeDialog, WiringDialog

pytestmark = pytest.mark.window


@pytest.fixture
def unsure(window, tmp_path):
    """An RNN with two linear layers that both read what it gives."""
    rng = np.random.default_rng(0)
    shapes = {
        "rnn.weight_ih_l0": (3, 2), "rnn.weight_hh_l0": (3, 3), "a.weight": (3, 3),
        "b.weight": (4, 3), "far.weight_ih_l0": (2, 5), "far.weight_hh_l0": (2, 2),
    }  # fmt: skip
    path = tmp_path / "unsure.npz"
    np.savez(path, **{name: rng.standard_normal(shape) for name, shape in shapes.items()})
    return path


def test_the_order_is_asked_for_and_run(window, unsure, qtbot):
    assert window.files.open_path(unsure)
    assert "there are 2 recurrent layers" in window.banner.words.text()
    window.banner.button.click()
    dialog = window.findChild(WiringDialog)
    with qtbot.waitExposed(dialog):
        pass
    rows = {row.name: row for row in dialog.rows}
    assert rows["rnn"].place.currentText() == RUN and rows["far"].place.currentText() == NOT
    rows["a"].place.setCurrentText(BEHIND)
    rows["a"].bent.setCurrentText("tanh")
    rows["b"].place.setCurrentText(BEHIND)
    assert dialog.wire == "rnn,a:tanh,b" and dialog.words.text() == "rnn → a (tanh) → b"
    dialog.open_button.click()
    names = [slot.name for slot in window.stage.run.network.segments[-1].slots]
    assert names == ["u1", "d1", "s", "L"]
    assert window.stage.document.snapshot.given.doubt == ""


def test_a_text_is_no_sequence_for_a_model_of_numbers(window, unsure):
    assert window.files.open_path(unsure)
    stage = window.stage
    stage.document.change(wired_anew(stage.document.snapshot, "rnn,b"), "wiring")
    run = stage.run
    assert run.network.segments[-1].kind == "readout"
    assert not stage.show_sequence(typed("so it goes"))
    said = "a text has no numbers, of which the model reads 2 a step"
    assert window.banner.words.text() == said and stage.run is run


def test_what_does_not_fit_is_said_and_not_opened(window, unsure, qtbot):
    window.files.open_path(unsure)
    window.files.choose_wiring()
    dialog = window.findChild(WiringDialog)
    with qtbot.waitExposed(dialog):
        pass
    rows = {row.name: row for row in dialog.rows}
    rows["far"].place.setCurrentText(RUN)
    assert "far reads 5 numbers a step, but rnn gives 3" in dialog.words.text()
    assert not dialog.open_button.isEnabled()
    rows["rnn"].place.setCurrentText(NOT)
    assert dialog.open_button.isEnabled()


def test_another_node_of_a_graph_is_shown(window, tmp_path, qtbot):
    """Two nodes with a Relu between them are no layers of one network: one is chosen."""
    nodes, held, outputs = APART["something is computed between them"]
    path = tmp_path / "two.onnx"
    path.write_bytes(graph_of(nodes, held, outputs))
    assert window.files.open_path(path)
    assert "other recurrent nodes, not shown: rnn/RNN_1" in window.banner.words.text()
    window.banner.button.click()
    dialog = window.findChild(NodeDialog)
    with qtbot.waitExposed(dialog):
        pass
    assert dialog.choice.currentText() == "rnn/RNN_0" and "RNN 4 → 2" in dialog.words.text()
    dialog.choice.setCurrentText("rnn/RNN_1")
    assert "RNN 2 → 2" in dialog.words.text()
    dialog.open_button.click()
    given = window.stage.document.snapshot.given
    assert given.held.names == ("W1", "R1", "B1") and not given.doubt
    path.unlink()
    window.files.choose_wiring()
    window.findChildren(NodeDialog)[-1].open_button.click()
    assert "two.onnx is not there any more" in window.banner.words.text()


def test_without_a_file_of_weights_there_is_nothing_to_wire(window, qtbot):
    window.files.choose_wiring()
    dialog = window.findChild(WiringDialog)
    with qtbot.waitExposed(dialog):
        pass
    assert "no file of weights" in dialog.head.text() and not dialog.open_button.isEnabled()
