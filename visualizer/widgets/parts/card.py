"""A card of the gallery: a small picture, a title and up to three lines about it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from visualizer.widgets.parts.guard import guarded
from visualizer.widgets.parts.look import look

SIZE = QSize(252, 240)
PICTURE = 148  # px high in a card of this width, as wide as the card
LINES, LEADING, INSIDE = 3, 17, 14
WALKING = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def wrapped(text: str, metrics: QFontMetrics, width: int) -> list[str]:
    """The text in at most LINES lines; what has no room ends in …"""
    lines: list[str] = []
    rest = text.split()
    while rest and len(lines) < LINES - 1:
        count = 1
        while count < len(rest) and metrics.horizontalAdvance(" ".join(rest[: count + 1])) <= width:
            count += 1
        lines.append(" ".join(rest[:count]))
        rest = rest[count:]
    if rest:
        lines.append(metrics.elidedText(" ".join(rest), Qt.TextElideMode.ElideRight, width))
    return lines


class Card(QAbstractButton):
    """Leads to a lesson or a sample. `walked`: an arrow key was pressed on it."""

    walked = Signal(int)

    def __init__(self, kind: str, name: str, title: str, about: str, pictures: Path) -> None:
        super().__init__()
        self.kind, self.name, self.title = kind, name, title
        self._about = about
        self._pictures = pictures
        self._shown: tuple[Path, QPixmap] | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(title)
        self.setAccessibleDescription(about)
        look().changed.connect(self.update)

    def answers(self, words: list[str]) -> bool:
        """Whether every word occurs in what stands on the card."""
        own = f"{self.title} {self._about} {self.name}".lower()
        return all(word in own for word in words)

    def names(self) -> tuple[str, str]:
        """Id and title, as somebody types them who knows them."""
        return self.name.removeprefix("sample-").lower(), self.title.lower()

    def picture(self) -> QPixmap:
        """The picture in the colours of the theme, read when it is to be seen; null if none."""
        path = self._pictures / f"{self.name}-{'dark' if look().dark else 'light'}.png"
        if self._shown is None or self._shown[0] != path:
            self._shown = path, QPixmap(str(path))
        return self._shown[1]

    @guarded(neutral=lambda: SIZE)
    def sizeHint(self) -> QSize:
        return SIZE

    @guarded(neutral=lambda: SIZE)
    def minimumSizeHint(self) -> QSize:
        return SIZE

    @guarded(neutral=SIZE.height())
    def heightForWidth(self, width: int) -> int:
        return SIZE.height() - PICTURE + round(PICTURE * width / SIZE.width())

    @property
    def _above(self) -> int:
        """px of the picture."""
        return self.height() - SIZE.height() + PICTURE

    @guarded(neutral=False)
    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in (*WALKING, *ENTER):
            event.accept()  # here they walk from card to card
            return True
        return super().event(event)

    @guarded()
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in WALKING:
            self.walked.emit(event.key())
        elif event.key() in ENTER:
            self.click()
        else:
            super().keyPressEvent(event)

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        marked = self.hasFocus() or self.underMouse()
        border = "accent" if self.hasFocus() else "border" if marked else "line"
        box = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        outline = QPainterPath()
        outline.addRoundedRect(box, 9, 9)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.fillPath(outline, look().colour("raised" if marked else "surface"))
            painter.save()
            painter.setClipPath(outline)
            above = QRect(0, 0, self.width(), self._above)
            painter.fillRect(above, look().colour("canvas"))
            picture = self.picture()
            if not picture.isNull():
                painter.drawPixmap(above, picture)
            painter.fillRect(0, self._above, self.width(), 1, look().colour("line"))
            painter.restore()
            self._paint_words(painter)
            painter.setPen(QPen(look().colour(border), 2.0 if self.hasFocus() else 1.2))
            painter.drawPath(outline)

    def _paint_words(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(look().colour("text"))
        wide = self.width() - 2 * INSIDE
        title = painter.fontMetrics().elidedText(self.title, Qt.TextElideMode.ElideRight, wide)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(INSIDE, self._above + 9, wide, 20), left, title)
        font.setWeight(QFont.Weight.Normal)
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(look().colour("muted"))
        for n, line in enumerate(wrapped(self._about, painter.fontMetrics(), wide)):
            place = QRect(INSIDE, self._above + 31 + n * LEADING, wide, LEADING)
            painter.drawText(place, left, line)
