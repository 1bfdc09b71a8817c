"""A PNG of 256 colours from levels, with the standard library: for heat maps inside an SVG.
Pictures as PNG files are painted by Qt, in `export`."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray


def indexed_png(levels: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
    """The bytes of a PNG of levels (rows, columns) through colours (256, 3)."""
    rows, columns = levels.shape
    lines = np.zeros((rows, columns + 1), np.uint8)  # each line opens with its filter: none
    lines[:, 1:] = levels
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", colours.tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
