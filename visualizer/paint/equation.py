"""LaTeX set as mathematics: as SVG (outlines through ziamath, no TeX) and as an image of that.
Which equations there are is said by the scene; nothing here knows a cell.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from engine.errors import Unusable


@dataclass(frozen=True, slots=True)
class Equation:
    """An equation as SVG, `width` by `height` px; its baseline lies `baseline` below the top."""

    svg: str
    width: float
    height: float
    baseline: float


@cache
def load() -> Callable[..., Any]:
    """What sets an equation. It is imported here, which takes a sixth of a second; a window does
    this in a thread."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it finds its font in an older way
        from ziamath.config import config
        from ziamath.zmath import Latex
    config.svg2 = False  # QtSvg draws blanks for the <use> of version 2
    return Latex


@lru_cache(maxsize=512)
def equation(latex: str, size: float, colour: str) -> Equation:
    """The equation at a font size in px and a colour "#rrggbb". The first loads ziamath, others
    take 10 ms, known ones nothing. Unusable if it cannot be set."""
    latex_of = load()
    try:
        drawn = latex_of(latex, size=size, color=colour)
        svg = str(drawn.svg())
        width, height = drawn.getsize()
        below = drawn.getyofst()
    except Exception as error:  # ziamath and latex2mathml have no class of their own for all
        raise Unusable(
            f"the equation {latex!r} cannot be set ({str(error) or type(error).__name__}); "
            "write it in the LaTeX of ziamath"
        ) from error
    return Equation(svg, float(width), float(height), float(height) + float(below))


@lru_cache(maxsize=512)
def equation_image(latex: str, size: float, colour: str, scale: float = 1.0) -> QImage:
    """The same as a transparent image of `scale` device pixels per px. Not to be painted on."""
    drawing = QSvgRenderer(QByteArray(equation(latex, size, colour).svg.encode()))
    area = drawing.viewBoxF().size() * scale
    image = QImage(
        max(round(area.width()), 1),
        max(round(area.height()), 1),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        drawing.render(painter)
    image.setDevicePixelRatio(scale)
    return image
