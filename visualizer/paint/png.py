"""A PNG of 256 colours from levels, with the standard library: for heat maps inside an SVG.
Pictures as PNG files are painted by Qt, in `export`."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

QUICK = 500_000  # pixels from which time is worth more than the last bytes


Levels = NDArray[np.uint8]


def indexed_png(levels: Levels, colours: Levels, clear: bytes = b"") -> bytes:
    """The bytes of a PNG of levels (rows, columns) through colours (256, 3), of which as many as
    `clear` has bytes may be seen through: 0 is not there at all."""
    rows, columns = levels.shape
    lines = np.zeros((rows, columns + 1), np.uint8)  # each line opens with its filter: none …
    lines[:, 1:] = levels
    if rows > 1 and clear:  # … or what changes from the line above, where they are alike
        lines[1:, 1:] -= levels[:-1]
        lines[1:, 0] = 2
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", colours.tobytes()),
            _chunk(b"tRNS", clear) if clear else b"",
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9 if levels.size < QUICK else 4)),
            _chunk(b"IEND", b""),
        )
    )


def clear_png(levels: NDArray[np.int16], colours: Levels) -> bytes:
    """The same of levels -1 … 255, where -1 lets see what lies below. The colours are those in
    use; if all are, the two lowest, which nobody tells apart, are one."""
    used = np.unique(levels[levels >= 0])
    if len(used) == len(colours):
        levels, used = np.where(levels == 1, 2, levels), np.delete(used, 1)
    places = np.zeros(len(colours) + 1, np.uint8)  # the last for -1
    places[used] = np.arange(1, len(used) + 1)
    return indexed_png(places[levels], np.concatenate([colours[:1], colours[used]]), b"\0")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
