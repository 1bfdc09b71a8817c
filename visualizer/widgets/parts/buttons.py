"""Buttons that are more than their style: flat ones with an icon, and the round one that plays.

The mouse gives none of them the focus, so that Space goes on playing after a click.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QToolButton

from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look

ROUND = 36  # px across


class IconButton(QToolButton):
    """A flat button with a bundled icon that follows the theme."""

    def __init__(self, icon: str, words: str) -> None:
        super().__init__()
        self._icon_name = icon
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(words)
        self.setAccessibleName(words.split(" (")[0])
        self.setIconSize(QSize(18, 18))
        look().changed.connect(self._colour)
        self._colour()

    def show_icon(self, icon: str) -> None:
        self._icon_name = icon
        self._colour()

    def _colour(self) -> None:
        self.setIcon(look().icon(self._icon_name))


def tool_button(icon: str, words: str, does: Callable[[], object]) -> IconButton:
    """A flat button that does something; `words` are its tooltip and its accessible name."""
    button = IconButton(icon, words)
    button.setFixedSize(QSize(32, 32))
    button.clicked.connect(does)
    return button


class PlayButton(QAbstractButton):
    """The round orange button: a triangle while it stands, two bars while it plays."""

    def __init__(self) -> None:
        super().__init__()
        self._playing = False
        self.setFixedSize(QSize(ROUND + 6, ROUND + 6))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Play")
        self.setToolTip("Play or pause (Space)")
        look().changed.connect(self.update)

    def show_playing(self, playing: bool) -> None:
        self._playing = playing
        self.setAccessibleName("Pause" if playing else "Play")
        self.update()

    @guarded(neutral=lambda: QSize(ROUND + 6, ROUND + 6))
    def sizeHint(self) -> QSize:
        return QSize(ROUND + 6, ROUND + 6)

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        middle = QPointF(self.width() / 2, self.height() / 2)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look().colour("backward" if not self.isDown() else "backward-text"))
            painter.drawEllipse(middle, ROUND / 2, ROUND / 2)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(look().colour("accent"), 2))
                painter.drawEllipse(middle, ROUND / 2 + 2, ROUND / 2 + 2)
                painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look().colour("on-accent"))
            if self._playing:
                painter.drawRoundedRect(QRectF(middle.x() - 6, middle.y() - 7, 4, 14), 1, 1)
                painter.drawRoundedRect(QRectF(middle.x() + 2, middle.y() - 7, 4, 14), 1, 1)
            else:
                points = [QPointF(-4.5, -7), QPointF(8, 0), QPointF(-4.5, 7)]
                painter.drawPolygon(QPolygonF([middle + p for p in points]))
