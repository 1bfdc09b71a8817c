"""The picture goes with the playhead, page by page, until a hand moves it away."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.sequences import typed
from engine.template import Node
from visualizer.scene import whereabouts
from visualizer.scene.timeline import Event
from visualizer.widgets.window import Window

LONG = " ".join(f"w{n % 9}" for n in range(200))


@pytest.fixture
def far(window: Window, qtbot: QtBot) -> Window:
    """Two hundred steps, a few of them in sight, at the start."""
    window.stage.show_sequence(typed(LONG))
    qtbot.waitUntil(lambda: window.stage.film.steps == 200)
    window.stage.look(level="tensors")
    window.canvas.fit()
    window.stage.move_to(0.0)
    return window


def seen(window: Window) -> tuple[float, float]:
    canvas, stage = window.canvas, window.stage
    return whereabouts.in_sight(stage.sheet, stage.view, canvas.width(), canvas.height())


def to_step(window: Window, t: int, phase: str = "forward") -> None:
    """The playhead to an event of the state at step t."""
    film = window.stage.film
    slot = next(k for k, s in enumerate(film.network.segments[0].slots) if s.name == "h")
    event = film.timeline.number(Event("value", phase, Node(0, t, slot)))
    window.stage.move_to_event(event)


def settled(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.panels.following.gliding)


def test_nothing_moves_while_the_playhead_is_in_sight(far: Window) -> None:
    before = seen(far)
    for t in range(int(before[1]) - 1):
        to_step(far, t)
        assert seen(far) == before


def test_the_next_page_glides_in(far: Window, qtbot: QtBot) -> None:
    low, high = seen(far)
    t = int(high) + 1
    to_step(far, t)
    assert far.panels.following.gliding and seen(far)[0] == pytest.approx(low, abs=0.5)
    settled(far, qtbot)
    assert seen(far)[0] == pytest.approx(t - 0.06 * (high - low), abs=0.1)
    assert far.stage.fitted  # the window may still grow


def test_far_away_it_is_there_at_once_and_backward_comes_from_the_right(
    far: Window, qtbot: QtBot
) -> None:
    to_step(far, 150)
    low, high = seen(far)
    assert low <= 150 <= high - 1 and not far.panels.following.gliding
    to_step(far, int(low) - 1)
    settled(far, qtbot)
    assert seen(far)[1] - int(low) < 0.2 * (high - low)


def test_who_wants_to_stay_stays(far: Window, qtbot: QtBot) -> None:
    before = seen(far)
    qtbot.keyClick(far.canvas, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert not far.stage.follows and not far.transport.follow.isChecked()
    to_step(far, 150)
    assert seen(far) == before
    far.transport.follow.click()
    assert far.stage.follows and seen(far)[0] <= 150 <= seen(far)[1]


def test_a_hand_that_moves_the_graph_away_ends_it_while_it_plays(far: Window) -> None:
    to_step(far, 3)
    far.stage.bring(100.0, far.canvas.width(), far.canvas.height())
    assert far.stage.follows  # it does not play
    far.stage.bring(0.0, far.canvas.width(), far.canvas.height())
    far.player.play()
    far.stage.bring(100.0, far.canvas.width(), far.canvas.height())
    far.player.stop()
    assert not far.stage.follows
    assert not far.actions_by_id["follow"].isChecked()


def test_it_is_kept_in_the_session(far: Window, tmp_path: Path) -> None:
    far.stage.toggle_follow()
    document = far.stage.document
    path = tmp_path / "kept.unrolled"
    document.save(path)
    far.stage.toggle_follow()
    assert far.files.open_path(path)
    assert not far.stage.follows
