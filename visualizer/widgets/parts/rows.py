"""One row of a form for one setting: label, value, and a slider, menu, check, line or two buttons.

A row shows a value and tells when another one is picked; it knows neither document nor experiment.
"""

from __future__ import annotations

from PySide6.QtCore import QRegularExpression, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QActionGroup, QRegularExpressionValidator, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import Unusable
from engine.setting import Scalar, Setting
from visualizer.widgets.parts.choices import Tick, TickedMenu
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.narrow import Narrow
from visualizer.widgets.parts.scales import FITS, Scale, scale_of, spell
from visualizer.widgets.parts.slider import Slider

SEGMENTS = {"rule": {"accumulate": "accumulate +=", "overwrite": "overwrite ="}}
NAMES = {
    "elman": "RNN",
    "gated": "gated",
    "lstm": "LSTM",
    "lecture-gru": "lecture GRU",
    "gru": "GRU",
    "next": "next token",
    "every": "every step",
    "last": "last step",
    "first": "first step",
    "temporal-convolution": "time conv.",
    "encoder-decoder": "enc.–dec.",
}
OWN_NAMES = {("readout", "after"): "after reading", ("sampling", "teacher"): "off"}  # of one only
LETTERS = {
    "int": r"[0-9]*|as fit",
    "float": r"[-−+0-9.,eE]*|as drawn",
}  # what is no number cannot be typed


class Row(QWidget):
    """The head of every row: the label. `picked` carries name and value, `refused` a sentence;
    `left`: the keyboard is done here."""

    picked = Signal(str, object)
    refused = Signal(str)
    left = Signal()

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.setToolTip(setting.help)
        self.label = QLabel(setting.label)
        self.head = QHBoxLayout()
        self.head.setContentsMargins(0, 0, 0, 0)
        self.head.setSpacing(6)
        self.head.addWidget(self.label)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.body.addLayout(self.head)

    def call(self, words: str) -> None:
        """Another label, where the setting means something else."""
        self.label.setText(words)

    def show_value(self, value: Scalar) -> None:
        """Show a value without telling anybody."""
        raise NotImplementedError

    def _pick(self, value: object) -> None:
        try:
            clean = self.setting.clean(value)
        except Unusable as error:
            words = str(error).replace(f"{self.setting.name} must", f"{self.setting.label} must", 1)
            self.refused.emit(words)
            return
        self.picked.emit(self.setting.name, clean)


class ChoiceRow(Row):
    """A word at the right that opens a menu; below its name where both have no room."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.button = Narrow()
        self.button.setProperty("tone", "value")
        self.button.setAccessibleName(setting.label)
        menu = TickedMenu(self.button)
        self.group = QActionGroup(menu)
        for choice in setting.choices:
            action = menu.addAction(_name(setting, choice))
            action.setData(choice)
            action.setCheckable(True)
            self.group.addAction(action)
        self.group.triggered.connect(self._chosen)
        self.button.setMenu(menu)
        self.head.addStretch()
        self.head.addWidget(self.button)

    @guarded()
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        """The word beside the name, or in a line of its own."""
        need = self.label.sizeHint().width() + self.button.sizeHint().width()
        beside = need + 2 * self.head.spacing() <= self.width()
        if beside and self.head.indexOf(self.button) < 0:
            self.head.addWidget(self.button)
        elif not beside and self.body.indexOf(self.button) < 0:
            self.body.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)

    def _chosen(self) -> None:
        action = self.group.checkedAction()
        if action is not None:
            self._pick(action.data())

    def show_value(self, value: Scalar) -> None:
        self.button.show_words(_name(self.setting, str(value)))
        self._place()
        for action in self.group.actions():
            action.setChecked(action.data() == value)


class SegmentRow(Row):
    """All choices side by side, the one in force lit."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        frame = QFrame()
        frame.setObjectName("segment")
        line = QHBoxLayout(frame)
        line.setContentsMargins(2, 2, 2, 2)
        line.setSpacing(2)
        self.group = QButtonGroup(self)
        for place, choice in enumerate(setting.choices):
            button = QPushButton(SEGMENTS[setting.name][choice])
            button.setCheckable(True)
            button.setProperty("tone", "segment")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.group.addButton(button, place)
            line.addWidget(button)
        self.group.idClicked.connect(self._clicked)
        self.body.addSpacing(6)
        self.body.addWidget(frame)

    def _clicked(self, place: int) -> None:
        self._pick(self.setting.choices[place])

    def show_value(self, value: Scalar) -> None:
        self.group.button(self.setting.choices.index(str(value))).setChecked(True)


