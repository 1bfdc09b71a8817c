"""What the training of the window says is said in words of the window."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from visualizer.scene.picture import Polylines
from visualizer.widgets.parts.learning import Learning
from visualizer.widgets.parts.options import in_the_window
from visualizer.widgets.sequence_editor import described
from visualizer.widgets.training import TrainingForm
from visualizer.widgets.window import Window

RECORDED = Path(__file__).parents[1] / "reference" / "models" / "recorded_lstm.npz"


def test_a_model_without_a_target_says_what_to_choose_in_the_window(
    window: Window, qtbot: QtBot
) -> None:
    assert window.files.open_path(RECORDED)
    learning = window.panels.learning
    learning.start()
    qtbot.waitUntil(lambda: not learning.running, timeout=60_000)
    said = window.banner.words.text().casefold()
    assert "no target to learn from; choose a task in the form" in said and "--" not in said


def test_a_model_of_another_program_learns_from_its_targets(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    """Embedding, LSTM and linear layer; without targets the window says what to give."""
    assert window.files.open_path(RECORDED.with_name("state.pt"))
    learning = window.panels.learning
    learning.start()
    qtbot.waitUntil(lambda: not learning.running, timeout=60_000)
    assert "no targets to learn from; give its inputs as" in window.banner.words.text()
    rng = np.random.default_rng(0)
    arrays = tmp_path / "in.npz"
    np.savez(arrays, x=rng.integers(0, 6, (5, 2)), targets=rng.integers(0, 6, (5, 2)))
    assert window.files.open_path(arrays)
    before = window.stage.run.recording.loss
    trained_window(window, qtbot)
    assert window.stage.run.recording.loss < before / 1.05
    given, run = window.stage.document.snapshot.given, window.stage.run
    assert given is not None and given.wired is not None
    words = described(run.batch, window.stage.document.snapshot.sequence)
    assert words == "tell the class · 5 steps · 2 sequences · 2 inputs"
    assert window.stage.document.snapshot.trained.wired == given.wired


@pytest.mark.parametrize(
    ("line", "window_says"),
    [
        ("give --batches stream, or --held-out 0", "give Batches: stream, or Held out: 0"),
        ("give more or --window 12", "give more or Window: 12"),
        ("a --learning-rate below 0.1 or --clip norm", "a Learning rate below 0.1 or Clip: norm"),
        ("at every step give --top-k 1", "at every step give Top k: 1"),
        ("it needs --arrangement recurrent and", "it needs Arrangement: recurrent and"),
        ("fill it in, or give --missing drop", "fill it in, or give --missing drop"),
        ("the model is; --first says", "the model is; First step says"),
        ("--steps 12 or fewer, not --first", "Steps: 12 or fewer, not First step"),
    ],
)
def test_options_are_called_as_the_form_calls_them(line: str, window_says: str) -> None:
    assert in_the_window(line) == window_says


def trained_window(window: Window, qtbot: QtBot, updates: int = 40) -> Learning:
    learning = window.panels.learning
    learning.choose("updates", updates)
    learning.start()
    qtbot.waitUntil(lambda: not learning.running, timeout=60_000)
    assert learning.shown == updates
    return learning


def test_an_earlier_update_is_on_the_graph_and_one_drag_is_one_undo(
    window: Window, qtbot: QtBot
) -> None:
    learning = trained_window(window, qtbot)
    document, row = window.stage.document, form_of(window).update_row
    after, losses = document.undo_label, {}
    qtbot.mousePress(row.slider, Qt.MouseButton.LeftButton)
    row.slider.setSliderDown(True)
    for place in (6, 3, 0):
        row.slider.setValue(place)
        losses[learning.shown] = document.run.recording.loss
    row.slider.setSliderDown(False)
    assert document.undo_label == "update shown" and learning.shown == 0
    assert document.wanted.trained is not None
    curve = document.wanted.trained.history.curves["loss"]
    for update, loss in losses.items():
        assert loss == pytest.approx(curve[update], rel=1e-12)
    assert "0 of 40" in row.words.text() and row.last.isEnabled()
    document.undo()
    assert learning.shown == 40 and document.undo_label == after
    document.redo()
    qtbot.mouseClick(row.last, Qt.MouseButton.LeftButton)
    assert learning.shown == 40 and not row.last.isEnabled()


def test_the_curve_is_dragged_and_says_where_one_is(window: Window, qtbot: QtBot) -> None:
    plot = window.panels.plot
    learning = trained_window(window, qtbot)
    assert plot.kind == "learning"  # the first training shows what it does
    for kind in ("learning", "updates"):
        plot.pick(kind)
        learning.go_to_last()
        right = plot.width() - 24
        qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(right, 100))
        qtbot.mouseMove(plot, QPoint((124 + right) // 2, 100))
        assert abs((learning.shown or 0) - 20) <= 2
        qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=QPoint(124, 100))
        mark = next(item for item in plot.picture().items if item_of(item, "playhead"))
        assert isinstance(mark, Polylines)
        share = (mark.points[0][0, 0] - 124) / (right - 124)
        assert share == pytest.approx((learning.shown or 0) / 39, abs=0.01)
    plot.pick("norms")
    shown = learning.shown
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert learning.shown == shown


def item_of(item: object, style: str) -> bool:
    return getattr(item, "style", "") == style


def test_one_looks_back_while_training_goes_on(window: Window, qtbot: QtBot) -> None:
    learning = window.panels.learning
    learning.choose("updates", 1_000_000)
    learning.start()
    qtbot.waitUntil(lambda: len(learning.kept) > 3, timeout=60_000)
    learning.go_to(0)
    history = window.stage.document.wanted.trained
    assert learning.running and learning.shown == 0 and history is not None
    qtbot.waitUntil(
        lambda: learning.kept[-1] > history.history.count and learning.shown == 0, timeout=60_000
    )
    learning.stop()
    qtbot.waitUntil(lambda: not learning.running, timeout=60_000)
    assert learning.shown == 0
    learning.go_to_last()
    assert learning.shown == learning.kept[-1] > 3


def test_another_model_has_no_updates_to_go_back_to(window: Window, qtbot: QtBot) -> None:
    learning = trained_window(window, qtbot)
    row = form_of(window).update_row
    assert row.isVisibleTo(window)
    window.stage.document.set(hidden=5)
    assert not learning.kept and not row.isVisibleTo(window)
    window.stage.document.undo()
    assert learning.kept and row.isVisibleTo(window)


def form_of(window: Window) -> TrainingForm:
    found = window.findChild(TrainingForm)
    assert isinstance(found, TrainingForm)
    return found


def test_a_killed_learner_is_one_line_and_what_it_learnt_stays(
    window: Window, qtbot: QtBot
) -> None:
    learning = endless(window, qtbot)
    assert learning.learner is not None
    os.kill(learning.learner._process.pid or 0, signal.SIGKILL)
    qtbot.waitUntil(lambda: not learning.running, timeout=60_000)
    said = window.banner.words.text()
    assert said.startswith("the process that trained ended by itself") and "\n" not in said
    trained = window.stage.document.wanted.trained
    assert trained is not None and learning.shown == learning.kept[-1] > 0
    # what is left belongs together: the parameters are those after the last update of the curve
    assert trained.history.count == learning.shown
    buttons(window, "Train", stop=False)
    learning.choose("updates", 5)
    learning.start()
    qtbot.waitUntil(lambda: not learning.running, timeout=60_000)
    assert learning.shown == trained.history.count + 5


def test_buttons_say_what_they_do(window: Window, qtbot: QtBot) -> None:
    buttons(window, "Train", stop=False)
    learning = endless(window, qtbot)
    buttons(window, "Pause", stop=True)
    learning.toggle()
    buttons(window, "Go on", stop=True)
    assert "paused" in form_of(window).words.text()
    learning.toggle()
    buttons(window, "Pause", stop=True)
    assert "left" in form_of(window).words.text()
    learning.stop()
    qtbot.waitUntil(lambda: not learning.running, timeout=60_000)
    buttons(window, "Train", stop=False)


def test_a_window_that_closes_ends_its_training(window: Window, qtbot: QtBot) -> None:
    learning = endless(window, qtbot)
    assert learning.learner is not None
    process = learning.learner._process
    window.close()
    assert not learning.running and not process.is_alive()


def endless(window: Window, qtbot: QtBot) -> Learning:
    """A training that does not end by itself, and has shown parameters."""
    learning = window.panels.learning
    learning.choose("updates", 1_000_000)
    learning.start()
    qtbot.waitUntil(lambda: (learning.shown or 0) > 0, timeout=60_000)
    return learning


def buttons(window: Window, train: str, stop: bool) -> None:
    form = form_of(window)
    assert form.train.text() == train and form.stop.isVisibleTo(form) == stop
    assert form.bar.isVisibleTo(form) == stop


def test_a_training_that_begins_brings_its_buttons_into_sight(window: Window, qtbot: QtBot) -> None:
    window.resize(1366, 768)
    qtbot.waitUntil(lambda: window.height() == 768)
    form = form_of(window)
    learning = endless(window, qtbot)
    qtbot.waitUntil(lambda: not form.stop.visibleRegion().isEmpty())
    assert not form.train.visibleRegion().isEmpty() and not form.words.visibleRegion().isEmpty()
    learning.stop()
    qtbot.waitUntil(lambda: not learning.running, timeout=60_000)


def test_no_proof_is_made_while_recordings_come_and_go(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = window.panels.inspector.node_page
    window.stage.move_to(1.0)
    qtbot.waitUntil(lambda: page.check.row is not None)
    made: list[object] = []
    monkeypatch.setattr(page.check, "prove", lambda: made.append(page.check))
    for rate in (0.02, 0.03, 0.04):
        window.stage.edit("b", (0,), rate)
        qtbot.wait(250)
        assert len(made) <= 1  # the first stood still until then
    before = len(made)
    qtbot.waitUntil(lambda: len(made) > before)
