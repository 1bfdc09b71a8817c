"""Weights: named arrays out of a file, whatever its format, and the limits that all formats share.

What a format looks like inside is in a file of its own beside this one; which layers the names
mean is in `layers`. Nothing here runs, unpickles or writes anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import Unusable
from engine.files import MAX_ELEMENTS

Array = NDArray[Any]
MAX_DIMENSIONS = 8
MAX_TENSORS = 10_000
MAX_NAME = 500  # characters


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """`arrays` by name, in the order of the file; bf16 is widened to float32.

    `dtypes`: the source's own, by name ("bfloat16", "float16", "float32" …). `name`: of the file.
    `layers`: how the file describes its layers, where it does.
    """

    arrays: dict[str, Array]
    dtypes: dict[str, str]
    name: str
    format: str
    layers: tuple[dict[str, Any], ...] = ()

    @property
    def dtype(self) -> str:
        """The widest dtype among the floating tensors."""
        order = ("float64", "float32", "bfloat16", "float16")
        found = set(self.dtypes.values())
        return next((dtype for dtype in order if dtype in found), "float32")


# name of a dtype in the source → numpy dtype of the stored bytes, little-endian
STORED = {
    "float64": "<f8",
    "float32": "<f4",
    "float16": "<f2",
    "bfloat16": "<u2",
    "int64": "<i8",
    "int32": "<i4",
    "int16": "<i2",
    "int8": "|i1",
    "uint64": "<u8",
    "uint32": "<u4",
    "uint16": "<u2",
    "uint8": "|u1",
    "bool": "|b1",
}


def itemsize(dtype: str) -> int:
    """Bytes of one number of a source dtype."""
    return np.dtype(STORED[dtype]).itemsize


def decoded(data: bytes | memoryview, dtype: str, shape: tuple[int, ...]) -> Array:
    """The array in exactly these bytes, read-only; bfloat16 becomes the float32 of equal value."""
    flat = np.frombuffer(data, STORED[dtype])
    if dtype == "bfloat16":
        flat = (flat.astype(np.uint32) << 16).view(np.float32)
    array = flat.astype(flat.dtype.newbyteorder("="), copy=False).reshape(shape)
    array.flags.writeable = False
    return array


def encoded(array: Array, dtype: str) -> bytes:
    """The bytes of an array in a source dtype, little-endian: what `decoded` takes."""
    if dtype == "bfloat16":
        array = (np.ascontiguousarray(array, np.float32).view(np.uint32) >> 16).astype(np.uint16)
    return np.ascontiguousarray(array).astype(STORED[dtype], copy=False).tobytes()


def rounded(array: Array, dtype: str) -> Array:
    """An array rounded to a source dtype (bfloat16 as the float32 of equal value); what is too
    large there is infinite."""
    with np.errstate(over="ignore"):
        found = np.asarray(array).astype("float32" if dtype == "bfloat16" else dtype)
    if dtype == "bfloat16":
        bits = np.ascontiguousarray(found).view(np.uint32)
        even = (bits >> 16) & 1  # to nearest, halfway to even
        kept = np.where(np.isfinite(found), (bits + 0x7FFF + even) & 0xFFFF0000, bits)
        found = kept.astype(np.uint32).view(np.float32)
    return found


def stored_as(array: Array, dtype: str, name: str) -> Array:
    """The same; Unusable if a finite number has no place there."""
    found = rounded(array, dtype)
    if (np.isfinite(array) & ~np.isfinite(found)).any():
        top = float(np.abs(array[np.isfinite(array)]).max())
        raise Unusable(f"{name} holds {top:.3g}, which {dtype} cannot hold; make it smaller")
    return found


def checked_shape(shape: object, place: str) -> tuple[int, ...]:
    """A shape from a file: a few sizes, none negative, not too many numbers in all."""
    sound = isinstance(shape, list | tuple) and all(
        isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**63 for n in shape
    )
    if not sound or not isinstance(shape, list | tuple):
        given = f"({', '.join(map(str, shape))})" if isinstance(shape, list | tuple) else shape
        raise Unusable(
            f"{place} has the shape {given!s:.60}; sizes from 0 on are allowed: save it anew"
        )
    if len(shape) > MAX_DIMENSIONS:
        raise Unusable(
            f"{place} has {len(shape)} dimensions; at most {MAX_DIMENSIONS} are read: reshape it"
        )
    if math.prod(shape) > MAX_ELEMENTS:
        raise Unusable(
            f"{place} has {math.prod(shape):,} numbers; at most {MAX_ELEMENTS:,} are read:"
            " save a part of it"
        )
    return tuple(shape)


def check_names(names: list[str], source: str) -> None:
    """Refuse too many tensors, and names that nobody could read."""
    if len(names) > MAX_TENSORS:
        raise Unusable(
            f"{source} holds {len(names):,} tensors; at most {MAX_TENSORS:,} are read:"
            " save the layers in question alone"
        )
    for name in names:
        if len(name) > MAX_NAME or not name.isprintable():
            raise Unusable(
                f"{source} has a tensor with the name {name[:40]!r}; up to {MAX_NAME} printable"
                " characters are allowed: rename it"
            )
