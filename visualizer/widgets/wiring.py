"""How the layers of a model follow each other, where its file does not say it, and which recurrent
node of a graph is shown: asked in a dialog.

What fits is judged by `engine.models.wiring`; the same words are taken by --wire.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from engine.errors import Unusable
from engine.models.given import Given
from engine.models.layers import Around, Found, Recurrent
from engine.models.model import layers_of
from engine.models.onnx.found import NOT_SHOWN
from engine.models.onnx.recurrent import RECURRENT
from engine.models.wired import ACTIVATIONS
from engine.models.wiring import Piece, said
from visualizer.document.modelled import node_anew, wired_anew
from visualizer.widgets.parts.choices import Choice
from visualizer.widgets.parts.stage import Stage

NOT, RUN, BEFORE, BEHIND = "not run", "run", "before", "behind"


class Row:
    """One layer: where it stands, how it is bent, and how a convolution moves."""

    def __init__(self, layer: Recurrent | Around, given: Given) -> None:
        self.stack = isinstance(layer, Recurrent)
        self.name = (
            layer.prefix.rstrip(".") or "rnn" if isinstance(layer, Recurrent) else layer.name
        )
        self.kind = layer.kind
        sizes = (layer.inputs, layer.outputs) if isinstance(layer, Recurrent) else layer.shape
        self.shape = " × ".join(map(str, sizes)) if not self.stack else f"{sizes[0]} → {sizes[1]}"
        self.place = _choice(f"Place of {self.name}", self._places(layer))
        self.bent = _choice(f"Nonlinearity of {self.name}", ACTIVATIONS)
        self.window = QLineEdit()
        self.window.setAccessibleName(f"Stride and padding of {self.name}")
        self.window.setPlaceholderText("stride=1:padding=0")
        self._as_it_is(layer, given)

    def _places(self, layer: Recurrent | Around) -> tuple[str, ...]:
        if self.stack:
            return NOT, RUN
        return {"linear": (NOT, BEFORE, BEHIND)}.get(layer.kind, (NOT, BEFORE))

    def _as_it_is(self, layer: Recurrent | Around, given: Given) -> None:
        wiring = given.wiring
        if wiring is None:
            return
        if isinstance(layer, Recurrent):
            self.place.setCurrentText(RUN if layer in wiring.stacks else NOT)
            return
        for place, pieces in ((BEFORE, wiring.before), (BEHIND, wiring.behind)):
            own: list[Piece] = [piece for piece in pieces if piece.layer == layer]
            if own:
                self.place.setCurrentText(place)
                self.bent.setCurrentText(own[0].activation)

    @property
    def word(self) -> str:
        """The layer as --wire names it."""
        if self.stack:
            return self.name
        more = [self.window.text().strip()] if self.kind == "convolution" else []
        bent = self.bent.currentText()
        more += [] if bent == "identity" else [bent]
        return ":".join([self.name, *filter(None, more)])


class WiringDialog(QDialog):
    """Rows of layers; what would come of them is said below, and why it does not fit."""

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("How the model is wired")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._stage = stage
        given = stage.document.snapshot.given
        self.rows: list[Row] = []
        self._layers: tuple[tuple[Recurrent, ...], tuple[Around, ...]] = ((), ())
        if given is not None and given.weights is not None and given.wiring is not None:
            self._layers = layers_of(given.weights)
            stacks, around = self._layers
            self.rows = [Row(each, given) for each in stacks] + [Row(a, given) for a in around]
        self.head = QLabel(given.doubt if given is not None and self.rows else NOTHING)
        self.head.setWordWrap(True)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setMinimumHeight(40)
        buttons = QDialogButtonBox()
        self.open_button = buttons.addButton("&Open", QDialogButtonBox.ButtonRole.AcceptRole)
        cancel = buttons.addButton("&Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        self.open_button.clicked.connect(self._open)
        cancel.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(14)
        column.addWidget(self.head)
        column.addLayout(self._grid())
        column.addWidget(self.words)
        column.addWidget(buttons)
        self.setMinimumWidth(620)
        self._judge()

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(8)
        for place, word in enumerate(("LAYER", "KIND", "SHAPE", "PLACE", "THEN", "MOVES BY")):
            heading = QLabel(word)
            heading.setProperty("tone", "heading")
            if self.rows:
                grid.addWidget(heading, 0, place)
        for line, row in enumerate(self.rows, start=1):
            cells: list[QWidget] = [
                QLabel(row.name),
                QLabel(row.kind),
                QLabel(row.shape),
                row.place,
            ]
            cells += [] if row.stack else [row.bent]
            cells += [row.window] if row.kind == "convolution" else []
            for place, cell in enumerate(cells):
                grid.addWidget(cell, line, place)
            row.place.currentTextChanged.connect(self._judge)
            row.bent.currentTextChanged.connect(self._judge)
            row.window.textChanged.connect(self._judge)
        grid.setColumnStretch(0, 1)
        return grid

    @property
    def wire(self) -> str:
        """What --wire would say."""
        order = (BEFORE, RUN, BEHIND)
        chosen = [r.word for place in order for r in self.rows if r.place.currentText() == place]
        return ",".join(chosen)

    def _judge(self) -> None:
        """Say what would come of it."""
        given = self._stage.document.snapshot.given
        for row in self.rows:
            row.bent.setEnabled(row.place.currentText() != NOT)
            row.window.setEnabled(row.place.currentText() != NOT)
        fits = False
        if given is not None and self.rows:
            try:
                self.words.setText(said(self.wire, *self._layers, given.source).words)
                fits = True
            except Unusable as error:
                self.words.setText(error.message.removeprefix("--wire "))
        self.open_button.setEnabled(fits)

    def _open(self) -> None:
        document = self._stage.document
        wanted = document.snapshot
        done = self._stage.attempt(
            lambda: document.replace(wired_anew(wanted, self.wire), saved=False)
        )
        if done:
            self.accept()


class NodeDialog(QDialog):
    """Which recurrent node of a graph is shown in steps, with those above and below it."""

    def __init__(self, stage: Stage, parent: QWidget, nodes: Sequence[Found]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Which recurrent node is shown")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._stage, self._nodes = stage, nodes
        self.head = QLabel("Recurrent nodes stand apart in this graph. Shown step by step:")
        self.choice = _choice("Recurrent node", tuple(node.layer for node in nodes))
        shown = [not node.how.startswith(NOT_SHOWN) for node in nodes]
        self.choice.setCurrentIndex(shown.index(True) if any(shown) else 0)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.choice.currentIndexChanged.connect(self._tell)
        buttons = QDialogButtonBox()
        self.open_button = buttons.addButton("&Open", QDialogButtonBox.ButtonRole.AcceptRole)
        cancel = buttons.addButton("&Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        self.open_button.clicked.connect(self._open)
        cancel.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(14)
        for widget in (self.head, self.choice, self.words, buttons):
            column.addWidget(widget)
        self.setMinimumWidth(520)
        self._tell()

    def _tell(self) -> None:
        node = self._nodes[self.choice.currentIndex()]
        self.words.setText(f"{node.kind} {node.shapes}")

    def _open(self) -> None:
        document = self._stage.document
        wanted, node = document.snapshot, self.choice.currentText()
        if self._stage.attempt(lambda: document.replace(node_anew(wanted, node), saved=False)):
            self.accept()


def ask(stage: Stage, parent: QWidget) -> None:
    """Open the question that the model leaves: its order, or which node of a graph is meant."""
    given = stage.document.snapshot.given
    found = given.found if given is not None and given.held is not None else ()
    nodes = [row for row in found if row.kind in RECURRENT]
    dialog = NodeDialog(stage, parent, nodes) if len(nodes) > 1 else WiringDialog(stage, parent)
    dialog.open()


NOTHING = "What is open comes from no file of weights. Open one with Ctrl+O."


def _choice(name: str, words: tuple[str, ...]) -> Choice:
    box = Choice()
    box.setAccessibleName(name)
    box.addItems(list(words))
    return box
