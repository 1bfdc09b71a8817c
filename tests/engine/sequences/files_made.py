"""Small files of every format, made in memory for these tests."""

from __future__ import annotations

import io
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
