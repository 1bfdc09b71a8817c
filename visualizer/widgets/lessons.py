"""When the window needs its lessons: at the first start, for a session from one, or when asked.

Nothing of theirs is imported before; what is done then stands in `lesson_room`.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QWidget

from visualizer.lessons.table import SOURCE
from visualizer.widgets.files import Files
from visualizer.widgets.parts.stage import Stage

if TYPE_CHECKING:
    from visualizer.widgets.lesson_room import LessonRoom

AFTER_PAINT = 120  # ms after the start: the graph is there, and nothing had to wait
HINT = "Space plays. Click a node to look into it, drag the timeline to go back."
FIRST = "therefore"  # what a window without a file shows


class Lessons(QObject):
    """`plot_wanted`: kind and scale. `hinted`: how to begin. `browsing`, `left`: the gallery."""

    plot_wanted = Signal(str, str)
    hinted = Signal(str)
    browsing = Signal()
    left = Signal()

    def __init__(self, stage: Stage, files: Files, window: QMainWindow, page: QWidget) -> None:
        super().__init__(window)
        self._stage, self._files, self._window, self._page = stage, files, window, page
        self._path: Path | None = stage.document.path
        self._made = False
        self._hint = ""
        stage.told.connect(self._told)
        QTimer.singleShot(AFTER_PAINT, self, self.begin)

    @cached_property
    def room(self) -> LessonRoom:
        """Gallery and panel, from the moment at which they are first wanted."""
        from visualizer.widgets.lesson_room import LessonRoom

        self._made = True
        room = LessonRoom(self._stage, self._files, self._window, self._page)
        room.plot_wanted.connect(self.plot_wanted)
        room.browsing.connect(self.browsing)
        room.left.connect(self._left)
        return room

    def begin(self) -> None:
        """At the start: the panel of the lesson that is open; the gallery the very first time."""
        source = self._stage.document.snapshot.sequence.source
        if source.startswith(SOURCE):
            self.room.follow()
        settings = QSettings()
        if settings.value("welcomed", False, bool):
            return
        settings.setValue("welcomed", True)
        if source == FIRST and not self._stage.position and not self._stage.opening:
            self._hint = HINT  # when the gallery is left
            self.room.browse()
        else:
            self.hinted.emit(HINT)

    def browse(self) -> None:
        """Show every lesson and every sample."""
        self.room.browse()

    def titles(self) -> list[tuple[str, str]]:
        """(id, title) of every lesson."""
        return self.room.titles()

    def open_sample(self, id: str) -> None:
        """A sample, or a task, in place of the document."""
        self.room.open_sample(id)

    def open(self, id: str) -> None:
        """A lesson in place of the document."""
        self.room.open(id)

    def next_cue(self) -> None:
        """The next moment of the lesson."""
        if self._made and self.room.panel is not None and self.room.panel.isVisible():
            self.room.panel.next_cue()

    def previous_cue(self) -> None:
        if self._made and self.room.panel is not None and self.room.panel.isVisible():
            self.room.panel.previous_cue()

    def _told(self) -> None:
        """Another session was opened, or this one saved elsewhere."""
        document = self._stage.document
        if document.path != self._path:
            self._path = document.path
            if self._made or document.snapshot.sequence.source.startswith(SOURCE):
                self.room.follow()

    def _left(self) -> None:
        self.left.emit()
        if self._hint:
            self.hinted.emit(self._hint)
            self._hint = ""
