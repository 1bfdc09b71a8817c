"""The small field that opens over a cell to type over its number."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from visualizer.widgets.parts.guard import guarded

LEAST = (84, 22)
ROOM = 26  # px beside the number
WORDS_STAY = 8000  # ms


def number(text: str) -> float:
    """What was typed as a number, with a decimal point or comma; NaN if it is none."""
    try:
        return float(text.replace("−", "-").replace(",", "."))
    except ValueError:
        return math.nan


def why_not(text: str) -> str:
    """Why what was typed cannot be taken, and what can."""
    wrong = "is too large for a number" if math.isinf(number(text)) else "is no number"
    return f"“{text[:20]}” {wrong}: type one like 0.25 or -1e-3, or nothing to give it back"


class CellEditor(QLineEdit):
    """One for a control; `typed` carries what stands in the field when it is a finite number, and
    None when nothing does. What is no number stays in the field, and a sentence says why."""

    typed = Signal(object)  # None: emptied, the number before is wanted back
    stepped = Signal(int)  # Tab or Backtab: the number was taken, the next cell is wanted

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._cells = parent
        self._open = False
        self.setObjectName("cell-editor")
        self.setAccessibleName("New value")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hide()

    def edit(self, box: QRectF, value: float) -> None:
        """Open over `box` (in the parent) with a value."""
        text = f"{value:.6g}"
        needed = max(self.fontMetrics().horizontalAdvance(text) + ROOM, LEAST[0])
        wide, tall = max(box.width(), needed), max(box.height(), LEAST[1])
        parent = self._cells
        left = min(max(box.center().x() - wide / 2, 0), max(parent.width() - wide, 0))
        top = min(max(box.center().y() - tall / 2, 0), max(parent.height() - tall, 0))
        self.setGeometry(round(left), round(top), round(wide), round(tall))
        self._tone("")
        self.setText(text)
        self.selectAll()
        self._open = True
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self) -> bool:
        text = self.text().strip()
        value = number(text) if text else None
        if value is not None and not math.isfinite(value):
            self._tone("wrong")
            below = self.mapToGlobal(self.rect().bottomLeft())
            QToolTip.showText(below, why_not(text), self, self.rect(), WORDS_STAY)
            return False
        self._shut()
        self.typed.emit(value)
        return True

    def _shut(self) -> None:
        """Qt moves the focus on when the field goes; that is no Tab."""
        self._open = False
        self.hide()

    def _tone(self, tone: str) -> None:
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)

    @guarded()
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
        elif key == Qt.Key.Key_Escape:
            self._shut()
        else:
            super().keyPressEvent(event)

    @guarded(neutral=True)
    def focusNextPrevChild(self, next: bool) -> bool:
        if self._open and self._take():
            self.stepped.emit(1 if next else -1)
        return True

    @guarded()
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._shut()
