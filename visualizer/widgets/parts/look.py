"""The look of the controls: the theme in force as Qt colours and icons.

Tokens come from `visualizer.theme`; the style sheet made of them is `parts.sheet`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from visualizer.theme import THEMES, Theme

ICONS = Path(__file__).resolve().parents[3] / "resources" / "icons"
ICON_PIXELS = 20
ROLES = (
    (QPalette.ColorRole.Window, "panel"),
    (QPalette.ColorRole.WindowText, "text"),
    (QPalette.ColorRole.Base, "surface"),
    (QPalette.ColorRole.AlternateBase, "sunken"),
    (QPalette.ColorRole.ToolTipBase, "raised"),
    (QPalette.ColorRole.ToolTipText, "text"),
    (QPalette.ColorRole.PlaceholderText, "muted"),
    (QPalette.ColorRole.Text, "text"),
    (QPalette.ColorRole.Button, "surface"),
    (QPalette.ColorRole.ButtonText, "text"),
    (QPalette.ColorRole.BrightText, "danger"),
    (QPalette.ColorRole.Light, "raised"),
    (QPalette.ColorRole.Midlight, "line"),
    (QPalette.ColorRole.Mid, "border"),
    (QPalette.ColorRole.Dark, "muted"),
    (QPalette.ColorRole.Shadow, "shadow"),
    (QPalette.ColorRole.Highlight, "accent"),
    (QPalette.ColorRole.HighlightedText, "on-accent"),
    (QPalette.ColorRole.Link, "accent-text"),
    (QPalette.ColorRole.LinkVisited, "accent-text"),
)


class Look(QObject):
    """Which theme is in force. One for the application; controls repaint when it changes."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = THEMES["light"]

    @property
    def dark(self) -> bool:
        return self.theme.dark

    def use(self, name: str) -> None:
        """Take the theme of that name; everybody who listens hears of it."""
        self.theme = THEMES[name]
        _icon.cache_clear()
        self.changed.emit()

    def colour(self, named: str) -> QColor:
        """The colour of "token" or "token/per cent"."""
        found = self.theme.colour(named)
        colour = QColor(found.hex)
        colour.setAlphaF(found.opacity)
        return colour

    def icon(self, name: str, token: str = "text") -> QIcon:
        """A bundled icon, drawn in the colour of a token."""
        return _icon(name, self.theme.colour(token).hex, self.theme.colour("muted").hex)

    def palette(self) -> QPalette:
        """The tokens as Qt's own roles, for what the style sheet does not reach."""
        palette = QPalette()
        for role, token in ROLES:
            palette.setColor(role, self.colour(token))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("muted/60"))
        return palette


@lru_cache(maxsize=1)
def look() -> Look:
    """The one look of this application."""
    return Look()


@lru_cache(maxsize=256)
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    source = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
    icon = QIcon()
    for mode, ink in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        for scale in sorted({1, math.ceil(QGuiApplication.primaryScreen().devicePixelRatio())}):
            icon.addPixmap(_pixmap(source.replace("currentColor", ink), scale), mode)
    return icon


def _pixmap(source: str, scale: int) -> QPixmap:
    pixels = ICON_PIXELS * scale
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, pixels, pixels))
    return pixmap
