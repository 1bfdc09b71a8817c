"""Boxes to be ticked and lists to be picked from, whose marks are painted in the theme's colours.

A style sheet can only name an image file for them, and a file has one colour for all themes.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QMenu

from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look

SIDE = 16.0


class Tick(QCheckBox):
    """A check box."""

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        top = (self.height() - SIDE) / 2
        box = QRectF(0.5, top + 0.5, SIDE - 1, SIDE - 1)
        on = self.isChecked()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            edge = "accent" if on or self.hasFocus() else "border"
            painter.setPen(QPen(look().colour(edge), 1.6 if self.hasFocus() else 1.0))
            painter.setBrush(look().colour("accent" if on else "surface"))
            painter.drawRoundedRect(box, 4, 4)
            if on:
                pen = QPen(look().colour("on-accent"), 1.8)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                marks = [QPointF(x, top + y) for x, y in ((4.5, 8.4), (7, 11), (11.5, 5.5))]
                painter.drawPolyline(QPolygonF(marks))


class Choice(QComboBox):
    """A list that opens."""

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        x, y = self.width() - 15.0, self.height() / 2 - 2
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = QPen(look().colour("muted"), 1.5)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPolyline(
                QPolygonF([QPointF(x - 4, y), QPointF(x, y + 4), QPointF(x + 4, y)])
            )


class TickedMenu(QMenu):
    """A menu of which one row is ticked: the arrow keys begin there, however it was opened."""

    @guarded()
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        ticked = (row for row in self.actions() if row.isChecked() and row.isEnabled())
        if self.activeAction() is None and (row := next(ticked, None)) is not None:
            self.setActiveAction(row)
