"""Pens, brushes and colours of a theme as Qt has them. What they are: `visualizer.theme`."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from visualizer import palette
from visualizer.styles import Style
from visualizer.theme import Theme


@cache
def _colour(hexed: str, opacity: float) -> QColor:
    colour = QColor(hexed)
    colour.setAlphaF(opacity)
    return colour


def colour_of(theme: Theme, named: str) -> QColor:
    """The QColor of a token, or of a token and a per cent of opacity. Not to be changed."""
    colour = theme.colour(named)
    return _colour(colour.hex, colour.opacity)


def pen_of(theme: Theme, style: Style, width: float | None = None) -> QPen:
    """The pen of a style; its dashes count in px, where Qt counts in widths."""
    if style.stroke is None:
        return QPen(Qt.PenStyle.NoPen)
    wide = style.width if width is None else width
    pen = QPen(colour_of(theme, style.stroke), wide)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if style.dash:
        pen.setDashPattern([each / wide for each in style.dash])
    return pen


def brush_of(theme: Theme, token: str | None) -> QBrush:
    """The brush of a token; none for None."""
    return QBrush() if token is None else QBrush(colour_of(theme, token))


@cache
def cell_colours(theme: str, name: str) -> tuple[QColor, ...]:
    """The 256 colours of a map."""
    return tuple(QColor(*row) for row in palette.table(theme, name).tolist())


@cache
def cell_words(theme: str, name: str) -> NDArray[np.uint32]:
    """The same as 0xffRRGGBB."""
    red, green, blue = palette.table(theme, name).astype(np.uint32).T
    words: np.ndarray[Any, np.dtype[np.uint32]]
    words = np.uint32(0xFF000000) | (red << 16) | (green << 8) | blue
    return words
