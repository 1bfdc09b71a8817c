"""Reading .keras and .h5: the description of the layers, and their weights, without Keras.

Of HDF5 only plain datasets inside the file are read: no external or virtual ones, no soft links and
no filters but gzip, and every size is judged before it is allocated. Nothing of a description is
run: a Lambda layer stays a name. h5py is needed, and asked for when such a file is opened.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np

from engine import files, strict_json
from engine.errors import Unusable
from engine.models.weights import Array, Weights, check_names, checked_shape

HDF5 = b"\x89HDF\r\n\x1a\n"
MAX_CONFIG = 20_000_000  # bytes
MAX_DEPTH = 30


def read(data: bytes, name: str) -> Weights:
    """The weights under their paths, and the layers of the description in order."""
    if data.startswith(files.ZIP_MAGIC):
        return _keras(data, name)
    files.expect(data, name, HDF5, "a Keras model (.keras or .h5)")
    arrays, config = _h5(data, name)
    if not config:
        raise Unusable(
            f"{name} has weights without a description of the layers; save the whole model with"
            " model.save('model.keras')"
        )
    return _weights(arrays, _layers(config, name), name)


def _keras(data: bytes, name: str) -> Weights:
    found: dict[str, bytes] = {}
    for member in files.members(data, name):
        if member.name in ("config.json", "model.weights.h5"):
            with files.readable(name), member.open() as file:
                found[member.name] = file.read()
    for wanted in ("config.json", "model.weights.h5"):
        if wanted not in found:
            raise Unusable(f"{name} is a zip without {wanted}, so no Keras model; save it anew")
    files.expect(found["model.weights.h5"], f"{name}: model.weights.h5", HDF5, "an HDF5 file")
    arrays, _ = _h5(found["model.weights.h5"], name)
    config = strict_json.parse(found["config.json"][:MAX_CONFIG], f"{name}: config.json")
    return _weights(arrays, _layers(config, name), name)


def _weights(arrays: dict[str, Array], layers: tuple[dict[str, Any], ...], name: str) -> Weights:
    check_names(list(arrays), name)
    dtypes = {key: array.dtype.name for key, array in arrays.items()}
    return Weights(arrays, dtypes, name, "Keras", layers)


def _layers(config: Any, name: str) -> tuple[dict[str, Any], ...]:
    """The layers of a Sequential or Functional model, models inside models flattened."""
    found: list[dict[str, Any]] = []
    level = [config]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for each in level:
            own = each.get("config") if isinstance(each, dict) else None
            if isinstance(own, dict) and isinstance(own.get("layers"), list):
                inner.extend(own["layers"])
            elif isinstance(own, dict):
                found.append({**_plain(own), "class": str(each.get("class_name", ""))})
        if not inner:
            break
        level = inner
    if not found:
        raise Unusable(f"{name} describes no layers; save the model with model.save('model.keras')")
    return tuple(found)


def _plain(config: dict[str, Any]) -> dict[str, Any]:
    """Settings that are words, numbers or yes and no, and the layer inside a wrapper."""
    kept: dict[str, Any] = {
        k: v for k, v in config.items() if isinstance(v, str | int | float | bool | None)
    }
    inner = config.get("layer")
    if isinstance(inner, dict) and isinstance(inner.get("config"), dict):
        own = _plain({k: v for k, v in inner["config"].items() if k != "layer"})
        kept["layer"] = {**own, "class": str(inner.get("class_name", ""))}
    return kept


# ---- HDF5


def _h5(data: bytes, name: str) -> tuple[dict[str, Array], Any]:
    """Every dataset by its path, and the description in the attributes, if there is one."""
    try:
        h5py = import_module("h5py")
    except ImportError:
        raise Unusable(
            f"{name} needs h5py, which is not installed; pip install h5py", exit=1
        ) from None
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            most = min(files.MAX_EXPANDED, files.MAX_RATIO * len(data))
            arrays = dict(_datasets(h5py, file, name, most))
            said = file.attrs.get("model_config", "")
    except Unusable:
        raise
    except Exception as error:  # h5py raises whatever the C library says
        raise Unusable(f"{name} is damaged ({error!s:.80}); save or download it anew") from None
    if isinstance(said, bytes):
        said = said.decode("utf-8", "replace")
    if not isinstance(said, str) or not said:
        return arrays, None
    return arrays, strict_json.parse(said[:MAX_CONFIG].encode(), f"{name}: model_config")


def _datasets(h5py: Any, file: Any, name: str, most: int) -> Iterator[tuple[str, Array]]:
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
                yield place, _array(item)
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


def _array(item: Any) -> Array:
    if item.dtype.kind not in "fiub":
        return np.zeros(0)
    array = np.asarray(item[()])
    array = array.astype(array.dtype.newbyteorder("="))
    array.flags.writeable = False
    return array
