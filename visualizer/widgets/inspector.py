"""The inspector: everything about what is selected, as it is at the playhead.

Sections keep their height while the film plays; numbers can be typed over, selected and copied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.template import Node
from visualizer.document.questions import proof
from visualizer.scene.copying import as_csv, as_latex, as_numbers
from visualizer.scene.inspection import formula_of
from visualizer.scene.odds import logits_of, with_forced
from visualizer.scene.symbols import matrix_of, symbol_of
from visualizer.typeset import plain, width_of
from visualizer.widgets.parts.alternatives import Alternatives
from visualizer.widgets.parts.asking import ask
from visualizer.widgets.parts.equation import EquationView
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.node_page import NodePage
from visualizer.widgets.parts.parameter_page import ParameterPage, used_words
from visualizer.widgets.parts.selection import Parameter, Selection
from visualizer.widgets.parts.stage import Stage
from visualizer.widgets.parts.words import MathLine

WIDTH = 316
MARGIN = 20
CHECK_SECONDS = 1.0  # where it is not made without being asked for
STILL = 250  # ms the playhead stands before the inspector turns to what happens there
GIVEN = {"state": "initial state", "memory": "initial memory"}  # before the first step


def _timer(owner: QWidget, wait: int, deed: Callable[[], None]) -> QTimer:
    """Does something once, so many ms after it was last started."""
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(wait)
    timer.timeout.connect(deed)
    return timer


class Inspector(QScrollArea):
    """The panel at the right."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._shown: tuple[object, ...] = ()
        self.setObjectName("panel")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Inspector")
        self.symbol = MathLine("Selected", "big-symbol", 40)
        self.symbol.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.symbol.setFixedWidth(64)
        self.words = QLabel()
        self.words.setProperty("tone", "muted")
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.equation = EquationView()
        self.node_page = NodePage()
        self.node_page.followed.connect(stage.select)
        self.node_page.typed.connect(self._type_node)
        self.node_page.check.wanted.connect(self._prove)
        self.said = Alternatives()
        self.said.wanted.connect(self._force)
        self.parameter_page = ParameterPage()
        self.parameter_page.typed.connect(self._type_parameter)
        self.parameter_page.followed.connect(self._follow_parameter)
        self.nothing = QLabel("Click a node, a parameter or an edge of the graph.")
        self.nothing.setProperty("tone", "muted")
        self.nothing.setWordWrap(True)
        self._soon = _timer(self, 0, self._show)
        self._followed: Selection = None
        self._still = _timer(self, STILL, self._follow_event)
        self._build()
        stage.ran.connect(self._follow_event)
        stage.ran.connect(self._soon.start)
        stage.looked.connect(self._looked)
        stage.moved.connect(self._moved)
        look().changed.connect(self._soon.start)
        self._soon.start()

    def _build(self) -> None:
        page = QWidget()
        page.setObjectName("page")
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.symbol)
        head.addWidget(self.words, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(MARGIN, 12, MARGIN - 6, 12)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.equation)
        column.addSpacing(10)
        for widget in (self.nothing, self.said, self.node_page, self.parameter_page):
            column.addWidget(widget)
        column.addStretch()
        self.setWidget(page)

    @guarded(neutral=lambda: QSize(WIDTH, 600))
    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 600)

    @guarded()
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._soon.start()

    # ---- showing

    def _moved(self) -> None:
        """Only an event changes what there is to say; between two events nothing does."""
        if self._stage.selection is None:
            self._still.start()  # while it plays, it begins anew at every tick
        if self._shown != self._moment():
            self._soon.start()

    def _moment(self) -> tuple[object, ...]:
        frame = self._stage.frame
        return frame.done, frame.fraction > 0

    def _looked(self) -> None:
        """Something else is selected, or nothing: then the playhead says what is shown."""
        if self._stage.selection is None and self._followed is None:
            self._still.start()
        self._soon.start()

    def selection(self) -> Selection:
        """What is shown: what is selected, else where something happened when last it stood."""
        return self._stage.selection or self._followed

    def _follow_event(self) -> None:
        """Turn to where something is happening, if nothing is selected."""
        frame, self._followed = self._stage.frame, None
        for event in (frame.event, frame.last):
            if event is not None and event.node is not None:
                self._followed = event.node
                break
            if event is not None and event.parameter:
                self._followed = Parameter(event.parameter)
                break
        if self._stage.selection is None:
            self._soon.start()

    def _show(self) -> None:
        selection = self.selection()
        self._shown = self._moment()
        is_node, is_parameter = isinstance(selection, Node), isinstance(selection, Parameter)
        self.node_page.setVisible(is_node)
        self.parameter_page.setVisible(is_parameter)
        self.nothing.setVisible(not is_node and not is_parameter)
        self._show_said(selection if isinstance(selection, Node) else None)
        if isinstance(selection, Node):
            self._show_node(selection)
        elif isinstance(selection, Parameter):
            self._show_parameter(selection)
        else:
            self.symbol.show_text("")
            self.words.setText("nothing is selected")
            self.equation.show_latex("")

    def _scales(self) -> tuple[float, float]:
        """Ends of the scales of values and of deltas: those of the graph."""
        return self._stage.film.value_scale, self._stage.film.delta_scale

    def _show_node(self, node: Node) -> None:
        stage = self._stage
        recording = stage.run.recording
        slot = recording.network.slot(node.segment, node.slot)
        truth = stage.run.experiment.feeding == "teacher"  # else it is not for the hand to say
        editable = (slot.role == "input" and truth) or node.t < 0
        self.node_page.show_node(
            recording,
            stage.frame,
            node,
            stage.view.sequence,
            self._scales(),
            stage.view.symbols,
            editable=editable,
            marked=self._marked_of(node) if editable else frozenset(),
        )
        facts = self.node_page.facts
        if facts is not None:
            timeless = recording.network.timeless
            words = facts.words
            direction = recording.network.segments[node.segment].direction
            formula = formula_of(slot, "lecture" if timeless else stage.view.symbols, direction)
            if editable:
                words = f"{GIVEN.get(slot.role, slot.role)} · given"
                zero = facts.value is not None and not facts.value.any()
                formula = f"{facts.symbol} = 0" if zero and node.t < 0 else ""
            if slot.role == "input":
                words = facts.words if timeless else facts.words + " · given"
            self._show_head(facts.symbol, words, formula)

    def _show_parameter(self, selection: Parameter) -> None:
        stage = self._stage
        self.parameter_page.show_parameter(
            stage.run.recording,
            stage.frame,
            selection.name,
            self._scales()[0],
            self._marked(selection.name, ()),
        )
        facts = self.parameter_page.facts
        if facts is not None:
            words = f"parameter · {facts.shape} · {used_words(stage.run.recording, facts)}"
            self._show_head(matrix_of(selection.name), words, "")

    def _show_head(self, symbol: str, words: str, formula: str) -> None:
        style = look().theme.style("big-symbol")
        self.symbol.setFixedWidth(min(round(width_of(symbol, style)) + 12, 150))
        self.symbol.show_text(symbol)
        self.words.setText(words)
        self.equation.show_latex(formula)

    def _show_said(self, node: Node | None) -> None:
        """What could have come at a step that says something, once it is said."""
        stage = self._stage
        slots = dict(logits_of(stage.run))
        seen = node and node._replace(slot=slots.get(node.segment, node.slot))
        known = seen is not None and stage.frame.has_value(seen)
        self.said.show_step(stage.run, node, stage.shown_sequence, known)

    def _force(self, step: int, name: str) -> None:
        """Put another token in the place of what was drawn."""
        experiment = self._stage.document.wanted.experiment
        self._stage.set("forced", with_forced(experiment.forced, step, name or None))

    def _follow_parameter(self, name: str) -> None:
        self._stage.select(Parameter(name))

    def _prove(self, node: Node) -> None:
        """A proof that takes a while."""
        stage, recording = self._stage, self._stage.run.recording

        def done(found: Any) -> None:
            if self._stage.run.recording is recording:
                row = found[0] if isinstance(found, tuple) else found
                self.node_page.check.show_proof(node, row)

        symbol = plain(symbol_of(recording.network, node, stage.view.symbols))
        ask(stage, "check", f"Checking δ({symbol})", proof, (node,), done, CHECK_SECONDS)

    # ---- typing over

    def _type_node(self, cell: int, value: float | None) -> None:
        node = self.selection()
        if isinstance(node, Node):
            name, place = self._array_of(node)
            self._stage.edit(name, (*place, cell + self._first_cell(node)), value)

    def _array_of(self, node: Node) -> tuple[str, tuple[int, ...]]:
        """The array that holds a given node, and where in it its vector stands."""
        b, network = self._stage.view.sequence, self._stage.run.recording.network
        segment = network.segments[node.segment]
        if node.t < 0:
            name = segment.slots[node.slot].initial
            return name, (network.row(node.segment, name), b)
        return "x", (node.t + segment.offset, b)

    def _first_cell(self, node: Node) -> int:
        """Where among the numbers of a step those of an input begin."""
        slot = self._stage.run.recording.network.slot(node.segment, node.slot)
        return int(dict(slot.constants).get("low", 0)) if slot.role == "input" else 0

    def _marked_of(self, node: Node) -> frozenset[int]:
        """Cells of a given node that were typed over."""
        first, width = self._first_cell(node), self._stage.run.network.slot(*node[::2]).width
        found = self._marked(*self._array_of(node))
        return frozenset(cell - first for cell in found if first <= cell < first + width)

    def _marked(self, target: str, place: tuple[int, ...]) -> frozenset[int]:
        """Cells of an array, or of the vector at a place in it, that were typed over."""
        array = self._stage.run.recording.parameters.get(target)
        shape = array.shape if array is not None else ()
        found = set()
        for (name, index), _ in self._stage.document.snapshot.edits:
            if name == target and index[: len(place)] == place:
                rest = index[len(place) :]
                cell = int(np.ravel_multi_index(rest, shape)) if shape else rest[-1]
                found.add(cell)
        return frozenset(found)

    def _type_parameter(self, cell: int, value: float | None) -> None:
        selection = self.selection()
        if isinstance(selection, Parameter):
            shape = self._stage.run.recording.parameters[selection.name].shape
            index = tuple(int(i) for i in np.unravel_index(cell, shape))
            self._stage.edit(selection.name, index, value)

    # ---- copying

    def copy_numbers(self) -> None:
        self._copy(as_numbers(self._numbers()), "numbers")

    def copy_csv(self) -> None:
        self._copy(as_csv(self._numbers()), "CSV")

    def copy_latex(self) -> None:
        facts = self.node_page.facts if isinstance(self.selection(), Node) else None
        formula = facts.slot.formula if facts is not None else ""
        self._copy(as_latex(self._numbers(), formula), "LaTeX")

    def _numbers(self) -> dict[str, NDArray[np.float64]]:
        """What stands in the inspector now, by name."""
        found = {}
        if isinstance(self.selection(), Node) and self.node_page.facts is not None:
            facts = self.node_page.facts
            for name, numbers in (("value", facts.value), ("delta", facts.delta)):
                if numbers is not None:
                    found[name] = numbers
        elif self.parameter_page.facts is not None:
            parameter = self.parameter_page.facts
            found["value"] = parameter.value
            if parameter.gradient is not None:
                found["gradient"] = parameter.gradient
        return found

    def _copy(self, text: str, kind: str) -> None:
        if text:
            QGuiApplication.clipboard().setText(text)
            self._stage.noted.emit(f"Copied as {kind}")
        else:
            self._stage.noted.emit("Nothing to copy yet: select something that has its value")
