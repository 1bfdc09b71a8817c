"""The inspector's page of a node: values, δ so far, contributions, Jacobian, check, shares.

It is handed recording, frame and node, and tells what is wanted (a link, a typed number); it knows
no document. What costs more than a frame is asked for once things stand still.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.measures import jacobian
from engine.recording import Recording
from engine.template import Node
from visualizer.scene.bars import lines_picture, shares_picture
from visualizer.scene.cells import shared_exponent
from visualizer.scene.formula_words import figures, path_rows, path_total
from visualizer.scene.frame import Frame
from visualizer.scene.inspection import (
    NodeFacts,
    Vector,
    delta_scale,
    has_jacobian,
    node_facts,
    node_shares,
)
from visualizer.scene.symbols import symbol_of
from visualizer.widgets.parts.check_box import CheckBox
from visualizer.widgets.parts.guard import report
from visualizer.widgets.parts.ledger_rows import Ledger
from visualizer.widgets.parts.numbers import NumberCells
from visualizer.widgets.parts.path_list import PathList
from visualizer.widgets.parts.pictured import Pictured
from visualizer.widgets.parts.place_editor import PlaceEditor
from visualizer.widgets.parts.selection import name_of, owned_neighbours, spelled
from visualizer.widgets.parts.words import Heading, Links

ACTIVATIONS = ("state", "gate", "memory", "tensor")
STILL = 60  # ms without a change before what costs more is measured
MATRIX, SMALLEST, WIDEST_CELL = 132, 60, 45  # px: of all, at least, of one row
SHARES_HEIGHT = 132
WIDEST_JACOBIAN = 64  # units; a wider one is not drawn cell by cell
FEW_NODES = 4_000  # nodes a check may replay without being asked
PROOF_COST = 20_000_000  # products up to which a proof is made unasked
RESTLESS = 0.9  # s between two recordings, as while training, in which none is proved
SPLIT_COST = 12_000  # up to which δ is split by losses: a backward run for each, on this thread


class NodePage(QWidget):
    """Everything about one node at one moment."""

    followed = Signal(object)
    typed = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self.facts: NodeFacts | None = None
        self._recording: Recording | None = None
        self._sequence = 0
        self._symbols = "lecture"
        self._shown: tuple[object, ...] = ()
        self._costly: tuple[object, ...] = ()
        self._links: tuple[list[Node], list[Node]] = ([], [])
        self.value = NumberCells("Activation")
        self.value.typed.connect(self.typed)
        self.place = PlaceEditor()
        self.place.typed.connect(self.typed)
        self.value.picked.connect(self.place.go_to)
        self.hint = _muted("given: click a number to type over it")
        self.delta = NumberCells("Delta")
        self.ledger = Ledger()
        self.ledger.followed.connect(self.followed)
        self.inputs = Links("inputs")
        self.inputs.followed.connect(self._follow_input)
        self.consumers = Links("read by")
        self.consumers.followed.connect(self._follow_consumer)
        self.matrix = NumberCells("Jacobian")
        self.singular = Pictured("Singular values", MATRIX - 40)
        self.singular_words = _muted()
        self.spectrum = QLabel("not yet")  # as high as what it will say
        self.spectrum.setProperty("tone", "mono")
        self.check = CheckBox()
        self.shares = Pictured("Where δ comes from", SHARES_HEIGHT)
        self.paths = PathList()
        self._timer = _still(self, STILL, self._measure)
        # while recordings come and go the last one alone is proved
        self._proof = _still(self, int(1000 * RESTLESS), self._prove)
        self._since = -RESTLESS  # when this recording came
        self._restless = False
        self._build()

    def _build(self) -> None:
        self.value_head, self.delta_head = Heading("Activation"), Heading("Delta")
        self.matrix_head, self.share_head = Heading("Jacobian"), Heading("Where δ comes from")
        self.ledger_head, self.check_head = Heading("Contributions"), Heading("Check")
        self.matrix_box = QWidget()
        beside = QVBoxLayout()
        beside.setSpacing(5)
        self.singular_words.setText("singular values")
        beside.addWidget(self.singular_words)
        beside.addWidget(self.singular)
        beside.addWidget(self.spectrum)
        beside.addStretch()
        line = QHBoxLayout(self.matrix_box)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(18)
        self.matrix.setFixedWidth(MATRIX)
        line.addWidget(self.matrix, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(beside, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        links = self._side_by_side()
        groups: tuple[tuple[QWidget, ...], ...] = (
            (links,),
            (self.value_head, self.value, self.hint, self.place),
            (self.delta_head, self.delta),
            (self.ledger_head, self.ledger),
            (self.paths,),
            (self.matrix_head, self.matrix_box),
            (self.check_head, self.check),
            (self.share_head, self.shares),
        )
        for group in groups:
            for place, widget in enumerate(group):
                column.addWidget(widget)
                column.addSpacing(7 if place + 1 < len(group) else 15)
        column.addStretch()

    def _side_by_side(self) -> QWidget:
        links = QWidget()
        along = QHBoxLayout(links)
        along.setContentsMargins(0, 0, 0, 0)
        along.setSpacing(14)
        along.addWidget(self.inputs)
        along.addWidget(self.consumers)
        along.addStretch()
        return links

    # ---- showing

    def show_node(
        self,
        recording: Recording,
        frame: Frame,
        node: Node,
        sequence: int,
        scales: tuple[float, float],
        symbols: str,
        *,
        editable: bool,
        marked: frozenset[int] = frozenset(),
    ) -> None:
        """Show a node at a moment; `scales` of values and of deltas; cells typed over are
        `marked`."""
        facts = node_facts(recording, frame, node, sequence, symbols)
        states = tuple(a.state for a in facts.arrivals)
        known = (facts.value is None, facts.complete, states)
        shown = (node, sequence, self.width(), scales, symbols, editable, known)
        if shown == self._shown and recording is self._recording:
            return  # most events happen elsewhere, and then nothing is drawn anew
        self._shown = shown
        self._symbols = symbols
        self._show_links(recording, node, sequence)
        self._look_at_clock(recording)
        self.facts, self._recording, self._sequence = facts, recording, sequence
        self.value.editable = editable and facts.value is not None
        self.value.marked = marked
        self._show_value(facts, scales)
        norm = (
            float(np.linalg.norm(facts.delta))
            if facts.delta is not None and facts.complete
            else math.nan
        )
        signed = recording.network.timeless and facts.slot.width == 1
        if signed and facts.delta is not None and facts.complete:
            norm = float(facts.delta[0])
        total, top = (f"δ({facts.symbol})", norm), delta_scale(facts, scales[1])
        self.ledger.show_arrivals(facts.arrivals, top, facts.without, total, signed)
        self._show_paths(recording, facts)
        self._ask(recording, facts)

    def _look_at_clock(self, recording: Recording) -> None:
        """Whether recordings come and go."""
        if recording is not self._recording:
            now = time.monotonic()
            self._restless, self._since = now - self._since < RESTLESS, now

    def _show_value(self, facts: NodeFacts, scales: tuple[float, float]) -> None:
        """The node's vector and its δ so far."""
        width, given = facts.slot.width, self.value.editable
        self.hint.setVisible(given)
        top = 1.0 if facts.map == "gate" else scales[0]
        pixels = facts.slot.picture
        self.value.show_vector(facts.value, width, facts.map, top, picture=pixels)
        self.place.show_values(facts.value if given else None)
        made = facts.slot.role in ACTIVATIONS and facts.node.t >= 0
        made = made and "operation" not in facts.words  # of a formula
        power = _power(facts.value) if self.value.numbered else ""
        self.value_head.show_text("Activation" if made else "Value", power)
        words, own = "Delta" if facts.complete else "Delta so far", delta_scale(facts, scales[1])
        self.delta.show_vector(facts.delta, width, "delta", own, picture=pixels)
        asides = [_power(facts.delta)] if self.delta.numbered else []
        asides += [f"colours to ±{own:g}"] if own != scales[1] else []
        asides += [f"Σ = {figures(facts.true)}"] if facts.true is not None else []
        self.delta_head.show_text(words, "   ".join(filter(None, asides)))

    def _show_paths(self, recording: Recording, facts: NodeFacts) -> None:
        """Of a variable of a formula: its ways to the output."""
        there = recording.network.timeless and facts.slot.role == "input"
        self.paths.setVisible(there)
        if there:
            k, done = facts.node.slot, facts.complete
            output = symbol_of(
                recording.network, Node(0, 0, len(recording.network.segments[0].slots) - 1)
            )
            rows = path_rows(recording, k, done)
            total = path_total(recording, k, done)
            self.paths.show_paths(f"∂{output}/∂{facts.symbol}", rows, total)

    def _show_links(self, recording: Recording, node: Node, sequence: int) -> None:
        network = recording.network
        self._links = owned_neighbours(recording, node, sequence)
        for row, nodes in zip((self.inputs, self.consumers), self._links):
            row.show_links([name_of(network, n, self._symbols) for n in nodes])
            row.setVisible(bool(nodes))

    def _follow_input(self, place: int) -> None:
        self.followed.emit(self._links[0][place])

    def _follow_consumer(self, place: int) -> None:
        self.followed.emit(self._links[1][place])

    # ---- what costs more

    def _ask(self, recording: Recording, facts: NodeFacts) -> None:
        """Measure anew when things stand still, if anything that matters has changed."""
        arrived = tuple(a.vector is not None for a in facts.arrivals)
        where = (id(recording), facts.node, self._sequence, self._symbols, self.width())
        costly = (*where, facts.complete, *arrived)
        if costly == self._costly:
            return
        self._costly = costly
        self._proof.stop()
        wide = has_jacobian(recording, facts.node) and facts.slot.width <= WIDEST_JACOBIAN
        self.matrix_head.setVisible(wide)
        self.matrix_box.setVisible(wide)
        self._show_check(recording, facts)
        self._timer.start()

    def _measure(self) -> None:
        recording, facts = self._recording, self.facts
        if recording is None or facts is None:
            return
        try:
            if self.matrix_box.isVisibleTo(self):
                self._show_jacobian(recording, facts)
            self._show_shares(recording, facts)
            if facts.complete and recording.nodes <= FEW_NODES and _proves(recording):
                if self._restless:
                    self._proof.start()
                else:
                    self._prove()
        except (ArithmeticError, np.linalg.LinAlgError) as error:
            report(error, "the inspector")

    def _prove(self) -> None:
        try:
            self.check.prove()
        except (ArithmeticError, np.linalg.LinAlgError) as error:
            report(error, "the inspector")

    def _show_jacobian(self, recording: Recording, facts: NodeFacts) -> None:
        symbol = facts.symbol
        node, network = facts.node, recording.network
        earlier = node._replace(t=node.t - network.segments[node.segment].direction)
        before = symbol_of(network, earlier, self._symbols)
        self.matrix_head.show_text("Jacobian", f"∂{symbol}/∂{before}")
        found = jacobian(recording, facts.node, self._sequence)
        count = facts.slot.width
        matrix = np.asarray(found.matrix, np.float64)
        self.matrix.setFixedWidth(min(MATRIX, max(SMALLEST, WIDEST_CELL * count)))
        top = float(np.abs(matrix[np.isfinite(matrix)]).max(initial=0.0)) or 1.0
        there = facts.value is not None
        self.matrix.show_matrix(matrix if there else None, (count, count), "value", top, MATRIX)
        values = [float(v) for v in found.singular_values] if there else []
        self.singular.show_picture(
            lines_picture(values, max(self.singular.width(), 60), min(MATRIX - 40, 14 * count))
        )
        largest = max(values, default=math.nan)
        words = f"σ₁ {largest:.2f}  ρ {found.radius:.2f}" if there else "not yet"
        self.spectrum.setText(words)

    def _show_shares(self, recording: Recording, facts: NodeFacts) -> None:
        there = recording.has_gradients and facts.node.t >= 0 and _splits(recording)
        there = there and not recording.network.timeless  # it has one output, and all is from there
        self.share_head.setVisible(there)
        self.shares.setVisible(there)
        if there:
            labels, shares = node_shares(recording, facts, self._sequence)
            width = max(self.width(), 120)
            words = f"Where δ({spelled(facts.symbol)}) comes from (signed shares)"
            self.share_head.show_text(words)
            self.shares.show_picture(shares_picture(shares, labels, width, SHARES_HEIGHT))

    def _show_check(self, recording: Recording, facts: NodeFacts) -> None:
        wanted = recording.has_gradients and facts.node.t >= 0
        self.check_head.setVisible(wanted)
        self.check.setVisible(wanted)
        if wanted:
            self.check.show_node(recording, facts.node, facts.symbol, facts.complete)


def _still(parent: NodePage, wait: int, then: Callable[[], None]) -> QTimer:
    """A clock that tells when nothing has started it anew for so many ms."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(wait)
    timer.timeout.connect(then)
    return timer


def _splits(recording: Recording) -> bool:
    """Whether a dozen backward runs take no longer than a wink: steps and numbers both cost."""
    segments = recording.network.segments
    numbers = sum(g.steps * slot.width for g in segments for slot in g.slots) * recording.batch
    return recording.nodes + numbers / 16 <= SPLIT_COST


def _proves(recording: Recording) -> bool:
    """Whether a proof is a wink too: it runs what comes after the node again."""
    weights = sum(array.size for array in recording.parameters.values())
    return weights * recording.steps * recording.batch <= PROOF_COST


def _power(values: Vector | None) -> str:
    """What the numbers under a strip are to be taken times, if they are told in such units."""
    exponent = shared_exponent(values)
    return f"×10^{{{exponent}}}".replace("-", "−") if exponent else ""


def _muted(text: str = "") -> QLabel:
    label = QLabel(text)
    label.setProperty("tone", "muted")
    return label
