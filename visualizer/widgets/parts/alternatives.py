"""The inspector's list of what could have come: the tokens that a step made likely, the one that
was taken; a click puts another in its place, and all that follows is written anew.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.door import Run
from engine.template import Node
from visualizer.scene.odds import Said, logits_of, prompted, said_at, speaks, taken_at
from visualizer.scene.picture import Picture, Rects
from visualizer.widgets.parts.pictured import Pictured
from visualizer.widgets.parts.words import Heading

MOST = 10
BAR = 8.0


class Alternatives(QWidget):
    """`wanted` carries the step (from 0) and the token that is to come there; "" lets it be drawn
    again."""

    wanted = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self._step = -1
        self._said: tuple[Said, ...] = ()
        self._shown: tuple[object, ...] = ()
        self.head = Heading("What comes next")
        self.words = QLabel()
        self.words.setProperty("tone", "muted")
        self.words.setWordWrap(True)
        self.again = QPushButton("let it be drawn again")
        self.again.setProperty("tone", "link")
        self.again.clicked.connect(self._release)
        self.buttons: list[QPushButton] = []
        self._bars: list[Pictured] = []
        self._figures: list[QLabel] = []
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for place in range(MOST):
            self._add(grid, place)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 15)
        column.setSpacing(7)
        column.addWidget(self.head)
        column.addLayout(grid)
        column.addWidget(self.words)
        column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def _add(self, grid: QGridLayout, place: int) -> None:
        button, bar, figure = QPushButton(), Pictured("Probability", 18), QLabel()
        button.setProperty("tone", "link")
        button.setProperty("place", place)
        button.setAccessibleName(f"Alternative {place + 1}")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self._clicked)
        figure.setProperty("tone", "mono")
        grid.addWidget(button, place, 0, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(bar, place, 1)
        grid.addWidget(figure, place, 2, Qt.AlignmentFlag.AlignRight)
        self.buttons.append(button)
        self._bars.append(bar)
        self._figures.append(figure)

    def show_step(self, run: Run, node: Node | None, b: int, known: bool) -> None:
        """What step `node` says, or said before its input was read; hidden where that is nothing,
        or not `known` yet."""
        step = _step_of(run, node, b) if node is not None and known and speaks(run) else -1
        self.setVisible(step >= 0)
        shown = (id(run), step, b, self.width())
        if step < 0 or shown == self._shown:
            return
        self._shown, self._step = shown, step
        self._said = said_at(run, step, b, MOST)
        forced = f"{step + 1}:" in {f"{w.split(':')[0]}:" for w in run.experiment.forced.split()}
        experiment = run.experiment
        free = (experiment.feeding, experiment.arrangement) == ("own", "recurrent")
        free = free and step >= prompted(run, b) - 1
        self.head.show_text("What comes next", f"p_{{{step + 1}}}")
        for place, (button, bar, figure) in enumerate(zip(self.buttons, self._bars, self._figures)):
            there = place < len(self._said)
            for widget in (button, bar, figure):
                widget.setVisible(there)
            if there:
                said = self._said[place]
                button.setText(f"▸ {said.name}" if said.taken else said.name)
                button.setEnabled(free and not said.taken)
                button.setAccessibleName(
                    f"Put {said.name} here, probability {said.probability:.3f}"
                )
                figure.setText(f"{said.probability:.4f}")
                bar.show_picture(_bar(said, max(bar.width(), 60)))
        taken = taken_at(run, step, b) >= 0
        last = step + 1 >= int(run.batch.stop[b])
        self.words.setText("" if last and not taken else _words(free, taken, forced))
        self.again.setVisible(free and forced)

    def _clicked(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.wanted.emit(self._step, self._said[int(sender.property("place"))].name)

    def _release(self) -> None:
        self.wanted.emit(self._step, "")


def _words(free: bool, taken: bool, forced: bool) -> str:
    if not free:
        return "▸ was drawn, and is read" if taken else "the truth is read at the next step"
    if forced:
        return "▸ was put here; what follows was written after it"
    return "▸ was taken; click another to put it here and write on from there"


def _step_of(run: Run, node: Node, b: int) -> int:
    """The step of the picture whose outputs a node is about, −1 if it is about none."""
    segment = run.network.segments[node.segment]
    t = node.t + segment.offset
    if node.segment in {g for g, _ in logits_of(run)}:
        return t
    own = run.batch.own
    role = segment.slots[node.slot].role
    if role == "input" and own is not None and 0 < t < len(own) and own[t, b]:
        return t - 1
    return -1


def _bar(said: Said, width: float) -> Picture:
    wide = max(said.probability * width, 0.0)
    style = "odds-taken" if said.taken else "odds-bar"
    box = np.array([[0.0, 9.0 - BAR / 2, wide, BAR]])
    return Picture(width, 18.0, (Rects(style, box, radius=1.0),), background="")
