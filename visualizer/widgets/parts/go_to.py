"""Go to a step by its number: a small field on the graph, there while it is wanted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from visualizer.scene.minimap import all_in_sight
from visualizer.scene.whereabouts import in_sight, nearer
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.stage import Stage

AROUND = 120  # steps that are shown of a graph that was all in sight
WIDE, TOP = 84, 12  # px of the field; from the upper edge of the graph
LONGEST = 12  # characters, and more than any step has


class GoTo(QFrame):
    """Enter goes there and selects, of that step, what was selected; Esc leaves all as it is."""

    def __init__(self, stage: Stage, graph: QWidget) -> None:
        super().__init__(graph)
        self._stage = stage
        self._graph = graph
        self.setObjectName("overlay")
        self.field = QLineEdit()
        self.field.setFixedWidth(WIDE)
        self.field.setAccessibleName("Step to go to")
        self.field.setMaxLength(LONGEST)
        self.field.returnPressed.connect(self._go)
        self.field.textEdited.connect(self._say_how_many)
        self.field.installEventFilter(self)
        self.words = QLabel()
        self.words.setProperty("tone", "muted")
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 6, 12, 6)
        line.addWidget(QLabel("Go to step"))
        line.addWidget(self.field)
        line.addWidget(self.words)
        self.hide()
        stage.ran.connect(self.hide)

    def open(self) -> None:
        """Ask for the number; that of what is selected stands there already."""
        stage = self._stage
        if stage.sheet.timeless:
            stage.refused.emit("a formula has no steps to go to; search for a node instead")
            return
        step = stage.frame.step if stage.node is None else stage.node_step
        self.field.setText("" if step is None else str(step + 1))
        self._say_how_many()
        self.show()
        self.raise_()
        self.field.setFocus()
        self.field.selectAll()

    def _say_how_many(self) -> None:
        self._say(f"of {self._stage.sheet.steps:,}")

    def _say(self, words: str) -> None:
        """Behind the field; both stay in the middle of the graph."""
        self.words.setText(words)
        self.field.setAccessibleDescription(words)
        self.adjustSize()
        self.move((self._graph.width() - self.width()) // 2, TOP)

    def _go(self) -> None:
        """There, in the middle of what is in sight; where there is no such step, say which are."""
        stage, asked = self._stage, self.field.text().strip().replace(",", "")
        if not asked.isdecimal() or not 1 <= int(asked) <= stage.sheet.steps:
            self._say(f"must be 1..{stage.sheet.steps:,}")
            self.field.selectAll()
            return
        t = int(asked) - 1
        size = (self._graph.width(), self._graph.height())
        low, high = in_sight(stage.sheet, stage.view, *size)
        if all_in_sight(low, high, stage.sheet.steps) and stage.sheet.steps > AROUND:
            factor = (high - low) / AROUND  # from so far away no step is anywhere
            near = nearer(stage.sheet, stage.view, *size, size[0] / 2, factor, time=False)
            stage.document.look(view=near)
            low, high = in_sight(stage.sheet, stage.view, *size)
        stage.bring(t + 0.5 - (high - low) / 2, *size)
        node = stage.node
        if node is not None:
            local = t - stage.film.network.segments[node.segment].offset
            if 0 <= local < stage.film.network.segments[node.segment].steps:
                stage.select(node._replace(t=local))
        self._leave()

    def _leave(self) -> None:
        self.hide()
        self._graph.setFocus()

    @guarded(neutral=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.KeyPress:
                self._leave()
            return True
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        return False
