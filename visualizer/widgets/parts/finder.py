"""The search field: what is typed is looked up in rows that others give, and one is done.

It is the command palette too. What there is to find is the window's; here it is ranked and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look

LIST_WIDTH = 360
MOST = 12
ROW = 28
HINT = "Ctrl K"
HINT_ROOM = 72  # px that it takes beside the words


@dataclass(frozen=True, slots=True)
class Found:
    """One row: its text, what stands at the right (keys, kind), more words, and what it does."""

    text: str
    hint: str
    does: Callable[[], object]
    words: str = ""


Source = Callable[[str], Sequence[Found]]


def rank(rows: Sequence[Found], typed: str) -> list[Found]:
    """Rows in which every word typed occurs; those that begin with it come first."""
    words = typed.lower().split()
    fits = [r for r in rows if all(w in f"{r.text} {r.words}".lower() for w in words)]
    return sorted(fits, key=lambda r: not r.text.lower().startswith(typed.lower().strip()))


class _Rows(QStyledItemDelegate):
    """The text at the left as always, the hint at the right in a quiet colour."""

    @guarded()
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        hint = index.data(Qt.ItemDataRole.UserRole)
        if hint:
            painter.setPen(look().colour("muted"))
            box = option.rect.adjusted(0, 0, -10, 0)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, flags, str(hint))


class Finder(QLineEdit):
    """The field with its list. `sources` are asked anew at every key."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[Source] = []
        self._rows: list[Found] = []
        self.setPlaceholderText("Search nodes, actions…")
        self.setAccessibleName("Search nodes, actions, settings and lessons")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(30)
        self._list = QListWidget(self)
        self._list.setAccessibleName("Found")
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setItemDelegate(_Rows(self._list))
        self._list.hide()
        self._list.itemClicked.connect(self._clicked)
        self.textEdited.connect(self._look_up)
        look().changed.connect(self.update)

    def start(self) -> None:
        """Take the focus and show everything there is."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()
        self._look_up(self.text())

    @property
    def found(self) -> list[Found]:
        """The rows in the list."""
        return list(self._rows)

    def _look_up(self, typed: str) -> None:
        self._rows = [row for source in self.sources for row in source(typed)][:MOST]
        self._list.clear()
        for row in self._rows:
            item = QListWidgetItem(row.text)
            item.setData(Qt.ItemDataRole.UserRole, row.hint)
            item.setSizeHint(QSize(LIST_WIDTH - 20, ROW))
            self._list.addItem(item)
        if not self._rows:
            item = QListWidgetItem("nothing is called that")
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(item)
        else:
            self._list.setCurrentRow(0)
        self._place()

    def _place(self) -> None:
        window = self.window()
        if self._list.parent() is not window:
            self._list.setParent(window)
        below = self.mapTo(window, QPoint(0, self.height() + 4))
        wide = max(LIST_WIDTH, self.width())
        left = min(below.x(), window.width() - wide - 8)
        tall = ROW * self._list.count() + 12
        self._list.setGeometry(left, below.y(), wide, tall)
        self._list.show()
        self._list.raise_()

    def _clicked(self, item: QListWidgetItem) -> None:
        self._do(self._list.row(item))

    def _do(self, row: int) -> None:
        chosen = self._rows[row] if 0 <= row < len(self._rows) else None
        self._end()
        if chosen is not None:
            chosen.does()

    def _end(self) -> None:
        self._list.hide()
        self.clear()
        self.clearFocus()

    @guarded()
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self._end()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do(self._list.currentRow())
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._rows:
            step = 1 if key == Qt.Key.Key_Down else -1
            self._list.setCurrentRow((self._list.currentRow() + step) % len(self._rows))
        else:
            super().keyPressEvent(event)

    @guarded()
    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._list.hide()
        super().focusOutEvent(event)

    @guarded(neutral=False)
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if plain and not Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F12:
                event.accept()
                return True
        return super().event(event)

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        words = self.fontMetrics().horizontalAdvance(self.placeholderText())
        if self.text() or self.width() < words + HINT_ROOM:
            return
        with QPainter(self) as painter:
            painter.setPen(look().colour("muted"))
            font = self.font()
            font.setPixelSize(11)
            painter.setFont(font)
            box = self.rect().adjusted(0, 0, -10, 0)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, HINT)
