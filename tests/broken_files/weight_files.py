"""Broken and harmful .safetensors, .pt and model .npz: what was done to each, and its bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.broken_files.models_made import (
    RNN,
    Change,
    evil,
    instructions,
    named,
    put,
    safetensors,
    state_dict,
    tensor,
    torch_zip,
    zipped,
)
from tests.broken_files.table import DISGUISES, Files
from tests.engine.sequences.files_made import npy, npz


def entry(name: str = "weight_hh_l0", **facts: Any) -> Change:
    return lambda said: said[name].update(facts)


def added(**entries: Any) -> Change:
    return lambda said: said.update(entries)


def renamed(old: str, new: str) -> Change:
    return lambda said: said.update({new: said.pop(old)})


EMPTY = {"dtype": "F32", "shape": [0], "data_offsets": [20, 20]}

SAFETENSORS: Files = {
    **DISGUISES,
    "five bytes": lambda: safetensors()[:5],
    "cut in the header": lambda: safetensors()[:40],
    "cut in the numbers": lambda: safetensors()[:-4],
    "more bytes": lambda: safetensors(data=bytes(40)),
    "header of 2⁶³ bytes": lambda: (2**63).to_bytes(8, "little") + b"{}",
    "header is a list": lambda: safetensors(header=b"[]"),
    "header is cut JSON": lambda: safetensors(header=b'{"a":'),
    "entry is a number": lambda: safetensors(header=b'{"a": 1}'),
    "equal keys": lambda: safetensors(header=b'{"a": {}, "b": 1, "b": 2}'),
    "deep": lambda: safetensors(header=b'{"a":' + b"[" * 200 + b"]" * 200 + b"}"),
    "abyss": lambda: safetensors(header=b'{"a":' * 40_000 + b"}" * 40_000),
    "NaN": lambda: safetensors(header=b'{"a": NaN}'),
    "4,300 digits": lambda: safetensors(header=b'{"a": ' + b"9" * 4300 + b"}"),
    "UTF-16": lambda: safetensors(header='{"a": 1}'.encode("utf-16")),
    "unknown dtype": lambda: safetensors(entry(dtype="F8_E4M3")),
    "dtype is a list": lambda: safetensors(entry(dtype=["F32"])),
    "10¹² numbers": lambda: safetensors(entry(shape=[10**6, 10**6])),
    "size over 64 bits": lambda: safetensors(entry(shape=[10**19])),
    "negative size": lambda: safetensors(entry(shape=[-1])),
    "nine dimensions": lambda: safetensors(entry(shape=[1] * 9)),
    "shape is a word": lambda: safetensors(entry(shape="1, 1")),
    "shape and bytes": lambda: safetensors(entry(shape=[2])),
    "offsets beyond the end": lambda: safetensors(entry(data_offsets=[8, 10**12])),
    "overlap": lambda: safetensors(entry(data_offsets=[4, 8])),
    "one offset": lambda: safetensors(entry(data_offsets=[8])),
    "10,001 tensors": lambda: safetensors(added(**{f"t{k}": EMPTY for k in range(10_001)})),
    "line break in a name": lambda: safetensors(renamed("bias_ih_l0", "a\nb")),
    "no recurrent layer": lambda: safetensors(renamed("weight_hh_l0", "other")),
    "a vector for a matrix": lambda: safetensors(entry("weight_ih_l0", shape=[2])),
    "no layer 0": lambda: safetensors(renamed("weight_hh_l0", "weight_hh_l999")),
}


def one(*shape: int, strides: tuple[int, ...] = (2, 1), **more: Any) -> bytes:
    """A state dict of one tensor."""
    return torch_zip(state_dict(weight_ih_l0=tensor(shape, strides, **more)))


def laughs(begin: bytes, double: bytes) -> bytes:
    """A key that holds itself twice, forty times over: a few bytes that take for ever to print."""
    doubled = b"".join(b"q" + bytes([k]) + double % (k, k) for k in range(40))
    return torch_zip(b"\x80\x02" + begin + doubled + b"q\xff}h\xffK\x01s.")


def crowd() -> bytes:
    """Dicts of 1,000 names of one dict of 1,000 names of one dict …: 10¹² ways to the innermost."""
    made = b"}"
    for k in range(4):
        names = b"".join(put(f"k{n}") + b"h" + bytes([k]) for n in range(1000))
        made += b"q" + bytes([k]) + b"}(" + names + b"u"
    return torch_zip(b"\x80\x02" + made + b".")


TORCH: Files = {
    **DISGUISES,
    "before torch 1.6": lambda: b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.",
    "cut in the directory": lambda: torch_zip()[:-30],
    "cut at the beginning": lambda: torch_zip()[:60],
    "no data.pkl": lambda: zipped({"readme": b"hello"}),
    "empty data.pkl": lambda: torch_zip(b""),
    "cut pickle": lambda: torch_zip(RNN[:-20]),
    "no pickle": lambda: torch_zip(b"hello"),
    "os.system": lambda: torch_zip(evil()),
    "eval": lambda: torch_zip(instructions(named("builtins", "eval"), "1+1", b"\x85R.")),
    "whole model": lambda: torch_zip(instructions(named("torch.nn", "LSTM"), b")\x81.")),
    "script": lambda: torch_zip(RNN, **{"code/a.py": b"import os"}),
    "big-endian": lambda: torch_zip(RNN, byteorder=b"big"),
    "reversed strides": lambda: one(1, 2, strides=(-2, 1)),
    "strides outside": lambda: one(1, 2, strides=(10**9, 10**9)),
    "offset outside": lambda: one(1, 2, offset=5),
    "offset before": lambda: one(1, 2, offset=-1),
    "fewer strides": lambda: one(1, 2, strides=(2,)),
    "shape outside": lambda: one(3, 3, strides=(3, 1)),
    "10¹² numbers of strides 0": lambda: one(10**12, strides=(0,)),
    "10⁷ numbers of strides 0": lambda: one(10**7, strides=(0,)),
    "storage of 10¹²": lambda: one(1, 2, count=10**12),
    "size of 5,000 bits": lambda: one(1 << 2000, strides=(0,)),
    "cut storage": lambda: torch_zip(storage=b"12"),
    "no storage": lambda: zipped({"archive/data.pkl": RNN}),
    "storage elsewhere": lambda: one(1, 2, key="../../etc/passwd"),
    "unknown storage": lambda: one(1, 2, kind="torch QInt8Storage"),
    "storage of another module": lambda: one(1, 2, kind="os FloatStorage"),
    "no tensors": lambda: torch_zip(state_dict()),
    "100,001 open lists": lambda: torch_zip(b"\x80\x02" + b"]" * 100_001 + b"."),
    "list that holds itself": lambda: laughs(b"]", b"](h%ch%ce"),
    "tuple that holds itself": lambda: laughs(b")", b"h%ch%c\x86"),
    "dicts in dicts": crowd,
    "number of 5,000 digits": lambda: torch_zip(instructions(b"I" + b"9" * 5000 + b"\n.")),
    "text of 2 GB": lambda: torch_zip(instructions(b"X\xff\xff\xff\x7fa.")),
    "memo that is not there": lambda: torch_zip(instructions(b"h\x63.")),
    "bomb": lambda: zipped({"a/data.pkl": bytes(60_000_000)}, deflate=True),
    "member that leads out": lambda: torch_zip(RNN, root="../../etc"),
    "equal members": lambda: twice(torch_zip(), b"archive/data/0"),
}


def twice(data: bytes, member: bytes) -> bytes:
    """A zip in which `data.pkl` is called like `member` too."""
    return data.replace(b"archive/data.pkl", member + b"\0" * (16 - len(member)))


WEIGHTS = {
    "weight_ih_l0": np.ones((4, 2)),
    "weight_hh_l0": np.ones((4, 1)),
    "bias_ih_l0": np.ones(4),
    "bias_hh_l0": np.ones(4),
}


def weights(**arrays: Any) -> bytes:
    return npz(**{**WEIGHTS, **{name: np.asarray(a) for name, a in arrays.items()}})


NPZ: Files = {
    "cut": lambda: weights()[:-30],
    "object array": lambda: zipped(
        {"weight_ih_l0.npy": npy(np.array([{}], object), pickled=True), "weight_hh_l0.npy": b""}
    ),
    "a program": lambda: zipped({"weight_ih_l0.npy": b"", "weight_hh_l0": b"", "evil.py": b"1"}),
    "rows": lambda: weights(weight_ih_l0=np.ones((3, 2))),
    "columns": lambda: weights(weight_hh_l0=np.ones((4, 3))),
    "no bias_hh": lambda: npz(**{k: v for k, v in WEIGHTS.items() if k != "bias_hh_l0"}),
    "whole numbers": lambda: weights(weight_ih_l0=np.ones((4, 2), int)),
    "no units": lambda: weights(weight_hh_l0=np.ones((0, 0))),
    "layers 0 and 7": lambda: weights(weight_ih_l7=np.ones((4, 1))),
    "recorded, numbers": lambda: npz(**{"given.0": np.ones((3, 1, 2)), "weights.a": np.ones(1)}),
    "recorded, order": lambda: npz(
        **{"given.0": np.ones(3), "given.7": np.ones(3), "weights.a": np.ones(1)}
    ),
}
