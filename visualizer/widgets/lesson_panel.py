"""The panel of a lesson: its words, a switch between its variants, and cues to walk along."""

from __future__ import annotations

import html
import re

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.lessons.facts import filled
from visualizer.lessons.opening import moment_of
from visualizer.lessons.reading import Lesson
from visualizer.widgets.parts.buttons import tool_button
from visualizer.widgets.parts.flow import Flow
from visualizer.widgets.parts.slider import Slider
from visualizer.widgets.parts.stage import Stage
from visualizer.widgets.parts.step_size import StepSize

_MARKED = re.compile(r"([_^])(?:\{([^{}]*)\}|(\w+))")


def written(caption: str) -> str:
    """A caption as rich text: what follows _ is lowered, what follows ^ raised, both smaller."""

    def marked(found: re.Match[str]) -> str:
        tag = "sub" if found[1] == "_" else "sup"
        words = found[2] if found[2] is not None else found[3]
        return f'<span style="font-size:10px"><{tag}>{words}</{tag}></span>'

    return _MARKED.sub(marked, html.escape(caption))


class LessonPanel(QFrame):
    """`picked`: another variant. `closed`: the lesson is put away. `browsed`: all lessons."""

    picked = Signal(int)
    closed = Signal()
    browsed = Signal()

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self.setObjectName("lesson")
        self.lesson: Lesson | None = None
        self.variant = 0
        self.cue = -1
        self.setAccessibleName("Lesson")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 12, 12)
        column.setSpacing(8)
        column.addLayout(self._make_head())
        self.title, self.caption = self._words("lesson-title"), self._words("lesson-words")
        self.about_variant = self._words("lesson-words")
        self.said = self._words("lesson-said")
        self.pills = QWidget()
        self._flow = Flow(self.pills, 5)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.picked)
        for widget in (self.title, self.caption, self.pills, self.about_variant):
            column.addWidget(widget)
        column.addWidget(self._make_steps())
        self.sizes = StepSize(stage)
        column.addWidget(self.sizes)
        column.addWidget(self._make_cues())

    def _words(self, name: str) -> QLabel:
        label = QLabel()
        label.setObjectName(name)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return label

    def _make_head(self) -> QHBoxLayout:
        heading = QLabel("LESSON")
        heading.setProperty("tone", "heading")
        self.all = QPushButton("All lessons")
        self.all.setProperty("tone", "link")
        self.all.setToolTip("Lessons and samples (Ctrl+L)")
        self.all.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.all.clicked.connect(self.browsed)
        self.close_button = tool_button("x", "Put the lesson away", self.closed.emit)
        self.close_button.setFixedSize(24, 24)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2)
        line.addWidget(heading)
        line.addStretch()
        line.addWidget(self.all)
        line.addWidget(self.close_button)
        return line

    def _make_steps(self) -> QWidget:
        self.slider, self.number = Slider(), QLabel()
        self.number.setProperty("tone", "mono")
        self.slider.setAccessibleName("Steps")
        self.slider.setToolTip("More steps with the same parameters")
        self.slider.valueChanged.connect(self._stretch)
        self.slider.sliderReleased.connect(self._stage.settle)
        self._stage.ran.connect(self._show_steps)  # undo changes the steps, too
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(QLabel("Steps"))
        line.addStretch()
        line.addWidget(self.number)
        self.steps = QWidget()
        column = QVBoxLayout(self.steps)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.slider)
        return self.steps

    def _show_steps(self) -> None:
        ends = self.lesson.record.steps if self.lesson is not None else None
        self.steps.setVisible(ends is not None)
        if ends is not None:
            with QSignalBlocker(self.slider):
                self.slider.setRange(*ends)
                self.slider.setValue(self._stage.run.recording.steps)
            self.number.setText(str(self._stage.run.recording.steps))

    def _stretch(self, steps: int) -> None:
        """As many steps; the parameters are those that they were."""
        if self.lesson is not None:
            self.number.setText(str(steps))
            self._stage.show_sequence(self.lesson.sequence(self.variant, steps), merge="steps")

    def _make_cues(self) -> QWidget:
        self.back = tool_button("chevron-left", "Cue before (PgUp)", self.previous_cue)
        self.on = tool_button("chevron-right", "Next cue (PgDown)", self.next_cue)
        self.count = QLabel()
        self.count.setProperty("tone", "muted")
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        for button in (self.back, self.on):
            button.setFixedSize(26, 26)
        line.addWidget(self.back)
        line.addWidget(self.count)
        line.addWidget(self.on)
        line.addStretch()
        self.cues = QWidget()
        column = QVBoxLayout(self.cues)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self.said)
        return self.cues

    # ---- showing

    def show_lesson(self, lesson: Lesson, variant: int) -> None:
        """The words of a variant, with the numbers of the run that is there now."""
        run, trained = self._stage.run, self._stage.document.snapshot.trained
        if lesson is not self.lesson:
            self._make_pills(lesson)
        self.lesson, self.variant, self.cue = lesson, variant, -1
        self.title.setText(html.escape(lesson.title))
        self.caption.setText(written(filled(lesson.record.caption, run, trained)))
        about = filled(lesson.variants[variant].caption, run, trained)
        self.about_variant.setText(written(about))
        self.about_variant.setVisible(bool(about))
        if len(lesson.variants) > 1:
            self._group.button(variant).setChecked(True)
        self.cues.setVisible(bool(lesson.cues(variant)))
        self._show_steps()
        self.sizes.setVisible(lesson.record.step_size)
        self._show_cue()

    def _make_pills(self, lesson: Lesson) -> None:
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._flow.removeWidget(button)
            button.deleteLater()
        several = len(lesson.variants) > 1
        for n, variant in enumerate(lesson.variants if several else ()):
            button = QPushButton(variant.title)
            button.setProperty("tone", "choice")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button, n)
            self._flow.addWidget(button)
        self.pills.setVisible(several)

    def pill_buttons(self) -> list[QAbstractButton]:
        """The switch between variants, in their order."""
        return self._group.buttons()

    # ---- cues

    def next_cue(self) -> None:
        self._go(self.cue + 1)

    def previous_cue(self) -> None:
        self._go(self.cue - 1)

    def _go(self, cue: int) -> None:
        """Put the playhead where a cue is; before the first and after the last nothing happens."""
        cues = self.lesson.cues(self.variant) if self.lesson is not None else ()
        if 0 <= cue < len(cues):
            self.cue = cue
            self._stage.move_to_own(moment_of(self._stage.film, cues[cue].moment))
            self._show_cue()

    def _show_cue(self) -> None:
        cues = self.lesson.cues(self.variant) if self.lesson is not None else ()
        here = f"{self.cue + 1} of {len(cues)}" if self.cue >= 0 else f"{len(cues)} moments to see"
        self.count.setText(here)
        self.back.setEnabled(self.cue > 0)
        self.on.setEnabled(self.cue + 1 < len(cues))
        trained = self._stage.document.snapshot.trained
        words = filled(cues[self.cue].caption, self._stage.run, trained) if self.cue >= 0 else ""
        self.said.setText(written(words))
        self.said.setVisible(bool(words))
