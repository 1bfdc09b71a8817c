"""The cells of many strips as one image, of which each strip is laid as a part: a strip of sixteen
cells goes out in one call instead of sixteen. Cells stand on whole pixels; between them nothing is
painted. Where they stand: `shapes.cells_of`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

Whole = NDArray[np.intp]
LARGE = 150  # px of a cell
FEW = 100  # cells


def lay_strips(painter: QPainter, cells: Whole, colours: NDArray[np.uint32], owner: Whole) -> bool:
    """Lays opaque cells (N, 4), x, y, width, height in px, each of a colour 0xffRRGGBB, of strips
    that follow each other: `owner` (N,) counts up with every new one. False, and nothing done,
    where cells are so large, or so few, that they are quicker filled one by one."""
    if len(cells) < FEW:
        return False
    kept = (cells[:, 2] > 0) & (cells[:, 3] > 0)
    cells, colours, owner = cells[kept], colours[kept], owner[kept]
    if not len(cells):
        return True
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    strip = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(owner)))
    ends = cells[:, :2] + cells[:, 2:]
    low = np.minimum.reduceat(cells[:, :2], starts)
    size = np.maximum.reduceat(ends, starts) - low
    across, down = size.max(axis=0).tolist()
    if len(starts) * down * across > LARGE * len(cells):
        return False
    pixels = np.zeros((len(starts), down, across), np.uint32)
    wide = cells[:, 2]
    along = np.arange(int(wide.sum())) - np.repeat(np.cumsum(wide) - wide, wide)
    along += np.repeat(cells[:, 0] - low[strip, 0], wide)
    which, ink = np.repeat(strip, wide), np.repeat(colours, wide)
    top = cells[:, 1] - low[strip, 1]
    kind = top * (down + 1) + cells[:, 3]  # cells of one height and place are filled together
    for each in np.unique(kind).tolist():
        y, high = divmod(each, down + 1)
        if (some := kind == each).all():
            pixels[which, y : y + high, along] = ink[:, None]
        else:
            some = np.repeat(some, wide)
            pixels[which[some], y : y + high, along[some]] = ink[some, None]
    _lay(painter, pixels, low, size)
    return True


def _lay(painter: QPainter, pixels: NDArray[np.uint32], low: Whole, size: Whole) -> None:
    """One part of the pixels for each strip. The image looks into them, which therefore must
    outlive the drawing."""
    count, down, across = pixels.shape
    kind = QImage.Format.Format_ARGB32_Premultiplied
    image = QImage(pixels.data, across, count * down, 4 * across, kind)
    places = np.concatenate([low, size], axis=1).tolist()
    for n, (x, y, wide, high) in enumerate(places):
        painter.drawImage(x, y, image, 0, n * down, wide, high)
