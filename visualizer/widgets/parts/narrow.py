"""A button whose words end in … where there is no room; it never makes a panel wider."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton

from visualizer.widgets.parts.guard import guarded

LEAST = 56  # px


class Narrow(QPushButton):
    """Shows words and a mark behind them that is never cut."""

    def __init__(self) -> None:
        super().__init__()
        self._words, self._mark = "", ""

    def show_words(self, words: str, mark: str = "") -> None:
        self._words, self._mark = words, mark
        self._fit()
        self.updateGeometry()

    @guarded(neutral=lambda: QSize(LEAST, 20))
    def sizeHint(self) -> QSize:
        hint, metrics = super().sizeHint(), self.fontMetrics()
        more = metrics.horizontalAdvance(self._words + self._mark)
        return hint + QSize(more - metrics.horizontalAdvance(self.text()), 0)

    @guarded(neutral=lambda: QSize(LEAST, 20))
    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), LEAST), hint.height())

    @guarded()
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As much of the words as there is room for, all of them in the tooltip if some are cut."""
        metrics = self.fontMetrics()
        around = super().sizeHint().width() - metrics.horizontalAdvance(self.text())
        room = self.width() - around - metrics.horizontalAdvance(self._mark)
        shown = metrics.elidedText(self._words, Qt.TextElideMode.ElideRight, max(room, 0))
        self.setToolTip(self._words if shown != self._words else "")
        if self.text() != shown + self._mark:
            self.setText(shown + self._mark)
