"""A film of a long recording under the hand: `python -m tests.benchmarks.film -o panning.png`.

50,000 steps of an LSTM, dragged, zoomed from the whole to single nodes and back, played for a
moment; one frame every 40 ms of the film, whatever painting it took. An animated PNG, which
browsers play; its chunks are written here, as no library in use does.
"""

from __future__ import annotations

import argparse
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QSize

from tests.benchmarks.window import Shown, document
from visualizer.scene.view import View

STEPS, SIZE = 50_000, QSize(1280, 800)
MAGIC, DELAY = b"\x89PNG\r\n\x1a\n", (1, 25)  # a frame's share of a second
ROUNDS = 30  # of events until a picture is refined


def views(base: float, wide: float) -> Iterator[View]:
    """Panning over the whole, coming near, panning there, and away again."""
    whole = wide / STEPS / base
    for n in range(50):  # zoom in: a step from a fraction of a pixel to that of a node
        zoom = whole * (110.0 / (wide / STEPS)) ** (n / 49)
        step = zoom * base
        yield View(zoom=zoom, origin=(STEPS / 2 - wide / 2 / step, 0.0))
    for n in range(40):
        yield View(zoom=110.0 / base, origin=(STEPS / 2 - wide / 220.0 + 0.12 * n, 0.0))
    for n in range(50):
        zoom = whole * (110.0 / (wide / STEPS)) ** (1 - n / 49)
        yield View(zoom=zoom, origin=(max(STEPS / 2 - wide / 2 / (zoom * base), 0.0), 0.0))


def frames() -> Iterator[bytes]:
    """The window as PNG, frame by frame."""
    screen = Shown(document(STEPS, cell="lstm", hidden=16), SIZE)
    stage, canvas = screen.window.stage, screen.window.canvas
    stage.move_to(1.0)
    selected = stage.view.selected
    for view in views(stage.film.base, canvas.width() - 150.0):
        stage.fitted = False
        stage.document.look(view=replace(view, selected=selected))
        for _ in range(ROUNDS):
            screen.application.processEvents()
        held = QBuffer()
        held.open(QIODevice.OpenModeFlag.WriteOnly)
        screen.window.grab().toImage().save(held, "PNG")  # type: ignore[call-overload]
        yield bytes(held.data().data())
    screen.close()


def animated(pictures: list[bytes]) -> bytes:
    """Pictures of one size as one animated PNG: w3.org/TR/png-3, chunks acTL, fcTL and fdAT."""
    out, number = [MAGIC], 0
    for n, picture in enumerate(pictures):
        parts = list(_chunks(picture))
        head = next(data for name, data in parts if name == b"IHDR")
        if n == 0:
            out += [_chunk(b"IHDR", head), _chunk(b"acTL", struct.pack(">II", len(pictures), 0))]
        control = struct.pack(">I", number) + head[:8] + struct.pack(">IIHHBB", 0, 0, *DELAY, 0, 0)
        out.append(_chunk(b"fcTL", control))
        number += 1
        for name, data in parts:
            if name == b"IDAT" and n == 0:
                out.append(_chunk(b"IDAT", data))
            elif name == b"IDAT":
                out.append(_chunk(b"fdAT", struct.pack(">I", number) + data))
                number += 1
    return b"".join([*out, _chunk(b"IEND", b"")])


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(MAGIC)
    while at < len(picture):
        (size,) = struct.unpack(">I", picture[at : at + 4])
        yield picture[at + 4 : at + 8], picture[at + 8 : at + 8 + size]
        at += 12 + size


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.film", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path("panning.png"))
    output = parser.parse_args().output
    pictures = list(frames())
    output.write_bytes(animated(pictures))
    print(f"wrote {output}: {len(pictures)} frames, {output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
