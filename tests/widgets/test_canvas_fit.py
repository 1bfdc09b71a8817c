"""Another arrangement is another graph: it is seen whole, wherever one had looked before."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from visualizer.widgets.actions import ACTIONS
from visualizer.widgets.window import Window


def test_another_arrangement_is_fitted(window: Window, qtbot: QtBot) -> None:
    before = window.stage.view
    window.canvas.zoom_in()
    zoomed = window.stage.view
    assert zoomed.zoom > before.zoom
    window.stage.set("hidden", 5)
    assert window.stage.view.zoom == zoomed.zoom, "a slider moves no graph"
    window.stage.set("arrangement", "attention")
    fitted = window.stage.view
    window.canvas.fit()
    assert (fitted.zoom, fitted.origin) == (window.stage.view.zoom, window.stage.view.origin)


def test_no_two_actions_share_keys() -> None:
    """Shift+= types +, so that both would be meant by one press."""
    keys = [key.replace("Shift++", "+").replace("Shift+=", "+") for a in ACTIONS for key in a.keys]
    assert len(keys) == len(set(keys))
