"""A model's own file again with other numbers in it: its bytes, in which the numbers of tensors are
overwritten where they lie. Structure, names and whatever else it holds stay byte for byte.

Which numbers those are says `way_back`; where they lie says each format. What comes of it is read
back before it is handed out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import files
from engine.errors import Unusable
from engine.models import keras_file, torch_file, zip_in_place
from engine.models.given import Given
from engine.models.onnx import graph, places
from engine.models.onnx.sources import sources_of
from engine.models.weights import STORED, Array, Weights, encoded

INSTEAD = "write a .safetensors"


def _all(data: bytes, new: Weights, name: str) -> Weights:
    return new


def _of_graph(data: bytes, new: Weights, name: str) -> Weights:
    """What the nodes read, as the constants that it is moved from."""
    return sources_of(graph.read(data, name), tuple(new.arrays)).spread(new)


def _in_graph(data: bytes, new: Weights, name: str) -> Weights:
    """What the nodes of a file read under the names that `new` has."""
    names = tuple(new.arrays)
    return sources_of(graph.read(data, name), names).gathered(names, name)


@dataclass(frozen=True, slots=True)
class Kind:
    """A format whose files are written over: `read` gives the tensors of the names that weights
    have, `stored` weights as what the file stores of them, and `views` arrays by name that lie in
    the bytes themselves, of bfloat16 the bits."""

    suffixes: tuple[str, ...]
    read: Callable[[bytes, Weights, str], Weights]
    stored: Callable[[bytes, Weights, str], Weights]
    views: Callable[[bytearray, str], dict[str, Array]]


KINDS = (
    Kind((".pt", ".pth"), lambda d, w, n: torch_file.read(d, n), _all, torch_file.views),
    Kind((".keras", ".h5"), lambda d, w, n: keras_file.read(d, n), _all, keras_file.views),
    Kind((".onnx",), _in_graph, _of_graph, lambda b, n: places.views(b)),
)


def kind_of(name: str) -> Kind | None:
    """The row for a file's name; None for a format that is written from nothing."""
    suffix = Path(name).suffix.lower()
    return next((kind for kind in KINDS if suffix in kind.suffixes), None)


def in_place(given: Given, weights: Weights, place: Path) -> bytes:
    """The bytes of the file that the model came from with the numbers of `weights`, to be written
    as `place`. Unusable, one line, if that file is gone or is another one by now."""
    origin = _origin(given, place)
    kind = kind_of(origin.name)
    if kind is None or place.suffix.lower() not in kind.suffixes:
        raise Unusable(
            f"a {place.suffix} is written over the one that the model came from, and"
            f" {origin.name} is none; {INSTEAD}",
            exit=2,
        )
    data = files.load(origin)
    stored = kind.read(data, weights, origin.name)
    if given.weights is None or not _is_same(stored, given.weights):
        raise Unusable(
            f"{origin} does not hold the weights any more that were opened; bring that file back,"
            f" or {INSTEAD}"
        )
    written = _overwritten(kind, data, stored, weights, origin.name)
    again = kind.read(written, weights, origin.name)
    for key, array in weights.arrays.items():
        if not _equal(again.arrays[key], array):
            raise Unusable(
                f"{origin.name}: {key} shares its numbers with another tensor; {INSTEAD}"
            )
    return written


def _origin(given: Given, place: Path) -> Path:
    """The file that the model came from: where it was, or beside what is to be written."""
    if not given.origin:
        raise Unusable(f"what is open comes from no {place.suffix} file; {INSTEAD}", exit=2)
    kept = Path(given.origin)
    for found in (kept, place.parent / kept.name):
        if found.is_file():
            if place.exists() and found.samefile(place):
                raise Unusable(
                    f"{place.name} is the file that the model came from, which is not written"
                    " over; give another name",
                    exit=2,
                )
            return found
    raise Unusable(
        f"{kept} is needed for its structure and is not there any more; put it beside"
        f" {place.name}, or {INSTEAD}"
    )


def _is_same(one: Weights, other: Weights) -> bool:
    return one.dtypes == other.dtypes and all(
        _equal(array, other.arrays[name]) for name, array in one.arrays.items()
    )


def _equal(one: Array, other: Array) -> bool:
    """To the bit: a NaN is itself, and −0 is not 0."""
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def _overwritten(kind: Kind, data: bytes, old: Weights, new: Weights, name: str) -> bytes:
    buffer = bytearray(data)
    views = kind.views(buffer, name)
    was, wanted = (kind.stored(data, each, name) for each in (old, new))
    for key, array in wanted.arrays.items():
        if _equal(array, was.arrays[key]):
            continue
        if key not in views:
            raise Unusable(f"{name}: {key} is packed and cannot be written over; {INSTEAD}")
        dtype = was.dtypes[key]
        views[key][...] = np.frombuffer(encoded(array, dtype), STORED[dtype]).reshape(array.shape)
    if data.startswith(files.ZIP_MAGIC):
        zip_in_place.mend(buffer)
    return bytes(buffer)
