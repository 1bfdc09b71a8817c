"""The menu of plots: a menu for each group, and the scales of the plot that is shown."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QWidget

from visualizer.plots.table import GROUPS, PLOTS
from visualizer.widgets.parts.choices import TickedMenu
from visualizer.widgets.parts.stage import Stage

SCALE_WORDS = {"linear": "Linear", "log": "Logarithmic"}


class PlotMenu(TickedMenu):
    """`picked` carries the id of a plot and its scale, "" where that is its own."""

    picked = Signal(str, str)

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self._stage = stage
        self._kind = ""
        self.groups: dict[str, TickedMenu] = {}
        self.plots = QActionGroup(self)
        for name in GROUPS:
            self.groups[name] = menu = TickedMenu(self)
            menu.setTitle(name)
            menu.setToolTipsVisible(True)
            self.addMenu(menu).setCheckable(True)
            for row in PLOTS.values():
                if row.group == name:
                    self._add(menu, self.plots, row.title, row.id)
        self.addSeparator()
        self.scales = QActionGroup(self)
        for scale, words in SCALE_WORDS.items():
            self._add(self, self.scales, words, scale)
        self.plots.triggered.connect(self._pick_plot)
        self.scales.triggered.connect(self._pick_scale)
        self.aboutToShow.connect(self._look)

    def _add(self, menu: TickedMenu, group: QActionGroup, words: str, data: str) -> None:
        action = menu.addAction(words)
        action.setData(data)
        action.setCheckable(True)
        group.addAction(action)

    def show_kind(self, kind: str, scale: str) -> None:
        """Tick the plot that is shown, its group and its scale."""
        self._kind, row = kind, PLOTS[kind]
        for action in self.plots.actions():
            action.setChecked(action.data() == kind)
        for name, menu in self.groups.items():
            menu.menuAction().setChecked(name == row.group)
        for action in self.scales.actions():
            action.setEnabled(action.data() in row.scales)
            action.setChecked(action.data() == scale)

    def _look(self) -> None:
        """Plots that cannot be shown here are grey, and say why."""
        film, view = self._stage.film, self._stage.view
        for action in self.plots.actions():
            reason = PLOTS[action.data()].lacks(film, view)
            action.setEnabled(not reason)
            action.setToolTip(reason)

    def _pick_plot(self, action: QAction) -> None:
        self.picked.emit(action.data(), "")

    def _pick_scale(self, action: QAction) -> None:
        self.picked.emit(self._kind, action.data())
