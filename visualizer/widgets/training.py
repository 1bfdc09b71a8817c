"""The part of the form about training: its settings, the button, how far it is."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from engine.training.learner import Learner
from engine.training.training import training_settings
from visualizer.widgets.parts.learning import Learning
from visualizer.widgets.parts.rows import Row, row_for
from visualizer.widgets.parts.update_row import UpdateRow

FEW = (  # those that are always shown
    "updates",
    "optimizer",
    "batch_size",
    "schedule",
    "sampling",
    "sample_every",
)


class TrainingForm(QWidget):
    """A button to train, a line that says how far it is, and a row for every setting."""

    def __init__(self, learning: Learning) -> None:
        super().__init__()
        self._learning = learning
        self.train = QPushButton("Train")
        self.train.setProperty("tone", "primary")
        self.train.setToolTip("Learn from what is shown (Ctrl+Return)")
        self.train.clicked.connect(learning.toggle)
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("End the training; what was learnt so far stays")
        self.stop.clicked.connect(learning.stop)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.words = QLabel()
        self.words.setProperty("tone", "muted")
        self.words.setWordWrap(True)
        self.more = QPushButton("More settings")
        self.more.setProperty("tone", "link")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._show)
        self.update_row = UpdateRow(learning)
        self.rows: dict[str, Row] = {}
        self._lay_out()
        learning.changed.connect(self._show)
        learning.told.connect(self._tell)
        self._show()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.train, 1)
        buttons.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(buttons)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addWidget(self.update_row)
        for setting in training_settings():
            row = row_for(setting)
            row.picked.connect(self._learning.choose)
            self.rows[setting.name] = row
            column.addWidget(row)
        column.addWidget(self.more)

    def _show(self) -> None:
        learning, training = self._learning, self._learning.training
        learner = learning.learner
        idle = {"length"} if learning.length is None else set()
        idle |= set() if learning.writes else {"sample_every"}
        for name, row in self.rows.items():
            row.show_value(getattr(training, name))
            few = name in FEW or name == "length"  # hidden where nothing is drawn
            wanted = (few or self.more.isChecked()) and training.shows(row.setting)
            row.setVisible(wanted and name not in idle)
            row.setEnabled(learner is None)
        self.update_row.show_update()
        self.more.setText("Fewer settings" if self.more.isChecked() else "More settings")
        self.stop.setVisible(learner is not None)
        self.bar.setVisible(learner is not None)
        if learner is None:
            self.train.setText("Train")
            self._say_what_was()
            return
        self.train.setText("Go on" if learner.paused else "Pause")
        self.bar.setRange(learner.begun, learner.until)
        self._tell()
        self.words.show()

    def _tell(self) -> None:
        learner = self._learning.learner
        if learner is not None:
            self.bar.setValue(learner.updates)
            self.words.setText(" · ".join(_said(learner)))
            self.update_row.show_update()

    def _say_what_was(self) -> None:
        history = self._learning.history
        self.words.setVisible(history is not None)
        if history is not None and len(history.updates):
            loss = history.curves["mean"][-1]
            remark = self._learning.remark
            said = f"{history.count:,} updates, loss {loss:.4g}"
            self.words.setText(f"{said}; {remark}" if remark else said)


def _said(learner: Learner) -> list[str]:
    """How far it is, in words."""
    if learner.updates == learner.begun:
        return ["beginning …"]
    said = [f"{learner.updates:,} of {learner.until:,}", f"loss {learner.loss:.4g}"]
    if learner.paused:
        said.append("paused")
    elif math.isfinite(learner.left):
        said.append(f"{_time(learner.left)} left")
    return said


def _time(seconds: float) -> str:
    """A length of time for people."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 3600 else f"{whole / 3600:.1f} h"
