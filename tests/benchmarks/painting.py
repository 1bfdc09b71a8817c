"""How long painting alone takes, on hand-made pictures: a frame on an image, and an SVG."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from PySide6.QtGui import QImage, QPainter

from tests.benchmarks.timing import Figure, clocked
from tests.paint.example import bands, unrolled
from visualizer.paint.qt import draw
from visualizer.paint.svg import to_svg
from visualizer.scene.picture import Picture, Polylines
from visualizer.theme import THEMES
from visualizer.widgets.application import make_application

FRAME, SVG = 0.004, 0.02  # s; of the graph of five steps
LINE = np.stack([np.linspace(0, 1400, 2_000), 60 + 40 * np.sin(np.arange(2_000) / 50)], axis=1)


def figures(times: int = 100) -> Iterator[Figure]:
    make_application()
    graph = unrolled()
    pictures = {
        "graph of 5 steps": graph,
        "bands of 24 units": bands(),
        "line of 2,000 points": Picture(1400, 120, (Polylines("line-1", (LINE,)),)),
    }
    for name, picture in pictures.items():
        for scale in (1.0, 2.0):
            image = QImage(
                round(picture.width * scale),
                round(picture.height * scale),
                QImage.Format.Format_RGB32,
            )
            image.setDevicePixelRatio(scale)
            measured = clocked(_nothing, partial(_paint, picture, image), times)
            bar = FRAME if picture is graph else None
            yield Figure(f"painting: {name}, {scale:g} pixels a unit", bar, *measured)
    for name, picture in pictures.items():
        measured = clocked(_nothing, partial(_write, picture), times // 5)
        yield Figure(f"SVG: {name}", SVG if picture is graph else None, *measured)


def _paint(picture: Picture, image: QImage, _: int) -> None:
    with QPainter(image) as painter:
        draw(painter, picture, THEMES["light"])


def _write(picture: Picture, _: int) -> None:
    to_svg(picture, THEMES["light"])


def _nothing(_: int) -> None:
    """Nothing to prepare."""
