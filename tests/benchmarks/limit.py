"""The physical limit of a frame: fill an image of the window's size and blit it to another one."""

from __future__ import annotations

from statistics import median

import numpy as np
from PySide6.QtGui import QImage, QPainter

from tests.benchmarks.timing import clocked

WIDTH, HEIGHT = 1600, 1000


def fill_and_blit(times: int = 40) -> float:
    """Median CPU seconds of it."""
    words = np.zeros((HEIGHT, WIDTH), np.uint32)
    image = QImage(words.data, WIDTH, HEIGHT, 4 * WIDTH, QImage.Format.Format_RGB32)
    screen = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)

    def deed(n: int) -> None:
        words.fill(0xFF000000 + n)
        with QPainter(screen) as painter:
            painter.drawImage(0, 0, image)

    return median(clocked(lambda _: None, deed, times)[0])


def against(limit: float, samples: list[float]) -> str:
    """What stands under a row: how many times the limit its median is."""
    return f"{median(samples) / limit:.2f} times the limit ({1e3 * limit:.3g} ms: fill and blit)"
