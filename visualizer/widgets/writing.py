"""The part of the form about writing: the button, and what the network has written."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.experiment import settings
from engine.sequences.wording import STOP
from engine.setting import Setting
from visualizer.scene.odds import prompted
from visualizer.widgets.parts.stage import Stage

MOST = 600  # characters that are shown
FEEDING: Setting = next(row for row in settings() if row.name == "feeding")
UNTRAINED = "this network was not trained, so it has learnt nothing to write: press Train first"


class WritingForm(QWidget):
    """A button that lets the network go on by itself, once more with other draws, and one that
    gives it its sequence back; under them the text."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._begins = False
        self.button = QPushButton("Write")
        self.button.setProperty("tone", "accent")
        self.button.setToolTip("Let the network go on by itself (Ctrl+Shift+Return)")
        self.button.clicked.connect(self.write)
        self.back = QPushButton("Read")
        self.back.setProperty("tone", "small-pill")
        self.back.setToolTip("Read the sequence again")
        self.back.clicked.connect(self.read)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setAccessibleName("What was written")
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.button, 1)
        line.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self.text)
        stage.ran.connect(self._show)
        stage.aimed.connect(self._show)
        self._show()

    def write(self) -> None:
        """Go on by itself; what was written already is written with other draws."""
        wanted = self._stage.document.wanted
        if not wanted.experiment.shows(FEEDING):
            self._stage.refused.emit(
                "writing goes on from step to step: it needs a recurrent network that reads "
                "forward, with a readout at every step and the task next"
            )
        elif wanted.parameters is None:
            self._stage.refused.emit(UNTRAINED)
        elif wanted.experiment.feeding == "own":
            self._stage.set("draws", wanted.experiment.draws + 1)
        else:
            self._begins = True
            self._come_near()
            self._stage.set("feeding", "own")

    def read(self) -> None:
        """Read the sequence again."""
        self._stage.set("feeding", "teacher")

    def _show(self) -> None:
        run, wanted = self._stage.run, self._stage.document.wanted.experiment
        writes = wanted.feeding == "own"
        if self._begins and run.experiment.feeding == "own":
            self._begins = False
            self._look_at()
        self.button.setText("Write anew" if writes else "Write")
        self.back.setVisible(wanted.feeding != "teacher")
        there = run.batch.own is not None and run.experiment.feeding == "own"
        self.text.setVisible(there and run.batch.kind == "class")
        if there and run.batch.kind == "class":
            self.text.setText(self._written())

    def _come_near(self) -> None:
        """As near as what is said can be read."""
        if self._stage.view.level in ("auto", "bands", "steps"):
            self._stage.fitted = True
            self._stage.look(level="tensors")

    def _look_at(self) -> None:
        """All has been said, and nothing has come back yet."""
        stage = self._stage
        stage.move_to_own(stage.film.phases[1][1] / max(stage.film.events, 1))

    def _written(self) -> str:
        """The prompt, quiet, and what the network wrote after it."""
        run = self._stage.run
        labels, told = run.batch.labels[0], run.batch.target_labels[0]
        read = prompted(run, 0)
        glue = " " if any(len(name) > 1 for name in run.batch.output_names if name != STOP) else ""
        prompt = _plain(glue.join(labels[:read]))
        rest = _plain(glue.join((*labels[read:], told[len(labels) - 1])))
        rest = rest if len(rest) <= MOST else f"{rest[:MOST]}…"
        return f"<i>{_html(prompt)}</i>{glue}<b>{_html(rest)}</b>"


def _plain(text: str) -> str:
    """Spaces and ends of lines as they are."""
    return text.replace("␣", " ").replace("↵", "\n")


def _html(text: str) -> str:
    return escape(text).replace("\n", "<br>")
