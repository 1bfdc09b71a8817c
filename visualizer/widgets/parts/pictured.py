"""A widget that shows one picture of the scene, painted by the one painter of pictures."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.paint import qt as paint
from visualizer.scene.picture import Picture
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look

EMPTY = Picture(1, 1, (), background="")


class Pictured(QWidget):
    """Shows `picture` at its own size; a height that was once needed is kept unless it is reset."""

    clicked = Signal(QPointF)
    pressed_twice = Signal(QPointF)
    hovered = Signal(QPointF)

    def __init__(self, name: str, height: int = 1) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.picture = EMPTY
        self.setFixedHeight(height)
        look().changed.connect(self.update)

    def show_picture(self, picture: Picture) -> None:
        """Show another picture; the widget becomes as high as it is."""
        self.picture = picture
        height = max(1, round(picture.height))
        if height != self.height():
            self.setFixedHeight(height)
        self.update()

    @guarded(neutral=lambda: QSize(40, 1))
    def sizeHint(self) -> QSize:
        return QSize(round(self.picture.width), self.height())

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint.draw(painter, self.picture, look().theme)

    @guarded()
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(event.position())

    @guarded()
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.pressed_twice.emit(event.position())

    @guarded()
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(event.position())

    @guarded()
    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit(QPointF(-1, -1))
