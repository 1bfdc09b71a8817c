"""What stands round the graph: form, inspector, plot, lessons, menus, and what they need.

The window makes the graph first and keeps their places free. All this is imported and made when
that has been painted, or as soon as somebody wants a part of it; so nothing moves when it comes.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from visualizer.widgets.actions import ACTIONS
from visualizer.widgets.application import LOW
from visualizer.widgets.finding import Finding
from visualizer.widgets.form import Form
from visualizer.widgets.inspector import Inspector
from visualizer.widgets.lessons import Lessons
from visualizer.widgets.parts.following import Following
from visualizer.widgets.parts.go_to import GoTo
from visualizer.widgets.parts.learning import Learning
from visualizer.widgets.parts.menus import fill_menu, make_actions, perform
from visualizer.widgets.parts.progress import Progress
from visualizer.widgets.parts.rescue import LOOK_AFTER, Rescue
from visualizer.widgets.parts.wrapping import LineMenu
from visualizer.widgets.plot import Plot
from visualizer.widgets.sequence_editor import SequenceEditor
from visualizer.widgets.training import TrainingForm
from visualizer.widgets.writing import WritingForm

if TYPE_CHECKING:
    from visualizer.widgets.window import Window


class Panels:
    """All of them, each in its place; one for a window."""

    def __init__(self, window: Window) -> None:
        self._window = window
        stage = window.stage
        self._rows = {row.id: row for row in ACTIONS}
        self.actions_by_id = make_actions(window)
        for action in self.actions_by_id.values():
            action.triggered.connect(window.perform)
        self.files = window.files
        self.sequence = SequenceEditor(stage)
        self.learning = Learning(stage, window)
        self.writing = WritingForm(stage)
        self.training = TrainingForm(self.learning)
        leading = {
            "Sequence": self.sequence,
            "Training": self.training,
            "Writing": self.writing,
        }
        self.form = Form(stage, leading)
        self.inspector = Inspector(stage)
        self.plot = Plot(stage)
        self.following = Following(stage, window.player, window.canvas)
        self.going = GoTo(stage, window.canvas)
        self.rescue = Rescue(stage, window)
        self.progress = Progress(stage, window.long_work, window.canvas)
        self.progress.follow(self.actions_by_id["stop"])
        page, scroll = _scrolled(self.form)
        self._scroll = scroll
        self.lessons = Lessons(stage, self.files, window, page)
        self.finding = Finding(
            stage, self.actions_by_id, window.canvas, self.lessons, self.show_plot
        )
        self._fill_menu()
        self._connect()
        _settle(window.model_dock, scroll)
        _settle(window.inspector_dock, self.inspector)
        window.splitter.replaceWidget(window.splitter.indexOf(window.plot_place), self.plot)
        window.plot_place.deleteLater()
        self._restore()  # in its place: what is shown without one is a window of its own
        QTimer.singleShot(LOOK_AFTER, window, self.offer_rescued)
        QTimer.singleShot(0, window, self.files.tell_of_model)

    def _fill_menu(self) -> None:
        window = self._window
        menu = window.menu
        self.recent_menu, self.level_menu, self.symbol_menu = QMenu(menu), QMenu(menu), QMenu(menu)
        extra = {"open": ("Open recent", self.recent_menu), "fit": ("Level", self.level_menu)}
        extra["scale"] = ("Symbols", self.symbol_menu)
        extra["wrap"] = ("Lines", LineMenu(window.canvas.wrapping, menu))
        self._submenus = fill_menu(menu, self.actions_by_id, extra)
        window.canvas.overlay.fill_levels(self.level_menu)
        window.canvas.overlay.fill_symbols(self.symbol_menu)
        menu.aboutToShow.connect(self._fill_recent)
        self.recent_menu.triggered.connect(self._open_recent)

    def _connect(self) -> None:
        window, found, lessons = self._window, self.finding, self.lessons
        self.sequence.open_wanted.connect(self.files.open)
        self.sequence.columns_wanted.connect(self.files.show_columns)
        self.form.left.connect(window.canvas.setFocus)
        some = [found.nodes, found.actions, found.choices, found.lessons, found.plots]
        window.toolbar.finder.sources = [*some]
        window.toolbar.lessons_wanted.connect(lessons.browse)
        lessons.plot_wanted.connect(self.plot.pick)
        lessons.hinted.connect(window.banner.hint)
        lessons.browsing.connect(window.player.stop)
        lessons.left.connect(window.canvas.setFocus)
        self.plot.changed.connect(window.show_states)
        self.plot.update_wanted.connect(self.learning.go_to)
        self.plot.let_go.connect(self.learning.settle)
        self.learning.begun.connect(self.plot.show_learning)
        self.learning.begun.connect(self._show_training)
        self.following.turned.connect(window.show_states)

    def _show_training(self) -> None:
        """The button that waits and the one that ends are in sight, whoever began."""
        self._scroll.ensureWidgetVisible(self.training.words, 0, 60)

    # ---- actions

    def show_plot(self, id: str) -> None:
        """A plot by its id, where plots are hidden too."""
        self.plot.want(True)
        self.plot.pick(id)

    def perform(self, id: str) -> None:
        """Do what a row of the table says."""
        perform(self._window, self._rows[id])
        self.show_states()

    def show_states(self) -> None:
        """Tick what is so."""
        for row in ACTIONS:
            if row.state:
                on = operator.attrgetter(row.state)(self._window)
                self.actions_by_id[row.id].setChecked(bool(on))

    def examine(self) -> None:
        """Let the gradient doctor look at the experiment in hand; stays beside the window."""
        from visualizer.widgets.report import ReportDialog

        window = self._window
        dialog = window.findChild(ReportDialog)
        if dialog is None:
            dialog = ReportDialog(window.stage, window)
            dialog.node_wanted.connect(window.canvas.reveal)
        dialog.show()
        dialog.raise_()
        dialog.examine()

    # ---- as it was left

    def _restore(self) -> None:
        settings = QSettings()
        self.plot.want(bool(settings.value("plot", self._window.height() >= LOW, bool)))
        self.plot.pick(*str(settings.value("plot-kind", "norms linear")).split())
        self.form.fold(str(settings.value("folded", "")).split())

    def remember(self) -> None:
        """Keep what `_restore` will find."""
        settings = QSettings()
        settings.setValue("plot", self.plot.wanted)
        settings.setValue("plot-kind", self.plot.chosen)
        settings.setValue("folded", " ".join(self.form.folded))

    # ---- files

    def offer_rescued(self) -> None:
        found = self.rescue.find()
        if found is not None:
            words = f"“{found.title}” was not saved when the program ended last time."
            self._window.banner.offer(
                words, "Restore", self.rescue.restore, self.rescue.discard, patient=True
            )

    def _fill_recent(self) -> None:
        self.files.fill_recent(self.recent_menu)

    def _open_recent(self, action: QAction) -> None:
        self.files.open_recent(str(action.data()))


def _settle(dock: QDockWidget, panel: QWidget) -> None:
    """Put a panel where its place was kept."""
    place = dock.widget()
    panel.setMinimumWidth(place.minimumWidth())
    dock.setWidget(panel)
    place.deleteLater()


def _scrolled(form: Form) -> tuple[QWidget, QScrollArea]:
    """The page of the left panel, and what scrolls it."""
    page = QWidget()
    page.setObjectName("page")
    column = QVBoxLayout(page)
    column.setContentsMargins(20, 16, 10, 16)
    column.addWidget(form)
    scroll = QScrollArea()
    scroll.setObjectName("panel")
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    scroll.setWidget(page)
    return page, scroll
