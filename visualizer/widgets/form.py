"""The form of the model: one row for every setting of the experiment, made from its fields.

While a slider is dragged every value is computed and shown; the whole drag is one step of undo.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.choices import KIND_OF, PICTURES
from engine.experiment import settings
from visualizer.widgets.parts.fold import Fold
from visualizer.widgets.parts.rows import NumberRow, Row, row_for
from visualizer.widgets.parts.stage import Stage
from visualizer.widgets.parts.which import Which

WINDOW = ("first", "steps")
MANY = 1000  # steps of which one may want to record fewer
GROUPS = ("Model", "Sequence", "Training", "Writing", "Gradient", "Parameters")


class Form(QWidget):
    """All groups of settings. A group may begin with something else, as the sequence does.
    `left`: a number was entered, the keyboard belongs to the graph again."""

    left = Signal()

    def __init__(self, stage: Stage, leading: dict[str, QWidget]) -> None:
        super().__init__()
        self._stage = stage
        self.rows: dict[str, Row] = {}
        self.folds: dict[str, Fold] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self.which = Which(stage)
        column.addWidget(self.which)
        named = dict.fromkeys((*GROUPS, *(s.group for s in settings())))
        for group in named:
            fold = Fold(group)
            self.folds[group] = fold
            if group in leading:
                fold.lines.addWidget(leading[group])
            column.addWidget(fold)
        for setting in settings():
            self._add(row_for(setting))
        column.addStretch(1)
        stage.ran.connect(self._show)
        stage.aimed.connect(self._show)
        self._show()

    @property
    def folded(self) -> list[str]:
        """Names of the groups that are folded away."""
        return [name for name, fold in self.folds.items() if not fold.is_open]

    def fold(self, names: list[str]) -> None:
        """Fold these groups away, and no others."""
        for name, fold in self.folds.items():
            fold.set_open(name not in names)

    def _add(self, row: Row) -> None:
        self.rows[row.setting.name] = row
        self.folds[row.setting.group].lines.addWidget(row)
        row.picked.connect(self._picked)
        row.refused.connect(self._stage.refused)
        row.left.connect(self.left)
        if isinstance(row, NumberRow) and row.slider is not None:
            row.slider.sliderReleased.connect(self._stage.settle)

    @property
    def _of_window(self) -> bool:
        """Whether it is worth a word which steps are recorded."""
        experiment, recording = self._stage.run.experiment, self._stage.run.recording
        chosen = experiment.first > 1 or experiment.steps > 0
        return chosen or recording.steps >= MANY or self._stage.run.batch.window is not None

    def _picked(self, name: str, value: object) -> None:
        self._stage.set_soon(name, value)

    def _show(self) -> None:
        snapshot = self._stage.document.wanted
        experiment = snapshot.experiment
        formula = experiment.arrangement == "expression"
        self.folds["Sequence"].call("Formula" if formula else "Sequence")
        for name, row in self.rows.items():
            row.show_value(getattr(experiment, name))
            fits = KIND_OF.get(name) in (None, snapshot.sequence.kind)
            fits = fits and (name not in WINDOW or self._of_window)
            row.setVisible(fits and experiment.shows(row.setting))
        pictures = experiment.meant().cell in PICTURES
        hidden = self.rows["hidden"]
        hidden.call("Channels" if pictures else hidden.setting.label)
        for name, fold in self.folds.items():
            mine = (s for s in settings() if s.group == name)
            led = name == "Sequence" or (name == "Training" and not formula)
            fold.setVisible(led or any(experiment.shows(s) for s in mine))
