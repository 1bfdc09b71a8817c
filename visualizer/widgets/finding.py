"""What the search field finds: actions that can be done now, and nodes of the graph."""

from __future__ import annotations

from PySide6.QtGui import QAction

from visualizer.widgets.actions import ACTIONS
from visualizer.widgets.canvas import Canvas
from visualizer.widgets.parts.finder import Found, rank
from visualizer.widgets.parts.selection import find, name_of
from visualizer.widgets.parts.stage import Stage


class Finding:
    """The two sources of a finder."""

    def __init__(self, stage: Stage, actions: dict[str, QAction], canvas: Canvas) -> None:
        self._stage, self._actions, self._canvas = stage, actions, canvas

    def actions(self, typed: str) -> list[Found]:
        rows = [
            Found(row.text.rstrip("…"), row.keys[0] if row.keys else "", action.trigger, row.words)
            for row in ACTIONS
            if (action := self._actions[row.id]).isEnabled() and row.id != "search"
        ]
        return rank(rows, typed)

    def nodes(self, typed: str) -> list[Found]:
        network = self._stage.run.recording.network
        return [
            Found(name_of(network, node), "go there", lambda n=node: self._canvas.reveal(n))  # type: ignore[misc]
            for node in find(network, typed)
        ]
