"""Opening lessons and samples: the gallery over the window, the panel in its left column.

Imported when one of them is first wanted; when that is, `lessons` decides.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from engine.template import Node
from visualizer.document.learning import of_sample
from visualizer.lessons.opening import moment_of, opened
from visualizer.lessons.reading import Lesson, lesson, lessons, parameter_of
from visualizer.lessons.table import IDS, SOURCE
from visualizer.widgets.files import Files
from visualizer.widgets.gallery import Gallery
from visualizer.widgets.lesson_panel import LessonPanel
from visualizer.widgets.parts.selection import Parameter
from visualizer.widgets.parts.stage import Stage

BELOW = 18  # px to the form


class LessonRoom(QObject):
    """`plot_wanted`: kind and scale of a plot. `browsing`, `left`: the gallery came and went."""

    plot_wanted = Signal(str, str)
    browsing = Signal()
    left = Signal()

    def __init__(self, stage: Stage, files: Files, window: QMainWindow, page: QWidget) -> None:
        super().__init__(window)
        self._stage, self._files, self._window, self._page = stage, files, window, page
        self.gallery: Gallery | None = None
        self.panel: LessonPanel | None = None

    # ---- the gallery

    def browse(self) -> None:
        """Show every lesson and every sample."""
        if self.gallery is None:
            self.gallery = Gallery(self._window)
            self.gallery.chosen.connect(self._chosen)
            self.gallery.closed.connect(self.left)
        self.browsing.emit()
        self.gallery.open()

    def _chosen(self, kind: str, name: str) -> None:
        done = self.open(name) if kind == "lesson" else self.open_sample(name)
        if done and self.gallery is not None:
            self.gallery.leave()

    # ---- opening

    def titles(self) -> list[tuple[str, str]]:
        """(id, title) of every lesson."""
        return [(each.id, each.title) for each in lessons()]

    def open_sample(self, name: str) -> bool:
        """A sample, or a task, in place of the document."""
        done = self._files.may_go() and self._stage.attempt(
            lambda: self._stage.document.replace(of_sample(name))
        )
        if done:
            self.follow()
        return done

    def open(self, id: str, variant: int = 0) -> bool:
        """A lesson in place of the document."""
        found = lesson(id)
        done = self._files.may_go() and self._stage.attempt(
            lambda: self._stage.document.replace(opened(found, variant).snapshot)
        )
        if done:
            self._show(found, variant)
        return done

    def switch(self, variant: int) -> None:
        """Another variant of the lesson; of two that are compared, in place of the one in hand.
        What was changed in this one is a step of undo away."""
        if self.panel is None or self.panel.lesson is None:
            return
        found, document = self.panel.lesson, self._stage.document

        def change() -> str | None:
            snapshot = document.wanted.exchanged(opened(found, variant).snapshot)
            if document.dirty or self._stage.comparing:
                return document.change(snapshot, f"variant {found.variants[variant].title}")
            document.replace(snapshot)
            return None

        if self._stage.attempt(change):
            self._show(found, variant)

    def _show(self, found: Lesson, variant: int) -> None:
        """Words in the panel, and the moment that the lesson wants to be seen."""
        self._show_words(found, variant)
        self._stage.move_to_own(moment_of(self._stage.film, found.view(variant).moment))
        self._select(found, variant)

    def _select(self, found: Lesson, variant: int) -> None:
        """Where the lesson names a moment the inspector follows it; else the last state."""
        view, run = found.view(variant), self._stage.run
        chains = run.chains("h")
        if name := parameter_of(view.moment):
            self._stage.select(Parameter(name))
            return
        if isinstance(view.moment, str) or found.cues(variant) or not chains:
            self._stage.select(None)
            return
        g, k = chains[-1][-1]
        _, stop = run.recording.span(g, view.sequence - 1)
        self._stage.select(Node(g, stop - 1, k))

    # ---- the panel

    def follow(self) -> None:
        """The panel of the lesson that the document is from, or none."""
        id = self._stage.document.snapshot.sequence.source.removeprefix(SOURCE)
        if id in IDS and self._stage.document.snapshot.sequence.source.startswith(SOURCE):
            shown = self.panel.lesson if self.panel and not self.panel.isHidden() else None
            if shown is not lesson(id):
                variant = self._variant_of(lesson(id))
                self._show_words(lesson(id), variant)
                if self._stage.document.path is None:  # a session has a selection of its own
                    self._select(lesson(id), variant)
        elif self.panel is not None:
            self.panel.hide()

    def _variant_of(self, found: Lesson) -> int:
        """Which variant the document is; the first if somebody has changed it."""
        now = self._stage.document.snapshot
        mine = (now.experiment, now.sequence, now.edits, now.losses_off)
        for n in range(len(found.variants)):
            its = found.snapshot(n)
            if mine == (its.experiment, its.sequence, its.edits, its.losses_off):
                return n
        return 0

    def _show_words(self, found: Lesson, variant: int) -> None:
        """Words in the panel, and the plot that goes with them."""
        if self.panel is None:
            self.panel = LessonPanel(self._stage)
            self.panel.picked.connect(self.switch)
            self.panel.closed.connect(self.panel.hide)
            self.panel.browsed.connect(self.browse)
            column = self._page.layout()
            assert isinstance(column, QVBoxLayout)
            column.insertWidget(0, self.panel)
            column.setSpacing(max(column.spacing(), BELOW))
        self.panel.show_lesson(found, variant)
        self.panel.show()
        kind, _, scale = found.view(variant).plot.partition(" ")
        if not self._stage.comparing:  # two have their own axis
            self.plot_wanted.emit(kind, scale or "linear")
