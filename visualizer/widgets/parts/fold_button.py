"""The button that folds the graph, and beside it how far: a slider in a small window of its own."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from visualizer.widgets.parts.buttons import IconButton
from visualizer.widgets.parts.folding import Folding
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.slider import Slider

PLACES = 200  # of the slider
WORDS = "Fold all steps into one with loops; press again to turn round, Esc stops half-way (U)"


class FoldButton(QWidget):
    """Pressed while the graph is folded, or on its way there."""

    def __init__(self) -> None:
        super().__init__()
        self._folding: Folding | None = None
        self._inked: tuple[bool, str] | None = None  # as what its icon was drawn
        self.press = QPushButton("Fold")
        self.press.setProperty("tone", "pill")
        self.press.setAccessibleName("Fold")
        self.press.setCheckable(True)
        self.press.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.press.setToolTip(WORDS)
        self.press.setIconSize(QSize(15, 15))
        self.press.setMinimumHeight(29)  # as round without its word
        self.press.clicked.connect(self._pressed)
        self.more = IconButton("chevron-down", "How far it is folded (Alt + wheel on the graph)")
        self.more.setIconSize(QSize(14, 14))
        self.more.setFixedSize(QSize(20, 26))
        self.more.clicked.connect(self._open)
        self.window_ = Amount(self)
        self.window_.slider.valueChanged.connect(self._slid)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(1)
        line.addWidget(self.press)
        line.addWidget(self.more)
        look().changed.connect(self._show)

    def follow(self, folding: Folding) -> None:
        """Fold the graph of this one, and show how far it is."""
        self._folding = folding
        folding.changed.connect(self._show)
        self._show()

    def _pressed(self) -> None:
        if self._folding is not None:
            self._folding.toggle()
        self._show()

    def _open(self) -> None:
        corner = self.press.mapToGlobal(QPoint(0, self.press.height() + 6))
        self.window_.move(corner)
        self.window_.show()
        self.window_.slider.setFocus()

    def _slid(self, place: int) -> None:
        if self._folding is not None:
            self._folding.put(place / PLACES)
        self._show()

    def _show(self) -> None:
        folding = self._folding
        if folding is None:
            return
        on = folding.folds
        self.press.setChecked(on)
        self.window_.show_amount(folding.at)
        if self._inked == (on, look().theme.name):  # every look at the graph comes by here
            return
        self._inked = on, look().theme.name
        self.press.setIcon(look().icon("rotate-ccw", "on-accent" if on else "text"))


class Amount(QFrame):
    """A slider from unrolled to folded; goes when something else is clicked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("amount")
        self.slider = Slider()
        self.slider.setRange(0, PLACES)
        self.slider.setPageStep(PLACES // 10)
        self.slider.setFixedWidth(230)
        self.slider.setAccessibleName("How far the graph is folded")
        self.far = QLabel()
        self.far.setProperty("tone", "mono")
        self.far.setAlignment(Qt.AlignmentFlag.AlignCenter)
        ends = QHBoxLayout()
        ends.addWidget(QLabel("unrolled"))
        ends.addWidget(self.far, 1)
        ends.addWidget(QLabel("folded"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(self.slider)
        column.addLayout(ends)

    def show_amount(self, fold: float) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(round(fold * PLACES))
        self.slider.blockSignals(False)
        self.far.setText(f"{fold:.0%}".replace("%", " %"))
