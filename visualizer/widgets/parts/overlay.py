"""The small controls on the graph: level, sequence of the batch, fit."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from visualizer.scene.compose import level_of_view
from visualizer.scene.layers import legend
from visualizer.scene.picture import Strips, Texts
from visualizer.scene.symbols import MAPS
from visualizer.styles import STYLES
from visualizer.typeset import width_of
from visualizer.widgets.parts.buttons import IconButton
from visualizer.widgets.parts.choices import TickedMenu
from visualizer.widgets.parts.stage import Stage

LEVELS = ("auto", "numbers", "ops", "tensors", "steps", "bands")
LEVEL_WORDS = {
    "auto": "Automatic",
    "numbers": "Numbers in the cells",
    "ops": "Every op",
    "tensors": "Named tensors",
    "steps": "One block a step",
    "bands": "Bands of units",
}
SLACK = 1.06  # a screen draws letters of 11.5 px at 12
MARGIN, BELOW = 10, 4  # px to the right edge, to the lower edge
SYMBOL_WORDS = {
    "lecture": "As in the lecture (a, s)",
    "textbook": "As in textbooks (c, o)",
    "pytorch": "As in PyTorch (c, y)",
}
MOST_LISTED = 200  # sequences in the menu


class Overlay(QFrame):
    """Stands at the right end of the legend's strip."""

    def __init__(self, parent: QWidget, stage: Stage) -> None:
        super().__init__(parent)
        self._graph = parent
        self.setObjectName("overlay")
        self._stage = stage
        self._groups: list[QActionGroup] = []
        self._symbols: QActionGroup | None = None
        self._shown: tuple[object, ...] = ()
        self.level = _menu_button("How much of a step is shown")
        self.level_menu = TickedMenu(self.level)
        self.fill_levels(self.level_menu)
        self.level.setMenu(self.level_menu)
        self.sequence = _menu_button("Which sequence of the batch is shown")
        self.sequence_menu = TickedMenu(self.sequence)
        self.sequence_menu.aboutToShow.connect(self._fill_sequences)
        self.sequence_menu.triggered.connect(self._pick_sequence)
        self.sequence.setMenu(self.sequence_menu)
        self.fit = IconButton("scan", "Fit the graph (F)")
        self.fit.setFixedSize(QSize(26, 26))
        line = QHBoxLayout(self)
        line.setContentsMargins(3, 2, 3, 2)
        line.setSpacing(2)
        for widget in (self.sequence, self.level, self.fit):
            line.addWidget(widget)
        stage.ran.connect(self._show)
        stage.looked.connect(self._show)
        self._show()

    def legend_end(self) -> float:
        """How far the legend reaches from the left end of the strip."""
        ends, sheet = [0.0], self._stage.sheet
        far = level_of_view(sheet, self._stage.view) == "bands"
        size = self._graph.width(), self._graph.height()
        for item in legend.draw(sheet.keyed, *size, logarithmic=far):
            if isinstance(item, Texts):
                look = STYLES["legend-text"]
                widths = (SLACK * width_of(words, look) for words in item.strings)
                ends += [x + w for x, w in zip(item.positions[:, 0].tolist(), widths, strict=True)]
            elif isinstance(item, Strips):
                ends += (item.boxes[:, 0] + item.boxes[:, 2]).tolist()
        return max(ends)

    def place(self) -> None:
        """Back into the corner."""
        parent = self._graph
        self.adjustSize()
        right, bottom = parent.width() - MARGIN, parent.height() - BELOW
        self.move(right - self.width(), bottom - self.height())

    def fill_symbols(self, menu: QMenu) -> None:
        """The maps of symbols, for the menu of the window."""
        group = QActionGroup(menu)
        for symbols in MAPS:
            action = menu.addAction(SYMBOL_WORDS[symbols])
            action.setData(symbols)
            action.setCheckable(True)
            group.addAction(action)
        group.triggered.connect(self._pick_symbols)
        self._symbols, self._shown = group, ()
        self._show()

    def _pick_symbols(self, action: QAction) -> None:
        self._stage.look(symbols=str(action.data()))

    def fill_levels(self, menu: QMenu) -> None:
        group = QActionGroup(menu)
        for level in LEVELS:
            action = menu.addAction(LEVEL_WORDS[level])
            action.setData(level)
            action.setCheckable(True)
            group.addAction(action)
        group.triggered.connect(self._pick_level)
        self._groups.append(group)
        self._shown = ()

    def _pick_level(self) -> None:
        group = self.sender()
        if isinstance(group, QActionGroup):
            action = group.checkedAction()
            if action is not None:
                self._stage.look(level=str(action.data()))

    def more(self) -> None:
        """Show the next nearer level."""
        self._turn(-1)

    def less(self) -> None:
        """Show the next farther level."""
        self._turn(1)

    def _turn(self, by: int) -> None:
        """The next level in a direction that all graphs here can be shown at."""
        sheet, order = self._stage.sheet, LEVELS[1:]
        there = sheet.levels if sheet.timeless else (*sheet.levels, "bands")
        at = order.index(level_of_view(sheet, self._stage.view))
        beyond = order[at + 1 :] if by > 0 else order[:at][::-1]
        self._stage.look(level=next((n for n in beyond if n in there), order[at]))

    def _fill_sequences(self) -> None:
        self.sequence_menu.clear()
        batch = self._stage.run.batch
        for b in range(min(batch.size, MOST_LISTED)):
            targets = tuple(dict.fromkeys(label for label in batch.target_labels[b] if label))
            told = batch.task == "class" and len(targets) == 1
            words = f"class {targets[0]}" if told else " ".join(batch.labels[b][:6])
            steps = int(batch.stop[b] - batch.start[b])
            action = self.sequence_menu.addAction(f"{b + 1}   {words[:36]}   {steps} steps")
            action.setData(b)
            action.setCheckable(True)
            action.setChecked(b == self._stage.view.sequence)

    def _pick_sequence(self, action: QAction) -> None:
        self._stage.look(sequence=int(action.data()))

    def _show(self) -> None:
        view, batch, film = self._stage.view, self._stage.run.batch, self._stage.film
        shown = (view.level, view.symbols, view.sequence, batch.size, film.timeless, film.levels)
        if shown == self._shown:  # every movement of the graph comes by here
            return
        self._shown = shown
        for group in self._groups:
            for action in group.actions():
                action.setChecked(action.data() == view.level)
                level = action.data()
                action.setVisible(not film.timeless or level in ("auto", *film.levels))
        for action in self._symbols.actions() if self._symbols is not None else ():
            action.setChecked(action.data() == view.symbols)
        self.level.setText(f"{view.level} ▾")
        self.sequence.setText(f"sequence {view.sequence + 1} of {batch.size} ▾")
        if self.sequence.isHidden() != (batch.size == 1):
            self.sequence.setVisible(batch.size > 1)
        self.place()


def _menu_button(words: str) -> QToolButton:
    button = QToolButton()
    button.setProperty("tone", "small")
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button
