"""The real window for benchmarks: a document of so many steps in it, at its default size, and
waiting until what changed has been painted.
"""

from __future__ import annotations

from itertools import cycle, islice

from PySide6.QtCore import QEvent, QEventLoop, QObject, QSize, QTimer
from PySide6.QtWidgets import QApplication

from engine.experiment import Experiment
from engine.sequences import typed
from visualizer.document.document import Document
from visualizer.document.snapshot import Snapshot
from visualizer.widgets.application import make_application
from visualizer.widgets.window import SIZE, Window

TEXT = "I think therefore I am and what I am is a thing that doubts affirms denies wills and feels"
ROUNDS = 3  # of events after the painting: the inspector comes a timer later
PATIENCE = 5_000  # ms
WAITING = QEventLoop.ProcessEventsFlag.WaitForMoreEvents


def document(steps: int, **settings: object) -> Document:
    """So many words, as typed; the first five are the sentence of a first start."""
    text = " ".join(islice(cycle(TEXT.split()), steps))
    experiment = Experiment(**settings)  # type: ignore[arg-type]
    return Document(Snapshot(typed(text), experiment))


class Painted(QObject):
    """Notes which of the watched have been painted; what is drawn is not looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.names.add(type(watched).__name__)
        return False


class Shown:
    """A window on the screen, painted once."""

    def __init__(self, shown: Document, size: QSize = SIZE) -> None:
        self.application: QApplication = make_application()
        self.window = Window(shown)
        self.window.resize(size)
        self.window.show()
        self.painted = Painted()
        self.window.canvas.installEventFilter(self.painted)
        self.window.plot.installEventFilter(self.painted)
        self.patience = QTimer(self.window)
        self.patience.setSingleShot(True)
        self.patience.setInterval(PATIENCE)
        self.settle()

    def settle(self) -> None:
        """Let what waits happen."""
        for _ in range(ROUNDS):
            self.application.processEvents()

    def until_painted(self, *names: str) -> None:
        """Go on until all of these have been painted and what follows them has happened."""
        self.patience.start()
        while not self.painted.names.issuperset(names):
            self.application.processEvents(WAITING)
            if not self.patience.isActive():
                raise RuntimeError(f"{names} were to be painted; only {self.painted.names} were")
        self.patience.stop()
        self.settle()

    def close(self) -> None:
        """Away with it, without the question whether to save."""
        self.window.rescue.end()
        self.window.hide()
        self.window.deleteLater()
        self.settle()
