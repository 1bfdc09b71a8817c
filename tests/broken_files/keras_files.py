"""Broken and harmful .keras and .h5: what was done to each, and its bytes."""

from __future__ import annotations

from typing import Any

import h5py

from tests.broken_files.models_made import LAYER, Change, config, h5, keras, zipped
from tests.broken_files.table import DISGUISES, Files

KERNEL = "layers/lstm/cell/vars/0"


def kernel(value: Any) -> Change:
    """Something else in place of the kernel."""

    def change(file: Any) -> None:
        del file[KERNEL]
        file[KERNEL] = value

    return change


def dataset(*shape: int, dtype: Any = "f4", **more: Any) -> Change:
    """A dataset in place of the kernel, nothing written into it."""

    def change(file: Any) -> None:
        del file[KERNEL]
        file.create_dataset(KERNEL, shape, dtype, **more)

    return change


def virtual(file: Any) -> None:
    layout = h5py.VirtualLayout((2, 4), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (2, 4))
    del file[KERNEL]
    file.create_virtual_dataset(KERNEL, layout)


def circle(file: Any) -> None:
    file["layers/again"] = file["layers"]
    file["layers/and again"] = file["layers"]


def deep(file: Any) -> None:
    for _ in range(40):
        file = file.create_group("g")


def crowd(file: Any) -> None:
    """A thousand names of one dataset of a megabyte."""
    file["big"] = [0.0] * 131_072
    for k in range(1000):
        file[f"big{k}"] = file["big"]


def changed(change: Change) -> bytes:
    return keras(h5(change))


def described(**settings: Any) -> bytes:
    return keras(said=config({**LAYER, "config": {**LAYER["config"], **settings}}))


SIDEWAYS = {"class_name": "Bidirectional", "config": {"name": "lstm", "layer": LAYER}}
RUN = {"class_name": "Lambda", "config": {"name": "f", "function": "evil()"}}

KERAS: Files = {
    **DISGUISES,
    "bare weights": h5,
    "cut in the directory": lambda: keras()[:-40],
    "no weights": lambda: zipped({"config.json": config()}),
    "no description": lambda: zipped({"model.weights.h5": h5()}),
    "weights are words": lambda: keras(b"hello"),
    "weights cut at 300": lambda: keras(h5()[:300]),
    "weights cut at 2,000": lambda: keras(h5()[:2000]),
    "soft link": lambda: changed(kernel(h5py.SoftLink("/layers"))),
    "external link": lambda: changed(kernel(h5py.ExternalLink("/etc/passwd", "/"))),
    "virtual dataset": lambda: changed(virtual),
    "external dataset": lambda: changed(dataset(2, 4, external=[("/etc/passwd", 0, 32)])),
    "10¹² numbers": lambda: changed(dataset(10**6, 10**6)),
    "400 MB never written": lambda: changed(dataset(10**8)),
    "400 MB of chunks": lambda: changed(dataset(10**8, chunks=True, compression="gzip")),
    "a thousand names": lambda: changed(crowd),
    "kernel of five": lambda: changed(dataset(2, 5)),
    "kernel of none": lambda: changed(dataset(0, 4)),
    "kernel of three dimensions": lambda: changed(dataset(2, 4, 1)),
    "complex numbers": lambda: changed(dataset(2, 4, dtype="c8")),
    "words for numbers": lambda: changed(dataset(2, 4, dtype=h5py.string_dtype())),
    "lzf": lambda: changed(dataset(2, 4, compression="lzf")),
    "deep": lambda: changed(deep),
    "circle": lambda: changed(circle),
    "description cut": lambda: keras(said=b'{"config":'),
    "description a list": lambda: keras(said=b"[1]"),
    "description empty": lambda: keras(said=b'{"config": {"layers": []}}'),
    "description deep": lambda: keras(said=b"[" * 300 + b"]" * 300),
    "description of NaN": lambda: keras(said=b'{"a": NaN}'),
    "equal keys": lambda: keras(said=b'{"a": 1, "a": 2}'),
    "layers are numbers": lambda: keras(said=config(5, 6)),
    "class is a list": lambda: keras(said=config({**LAYER, "class_name": ["LSTM"]})),
    "code in a Lambda": lambda: keras(said=config(RUN)),
    "another activation": lambda: described(activation="relu"),
    "weights one way of two": lambda: keras(said=config(SIDEWAYS)),
    "member that leads out": lambda: keras(**{"../../evil.py": b"x"}),
    "bomb": lambda: zipped(
        {"config.json": b" " * 60_000_000, "model.weights.h5": b"x"}, deflate=True
    ),
}
