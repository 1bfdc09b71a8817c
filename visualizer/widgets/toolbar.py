"""The toolbar: menu, name of the document, cells, compare, search, export, theme."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from engine.arrangements.pictures import picture_of
from engine.cells import CELLS
from engine.choices import CELL_CHOICES, PICTURES
from engine.experiment import settings
from visualizer.document.titles import kind_of
from visualizer.widgets.parts.buttons import IconButton
from visualizer.widgets.parts.finder import Finder
from visualizer.widgets.parts.fold_button import FoldButton
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.stage import Stage

CELL_NAMES = {
    "elman": "RNN",
    "gated": "Gated",
    "lstm": "LSTM",
    "lecture-gru": "Lecture GRU",
    "gru": "GRU",
    "conv-rnn": "Conv RNN",
    "conv-lstm": "Conv LSTM",
}
CELL_WORDS = {
    "elman": "vanilla RNN",
    "gated": "gated cell",
    "lstm": "LSTM",
    "lecture-gru": "lecture GRU (an LSTM without output gate)",
    "gru": "GRU",
    "conv-rnn": "convolutional RNN",
    "conv-lstm": "convolutional LSTM",
}
HEIGHT = 48
SIDES = 310  # px of all that has no words: title, search field, theme, and what is between them
WITHOUT_CELLS = 3  # how narrow a window is that has no room for their buttons


class Elided(QLabel):
    """A label that says less where there is no room, and all of it in its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(40)
        self._shorter: tuple[str, ...] = ()

    def show_text(self, text: str, *shorter: str) -> None:
        """The first of these that has room; the last of them ends in … where none has."""
        self._shorter = shorter
        self.setText(text)
        self.setToolTip(text)

    def fitting(self) -> str:
        """What is to be read at the width that there is."""
        metrics, most = self.fontMetrics(), self.width()
        told = (self.text(), *self._shorter)
        fits = (each for each in told if metrics.horizontalAdvance(each) <= most)
        return next(fits, metrics.elidedText(told[-1], Qt.TextElideMode.ElideRight, most))

    @guarded(neutral=lambda: QSize(40, 16))
    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setFont(self.font())
            painter.setPen(look().colour("muted"))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(self.rect(), flags, self.fitting())


