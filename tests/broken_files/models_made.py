"""Small model files of every format, whole and broken, made in memory for these tests."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
from onnx import TensorProto, helper, numpy_helper

Change = Callable[[Any], object]

# ---- safetensors

FLOATS = np.arange(6, dtype="<f4")


def safetensors(change: Change | None = None, data: bytes = b"", header: bytes = b"") -> bytes:
    """An RNN of one unit with two inputs; its header changed, or another in its place."""
    said: dict[str, Any] = {
        "weight_ih_l0": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]},
        "weight_hh_l0": {"dtype": "F32", "shape": [1, 1], "data_offsets": [8, 12]},
        "bias_ih_l0": {"dtype": "F32", "shape": [1], "data_offsets": [12, 16]},
        "bias_hh_l0": {"dtype": "F32", "shape": [1], "data_offsets": [16, 20]},
    }
    if change is not None:
        change(said)
    text = header or json.dumps(said).encode()
    return struct.pack("<Q", len(text)) + text + (data or FLOATS[:5].tobytes())


# ---- torch: a zip with a pickle and a member for each storage


def instructions(*parts: bytes | str | int | tuple[Any, ...]) -> bytes:
    """A pickle of protocol 2 out of its parts; words and numbers are put in as such."""
    return b"\x80\x02" + b"".join(part if isinstance(part, bytes) else put(part) for part in parts)


def put(value: Any) -> bytes:
    """The instructions that put a word, a number or a tuple of them on the stack."""
    if isinstance(value, str):
        return b"X" + struct.pack("<I", len(value)) + value.encode()
    if isinstance(value, int):
        return b"J" + struct.pack("<i", value) if abs(value) < 2**31 else long(value)
    return b"(" + b"".join(put(each) for each in value) + b"t"


def long(value: int) -> bytes:
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def tensor(
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    *,
    offset: int = 0,
    count: int = 6,
    kind: str = "torch FloatStorage",
    key: str = "0",
) -> bytes:
    """The instructions that torch.save writes for a tensor."""
    module, word = kind.split()
    storage = b"(" + put("storage") + named(module, word) + put(key) + put("cpu") + put(count)
    made = named("torch._utils", "_rebuild_tensor_v2")
    rest = put(offset) + put(shape) + put(strides) + b"\x89" + b"}"
    return made + b"(" + storage + b"tQ" + rest + b"tR"


def named(module: str, word: str) -> bytes:
    return f"c{module}\n{word}\n".encode()


def state_dict(**tensors: bytes) -> bytes:
    return instructions(b"}(", *(put(k) + v for k, v in tensors.items()), b"u.")


RNN = state_dict(weight_ih_l0=tensor((1, 2), (2, 1)), weight_hh_l0=tensor((1, 1), (1, 1), offset=2))


def torch_zip(
    structure: bytes = RNN, root: str = "archive", storage: bytes | None = None, **more: bytes
) -> bytes:
    members = {f"{root}/data.pkl": structure, f"{root}/data/0": storage or FLOATS.tobytes()}
    return zipped(members | {f"{root}/{name}": data for name, data in more.items()})


def zipped(members: dict[str, bytes], deflate: bool = False) -> bytes:
    held = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return held.getvalue()


class Evil:
    """What a pickle would run when it is opened."""

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, ("touch pwned",)


def evil() -> bytes:
    """A state dict that runs a program when it is unpickled."""
    return pickle.dumps({"weight_ih_l0": Evil()}, protocol=2)


# ---- Keras

LAYER = {"class_name": "LSTM", "config": {"name": "lstm", "units": 1, "activation": "tanh"}}


def config(*layers: Any) -> bytes:
    whole = {"class_name": "Sequential", "config": {"layers": list(layers or (LAYER,))}}
    return json.dumps(whole).encode()


def h5(change: Change | None = None) -> bytes:
    """The weights of an LSTM of one unit with two inputs, as Keras stores them; then changed."""
    held = io.BytesIO()
    with h5py.File(held, "w") as file:
        group = file.create_group("layers/lstm/cell/vars")
        for name, shape in (("0", (2, 4)), ("1", (1, 4)), ("2", (4,))):
            group[name] = np.ones(shape, "f4")
        if change is not None:
            change(file)
    return held.getvalue()


def keras(weights: bytes | None = None, said: bytes | None = None, **more: bytes) -> bytes:
    members = {"config.json": said or config(), "model.weights.h5": weights or h5()}
    return zipped(members | more)


# ---- ONNX


def value(name: str, shape: tuple[int, ...] | None = None) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def onnx(
    change: Change | None = None, *, opset: int = 17, hidden: int | None = 1, **more: Any
) -> bytes:
    """An RNN of one unit with two inputs over three steps; the model changed before it is saved."""
    weights = [
        numpy_helper.from_array(np.ones((1, 1, n), "f4"), name) for name, n in (("W", 2), ("R", 1))
    ]
    node = helper.make_node("RNN", ["X", "W", "R"], ["Y"], name="cell", hidden_size=hidden, **more)
    graph = helper.make_graph([node], "one", [value("X", (3, 1, 2))], [value("Y")], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    if change is not None:
        change(model)
    return bytes(model.SerializeToString())
