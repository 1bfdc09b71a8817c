"""Long work is done beside the window: the old picture stays usable, the newest wins, a way out."""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import Stopped, Unusable
from engine.sequences import Sequence
from engine.template import Node
from visualizer.document import elsewhere
from visualizer.export import write
from visualizer.plots.jacobian import jacobian_picture
from visualizer.scene.film import Film
from visualizer.scene.picture import Texts
from visualizer.theme import theme_named
from visualizer.widgets import export
from visualizer.widgets.parts import long_work, progress
from visualizer.widgets.parts.long_work import Work
from visualizer.widgets.parts.rows import NumberRow

pytestmark = pytest.mark.window
STEPS = 30_000
PATIENCE = 30_000  # ms


def long_sequence(steps: int = STEPS) -> Sequence:
    wave = np.sin(np.arange(steps) / 9)[:, None]
    return Sequence("numbers", series=(wave,), columns=("a",), roles=("input",), title="long")


def slow(place: str, watch: Callable[[int], None]) -> None:
    """Work that goes on until it is stopped."""
    Path(place).touch()
    while True:
        watch(0)
        time.sleep(0.002)


def slow_writing(*given: object) -> None:
    """As long."""
    watch = given[-1]
    assert callable(watch)
    while True:
        watch(0)
        time.sleep(0.002)


def failing(watch: Callable[[int], None]) -> None:
    raise Unusable("this cannot be; choose another")


@pytest.fixture
def beside(window, monkeypatch):
    """Every recording is made beside the window, however short."""
    monkeypatch.setattr(long_work, "FRAME", 0.0)
    monkeypatch.setattr(long_work, "COLD", 0.0)
    return window


def process_of(window) -> int | None:
    """The process beside this window; those of other windows are not its."""
    worker = window.long_work._worker
    return worker.process if worker is not None else None


def done(window, qtbot) -> None:
    document = window.stage.document
    qtbot.waitUntil(lambda: not document.waiting and window.long_work.now is None, timeout=PATIENCE)


def test_a_long_recording_is_made_beside_with_a_line_and_words(window, qtbot, monkeypatch):
    monkeypatch.setattr(progress, "LINE_AFTER", 0.0)
    monkeypatch.setattr(progress, "WORDS_AFTER", 0.0)
    stage, shown = window.stage, window.panels.progress
    run, seen = stage.run, []
    window.long_work.changed.connect(lambda: seen.append(shown.line.fraction))
    assert window.actions_by_id["stop"].isEnabled() is False
    assert stage.attempt(lambda: stage.document.set_sequence(long_sequence()))
    assert stage.run is run and window.actions_by_id["stop"].isEnabled()
    qtbot.waitUntil(shown.isVisible)
    assert shown.line.isVisible() and "Recording 29,999 steps" in shown.words.text()
    stage.move_to_event(7)
    assert stage.done == 7, "the old picture goes on"
    done(window, qtbot)
    assert stage.run.recording.steps == STEPS - 1
    assert max(seen) > 0.2 and seen == sorted(seen)
    assert not shown.isVisible() and not shown.line.isVisible()
    assert not window.actions_by_id["stop"].isEnabled()


def test_a_short_one_takes_no_process(window):
    window.stage.set("hidden", 12)
    assert window.stage.run.experiment.hidden == 12 and process_of(window) is None


def test_the_control_shows_at_once_what_is_wanted_and_a_drag_is_one_step(beside, qtbot):
    stage, row = beside.stage, beside.form.rows["hidden"]
    assert isinstance(row, NumberRow) and row.slider is not None
    row.slider.setSliderDown(True)
    for place in (3, 9, 20):
        row.slider.setValue(place)
        qtbot.waitUntil(lambda: str(stage.document.wanted.experiment.hidden) == row.edit.text())
    wanted = stage.document.wanted.experiment.hidden
    assert row.edit.text() == str(wanted) and stage.run.experiment.hidden == 8
    row.slider.setSliderDown(False)
    done(beside, qtbot)
    assert stage.run.experiment.hidden == wanted and row.edit.text() == str(wanted)
    stage.document.undo()
    assert row.edit.text() == "8"
    done(beside, qtbot)
    assert stage.run.experiment.hidden == 8 and not stage.document.undo_label


