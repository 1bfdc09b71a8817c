"""Reading .keras and .h5: the description of the layers, and their weights, without Keras.

Nothing of a description is run: a Lambda layer stays a name. The weights are HDF5, which is taken
apart in `hdf5_file`; h5py is needed for it, and asked for when such a file is opened.
"""

from __future__ import annotations

from typing import Any

from engine import files, strict_json
from engine.errors import Unusable
from engine.models import hdf5_file
from engine.models.weights import Array, Weights, check_names
from engine.models.zip_in_place import starts

HDF5 = b"\x89HDF\r\n\x1a\n"
MAX_CONFIG = 20_000_000  # bytes
MAX_DEPTH = 30
WEIGHTS = "model.weights.h5"


def read(data: bytes, name: str) -> Weights:
    """The weights under their paths, and the layers of the description in order."""
    if data.startswith(files.ZIP_MAGIC):
        return _keras(data, name)
    files.expect(data, name, HDF5, "a Keras model (.keras or .h5)")
    arrays, said = hdf5_file.read(data, name)
    if not said:
        raise Unusable(
            f"{name} has weights without a description of the layers; save the whole model with"
            " model.save('model.keras')"
        )
    config = strict_json.parse(said, f"{name}: model_config")
    return _weights(arrays, _layers(config, name), name)


def _keras(data: bytes, name: str) -> Weights:
    found: dict[str, bytes] = {}
    for member in files.members(data, name):
        if member.name in ("config.json", WEIGHTS):
            with files.readable(name), member.open() as file:
                found[member.name] = file.read()
    for wanted in ("config.json", WEIGHTS):
        if wanted not in found:
            raise Unusable(f"{name} is a zip without {wanted}, so no Keras model; save it anew")
    files.expect(found[WEIGHTS], f"{name}: {WEIGHTS}", HDF5, "an HDF5 file")
    arrays, _ = hdf5_file.read(found[WEIGHTS], name)
    config = strict_json.parse(found["config.json"][:MAX_CONFIG], f"{name}: config.json")
    return _weights(arrays, _layers(config, name), name)


def views(buffer: bytearray, name: str) -> dict[str, Array]:
    """The weights of a file that was read before as arrays that lie in its bytes; none of those
    that are packed."""
    if not buffer.startswith(files.ZIP_MAGIC):
        return hdf5_file.views(buffer, 0, name)
    start = starts(buffer, name).get(WEIGHTS)
    return {} if start is None else hdf5_file.views(buffer, start, name)


def _weights(arrays: dict[str, Array], layers: tuple[dict[str, Any], ...], name: str) -> Weights:
    check_names(list(arrays), name)
    dtypes = {key: array.dtype.name for key, array in arrays.items()}
    return Weights(arrays, dtypes, name, "Keras", layers)


ONE_NUMBER = ("strides", "dilation_rate", "kernel_size")


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
                found.append({**_plain(own), "class": _class(each)})
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
    for key in ONE_NUMBER:  # of Conv1D lists of one number
        given = config.get(key)
        if isinstance(given, list) and len(given) == 1 and isinstance(given[0], int):
            kept[key] = given[0]
    inner = config.get("layer")
    if isinstance(inner, dict) and isinstance(inner.get("config"), dict):
        own = _plain({k: v for k, v in inner["config"].items() if k != "layer"})
        kept["layer"] = {**own, "class": _class(inner)}
    return kept


def _class(layer: dict[str, Any]) -> str:
    found = layer.get("class_name")
    return found if isinstance(found, str) else "a layer without a class"
