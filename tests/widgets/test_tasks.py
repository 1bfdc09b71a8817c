"""Tasks whose sequences are drawn: chosen in the window, with their length, and learnt from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from engine.experiment import Experiment
from engine.sequences.generated import GENERATED, task_of
from visualizer.document.learning import learns_from, length_of, of_sample, with_length
from visualizer.plots.learning import learning_picture
from visualizer.widgets.training import TrainingForm
from visualizer.widgets.window import Window


@pytest.mark.parametrize("name", GENERATED)
def test_a_task_is_shown_and_learnt_from(name: str) -> None:
    snapshot = of_sample(name)
    task = task_of(snapshot.sequence)
    assert task is not None and task.id == name
    assert learns_from(snapshot) == name and length_of(snapshot) == max(20, task.shortest)
    longer = with_length(snapshot, 60)
    assert learns_from(longer) == name and length_of(longer) == 60
    assert {n: getattr(longer.experiment, n) for n in task.settings} == task.settings


def test_numbers_typed_over_are_what_is_learnt_from() -> None:
    snapshot = of_sample("adding")
    first, *others = (each.copy() for each in snapshot.sequence.series)
    first[3, 0] += 1
    changed = snapshot.changed(sequence=replace(snapshot.sequence, series=(first, *others)))
    assert isinstance(learns_from(changed), type(changed.sequence)) and length_of(changed) is None


def test_what_a_task_asked_for_goes_with_it() -> None:
    snapshot = of_sample("adding").with_settings(hidden=5)
    after = snapshot.with_sequence(of_sample("sunspots").sequence)
    assert after.experiment == Experiment().changed(hidden=5)
    kept = snapshot.with_settings(readout="every").with_sequence(of_sample("parity").sequence)
    assert kept.experiment.readout == "every" and kept.experiment.task == "class"


def test_the_length_of_a_task_is_a_field_of_training(window: Window, qtbot: QtBot) -> None:
    learning = window.panels.learning
    row = window.findChildren(TrainingForm)[0].rows["length"]
    assert row.isHidden()
    window.stage.show_sample("adding")
    assert not row.isHidden() and learning.training.length == 20
    learning.choose("length", 30)
    assert window.stage.film.steps == 30 and learning.length == 30
    window.stage.document.undo()
    assert window.stage.film.steps == 20 and learning.training.length == 20
    learning.choose("length", 5000)
    qtbot.waitUntil(lambda: window.stage.film.steps == 5000, timeout=8000)
    window.stage.show_sample("therefore")
    qtbot.waitUntil(lambda: row.isHidden(), timeout=8000)


def test_two_that_are_compared_learn_beside_each_other(window: Window, qtbot: QtBot) -> None:
    stage, learning = window.stage, window.panels.learning
    stage.show_sample("adding")
    stage.document.compare()
    stage.set("cell", "lstm")
    learning.choose("updates", 12)
    before = stage.document.wanted
    learning.start()
    qtbot.waitUntil(lambda: not learning.running, timeout=60_000)
    now = stage.document.wanted
    assert now.beside is not None and now.trained is not None and now.beside.trained is not None
    assert now.experiment.cell == "lstm" and now.beside.experiment.cell == "elman"
    for side in (now, now.beside):
        assert side.trained is not None and side.trained.history.count == 12
        assert side.trained.experiment.cell == side.experiment.cell
    picture = learning_picture(stage.sheet, (), stage.view, 900.0, 200.0, "log")
    styles = [item.style for item in picture.items]
    assert {"pair-1", "pair-2", "line-4"} <= set(styles)
    stage.document.undo()
    undone = stage.document.wanted
    assert undone.trained is None and undone.experiment == before.experiment
    assert undone.beside is not None and undone.beside.parameters is None


def test_the_other_is_taken_in_hand_while_both_learn(window: Window, qtbot: QtBot) -> None:
    stage, learning = window.stage, window.panels.learning
    stage.show_sample("parity")
    stage.document.compare()
    stage.set("cell", "gru")
    learning.choose("updates", 50_000)
    learning.start()
    qtbot.waitUntil(lambda: learning.history is not None, timeout=60_000)
    stage.document.turn()
    assert learning.running
    learning.stop()
    qtbot.waitUntil(lambda: not learning.running, timeout=60_000)
    now = stage.document.wanted
    assert now.beside is not None and now.trained is not None and now.beside.trained is not None
    assert now.trained.experiment.cell == now.experiment.cell == "elman"
    assert now.beside.trained.experiment.cell == now.beside.experiment.cell == "gru"
