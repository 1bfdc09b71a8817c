"""The picture follows the playhead, page by page: while the film goes on in sight nothing moves;
when it leaves, the graph glides on by almost a window.

Whether it does is the view's (`View.follow`). Who moves the graph away from a film that plays wants
to look elsewhere: that ends it, until it is wanted again.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from visualizer.scene import whereabouts
from visualizer.scene.minimap import all_in_sight
from visualizer.scene.view import View
from visualizer.scene.whereabouts import ENTERS, holds, next_page
from visualizer.widgets.parts.player import Player
from visualizer.widgets.parts.stage import Stage

SECONDS = 0.22  # of a glide to the next page
TICK = 16  # ms
FAR = 1.5  # pages


class Following(QObject):
    """One for a canvas. `turned`: it was ended by a hand."""

    turned = Signal()

    def __init__(self, stage: Stage, player: Player, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._stage = stage
        self._player = player
        self._canvas = canvas
        self._on = stage.follows
        self._own: View | None = None  # the view as it was last moved from here
        self._way = (0.0, 0.0)  # steps at the left edge, where a glide begins and where it ends
        self._begun = 0.0
        self._turned = -SECONDS  # when a page was turned last
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._glide)
        stage.moved.connect(self._follow)
        stage.looked.connect(self._looked)

    @property
    def gliding(self) -> bool:
        return self._timer.isActive()

    # ---- following

    def _follow(self) -> None:
        """Turn the page if the playhead is on another one."""
        stage, step = self._stage, self._stage.frame.step
        if not stage.follows or step is None:
            return
        low, high = self._in_sight()
        unit = whereabouts.together(stage.sheet, stage.view, self._canvas.width())
        if all_in_sight(low, high, stage.sheet.steps) or holds(low, high, step, unit):
            return
        now, before = time.perf_counter(), self._turned
        fast = now - before < SECONDS  # nobody sees a glide, nor what lies behind the playhead
        page, goal = high - low, next_page(low, high, step, unit, 0.0 if fast else ENTERS)
        goal = min(max(goal, 0.0), max(stage.sheet.steps - page, 0.0))
        if self.gliding and holds(self._way[1], self._way[1] + page, step, unit):
            return
        self._turned = now
        if fast or abs(goal - low) > FAR * page:
            self._timer.stop()
            self._bring(goal)
            return
        self._way, self._begun = (low, goal), now
        self._timer.start()

    def _glide(self) -> None:
        at = min((time.perf_counter() - self._begun) / SECONDS, 1.0)
        start, end = self._way
        self._bring(start + (end - start) * at * at * (3.0 - 2.0 * at))
        if at >= 1.0:
            self._timer.stop()

    def _bring(self, step: float) -> None:
        stage, size = self._stage, (self._canvas.width(), self._canvas.height())
        self._own = whereabouts.brought(stage.sheet, stage.view, *size, step)
        stage.document.look(view=self._own)

    def _in_sight(self) -> tuple[float, float]:
        size = (self._canvas.width(), self._canvas.height())
        return whereabouts.in_sight(self._stage.sheet, self._stage.view, *size)

    # ---- the hand

    def _looked(self) -> None:
        """Another view: following is wanted again, or a hand has moved the graph."""
        stage, view = self._stage, self._stage.view
        before, self._on = self._on, stage.follows
        if not stage.follows:
            self._timer.stop()
        elif not before:
            self._follow()
        elif self._own is not None and view.origin != self._own.origin:
            self._timer.stop()
            step, seen = stage.frame.step, self._in_sight()
            if self._player.playing and step is not None and not holds(*seen, step, 1):
                stage.look(follow=False)
                self.turned.emit()
        self._own = view
