"""The plot under the graph: gradient norm per step, on the graph's own time axis."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from visualizer.paint import qt as paint
from visualizer.plots.norms import norms_picture
from visualizer.scene.picture import Picture
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.stage import Stage

SCALES = ("linear", "log")
LEAST = 120


class Plot(QWidget):
    """Paints the plot at the playhead; a small menu picks the scale."""

    changed = Signal()

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._key: tuple[object, ...] = ()
        self._picture: Picture | None = None
        self.scale = "linear"
        self.setAccessibleName("Gradient norm per step")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumHeight(LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.menu_button = QPushButton(self)
        self.menu_button.setProperty("tone", "small-pill")
        self.menu_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menu_button.setAccessibleName("Scale of the norms")
        self.menu_button.setGeometry(16, 54, 84, 25)
        menu = QMenu(self.menu_button)
        self._group = QActionGroup(menu)
        for scale in SCALES:
            action = menu.addAction({"log": "logarithmic"}.get(scale, scale))
            action.setData(scale)
            action.setCheckable(True)
            self._group.addAction(action)
        self._group.triggered.connect(self._picked)
        self.menu_button.setMenu(menu)
        stage.ran.connect(self._refresh)
        stage.moved.connect(self._refresh)
        stage.looked.connect(self._refresh)
        look().changed.connect(self.update)
        self._show_scale()

    @property
    def logarithmic(self) -> bool:
        return self.scale == "log"

    def toggle_scale(self) -> None:
        self.set_scale("linear" if self.logarithmic else "log")

    def set_scale(self, scale: str) -> None:
        self.scale = scale
        self._show_scale()
        self._refresh()
        self.changed.emit()

    def _picked(self) -> None:
        action = self._group.checkedAction()
        if action is not None:
            self.set_scale(str(action.data()))

    def _show_scale(self) -> None:
        self.menu_button.setText(f"{self.scale} ▾")
        for action in self._group.actions():
            action.setChecked(action.data() == self.scale)

    def _refresh(self) -> None:
        """Only an event moves a bar: between two events the picture stays."""
        stage = self._stage
        key = (stage.film, stage.done, stage.view, self.scale, self.size(), stage.frame.phase)
        if key != self._key:
            self._key = key
            self._picture = None
            self.update()

    def picture(self) -> Picture:
        """The plot as it is now."""
        if self._picture is None:
            stage = self._stage
            self._picture = norms_picture(
                stage.film, stage.frame, stage.view, self.width(), self.height(), self.scale
            )
        return self._picture

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), look().colour("plot"))
            paint.draw(painter, self.picture(), look().theme)

    @guarded()
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._refresh()

    @guarded(neutral=lambda: QSize(600, 196))
    def sizeHint(self) -> QSize:
        return QSize(600, 196)
