"""The sequence: typed text that runs while it is typed, one line a sequence; samples; files."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent, QTextOption
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import Unusable
from engine.expression import EXAMPLE, parse
from engine.sequences import Batch, Sample, Sequence, samples, typed
from engine.sequences.generated import GENERATED, Generated
from engine.sequences.inputs import part_of
from engine.sequences.window import Window
from visualizer.widgets.parts.flow import Flow
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.options import in_the_window
from visualizer.widgets.parts.pages import Pages
from visualizer.widgets.parts.stage import Stage

PAUSE = 250  # ms without a key before the text is taken
LINES = (1, 6)  # lines of text the editor is high, at least and at most
MOST_OF_FORMULA = 14
MOST_EDITED = 20_000  # characters; a longer text is a file, not something typed
TASK_WORDS = {
    "next": "predict next",
    "regression": "predict numbers",
    "class": "tell the class",
    "none": "no target",
}


def described(batch: Batch, sequence: Sequence) -> str:
    """The line under the text: what is predicted, how many steps, how many sequences."""
    if batch.formula:
        parts = parse(batch.formula).parts
        variables = sum(part.op == "input" for part in parts)
        return f"{_count(len(parts) - variables, 'operation')} · {_count(variables, 'variable')}"
    asked = batch.task or batch.kind  # a model of another program has targets without a task
    words = [TASK_WORDS.get(asked, "no target" if asked == "none" else asked)]
    if batch.window is None:  # else it is told which
        words.append(f"{batch.steps:,} steps" if batch.steps != 1 else "1 step")
    if batch.size > 1:
        words.append(f"{batch.size} sequences")
    if sequence.kind == "numbers":
        inputs = batch.x.shape[2]
        words.append(f"{inputs} inputs" if inputs != 1 else "1 input")
    return " · ".join(words)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


class SequenceEditor(QWidget):
    """A card with the text, what it is, and what else could be there."""

    open_wanted, columns_wanted = Signal(), Signal()

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._shown: Sequence | None = None
        self._window: Window | None = None
        self.text = QPlainTextEdit()
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.text.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text.setTabChangesFocus(True)
        self.text.setObjectName("sequence-text")
        self.text.setAcceptDrops(False)  # a file dropped here belongs to the window
        self.about = QLabel()
        self.about.setProperty("tone", "muted")
        self.about.setWordWrap(True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._take)
        self._settled = QTimer(self)  # the text gets its width after this control has got its own
        self._settled.setSingleShot(True)
        self._settled.setInterval(0)
        self._settled.timeout.connect(self._fit_height)
        self.text.textChanged.connect(self._typed)
        self._build()
        stage.ran.connect(self._show)
        self._show()

    def _build(self) -> None:
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(6, 6, 6, 8)
        inside.setSpacing(2)
        inside.addWidget(self.text)
        about = QHBoxLayout()
        about.setContentsMargins(5, 0, 5, 0)
        about.addWidget(self.about)
        inside.addLayout(about)
        self.pages = Pages(self._stage)
        inside.addWidget(self.pages)
        self.add = _link("+ Add line", "Another sequence in the batch")
        self.add.clicked.connect(self._add_line)
        self.samples = _link("Samples ▾", "Built-in sequences")
        self.samples.setMenu(self._make_menu())
        self.columns = _link("Columns…", "What each column is: input, target, ignore")
        self.columns.clicked.connect(self.columns_wanted)
        self.open = _link("Open…", "Open a file (Ctrl+O)")
        self.open.clicked.connect(self.open_wanted)
        links = QWidget()
        flow = Flow(links, 2)
        for button in (self.add, self.samples, self.open, self.columns):
            flow.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(card)
        column.addWidget(links)

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        self._group = QActionGroup(menu)
        self._group.setExclusive(False)
        for sample in samples():
            menu.addAction(self._choice(sample, menu))
        menu.addSeparator()
        tasks = menu.addMenu("Tasks")
        tasks.setToolTipsVisible(True)
        for task in GENERATED.values():
            tasks.addAction(self._choice(task, menu))
        menu.setToolTipsVisible(True)
        self._group.triggered.connect(self._pick_sample)
        return menu

    def _choice(self, row: Sample | Generated, menu: QMenu) -> QAction:
        action = QAction(row.title, menu)
        action.setToolTip(row.about)
        action.setData(row.id)
        self._group.addAction(action)
        return action

    def _pick_sample(self, action: QAction) -> None:
        self._stage.show_sample(str(action.data()))

    def _add_line(self) -> None:
        if self.text.isReadOnly():
            self.text.setReadOnly(False)
            self.text.clear()
        else:
            self.text.moveCursor(self.text.textCursor().MoveOperation.End)
            self.text.insertPlainText("\n")
        self.text.setFocus()

    def _typed(self) -> None:
        if not self.text.isReadOnly():
            self._timer.start()
        self._fit_height()

    def _take(self) -> None:
        lines = [line for line in self.text.toPlainText().split("\n") if line.strip()]
        snapshot = self._stage.document.wanted
        if lines == [text.strip("\n") for text in snapshot.sequence.texts]:
            return
        if not lines:
            self.about.setText(
                "nothing typed yet: " + ("a formula" if self._formula else "two words") + " needed"
            )
            return
        try:
            sequence = typed(lines)
            if self._formula:
                parse("\n".join(lines))
        except Unusable as error:
            self.about.setText(in_the_window(str(error)))
            return
        self._shown = sequence  # so that the text is not put back under the cursor
        if not self._stage.show_sequence(sequence, merge="typing"):
            self.about.setText("not computed: what is shown is from before")

    def _show(self) -> None:
        sequence = self._stage.document.snapshot.sequence
        self._show_kind()
        self.about.setText(described(self._stage.run.batch, sequence))
        window = self._stage.run.batch.window
        if sequence is self._shown and window == self._window:
            return
        self._shown, self._window = sequence, window
        texts = [text.strip("\n") for text in self._in_sight(sequence, window)]
        text = "\n".join(texts)[:MOST_EDITED]
        own = sequence.kind == "text" and len(text) < MOST_EDITED and window is None
        self.text.blockSignals(True)
        # a line is a sequence here; a text that has lines of its own is shown, not edited
        several = any("\n" in each for each in texts) and not self._formula
        self.text.setReadOnly(not own or several)
        self.text.setPlainText(text or sequence.title or sequence.source)
        self.text.blockSignals(False)
        self._fit_height()

    def _in_sight(self, sequence: Sequence, window: Window | None) -> Iterable[str]:
        """The texts, or what is recorded of them."""
        if window is None:
            return sequence.texts
        wanted = self._stage.run.experiment.tokens
        tokens = sequence.tokens if wanted == "auto" else wanted
        some = slice(window.low, min(window.high, window.low + MOST_EDITED))
        glue = " " if tokens == "words" else ""
        return (glue.join(part_of(text, tokens, some)) for text in sequence.texts)

    @property
    def _formula(self) -> bool:
        return self._stage.document.snapshot.experiment.arrangement == "expression"

    def _show_kind(self) -> None:
        """A formula is typed otherwise than a sequence, and no sample is one."""
        formula = self._formula
        self.text.setPlaceholderText(EXAMPLE if formula else "Type two words or more")
        self.text.setAccessibleName("Formula" if formula else "Sequence, one line each")
        self.add.setToolTip("Another line" if formula else "Another sequence in the batch")
        self.samples.setVisible(not formula)
        self.columns.setVisible(self._stage.document.snapshot.sequence.kind == "numbers")

    @guarded()
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settled.start()

    def _fit_height(self) -> None:
        metrics, wide = self.text.fontMetrics(), max(self.text.viewport().width() - 14, 40)
        most = MOST_OF_FORMULA if self._formula else LINES[1]
        typed_lines = self.text.toPlainText()[:MOST_EDITED].split("\n")[:most]
        lines = sum(1 + metrics.horizontalAdvance(line) // wide for line in typed_lines)
        held = min(max(lines, LINES[0]), most)
        self.text.setFixedHeight(held * self.text.fontMetrics().lineSpacing() + 12)


def _link(text: str, words: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("tone", "link")
    button.setToolTip(words)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setMinimumSize(QSize(10, 24))
    return button
