"""A button whose words end in … where there is no room; it never makes a panel wider."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton

from visualizer.widgets.parts.guard import guarded

LEAST = 56  # px
MARK = " ▾"


class Narrow(QPushButton):
    """Shows words and the mark of a menu behind them, which is never cut."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_words(self, words: str) -> None:
        self.setText(words + MARK)

    @property
    def missing(self) -> int:
        """px that the words lack."""
        return max(self.sizeHint().width() - self.width(), 0)

    @guarded(neutral=lambda: QSize(LEAST, 20))
    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), LEAST), hint.height())

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.missing:
            super().paintEvent(event)
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        metrics, words = self.fontMetrics(), self.text().removesuffix(MARK)
        room = metrics.horizontalAdvance(words) - self.missing
        option.text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room) + MARK
        with QPainter(self) as painter:
            self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
