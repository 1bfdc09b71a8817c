"""Which steps of a long sequence are recorded, and the way to those before and after them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from visualizer.widgets.parts.buttons import tool_button
from visualizer.widgets.parts.stage import Stage

BUTTON = QSize(18, 20)


class Pages(QWidget):
    """One line, there only if the sequence is longer than what is recorded of it."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self.words = QLabel()
        self.words.setProperty("tone", "muted")
        self.words.setMinimumWidth(10)
        self.back = tool_button("chevron-left", "Steps before these (Ctrl+PgUp)", stage.page_back)
        self.on = tool_button("chevron-right", "Steps after these (Ctrl+PgDown)", stage.page_on)
        line = QHBoxLayout(self)
        line.setContentsMargins(5, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.words, 1)
        for button in (self.back, self.on):
            button.setFixedSize(BUTTON)
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        stage.ran.connect(self._show)
        self._show()

    def _show(self) -> None:
        window = self._stage.run.batch.window
        self.setVisible(window is not None)
        if window is not None:
            self.words.setText(window.words.replace(" of ", "\nof "))
            self.back.setEnabled(window.low > 0)
            self.on.setEnabled(window.high < window.whole)
