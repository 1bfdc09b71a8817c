"""The window: assembles the controls round one document. Only here do controls meet."""

from __future__ import annotations

import operator

from PySide6.QtCore import QSettings, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QMainWindow,
    QMenu,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from visualizer.document.document import Document
from visualizer.widgets.actions import ACTIONS
from visualizer.widgets.application import dress
from visualizer.widgets.banner import Banner
from visualizer.widgets.canvas import Canvas
from visualizer.widgets.files import Files
from visualizer.widgets.finding import Finding
from visualizer.widgets.form import Form
from visualizer.widgets.inspector import Inspector
from visualizer.widgets.keys import Keys
from visualizer.widgets.lessons import Lessons
from visualizer.widgets.parts.guard import guarded, listen
from visualizer.widgets.parts.long_work import LongWork
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.menus import fill_menu, make_actions, perform
from visualizer.widgets.parts.player import Player
from visualizer.widgets.parts.rescue import LOOK_AFTER, Rescue
from visualizer.widgets.parts.stage import Stage
from visualizer.widgets.plot import Plot
from visualizer.widgets.sequence_editor import SequenceEditor
from visualizer.widgets.toolbar import Toolbar
from visualizer.widgets.transport import Transport

SIZE = QSize(1600, 1000)
LEFT, RIGHT, PLOT = 240, 318, 196
LEAST = (1280, 640)  # below, panels would cut their words
STATE_VERSION = 1


