"""The arrow keys in the graph: along its edges once the graph has the keys, that is after Tab or a
click in it, and a node is selected. Else they are those of the transport, one event back or on.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
}  # fmt: skip
Reason = Qt.FocusReason
BY_KEYS = (Reason.TabFocusReason, Reason.BacktabFocusReason)
BACK = (Reason.ActiveWindowFocusReason, Reason.PopupFocusReason, Reason.MenuBarFocusReason)


class Walking:
    """`on`: somebody went to the graph, and did not merely get it from the window; `ringed`: with
    the keyboard, so that it is shown."""

    def __init__(self) -> None:
        self.on = self.ringed = False

    def focused(self, reason: Qt.FocusReason) -> None:
        """The graph has the keys; after another window or a menu it is as it was."""
        self.ringed = reason in BY_KEYS
        if reason not in BACK:
            self.on = self.ringed or reason == Reason.MouseFocusReason

    def way(self, event: QKeyEvent) -> tuple[int, int] | None:
        """(right, up) of a key that walks, None of any other."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return ARROWS.get(Qt.Key(event.key())) if self.on and plain else None
