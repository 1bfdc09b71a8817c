"""How a table is read: its columns, what is in each, what each is, what is missing; to change.

Before a file is opened and later. What columns are taken for is decided in the engine
(`sequences.preview`); what is done with the answer, by whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.errors import Unusable
from engine.sequences.preview import Preview, Seen
from visualizer.widgets.parts.choices import Choice, Tick

HEADINGS = ("COLUMN", "IS", "STANDARDISED", "HOLDS", "MISSING", "FIRST VALUES")
SCALED = ("input", "target")  # roles whose numbers can be standardised
MOST = 300  # columns that can be changed one by one
NAMED = 28  # characters of a name, or of a cell
ROOM = 44  # characters of first cells
WIDE, HIGH, ROW = 880, 330, 28  # px: of the dialog, of its table at most, of a line of it
FILLED = {
    "": "choose …",
    "drop": "leave those steps out",
    "interpolate": "draw a line between the neighbours",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was chosen: roles by the key of the column; what is done about missing
    values; whether the first line names the columns (None: as it looks); whether numbers are
    standardised, and the names of columns that are not."""

    roles: dict[str, str]
    missing: str | None
    header: bool | None
    standardise: bool
    as_is: tuple[str, ...] = ()


class TablePreview(QDialog):
    """`look(header)` gives the table anew; `take(answer)` does it, or raises `Unusable`, whose
    words are then shown here. `word`: what the button says."""

    def __init__(
        self,
        title: str,
        look: Callable[[bool | None], Preview],
        take: Callable[[Answer], object],
        standardise: bool,
        word: str,
        parent: QWidget,
        as_is: tuple[str, ...] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._look, self._take, self._as_is = look, take, as_is
        self.preview = look(None)
        self.roles: dict[str, Choice] = {}
        self.scaled: dict[str, Tick] = {}  # by the name of the column
        self._make(title, standardise, word)
        self._build()
        self._show_table()
        self.headed.toggled.connect(self._look_again)
        self.standardise.toggled.connect(self._judge)
        self.missing.currentIndexChanged.connect(self._judge)
        self.accept_button.clicked.connect(self._accept)
        self.cancel_button.clicked.connect(self.reject)

    def _make(self, title: str, standardise: bool, word: str) -> None:
        self.head = _label(f"How {title} is read", "title")
        self.about = _label("", "muted")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.headed = Tick("the first line names the columns")
        self.headed.setVisible(self.preview.headed is not None)
        self.headed.setChecked(bool(self.preview.headed))
        self.hole = _label("", "waiting")
        self.missing = _ways()
        self.standardise = Tick(
            "standardise numbers: mean 0, deviation 1, but for columns without a tick"
        )
        self.standardise.setChecked(standardise)
        self.trouble = _label("", "waiting")
        self.trouble.setWordWrap(True)
        self.accept_button = QPushButton(word)
        self.accept_button.setProperty("tone", "primary")
        self.accept_button.setDefault(True)
        self.cancel_button = QPushButton("Cancel")

    def _build(self) -> None:
        holes, buttons = QHBoxLayout(), QHBoxLayout()
        holes.addWidget(self.hole)
        holes.addWidget(self.missing)
        holes.addStretch()
        buttons.addWidget(self.trouble, 1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.accept_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        column.addWidget(self.head)
        column.addWidget(self.about)
        column.addWidget(self.area, 1)
        column.addWidget(self.headed)
        column.addWidget(self.standardise)
        column.addLayout(holes)
        column.addStretch()
        column.addLayout(buttons)

    # ---- what is shown

    def _show_table(self) -> None:
        seen = self.preview.columns
        rows = f"{self.preview.rows:,} rows" + ("" if self.preview.whole else " were looked at")
        more = f", of which the first {MOST} can be changed here" if len(seen) > MOST else ""
        self.about.setText(f"{rows}, {_count(len(seen), 'column')}{more}")
        page = QWidget()
        page.setObjectName("page")
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        for place, name in enumerate(HEADINGS):
            grid.addWidget(_label(name, "heading"), 0, place)
        self.roles, self.scaled = {}, {}
        for line, (key, column) in enumerate(zip(self.preview.keys(), seen[:MOST]), start=1):
            self._add(grid, line, key, column)
        grid.setRowStretch(len(seen) + 1, 1)
        grid.setColumnStretch(len(HEADINGS) - 1, 1)
        self.area.setWidget(page)
        self._judge()
        self.area.setFixedHeight(min(page.sizeHint().height() + 4, HIGH))
        self.resize(WIDE, self.sizeHint().height())

    def _add(self, grid: QGridLayout, line: int, key: str, column: Seen) -> None:
        grid.setRowMinimumHeight(line, ROW)
        name = _label(_short(column.name), "title")
        name.setToolTip(column.name)
        grid.addWidget(name, line, 0)
        if len(column.possible) == 1:
            grid.addWidget(_label(column.role, "muted"), line, 1)
        else:
            role = Choice()
            role.setAccessibleName(f"What {column.name} is")
            role.addItems(column.possible)
            role.setCurrentText(column.role)
            role.currentIndexChanged.connect(self._judge)
            self.roles[key] = role
            grid.addWidget(role, line, 1)
        if set(SCALED) & set(column.possible):
            self._add_tick(grid, line, column)
        grid.addWidget(_label(column.holds, "muted"), line, 3)
        missing = _label(f"{column.missing:,}" if column.missing else "–")
        missing.setProperty("tone", "waiting" if column.missing else "muted")
        grid.addWidget(missing, line, 4, Qt.AlignmentFlag.AlignRight)
        first = "   ".join([*(_short(cell, 14) or "·" for cell in column.first), "…"])
        grid.addWidget(_label(_cut(first), "mono"), line, 5)

    def _add_tick(self, grid: QGridLayout, line: int, column: Seen) -> None:
        tick = Tick("")
        tick.setAccessibleName(f"{column.name} is standardised")
        tick.setChecked(column.name not in self._as_is)
        self.scaled[column.name] = tick
        grid.addWidget(tick, line, 2)

    def _look_again(self) -> None:
        try:
            self.preview = self._look(self.headed.isChecked())
        except Unusable as error:
            self.trouble.setText(error.message)
            return
        self._show_table()

    # ---- what was chosen

    def _scalable(self) -> list[tuple[str, str]]:
        """Name and role of every column that has a tick."""
        both = zip(self.preview.keys(), self.preview.columns)
        found = [
            (each.name, self.roles[key].currentText()) for key, each in both if key in self.roles
        ]
        return [row for row in found if row[0] in self.scaled]

    def _ticked(self, name: str, role: str) -> bool:
        return role not in SCALED or self.scaled[name].isChecked()

    @property
    def answer(self) -> Answer:
        roles = {key: role.currentText() for key, role in self.roles.items()}
        header = self.headed.isChecked() if self.preview.headed is not None else None
        return Answer(
            roles=roles,
            missing=str(self.missing.currentData()) or None,
            header=header,
            standardise=self.standardise.isChecked(),
            as_is=tuple(name for name, role in self._scalable() if not self._ticked(name, role)),
        )

    def _judge(self) -> None:
        """Say what is wrong with the choice; only a right one can be taken."""
        roles = {key: role.currentText() for key, role in self.roles.items()}
        chosen = list(roles.values())
        for name, role in self._scalable():
            self.scaled[name].setVisible(role in SCALED)
            self.scaled[name].setEnabled(self.standardise.isChecked())
        holes = self.preview.missing(roles)
        for widget in (self.hole, self.missing):
            widget.setVisible(holes > 0 or not self.preview.whole)
        said = f"{_count(holes, 'value')} {'is' if holes == 1 else 'are'} missing:"
        self.hole.setText(said if holes else "If values are missing further down:")
        wrong = ""
        for role in ("label", "time"):
            if chosen.count(role) > 1:
                wrong = f"{chosen.count(role)} columns are {role}; one can be"
        if "input" not in chosen:
            wrong = "no column is an input; at least one is needed"
        elif holes and not self.missing.currentData():
            wrong = wrong or "say what is done about missing values"
        self.trouble.setText(wrong)
        self.accept_button.setEnabled(not wrong)

    def _accept(self) -> None:
        try:
            self._take(self.answer)
        except Unusable as error:
            self.trouble.setText(error.message)
            return
        self.accept()


def _ways() -> Choice:
    """What can be done about missing values."""
    ways = Choice()
    ways.setAccessibleName("What is done about missing values")
    for value, words in FILLED.items():
        ways.addItem(words, value)
    return ways


def _label(text: str, tone: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if tone:
        label.setProperty("tone", tone)
    return label


def _short(text: str, limit: int = NAMED) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _cut(cells: str) -> str:
    """As many cells as have room; the spaces between them stay."""
    return cells if len(cells) <= ROOM else cells[: ROOM - 1].rstrip(" …") + " …"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
