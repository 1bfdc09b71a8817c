"""Lines of words and symbols in panels: a heading, a line in mathematical type, a link."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from visualizer.scene.picture import Item, Picture, Texts
from visualizer.typeset import plain, width_of
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.pictured import Pictured

LETTERS, ACROSS = 18, 4  # so many letters stand in one line; else so many links do
LEAD = 36.0  # px that a plain word before the symbols takes
SMALLEST = 0.6  # of its size, to which a line shrinks


class MathLine(Pictured):
    """One line in markup ("h_{3}"), in a style of pictures, made smaller where it would be cut."""

    def __init__(self, name: str, style: str, height: int) -> None:
        super().__init__(name, height)
        self._style = style
        self._tall = height
        self.text = ""
        self._shown = ("", style, "")

    def show_text(self, text: str, style: str = "", lead: str = "") -> None:
        """Show a string with markup, after a plain word if there is one."""
        shown = (text, style or self._style, lead)
        if shown == self._shown:
            return
        self.text, self._shown = text, shown
        self.setAccessibleDescription(plain(f"{lead} {text}".strip()))
        self._set()

    @property
    def needed(self) -> float:
        """Width of the line in full size, in px."""
        text, style, lead = self._shown
        return width_of(text, look().theme.style(style)) + (LEAD if lead else 0.0)

    @guarded()
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._set()

    def _set(self) -> None:
        text, style, lead = self._shown
        middle, left = self._tall / 2, LEAD if lead else 0.0
        items: list[Item] = []
        if lead:
            items.append(Texts("lead-word", np.array([[0.0, middle]]), (lead,)))
        if text:
            room = max(self.width() - left, 1.0) / max(self.needed - left, 1.0)
            size = min(1.0, max(room, SMALLEST))
            items.append(Texts(style, np.array([[left, middle]]), (text,), scale=size))
        self.show_picture(Picture(self.width(), self._tall, tuple(items), background=""))


class MathLink(MathLine):
    """A line that leads to a node when it is clicked, or Enter is pressed on it."""

    followed = Signal()

    def __init__(self, name: str, style: str, height: int) -> None:
        super().__init__(name, style, height)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._follow)

    def _follow(self, point: QPointF) -> None:
        self.followed.emit()


class Heading(QWidget):
    """A small heading in capitals, with something in symbols beside it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.label = QLabel(_capitals(text))
        self.label.setProperty("tone", "heading")
        self.label.setAccessibleName(text)
        self.aside = MathLine(f"{text}: of what", "aside-symbol", 18)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(14)
        line.addWidget(self.label)
        line.addWidget(self.aside, 1)

    def show_text(self, text: str, aside: str = "") -> None:
        self.label.setText(_capitals(text))
        self.aside.show_text(aside)


def _capitals(text: str) -> str:
    """Capitals, but for a heading with a symbol in it: δ is not Δ."""
    return text if "δ" in text or "ℒ" in text else text.upper()


class Links(QWidget):
    """Small links: words before them, then one button for each."""

    followed = Signal(int)

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = QLabel(words)
        self._words.setProperty("tone", "muted")
        self._buttons: list[QPushButton] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        self._grid.addWidget(self._words, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def show_links(self, names: list[str]) -> None:
        """One link for each name; buttons are kept and hidden rather than made anew."""
        while len(self._buttons) < len(names):
            button = QPushButton(self)  # without a parent it would be shown as a window
            button.setProperty("tone", "link")
            button.setProperty("place", len(self._buttons))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(self._clicked)
            self._buttons.append(button)
        across = len(names) if sum(map(len, names)) <= LETTERS else ACROSS
        for place, button in enumerate(self._buttons):
            button.setVisible(place < len(names))
            if place < len(names):
                button.setText(names[place])
                row, column = divmod(place, across)
                self._grid.addWidget(button, row, 1 + column)

    def _clicked(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.followed.emit(int(sender.property("place")))
