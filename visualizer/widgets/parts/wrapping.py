"""In how many lines the steps stand: the choice, and its menu. What lines are is the scene's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from visualizer.scene.whereabouts import in_sight, obstacle, revealed
from visualizer.scene.wrapping import AUTO, ONE
from visualizer.widgets.parts.stage import Stage

WORDS = {
    ONE: "One line",
    AUTO: "As many as it takes",
    **{count: f"{count} lines" for count in (2, 3, 4, 6, 8)},
}


class Wrapping(QObject):
    """One for a canvas."""

    def __init__(self, stage: Stage, canvas: QWidget, fit: Callable[[], None]) -> None:
        super().__init__(canvas)
        self._stage = stage
        self._canvas = canvas
        self._fit = fit

    @property
    def lines(self) -> int:
        return self._stage.view.wrap

    @property
    def wraps(self) -> bool:
        return self.lines != ONE

    def toggle(self) -> None:
        """All steps in one line, or in as many as it takes to read them."""
        self.pick(ONE if self.wraps else AUTO)

    def pick(self, lines: int) -> None:
        """The steps in so many lines; where that cannot be, it is said why."""
        stage = self._stage
        view = replace(stage.view, wrap=lines)
        if lines != ONE and (said := obstacle(stage.sheet, view)):
            stage.refused.emit(said)
            return
        size = (self._canvas.width(), self._canvas.height())
        low, high = in_sight(stage.sheet, stage.view, *size)
        middle = min(max(int((low + high) / 2), 0), stage.sheet.steps - 1)
        stage.document.look(view=view)
        self._fit()
        if high - low < stage.sheet.steps - 1:  # one was somewhere: there one stays
            stage.document.look(view=revealed(stage.sheet, stage.view, *size, middle))


class LineMenu(QMenu):
    """Ticks what is so when it opens."""

    def __init__(self, wrapping: Wrapping, parent: QMenu) -> None:
        super().__init__(parent)
        self._wrapping = wrapping
        self._group = QActionGroup(self)
        for count, words in WORDS.items():
            action = self.addAction(words)
            action.setData(count)
            action.setCheckable(True)
            self._group.addAction(action)
        self._group.triggered.connect(self._picked)
        self.aboutToShow.connect(self._show)

    def _picked(self, action: QAction) -> None:
        self._wrapping.pick(int(action.data()))

    def _show(self) -> None:
        for action in self._group.actions():
            action.setChecked(action.data() == self._wrapping.lines)
