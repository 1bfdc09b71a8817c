"""The sign that work is under way: a thin line on the lower edge of the graph, and after a while
what it is, with a button that stops it. What is shown goes on to be used meanwhile.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.long_work import LongWork
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.stage import Stage

LINE_AFTER, WORDS_AFTER = 0.3, 0.5  # s of work
THICK, MARGIN = 3, 8  # px


class Line(QWidget):
    """As long as the work is far."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.fraction = 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_fraction(self, fraction: float) -> None:
        if round(fraction * self.width()) != round(self.fraction * self.width()):
            self.update()
        self.fraction = fraction

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), look().colour("accent-soft"))
            reached = QRect(0, 0, round(self.fraction * self.width()), self.height())
            painter.fillRect(reached, look().colour("accent"))


class Progress(QFrame):
    """In the upper right corner of the graph."""

    def __init__(self, stage: Stage, work: LongWork, graph: QWidget) -> None:
        super().__init__(graph)
        self._stage, self._work, self._graph = stage, work, graph
        self._action: QAction | None = None
        self.setObjectName("overlay")
        self.setAccessibleName("Work under way")
        self.line = Line(graph)
        self.words = QLabel()
        self.words.setProperty("tone", "muted")
        self.button = QPushButton("Stop")
        self.button.setProperty("tone", "link")
        self.button.setToolTip("Stop, and keep what is shown (Esc)")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 6, 2)
        row.setSpacing(4)
        row.addWidget(self.words)
        row.addWidget(self.button)
        graph.installEventFilter(self)
        work.changed.connect(self._show)
        look().changed.connect(self.line.update)
        self.hide()

    def follow(self, action: QAction) -> None:
        """The action that stops work can be taken while there is some."""
        self._action = action
        action.setEnabled(False)

    def stop(self) -> None:
        """Give up what is under way; what is shown stays."""
        document = self._stage.document
        if document.waiting:
            document.give_up()
            self._stage.noted.emit("Stopped; nothing was changed")
        else:
            self._work.cancel()

    def _show(self) -> None:
        now = self._work.now
        if self._action is not None:
            self._action.setEnabled(now is not None)
        passed = time.perf_counter() - self._work.since if now is not None else 0.0
        self.line.setVisible(passed > LINE_AFTER)
        if now is None or passed <= LINE_AFTER:
            self.hide()
            return
        self.line.show_fraction(self._work.fraction)
        if passed > WORDS_AFTER:
            self._say(f"{now.words} · {self._work.fraction * 100:.0f} %")

    def _say(self, words: str) -> None:
        if words != self.words.text():
            self.words.setText(words)
        if self.isHidden():
            self.show()
        self._place()

    def _place(self) -> None:
        graph = self._graph
        self.adjustSize()
        self.move(graph.width() - self.width() - MARGIN, MARGIN)
        self.line.setGeometry(0, graph.height() - THICK, graph.width(), THICK)
        self.line.raise_()

    @guarded(neutral=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False
