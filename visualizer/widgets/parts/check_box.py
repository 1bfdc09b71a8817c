"""The proof of one δ: waits until it is complete, then differentiates the forward code alone."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from engine.check import Row, check_node
from engine.recording import Recording
from engine.template import Node
from visualizer.widgets.parts.words import MathLine


class CheckBox(QFrame):
    """A card of two lines; a button where the proof would take a while. `wanted`: it is pressed."""

    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName("Check")
        self.setFixedHeight(54)
        self._what: tuple[Recording, Node] | None = None
        self._complete = False
        self.row: Row | None = None
        self.first = MathLine("Check", "check-text", 18)
        self.second = QLabel()
        self.second.setProperty("tone", "mono")
        self.second.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QPushButton("Check")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._ask)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.first)
        words.addWidget(self.second)
        line = QHBoxLayout(self)
        line.setContentsMargins(10, 4, 8, 6)
        line.addLayout(words, 1)
        line.addWidget(self.button)

    def show_node(self, recording: Recording, node: Node, symbol: str, complete: bool) -> None:
        """Another node, another recording, or a δ that became complete."""
        self._what, self._complete, self.row = (recording, node), complete, None
        self.button.setVisible(complete)
        if complete:
            self.first.show_text(f"δ({symbol}) is complete")
            self.second.setText("not checked yet")
        else:
            self.first.show_text(f"waits until δ({symbol}) is complete")
            self.second.setText("then: relative error")

    def _ask(self) -> None:
        """The proof may take a while: whoever knows a place for it does it there."""
        if self._what is not None and self._complete:
            self.button.hide()
            self.second.setText("being checked …")
            self.wanted.emit(self._what[1])

    def prove(self) -> None:
        """Compare δ with the derivative of the forward code, here and now."""
        if self._what is not None and self._complete:
            self.show_row(check_node(*self._what))

    def show_proof(self, node: Node, found: Row | Exception) -> None:
        """What came of a proof that was asked for; another node may be shown by now."""
        if self._what is None or self._what[1] != node:
            return
        if isinstance(found, Row):
            self.show_row(found)
        else:
            self.button.show()
            self.second.setText("not checked")

    def show_row(self, row: Row) -> None:
        """Whether they agree."""
        self.row = row
        self.button.hide()
        mark = "✓ agrees" if self.row.ok else "✗ does not agree"
        self.first.show_text(mark, "check-good" if self.row.ok else "check-bad")
        self.second.setText(f"{self.row.method} {self.row.error:.1e}")
