"""Folding and unrolling the graph in time: the clock that moves `View.fold`, and nothing else.

How far the graph is folded is the view's; a press folds it or unrolls it, a press on the way turns
it round, and it may be stopped anywhere. The film plays on all the while.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6 import QtWidgets
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from visualizer.scene.compose import level_of_view
from visualizer.scene.fold import obstacle
from visualizer.scene.view import View
from visualizer.widgets.parts.stage import Stage

SECONDS = 0.75  # all the way
TICK = 16  # ms
LONGEST_TICK = 0.05  # s; a slow frame makes the way longer, not rougher
NOTCH = 0.05  # of the way, for one notch of the wheel
NEAR = 0.004  # to an end is at the end


class Folding(QObject):
    """One for a canvas. `changed`: how far it is, where it goes, or whether it moves · `turned`:
    whether it is folded or unrolled."""

    changed = Signal()
    turned = Signal()

    def __init__(self, stage: Stage, canvas: QWidget, fit: Callable[[], None]) -> None:
        super().__init__(canvas)
        self._stage = stage
        self._canvas = canvas
        self._fit = fit
        self._goal = 1.0 if stage.view.fold >= 0.5 else 0.0
        self._start, self._passed, self._then = 0.0, 0.0, 0.0
        self._said = self._goal == 1.0
        self._bands: View | None = None  # what was looked at from so far that it had no steps
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._tick)
        stage.ran.connect(self._ran)
        stage.looked.connect(self._tell)

    @property
    def moving(self) -> bool:
        return self._timer.isActive()

    @property
    def at(self) -> float:
        """How far the graph is folded, 0 … 1."""
        return self._stage.view.fold

    @property
    def folds(self) -> bool:
        """Whether it is folded, or on its way there."""
        return (self._goal if self.moving else self.at) >= 0.5

    # ---- what is asked for

    def toggle(self) -> None:
        """Fold or unroll; on the way, turn round. From half-way it goes on to where it did not."""
        if self.moving or 0.0 < self.at < 1.0:
            self._go(1.0 - self._goal)
        else:
            self._go(0.0 if self.at >= 0.5 else 1.0)

    def stop(self) -> bool:
        """Stop where it is; False if nothing moved."""
        moved = self.moving
        self._timer.stop()
        if moved:
            self._tell()
        return moved

    def put(self, fold: float) -> None:
        """By hand, 0 … 1."""
        self.stop()
        if not self._ready():
            return
        fold = min(max(fold, 0.0), 1.0)
        fold = round(fold) if abs(fold - round(fold)) < NEAR else fold
        if fold != self.at:
            self._goal = 1.0 if fold > self.at else 0.0
            self._show(float(fold))

    def wind(self, notches: float) -> None:
        """By the wheel."""
        self.put(self.at + NOTCH * notches)

    # ---- on the way

    def _go(self, goal: float) -> None:
        if not self._ready():
            return
        self._goal, self._start = goal, self.at
        self._passed, self._then = 0.0, time.perf_counter()
        hints = QtWidgets.QStyle.StyleHint  # by name it would delay the start
        if self._canvas.style().styleHint(hints.SH_Widget_Animation_Duration) <= 0:
            self._show(goal)  # who wants nothing to move gets no motion
            return
        self._timer.start()
        self._tell()

    def _tick(self) -> None:
        now = time.perf_counter()
        self._passed += min(now - self._then, LONGEST_TICK)
        self._then = now
        way = self._goal - self._start
        share = min(self._passed / (SECONDS * max(abs(way), 0.2)), 1.0)
        if share >= 1.0:
            self._timer.stop()
        self._show(self._goal if share >= 1.0 else self._start + way * eased(share))

    def _show(self, fold: float) -> None:
        if fold == 0.0 and self._bands is not None:
            before, self._bands = self._bands, None
            self._stage.look(
                fold=0.0,
                level=before.level,
                zoom=before.zoom,
                stretch=before.stretch,
                origin=before.origin,
            )
        else:
            self._stage.look(fold=fold)
        self._tell()

    def _ready(self) -> bool:
        """Whether it can be folded; why not is said. From bands it comes nearer first."""
        view, film = self._stage.view, self._stage.film
        words = obstacle(film)
        if words:
            self._stage.refused.emit(words[0].upper() + words[1:])
            return False
        if view.fold == 0.0 and level_of_view(film, view) == "bands":
            self._bands = view
            self._stage.look(level="steps")
            self._fit()
        return True

    def _tell(self) -> None:
        self.changed.emit()
        if self.folds != self._said:
            self._said = self.folds
            self.turned.emit()

    def _ran(self) -> None:
        """Another film: what cannot be folded is shown as it is."""
        self._bands = None
        self._tell()


def eased(share: float) -> float:
    """Slow at both ends."""
    return share * share * (3.0 - 2.0 * share)