class Window(QMainWindow):
    """One document in one window."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.long_work = LongWork(self)
        document.derive = self.long_work.derive
        self.stage = Stage(document, self)
        self.player = Player(self.stage, self)
        self.files = Files(self.stage, self)
        self.actions_by_id = make_actions(self)
        for action in self.actions_by_id.values():
            action.triggered.connect(self._perform)
        self._rows = {row.id: row for row in ACTIONS}
        self._divides = False
        self.setAcceptDrops(True)
        self.setMinimumSize(*LEAST)
        self._make_menu()
        self._make_centre()
        self._make_panels()
        self._connect()
        dress()
        self.rescue = Rescue(self.stage, self)
        self._restore()
        self._show_title()
        self._show_states()
        self.canvas.setFocus()

    # ---- assembling

    def _make_menu(self) -> None:
        self.menu = QMenu(self)
        self.recent_menu = QMenu(self)
        self.level_menu, self.symbol_menu = QMenu(self), QMenu(self)
        self.menu.aboutToShow.connect(self._fill_recent)
        self.recent_menu.triggered.connect(self._open_recent)
        extra = {"open": ("Open recent", self.recent_menu), "fit": ("Level", self.level_menu)}
        extra["scale"] = ("Symbols", self.symbol_menu)
        self._submenus = fill_menu(self.menu, self.actions_by_id, extra)
        self.toolbar = Toolbar(self.stage, self.menu)
        self.setMenuWidget(self.toolbar)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def _make_centre(self) -> None:
        self.canvas = Canvas(self.stage)
        self.plot = Plot(self.stage)
        self.transport = Transport(self.stage, self.player)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.canvas)
        self.splitter.addWidget(self.plot)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.splitterMoved.connect(self._divide_no_more)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.transport)
        self.setCentralWidget(centre)
        self.banner = Banner(self.canvas, self.canvas.overlay)

    def _make_panels(self) -> None:
        self.sequence = SequenceEditor(self.stage)
        self.form = Form(self.stage, {"Sequence": self.sequence})
        page = QWidget()
        page.setObjectName("page")
        column = QVBoxLayout(page)
        column.setContentsMargins(20, 16, 10, 16)
        column.addWidget(self.form)
        scroll = QScrollArea()
        scroll.setObjectName("panel")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        scroll.setWidget(page)
        self.lessons = Lessons(self.stage, self.files, self, page)
        self.inspector = Inspector(self.stage)
        self.model_dock = self._dock("Model", scroll, Qt.DockWidgetArea.LeftDockWidgetArea, LEFT)
        self.inspector_dock = self._dock(
            "Inspector", self.inspector, Qt.DockWidgetArea.RightDockWidgetArea, RIGHT
        )

    def _dock(self, name: str, widget: QWidget, area: Qt.DockWidgetArea, width: int) -> QDockWidget:
        dock = QDockWidget(name, self)
        dock.setObjectName(name)
        dock.setTitleBarWidget(QWidget(dock))
        dock.setWidget(widget)
        widget.setMinimumWidth(width)
        self.addDockWidget(area, dock)
        self.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        dock.visibilityChanged.connect(self._show_states)
        return dock

    def _connect(self) -> None:
        stage = self.stage
        stage.refused.connect(self.banner.refuse)
        stage.noted.connect(self.banner.note)
        stage.ran.connect(self.banner.outdated)
        stage.moved.connect(self.banner.begun)
        stage.told.connect(self._show_title)
        self.toolbar.export_wanted.connect(self.export_figure)
        self.toolbar.theme_wanted.connect(self.toggle_theme)
        self.toolbar.fold.follow(self.canvas.folding)
        self.canvas.folding.turned.connect(self._show_states)
        self.sequence.open_wanted.connect(self.files.open)
        self.form.left.connect(self.canvas.setFocus)
        self.finding = Finding(stage, self.actions_by_id, self.canvas, self.lessons)
        found = self.finding
        self.toolbar.finder.sources = [found.nodes, found.actions, found.choices, found.lessons]
        self.lessons.plot_wanted.connect(self.plot.pick)
        self.lessons.hinted.connect(self.banner.hint)
        self.lessons.browsing.connect(self.player.stop)
        self.lessons.left.connect(self.canvas.setFocus)
        self.toolbar.lessons_wanted.connect(self.actions_by_id["lessons"].trigger)
        self.player.changed.connect(self._show_states)
        self.plot.changed.connect(self._show_states)
        self.canvas.overlay.fill_levels(self.level_menu)
        self.canvas.overlay.fill_symbols(self.symbol_menu)
        listen(self._report)

    # ---- what the table of actions names

    def _perform(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            perform(self, self._rows[str(action.data())])
            self._show_states()

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
        Keys(self).show()

    def copy_source(self) -> None:
        QGuiApplication.clipboard().setText(self.stage.run.recording.source)
        self.stage.noted.emit("Copied the numpy code that was run")

    def restore_numbers(self) -> None:
        snapshot = self.stage.document.snapshot.changed(edits=())
        self.stage.attempt(lambda: self.stage.document.change(snapshot, "typed numbers"))

    def restore_losses(self) -> None:
        snapshot = self.stage.document.snapshot.changed(losses_off=frozenset())
        self.stage.attempt(lambda: self.stage.document.change(snapshot, "losses on"))

    def toggle_theme(self) -> None:
        look().use("light" if look().dark else "dark")
        QSettings().setValue("theme", look().theme.name)
        self._show_states()

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
    def plot_shown(self) -> bool:
        return self.plot.wanted

    @property
    def dark(self) -> bool:
        return look().dark

    # ---- showing

    def _show_title(self) -> None:
        document = self.stage.document
        self.setWindowTitle(f"{document.title}[*] — Unrolled")
        self.setWindowModified(document.dirty)
        for name, word in (("undo", document.undo_label), ("redo", document.redo_label)):
            self.actions_by_id[name].setEnabled(bool(word))
            self.actions_by_id[name].setText(f"{name.title()} {word}".strip())

    def _show_states(self) -> None:
        for row in ACTIONS:
            if row.state:
                self.actions_by_id[row.id].setChecked(bool(operator.attrgetter(row.state)(self)))

    def _report(self, error: BaseException) -> None:
        """A fault of the program: said once, after the event that failed is over."""
        words = f"Something went wrong in the program ({error!r}); your document is safe, save it."
        QTimer.singleShot(0, self.banner, lambda: self.banner.refuse(words))

    def _offer_rescued(self) -> None:
        found = self.rescue.find()
        if found is not None:
            words = f"“{found.title}” was not saved when the program ended last time."
            self.banner.offer(words, "Restore", self.rescue.restore, self.rescue.discard)

    def _fill_recent(self) -> None:
        self.files.fill_recent(self.recent_menu)

    def _open_recent(self, action: QAction) -> None:
        self.files.open_recent(str(action.data()))

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
        self.rescue.end()
        settings = QSettings()
        settings.setValue("geometry", self.saveGeometry())
        settings.setValue("state", self.saveState(STATE_VERSION))
        if not self._divides:
            settings.setValue("centre", self.splitter.saveState())
        settings.setValue("plot", self.plot_shown)
        settings.setValue("plot-kind", self.plot.chosen)
        settings.setValue("speed", self.player.speed)
        settings.setValue("folded", " ".join(self.form.folded))
        event.accept()

    def _restore(self) -> None:
        """As it was left; at the first start everything is shown."""
        settings = QSettings()
        self.resize(SIZE)
        geometry, state, centre = (settings.value(k) for k in ("geometry", "state", "centre"))
        if geometry is not None:
            self.restoreGeometry(geometry)
        if state is not None:
            self.restoreState(state, STATE_VERSION)
        self._divides = centre is None or not self.splitter.restoreState(centre)
        self.plot.want(bool(settings.value("plot", True, bool)))
        self.plot.pick(*str(settings.value("plot-kind", "norms linear")).split())
        self.player.set_speed(float(str(settings.value("speed", 1.0))))
        self.form.fold(str(settings.value("folded", "")).split())
        QTimer.singleShot(LOOK_AFTER, self, self._offer_rescued)
