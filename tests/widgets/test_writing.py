"""Writing in the window: a button, the text, what could have come, one word put in its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.template import Node
from visualizer.document.session import TRAINED
from visualizer.scene.odds import logits_of
from visualizer.widgets.parts.options import in_the_window
from visualizer.widgets.window import Window

SONNETS: Path = TRAINED / "sonnets.unrolled"


def wait(qtbot: QtBot, so: Callable[[], bool]) -> None:
    qtbot.waitUntil(so, timeout=60_000)


def test_write_read_and_put_another_word(window: Window, qtbot: QtBot) -> None:
    panels, stage = window.panels, window.stage
    assert panels.files.open_path(SONNETS)
    wait(qtbot, lambda: stage.run.experiment.hidden == 80)
    before = stage.document.wanted.experiment
    panels.perform("write")
    wait(qtbot, lambda: stage.run.experiment.feeding == "own")
    labels = stage.run.batch.labels[0]
    assert panels.writing.text.isVisibleTo(panels.writing)
    assert stage.view.level == "tensors" and panels.form.rows["prompt"].isVisibleTo(panels.form)
    (place,) = logits_of(stage.run)
    stage.select(Node(place[0], 6, place[1]))
    said = panels.inspector.said
    wait(qtbot, lambda: said.isVisibleTo(panels.inspector))
    other = next(b for b in said.buttons if b.isEnabled())
    other.click()
    wait(qtbot, lambda: stage.run.experiment.forced != "")
    assert stage.run.batch.labels[0][:7] == labels[:7]
    assert stage.run.batch.labels[0][7] == other.text() == stage.run.experiment.forced[2:]
    wait(qtbot, said.again.isVisible)
    said.again.click()
    wait(qtbot, lambda: stage.run.batch.labels[0] == labels)
    stage.document.undo()
    stage.document.undo()
    assert stage.document.wanted.experiment.forced == ""
    panels.writing.write()
    wait(qtbot, lambda: stage.run.experiment.draws == before.draws + 1)
    panels.writing.read()
    wait(qtbot, lambda: stage.run.batch.own is None)


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("top_k must be 0..57, as many as there are tokens; got 99", "Top k must be 0..57"),
        ("write must be 1..5000, got 0", "Length must be 1..5000"),
        ("forced must be steps with one of the 57 tokens each", "Forced must be steps"),
        ("temperature must be 0.01..100, got 0", "Temperature τ must be 0.01..100"),
    ],
)
def test_messages_name_the_fields_of_the_form(said: str, label: str) -> None:
    assert in_the_window(said).startswith(label)


def test_what_was_not_trained_does_not_write(window: Window) -> None:
    window.panels.writing.write()
    assert "press Train first" in window.banner.words.text()
    assert window.stage.run.batch.own is None


def test_training_goes_on_while_the_network_writes(window: Window, qtbot: QtBot) -> None:
    """What is written is nothing that is learnt: the text is written anew as parameters come."""
    panels, stage = window.panels, window.stage
    learning = panels.learning
    learning.choose("updates", 1_000_000)
    learning.start()
    wait(qtbot, lambda: stage.document.wanted.parameters is not None)
    panels.writing.write()
    wait(qtbot, lambda: stage.run.experiment.feeding == "own")
    first = stage.run.recording.loss
    assert learning.running
    wait(qtbot, lambda: stage.run.recording.loss != first)
    assert stage.run.experiment.feeding == "own" and learning.running
    learning.stop()
    wait(qtbot, lambda: not learning.running)
    trained = stage.document.wanted.trained
    assert trained is not None and trained.experiment.feeding == "teacher"