def test_escape_and_the_button_stop(beside, qtbot, monkeypatch):
    monkeypatch.setattr(progress, "LINE_AFTER", 0.0)
    monkeypatch.setattr(progress, "WORDS_AFTER", 0.0)
    stage = beside.stage
    said: list[str] = []
    stage.noted.connect(said.append)
    before = stage.document.snapshot
    for stop in (
        lambda: beside.actions_by_id["stop"].trigger(),
        lambda: beside.panels.progress.button.click(),
    ):
        stage.document.set_sequence(long_sequence())
        qtbot.waitUntil(beside.panels.progress.isVisible)
        stop()
        assert stage.document.wanted is stage.document.snapshot and not stage.document.waiting
        assert stage.document.snapshot.sequence is before.sequence
        qtbot.waitUntil(lambda: not beside.panels.progress.isVisible())  # a plot may be next
    assert said == ["Stopped; nothing was changed"] * 2
    assert "Esc" in beside.actions_by_id["stop"].shortcut().toString()


def test_what_cannot_be_recorded_is_said_in_the_banner(beside, qtbot):
    beside.stage.set("hidden", 5)
    beside.stage.set("loss", "squared-error")
    done(beside, qtbot)
    assert "does not fit class targets" in beside.banner.words.text() and beside.banner.isVisible()
    assert beside.stage.run.experiment.hidden == 5
    assert beside.form.rows["loss"].button.text() != "squared-error"


def test_closing_and_opening_during_work(beside, qtbot, tmp_path):
    stage = beside.stage
    place = stage.document.save(tmp_path / "a.unrolled")
    stage.document.set_sequence(long_sequence())
    assert beside.files.open_path(place)
    done(beside, qtbot)
    assert stage.run.recording.steps == 5 and stage.document.path == place
    stage.document.set_sequence(long_sequence())
    qtbot.waitUntil(lambda: process_of(beside) is not None)
    beside.close()
    assert process_of(beside) is None and beside.long_work.now is None
    stage.set("hidden", 5)  # whoever asks after that is answered at once
    assert stage.run.experiment.hidden == 5


def test_two_hundred_changes_leave_the_last(beside, qtbot):
    chance, stage = random.Random(5), beside.stage
    for _ in range(200):
        name = chance.choice(("hidden", "seed", "radius"))
        value = chance.uniform(0.5, 1.5) if name == "radius" else chance.randint(1, 30)
        stage.set_soon(name, value)
        if chance.random() < 0.1:
            qtbot.wait(chance.randint(0, 30))
        if chance.random() < 0.1:
            stage.settle()
    qtbot.wait(1)
    done(beside, qtbot)
    last = stage.document.wanted
    assert stage.document.snapshot.experiment == last.experiment == stage.run.experiment.meant()
    labels = 0
    while stage.document.undo_label:
        stage.document.undo()
        labels += 1
    done(beside, qtbot)
    assert labels and stage.run.experiment.hidden == 8


def test_other_work_waits_its_turn_and_hears_when_it_is_stopped(window, qtbot, tmp_path):
    found: list[Any] = []
    work = window.long_work
    work.perform(Work("export", slow, (str(tmp_path / "one"),), found.append, "Drawing"))
    qtbot.waitUntil((tmp_path / "one").exists, timeout=PATIENCE)
    work.perform(Work("check", failing, (), found.append, "Checking"))
    assert work.now is not None and work.now.kind == "export"
    window.actions_by_id["stop"].trigger()
    assert isinstance(found[0], Stopped)
    qtbot.waitUntil(lambda: len(found) == 2, timeout=PATIENCE)
    assert str(found[1]) == "this cannot be; choose another" and work.now is None


def test_a_plot_that_takes_long_is_worked_out_beside(window, qtbot):
    """The window shows what it will be, then what it is: the same as if it were drawn here."""
    stage, plot = window.stage, window.plot
    assert stage.attempt(lambda: stage.document.set_sequence(long_sequence(1500)))
    done(window, qtbot)
    stage.move_to(1.0)
    plot.pick("jacobian", "log")
    waiting = plot.picture()
    assert window.long_work.now is not None and window.long_work.now.kind == "plot"
    words = [text for item in waiting.items if isinstance(item, Texts) for text in item.strings]
    assert words[0] == "Step Jacobian" and "being worked out …" in words
    qtbot.waitUntil(lambda: window.long_work.now is None, timeout=PATIENCE)
    film = Film(stage.run)
    size = (plot.width(), plot.height())
    drawn = jacobian_picture(film, film.frame_at(1.0), stage.view, *size)
    assert_same(plot.picture().items, drawn.items)
    stage.set("radius", 0.7)
    done(window, qtbot)
    assert plot.picture().title == "Step Jacobian" and plot.picture() is not waiting


