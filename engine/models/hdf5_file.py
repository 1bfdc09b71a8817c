"""HDF5 taken apart in a process of its own: `read` starts it, `main` is what it does.

The C library behind h5py can loop for ever or crash on a broken file, and nothing inside the
process can end that. Only plain datasets inside the file are read: no external or virtual ones, no
soft links and no filters but gzip, and every size is judged before it is allocated. What the
layers mean is in `keras_layers`.
"""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from engine import files
from engine.damage import damage
from engine.errors import BAD_INPUT, Unusable
from engine.models.weights import Array, checked_shape

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20  # seconds; 200 MB take two
MEMORY = 4 * files.MAX_EXPANDED  # bytes
MAX_DEPTH = 30
MAX_CONFIG = 20_000_000  # bytes
Place = tuple[str, str, tuple[int, ...], int]  # path, dtype, shape, first byte


def read(data: bytes, name: str) -> tuple[dict[str, Array], bytes]:
    """Every dataset by its path, and the description of the layers in the attributes, b"" without;
    Unusable, one line, for anything that is no HDF5 file."""
    said, numbers = _asked(data, name)
    arrays, at = {}, 0
    for path, dtype, shape in said["arrays"]:
        count = math.prod(shape)
        array = np.frombuffer(numbers, dtype, count, at).reshape(shape)
        at += array.nbytes
        arrays[path] = array
    return arrays, said["description"].encode("utf-8", "replace")


def views(buffer: bytearray, start: int, name: str) -> dict[str, Array]:
    """The datasets of a file that was read before as arrays that lie in its bytes, which begin at
    `start`: what is written into one is in the file. Those in chunks are left out."""
    said, _ = _asked(bytes(buffer[start:]), name)
    return {
        path: np.frombuffer(buffer, dtype, math.prod(shape), start + at).reshape(shape)
        for path, dtype, shape, at in said["places"]
    }


def _asked(data: bytes, name: str) -> tuple[dict[str, Any], bytes]:
    """What the other process says of the file, and its numbers."""
    damaged = f"{name} is damaged: its HDF5 makes no sense; save or download it anew"
    try:
        done = subprocess.run(
            (sys.executable, "-m", "engine.models.hdf5_file", name),
            input=data,
            capture_output=True,
            timeout=PATIENCE,
            cwd=ROOT,
        )
    except subprocess.TimeoutExpired:
        raise Unusable(damaged) from None
    except OSError as error:
        raise Unusable(
            f"{name} was not read, since no process could be started for it ({error.strerror});"
            " close other programs",
            exit=1,
        ) from None
    head, _, numbers = done.stdout.partition(b"\n")
    if done.returncode or not head:
        raise Unusable(damaged)
    said = json.loads(head)
    if "refused" in said:
        raise Unusable(said["refused"], exit=said["exit"])
    return said, numbers


# ---- in the other process


def main() -> None:
    """Read HDF5 on standard input; write a line of JSON and all numbers to standard output."""
    _limit_memory()
    out = sys.stdout.buffer
    try:
        arrays, places, description = taken_apart(sys.stdin.buffer.read(), sys.argv[1])
    except Unusable as error:
        out.write(json.dumps({"refused": error.message, "exit": error.exit}).encode() + b"\n")
        return
    listed = [(path, array.dtype.str, array.shape) for path, array in arrays.items()]
    said = {"arrays": listed, "places": places, "description": description}
    out.write(json.dumps(said).encode() + b"\n")
    for array in arrays.values():
        out.write(array.tobytes())


def _limit_memory() -> None:
    try:
        resource = import_module("resource")
    except ImportError:  # on Windows; sizes are judged all the same
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def taken_apart(data: bytes, name: str) -> tuple[dict[str, Array], list[Place], str]:
    """Every dataset by its path, where those in one piece lie, and the description in the
    attributes, "" without one."""
    try:
        h5py = import_module("h5py")
    except ImportError:
        raise Unusable(
            f"{name} needs h5py, which is not installed; pip install h5py", exit=1
        ) from None
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            most = min(files.MAX_EXPANDED, files.MAX_RATIO * len(data))
            found = list(_datasets(h5py, file, name, most))
            said = file.attrs.get("model_config", "")
    except Unusable:
        raise
    except Exception as error:  # h5py raises whatever the C library says
        what = damage(error, "its HDF5 makes no sense")
        raise Unusable(
            f"{name} is damaged: {what}; save or download it anew", exit=BAD_INPUT
        ) from None
    if isinstance(said, bytes):
        said = said[:MAX_CONFIG].decode("utf-8", "replace")
    places = [place for _, _, place in found if place is not None]
    arrays = {path: array for path, array, _ in found}
    return arrays, places, said[:MAX_CONFIG] if isinstance(said, str) else ""


def _datasets(
    h5py: Any, file: Any, name: str, most: int
) -> Iterator[tuple[str, Array, Place | None]]:
    """All of them by path, of at most so many bytes together, level by level."""
    total, level = 0, [("", file)]
    for _ in range(MAX_DEPTH):
        inner = []
        for path, group in level:
            for key in group:
                place = f"{path}/{key}" if path else str(key)
                if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                    raise Unusable(
                        f"{name}: {place} is a link to somewhere else; save the model anew"
                    )
                item = group[key]
                if isinstance(item, h5py.Group):
                    inner.append((place, item))
                    continue
                total += _judged(item, f"{name}: {place}")
                if total > most:  # nothing is stored of what was never written
                    raise Unusable(
                        f"{name} would grow to more than {most:,} bytes; at most"
                        f" {files.MAX_EXPANDED:,} and {files.MAX_RATIO} times its size are read:"
                        " save a part of it"
                    )
                yield place, _array(item), _place(place, item)
        level = inner
        if len(level) > files.MAX_MEMBERS * 2:
            break
    if level:
        raise Unusable(f"{name} has too many or too deep groups; save the model anew")


def _judged(item: Any, place: str) -> int:
    """The bytes that a dataset takes, once it is known to be a plain one."""
    shape = checked_shape(tuple(item.shape or ()), place)
    if item.dtype.kind not in "fiub":
        if item.dtype.kind in "SO" and math.prod(shape) < 10_000:
            return 0  # names that older files keep
        raise Unusable(f"{place} holds {item.dtype}; numbers are read: save the model anew")
    if item.is_virtual or item.external:
        raise Unusable(f"{place} lies outside the file; save the model anew")
    if item.compression not in (None, "gzip"):
        raise Unusable(f"{place} is compressed with {item.compression}; gzip is read")
    return math.prod(shape) * int(item.dtype.itemsize)


def _place(path: str, item: Any) -> Place | None:
    at = item.id.get_offset() if item.dtype.kind in "fiub" and item.size else None
    return None if at is None else (path, item.dtype.str, item.shape, at)


def _array(item: Any) -> Array:
    if item.dtype.kind not in "fiub":
        return np.zeros(0)
    array = np.asarray(item[()])
    array = array.astype(array.dtype.newbyteorder("="))
    array.flags.writeable = False
    return array


if __name__ == "__main__":
    main()
