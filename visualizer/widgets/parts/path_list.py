"""The paths from a variable of a formula to its output: way, local derivatives, their product.

What they are is found in `engine.paths`; they wait until δ of the variable is complete.
"""

from __future__ import annotations

import html
import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from visualizer.scene.formula_words import PathRow
from visualizer.widgets.parts.words import Heading

_LOW = re.compile(r"_\{([^}]*)\}")


class PathList(QWidget):
    """A heading and one table, whose text can be selected."""

    def __init__(self) -> None:
        super().__init__()
        self.head = Heading("Paths")
        self.rows = QLabel()
        self.rows.setTextFormat(Qt.TextFormat.RichText)
        self.rows.setWordWrap(True)
        self.rows.setAccessibleName("Paths to the output")
        self.rows.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.total = QLabel()
        self.total.setProperty("tone", "mono")
        self.total.setWordWrap(True)
        self.total.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.head, self.rows, self.total):
            column.addWidget(widget)

    def show_paths(self, title: str, rows: tuple[PathRow, ...], total: str) -> None:
        """`title`: the derivative in markup; `total`: the last line, what they add up to."""
        self.head.show_text("Paths", title)
        self.rows.setText(_table(rows))
        self.rows.setVisible(bool(rows))
        self.total.setText(total)


def _table(rows: tuple[PathRow, ...]) -> str:
    lines = []
    for row in rows:
        factors = f"<br><small>{html.escape(row.factors)}</small>" if row.factors else ""
        lines.append(
            f"<tr><td style='padding: 2px 0'>{_marked(row.way)}{factors}</td>"
            f"<td align='right' style='padding: 2px 0 2px 8px'>{html.escape(row.product)}</td></tr>"
        )
    return f"<table width='100%'>{''.join(lines)}</table>"


def _marked(way: str) -> str:
    """Markup of pictures as that of labels."""
    return _LOW.sub(r"<sub>\1</sub>", html.escape(way))
