"""The inspector's page of a parameter: numbers to type over, its gradient, its terms by step."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.recording import Recording
from engine.template import Node
from visualizer.scene.bars import terms_picture
from visualizer.scene.frame import Frame
from visualizer.scene.gathered import ParameterFacts, gathered_from, parameter_facts
from visualizer.scene.picture import Picture
from visualizer.scene.symbols import matrix_of
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.numbers import NumberCells
from visualizer.widgets.parts.pictured import Pictured
from visualizer.widgets.parts.place_editor import PlaceEditor
from visualizer.widgets.parts.selection import name_of, written
from visualizer.widgets.parts.words import Heading, Links

MATRIX_HEIGHT = 300.0
GRADIENT_HEIGHT = 150.0
LEDGER_HEIGHT = 120


class ParameterPage(QWidget):
    """Everything about one parameter at one moment."""

    typed = Signal(int, object)
    followed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.facts: ParameterFacts | None = None
        self.matrix = NumberCells("Numbers")
        self.matrix.editable = True
        self.matrix.typed.connect(self.typed)
        self.gradient = NumberCells("Gradient")
        self.ledger = Pictured("Terms by step", LEDGER_HEIGHT)
        self.norm = QLabel()
        self.norm.setProperty("tone", "mono")
        self.why = QLabel()
        self.why.setWordWrap(True)
        self.why.setProperty("tone", "muted")
        self.place = PlaceEditor()
        self.place.typed.connect(self.typed)
        self.matrix.picked.connect(self.place.go_to)
        self.others = Links("all")
        self.others.followed.connect(self._follow)
        self._names: list[str] = []
        self._shown: tuple[object, ...] = ()
        self._recording: Recording | None = None
        self.heads = (Heading("Numbers"), Heading("Gradient"), Heading("Ledger"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        groups: tuple[tuple[QWidget, ...], ...] = (
            (self.others,),
            (self.heads[0], self.matrix, self.place),
            (self.heads[1], self.gradient, self.norm, self.why),
            (self.heads[2], self.ledger),
        )
        for group in groups:
            for place, widget in enumerate(group):
                column.addWidget(widget)
                column.addSpacing(7 if place + 1 < len(group) else 16)
        column.addStretch()

    def show_parameter(
        self,
        recording: Recording,
        frame: Frame,
        name: str,
        largest: float,
        marked: frozenset[int] = frozenset(),
    ) -> None:
        """Show a parameter at a moment; `largest` is the end of the scale of its numbers; cells
        typed over are `marked`."""
        gathered = gathered_from(recording, frame, name)
        shown = (name, gathered, largest, self.width(), look().theme.name)
        if shown == self._shown and recording is self._recording:
            return  # most events happen elsewhere, and then nothing is drawn anew
        self._shown, self._recording = shown, recording
        facts = parameter_facts(recording, frame, name)
        self.facts = facts
        if self._names != list(recording.parameters):
            self._names = list(recording.parameters)
            self.others.show_links([written(each) for each in self._names])
        shape = facts.value.shape
        self.matrix.marked = marked
        self.matrix.show_matrix(facts.value, shape, "value", largest, MATRIX_HEIGHT)
        every = self.matrix.every
        some = f", in steps of {every}" if every > 1 else ""
        self.heads[0].show_text("Numbers", facts.shape + some)
        self.place.show_values(recording.parameters[name])
        sign = "+=" if facts.rule == "accumulate" else "="
        self.heads[1].show_text("Gradient", f"∂ℒ/∂{matrix_of(name)}")
        top = float(np.abs(recording.gradients[name]).max()) if recording.has_gradients else 1.0
        self.gradient.show_matrix(facts.gradient, shape, "delta", top or 1.0, GRADIENT_HEIGHT)
        self.norm.setText(self._norm_words(facts))
        why = why_zero(recording, facts)
        self.why.setText(why)
        self.why.setVisible(bool(why))
        each = "term of each step" if len(facts.norms) > 1 else "its one term"
        self.heads[2].show_text("Ledger", f"{each}, {sign}")
        width = max(self.width(), 120)
        self.ledger.show_picture(_ledger(facts, width))

    def _follow(self, place: int) -> None:
        self.followed.emit(self._names[place])

    def _norm_words(self, facts: ParameterFacts) -> str:
        if facts.gradient is None:
            return "‖·‖ –       no step yet"
        steps = len(facts.norms)
        there = steps - facts.gathered
        return (
            f"‖·‖ {np.linalg.norm(facts.gradient):.4g}   {there} of {steps} step{'s' * (steps > 1)}"
        )


def used_words(recording: Recording, facts: ParameterFacts) -> str:
    """At how many steps a parameter is used, or that every step has its own."""
    slots = (recording.network.slot(*place) for place in recording.parameter_slots(facts.name))
    if any(slot.per_step for slot in slots):
        return "one for every step"
    steps = len(facts.norms)
    if steps == 1:
        return "used once"
    whole = steps == recording.steps
    return "used at every step" if whole else f"used at {steps} of {recording.steps} steps"


def _ledger(facts: ParameterFacts, width: float) -> Picture:
    """A bar for the term of every step that uses the parameter."""
    there = (facts.there[0] - facts.first, facts.there[1] - facts.first)
    return terms_picture(facts.norms, there, facts.rule, width, LEDGER_HEIGHT, first=facts.first)


def why_zero(recording: Recording, facts: ParameterFacts) -> str:
    """Why a gradient under "overwrite" is exactly 0; "" if it is not, or not complete yet."""
    gradient, steps = facts.gradient, len(facts.norms)
    if facts.rule != "overwrite" or gradient is None or gradient.any() or facts.gathered:
        return ""
    network, g = recording.network, recording.parameter_segment(facts.name)
    segment = network.segments[g]
    last = facts.first + (1 if segment.direction > 0 else steps)
    lost = f"It replaced the terms of {steps - 1} other steps." if steps > 1 else ""
    for k, slot in enumerate(segment.slots):
        for read, weight in zip(slot.inputs, slot.weights):
            source = network.slot(read.segment, read.slot)
            if weight.parameter == facts.name and read.reach != 0 and source.initial:
                made = name_of(network, Node(g, last - 1 - segment.offset, k))
                state = name_of(network, Node(read.segment, -1, read.slot))
                term = f"its term is δ({made}) {state}ᵀ with {state} = 0."
                return f"0, because the last step visited is t={last}, and {term} {lost}".strip()
    return f"0, because the term of the last step visited, t={last}, is 0. {lost}".strip()
