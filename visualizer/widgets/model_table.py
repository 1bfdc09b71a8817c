"""What was found in a model file, as a table beside the window: layers, gates, parity; to copy.

The words are those of `engine.models.found`; how far the present numbers are from the reference is
asked of `document.modelled`.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.models.found import COLUMNS
from engine.models.given import Given
from visualizer.document.modelled import found_words, parity_words
from visualizer.widgets.parts.stage import Stage

WIDE, HIGH = 900, 360
WIDEST = {"layer": 180, "kind": 170, "shapes": 270, "gates": 130, "how": 230}  # px of a column
MOST_ERRORS = 40  # lines; all of them are copied


class ModelTable(QDialog):
    """Beside the window; follows the document."""

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("What was found in the model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._stage = stage
        self._said = ""
        self.head = _words("")
        self.head.setWordWrap(True)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.parity = _words("")
        self.parity.setWordWrap(True)
        buttons = QDialogButtonBox()
        self.copy_button = buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy_button.clicked.connect(self.copy)
        close = buttons.addButton("C&lose", QDialogButtonBox.ButtonRole.RejectRole)
        close.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        for widget in (self.head, self.area, self.parity, buttons):
            column.addWidget(widget, int(widget is self.area))
        stage.ran.connect(self.refresh)
        self.resize(WIDE, HIGH)
        self.refresh()

    def refresh(self) -> None:
        """What came with the model in hand; numbers may have been changed since."""
        snapshot = self._stage.document.snapshot
        given = snapshot.given
        self.copy_button.setEnabled(given is not None)
        if given is None:
            self.head.setText("What is open comes from no model file. Open one with Ctrl+O.")
            self.area.setWidget(QWidget())
            self.parity.setText("")
            return
        self.head.setText(f"<b>{given.source}</b>")
        self.area.setWidget(_table(given))
        now = parity_words(snapshot, self._stage.run)
        self.parity.setText("\n".join(filter(None, (_when_opened(given), now and f"Now {now}."))))
        self._said = found_words(snapshot, self._stage.run)

    def copy(self) -> None:
        """The table and every error as text."""
        QGuiApplication.clipboard().setText(self._said)
        self._stage.noted.emit("Copied what was found")


def _table(given: Given) -> QWidget:
    page = QWidget()
    page.setObjectName("page")
    grid = QGridLayout(page)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(22)
    grid.setVerticalSpacing(10)
    for place, name in enumerate(COLUMNS):
        heading = QLabel(name.upper())
        heading.setProperty("tone", "heading")
        grid.addWidget(heading, 0, place)
        for line, row in enumerate(given.found, start=1):
            cell = _words(getattr(row, name).replace(": ", "\n").replace("), ", ")\n"))
            cell.setWordWrap(True)
            cell.setMaximumWidth(WIDEST[name])
            cell.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(cell, line, place)
    grid.setRowStretch(len(given.found) + 1, 1)
    grid.setColumnStretch(len(COLUMNS), 1)
    return page


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label


def _when_opened(given: Given) -> str:
    """The errors that were measured before anything was changed, the largest first."""
    if not given.errors:
        return ""
    ordered = sorted(given.errors.items(), key=lambda item: -item[1])[:MOST_ERRORS]
    listed = ", ".join(f"{name} {error:.1g}" for name, error in ordered)
    return f"When it was opened, max |a − b| / max |b| against the reference: {listed}."
