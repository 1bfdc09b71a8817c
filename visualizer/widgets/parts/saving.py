"""Saving what would hold up the window: written by another process, with progress and a way out.

The dirty mark goes when the file is on the disk; what was changed meanwhile is unsaved. Whoever
would leave waits for it here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QMessageBox, QWidget

from engine.errors import Stopped, Unusable
from visualizer.document.elsewhere import arrays_of, saved, saves_long
from visualizer.widgets.parts.long_work import Work
from visualizer.widgets.parts.stage import Stage

SECONDS = 2.0  # about as long as it takes; it says itself how far it is
KIND = "save"


class Saving:
    """One for a window. `done` hears where a document was saved."""

    def __init__(self, stage: Stage, window: QWidget, done: Callable[[Path], None]) -> None:
        self._stage, self._window, self._done = stage, window, done
        self.place: Path | None = None  # what is being written
        self.box: QMessageBox | None = None
        self._failed = False

    def takes(self) -> bool:
        """Whether the document is saved beside the window."""
        return self._stage.work is not None and saves_long(self._stage.document.snapshot)

    def begin(self, path: Path | None) -> bool:
        """Save it as it is shown now; under the name it has if none is given."""
        document, work = self._stage.document, self._stage.work
        assert work is not None
        place, mark = document.saving(path)
        if self.place is not None and self.place != place and not self.wait():
            return False
        snapshot, self.place = document.snapshot, place

        def done(found: Any) -> None:
            self.place, self._failed = None, found is not None
            if found is None:
                mark()
                self._done(place)
            elif isinstance(found, Stopped):
                self._stage.noted.emit(f"Saving {place.name} was stopped; it is as it was")
            elif isinstance(found, Unusable):
                self._stage.refused.emit(str(found))
            if self.box is not None:
                self.box.accept()
            if isinstance(found, Exception) and not isinstance(found, Unusable):
                raise found

        args = (snapshot, document.losses, document.thumbnail, str(place.absolute()))
        words = f"Saving {place.name}"
        work.perform(Work(KIND, saved, args, done, words, SECONDS, arrays_of(snapshot)))
        return True

    def wait(self) -> bool:
        """Until nothing is being written any more; False if it was stopped or failed."""
        if self.place is None:
            return True
        assert self._stage.work is not None
        self.box = box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setText(f"Saving “{self.place.stem}” …")
        box.setInformativeText("The window goes on when it is on the disk.")
        stop = box.addButton("&Stop saving", QMessageBox.ButtonRole.RejectRole)
        try:
            box.exec()
        finally:
            self.box = None
            box.deleteLater()
        if self.place is not None and box.clickedButton() is stop:
            self._stage.work.cancel(KIND)
        return not self._failed
