"""The gallery and the panel: every lesson two clicks away, its words, variants and cues."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from engine.sequences import samples
from engine.sequences.generated import GENERATED
from visualizer.document.document import Document
from visualizer.lessons.opening import opened
from visualizer.lessons.reading import lesson
from visualizer.lessons.table import GROUPS, IDS
from visualizer.widgets.gallery import CARDS, Gallery
from visualizer.widgets.lesson_panel import LessonPanel, written
from visualizer.widgets.lessons import HINT
from visualizer.widgets.parts.card import Card
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.selection import Parameter
from visualizer.widgets.window import Window

LEFT = Qt.MouseButton.LeftButton


def gallery_of(window: Window) -> Gallery:
    assert window.lessons.room.gallery is not None
    return window.lessons.room.gallery


def panel_of(window: Window) -> LessonPanel:
    assert window.lessons.room.panel is not None
    return window.lessons.room.panel


def card(window: Window, name: str) -> Card:
    return next(c for c in gallery_of(window).cards if c.name == name)


def test_every_lesson_and_every_sample_has_a_card_with_its_pictures(
    window: Window, qtbot: QtBot
) -> None:
    qtbot.mouseClick(window.toolbar.lessons, LEFT)
    names = [c.name for c in gallery_of(window).cards]
    assert names == [*IDS, *(f"sample-{s.id}" for s in (*samples(), *GENERATED.values()))]
    files = {path.name for path in CARDS.iterdir()}
    assert files == {f"{name}-{theme}.png" for name in names for theme in ("light", "dark")}
    for each in gallery_of(window).cards:
        assert not each.picture().isNull()
    light = card(window, IDS[0]).picture().toImage()
    look().use("dark")
    assert card(window, IDS[0]).picture().toImage() != light
    look().use("light")


@pytest.mark.parametrize("id", IDS)
def test_two_clicks(window: Window, qtbot: QtBot, id: str) -> None:
    qtbot.mouseClick(window.toolbar.lessons, LEFT)
    assert gallery_of(window).isVisible()
    qtbot.mouseClick(card(window, id), LEFT)
    assert not gallery_of(window).isVisible() and window.canvas.hasFocus()
    document, found = window.stage.document, lesson(id)
    assert document.snapshot.sequence.source == f"lesson {id}"
    assert document.title == found.title and not document.dirty
    panel = panel_of(window)
    assert panel.isVisible() and panel.title.text() == found.title.replace("'", "&#x27;")
    assert window.stage.position == pytest.approx(opened(found).snapshot.playhead)
    assert window.plot.kind == found.view().plot.split()[0]


def test_what_is_selected(window: Window) -> None:
    window.lessons.room.open("readouts")
    assert window.stage.selection is None, "the inspector follows the cues"
    window.lessons.room.open("conv-encoder")
    assert window.stage.selection == Parameter("U"), "the moment is about the filters"
    window.lessons.room.open("pad-mask-pack")
    node = window.stage.node
    assert node is not None and (node.t, window.stage.view.sequence) == (1, 1)
    assert window.stage.run.network.slot(node.segment, node.slot).name == "h"


def test_search(window: Window, qtbot: QtBot) -> None:
    window.lessons.browse()
    gallery = gallery_of(window)
    assert gallery.search.hasFocus()
    qtbot.keyClicks(gallery.search, "cliff")
    assert [c.name for c in gallery.shown()] == ["clip"]
    assert not window.player.playing, "letters in the search field are no keys of the window"
    gallery.search.clear()
    qtbot.keyClicks(gallery.search, "no such thing")
    assert gallery.shown() == [] and gallery.nothing.isVisible()
    gallery.search.clear()
    qtbot.keyClicks(gallery.search, "two descendants")
    qtbot.keyClick(gallery.search, Qt.Key.Key_Return)
    assert window.stage.document.snapshot.sequence.source == "lesson stacked"


@pytest.mark.parametrize("typed", ["gru", "LSTM", "fold", "one-to-one", "GRU"])
def test_the_exact_name_wins(window: Window, qtbot: QtBot, typed: str) -> None:
    window.lessons.browse()
    gallery = gallery_of(window)
    qtbot.keyClicks(gallery.search, typed)
    qtbot.keyClick(gallery.search, Qt.Key.Key_Return)
    assert window.stage.document.snapshot.sequence.source == f"lesson {typed.lower()}"


def test_keys_walk_from_card_to_card(window: Window, qtbot: QtBot) -> None:
    window.lessons.browse()
    cards = gallery_of(window).cards
    cards[0].setFocus()
    first = [c for c in cards if c.name in GROUPS[1].ids]
    qtbot.keyClick(cards[0], Qt.Key.Key_Down)
    assert first[0].hasFocus()
    qtbot.keyClick(first[0], Qt.Key.Key_Right)
    assert first[1].hasFocus()
    qtbot.keyClick(first[1], Qt.Key.Key_Up)
    assert window.focusWidget() in [c for c in cards if c.name in GROUPS[0].ids]
    first[1].setFocus()
    qtbot.keyClick(first[1], Qt.Key.Key_Return)
    assert window.stage.document.snapshot.sequence.source == f"lesson {first[1].name}"


def test_escape_leaves_everything_as_it_was(window: Window, qtbot: QtBot) -> None:
    before = window.stage.document.snapshot
    window.actions_by_id["lessons"].trigger()
    qtbot.keyClick(gallery_of(window).search, Qt.Key.Key_Escape)
    assert not gallery_of(window).isVisible() and window.canvas.hasFocus()
    assert window.stage.document.snapshot.own == before.own


def test_a_sample_of_the_gallery_has_no_panel(window: Window, qtbot: QtBot) -> None:
    window.lessons.room.open("clip")
    assert panel_of(window).isVisible()
    window.lessons.browse()
    qtbot.mouseClick(card(window, "sample-nile"), LEFT)
    assert window.stage.document.snapshot.sequence.source == "nile"
    assert not panel_of(window).isVisible()


def test_variants(window: Window, qtbot: QtBot) -> None:
    window.lessons.room.open("overwrite")
    panel, document = panel_of(window), window.stage.document
    buttons = panel.pill_buttons()
    assert [b.text() for b in buttons] == [v.title for v in lesson("overwrite").variants]
    qtbot.mouseClick(buttons[1], LEFT)
    assert document.snapshot.experiment.rule == "overwrite" and not document.dirty
    assert buttons[1].isChecked() and "exactly 0" in panel.about_variant.text()
    window.stage.set("hidden", 5)
    qtbot.mouseClick(buttons[0], LEFT)
    assert document.snapshot.experiment.hidden == 8
    window.undo()
    assert document.snapshot.experiment.hidden == 5, "what was changed is not lost"


def test_more_steps_than_before(window: Window) -> None:
    window.lessons.room.open("clip")
    assert not panel_of(window).steps.isVisible()
    window.lessons.room.open("shared")
    panel, stage = panel_of(window), window.stage
    before = {name: array.copy() for name, array in stage.run.recording.parameters.items()}
    assert panel.steps.isVisible() and panel.slider.value() == 8
    panel.slider.setValue(40)
    assert stage.run.recording.steps == 40 and panel.number.text() == "40"
    after = stage.run.recording.parameters
    assert all(np.array_equal(after[name], array) for name, array in before.items())
    window.undo()
    assert stage.run.recording.steps == 8


def test_cues(window: Window, qtbot: QtBot) -> None:
    window.lessons.room.open("readouts")
    panel, film = panel_of(window), window.stage.film
    assert not panel.said.isVisible() and "5 moments" in panel.count.text()
    for n, cue in enumerate(lesson("readouts").cues(), 1):
        qtbot.keyClick(window.canvas, Qt.Key.Key_PageDown)
        assert panel.count.text() == f"{n} of 5"
        assert window.stage.done == film.find(cue.moment) + 1  # type: ignore[arg-type]
        assert panel.said.isVisible()
    assert not panel.on.isEnabled()
    qtbot.keyClick(window.canvas, Qt.Key.Key_PageUp)
    assert panel.count.text() == "4 of 5"


def test_cues_without_a_lesson_do_nothing(window: Window, qtbot: QtBot) -> None:
    before = window.stage.position
    qtbot.keyClick(window.canvas, Qt.Key.Key_PageDown)
    assert window.stage.position == before and "room" not in vars(window.lessons)


def test_the_lesson_is_put_away(window: Window, qtbot: QtBot) -> None:
    window.lessons.room.open("clip")
    qtbot.mouseClick(panel_of(window).close_button, LEFT)
    assert not panel_of(window).isVisible()
    assert window.stage.document.snapshot.sequence.source == "lesson clip"


def test_a_session_of_a_lesson_shows_its_panel_again(window: Window, tmp_path: object) -> None:
    place = f"{tmp_path}/a.unrolled"
    snapshot = opened(lesson("overwrite"), 2).snapshot
    Document(snapshot).save(place)
    window.stage.document.open(place)
    panel = panel_of(window)
    assert panel.isVisible() and panel.variant == 2 and panel.lesson is lesson("overwrite")


def test_a_changed_lesson_is_asked_for_before_it_goes(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.lessons.room.open("clip")
    window.stage.set("learning_rate", 0.5)
    monkeypatch.setattr(window.files, "may_go", lambda: False)
    assert not window.lessons.room.open("gated") and not window.lessons.room.open_sample("nile")
    assert window.stage.document.snapshot.sequence.source == "lesson clip"


def test_the_first_start_shows_the_gallery_and_then_how_to_begin(
    window: Window, qtbot: QtBot
) -> None:
    QSettings().setValue("welcomed", False)
    window.stage.document.look(playhead=0.0)
    window.lessons.begin()
    assert window.lessons.room.gallery is None, "a sentence of one's own is no first start"
    assert window.banner.words.text() == HINT
    QSettings().setValue("welcomed", False)
    window.stage.show_sample("therefore")
    window.stage.move_to(0.0)
    window.lessons.begin()
    assert gallery_of(window).isVisible() and QSettings().value("welcomed", type=bool)
    window.banner.hide()
    gallery_of(window).leave()
    assert window.banner.isVisible() and window.banner.words.text() == HINT


def test_words_of_a_caption() -> None:
    assert "W<span" in written("W_hh < 1") and "&lt;" in written("W_hh < 1")
    assert "<sub>t−1</sub>" in written("a_{t−1}")


def test_the_slider_of_steps_follows_undo(window: Window) -> None:
    window.lessons.room.open("shared")
    panel = panel_of(window)
    before = panel.slider.value()
    panel.slider.setValue(before + 4)
    assert window.stage.run.recording.steps == before + 4
    window.stage.document.undo()
    assert panel.slider.value() == before == window.stage.run.recording.steps


@pytest.mark.parametrize("width", [1000, 1366, 1600, 1920])
def test_cards_fill_the_gallery(window: Window, qtbot: QtBot, width: int) -> None:
    """No more than a sixth of a line is left over, whatever the width."""
    window.resize(width, 900)
    qtbot.mouseClick(window.toolbar.lessons, LEFT)
    gallery = gallery_of(window)
    cards = [c for c in gallery.cards if c.kind == "lesson"]

    def filled() -> bool:
        ends = [card.mapTo(gallery.page, card.rect().topRight()).x() for card in cards]
        same = {(card.width(), card.height()) for card in cards}
        tall = cards[0].heightForWidth(cards[0].width())
        return max(ends) >= 5 / 6 * (gallery.page.width() - 80) and same == {
            (cards[0].width(), tall)
        }

    qtbot.waitUntil(filled)
