"""A slider of the step size h of finite differences: where one looks, nothing that is computed."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.differences import EACH, LARGEST, SMALLEST
from visualizer.widgets.parts.slider import Slider
from visualizer.widgets.parts.stage import Stage


class StepSize(QWidget):
    """From small h to large, by logarithm."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self.slider, self.number = Slider(), QLabel()
        self.number.setProperty("tone", "mono")
        self.slider.setAccessibleName("Step size h")
        self.slider.setToolTip("Step size of the differences in the plot")
        self.slider.setRange(SMALLEST * EACH, LARGEST * EACH)
        self.slider.valueChanged.connect(self._slid)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(QLabel("Step size h"))
        line.addStretch()
        line.addWidget(self.number)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.slider)
        stage.looked.connect(self._show)
        stage.ran.connect(self._show)
        self._show()

    def _show(self) -> None:
        power = self._stage.view.step_size
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(power * EACH))
        self.number.setText(f"{10**power:.1e}")

    def _slid(self, place: int) -> None:
        self._stage.look(step_size=place / EACH)
