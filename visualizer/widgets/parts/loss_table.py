"""The table of losses and steps: ‖∂ℒ_k/∂h_t‖ for every loss k and every step t.

The vectors behind a column add to δ(h_t); their norms never do, so nothing here is stacked.
"""

from __future__ import annotations

import math
from typing import Any

import cmap
import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from visualizer.document.questions import losses_by_step
from visualizer.plots.norms import shown_slot
from visualizer.scene.symbols import layer_mark, name_of
from visualizer.widgets.parts.asking import ask
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.stage import Stage

SIZE = (640, 620)
MOST_STEPS = 200
EACH, STEP = 5e-4, 2e-5  # seconds of a backward run, and of a step of it
DECADES = 8  # below the largest norm; smaller ones have the last colour

pyqtgraph.setConfigOption("exitCleanup", False)


class LossTable(QDialog):
    """Beside the window; follows the experiment and the selected state."""

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Where each step's gradient comes from")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._stage = stage
        self._slot = (0, 0)
        self.table: NDArray[Any] = np.zeros((0, 0))
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.plot = pyqtgraph.PlotWidget()
        self.plot.setAccessibleName("Norms by loss and step")
        self.plot.invertY(True)
        self.plot.setAspectLocked(True)
        self.image = pyqtgraph.ImageItem()
        self.image.setColorMap(cmap.Colormap("viridis").to_pyqtgraph())
        self.plot.addItem(self.image)
        self.number = QLabel()
        self.number.setProperty("tone", "muted")
        self.number.setMinimumHeight(22)
        column = QVBoxLayout(self)
        for widget in (self.words, self.plot, self.number):
            column.addWidget(widget, int(widget is self.plot))
        self.plot.scene().sigMouseMoved.connect(self._point)
        stage.ran.connect(self.refresh)
        stage.looked.connect(self._follow)
        look().changed.connect(self._dress)
        self.finished.connect(self._leave)
        self.resize(*SIZE)
        self._dress()
        self.refresh()

    def refresh(self) -> None:
        """Measure anew: one backward run for each loss."""
        film, recording = self._stage.film, self._stage.run.recording
        self._slot = shown_slot(film, self._stage.view)
        there = recording.has_gradients and recording.steps <= MOST_STEPS
        self.plot.setVisible(there)
        self.number.setText("")
        if not there:
            self.words.setText(
                f"The table has a row and a column for each step; at most {MOST_STEPS} are drawn, "
                f"this recording has {recording.steps:,}."
                if recording.has_gradients
                else "There is no loss, so there is no gradient."
            )
            return
        self.words.setText("being worked out …")
        words, seconds = "Working out: losses and steps", film.steps * (EACH + film.steps * STEP)
        ask(self._stage, "table", words, losses_by_step, self._slot, self._show, seconds)

    def _show(self, found: Any) -> None:
        """The table, or why there is none; while it is worked out another may be asked for."""
        if isinstance(found, Exception):
            self.words.setText(str(found))
            return
        (self.table,), name = found, self._name()
        top = float(np.nanmax(self.table, initial=0.0))
        self.words.setText(
            f"‖∂ℒₖ/∂{name}ₜ‖, a row for each loss k, a column for each step t, by log magnitude; "
            f"the largest is {top:.3g}. The vectors of a column add to δ({name}ₜ), norms do not."
        )
        highest = math.log10(top) if top > 0 else 0.0
        # where no loss reaches the step there is no colour at all
        heights = np.log10(np.where(self.table > 0, self.table, np.nan))
        lowest = float(np.nanmin(heights, initial=highest - 0.5))
        self.image.setImage(heights.T, levels=(max(lowest, highest - DECADES), highest))
        steps = len(self.table)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setTickSpacing(max(1, steps // 8), 1)
        self.image.setRect(QRectF(0.5, 0.5, steps, steps))
        self.plot.autoRange()

    def _leave(self) -> None:
        """It is closed: nobody waits for the table."""
        if self._stage.work is not None:
            self._stage.work.cancel("table", quietly=True)

    def _name(self) -> str:
        network = self._stage.run.network
        return name_of(network, *self._slot) + layer_mark(network, *self._slot).strip("^{}")

    def _follow(self) -> None:
        if shown_slot(self._stage.film, self._stage.view) != self._slot:
            self.refresh()

    def _point(self, at: QPointF) -> None:
        where = self.plot.getPlotItem().vb.mapSceneToView(at)
        t, k = math.floor(where.x() - 0.5), math.floor(where.y() - 0.5)
        inside = 0 <= t < len(self.table) and 0 <= k < len(self.table)
        self.number.setText(
            f"‖∂ℒ_{k + 1}/∂{self._name()}_{t + 1}‖ = {self.table[k, t]:.6g}" if inside else ""
        )

    def _dress(self) -> None:
        theme = look().theme
        self.plot.setBackground(theme.colour("plot").hex)
        for side, words in (("left", "loss k"), ("bottom", "step t")):
            axis = self.plot.getAxis(side)
            axis.setLabel(words)
            for dress in (axis.setPen, axis.setTextPen):
                dress(theme.colour("muted").hex)
