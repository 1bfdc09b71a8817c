"""An equation in real mathematical setting. What sets it is loaded beside the window, once it
stands; until then its room is empty."""

from __future__ import annotations

import contextlib
import threading

from PySide6.QtCore import QPointF, QTimer
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.errors import Unusable
from visualizer.paint.equation import equation_image, load
from visualizer.widgets.parts.guard import guarded, log
from visualizer.widgets.parts.look import look

HEIGHT = 36
SIZE = 17.0
AFTER = 40  # ms after the first wish, so that the window is painted before anything is loaded
LOOK = 15  # ms between looks whether it has been


class EquationView(QWidget):
    """One equation, made smaller where it would not fit."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.latex = ""
        self.ready = False
        self._loading: threading.Thread | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER)
        self._timer.timeout.connect(self._begin)
        look().changed.connect(self.update)

    def show_latex(self, latex: str) -> None:
        """Show another equation; an empty one leaves its room."""
        if latex == self.latex:
            return
        self.latex = latex
        self.setAccessibleName(f"Equation {latex}")
        self.setToolTip(latex)
        if self.ready:
            self.update()
        elif not self._timer.isActive():
            self._timer.start()

    def _begin(self) -> None:
        """A thread imports, this looks whether it has; a thread must not touch a widget."""
        if self._loading is None:
            self._loading = threading.Thread(target=_load, daemon=True, name="equations")
            self._loading.start()
        if self._loading.is_alive():
            self._timer.start(LOOK)
            return
        self.ready = True
        self.update()

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.ready or not self.latex:
            return
        image = self._image()
        if image is None:
            return
        size = image.deviceIndependentSize()
        shrink = min(1.0, self.width() / max(size.width(), 1.0))
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.translate(0, (self.height() - size.height() * shrink) / 2)
            painter.scale(shrink, shrink)
            painter.drawImage(QPointF(0, 0), image)

    def _image(self) -> QImage | None:
        ratio = self.devicePixelRatioF()
        try:
            return equation_image(self.latex, SIZE, look().colour("text").name(), ratio)
        except Unusable as error:  # a formula of ours that cannot be set is a fault, not the user's
            log.error("%s", error)
            return None


def _load() -> None:
    """What cannot be imported is met again by whoever sets the first equation, and reported."""
    with contextlib.suppress(Exception):
        load()
