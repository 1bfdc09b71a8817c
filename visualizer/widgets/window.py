"""The window: assembles the controls round one document. Only here and in `panels` do they meet.

What a first look needs is made at once: the graph with its toolbar and its transport. The panels
have their places from the beginning and come into them when the graph has been painted.
"""

from __future__ import annotations

from collections.abc import Sequence as Several
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSettings, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QSplitter, QVBoxLayout, QWidget

from visualizer.document.document import Document
from visualizer.widgets.application import LOW, dress, room_for
from visualizer.widgets.banner import Banner
from visualizer.widgets.canvas import Canvas
from visualizer.widgets.parts.guard import guarded, listen
from visualizer.widgets.parts.long_work import LongWork
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.minimap import Minimap
from visualizer.widgets.parts.player import Player
from visualizer.widgets.parts.stage import Stage
from visualizer.widgets.toolbar import Toolbar
from visualizer.widgets.transport import Transport

if TYPE_CHECKING:
    from visualizer.widgets.files import Files
    from visualizer.widgets.form import Form
    from visualizer.widgets.inspector import Inspector
    from visualizer.widgets.lessons import Lessons
    from visualizer.widgets.panels import Panels
    from visualizer.widgets.parts.rescue import Rescue
    from visualizer.widgets.plot import Plot
    from visualizer.widgets.sequence_editor import SequenceEditor

SIZE = QSize(1600, 1000)
LEFT, RIGHT, PLOT = 240, 318, 196
LEAST = (1280, 640)  # below, panels would cut their words
STATE_VERSION = 1