def test_a_plot_that_was_stopped_says_so_until_it_is_picked_again(window, qtbot):
    stage, plot = window.stage, window.plot
    stage.document.set_sequence(long_sequence(1500))
    done(window, qtbot)
    plot.pick("jacobian", "log")
    plot.picture()
    window.actions_by_id["stop"].trigger()
    words = [text for item in plot.picture().items for text in getattr(item, "strings", ())]
    assert any(text.startswith("stopped") for text in words) and window.long_work.now is None
    plot.pick("jacobian", "log")
    plot.picture()
    assert window.long_work.now is not None
    qtbot.waitUntil(lambda: window.long_work.now is None, timeout=PATIENCE)
    assert not any("stopped" in t for i in plot.picture().items for t in getattr(i, "strings", ()))


def test_a_long_proof_is_made_beside(window, qtbot):
    stage, check = window.stage, window.inspector.node_page.check
    stage.document.set_sequence(long_sequence(1500))
    done(window, qtbot)
    stage.move_to(1.0)
    stage.select(Node(0, 700, 2))
    qtbot.waitUntil(lambda: check.button.isVisible())
    check.button.click()
    assert window.long_work.now is not None and check.second.text() == "being checked …"
    qtbot.waitUntil(lambda: check.row is not None, timeout=PATIENCE)
    assert check.row.ok and check.second.text().startswith("complex step")


def assert_same(items: tuple[Any, ...], others: tuple[Any, ...]) -> None:
    assert [type(item) for item in items] == [type(item) for item in others]
    for item, other in zip(items, others, strict=True):
        for field in dataclasses.fields(item):
            one, two = getattr(item, field.name), getattr(other, field.name)
            assert (
                np.array_equal(one, two) if isinstance(one, np.ndarray) else repr(one) == repr(two)
            )


def test_a_large_figure_is_drawn_and_written_beside(window, qtbot, tmp_path, monkeypatch):
    """The same bytes as if it were written here; it can be stopped, and nothing is left then."""
    monkeypatch.setattr(export, "LARGE", 10)
    stage = window.stage
    dialog = export.ExportDialog(stage, window)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitUntil(lambda: not dialog.preview.pixmap().isNull(), timeout=PATIENCE)
    ratio = dialog.devicePixelRatioF()
    assert dialog.preview.pixmap().width() == round(export.PREVIEW[0] * ratio)
    here, beside = tmp_path / "here.svg", tmp_path / "beside.svg"
    write(dialog.picture(), here, theme_named(str(dialog.theme.currentData())))
    with monkeypatch.context() as patched:
        patched.setattr(export, "write_figure", slow_writing)
        assert dialog.write(beside) and not dialog.save.isEnabled()
        dialog.reject()
    assert dialog.isVisible() and dialog.trouble.text().startswith("stopped")
    assert dialog.save.isEnabled() and dialog.write(beside)
    with qtbot.waitSignal(dialog.accepted, timeout=PATIENCE):
        pass
    assert beside.read_bytes() == here.read_bytes()


def test_a_large_file_is_read_beside(window, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(elsewhere, "LARGE", 10)
    stage, path = window.stage, tmp_path / "wave.json"
    path.write_text(str([k / 7 for k in range(40)]))
    before = stage.document.snapshot
    assert window.files.open_path(path) and stage.document.wanted is before
    window.actions_by_id["stop"].trigger()
    said = window.banner.words.text()
    assert said.startswith("Opening wave.json was stopped; what is shown is “I think therefore")
    window.files.open_path(path)
    done(window, qtbot)
    assert stage.run.recording.steps == 39
    place = stage.document.save(tmp_path / "a.unrolled")
    stage.set("hidden", 5)
    window.files.open_path(place)
    done(window, qtbot)
    assert stage.document.path == place and stage.run.experiment.hidden == 8
    assert not stage.document.dirty and not stage.document.undo_label
    path.write_text('[1, "x"]' + " " * 9)
    window.files.open_path(path)
    done(window, qtbot)
    assert "wave.json" in window.banner.words.text() and stage.document.path == place
