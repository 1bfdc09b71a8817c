"""The list of all keys (F1), made from the table of actions and the gestures on the graph."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from visualizer.widgets.actions import MENUS, of_menu

# side by side, each about as high as the others
COLUMNS = (("File", "Edit", "Network"), ("View",), ("Play", "Help", "Graph"))
GESTURES = (
    ("wheel", "zoom"),
    ("Ctrl + wheel", "stretch time alone"),
    ("Alt + wheel", "fold it as far as you like"),
    ("drag", "move the graph"),
    ("click", "select a node, a parameter, an edge"),
    ("click on a loss", "switch it off or on"),
    ("click on a number", "type over it (W, b, x, h₀)"),
    ("arrows, after a click or Tab", "along the edges of what is selected"),
    ("Esc", "stop folding half-way; else select nothing"),
)


class Keys(QDialog):
    """A small window that stays open beside the work."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("All keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        lists = {menu: self._keys_of(menu) for menu in MENUS} | {"Graph": list(GESTURES)}
        line = QHBoxLayout(self)
        line.setContentsMargins(26, 22, 26, 24)
        line.setSpacing(30)
        for names in COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(20)
            for name in names:
                column.addLayout(self._make_list(name, lists[name]))
            column.addStretch()
            line.addLayout(column)

    def _keys_of(self, menu: str) -> list[tuple[str, str]]:
        return [("  ".join(a.keys), a.text.rstrip("…")) for a in of_menu(menu) if a.keys]

    def _make_list(self, name: str, rows: list[tuple[str, str]]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        heading = QLabel(name.upper())
        heading.setProperty("tone", "heading")
        column.addWidget(heading)
        lines = QGridLayout()
        lines.setHorizontalSpacing(18)
        lines.setVerticalSpacing(3)
        lines.setColumnMinimumWidth(0, 118)
        for row, (keys, text) in enumerate(rows):
            key = QLabel(keys)
            key.setProperty("tone", "mono")
            lines.addWidget(key, row, 0)
            lines.addWidget(QLabel(text), row, 1)
        lines.setColumnStretch(1, 1)
        column.addLayout(lines)
        return column
