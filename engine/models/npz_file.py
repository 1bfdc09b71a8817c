"""Weights in an .npz, read and written: arrays under the names of a state dict."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from engine import files, npy
from engine.errors import Unusable
from engine.models.weights import Array, Weights, check_names


def read(data: bytes, name: str) -> Weights:
    """All arrays of the file."""
    arrays = {}
    for member in files.members(data, name):
        if not member.name.endswith(".npy"):
            raise Unusable(
                f"{name} holds {member.name}; only .npy arrays are read: save it anew with"
                " numpy.savez"
            )
        arrays[member.name.removesuffix(".npy")] = npy.parse_member(member, name)
    check_names(list(arrays), name)
    dtypes = {key: array.dtype.name for key, array in arrays.items()}
    return Weights(arrays, dtypes, name, "numpy")


def arrays_in(path: Path) -> dict[str, Array]:
    """The arrays of an .npz by name."""
    return read(files.load(path), path.name).arrays


def packed(weights: Weights) -> bytes:
    """The bytes of an .npz with these arrays; numpy has no bfloat16, which becomes float32."""
    stored = io.BytesIO()
    np.savez(stored, **weights.arrays)  # type: ignore[arg-type]
    return stored.getvalue()
