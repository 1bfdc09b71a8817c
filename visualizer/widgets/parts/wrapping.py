"""In how many lines the steps stand: the choice, and its menu. What lines are is the scene's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from visualizer.scene.view import View
from visualizer.scene.whereabouts import brought, far_lines, in_sight, obstacle, revealed
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
        self._flat: tuple[View, bool] | None = None  # in one line, and whether all was fitted
        self._left: tuple[object, ...] = ()  # the place where the lines have been put
        self._steps = stage.sheet.steps
        stage.ran.connect(self._forget)

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
        if lines == ONE and self.wraps and self._flat and self._flat[0].level == view.level:
            self._unwrap(*self._flat)
            return
        before, fitted = stage.view, stage.fitted
        low, high = in_sight(stage.sheet, before, *self._size)
        middle = min(max(int((low + high) / 2), 0), stage.sheet.steps - 1)
        if far := far_lines(stage.sheet, before, *self._size) if lines == AUTO else None:
            stage.fitted = False
            stage.document.look(view=far)
        else:
            stage.document.look(view=view)
            self._fit()
        if high - low < stage.sheet.steps - 1:  # one was somewhere: there one stays
            stage.document.look(view=revealed(stage.sheet, stage.view, *self._size, middle))
        if before.wrap == ONE:
            self._flat = before, fitted
        self._left = _place(stage.view)

    def _unwrap(self, flat: View, fitted: bool) -> None:
        """One line as it was; who has moved the lines has their first step at its left edge."""
        stage = self._stage
        low = in_sight(stage.sheet, stage.view, *self._size)[0]
        moved = _place(stage.view) != self._left
        view = replace(
            stage.view, wrap=ONE, zoom=flat.zoom, stretch=flat.stretch, origin=flat.origin
        )
        stage.fitted = fitted and not moved
        stage.document.look(
            view=brought(stage.sheet, view, *self._size, max(low, 0.0)) if moved else view
        )

    def _forget(self) -> None:
        """Another recording has other places, if it is longer or shorter."""
        if self._stage.sheet.steps != self._steps:
            self._steps, self._flat = self._stage.sheet.steps, None

    @property
    def _size(self) -> tuple[int, int]:
        return self._canvas.width(), self._canvas.height()


def _place(view: View) -> tuple[object, ...]:
    return view.wrap, view.level, view.zoom, view.stretch, view.origin


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
