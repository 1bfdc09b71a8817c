"""A group of a panel under a small heading; the heading folds it away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget


class Fold(QWidget):
    """Heading and body. `folded` tells name and state."""

    folded = Signal(str, bool)

    def __init__(self, name: str, *, open: bool = True) -> None:
        super().__init__()
        self.name = self.title = name
        self.heading = QPushButton()
        self.heading.setProperty("tone", "heading")
        self.heading.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.heading.setCheckable(True)
        self.heading.setAccessibleName(name)
        self.heading.clicked.connect(self._clicked)
        self.body = QWidget()
        self.lines = QVBoxLayout(self.body)
        self.lines.setContentsMargins(0, 6, 0, 0)
        self.lines.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heading)
        column.addWidget(self.body)
        self.set_open(open)

    @property
    def is_open(self) -> bool:
        return self.heading.isChecked()

    def set_open(self, open: bool) -> None:
        self.heading.setChecked(open)
        self.heading.setText(self.title.upper() if open else f"{self.title.upper()}  ▸")
        self.body.setVisible(open)

    def call(self, title: str) -> None:
        """Another heading; the name by which it is known stays."""
        self.title = title
        self.heading.setAccessibleName(title)
        self.set_open(self.is_open)

    def _clicked(self, open: bool) -> None:
        self.set_open(open)
        self.folded.emit(self.name, open)
