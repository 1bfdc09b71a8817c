"""Words with a QPainter. On screens and images every string is set once into a small image, kept,
and laid on whole device pixels (twenty times quicker than drawing text); on paper it stays text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, TypeAlias

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPaintDevice, QPainter

from visualizer.paint.fonts import font_of, load_fonts
from visualizer.paint.shapes import pixel
from visualizer.paint.stamps import LARGEST_AREA, SHADES, Press, stamp
from visualizer.scene.picture import Anchor
from visualizer.styles import Style
from visualizer.typeset import CAPITALS, runs_of

Font: TypeAlias = Literal["ui", "mono", "math"]
Look: TypeAlias = tuple[Font, float, int, bool, int]  # font, px, weight, italic, colour
SHARES: dict[Anchor, float] = {"start": 0.0, "middle": 0.5, "end": 1.0}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a set string: its font, where its baseline starts, and how far the pen moves."""

    text: str
    font: QFont
    x: float
    y: float
    wide: float


def set_string(
    string: str, style: Style, pixels: float, device: QPaintDevice
) -> tuple[list[Piece], float]:
    """The pieces of a string with markup at a font size in pixels, and how far the pen moves."""
    load_fonts()
    pieces: list[Piece] = []
    start = end = 0.0
    for run in runs_of(string):
        size = pixels * run.size
        font = font_of(style, size, device.logicalDpiY())
        start = start if run.back else end
        if device is _page():  # indices of steps come back beside every symbol
            wide = _wide(run.text, style.font, style.weight, style.italic, size)
        else:
            wide = QFontMetricsF(font, device).horizontalAdvance(run.text)
        pieces.append(Piece(run.text, font, start, run.shift * pixels, wide))
        end = max(end, start + wide)
    return pieces, end


@lru_cache(maxsize=8_000)
def _wide(text: str, font: Font, weight: int, italic: bool, pixels: float) -> float:
    """How far the pen moves along a piece on a page."""
    style = Style(font=font, weight=weight, italic=italic)
    set_in = font_of(style, pixels, _page().logicalDpiY())
    return QFontMetricsF(set_in, _page()).horizontalAdvance(text)


@lru_cache(maxsize=8_000)
def _set(
    string: str, font: Font, weight: int, italic: bool, pixels: float
) -> tuple[list[Piece], float]:
    style = Style(font=font, weight=weight, italic=italic)
    return set_string(string, style, pixels, _page())


@cache
def _page() -> QImage:
    """An image as stamps are, to measure on."""
    return QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)


def drop_of(style: Style, baseline: bool) -> float:
    """From the y of a string down to its baseline."""
    return 0.0 if baseline else CAPITALS[style.font] * style.size / 2


def draw_stamps(
    press: Press,
    style: Style,
    colour: QColor,
    rows: list[tuple[float, float, str]],
    anchor: Anchor,
    baseline: bool,
) -> None:
    """Strings (x, y, text) as images, each on whole device pixels."""
    scale = press.scale
    # Quarters of a pixel: while one zooms, every other frame finds its strings set already.
    pixels = round(style.size * scale * 4) / 4
    drop, share = drop_of(style, baseline), SHARES[anchor]
    left, up = 2 + int(0.3 * pixels), 2 + int(1.2 * pixels)
    across, down = round(press.dx) - left, round(press.dy) - up
    look = (style.font, pixels, style.weight, style.italic, colour.rgba())
    for x, y, text in rows:
        if not text:
            continue
        width, images = _images(text, look, scale, left, up)
        if images is None:
            draw_strings(press.painter, style, colour, [(x, y, text)], anchor, baseline)
            continue
        column = pixel(x * scale - width * share) + across
        row = pixel((y + drop) * scale) + down
        for image, right, below in images:
            press.lay(image, column + right, row + below)


@lru_cache(maxsize=2_000)
def _images(
    text: str, look: Look, scale: float, left: int, up: int
) -> tuple[float, list[tuple[QImage, int, int]] | None]:
    """How far the pen moves along a string, and the images of its pieces; None if it is too large
    to be kept."""
    font, pixels, weight, italic, rgba = look
    pieces, width = _set(text, font, weight, italic, pixels)
    if (width + 2 * left) * (up + 0.6 * pixels) > LARGEST_AREA:
        return width, None
    return width, [
        _stamp_of(piece, look, QColor.fromRgba(rgba), scale, left, up) for piece in pieces
    ]


def _stamp_of(
    piece: Piece, look: Look, colour: QColor, scale: float, left: int, up: int
) -> tuple[QImage, int, int]:
    """The image of a piece and how far from that of its string it is laid. Pieces are kept and not
    strings: the index of a step is the same beside all its symbols."""
    across, within = divmod(pixel(piece.x * SHADES), SHADES)
    down, below = divmod(pixel(piece.y * SHADES), SHADES)

    def paint(painter: QPainter) -> None:
        painter.scale(1 / scale, 1 / scale)
        painter.setPen(colour)
        painter.setFont(piece.font)
        painter.drawText(QPointF(left + within / SHADES, up + below / SHADES), piece.text)

    columns, rows = int(piece.wide) + 2 * left + 2, int(1.5 * up) + 3
    key = (piece.text, look, piece.font.pixelSize(), piece.font.pointSizeF(), within, below)
    return stamp(key, columns, rows, scale, paint), across, down


def draw_strings(
    painter: QPainter,
    style: Style,
    colour: QColor,
    rows: list[tuple[float, float, str]],
    anchor: Anchor,
    baseline: bool,
) -> None:
    """Strings (x, y, text) as text: for paper, and for views that are turned."""
    drop, share = drop_of(style, baseline), SHARES[anchor]
    painter.setPen(colour)
    for x, y, text in rows:
        pieces, width = set_string(text, style, style.size, painter.device())
        left = x - width * share
        for piece in pieces:
            painter.setFont(piece.font)
            painter.drawText(QPointF(left + piece.x, y + drop + piece.y), piece.text)
