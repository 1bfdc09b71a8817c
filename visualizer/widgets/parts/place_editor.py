"""One number by its place, for the keyboard and for cells too small to be clicked: [2, 3] = 0.5."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolTip, QWidget

from visualizer.widgets.parts.cell_editor import WORDS_STAY, number, why_not


class PlaceEditor(QWidget):
    """Two fields; `typed` carries the place (row-major) and the new value, None to give
    the one before back."""

    typed = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self._values: NDArray[np.float64] | None = None
        self.place = _field("Which cell, counted from 1", 68)
        self.place.setText("1")
        self.place.editingFinished.connect(self._show_value)
        self.value = _field("Its value", 88)
        self.value.returnPressed.connect(self._take)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        words = QLabel("cell")
        words.setProperty("tone", "muted")
        self.setToolTip("Type a place and a value, or click a number and type over it")
        for widget in (words, self.place, QLabel("="), self.value):
            line.addWidget(widget)
        line.addStretch()

    def show_values(self, values: NDArray[np.float64] | None) -> None:
        """Show another array; None where there is nothing to be typed over."""
        self._values = values
        self.setVisible(values is not None)
        if values is None:
            return
        index = self._index()
        if index is None or len(self._parts()) != values.ndim:
            self.place.setText(", ".join(["1"] * values.ndim))
        self._show_value()

    def go_to(self, cell: int) -> None:
        """Show a cell by its row-major place."""
        if self._values is not None and cell < self._values.size:
            index = np.unravel_index(cell, self._values.shape)
            self.place.setText(", ".join(str(int(i) + 1) for i in index))
            self._show_value()

    def _parts(self) -> list[str]:
        return [part for part in self.place.text().replace(",", " ").split() if part]

    def _index(self) -> tuple[int, ...] | None:
        parts = self._parts()
        if self._values is None or not all(part.isdigit() for part in parts):
            return None
        index = tuple(int(part) - 1 for part in parts)
        shape = self._values.shape
        fits = len(index) == len(shape) and all(0 <= i < n for i, n in zip(index, shape))
        return index if fits else None

    def _show_value(self) -> None:
        index = self._index()
        _tone(self.place, "value" if index is not None else "wrong")
        if index is not None and self._values is not None and not self.value.isModified():
            self.value.setText(f"{self._values[index]:.6g}")

    def _take(self) -> None:
        index = self._index()
        text = self.value.text().strip()
        value = number(text) if text else None
        good = index is not None and (value is None or math.isfinite(value))
        _tone(self.value, "value" if good else "wrong")
        if good and index is not None and self._values is not None:
            self.value.setModified(False)
            self.typed.emit(int(np.ravel_multi_index(index, self._values.shape)), value)
        elif index is not None:
            below = self.value.mapToGlobal(self.value.rect().bottomLeft())
            QToolTip.showText(below, why_not(text), self.value, self.value.rect(), WORDS_STAY)


def _field(name: str, width: int) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setProperty("tone", "value")
    field.setFixedWidth(width)
    return field


def _tone(field: QLineEdit, tone: str) -> None:
    if field.property("tone") != tone:
        field.setProperty("tone", tone)
        field.style().unpolish(field)
        field.style().polish(field)