class CheckRow(Row):
    """A box to be ticked."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.box = Tick()
        self.box.setAccessibleName(setting.label)
        self.box.setFixedWidth(16)
        self.box.clicked.connect(self._pick)
        self.label.setBuddy(self.box)
        self.head.addStretch()
        self.head.addWidget(self.box)

    def show_value(self, value: Scalar) -> None:
        self.box.setChecked(bool(value))


class NumberRow(Row):
    """A number that can be typed over, and a slider under it where the range has an end."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.scale: Scale | None = None
        self.value: Scalar = setting.default
        self.edit = QLineEdit()
        self.edit.setProperty("tone", "value")
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.edit.setAccessibleName(setting.label)
        self.edit.setMinimumWidth(56)
        self.edit.setMaximumWidth(96)
        letters = QRegularExpression(LETTERS[setting.kind])
        self.edit.setValidator(QRegularExpressionValidator(letters, self.edit))
        self.edit.editingFinished.connect(self._typed)
        self.edit.returnPressed.connect(self.left)
        self.head.addStretch()
        self.head.addWidget(self.edit)
        self.slider: Slider | None = None
        if scale_of(setting, setting.default) is not None:
            self.slider = Slider()
            self.slider.setAccessibleName(setting.label)
            self.slider.valueChanged.connect(self._slid)
            self.body.addWidget(self.slider)

    def show_value(self, value: Scalar) -> None:
        self.value = value
        if not self.edit.hasFocus() or not self.edit.isModified():
            self.edit.setText(spell(self.setting, value))
        self.edit.setModified(False)
        if self.slider is None or self.slider.isSliderDown():
            return  # the hand on the knob knows better than a rounded value
        self.scale = scale_of(self.setting, value)
        assert self.scale is not None
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, self.scale.places)
            self.slider.setPageStep(max(1, self.scale.places // 10))
            self.slider.setSingleStep(max(1, self.scale.places // 100))
            self.slider.setValue(self.scale.place(float(value)))

    def _slid(self, place: int) -> None:
        if self.scale is not None:
            value = self.scale.value(place)
            self.edit.setText(spell(self.setting, value))
            self._pick(value)

    def _typed(self) -> None:
        if not self.edit.isModified():
            return
        self.edit.setModified(False)
        before = self.value
        text = self.edit.text().strip().replace("−", "-").replace(",", ".")
        self._pick(0 if text == FITS else text)
        if self.value == before:
            self.edit.setText(spell(self.setting, before))


class TextRow(Row):
    """A line of text under its label; an end of a line in it is shown as ↵, and typed so."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.edit = QLineEdit()
        self.edit.setAccessibleName(setting.label)
        self.edit.setMaxLength(round(setting.high))
        self.edit.editingFinished.connect(self._typed)
        self.edit.returnPressed.connect(self.left)
        self.head.addSpacing(8)
        self.head.addWidget(self.edit, 1)

    def show_value(self, value: Scalar) -> None:
        if not self.edit.hasFocus() or not self.edit.isModified():
            self.edit.setText(str(value).replace("\n", "↵"))
        self.edit.setModified(False)

    def _typed(self) -> None:
        if self.edit.isModified():
            self.edit.setModified(False)
            self._pick(self.edit.text().replace("↵", "\n"))


def _name(setting: Setting, choice: str) -> str:
    """What a choice is called in the form."""
    return OWN_NAMES.get((setting.name, choice), NAMES.get(choice, choice))


def row_for(setting: Setting) -> Row:
    """The row that suits the kind of the setting."""
    if setting.name in SEGMENTS:
        return SegmentRow(setting)
    kinds: dict[str, type[Row]] = {"choice": ChoiceRow, "bool": CheckRow, "text": TextRow}
    return kinds.get(setting.kind, NumberRow)(setting)
