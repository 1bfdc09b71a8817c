"""The clock of autosave, and the offer of what an ended program left behind."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from engine.errors import Stopped, Unusable
from visualizer.document import session
from visualizer.document.autosave import SECONDS, Autosave, Rescued, rescued
from visualizer.document.elsewhere import arrays_of, copied, saves_long
from visualizer.widgets.parts.guard import report
from visualizer.widgets.parts.long_work import Work
from visualizer.widgets.parts.stage import Stage

LOOK_AFTER = 800  # ms after the start, when the window stands


class Rescue(QObject):
    """Copies the document while it is unsaved. `offers` are what was found at the start."""

    def __init__(self, stage: Stage, parent: QObject) -> None:
        super().__init__(parent)
        self._stage = stage
        self._autosave = Autosave(stage.document)
        self.offers: list[Rescued] = []
        self._coming: Rescued | None = None
        stage.ran.connect(self._arrived)
        stage.aimed.connect(self._aimed)
        self._clock = QTimer(self)
        self._clock.setInterval(SECONDS * 1000)
        self._clock.timeout.connect(self._write)
        self._clock.start()

    def find(self) -> Rescued | None:
        """The newest copy that a program left which did not end well."""
        self.offers = list(rescued())
        return self.offers[0] if self.offers else None

    def restore(self) -> None:
        """Open the copy; it is unsaved, and belongs to the file it is a copy of."""
        if self.offers:
            found = self.offers[0]
            self._stage.attempt(lambda: self._open(found))

    def _open(self, found: Rescued) -> None:
        snapshot = session.load(found.copy).snapshot
        self._stage.document.replace(snapshot, found.path, saved=False)
        if self._stage.document.waiting:
            self._coming = found
        else:
            self._forget(found)

    def _arrived(self) -> None:
        """A copy that was long in coming is shown: only now it can go."""
        found, self._coming = self._coming, None
        if found is not None:
            self._forget(found)

    def _aimed(self) -> None:
        """It was stopped: the copy stays, and is offered at the next start."""
        if not self._stage.document.waiting:
            self._coming = None

    def discard(self) -> None:
        """Let the copies go."""
        for found in self.offers:
            self._forget(found)
        self.offers = []

    def _forget(self, found: Rescued) -> None:
        try:
            found.copy.unlink(missing_ok=True)
        except OSError as error:
            report(error, "letting a rescued copy go")

    def end(self) -> None:
        """The document was saved or given up: no copy is needed."""
        self._clock.stop()
        if self._stage.work is not None:
            self._stage.work.cancel("rescue", quietly=True)
        self._autosave.discard()

    def _write(self) -> None:
        """Here, or beside the window if it would be held up."""
        work, copy = self._stage.work, self._autosave
        try:
            if work is None or not saves_long(self._stage.document.snapshot):
                copy.write()
            elif copy.due():
                kept = arrays_of(self._stage.document.snapshot)
                words = "Keeping a copy of what is not saved"
                work.perform(Work("rescue", copied, copy.begin(), self._written, words, keep=kept))
        except (Unusable, OSError) as error:
            report(error, "keeping a copy")

    def _written(self, found: object) -> None:
        if isinstance(found, Exception):
            self._autosave.failed(found)
            if not isinstance(found, Stopped):
                report(found, "keeping a copy")
