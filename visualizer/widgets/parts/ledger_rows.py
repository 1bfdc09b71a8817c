"""The contributions to a δ: from whom, as what, how long, its cells, and whether it has arrived."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.template import Node
from visualizer.scene.inspection import Arrival, Vector
from visualizer.widgets.parts.numbers import NumberCells
from visualizer.widgets.parts.words import MathLine, MathLink

STRIP = 14.0
NORM = 96.0  # px of the widest norm and the space before it
NARROWEST = 240  # px that a row has in a panel
TONES = {"arrived": "arrived", "on its way": "waiting", "not yet": "muted", "replaced": "muted"}


class LedgerRow(QWidget):
    """One contribution; its head leads to the node that sends it."""

    followed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._consumer: Node | None = None
        self.head = MathLink("Contribution from", "ledger-symbol", 22)
        self.head.followed.connect(self._follow)
        self.norm = QLabel()
        self.norm.setProperty("tone", "mono")
        self.norm.setAccessibleName("Norm")
        self.norm.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cells = NumberCells("Contribution")
        self.cells.setFixedHeight(round(STRIP))  # as of most: nothing moves when they come
        self.state = QLabel()
        self._above: bool | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 4)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(self.cells, 1, 0, 1, 2)
        self._grid.addWidget(self.state, 2, 0)
        self._place(above=True)

    def _place(self, *, above: bool) -> None:
        """The norm beside the words, or below the cells where the words need the whole line."""
        if above == self._above:
            return
        self._above = above
        self._grid.addWidget(self.head, 0, 0, 1, 1 if above else 2)
        self._grid.addWidget(self.norm, 0 if above else 2, 1)

    def show_arrival(self, arrival: Arrival, count: int, scale: float, signed: bool) -> None:
        self._consumer = arrival.consumer
        self.head.show_text(f"{arrival.sender}   {arrival.expression}", lead="from")
        gone = arrival.state == "replaced"
        self.norm.setText(_told(arrival.vector, arrival.norm, signed))
        self._place(above=self.head.needed + NORM <= max(self.width(), NARROWEST))
        font = self.norm.font()
        font.setStrikeOut(gone)
        self.norm.setFont(font)
        pixels = arrival.picture
        self.cells.show_vector(
            None if gone else arrival.vector,
            count,
            "delta",
            scale,
            height=STRIP,
            numbers=False,
            picture=pixels,
        )
        if self.state.text() != arrival.state:
            self.state.setText(arrival.state)
            self.state.setProperty("tone", TONES[arrival.state])
            self.state.style().unpolish(self.state)
            self.state.style().polish(self.state)

    def _follow(self) -> None:
        if self._consumer is not None:
            self.followed.emit(self._consumer)


def _told(vector: Vector | None, norm: float | None, signed: bool) -> str:
    """The norm, or the number itself."""
    if vector is None or norm is None:
        return "‖·‖      –" if not signed else "–"
    return f"{vector[0]:.5g}".replace("-", "−") if signed else f"‖·‖ {f'{norm:.4g}':>6}"


class _SumLine(QWidget):
    """What all contributions add up to, or what is left of them where they replace each other."""

    def __init__(self) -> None:
        super().__init__()
        self.words = MathLine("Sum", "ledger-symbol", 22)
        self.norm = QLabel()
        self.norm.setProperty("tone", "mono")
        self.norm.setAccessibleName("Norm of the sum")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.words, 1)
        line.addWidget(self.norm)

    def show_sum(self, symbol: str, norm: float, signed: bool, lead: str = "sum") -> None:
        self.words.show_text(symbol, lead=lead)
        number = None if math.isnan(norm) else np.array([norm])
        self.norm.setText(_told(number, norm if number is not None else None, signed))


class Ledger(QWidget):
    """All contributions to one δ."""

    followed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[LedgerRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._none = QLabel("nothing reads this node, so its δ is 0")
        self._none.setProperty("tone", "muted")
        self._column.addWidget(self._none)
        self.sum = _SumLine()
        self._column.addWidget(self.sum)

    def show_arrivals(
        self,
        arrivals: tuple[Arrival, ...],
        scale: float,
        without: str,
        total: tuple[str, float],
        signed: bool = False,
    ) -> None:
        """`without`: what is said where there is no contribution at all; `total`: what they add
        up to in symbols, and its norm (NaN: not yet). `signed`: single numbers as they are."""
        while len(self.rows) < len(arrivals):
            row = LedgerRow()
            row.followed.connect(self.followed)
            self.rows.append(row)
            self._column.insertWidget(self._column.count() - 1, row)
        self._none.setText(without)
        self._none.setVisible(not arrivals)
        for k, row in enumerate(self.rows):
            row.setVisible(k < len(arrivals))
            if k < len(arrivals):
                row.show_arrival(arrivals[k], arrivals[k].width, scale, signed)
        self.sum.setVisible(len(arrivals) > 1)
        replaced = any(arrival.state == "replaced" for arrival in arrivals)
        self.sum.show_sum(*total, signed, "left" if replaced else "sum")
