"""Which of two compared experiments is in hand: two lines above the form, each a button.

Comparing begins and ends with the button of the toolbar, too; here it only ends.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from visualizer.scene.panes import LETTERS
from visualizer.widgets.parts.buttons import IconButton
from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look
from visualizer.widgets.parts.stage import Stage

HEIGHT = 28
RADIUS = 8.5
COLOURS = ("series-1", "series-3")  # as in the plots


class Line(QAbstractButton):
    """The letter in its colour and what this experiment is; … where there is no room."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self._place = place
        self.setAccessibleName(LETTERS[place])
        self.setCheckable(True)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        look().changed.connect(self.update)

    def show_title(self, title: str, in_hand: bool) -> None:
        self.setText(title)
        self.setChecked(in_hand)
        self.setAccessibleName(f"{LETTERS[self._place]}, {title}")
        does = "the form changes this one" if in_hand else "click to take it in hand (B)"
        self.setToolTip(f"{title}: {does}")

    @guarded(neutral=lambda: QSize(120, HEIGHT))
    def sizeHint(self) -> QSize:
        return QSize(120, HEIGHT)

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        middle = self.height() / 2
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(
                QPen(look().colour("accent"), 1.2) if self.hasFocus() else Qt.PenStyle.NoPen
            )
            marked = self.isChecked() or self.underMouse()
            painter.setBrush(look().colour("accent-soft" if self.isChecked() else "sunken"))
            if marked or self.hasFocus():
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.6, 0.6, -0.6, -0.6), 7, 7)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look().colour(COLOURS[self._place]))
            painter.drawEllipse(QPointF(16, middle), RADIUS, RADIUS)
            self._write(painter)

    def _write(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setPixelSize(11)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(look().colour("surface"))
        badge = QRectF(16 - RADIUS, 0, 2 * RADIUS, self.height())
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, LETTERS[self._place])
        font.setPixelSize(13)
        font.setWeight(QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(look().colour("text"))
        room = self.width() - 38
        words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(32, 0, room, self.height()), flags, words)


class Which(QWidget):
    """Hidden as long as nothing is compared."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self.setAccessibleName("Which experiment is in hand")
        words = QLabel("COMPARE")
        words.setProperty("tone", "heading")
        self.end = IconButton("x", "End the comparison with the one in hand (C)")
        self.end.setFixedSize(QSize(24, 22))
        self.end.clicked.connect(stage.compare)
        head = QHBoxLayout()
        head.addWidget(words, 1)
        head.addWidget(self.end)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(head)
        self.lines = (Line(0), Line(1))
        for line in self.lines:
            line.clicked.connect(self._picked)
            column.addWidget(line)
        stage.ran.connect(self._show)
        self._show()

    def _picked(self) -> None:
        if self.sender() is not self.lines[self._stage.sheet.hand]:
            self._stage.turn()
        self._show()

    def _show(self) -> None:
        sheet = self._stage.sheet
        self.setVisible(sheet.several)
        for place, (line, title) in enumerate(zip(self.lines, sheet.titles)):
            line.show_title(title, place == sheet.hand)
