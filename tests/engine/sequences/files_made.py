"""Small files of every format, made in memory for these tests."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import numpy as np

TS = "@problemName vowels\n@classLabel true a b\n@data\n"


def npy(array: Any, *, pickled: bool = False) -> bytes:
    stored = io.BytesIO()
    np.save(stored, np.asarray(array), allow_pickle=pickled)
    return stored.getvalue()


def npz(**arrays: Any) -> bytes:
    stored = io.BytesIO()
    np.savez(stored, **{name: np.asarray(array) for name, array in arrays.items()})
    return stored.getvalue()


def zipped(deflate: bool = False, **members: bytes) -> bytes:
    stored = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with zipfile.ZipFile(stored, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stored.getvalue()


def riff(*chunks: tuple[bytes, bytes], kind: bytes = b"WAVE") -> bytes:
    """A RIFF file of these chunks, each with its true size."""
    inside = b"".join(
        name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + (4 + len(inside)).to_bytes(4, "little") + kind + inside


def wav(data: bytes, bits: int = 16, channels: int = 1, form: int = 1, rate: int = 8000) -> bytes:
    width = bits // 8 * channels
    head = struct.pack("<HHIIHH", form, channels, rate, rate * width, width, bits)
    return riff((b"fmt ", head), (b"data", data))
