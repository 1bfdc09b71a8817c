"""How long pictures take: `pytest tests/benchmarks --benchmark-enable`. Limits on two cores:
the window's graph of five steps under 4 ms a frame, its SVG under 20 ms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

from tests.paint.example import bands, unrolled
from visualizer.paint.qt import draw
from visualizer.paint.svg import to_svg
from visualizer.scene.picture import Picture, Polylines
from visualizer.theme import THEMES

LINE = np.stack([np.linspace(0, 1400, 2_000), 60 + 40 * np.sin(np.arange(2_000) / 50)], axis=1)
PICTURES = {
    "unrolled": unrolled(),
    "bands": bands(),
    "long line": Picture(1400, 120, (Polylines("line-1", (LINE,)),)),
}


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_frame(name: str, scale: float, benchmark: Any, qapp: object) -> None:
    picture = PICTURES[name]
    size = (round(picture.width * scale), round(picture.height * scale))
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)

    def frame() -> None:
        with QPainter(image) as painter:
            draw(painter, picture, THEMES["light"])

    frame()
    benchmark(frame)


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_an_svg(name: str, benchmark: Any) -> None:
    benchmark(to_svg, PICTURES[name], THEMES["light"])
