"""The form in its panel: no value makes it wider, no row is there without a meaning."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from engine.experiment import settings
from engine.sequences import sample, typed
from visualizer.widgets.parts.rows import ChoiceRow
from visualizer.widgets.toolbar import Elided
from visualizer.widgets.window import LEFT, Window

EDGES = 20 + 10 + 8  # px of the page round the form, and of the bar that scrolls it
LONG = [row.name for row in settings() if row.kind == "choice"]


@pytest.mark.parametrize("name", LONG)
def test_no_choice_is_wider_than_the_panel(window: Window, name: str) -> None:
    row = window.form.rows[name]
    for choice in row.setting.choices:
        row.show_value(choice)
        assert row.minimumSizeHint().width() <= LEFT - EDGES, choice


def test_the_form_fits_its_panel(window: Window, qtbot: QtBot) -> None:
    for row in window.form.rows.values():
        row.show()
    assert window.form.minimumSizeHint().width() <= LEFT - EDGES
    area = window.model_dock.widget()
    assert isinstance(area, QScrollArea)
    for arrangement in ("temporal-convolution", "encoder-decoder"):
        window.stage.set("arrangement", arrangement)
        row = window.form.rows["arrangement"]
        assert isinstance(row, ChoiceRow)
        qtbot.wait(50)
        page = area.widget()
        assert page is not None and page.minimumSizeHint().width() <= area.viewport().width()
        right = row.button.mapTo(page, row.button.rect().topRight()).x()
        assert right <= area.viewport().width()
        for other in window.form.rows.values():
            if isinstance(other, ChoiceRow) and other.isVisible():
                assert not other.button.missing, f"{other.setting.name}: {other.button.text()}"


def test_no_word_of_a_choice_is_cut(window: Window, qtbot: QtBot) -> None:
    """Of the training as well; a long word stands below the name of its setting."""
    below = 0
    for row in window.findChildren(ChoiceRow):
        for choice in row.setting.choices:
            row.show()
            row.show_value(choice)
            row.resize(LEFT - EDGES, row.sizeHint().height())
            layout = row.layout()
            assert layout is not None
            layout.activate()
            assert not row.button.missing, f"{row.setting.name}: {row.button.text()}"
            below += row.button.y() > row.label.y() + row.label.height() // 2
    assert 0 < below < 12


def test_what_is_asked_of_words_and_of_numbers(window: Window, qtbot: QtBot) -> None:
    tokens, standardise = (window.form.rows[name] for name in ("tokens", "standardise"))
    assert not tokens.isHidden() and standardise.isHidden()
    window.stage.show_sequence(sample("moving-dot"))
    qtbot.waitUntil(lambda: tokens.isHidden() and not standardise.isHidden())
    hidden = window.form.rows["hidden"]
    assert hidden.label.text() == "Hidden units"
    window.stage.set("cell", "conv-rnn")
    qtbot.waitUntil(lambda: hidden.label.text() == "Channels")
    window.stage.set("cell", "lstm")
    window.stage.show_sequence(typed("I think"))
    qtbot.waitUntil(lambda: not tokens.isHidden() and hidden.label.text() == "Hidden units")


def test_the_title_says_less_rather_than_half(qtbot: QtBot) -> None:
    title = Elided()
    qtbot.addWidget(title)
    title.show_text("Both directions · vanilla RNN", "Both directions", "Both of them")
    for text in ("Both directions · vanilla RNN", "Both directions", "Both of them"):
        title.resize(title.fontMetrics().horizontalAdvance(text) + 1, 20)
        assert title.fitting() == text
    title.resize(12, 20)
    assert "…" in title.fitting() and title.toolTip() == "Both directions · vanilla RNN"
