"""A layout that fills lines from left to right and begins a new one where there is no room."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from visualizer.widgets.parts.guard import guarded


class Flow(QLayout):
    """Hidden widgets take no room. The height follows from the width. With `most` above 1 all are
    as wide as the widest, and up to so many times wider where that fills the lines."""

    def __init__(self, parent: QWidget, gap: int, most: float = 1.0) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap, self._most = gap, most
        self.setContentsMargins(0, 0, 0, 0)

    @guarded()
    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    @guarded(neutral=0)
    def count(self) -> int:
        return len(self._items)

    @guarded()
    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    @guarded()
    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    @guarded(neutral=lambda: Qt.Orientation(0))
    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    @guarded(neutral=True)
    def hasHeightForWidth(self) -> bool:
        return True

    @guarded(neutral=0)
    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    @guarded()
    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    @guarded(neutral=lambda: QSize(10, 10))
    def sizeHint(self) -> QSize:
        return self.minimumSize()

    @guarded(neutral=lambda: QSize(10, 10))
    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        return QSize(max((s.width() for s in sizes), default=0), 0)

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Place the items; the height that they take."""
        x, y, line = rect.x(), rect.y(), 0
        wide = self._width(rect.width())
        for item in self._items:
            if item.isEmpty():
                continue
            size = QSize(wide, item.heightForWidth(wide)) if wide else item.sizeHint()
            if x > rect.x() and x + size.width() > rect.x() + rect.width():
                x, y, line = rect.x(), y + line + self._gap, 0
            if move:
                item.setGeometry(QRect(x, y, size.width(), size.height()))
            x += size.width() + self._gap
            line = max(line, size.height())
        return y + line - rect.y()

    def _width(self, room: int) -> int:
        """Of each widget, in a line so wide; 0: each has its own."""
        if self._most <= 1.0:
            return 0
        asked = max((i.sizeHint().width() for i in self._items if not i.isEmpty()), default=1)
        across = max((room + self._gap) // (asked + self._gap), 1)
        fills = (room - (across - 1) * self._gap) // across
        return min(max(fills, asked), int(asked * self._most))
