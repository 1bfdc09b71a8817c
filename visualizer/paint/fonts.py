"""The bundled fonts in Qt's font database, and fonts for styles. Which families there are is in
`visualizer.typeset`; the files are in resources/fonts."""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtGui import QFont, QFontDatabase

from visualizer.styles import Style
from visualizer.typeset import FAMILIES, FILES, FONTS


@cache
def load_fonts() -> tuple[str, ...]:
    """Loads the bundled fonts, once in a process, and returns their families. It needs an
    application object. A font that cannot be read is left out, Qt then takes the next family."""
    families: list[str] = []
    for name in sorted(FILES.values()):
        place = QFontDatabase.addApplicationFont(str(FONTS / name))
        if place >= 0:
            families += QFontDatabase.applicationFontFamilies(place)
    return tuple(dict.fromkeys(families))


def font_of(style: Style, pixels: float, dots_per_inch: float) -> QFont:
    """The font of a style at that size in pixels on a device of that density. Not to be changed."""
    return _font(style.font, style.weight, style.italic, pixels * 72.0 / dots_per_inch)


@lru_cache(maxsize=2_000)
def _font(role: str, weight: int, italic: bool, points: float) -> QFont:
    """Points, since Qt takes whole pixels only; no hinting, since letters would keep other
    distances on screen than in the exported figure."""
    font = QFont(list(FAMILIES[role]))
    font.setPointSizeF(max(points, 0.1))
    font.setWeight(QFont.Weight(weight))
    font.setItalic(italic)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    # Contextual glyphs join "+=" into one sign and lose their letters in a PDF.
    font.setFeature(QFont.Tag("calt"), 0)
    return font
