"""What the window shows until the file that it was started with is there: its name, and no graph
that is not wanted. Whatever comes, or goes wrong, takes it away.
"""

from __future__ import annotations

from collections.abc import Sequence as Several
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.long_work import LongWork
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.stage import Stage


def named(paths: Several[Path]) -> str:
    """Files that are opened together, in few words."""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return paths[0].name + more


class Cover(QWidget):
    """Over the graph, its plot and the transport."""

    def __init__(self, stage: Stage, work: LongWork, place: QWidget) -> None:
        super().__init__(place)
        self._stage, self._work = stage, work
        self.words = f"Opening {stage.opening} …"
        self.setAccessibleName(self.words)
        place.installEventFilter(self)
        stage.ran.connect(self._leave)
        for told in (stage.refused, stage.noted):
            told.connect(self._leave)
        work.changed.connect(self._look)
        look().changed.connect(self.update)

    def _look(self) -> None:
        """How far it is; or it was stopped, or cannot be opened."""
        now = self._work.now
        if now is not None:
            self.words = f"{now.words} · {self._work.fraction * 100:.0f} %\nEsc stops"
            self.update()
        elif not self._stage.document.waiting:
            self._leave()

    def _leave(self) -> None:
        self._stage.opening = ""
        self.hide()

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), look().colour("canvas"))
            painter.setPen(look().colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.words)

    @guarded(neutral=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
            self.raise_()
        return False