class Toolbar(QWidget):
    """One line over the whole window."""

    export_wanted = Signal()
    theme_wanted = Signal()
    lessons_wanted = Signal()

    def __init__(self, stage: Stage, menu: QMenu) -> None:
        super().__init__()
        self.setObjectName("toolbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self._stage = stage
        self._tight = 0
        left, middle, right = self._make_left(menu), self._make_cells(), self._make_right()
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 0, 16, 0)
        line.setSpacing(12)
        line.addWidget(left, 1)
        line.addWidget(middle)
        line.addWidget(right, 1)
        stage.ran.connect(self._show)
        stage.told.connect(self._show)
        look().changed.connect(self._show)
        self._show()

    def search(self) -> None:
        """Put the cursor into the search field."""
        self.finder.start()

    def open_menu(self) -> None:
        """Open the menu under the name of the program."""
        self.name.menu().popup(self.name.mapToGlobal(self.name.rect().bottomLeft()))

    def _make_left(self, menu: QMenu) -> QWidget:
        self.name = QToolButton()
        self.name.setObjectName("app-name")
        self.name.setText("Unrolled ▾")
        self.name.setToolTip("Menu (F10)")
        self.name.setAccessibleName("Menu")
        self.name.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.name.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.name.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.name.setMenu(menu)
        self.title = Elided()
        self.title.setObjectName("document-title")
        self.lessons = QPushButton("Lessons")
        self.lessons.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.lessons.setToolTip("Lessons and samples (Ctrl+L)")
        self.lessons.setFixedHeight(30)
        self.lessons.clicked.connect(self.lessons_wanted)
        return _row(8, self.name, self.lessons, self.title)

    def _make_cells(self) -> QWidget:
        self.cells = QButtonGroup(self)
        buttons = []
        for place, cell in enumerate(CELL_CHOICES):
            button = QPushButton(CELL_NAMES[cell])
            button.setProperty("tone", "pill")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setToolTip(CELL_WORDS[cell])
            self.cells.addButton(button, place)
            buttons.append(button)
        self.cells.idClicked.connect(self._pick_cell)
        self.compare = QPushButton("Compare")
        self.compare.setProperty("tone", "pill")
        self.compare.setCheckable(True)
        self.compare.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.compare.setToolTip("A second experiment below this one, on the same time axis (C)")
        self.compare.setIconSize(QSize(15, 15))
        self.compare.setMinimumHeight(29)  # as round without its word
        self.compare.clicked.connect(self._compare)
        self.compare.setAccessibleName("Compare")
        self.fold = FoldButton()
        self._middle = _row(8, *buttons, _gap(), self.fold, self.compare)
        return self._middle

    def _make_right(self) -> QWidget:
        self.finder = Finder()
        self.finder.setMaximumWidth(250)
        self.finder.setMinimumWidth(120)
        self.export = QPushButton("Export")
        self.export.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.export.setToolTip("Export a figure (Ctrl+E)")
        self.export.setFixedHeight(30)
        self.export.clicked.connect(self.export_wanted)
        self.theme = IconButton("contrast", "Light or dark (Ctrl+T)")
        self.theme.setProperty("tone", "box")
        self.theme.setFixedSize(QSize(50, 30))
        self.theme.clicked.connect(self.theme_wanted)
        box = _row(10, self.finder, self.export, self.theme)
        layout = box.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.insertStretch(0)
        layout.setStretchFactor(self.finder, 1)
        return box

    def _compare(self) -> None:
        self._stage.compare()
        self._show()

    def _pick_cell(self, place: int) -> None:
        self._stage.set("cell", CELL_CHOICES[place])
        self._show()

    def _show(self) -> None:
        document = self._stage.document
        cell = document.wanted.experiment.cell
        mark = " •" if document.dirty else ""
        short = self._words().partition(" (")[0]
        self.title.show_text(
            f"{document.title} · {self._words()}{mark}",
            f"{document.title} · {short}{mark}",
            f"{document.title}{mark}",
            f"{document.title.partition(':')[0]}{mark}",
        )
        self.cells.button(CELL_CHOICES.index(cell)).setChecked(True)
        comparing = self._stage.comparing
        self.compare.setChecked(comparing)
        self.compare.setIcon(look().icon("git-compare", "on-accent" if comparing else "text"))
        self.fold.setVisible(not self._stage.film.timeless)  # there are no steps to fold
        self._show_cells()
        self._make_room()

    def _show_cells(self) -> None:
        pictures = picture_of(self._stage.run.batch) is not None
        shown = self._has_cells() and self._tight < WITHOUT_CELLS
        for place, other in enumerate(CELL_CHOICES):
            self.cells.button(place).setVisible(shown and (pictures or other not in PICTURES))

    @guarded()
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._make_room()

    @guarded()
    def showEvent(self, event: QShowEvent) -> None:
        self._make_room()

    def _make_room(self) -> None:
        """Words are never cut: in a narrow window Fold and Compare keep their icons only, and then
        the buttons of the cells come closer to their names; in the narrowest the form has the cells
        alone. Widths before it is shown are none."""
        if not self.isVisible():
            return
        for tight in range(WITHOUT_CELLS + 1):
            self._tighten(tight)
            sides = [self.name, self.lessons, self.export]
            room = sum(widget.sizeHint().width() for widget in sides) + SIDES
            if room + self._middle.sizeHint().width() <= self.width():
                break

    def _tighten(self, tight: int) -> None:
        if tight == self._tight:
            return
        self._tight = tight
        self.compare.setText("" if tight else "Compare")
        self.fold.press.setText("" if tight else "Fold")
        for button in self.cells.buttons():
            button.setProperty("tight", tight > 1)
            button.style().unpolish(button)
            button.style().polish(button)
        self._show_cells()
        layout = self._middle.layout()
        assert layout is not None
        layout.invalidate()

    def _has_cells(self) -> bool:
        """Whether the arrangement is made of cells."""
        experiment = self._stage.document.snapshot.experiment
        return any(row.name == "cell" and experiment.shows(row) for row in settings())

    def _words(self) -> str:
        """What is shown, in words: the cell, or what is made of it."""
        experiment = self._stage.document.snapshot.experiment
        words = kind_of(experiment)
        return CELL_WORDS[experiment.cell] if words == CELLS[experiment.cell].title else words


def _gap() -> QWidget:
    """Some room between what belongs apart."""
    gap = QWidget()
    gap.setFixedWidth(6)
    return gap


def _row(spacing: int, *widgets: QWidget) -> QWidget:
    box = QWidget()
    line = QHBoxLayout(box)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(spacing)
    for widget in widgets:
        line.addWidget(widget)
    return box
