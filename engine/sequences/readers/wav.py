"""Sound (.wav): PCM of 8, 16, 24 or 32 bits, or floats; a step a sample, a column a channel.

Only its head is read: samples stay in the file (`engine.sequences.signal`), since an hour has a
hundred million. What the head says of sizes is held against the bytes that are there.

Source: Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft 1991), RIFF and
WAVE; WAVE_FORMAT_EXTENSIBLE of mmreg.h.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from engine import files
from engine.errors import Unusable
from engine.sequences.sequence import Sequence
from engine.sequences.signal import CODES, Signal
from engine.sequences.source import Source

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
FORMATS = {
    (PCM, 8): "u1",
    (PCM, 16): "<i2",
    (PCM, 24): "<i3",
    (PCM, 32): "<i4",
    (FLOAT, 32): "<f4",
    (FLOAT, 64): "<f8",
}
NAMES = {2: "ADPCM", 6: "A-law", 7: "µ-law", 0x55: "MP3"}
MOST_CHUNKS = 1_000
MOST_CHANNELS = 64
UNKNOWN = (0, 0xFFFFFFFF)  # the size that a recorder leaves which did not know how much would come
REMEDY = "save it as PCM of 16 bits"


@dataclass(frozen=True, slots=True)
class Format:
    """What the chunk `fmt ` says."""

    code: str
    channels: int
    rate: int


def read(source: Source) -> Sequence:
    """The signal, with a column for each channel."""
    name = source.name
    with files.opened(source.path, name) as (file, status):
        head = file.read(12)
        if head[:4] not in (b"RIFF", b"RF64"):
            files.expect(head + file.read(256), name, b"RIFF", "a sound (.wav)")
        if head[8:12] != b"WAVE":
            raise Unusable(f"{name} is a RIFF file of another kind, not a sound; give a .wav file")
        form, begin, size = _chunks(file, status.st_size, name)
    width = CODES[form.code][0] * form.channels
    steps = size // width
    if steps < 1:
        raise Unusable(f"{name} holds no samples; give a sound that lasts")
    signal = Signal(
        path=str(source.path.resolve()),
        size=status.st_size,
        changed=status.st_mtime_ns,
        begin=begin,
        steps=steps,
        channels=form.channels,
        code=form.code,
    )
    return Sequence(
        kind="numbers",
        series=(signal,),
        columns=_columns(form.channels),
        roles=("input",) * form.channels,
        title=source.title,
        source=source.origin,
    )


def rate_of(path: Path) -> int:
    """Samples a second."""
    with files.opened(path, path.name) as (file, status):
        return _chunks(file, status.st_size, path.name)[0].rate


def _chunks(file: IO[bytes], size: int, name: str) -> tuple[Format, int, int]:
    """The format, and where the samples begin and how many bytes they are."""
    form, at = None, 12
    for _ in range(MOST_CHUNKS):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            break
        kind, said = head[:4], int.from_bytes(head[4:], "little")
        there = size - at - 8
        if kind == b"data":
            if form is None:
                raise Unusable(f"{name} has samples before their format; save it anew")
            if said > there and said not in UNKNOWN:
                raise Unusable(
                    f"{name} says {said:,} bytes of samples, but {there:,} are stored; save or "
                    "download it anew"
                )
            return form, at + 8, there if said in UNKNOWN else said
        if said > there:
            raise Unusable(
                f"{name}: the chunk at byte {at:,} says {said:,} bytes, but {there:,} are stored;"
                " save or download it anew"
            )
        if kind == b"fmt ":
            form = _format(file.read(min(said, 40)), name)
        at += 8 + said + said % 2
    raise Unusable(f"{name} holds no samples (no chunk called data); save it anew")


def _format(data: bytes, name: str) -> Format:
    if len(data) < 16:
        raise Unusable(f"{name} has a damaged format of {len(data)} bytes; save it anew")
    kind, channels, rate, _, width, bits = struct.unpack("<HHIIHH", data[:16])
    if kind == EXTENSIBLE and len(data) >= 26:
        kind = int.from_bytes(data[24:26], "little")
    code = FORMATS.get((kind, bits))
    if code is None:
        what = NAMES.get(kind, f"the format {kind} of {bits} bits")
        raise Unusable(f"{name} holds {what}; PCM and floats are read: {REMEDY}")
    if not 1 <= channels <= MOST_CHANNELS:
        raise Unusable(f"{name} has {channels} channels; 1..{MOST_CHANNELS} are read: mix it down")
    if width != CODES[code][0] * channels:
        raise Unusable(f"{name} says {width} bytes for {channels} samples of {bits} bits; {REMEDY}")
    return Format(code, channels, rate)


def _columns(channels: int) -> tuple[str, ...]:
    if channels == 1:
        return ("signal",)
    if channels == 2:
        return "left", "right"
    return tuple(f"channel {c + 1}" for c in range(channels))