class Window(QMainWindow):
    """One document in one window."""

    def __init__(self, document: Document, opening: Several[Path] = ()) -> None:
        """`opening`: files that are to take the document's place as soon as they are read."""
        super().__init__()
        self._panels: Panels | None = None
        self._files: Files | None = None
        self._opening = opening
        self.long_work = LongWork(self)
        document.beside = self.long_work
        self.stage = Stage(document, self, self.long_work)
        self.player = Player(self.stage, self)
        self._divides = False
        self.setAcceptDrops(True)
        self.menu = QMenu(self)
        self.toolbar = Toolbar(self.stage, self.menu)
        self.setMenuWidget(self.toolbar)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._make_centre()
        self.model_dock = self._dock("Model", Qt.DockWidgetArea.LeftDockWidgetArea, LEFT)
        self.inspector_dock = self._dock("Inspector", Qt.DockWidgetArea.RightDockWidgetArea, RIGHT)
        self._connect()
        dress()
        self._restore()
        self._show_title()
        self.canvas.setFocus()
        self.canvas.installEventFilter(self)
        if opening:
            from visualizer.widgets.parts.cover import Cover, named

            self.stage.opening = named(opening)
            self.cover = Cover(self.stage, self.long_work, self.centre)

    # ---- assembling

    def _make_centre(self) -> None:
        self.canvas = Canvas(self.stage)
        self.minimap = Minimap(self.stage, self.canvas)
        self.plot_place: QWidget = _empty("plot")
        self.transport = Transport(self.stage, self.player)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.canvas)
        self.splitter.addWidget(self.plot_place)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.splitterMoved.connect(self._divide_no_more)
        self.centre = QWidget()
        column = QVBoxLayout(self.centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.minimap)
        column.addWidget(self.transport)
        self.setCentralWidget(self.centre)
        self.banner = Banner(self.canvas, self.canvas.overlay)

    def _dock(self, name: str, area: Qt.DockWidgetArea, width: int) -> QDockWidget:
        dock = QDockWidget(name, self)
        dock.setObjectName(name)
        dock.setTitleBarWidget(QWidget(dock))
        place = _empty("panel")
        place.setMinimumWidth(width)
        dock.setWidget(place)
        self.addDockWidget(area, dock)
        self.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        dock.visibilityChanged.connect(self.show_states)
        return dock

    def _connect(self) -> None:
        stage = self.stage
        stage.refused.connect(self.banner.refuse)
        stage.noted.connect(self._note)
        stage.ran.connect(self.banner.outdated)
        stage.moved.connect(self.banner.begun)
        stage.told.connect(self._show_title)
        self.toolbar.export_wanted.connect(self.export_figure)
        self.toolbar.theme_wanted.connect(self.toggle_theme)
        self.toolbar.fold.follow(self.canvas.folding)
        self.canvas.folding.turned.connect(self.show_states)
        self.player.changed.connect(self.show_states)
        listen(self._report)

    # ---- what comes after the first paint

    @property
    def actions_by_id(self) -> dict[str, QAction]:
        """Everything that can be done, with its keys."""
        return self.panels.actions_by_id

    @property
    def panels(self) -> Panels:
        """What stands round the graph; made now if it is not there yet."""
        if self._panels is None:
            from visualizer.widgets.panels import Panels

            self._panels = Panels(self)
            self._show_title()
            self.show_states()
        return self._panels

    @property
    def files(self) -> Files:
        if self._files is None:
            from visualizer.widgets.files import Files

            self._files = Files(self.stage, self)
        return self._files

    @property
    def sequence(self) -> SequenceEditor:
        return self.panels.sequence

    @property
    def form(self) -> Form:
        return self.panels.form

    @property
    def inspector(self) -> Inspector:
        return self.panels.inspector

    @property
    def plot(self) -> Plot:
        return self.panels.plot

    @property
    def lessons(self) -> Lessons:
        return self.panels.lessons

    @property
    def rescue(self) -> Rescue:
        return self.panels.rescue

    # ---- what the table of actions names

    def perform(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.panels.perform(str(action.data()))

    def undo(self) -> None:
        self.stage.attempt(self.stage.document.undo)

    def redo(self) -> None:
        self.stage.attempt(self.stage.document.redo)

    def export_figure(self) -> None:
        """Open the export dialog; it stays beside the window until it is closed."""
        from visualizer.widgets.export import ExportDialog

        self.player.stop()
        dialog = ExportDialog(self.stage, self)
        dialog.open()

    def show_keys(self) -> None:
        from visualizer.widgets.keys import Keys

        Keys(self).show()

    def toggle_theme(self) -> None:
        look().use("light" if look().dark else "dark")
        QSettings().setValue("theme", look().theme.name)
        self.show_states()

    def toggle_model(self) -> None:
        self.model_dock.setVisible(self.model_dock.isHidden())

    def toggle_inspector(self) -> None:
        self.inspector_dock.setVisible(self.inspector_dock.isHidden())

    def toggle_plot(self) -> None:
        self.plot.want(not self.plot.wanted)

    @property
    def model_shown(self) -> bool:
        return not self.model_dock.isHidden()

    @property
    def inspector_shown(self) -> bool:
        return not self.inspector_dock.isHidden()

    @property
    def dark(self) -> bool:
        return look().dark

    # ---- showing

    def _show_title(self) -> None:
        document = self.stage.document
        self.setWindowTitle(f"{document.title}[*] — Unrolled")
        self.setWindowModified(document.dirty)
        if self._panels is None:
            return
        for name, word in (("undo", document.undo_label), ("redo", document.redo_label)):
            self.actions_by_id[name].setEnabled(bool(word))
            self.actions_by_id[name].setText(f"{name.title()} {word}".strip())

    def show_states(self) -> None:
        """Tick what is so."""
        if self._panels is not None:
            self._panels.show_states()

    def _note(self, words: str) -> None:
        """Said in passing; what was found in a model stays until it was looked at."""
        if not self.files.offers(words, self.banner.offer):
            self.banner.note(words)

    def _report(self, error: BaseException) -> None:
        """A fault of the program: said once, after the event that failed is over."""
        words = f"Something went wrong in the program ({error!r}); your document is safe, save it."
        QTimer.singleShot(0, self.banner, lambda: self.banner.refuse(words))

    # ---- Qt

    @guarded()
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.files.takes(event.mimeData()):
            event.acceptProposedAction()

    @guarded()
    def dropEvent(self, event: QDropEvent) -> None:
        self.files.drop(event.mimeData())
        event.acceptProposedAction()

    @guarded(neutral=lambda: SIZE)
    def sizeHint(self) -> QSize:
        return SIZE

    @guarded()
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._divides:
            plot = min(PLOT, self.height() // 5)
            self.splitter.setSizes([max(self.height() - plot, 1), plot])

    def _divide_no_more(self) -> None:
        """From now on the height of the plot is the user's."""
        self._divides = False

    @guarded()
    def closeEvent(self, event: QCloseEvent) -> None:
        self.player.stop()
        if not self.files.may_go():
            event.ignore()
            return
        self.panels.learning.close()
        self.long_work.close()
        self.rescue.end()
        self.panels.remember()
        settings = QSettings()
        settings.setValue("geometry", self.saveGeometry())
        settings.setValue("state", self.saveState(STATE_VERSION))
        if not self._divides:
            settings.setValue("centre", self.splitter.saveState())
        settings.setValue("speed", self.player.speed)
        event.accept()

    @guarded(neutral=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:  # the graph's first; when it is on the screen, go on
            self.canvas.removeEventFilter(self)
            QTimer.singleShot(0, self, self._go_on)
        return False

    def _go_on(self) -> None:
        if self._opening:
            self.files.open_paths(self._opening, anew=True)
        _ = self.panels

    def _restore(self) -> None:
        """As it was left; at the first start everything is shown."""
        settings = QSettings()
        room = room_for(self, SIZE)
        self.setMinimumSize(QSize(*LEAST).boundedTo(room))
        self.resize(SIZE.boundedTo(room))
        geometry, state, centre = (settings.value(k) for k in ("geometry", "state", "centre"))
        if geometry is not None:
            self.restoreGeometry(geometry)
        if state is not None:
            self.restoreState(state, STATE_VERSION)
        else:
            self.inspector_dock.setVisible(room.width() >= LEAST[0])
            self.model_dock.setVisible(room.width() >= LEAST[0] - RIGHT)
        self._divides = centre is None or not self.splitter.restoreState(centre)
        plot = bool(settings.value("plot", self.height() >= LOW, bool))
        self.plot_place.setVisible(plot and not self.stage.sheet.timeless)
        self.player.set_speed(float(str(settings.value("speed", 1.0))))


def _empty(name: str) -> QWidget:
    """A place that is kept for what comes later, in its colour."""
    place = QWidget()
    place.setObjectName(name)
    place.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return place
