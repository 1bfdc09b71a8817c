"""Which update of a training the graph shows: a slider over those that were kept, and the way back.

It shows what `learning` says and tells it; the curves under the graph are dragged for the same.
"""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from visualizer.document.snapshot import Snapshot
from visualizer.widgets.parts.learning import Learning
from visualizer.widgets.parts.slider import Slider


class UpdateRow(QWidget):
    """Hidden as long as there is nothing to go back to."""

    def __init__(self, learning: Learning) -> None:
        super().__init__()
        self._learning = learning
        self._of: Snapshot | None = None  # what is shown here
        self._held = False  # whether a hand was on the slider then
        self.setToolTip("The graph with the parameters that this update of the training found")
        self.words = QLabel()
        self.words.setProperty("tone", "value")
        self.slider = Slider()
        self.slider.setAccessibleName("Update shown")
        self.slider.setPageStep(1)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(learning.settle)
        self.last = QPushButton("Last")
        self.last.setProperty("tone", "link")
        self.last.setToolTip("Back to the last update")
        self.last.clicked.connect(learning.go_to_last)
        head, line = QHBoxLayout(), QHBoxLayout()
        head.addWidget(QLabel("Update shown"))
        head.addStretch()
        head.addWidget(self.words)
        head.setContentsMargins(0, 0, 4, 0)
        line.setSpacing(8)
        line.addWidget(self.slider, 1)
        line.addWidget(self.last, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(line)

    def show_update(self) -> None:
        """As the document is now."""
        now = self._learning.wanted
        if now is self._of and not self._held:
            return
        self._of, self._held = now, self.slider.isSliderDown()
        kept, shown = self._learning.kept, self._learning.shown
        self.setVisible(len(kept) > 1)
        if len(kept) < 2:
            return
        self.words.setText("other" if shown is None else f"{shown:,} of {kept[-1]:,}")
        self.last.setEnabled(shown != kept[-1])
        if self.slider.isSliderDown():
            return  # the hand on the knob is ahead of what has been recorded
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, len(kept) - 1)
            self.slider.setValue(kept.index(shown) if shown in kept else len(kept) - 1)

    def _slid(self, place: int) -> None:
        kept = self._learning.kept
        if kept:
            self._learning.go_to(kept[min(place, len(kept) - 1)])
