"""Reading .pt and .pth: the zip that torch.save writes, without torch and without unpickling.

The structure comes from `torch_pickle` as data; here the numbers are fetched, strides and offsets
checked against the storage, and the state dict is found, which may lie inside a checkpoint.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import files
from engine.errors import Unusable
from engine.models.torch_pickle import Stored, Tensor, parse
from engine.models.weights import (
    STORED,
    Array,
    Weights,
    check_names,
    checked_shape,
    decoded,
    itemsize,
)
from engine.models.zip_in_place import starts

MAX_STRUCTURE = 50_000_000  # bytes of data.pkl
NESTED = 4  # dicts in dicts in which a state dict is looked for
OLD = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19"  # how files of before torch 1.6 begin


def read(data: bytes, name: str) -> Weights:
    """The tensors of the state dict in the file; Unusable, one line, for anything else."""
    if data.startswith(OLD):
        raise Unusable(
            f"{name} is in torch's format of before version 1.6; open it there and save"
            " model.state_dict() anew"
        )
    files.expect(data, name, files.ZIP_MAGIC, "a file of torch.save")
    structure, storages = _members(data, name)
    tensors = _state_dict(parse(structure, name), name)
    check_names(list(tensors), name)
    wanted = {t.storage.key for t in tensors.values()}
    numbers = _numbers(data, name, {key: storages.get(key, "") for key in wanted})
    total = sum(_count(t) * itemsize(t.storage.dtype) for t in tensors.values())
    if total > min(files.MAX_EXPANDED, files.MAX_RATIO * len(data)):  # strides can be 0
        raise Unusable(
            f"{name} would grow from {len(data):,} to {total:,} bytes; at most"
            f" {files.MAX_EXPANDED:,} and {files.MAX_RATIO} times its size are read: save the"
            " layers in question alone"
        )
    arrays = {
        key: _array(tensor, numbers[tensor.storage.key], f"{name}: {key}")
        for key, tensor in tensors.items()
    }
    return Weights(arrays, {k: t.storage.dtype for k, t in tensors.items()}, name, "PyTorch")


def views(buffer: bytearray, name: str) -> dict[str, Array]:
    """The tensors of a file that was read before as arrays that lie in its bytes: what is written
    into one is in the file. Those of bfloat16 hold the bits; those of packed members are left out.
    """
    data = bytes(buffer)
    structure, storages = _members(data, name)
    begin = starts(data, name)
    found = {}
    for key, tensor in _state_dict(parse(structure, name), name).items():
        member = storages.get(tensor.storage.key, "")
        if member in begin and 0 not in tensor.shape:
            stored = STORED[tensor.storage.dtype]
            flat = np.frombuffer(buffer, stored, tensor.storage.count, begin[member])
            steps = tuple(stride * flat.itemsize for stride in tensor.strides)
            at = flat[tensor.offset :]
            found[key] = np.lib.stride_tricks.as_strided(at, tensor.shape, steps)
    return found


def _members(data: bytes, name: str) -> tuple[bytes, dict[str, str]]:
    """The bytes of data.pkl, and the member of every storage by its key."""
    structure, root, found = b"", "", {}
    names = []
    for member in files.members(data, name):
        names.append(member.name)
        if member.name.rpartition("/")[2] == "data.pkl" and not structure:
            if member.size > MAX_STRUCTURE:
                raise Unusable(
                    f"{name}: {member.name} has {member.size:,} bytes; at most"
                    f" {MAX_STRUCTURE:,} are read: save model.state_dict() alone"
                )
            root = member.name.rpartition("/")[0]
            with files.readable(name), member.open() as file:
                structure = file.read()
        elif member.name.rpartition("/")[2] == "byteorder":
            with files.readable(name), member.open() as file:
                if file.read(16).strip() not in (b"little", b""):
                    raise Unusable(f"{name} was saved on a big-endian machine; save it anew")
    if not structure:
        raise Unusable(
            f"{name} is a zip without data.pkl, so no file of torch.save; save"
            " model.state_dict() with torch.save"
        )
    if any(each.startswith(f"{root}/code/") for each in names):
        raise Unusable(
            f"{name} is a TorchScript program, which is never run; save model.state_dict() with"
            " torch.save"
        )
    start = f"{root}/data/" if root else "data/"
    found = {n.removeprefix(start): n for n in names if n.startswith(start)}
    return structure, found


def _state_dict(value: object, name: str) -> dict[str, Tensor]:
    """The dict with the most tensors under words, looked for in nested dicts; recurrent weights
    count more than all others."""
    best: dict[str, Tensor] = {}
    level, seen = [value], set[int]()
    for _ in range(NESTED + 1):
        inner: list[Any] = []
        for each in level:
            # the same dict can stand in another a thousand times, which can stand in another …
            if isinstance(each, dict) and id(each) not in seen:
                seen.add(id(each))
                own = {k: v for k, v in each.items() if isinstance(k, str) and _is_tensor(v)}
                best = max(best, own, key=_worth)
                inner.extend(each.values())
        level = inner
    if not best:
        raise Unusable(
            f"{name} holds no tensors under names; save model.state_dict() with torch.save"
        )
    return best


def _is_tensor(value: object) -> bool:
    return isinstance(value, Tensor)


def _worth(tensors: dict[str, Tensor]) -> tuple[int, int]:
    return sum("weight_hh" in key for key in tensors), len(tensors)


def _numbers(data: bytes, name: str, wanted: dict[str, str]) -> dict[str, bytes]:
    """The bytes of storages by key."""
    for key, place in wanted.items():
        if not place:
            raise Unusable(f"{name} lacks the storage {key[:40]}; save or download it anew")
    keys = {place: key for key, place in wanted.items()}
    found = {}
    for member in files.members(data, name):
        if member.name in keys:
            with files.readable(name), member.open() as file:
                found[keys[member.name]] = file.read()
    return found


def _count(tensor: Tensor) -> int:
    return int(np.prod([int(n) for n in tensor.shape], dtype=object))


def _array(tensor: Tensor, stored: bytes, place: str) -> Array:
    """The view of its storage that a tensor is, as an array."""
    storage: Stored = tensor.storage
    shape = checked_shape(tensor.shape, place)
    size = itemsize(storage.dtype)
    if len(stored) != storage.count * size:
        raise Unusable(
            f"{place} needs a storage of {storage.count * size:,} bytes, but {len(stored):,} are"
            " stored; save or download it anew"
        )
    reach = 1 + sum((n - 1) * stride for n, stride in zip(shape, tensor.strides))
    if 0 not in shape and tensor.offset + reach > storage.count:
        raise Unusable(
            f"{place} is {shape} from number {tensor.offset:,} on with strides {tensor.strides},"
            f" but its storage has {storage.count:,}; save or download it anew"
        )
    flat = decoded(stored, storage.dtype, (storage.count,))[tensor.offset :]
    if 0 in shape:
        return np.zeros(shape, flat.dtype)
    steps = tuple(stride * flat.itemsize for stride in tensor.strides)
    view = np.lib.stride_tricks.as_strided(flat, shape, steps, writeable=False)
    return np.ascontiguousarray(view)
