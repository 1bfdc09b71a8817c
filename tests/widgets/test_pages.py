"""A sequence that is too long is walked window by window; where one is stands beside it."""

from __future__ import annotations

import numpy as np
import pytest

from engine import fitting
from engine.sequences import Sequence, typed
from visualizer.widgets.parts import long_work
from visualizer.widgets.parts.pages import Pages
from visualizer.widgets.sequence_editor import SequenceEditor

pytestmark = pytest.mark.window


@pytest.fixture
def long(window, monkeypatch):
    monkeypatch.setattr(fitting, "MOST_NODES", 20_000)
    monkeypatch.setattr(fitting, "WINDOW", 1_000)
    monkeypatch.setattr(long_work, "FRAME", 60.0)  # here, where the limits are these
    wave = np.sin(np.arange(8_501) / 9)[:, None]
    sequence = Sequence("numbers", series=(wave,), columns=("a",), roles=("input",), title="long")
    noted: list[str] = []
    window.stage.noted.connect(noted.append)
    assert window.stage.show_sequence(sequence)
    return window, noted


def pages(window) -> Pages:
    return window.findChild(Pages)


def test_the_next_window_is_a_step_of_undo(long):
    window, noted = long
    stage, shown = window.stage, pages(window)
    assert noted == [
        "steps 1 … 1,000 of 8,500 are recorded; choose others with First step and Steps"
    ]
    assert shown.words.text() == "steps 1 … 1,000\nof 8,500"
    assert not shown.back.isEnabled()
    shown.on.click()
    assert shown.words.text() == "steps 1,001 … 2,000\nof 8,500"
    assert stage.run.batch.labels[0][0] == "1001"
    assert len(noted) == 1  # what stands there need not be said again
    assert window.form.rows["first"].edit.text() == "1001"
    assert window.form.rows["steps"].edit.text() == "as fit"
    stage.document.undo()
    assert shown.words.text() == "steps 1 … 1,000\nof 8,500"


def test_the_last_window_has_no_next_one_and_the_first_none_before(long):
    window, _ = long
    stage = window.stage
    stage.set("first", 8_001)
    assert pages(window).words.text() == "steps 8,001 … 8,500\nof 8,500"
    assert not pages(window).on.isEnabled() and not stage.page_on()
    stage.set("first", 300)
    assert stage.page_back()
    assert pages(window).words.text() == "steps 1 … 1,000\nof 8,500"
    assert not stage.page_back()


def test_inputs_typed_over_stay_behind_and_come_back(long):
    window, _ = long
    stage = window.stage
    stage.edit("x", (3, 0, 0), 9.0)
    stage.page_on()
    assert stage.document.snapshot.edits == ()
    stage.document.undo()
    assert len(stage.document.snapshot.edits) == 1


def test_of_a_short_sequence_nothing_is_asked(window):
    assert pages(window).isHidden()
    assert window.form.rows["first"].isHidden() and window.form.rows["steps"].isHidden()


def test_the_card_shows_the_words_that_are_recorded(long):
    window, _ = long
    stage, shown = window.stage, window.findChild(SequenceEditor)
    text = "".join("abcdefgh"[n * n % 7] for n in range(9_000))
    assert stage.show_sequence(typed(text, "characters"))
    assert shown.text.toPlainText() == text[:1_000] and shown.text.isReadOnly()
    assert stage.page_on()
    assert shown.text.toPlainText() == text[1_000:2_000]
    assert stage.document.snapshot.sequence.texts == (text,)
