"""Broken and harmful pictures: what was done to each, and its bytes."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

from tests.broken_files.table import DISGUISES, Files


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(wide: int = 3, high: int = 2, pixels: bytes | None = None, depth: int = 8) -> bytes:
    """A grey PNG that says it is so large."""
    head = struct.pack(">IIBBBBB", wide, high, depth, 0, 0, 0, 0)
    body = zlib.compress(b"\0\1\2\3" * 2 if pixels is None else pixels)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def small(kind: str) -> bytes:
    """A grey picture of 4 × 3 pixels in another format."""
    held = io.BytesIO()
    Image.new("L", (4, 3), 128).save(held, kind)
    return held.getvalue()


PICTURES: Files = {
    **DISGUISES,
    "cut in the head": lambda: png()[:20],
    "cut in the pixels": lambda: png()[:44],
    "10¹⁰ pixels": lambda: png(100_000, 100_000),
    "2³¹ wide": lambda: png(2**31 - 1, 2),
    "0 pixels": lambda: png(0, 2),
    "wider than 4,096": lambda: png(4_097, 2),
    "one row": lambda: png(3, 1, b"\0\1\2\3"),
    "50 MB for six pixels": lambda: png(3, 2, bytes(50_000_000)),
    "depth 7": lambda: png(depth=7),
    "wrong sum": lambda: png().replace(b"IDAT", b"IDAU"),
    "text of another format": lambda: b"BM" + b"hello" * 20,
    "JPEG of nothing": lambda: b"\xff\xd8\xff\xd9",
    "JPEG cut": lambda: small("JPEG")[:300],
}
