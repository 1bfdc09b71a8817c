"""The plot under the graph, on the graph's own time axis: gradient norms, or another of PLOTS."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from visualizer.paint import qt as paint
from visualizer.plots.axes import heading, note
from visualizer.plots.joined import sections
from visualizer.plots.norms import shown_slot
from visualizer.plots.table import PLOTS, plot_picture
from visualizer.scene.picture import Picture
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.plot_menu import PlotMenu
from visualizer.widgets.parts.plot_work import PlotWork
from visualizer.widgets.parts.stage import Stage

LEAST = 120


class Plot(QWidget):
    """Paints one plot at the playhead; a small menu picks which, and its scale."""

    changed = Signal()
    update_wanted = Signal(int)  # of a training; `let_go` when the hand leaves it
    let_go = Signal()

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._looks: tuple[object, ...] = ()
        self._moment: tuple[object, ...] | None = None
        self._picture: Picture | None = None
        self._old: Picture | None = None  # what was drawn last
        self._work = PlotWork(stage, self._worked_out)
        self.kind, self.scale = "norms", "linear"
        self.wanted = True
        self._learnt = False  # whether something was trained here
        self._alone = ""  # scale to come back to when a comparison is over
        self.setAccessibleName(PLOTS[self.kind].title)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumHeight(LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.menu_button = QPushButton(self)
        self.menu_button.setProperty("tone", "small-pill")
        self.menu_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menu_button.setAccessibleName("Which plot, and its scale")
        self.menu_button.setGeometry(8, 54, 76, 25)  # left of the numbers of the axis
        self.menu_button.setText("Plot ▾")
        self.menu = PlotMenu(stage, self.menu_button)
        self.menu.picked.connect(self.pick)
        self.menu_button.setMenu(self.menu)
        stage.ran.connect(self._show_if_wanted)
        stage.ran.connect(self._ran)
        stage.moved.connect(self._refresh)
        stage.looked.connect(self._refresh)
        look().changed.connect(self.update)
        self.menu.show_kind(self.kind, self.scale)

    @property
    def logarithmic(self) -> bool:
        return self.scale == "log"

    def want(self, wanted: bool) -> None:
        """Whether there shall be a plot; a formula has no time, and so none all the same."""
        self.wanted = wanted
        self._show_if_wanted()

    def _show_if_wanted(self) -> None:
        self.setVisible(self.wanted and not self._stage.sheet.timeless)

    def toggle_scale(self) -> None:
        """Norms on the other scale."""
        self.pick("norms", "linear" if self.logarithmic else "log")

    def show_losses(self) -> None:
        """Open the table of losses and steps; it follows the experiment until it is closed."""
        from visualizer.widgets.parts.loss_table import LossTable

        LossTable(self._stage, self.window()).show()

    def show_cost(self) -> None:
        """What the experiment costs, in place of the plot, beside padded, per-layer and shared."""
        self.show()
        self.pick("cost")

    def show_learning(self) -> None:
        """The loss, at the first training of this window; later ones leave the plot as it is."""
        if not self._learnt and self.kind == "norms":
            self.pick("learning")
        self._learnt = True

    def pick(self, kind: str, scale: str = "") -> None:
        """Show another plot, or the same on another scale."""
        self.kind = kind if kind in PLOTS else "norms"
        scales = PLOTS[self.kind].scales
        self.scale = scale if scale in scales else scales[0]
        self.setAccessibleName(PLOTS[self.kind].title)
        self._work.again()
        self._picture = None
        self.menu.show_kind(self.kind, self.scale)
        self._refresh()
        self.update()
        self.changed.emit()

    @property
    def chosen(self) -> str:
        """Kind and scale as they are without a comparison."""
        kept = self._alone if self._alone in PLOTS[self.kind].scales else ""
        return f"{self.kind} {kept or self.scale}"

    def _ran(self) -> None:
        """Two are compared on a logarithmic axis, unless somebody wants another."""
        if self._stage.comparing and not self._alone:
            self._alone = self.scale
            if self.kind == "norms":
                self.pick("norms", "log")
        elif self._alone and not self._stage.comparing:
            kind, scale = self.chosen.split()
            self._alone = ""
            self.pick(kind, scale)
        self._refresh()

    def _refresh(self) -> None:
        """Only an event moves a bar: between two events the picture stays."""
        stage = self._stage
        if stage.sheet.timeless:
            return
        shown = (self.kind, self.scale, self.size())
        view = replace(stage.view, hover=None)
        sheet = stage.sheet
        looks = (sheet.films, sheet.titles, sheet.learnt, sheet.hand, view, *shown)
        moment = self._happened() if looks == self._looks else None
        if moment is None or moment != self._moment:
            self._looks, self._moment = looks, moment
            self._picture = None
            self.update()

    def _happened(self) -> tuple[object, ...]:
        """What of the moment the plot shows: of the norms only one slot and where it happens."""
        film, frame, view = self._stage.film, self._stage.frame, self._stage.view
        if PLOTS[self.kind].of_sheet is not None:
            return ()  # a training goes on without the playhead
        if self._stage.comparing:
            return tuple(each.done for each in self._stage.frames)
        if self.kind != "norms":
            return (frame.done,)
        places = sections(film.network, *shown_slot(film, view))
        arrived = (frame.arrived(use) for place in places for use in film.uses[place])
        complete = (frame.complete(*place) for place in places)
        return (frame.step, frame.phase, *complete, *arrived)

    def picture(self) -> Picture:
        """The plot as it is now."""
        if self._picture is None:
            stage = self._stage
            size = (self.width(), self.height())
            row = PLOTS[self.kind]
            if self._work.waits(row, self.scale, replace(stage.view, hover=None), size):
                return self._meanwhile(row.title)
            self._picture = self._old = plot_picture(
                row, stage.sheet, stage.frames, stage.view, *size, self.scale
            )
        return self._picture

    def _meanwhile(self, title: str) -> Picture:
        """What was drawn before, if it is this plot; else what it will be."""
        old, trouble = self._old, self._work.trouble
        if old is not None and old.title == title and not trouble:
            return old
        items = [*heading(title, ""), note(self.width(), trouble or "being worked out …")]
        return Picture(self.width(), self.height(), tuple(items), background="plot", title=title)

    def _worked_out(self) -> None:
        self._picture = None
        self.update()

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), look().colour("plot"))
            paint.draw(painter, self.picture(), look().theme)

    def _seek(self, event: QMouseEvent) -> bool:
        """The update under the hand is wanted, where the axis is of updates."""
        row = PLOTS[self.kind]
        if row.update_at is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return False
        at = event.position()
        size = (self.width(), self.height())
        update = row.update_at(self._stage.sheet, at.x(), at.y(), *size)
        if update is not None:
            self.update_wanted.emit(update)
        return update is not None

    @guarded()
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._seek(event):
            event.ignore()

    @guarded()
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._seek(event)

    @guarded()
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if PLOTS[self.kind].update_at is not None:
            self.let_go.emit()

    @guarded()
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._refresh()

    @guarded(neutral=lambda: QSize(600, 196))
    def sizeHint(self) -> QSize:
        return QSize(600, 196)
